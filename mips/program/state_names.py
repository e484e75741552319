"""Names for the states of a machine that say what is known in them, where the machine alone tells it."""

from __future__ import annotations

from collections.abc import Sequence

START, WAITING, DEAD, DONE = "start", "waiting", "dead", "done"
EMPTY = ("()", "None")  # the texts of outputs that are nothing


def state_names(after: Sequence[Sequence[int]], said: Sequence[Sequence[str]], symbols: Sequence[object]) -> list[str]:
    """Return a name for each state of a machine, all different; state 0 is the start.

    `after[q][a]` is the next state and `said[q][a]` the text of the output on the way, for each of the `symbols`.

    `dead`, `done` or `always Y`: whatever comes, the state stays and the output is Y; `dead` where that is 0 beside 1,
    nothing or no symbol, `done` where it is 1 beside 0.
    `waiting` or `start`: the first state; it is `waiting` where a symbol leaves it as it is.
    `after A`: the state is this one just when the last symbol was A, where no end was reached.
    `depth 1`, `depth 2`, ...: each symbol leads one state up, one down, nowhere or to an end.
    `seen 1`, `seen 2`, ...: so many symbols are needed from the start, and no other state that goes on needs as many.
    `in A B`: the shortest word that leads there is A B; each symbol leads on to a state that nothing else leads on to,
    back to a state on the way from the start, or to an end: A and B are what was opened and not yet closed.
    `s1`, `s2`, ...: nothing of this holds; the order is that of the shortest words that lead to the states.
    """
    names = [f"s{state}" for state in range(len(after))]
    ends = _ends(after, said)
    for state, name in ends.items():
        names[state] = name
    going_on = [state for state in range(len(after)) if state not in ends]
    if 0 in going_on and len(after) > 1:
        names[0] = WAITING if 0 in after[0] else START
    others = [state for state in going_on if state]
    chain = _chain(after, going_on)
    if len(chain) > 2:
        moves = {chain[target] - chain[state] for state in going_on for target in after[state] if target in chain}
        word = "depth" if moves <= {-1, 0, 1} and -1 in moves else "seen"
        for state in others:
            names[state] = f"{word} {chain[state]}"
    elif len(others) > 1 and (ways := _tree(after, going_on)):
        for state in others:
            names[state] = f"in {' '.join(_plain(symbols[letter]) for letter in ways[state])}"
    else:
        for state in others:
            letters = [
                letter
                for letter in range(len(symbols))
                if all((row[letter] == state) for row in (after[one] for one in going_on))
            ]
            entering = {letter for one in going_on for letter, target in enumerate(after[one]) if target == state}
            if len(letters) == 1 and entering == set(letters):
                names[state] = f"after {_plain(symbols[letters[0]])}"
    return names if len(set(names)) == len(names) else [f"s{state}" for state in range(len(after))]


def _ends(after: Sequence[Sequence[int]], said: Sequence[Sequence[str]]) -> dict[int, str]:
    """Return the states that are never left and give one output, with their names."""
    found = {state: row for state, row in enumerate(said) if set(after[state]) == {state} and len(set(row)) == 1}
    is_bit = {text for row in said for text in row} == {"0", "1"}
    return {
        state: DEAD
        if row[0] in EMPTY or (is_bit and row[0] == "0")
        else DONE
        if is_bit
        else f"always {row[0].strip(chr(34))}"
        for state, row in found.items()
    }


def _chain(after: Sequence[Sequence[int]], going_on: Sequence[int]) -> dict[int, int]:
    """Return how many symbols lead from the start to each state that goes on; nothing where two need equally many."""
    steps, order = {0: 0}, [0]
    for state in order:
        for target in after[state]:
            if target not in steps and target in going_on:
                steps[target] = steps[state] + 1
                order.append(target)
    return steps if len(set(steps.values())) == len(steps) else {}


def _tree(after: Sequence[Sequence[int]], going_on: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Return the shortest way to each state that goes on; nothing where a symbol leads elsewhere than on or back."""
    ways: dict[int, tuple[int, ...]] = {0: ()}
    path: dict[int, tuple[int, ...]] = {0: (0,)}
    order = [0]
    for state in order:
        for letter, target in enumerate(after[state]):
            if target in going_on and target not in ways:
                ways[target], path[target] = (*ways[state], letter), (*path[state], target)
                order.append(target)
    for state in going_on:
        for letter, target in enumerate(after[state]):
            if target in going_on and target not in path[state] and ways[target] != (*ways[state], letter):
                return {}
    return ways


def _plain(symbol: object) -> str:
    return " ".join(map(str, symbol)) if isinstance(symbol, tuple) else str(symbol)
