"""The child in which a foreign program runs: `python -P -s -S -B child.py`, nothing in its environment.

The first line on its input says which locks to put on and what the program is, every further one is a list of words;
each is answered by one line. No expected output ever comes here. The streams are moved out of the program's way: what
it prints goes nowhere, and what it reads is empty. The child ends with the process that started it.
"""

from __future__ import annotations

import ast
import json
import os
import sys
from typing import Any

ANSWER_TEXT = 200  # of an error or a strange answer
INT_BITS = 4096  # of a number in an answer; a larger one is told by its size
MEMORY = "memory"


def main() -> None:
    reader, writer = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    requests = os.fdopen(reader, "rb")

    def tell(**facts: object) -> None:
        line = json.dumps(facts, separators=(",", ":")).encode() + b"\n"
        while line:
            line = line[os.write(writer, line) :]

    order = json.loads(requests.readline())
    source = order.pop("source")
    try:
        locks = _lock(order)
    except Exception as error:
        tell(unavailable=f"{type(error).__name__}: {error}" if not str(error) else str(error))
        return
    tell(locks=locks)
    code, name, trouble = _read(source)
    del source
    program, trouble = _load(code, name) if code else (None, trouble)
    if program is None:
        tell(**trouble)
        return
    tell(ready=True)
    # As names are now: a program may replace what they mean.
    is_list, is_tuple, of, every, kinds, largest, least = list, tuple, type, map, set, max, min
    plain, tuples, most = {int}, {tuple}, 1 << INT_BITS

    def answer_to(word: list[Any]) -> Any:
        length = len(word)
        try:
            answer = program([is_tuple(x) for x in word] if word and of(word[0]) is is_list else word)
            if of(answer) is not is_list:
                raise _Odd(f"returned a {of(answer).__name__}; expected a list")
            if len(answer) != length:
                raise _Odd(f"returned {len(answer)} outputs for {length} inputs")
            found = kinds(every(of, answer))
            numbers = [part for y in answer for part in y] if found == tuples else answer
            if not kinds(every(of, numbers)) <= plain:
                names = ", ".join(sorted(kind.__name__ for kind in found))
                raise _Odd(f"returned a list of {names}; expected plain ints or tuples of plain ints")
            if numbers and (largest(numbers) >= most or least(numbers) <= -most):
                return {"large": largest(every(abs, numbers)).bit_length()}
            return answer
        except _Odd as odd:
            return {"odd": odd.args[0]}
        except BaseException as error:
            return _trouble(error)

    for line in requests:
        answers: list[Any] = []
        for word in json.loads(line):
            answers.append(answer_to(word))
            if of(answers[-1]) is dict and answers[-1].get("trouble") == MEMORY:
                tell(memory=True)  # there is no use in going on
                return
        tell(answers=answers)


class _Odd(Exception):
    """An answer has another form than it should."""


def _lock(order: dict[str, Any]) -> list[str]:
    """Put on the locks that are asked for, in turn; return the names of those that are known here."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import locks  # type: ignore[import-not-found]

    sys.path.pop(0)
    os.environ.clear()
    if "namespaces" not in order["locks"]:  # there it is bwrap that sees to it
        locks.end_with_parent(order["parent"])
    known = {
        "rlimits": lambda: locks.limit_resources(order["memory"], order["seconds"]),
        "landlock": locks.restrict_files,
        "namespaces": lambda: None,  # made before this process was
        "seccomp": locks.restrict_calls,
    }
    names = [name for name in order["locks"] if name in known]
    for name in names:
        known[name]()
    return names


def _read(source: str) -> tuple[Any, str, dict[str, str]]:
    """Return the program as code, the name of its only function at the top level, if it has one, and what is wrong."""
    try:
        tree = ast.parse(source)
        names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        return compile(tree, "<program>", "exec"), names[0] if len(names) == 1 else "", {}
    except (SyntaxError, ValueError) as error:
        return None, "", _trouble(error)
    except (RecursionError, MemoryError) as error:  # the parser calls a full stack so
        return None, "", {"trouble": "exception", "text": f"too deeply nested: {type(error).__name__}"}


def _load(code: Any, only: str) -> tuple[Any, dict[str, Any]]:
    """Return the entry point of the program and nothing, or None and what is wrong.

    The entry point is what is called `program` when all is run, else the `only` function at the top level.
    """
    namespace: dict[str, Any] = {"__name__": "program"}
    try:
        exec(code, namespace)
    except BaseException as error:
        return None, _trouble(error)
    function = namespace.get("program", namespace.get(only))
    if callable(function):
        return function, {}
    if "program" in namespace:
        return None, {"no_entry_point": "program is no function when all is run"}
    return None, {
        "no_entry_point": "found no function called program, nor just one at the top level; expected `def program(xs):`"
    }


def _trouble(error: BaseException) -> dict[str, str]:
    kind = MEMORY if isinstance(error, MemoryError) else "exception"
    try:
        text = " ".join(f"{type(error).__name__}: {error}".split())
    except BaseException:  # an error whose text is an error
        text = "an error without a text"
    return {"trouble": kind, "text": text[:ANSWER_TEXT]}


if __name__ == "__main__":
    main()
