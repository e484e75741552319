"""Distillation as users call it: a trained network in, a program out. Nothing here needs torch."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mips.distillation import full
from mips.distillation.arguments import (
    Admits,
    check_admits,
    check_arguments,
    check_method,
    check_outputs,
    check_takes,
    fitted_for,
)
from mips.distillation.derivation import Derivation
from mips.distillation.distilled import Distilled
from mips.distillation.fidelity import Following, Origin
from mips.extraction.integrality import check_answers
from mips.machines.mealy import MealyMachine
from mips.networks.checked import Admitting, Checked
from mips.networks.drawn_words import drawn_symbols
from mips.networks.encoding import encoded, reading
from mips.networks.network import Network
from mips.networks.recurrent import Recurrent
from mips.networks.storage import StoredNetwork
from mips.outcome import Event, StageFailure, Tell, tell_nobody
from mips.paper import distillation
from mips.program.source import program_nodes
from mips.tasks.alphabets import Alphabet, Symbols, all_numbers, is_named, symbol_of

METHODS: dict[str, Callable[..., Distilled]] = {"full": full.distil, "paper": distillation.distil}

MACHINE = "machine"  # form of a program that is a finite machine
XOR_PENALTY = 20  # nodes added for each `^` mixed with arithmetic, since few readers follow it; chosen by hand
TRUTH_PENALTY = 10  # nodes added for each number computed from a truth value, such as `1 - (x == "a")`; by hand
LENGTH = 20  # symbols; words of this length tell a network's behaviour from others, and random ones are quickly run
LOOKED_AT = 500  # words: enough to tell a third of the answers from a half of them


def distil(
    network: Recurrent | StoredNetwork,
    inputs: Alphabet | None = None,
    length: int | None = None,
    *,
    outputs: Symbols | None = None,
    admits: Admits = None,
    machines: bool = True,
    seed: int = 0,
    method: str = "full",
    noise: float | None = None,
    rounded: bool = False,
    tell: Tell = tell_nobody,
) -> Distilled:
    """Return a program, and the formulas it is written from, that does what `network` does on words over `inputs`.

    `network` is a `mips.Network`, any other `mips.Recurrent`, or what `mips.load(folder)` returns; the last brings its
    own `inputs` and `length`, which are used where these arguments are left out. `inputs` is the alphabet,
    `mips.integers(0, 9)`, `mips.symbols("push pop")` or `mips.product(...)`, as the network reads it, and `outputs` are
    names for the answers 0, 1, ..., if they have any. The network is run on words of `length` symbols,
    20 when nothing else is said. `seed`, from 0 to 2**64 - 1, chooses these words: equal arguments give equal programs.
    `method` is one of METHODS: `full`, our own, or `paper`, that of arXiv 2402.05110, which takes the layers of a
    `mips.Network` apart and works for no other.

    `noise` is the share, from 0 to 1, of the network's answers that the program may contradict. With 0, which is right
    for a network without a mistake, it contradicts none. With None it contradicts none as long as formulas explain all
    answers; else `full` allows up to two in a hundred. `Distilled.overruled` counts them. The answers of a
    `mips.Network` are its outputs rounded to integers; where many are far from one, `rounded=True` must say that this
    is meant. `tell` gets an Event for every stage, artefact and fact as it comes.

    `admits` is for a network that predicts what may follow: words that the network itself refuses are not asked any
    further, and lead to one state that is never left. It is `"answers"` where the answers are 1 for each symbol that
    may follow, as `decode="threshold"` gives them, or a function from answers (count, outputs) to yes or no for each
    symbol (count, symbols). Any symbol may come first. The result is a machine. With `"answers"` the program gives the
    tuple of the symbols that may follow; else None, or -1 without names, for a refused word.

    Where a finite machine is found and no formulas, or over names only longer ones, the program is that machine, and
    `form` is `machine`; not with `machines=False`.

    Nothing but the network and the range of its inputs is looked at, and torch is not imported.

    Raises StageFailure when the outputs are no integers or the method finds nothing, with the finite machine of the
    network if there is one and it may not be the result; TypeError for an argument of another type; ValueError for one
    that makes no sense, for answers that are no integers (RecurrentError), and where the alphabet does not fit the
    network (ForeignNetworkError).
    """
    check_method(method, METHODS)
    if isinstance(network, StoredNetwork):
        inputs = network.inputs if inputs is None else inputs
        length = network.length if length is None else length
        network = network.network
    is_given, length = length is not None, LENGTH if length is None else length
    inputs = check_arguments(network, inputs, length, seed, noise)
    check_outputs(outputs)
    if not isinstance(network, Network):
        check_takes(network, method)
        network, length = fitted_for(network, inputs, length, is_given=is_given)
        network = Checked(network=network, names=outputs.names if outputs else ())
    else:
        network = _read(network, inputs, length, seed, rounded=rounded, tell=tell)
        if method != "full" and not isinstance(network, Network):
            raise StageFailure("extracted", f"the method {method!r} reads numbers, and the inputs are {inputs}")
    told = _named(tell, inputs, outputs)
    if admits is None:
        found = _distilled(network, inputs, length, method, seed=seed, noise=noise, machines=machines, tell=told)
    else:
        check_admits(admits, method, machines)
        symbols = np.array(all_numbers(inputs), dtype=np.int64)
        network = Admitting(network=network, symbols=symbols, admits=admits if callable(admits) else None)
        found = full.distil_admitted(network, inputs, length, seed=seed, tell=told)
        if not callable(admits) and outputs is None:
            found = replace(found, outputs=Following(tuple(symbol_of(inputs, one) for one in symbols.tolist())))
    origin = Origin(network=network, inputs=inputs, length=length, seed=seed)
    machine = None if found.machine is None else _drawn_with_names(found.machine, inputs, outputs)
    return replace(found, outputs=found.outputs if outputs is None else outputs, origin=origin, machine=machine)


def _drawn_with_names(machine: MealyMachine, inputs: Alphabet, outputs: Symbols | None) -> MealyMachine:
    """Return a machine that draws itself with the names of its symbols and outputs, if these have names."""
    names = tuple(symbol_of(inputs, symbol) for symbol in machine.symbols) if is_named(inputs) else ()
    return replace(machine, names=names, output_names=outputs.names if outputs else ())


def _named(tell: Tell, inputs: Alphabet, outputs: Symbols | None) -> Tell:
    """Return a listener that gives `machine.json` the names of symbols and outputs beside their numbers."""
    if outputs is None and not is_named(inputs):
        return tell

    def told(event: Event) -> None:
        if machine := event.files.get("machine.json"):
            facts = json.loads(machine)
            if is_named(inputs):
                facts["names"] = [symbol_of(inputs, symbol) for symbol in facts["symbols"]]
            if outputs is not None:
                facts["output_names"] = outputs.names
            event = replace(event, files={**event.files, "machine.json": json.dumps(facts).encode()})
        tell(event)

    return told


def _read(network: Network, inputs: Alphabet, length: int, seed: int, *, rounded: bool, tell: Tell) -> Recurrent:
    """Return a `mips.Network` as it reads the alphabet, once its answers were looked at, unless they shall be rounded.

    Raises StageFailure where they are no integers.
    """
    if not rounded:
        rng = np.random.default_rng(seed)
        shape = (LOOKED_AT, length, inputs.width)
        try:
            words = drawn_symbols(inputs, shape, rng)
            check_answers(network, words if network.input_width == inputs.width else encoded(inputs, words))
        except StageFailure as failure:
            Derivation(tell).took("outputs near integers", failed=failure.reason)
            raise
    return reading(network, inputs)


def _distilled(
    network: Recurrent,
    inputs: Alphabet,
    length: int,
    method: str,
    *,
    seed: int,
    noise: float | None,
    machines: bool,
    tell: Tell,
) -> Distilled:
    """Return what a method finds, or the finite machine where there are no formulas, or only ones that read worse."""
    more = {"thorough": not machines} if method == "full" else {}
    try:
        found = METHODS[method](network, inputs, length, seed=seed, noise=noise, tell=tell, **more)
    except StageFailure as failure:
        if failure.machine is None or not machines or method != "full":
            raise
        tell(Event(facts={"form": MACHINE}))
        return Distilled(formulas=None, form=MACHINE, machine=failure.machine, inputs=inputs)
    if machines and found.machine is not None and is_named(inputs):
        machine = replace(found, formulas=None, form=MACHINE)
        found = min(found, machine, key=_effort_of_reading)
    return found


def _effort_of_reading(found: Distilled) -> int:
    """Return the size of a program, in nodes, with what arithmetic on bits and truth values costs a reader besides."""
    if found.form == MACHINE:
        return found.machine_effort
    nodes = program_nodes(found.program)
    return (
        nodes
        + (0 if found.form == "boolean" else XOR_PENALTY * found.program.count("^"))
        + TRUTH_PENALTY
        * sum(
            _is_arithmetic(node)
            and any(isinstance(part, ast.Compare | ast.BoolOp) for part in ast.iter_child_nodes(node))
            for node in ast.walk(ast.parse(found.program))
        )
    )


def _is_arithmetic(node: ast.AST) -> bool:
    """Whether a node computes with numbers: an operator, a comparison, or `min` and its like."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("min", "max", "abs")
    return isinstance(node, ast.BinOp | ast.Compare)
