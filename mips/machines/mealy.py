"""Mealy machines: finitely many states, an output on every transition; complete ones, and ones cut off at a horizon."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from mips.machines.drawing import machine as pictures
from mips.machines.drawing.style import in_notebook

Word = Sequence[tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """A machine that draws itself. Where its symbols and outputs have names, pictures say these.

    `names` are those of `symbols`, in their order, or tuples of parts; `output_names` are those of the outputs 0, 1,
    .... They change nothing else: machines with other names are equal.
    """

    names: tuple[int | str | tuple[int | str, ...], ...] = field(default=(), compare=False, repr=False)
    output_names: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def to_json(self) -> str:
        """Return the machine as JSON text."""
        raise NotImplementedError

    def to_dot(self) -> str:
        """Return the machine as a graph for Graphviz; arrows between the same two states are one."""
        return pictures.to_dot(json.loads(self.to_json()))

    def to_mermaid(self) -> str:
        """Return the machine as a Mermaid state diagram; arrows between the same two states are one."""
        return pictures.to_mermaid(json.loads(self.to_json()))

    def _repr_html_(self) -> str:
        """Return the picture of the machine, as notebooks show it."""
        return in_notebook(pictures.tip(), pictures.described(json.loads(self.to_json())))


@dataclass(frozen=True, slots=True, kw_only=True)
class MealyMachine(_Drawn):
    """A complete Mealy machine; states are 0, 1, ... and state 0 is the start.

    `symbols` are the input symbols, `transitions[q][a]` is the state after symbol number `a` in state `q`, and
    `outputs[q][a]` is the output of that transition.
    """

    symbols: tuple[tuple[int, ...], ...]
    transitions: tuple[tuple[int, ...], ...]
    outputs: tuple[tuple[tuple[int, ...], ...], ...]

    def __post_init__(self) -> None:
        states, symbols = len(self.transitions), len(self.symbols)
        if not states or len(self.outputs) != states:
            raise ValueError(
                f"{states} rows of transitions and {len(self.outputs)} rows of outputs; expected equally many"
            )
        for row in (*self.transitions, *self.outputs):
            if len(row) != symbols:
                raise ValueError(f"a row has {len(row)} entries for {symbols} symbols")
        if any(not 0 <= target < states for row in self.transitions for target in row):
            raise ValueError(f"a transition leads outside the states 0..{states - 1}")

    @property
    def size(self) -> int:
        """The number of states."""
        return len(self.transitions)

    def run(self, word: Sequence[int]) -> list[tuple[int, ...]]:
        """Return the outputs on a word of symbol numbers."""
        state, answers = 0, []
        for symbol_index in word:
            answers.append(self.outputs[state][symbol_index])
            state = self.transitions[state][symbol_index]
        return answers

    def to_json(self) -> str:
        """Return the machine as JSON text: symbols, the number of each symbol's class, transitions and outputs.

        Symbols of a class do the same in every state.
        """
        return json.dumps(_facts(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrolledMachine(_Drawn):
    """A partial Mealy machine: what something that never ends does on words up to a length, the `horizon`.

    As MealyMachine, but `transitions[q][a]` is None where words up to the horizon do not say which state follows, or
    where there were too many states.
    """

    symbols: tuple[tuple[int, ...], ...]
    transitions: tuple[tuple[int | None, ...], ...]
    outputs: tuple[tuple[tuple[int, ...], ...], ...]
    horizon: int

    @property
    def size(self) -> int:
        """The number of states."""
        return len(self.transitions)

    def run(self, word: Sequence[int]) -> list[tuple[int, ...]]:
        """Return the outputs on a word of symbol numbers, as far as the transitions lead."""
        state: int | None = 0
        answers = []
        for symbol_index in word[: self.horizon]:
            if state is None:
                break
            answers.append(self.outputs[state][symbol_index])
            state = self.transitions[state][symbol_index]
        return answers

    def to_json(self) -> str:
        """Return the machine as JSON text, as MealyMachine does, with its horizon."""
        return json.dumps({**_facts(self), "horizon": self.horizon})


def _facts(machine: MealyMachine | UnrolledMachine) -> dict[str, object]:
    columns = zip(zip(*machine.transitions, strict=True), zip(*machine.outputs, strict=True), strict=True)
    return {
        "symbols": machine.symbols,
        "classes": _numbered(list(columns)),
        "start": 0,
        "transitions": machine.transitions,
        "outputs": machine.outputs,
        **{name: names for name in ("names", "output_names") if (names := getattr(machine, name))},
    }


def minimize(machine: MealyMachine) -> MealyMachine:
    """Return the smallest machine with the same behaviour, its states numbered breadth-first.

    Machines of equal behaviour give equal (`==`) results, so this is also the equivalence test.
    Partition refinement: Moore, "Gedanken-experiments on sequential machines" (1956).
    """
    block = _numbered(machine.outputs)
    while True:
        finer = _numbered([(block[q], *(block[target] for target in row)) for q, row in enumerate(machine.transitions)])
        if max(finer) == max(block):
            break
        block = finer
    representative = {number: state for state, number in reversed(list(enumerate(block)))}
    order, place = [block[0]], {block[0]: 0}
    for number in order:
        for target in machine.transitions[representative[number]]:
            if block[target] not in place:
                place[block[target]] = len(order)
                order.append(block[target])
    chosen = [representative[number] for number in order]
    return MealyMachine(
        symbols=machine.symbols,
        transitions=tuple(tuple(place[block[target]] for target in machine.transitions[state]) for state in chosen),
        outputs=tuple(machine.outputs[state] for state in chosen),
    )


def _numbered(rows: Sequence[object]) -> list[int]:
    """Return for every row the number of its class, classes numbered as they first occur."""
    numbers: dict[object, int] = {}
    return [numbers.setdefault(row, len(numbers)) for row in rows]
