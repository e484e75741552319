"""MIPS: learn a program without seeing code, by training a network and distilling it into Python.

`solve` does everything for one task. `distil` makes a program of any trained network and needs no torch. `judge` holds
a program's text against a task. `__all__` is the public surface; whatever it names is imported when it is first used,
so that `import mips` loads nothing but the standard library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__all__ = [
    "Distilled",
    "ForeignNetwork",
    "ForeignNetworkError",
    "Integers",
    "Layer",
    "Network",
    "Outcome",
    "Product",
    "Recurrent",
    "StageFailure",
    "Symbols",
    "Task",
    "TaskError",
    "Verdict",
    "__version__",
    "distil",
    "from_function",
    "from_onnx",
    "from_state_dict",
    "from_torch",
    "integers",
    "judge",
    "load",
    "product",
    "save",
    "solve",
    "symbols",
]

if TYPE_CHECKING:
    from mips.distillation.distil import distil
    from mips.distillation.distilled import Distilled
    from mips.judging.judge import Verdict, judge
    from mips.networks.foreign.adapter import ForeignNetwork
    from mips.networks.foreign.errors import ForeignNetworkError
    from mips.networks.foreign.function import from_function
    from mips.networks.foreign.onnx import from_onnx
    from mips.networks.foreign.state_dict import from_state_dict
    from mips.networks.foreign.torch_modules import from_torch
    from mips.networks.network import Layer, Network
    from mips.networks.recurrent import Recurrent
    from mips.networks.storage import load, save
    from mips.outcome import Outcome, StageFailure
    from mips.pipeline import solve
    from mips.tasks.alphabets import Integers, Product, Symbols, integers, product, symbols
    from mips.tasks.task import Task, TaskError

    __version__: str
else:
    # The same imports, for `__getattr__`: module -> names. A test holds both lists and `__all__` together.
    _MODULES = {
        "mips.distillation.distil": ("distil",),
        "mips.distillation.distilled": ("Distilled",),
        "mips.judging.judge": ("Verdict", "judge"),
        "mips.networks.foreign.adapter": ("ForeignNetwork",),
        "mips.networks.foreign.errors": ("ForeignNetworkError",),
        "mips.networks.foreign.function": ("from_function",),
        "mips.networks.foreign.onnx": ("from_onnx",),
        "mips.networks.foreign.state_dict": ("from_state_dict",),
        "mips.networks.foreign.torch_modules": ("from_torch",),
        "mips.networks.network": ("Layer", "Network"),
        "mips.networks.recurrent": ("Recurrent",),
        "mips.networks.storage": ("load", "save"),
        "mips.outcome": ("Outcome", "StageFailure"),
        "mips.pipeline": ("solve",),
        "mips.tasks.alphabets": ("Integers", "Product", "Symbols", "integers", "product", "symbols"),
        "mips.tasks.task": ("Task", "TaskError"),
    }
    _MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

    def __getattr__(name: str) -> object:
        """Return a public name, and keep it: the next use finds it without coming here."""
        if name == "__version__":
            value = import_module("importlib.metadata").version("mips")
        elif name in _MODULE_OF:
            value = getattr(import_module(_MODULE_OF[name]), name)
        else:
            raise AttributeError(f"module 'mips' has no attribute {name!r}; it has {', '.join(__all__)}")
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        """Return what is there already and all public names."""
        return sorted({*globals(), *__all__})
