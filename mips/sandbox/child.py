"""The child in which a foreign program runs: `python -P -s -S -B child.py`, nothing in its environment.

The first line on its input says which locks to put on and what the program is, every further one is a list of words;
each is answered by one line. No expected output ever comes here. The streams are moved out of the program's way: what
it prints goes nowhere, and what it reads is empty.
"""

from __future__ import annotations

import ast
import json
import os
import sys
from typing import Any

ANSWER_TEXT = 200  # of an error or a strange answer
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
    try:
        locks = _lock(order)
    except Exception as error:
        tell(unavailable=f"{type(error).__name__}: {error}" if not str(error) else str(error))
        return
    tell(locks=locks)
    program, trouble = _load(order["source"])
    if trouble:
        tell(**trouble)
        return
    tell(ready=True)
    is_list, is_tuple, is_int, of = list, tuple, int, type  # as they are now: a program may replace what names mean

    def answer_to(word: list[Any]) -> Any:
        try:
            answer = program([is_tuple(x) if of(x) is is_list else x for x in word])
            if of(answer) is not is_list:
                raise _Odd(f"returned a {of(answer).__name__}; expected a list")
            if len(answer) != len(word):
                raise _Odd(f"returned {len(answer)} outputs for {len(word)} inputs")
            for y in answer:
                if of(y) is not is_int and not (of(y) is is_tuple and all(of(part) is is_int for part in y)):
                    raise _Odd(f"returned a list with a {of(y).__name__}; expected plain ints or tuples of plain ints")
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


def _load(source: str) -> tuple[Any, dict[str, Any]]:
    """Return the entry point of the program and nothing, or None and what is wrong."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return None, _trouble(error)
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    name = "program" if "program" in functions else functions[0] if len(functions) == 1 else ""
    if not name:
        found = f"{len(functions)} functions at the top level" if functions else "no function at the top level"
        return None, {"no_entry_point": f"found {found}, none is called program; expected `def program(xs):`"}
    namespace: dict[str, Any] = {"__name__": "program"}
    try:
        exec(compile(tree, "<program>", "exec"), namespace)
    except BaseException as error:
        return None, _trouble(error)
    function = namespace.get(name)
    return (
        (function, {}) if callable(function) else (None, {"no_entry_point": f"{name} is no function when all is run"})
    )


def _trouble(error: BaseException) -> dict[str, str]:
    kind = MEMORY if isinstance(error, MemoryError) else "exception"
    try:
        text = " ".join(f"{type(error).__name__}: {error}".split())
    except BaseException:  # an error whose text is an error
        text = "an error without a text"
    return {"trouble": kind, "text": text[:ANSWER_TEXT]}


if __name__ == "__main__":
    main()
