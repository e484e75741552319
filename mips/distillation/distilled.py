"""What every method of distillation begins and ends with: the network's behaviour, and formulas with a form."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from mips.distillation.arguments import as_word, symbol_in
from mips.distillation.fidelity import Fidelity, Naming, Origin, measured, output_of
from mips.distillation.page import page, parts_of, plot
from mips.extraction.integrality import check_network
from mips.machines.drawing.machine import tip
from mips.machines.drawing.markup import Markup
from mips.machines.drawing.style import in_notebook
from mips.machines.mealy import MealyMachine
from mips.networks.drawn_words import drawn_symbols
from mips.networks.encoding import Encoded
from mips.networks.network import Ints, Network
from mips.networks.recurrent import Recurrent, run
from mips.networks.storage import StoredNetwork, to_files
from mips.program.emission import emit
from mips.program.source import Program, load_program
from mips.program.state_machine import machine_program, reading_effort
from mips.symbolic.synthesis.answer_variables import FEW_SYMBOLS, probing_symbols
from mips.symbolic.synthesis.behaviour import Behaviour, Overruled
from mips.symbolic.synthesis.candidates import text_of
from mips.symbolic.terms.formulas import Formulas
from mips.symbolic.terms.term import CONNECTIVES
from mips.tasks.alphabets import Alphabet, Integers, Named, Symbols, all_numbers, symbol_of

MOST_WORDS = 2_048  # up to here every word of the training length is observed
OBSERVED_WORDS = 500
CHECK_WORDS = 3_000
ARITHMETIC = frozenset({"+", "-", "*", "//", "%", "min", "max", "abs", "neg", "if"})


@dataclass(frozen=True, kw_only=True)
class Distilled:
    """What was distilled from a network: a program, and the formulas or the finite machine that it is written from.

    `program` is the text of the program, and calling this record runs it. `formulas` are the start values, updates and
    outputs that it computes; `formulas.to_sympy()` and `formulas.to_latex()` write them for algebra and for a paper.
    `form` is `linear`, `boolean` or `symbolic`, or `machine` where a finite machine was found and no short formulas for
    it: then `formulas` is None. `inputs` is the alphabet, None where it does not matter (ranges of numbers), and
    `outputs` are the names of the answers, if they have any.
    `machine` is the finite machine that was found of the network, minimal, or None where there is none: for a linear
    network, which is realized from its weights, and for one that counts without end. `overruled` counts the observed
    answers of the network that the formulas contradict; it is None where none were observed, as for a linear network.
    `origin` is the network with its words, which `fidelity` compares with.
    """

    formulas: Formulas | None
    form: str
    overruled: Overruled | None = None
    machine: MealyMachine | None = None
    inputs: Alphabet | None = None
    outputs: Naming = None
    origin: Origin | None = field(default=None, repr=False, compare=False)

    @cached_property
    def fidelity(self) -> Fidelity:
        """How the program agrees with the network, by the length of words up to five times that of distilling.

        It runs both on some hundred words when it is first asked for. Raises ValueError for a record that `mips.distil`
        did not make: there is no network.
        """
        if self.origin is None:
            raise ValueError("found no network beside the program; expected what mips.distil returns")
        return measured(self.origin, _loaded(self.program), outputs=self.outputs)

    @property
    def program(self) -> str:
        """The text of the program: standard Python that defines `program(xs)`, a list of symbols in, a list of outputs
        out, of any length."""
        return self.written()

    def written(self, about: str = "") -> str:
        """Return the text of the program; `about` becomes the docstring of one that is written from formulas."""
        if self.formulas is None:
            assert self.machine is not None  # one of both there is
            return machine_program(self.machine, self._symbols(), self._answers())
        return emit(self.formulas, about, self.outputs.names if isinstance(self.outputs, Symbols) else ())

    @property
    def machine_effort(self) -> int:
        """What the machine's program would cost a reader, in nodes of a program."""
        assert self.machine is not None
        return reading_effort(self.machine, self._symbols(), self._answers())

    def __call__(self, xs: Iterable[Any]) -> list[Any]:
        """Return the outputs of the program on one word `xs`, as many as it has symbols, which may be any number.

        A symbol is an int, or a tuple of ints where the network reads several numbers at once; an output is an int, or
        a tuple of ints where the network gives several. No word is out of range: numbers that the network was not
        distilled on are computed with all the same; a machine, and names, know the symbols of their alphabet alone.
        Raises TypeError, with the place, for what is no symbol, and ZeroDivisionError where a formula divides by a
        number of the word that is 0.
        """
        if self.inputs is not None:
            word = [symbol_in(self.inputs, x, place) for place, x in enumerate(xs)]
        else:
            assert self.formulas is not None  # a machine has its alphabet beside it
            word = list(as_word(xs, self.formulas.width))
        outputs: list[Any] = _loaded(self.program)(word)
        return outputs

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write what was distilled into `folder`, which is made if need be: a page to look at, and the files behind it.

        These are `page.html`, `program.py`, `fidelity.json` and `fidelity.svg`; where there are formulas,
        `formulas.tex`; where there is a finite machine, `machine.json`, `machine.mmd` and `machine.dot`; and where the
        network is a `mips.Network`, its two files, which `mips.load` reads. Network and program are run to compare
        them.

        Raises OSError where the folder cannot be written, and ValueError for a record that `mips.distil` did not make.
        """
        files = self._files()
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def _files(self) -> dict[str, str | bytes]:
        files: dict[str, str | bytes] = {
            "program.py": self.program,
            "fidelity.json": self.fidelity.to_json() + "\n",
            "fidelity.svg": plot(self.fidelity) + "\n",
        }
        if self.formulas is not None:
            files["formulas.tex"] = self.formulas.to_latex() + "\n"
        if self.machine is not None:
            files |= {"machine.json": self.machine.to_json(), "machine.mmd": self.machine.to_mermaid()}
            files["machine.dot"] = self.machine.to_dot()
        assert self.origin is not None  # else there is no fidelity
        network, inputs, length = self.origin.network, self.origin.inputs, self.origin.length
        network = network.network if isinstance(network, Encoded) else network
        if isinstance(network, Network) and not network.initial.any():
            files |= to_files(StoredNetwork(network=network, inputs=inputs, length=length, about={}))
        against = self.overruled
        known = [
            ("form", self.form),
            ("inputs", str(inputs)),
            ("outputs", str(self.outputs) if self.outputs else None),
            ("answers overruled", f"{against.answers:,} of {against.of:,}" if against else None),
            ("distilled on words of", f"{length} symbols, seed {self.origin.seed}"),
        ]
        return {"page.html": page("A program out of a network", known, self._parts(self.fidelity)), **files}

    def _parts(self, fidelity: Fidelity | None) -> Markup:
        machine = None if self.machine is None else json.loads(self.machine.to_json())
        formulas = "" if self.formulas is None else "\n".join(text_of(self.formulas).split("; "))
        return parts_of(self.program, machine, formulas, fidelity)

    def _repr_html_(self) -> str:
        """Return program, machine, formulas and fidelity as notebooks show them."""
        return in_notebook(tip(), self._parts(self.fidelity if self.origin else None))

    def _symbols(self) -> list[Named]:
        """Return the machine's symbols as programs get them."""
        assert self.machine is not None
        if self.inputs is None:
            return [symbol[0] if len(symbol) == 1 else symbol for symbol in self.machine.symbols]
        return [symbol_of(self.inputs, symbol) for symbol in self.machine.symbols]

    def _answers(self) -> dict[tuple[int, ...], object]:
        """Return the machine's outputs with what the program returns for them."""
        assert self.machine is not None
        every = {output for row in self.machine.outputs for output in row}
        return {output: output_of(output, self.outputs) for output in every}


@lru_cache(maxsize=64)  # a program is called word after word, and its text need not be read each time
def _loaded(program: str) -> Program:
    return load_program(program)


def observe(network: Recurrent, alphabet: Alphabet, length: int, seed: int) -> Behaviour:
    """Return what the network does on words of `length` over the alphabet: all of them if few, else random ones.

    Raises StageFailure("extracted") when it leaves the integers there.
    """
    rng = np.random.default_rng(seed)
    shape = (OBSERVED_WORDS, length, alphabet.width)
    if alphabet.count**length <= MOST_WORDS:
        every = list(itertools.product(all_numbers(alphabet), repeat=length))
        words = rng.permutation(np.array(every, dtype=np.int64).reshape(len(every), *shape[1:]))
    else:
        words = drawn_symbols(alphabet, shape, rng)
    checks = drawn_symbols(alphabet, (CHECK_WORDS, *shape[1:]), rng)
    if isinstance(network, Network):
        check_network(network, np.concatenate([words, checks]))
    return Behaviour(
        words=words,
        outputs=run(network, words),
        check_words=checks,
        check_outputs=run(network, checks),
        answers=answers_to(network, words, _probes(alphabet)),
    )


def _probes(alphabet: Alphabet) -> Ints:
    """Return the symbols (probes, width) that are tried after each prefix."""
    if isinstance(alphabet, Integers):
        return probing_symbols(alphabet.low, alphabet.high, alphabet.width)
    places = np.unique(np.linspace(0, alphabet.count - 1, FEW_SYMBOLS).round().astype(int))
    every: Ints = np.array(all_numbers(alphabet), dtype=np.int64)
    probes: Ints = every[places]
    return probes


def answers_to(network: Recurrent, words: Ints, probes: Ints) -> Ints:
    """Return what `network` answers to each of the `probes` (probes, width) after 0, 1, ... symbols of the words.

    The shape is (count, length, probes * outputs): no symbol is tried after the complete word.
    """
    states, found = network.start(len(words)), []
    for t in range(words.shape[1]):
        after = [network.answer(network.step(states, np.tile(probe, (len(words), 1)))) for probe in probes]
        found.append(np.concatenate(after, axis=1))
        states = network.step(states, words[:, t])
    return np.stack(found, axis=1)


def form_of(formulas: Formulas) -> str:
    """Return `boolean` when connectives of truth values are used and no arithmetic, else `symbolic`."""
    terms = [*formulas.outputs, *(state.update for state in formulas.states)]
    heads = frozenset().union(*(term.heads() for term in terms))
    return "boolean" if heads & CONNECTIVES.keys() | heads & {"^"} and not heads & ARITHMETIC else "symbolic"
