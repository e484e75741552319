"""What a language model is told, and the program in its reply.

It sees ten rows of inputs and outputs, as in the paper (section 4.3 compares with GPT-4), and the rules by which its
program is judged; never the name of the task, its description or its definition. A system with the second style is told
where its last program was wrong, and is counted under a name of its own.
"""

from __future__ import annotations

import ast
import random
import re
import textwrap
from typing import Any

from mips import Task
from mips.judging.questions import names_in
from mips.tasks.alphabets import Alphabet, Integers, Symbols
from pytest_mips.runs.attempts import Finding

ROWS = 10
LARGEST_CHARACTERS = 2**16  # of a program; the judge reads no longer one
RULES = """\
Below are ten pairs of input and output sequences of one hidden function. It reads its inputs xs one after the other,
and the output at each position depends on the inputs up to that position, never on later ones.

Write a Python function

    def program(xs):

that takes a list of inputs and returns the list of outputs, one for each input, for a list of any length, also an
empty one and ones far longer than those below. Each input is {inputs}; each output is {outputs}. Return plain
{plain}. Use the standard library only. The program must be a rule and not a table: it may have no collection,
text, number, call or chain of conditions with more than 8 elements, characters, digits, arguments or constants, at
most 200 nodes in its syntax tree, at most 40 bits in all its different numbers, and at most 128 bits in all its
literals and names. Tests and examples do not count and are not run. It is run on many inputs that are not shown here.
{names}
Reply with the program in one Python code block.
"""
NAMES = "Each of the texts named above counts as one element, and as the bits of its place among them.\n"


def first(task: Task, seed: int) -> str:
    """Return the first message: the rules, and ten random rows of the training length, the same for a seed."""
    rng = random.Random(seed)
    rows = []
    for _ in range(ROWS):
        xs = task.draw(rng, task.length)
        rows.append((list(xs), task.run(xs)))
    wide = isinstance(rows[0][1][0], tuple)
    plain = "ints, or tuples of plain ints where outputs are tuples" if wide else "ints"
    rules = RULES.format(
        inputs=_symbol(task.inputs),
        outputs=_kind(len(rows[0][1][0]) if wide else 1, "") if task.outputs is None else _symbol(task.outputs),
        plain=plain if task.outputs is None else "texts",
        names=NAMES if names_in(task) else "",
    )
    return rules + "".join(f"\nxs = {xs}\nys = {ys}\n" for xs, ys in rows)


def _symbol(alphabet: Alphabet) -> str:
    """Return what a symbol of an alphabet is, in words."""
    if isinstance(alphabet, Integers):
        return _kind(alphabet.width, f"from {alphabet.low} to {alphabet.high}")
    if isinstance(alphabet, Symbols):
        return f"one of the texts {', '.join(map(repr, alphabet.names))}"
    return f"a tuple of {alphabet.width} parts: {', and '.join(map(_symbol, alphabet.parts))}"


def _kind(width: int, where: str) -> str:
    one = f"an int {where}".strip()
    return one if width == 1 else f"a tuple of {width} ints {where}".strip()


def again(finding: Finding) -> str:
    """Return the message after a program that was not right: what the judge found of it."""
    match finding.counterexample:
        case {"inputs": inputs, "expected": expected, "actual": actual}:
            told = (
                f"For xs = {_tuples(inputs)} the outputs are {_tuples(expected)}, your program gives {_tuples(actual)}."
            )
        case _:
            told = f"{finding.status}: {finding.reason}"
    return f"The program is not right. {told}\n\nReply with a corrected program in one Python code block."


def _tuples(values: Any) -> str:
    if isinstance(values, str):
        return values
    return str([tuple(value) if isinstance(value, list) else value for value in values])


def program_in(reply: str) -> str:
    """Return the program in a reply, or nothing where there is none.

    Of the code blocks (fenced by three or more backticks or tildes, perhaps indented) the last that defines `program`
    counts, else the last that defines any function; a reply without code blocks counts if it is Python and does so.
    """
    found, found_program = "", False
    for block in _blocks(reply) or [reply.replace("\r\n", "\n").lstrip("\N{BYTE ORDER MARK}")]:
        defines_any, defines_program = _defined(block)
        if defines_program or (defines_any and not found_program):
            found, found_program = block, defines_program
    return found


def _blocks(reply: str) -> list[str]:
    fenced = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]*\n(.*?)(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(block) for _, block in fenced.findall(reply.replace("\r\n", "\n"))]


def _defined(text: str) -> tuple[bool, bool]:
    """Return whether a text defines a function at its top level, and whether it gives anything the name `program`."""
    if len(text) > LARGEST_CHARACTERS:
        return False, False
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False, False
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return any(isinstance(node, ast.FunctionDef) for node in tree.body), "program" in names
