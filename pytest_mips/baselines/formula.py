"""A fitted formula for each output, as the text of a program that computes its features as it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WINDOW = 8  # symbols that are remembered, the newest included: more than any window of the benchmark
OUTPUTS_BACK = 2

INFIX = {"add": ("+", 1), "sub": ("-", 1), "mul": ("*", 2)}  # the sign, and how strongly it binds
ATOM = 3  # how strongly a name binds, or a call

# What the formula's own functions are in the program; the model's are their twins.
HELPERS = {
    "div": "def div(a, b):\n    return a / b if abs(b) > 0.001 else 1\n\n\n",
    "mod": "def mod(a, b):\n    return round(a) % (round(b) or 1)\n\n\n",
}

Node = str | int | float  # the name of a function, the number of a feature, or a constant
Word = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What a formula may use: the last symbols, the sums of all, the last outputs, and the time.

    `symbol` and `output` are the names of the numbers of a symbol and of an output. What was before the start is 0.
    """

    symbol: tuple[str, ...]
    output: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The names of all features, in the order of `rows`."""
        return [
            *(back(name, steps) for name in self.symbol for steps in range(WINDOW)),
            *(f"sum_{name}" for name in self.symbol),
            *(back(name, steps) for name in self.output for steps in range(1, OUTPUTS_BACK + 1)),
            "time",
        ]

    def rows(self, word: Word, answers: Word) -> list[list[float]]:
        """Return the features at every time of a word; `answers` are its outputs, those before that time are used."""
        table = []
        sums = [0] * len(self.symbol)
        for now, symbol in enumerate(word):
            sums = [total + value for total, value in zip(sums, symbol, strict=True)]
            places = range(len(self.output))
            table.append(
                [
                    *(_at(word, now - steps, place) for place in range(len(symbol)) for steps in range(WINDOW)),
                    *map(float, sums),
                    *(_at(answers, now - steps, place) for place in places for steps in range(1, OUTPUTS_BACK + 1)),
                    float(now),
                ]
            )
        return table


def features(width: int, outputs: int) -> Features:
    """Return the features for symbols and outputs of so many numbers."""
    return Features(
        symbol=("x",) if width == 1 else tuple(f"x{place}" for place in range(width)),
        output=("y",) if outputs == 1 else tuple(f"y{place}" for place in range(outputs)),
    )


def back(name: str, steps: int) -> str:
    """Return the name of the value so many steps ago."""
    return f"{name}_{steps}" if steps else name


def program_of(used: Features, formulas: Sequence[Sequence[Node]], about: str) -> str:
    """Return the text of the program that rounds the formulas, one for each number of an output.

    A formula is a tree, flattened: a function stands before its arguments.
    """
    names = used.names
    seen = {names[node] for formula in formulas for node in formula if isinstance(node, int)}
    helpers = [text for name, text in HELPERS.items() if any(name in formula for formula in formulas)]
    memories = [_memory(name, seen) for name in (*used.symbol, *used.output)]
    sums = [name for name in used.symbol if f"sum_{name}" in seen]
    counted = [*(f"sum_{name}" for name in sums), *(["time"] if "time" in seen else [])]
    starts = [" = ".join([*memory[:0:-1], "0"]) for memory in (*memories, ["", *counted]) if memory[1:]]
    values = [f"round({_text(list(formula), names)[0]})" for formula in formulas]
    single = len(values) == 1
    lines = [f"sum_{name} = sum_{name} + {name}" for name in sums]
    if any(name in seen for name in names if name.startswith("y")):
        lines += [f"{name} = {value}" for name, value in zip(used.output, values, strict=True)]
        values = list(used.output)
    lines.append(f"ys.append({values[0]})" if single else f"ys.append(({', '.join(values)}))")
    lines += [f"{', '.join(memory[:0:-1])} = {', '.join(memory[-2::-1])}" for memory in memories if memory[1:]]
    lines += ["time = time + 1"] if "time" in seen else []
    return "".join(helpers) + "\n".join(
        [
            "def program(xs):",
            f'    """{about}"""',
            *(f"    {line}" for line in (*starts, "ys = []")),
            f"    for {', '.join(used.symbol)} in xs:",
            *(f"        {line}" for line in lines),
            "    return ys\n",
        ]
    )


def _at(values: Word, time: int, place: int) -> float:
    return float(values[time][place]) if time >= 0 else 0.0


def _memory(name: str, seen: set[str]) -> list[str]:
    """Return the names of a value now, one step ago, ..., as far back as it is seen."""
    longest = max((steps for steps in range(1, WINDOW) if back(name, steps) in seen), default=0)
    return [back(name, steps) for steps in range(longest + 1)]


def _text(rest: list[Node], names: Sequence[str]) -> tuple[str, int]:
    """Return the next subformula and how strongly it binds; what it consists of is taken from the front of `rest`."""
    node = rest.pop(0)
    if isinstance(node, int):
        return names[node], ATOM
    if isinstance(node, float):
        return str(int(node) if node == int(node) else node), ATOM if node >= 0 else 0
    if node == "neg":
        text, binds = _text(rest, names)
        return f"-{text if binds >= ATOM else f'({text})'}", 0
    if node == "abs":
        return f"abs({_text(rest, names)[0]})", ATOM
    (first, binds_first), (second, binds_second) = _text(rest, names), _text(rest, names)
    if node not in INFIX:
        return f"{node}({first}, {second})", ATOM
    sign, binds = INFIX[node]
    left = first if binds_first >= binds else f"({first})"
    return f"{left} {sign} {second if binds_second > binds else f'({second})'}", binds
