"""Machines as programs: they do what the machine does on every word, and read as a person would write them."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

import mips
from mips.distillation.full import MOST_COLUMNS
from mips.machines.mealy import MealyMachine, minimize
from mips.program.conditions import Conditions
from mips.program.source import load_program
from mips.program.state_machine import machine_program
from mips.program.state_tables import state_names

ALPHABETS: dict[str, list[Any]] = {
    "numbers": [0, 1, 2],
    "negative": [-1, 0, 1],
    "names": ["push", "pop", 'a "b"'],
    "pairs": [(name, number) for name in ("add", "sub") for number in (0, 1)],
}
LENGTH = 5


def random_machine(rng: random.Random, letters: int, *, moore: bool) -> MealyMachine:
    states = rng.randint(1, 6)
    said = [(rng.randint(0, 2),) for _ in range(states)]
    rows = [[rng.randrange(states) for _ in range(letters)] for _ in range(states)]
    if rng.random() < 0.5:  # a symbol that decides alone, and one that changes nothing
        rows = [[0, *row[1:-1], state] for state, row in enumerate(rows)]
    outputs = [[said[target] if moore else (rng.randint(0, 1),) for target in row] for row in rows]
    symbols = tuple((letter,) for letter in range(letters))
    return MealyMachine(symbols=symbols, transitions=tuple(map(tuple, rows)), outputs=tuple(map(tuple, outputs)))


def differences(machine: MealyMachine, symbols: list[Any], source: str, said: dict[Any, Any]) -> list[Any]:
    """Return the words up to LENGTH on which a program does something else than the machine."""
    program = load_program(source)
    words = itertools.chain.from_iterable(itertools.product(range(len(symbols)), repeat=n) for n in range(LENGTH + 1))
    return [
        word
        for word in words
        if program([symbols[letter] for letter in word]) != [said[output] for output in machine.run(word)]
    ]


@pytest.mark.parametrize("moore", [True, False])
@pytest.mark.parametrize("kind", ALPHABETS)
def test_a_program_does_what_the_machine_does(kind: str, moore: bool) -> None:
    symbols, rng = ALPHABETS[kind], random.Random(f"{kind} {moore}")
    for said in (
        {(n,): n for n in range(3)},
        {(0,): "no", (1,): "yes", (2,): "other"},
        {(n,): (n, 5) for n in range(3)},
    ):
        for _ in range(12):
            machine = random_machine(rng, len(symbols), moore=moore)
            assert differences(machine, symbols, machine_program(machine, symbols, said), said) == []


def test_another_machine_is_told_apart() -> None:
    """The comparison can say no."""
    rng, symbols, said = random.Random(0), ["a", "b"], {(n,): n for n in range(3)}
    machine = MealyMachine(symbols=((0,), (1,)), transitions=((1, 0), (0, 1)), outputs=(((1,), (0,)), ((0,), (1,))))
    assert differences(machine, symbols, machine_program(machine, symbols, said), said) == []
    other = random_machine(rng, 2, moore=True)
    assert differences(machine, symbols, machine_program(other, symbols, said), said)


def test_a_light_reads_as_a_person_would_write_it() -> None:
    """Its states are what it answers, symbols that act alike stand together, and what does nothing is not named."""
    machine = MealyMachine(
        symbols=((0,), (1,), (2,), (3,)),
        transitions=((1, 0, 0, 0), (1, 0, 0, 1)),
        outputs=(((1,), (0,), (0,), (0,)), ((1,), (0,), (0,), (1,))),
    )
    source = machine_program(machine, ["on", "off", "broken", "wait"], {(0,): "dark", (1,): "bright"})
    assert source == (
        "def program(xs):\n"
        '    state = "dark"\n'
        "    ys = []\n"
        "    for x in xs:\n"
        '        if x == "on":\n'
        '            state = "bright"\n'
        '        elif x in ("off", "broken"):\n'
        '            state = "dark"\n'
        "        ys.append(state)\n"
        "    return ys\n"
    )


# Names of states


def words_to(after: Any, length: int) -> dict[int, list[tuple[int, ...]]]:
    """Return all words up to a length by the state that they lead to."""
    found: dict[int, list[tuple[int, ...]]] = {state: [] for state in range(len(after))}
    for size in range(length + 1):
        for word in itertools.product(range(len(after[0])), repeat=size):
            state = 0
            for letter in word:
                state = after[state][letter]
            found[state].append(word)
    return found


def is_true(name: str, state: int, machine: MealyMachine, words: dict[int, list[tuple[int, ...]]]) -> bool:
    """Whether a name says what is so, by what the words that lead to the state do, not by how names are found."""
    after, out = machine.transitions, machine.outputs
    size = max(len(word) for found in words.values() for word in found)

    def ends(one: int) -> bool:
        """Whether all that comes behind a state has one answer, as far as words of `size` symbols show."""
        reached = {one}
        for _ in range(size):
            reached |= {after[q][letter] for q in reached for letter in range(len(after[q]))}
        return len({output for q in reached for output in out[q]}) == 1

    living = {one: found for one, found in words.items() if not ends(one)}
    least = {one: min(map(len, found)) for one, found in living.items()}
    kind, _, rest = name.partition(" ")
    if kind in ("dead", "done"):
        return ends(state) and set(out[state]) == {(("dead", "done").index(kind),)}
    if kind == "always":
        return ends(state) and set(out[state]) == {(int(rest),)}
    if kind in ("start", "waiting"):
        return state == 0 and (kind == "waiting") == any((letter,) in words[0] for letter in range(len(after[0])))
    if kind == "after":
        return all((bool(word) and str(word[-1]) == rest) == (one == state) for one in living for word in living[one])
    if kind in ("seen", "depth"):
        goes = {least[q] - least[one] for one in living for q in after[one] if q in living}
        return (
            sorted(least.values()) == [*range(len(least))]
            and least[state] == int(rest)
            and (kind == "seen" or goes <= {-1, 0, 1})
        )
    if kind == "in":
        return state_after_brackets(rest, living, after, state)
    return kind[:1] == "s" and kind[1:].isdigit()


def state_after_brackets(rest: str, living: Any, after: Any, state: int) -> bool:
    """Whether a word that is cut back to what is still open leads to the same state: the state is what is open."""
    word = tuple(map(int, rest.split()))
    shortest = {one: min(found, key=lambda each: (len(each), each)) for one, found in living.items()}
    for one, way in shortest.items():
        for letter, target in enumerate(after[one]):
            if target in living and shortest[target] not in {(*way, letter), *(way[:n] for n in range(len(way) + 1))}:
                return False
    return shortest[state] == word


def named_machine(rng: random.Random) -> MealyMachine:
    """A machine with few letters whose states often have a role."""
    states, letters = rng.randint(2, 6), rng.randint(2, 3)
    kind = rng.choice(["any", "last", "chain", "stack"])
    rows = [[rng.randrange(states) for _ in range(letters)] for _ in range(states)]
    if kind == "last":
        rows = [[letter + 1 for letter in range(letters)] for _ in range(letters + 1)]
    if kind == "chain":
        rows = [
            [min(q + 1, states - 1), *(max(0, q - rng.randint(0, 1)) for _ in range(letters - 1))]
            for q in range(states)
        ]
    if kind == "stack":  # two kinds of brackets, one deep, closed by the last letter
        rows = [[1, 2, 3], [1, 3, 0], [3, 2, 0], [3, 3, 3]]
    size = len(rows)
    if rng.random() < 0.5 and kind != "stack":  # an end
        rows[-1] = [size - 1] * len(rows[0])
    said = [(rng.randint(0, 1),) for _ in range(size)]
    outputs = tuple(tuple(said[target] for target in row) for row in rows)
    symbols = tuple((letter,) for letter in range(len(rows[0])))
    return minimize(MealyMachine(symbols=symbols, transitions=tuple(map(tuple, rows)), outputs=outputs))


def test_names_of_states_are_true() -> None:
    rng, kinds = random.Random(0), set()
    for _ in range(150):
        machine = named_machine(rng)
        letters = range(len(machine.symbols))
        said = [[str(output[0]) for output in row] for row in machine.outputs]
        words = words_to(machine.transitions, 6)
        for state, name in enumerate(state_names(machine.transitions, said, letters)):
            assert is_true(name, state, machine, words), (name, state, machine)
            kinds.add(name.split()[0].rstrip("0123456789"))
    assert kinds == {"start", "waiting", "dead", "done", "always", "after", "seen", "depth", "in", "s"}


def test_a_wrong_name_is_told() -> None:
    """The definition can say no."""
    after, out = ((1, 0), (1, 0)), (((1,), (0,)), ((1,), (0,)))
    machine = MealyMachine(symbols=((0,), (1,)), transitions=after, outputs=out)
    words = words_to(after, 5)
    assert is_true("after 0", 1, machine, {**words, 0: words[0][:1]})
    for name in ("after 1", "dead", "done", "always 1", "start", "seen 2", "in 1"):
        assert not is_true(name, 1, machine, words)


def test_a_stack_of_brackets_reads_as_what_is_open() -> None:
    """Rows of named states; what leads to the end is left out, and said once."""
    after = ((1, 2, 3, 3), (3, 3, 0, 3), (3, 3, 3, 0), (3, 3, 3, 3))
    outputs = tuple(tuple((int(target == 0),) for target in row) for row in after)
    machine = MealyMachine(symbols=tuple((letter,) for letter in range(4)), transitions=after, outputs=outputs)
    source = machine_program(machine, ["(", "[", ")", "]"], {(0,): 0, (1,): 1})
    assert source == (
        "NEXT = {\n"
        '    "start": {"(": "in (", "[": "in ["},\n'
        '    "in (": {")": "start"},\n'
        '    "in [": {"]": "start"},\n'
        '    "dead": {},\n'
        "}\n\n\n"
        "def program(xs):\n"
        '    state = "start"\n'
        "    ys = []\n"
        "    for x in xs:\n"
        '        state = NEXT[state].get(x, "dead")\n'
        '        ys.append(int(state == "start"))\n'
        "    return ys\n"
    )


def test_names_are_never_put_in_order() -> None:
    conditions = Conditions(("a", "b", "c", "d"))
    for size in range(1, 4):
        for letters in itertools.combinations(range(4), size):
            text = conditions.among(letters)
            assert "<" not in text and ">" not in text
            assert [bool(eval(text, {"x": x})) for x in conditions.symbols] == [n in letters for n in range(4)]
    assert Conditions((0, 1, 2, 3)).among([0, 1]) == "x < 2"
    assert Conditions((("a", 0), ("a", 1), ("b", 0))).among([0, 1]) == 'x0 == "a"'


# What is distilled over names


def stack(word: list[str]) -> list[int]:
    """The height of a stack that holds two things at most."""
    heights = [0]
    for x in word:
        heights.append(
            min(2, heights[-1] + 1) if x == "push" else max(0, heights[-1] - 1) if x == "pop" else heights[-1]
        )
    return heights[1:]


def test_a_network_over_names_is_distilled_to_a_program_over_names() -> None:
    found = mips.distil(mips.from_function(stack), mips.symbols("push pop nop"), length=7)
    for word in itertools.product(["push", "pop", "nop"], repeat=5):
        assert found(word) == stack(list(word))
    with pytest.raises(
        TypeError, match=r"found 'peek' as symbol 1 of the word; expected one of symbols\('push pop nop'\)"
    ):
        found(["push", "peek"])


def test_names_come_out_too() -> None:
    names = mips.symbols("even odd")
    alphabet = mips.product(mips.symbols("keep add"), mips.integers(0, 1))

    def parity(word: list[tuple[str, int]]) -> int:
        return sum(number for name, number in word if name == "add") % 2

    found = mips.distil(mips.from_function(parity, answers="end"), alphabet, length=6, outputs=names)
    for word in itertools.product(list(alphabet.symbols()), repeat=3):
        assert found(word)[-1] == names.names[parity(list(word))]  # type: ignore[arg-type]


def test_a_machine_may_be_no_result() -> None:
    """Over so many names no formula is sought, so that the search is short."""
    names = [f"name_{number}" for number in range(MOST_COLUMNS + 1)]

    def function(word: list[str]) -> list[int]:
        """Return 1 from a name of an even place to the next one whose place is divisible by three."""
        answers = [0]
        for name in word:
            place = names.index(name)
            answers.append(0 if place % 3 == 0 else 1 if place % 2 == 0 else answers[-1])
        return answers[1:]

    network, inputs = mips.from_function(function), mips.symbols(names)
    with pytest.raises(mips.StageFailure) as caught:
        mips.distil(network, inputs, length=5, machines=False)
    assert caught.value.machine is not None and caught.value.stage == "synthesized"
    found = mips.distil(network, inputs, length=5)
    assert found.form == "machine" and found.formulas is None and found.machine == caught.value.machine
    for word in itertools.product(names, repeat=2):
        assert found(word) == function(list(word))
