"""The child in which a foreign program runs: `python -P -s -S -B child.py`, nothing in its environment.

The first line on its input says which locks to put on, what the program is and where it begins. Lists of words follow,
each in the form of `marshal` after its length in HEADER bytes; each is answered by one line. No expected output ever
comes here. The streams are moved out of the
program's way: what it prints goes nowhere, and what it reads is empty. The child ends with the process that started it.
"""

from __future__ import annotations

import importlib.util
import json
import marshal
import os
import sys
import types
from collections.abc import Callable
from typing import Any, BinaryIO

ANSWER_TEXT = 200  # of an error or a strange answer
MEMORY = "memory"
FILE = "<program>"
HEADER = 8  # bytes of the length of a list of words
# So deep may calls be nested: on a word of 2,000 symbols, up to four for each, such as a function that calls itself
# through `lru_cache` or a helper, and as many again for whatever else. Calls cost no room on the stack of C; those
# through C, of which `lru_cache` is one, take up to half a KiB each of the 8 MiB that there usually are.
RECURSION = 10_000
# Libraries under numpy would start threads, one for each processor, which the locks refuse.
ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "GOTO_NUM_THREADS")}


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
        locks, answers = _neighbours("locks", "answers")
        held = _lock(order, locks)
        _import_numpy(order["numpy"])
    except Exception as error:
        tell(unavailable=f"{type(error).__name__}: {error}" if not str(error) else str(error))
        return
    tell(locks=held)
    # As names are now: a program may replace what they mean.
    reading = answers.text_reader if order["texts"] else answers.reader
    read, odd, large, of, count = reading(), answers.Odd, answers.Large, type, len
    arguments, questions = _arguments(order["entry"]), _questions(requests)
    source = order.pop("source")
    call, trouble = _load(source, order["entry"])
    del source
    if call is None:
        tell(**trouble)
        return
    lenient = 0
    ask = (lambda each: [call(*one) for one in each]) if order["entry"]["each"] else (lambda one: call(*one))

    def answer_to(word: Any) -> Any:
        nonlocal lenient
        length = count(word)
        try:
            answer, loosely = read(ask(arguments(word)), length)
            lenient += loosely
            return answer
        except odd as error:
            return {"odd": _printable(error.args[0])}
        except large as error:
            return {"large": error.args[0]}
        except BaseException as error:
            return _trouble(error)

    tell(ready=True)
    for words in iter(questions, None):
        said: list[Any] = []
        lenient = 0
        for word in words:
            said.append(answer_to(word))
            if of(said[-1]) is dict and said[-1].get("trouble") == MEMORY:
                tell(memory=True)  # there is no use in going on
                return
        tell(answers=said, **({"lenient": lenient} if lenient else {}))


def _neighbours(*names: str) -> list[Any]:
    """Return modules that stand beside this file, where nothing else is looked for afterwards."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    found = [__import__(name) for name in names]
    sys.path.pop(0)
    return found


def _lock(order: dict[str, Any], locks: Any) -> list[str]:
    """Put on the locks that are asked for, in turn; return the names of those that are known here."""
    os.environ.clear()
    if "namespaces" not in order["locks"]:  # there it is bwrap that sees to it
        locks.end_with_parent(order["parent"])
    known = {
        "rlimits": lambda: locks.limit_resources(order["memory"], order["seconds"]),
        "landlock": lambda: locks.restrict_files(order["numpy"]),
        "namespaces": lambda: None,  # made before this process was
        "seccomp": locks.restrict_calls,
    }
    names = [name for name in order["locks"] if name in known]
    for name in names:
        known[name]()
    return names


def _import_numpy(folders: list[str]) -> None:
    """Import numpy from its folder, the first of `folders`, if there is any; nothing beside it can be imported."""
    if not folders:
        return
    os.environ.update(ONE_THREAD)
    place = os.path.join(folders[0], "__init__.py")
    spec = importlib.util.spec_from_file_location("numpy", place, submodule_search_locations=[folders[0]])
    if spec is not None and spec.loader is not None:
        sys.modules["numpy"] = module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except ImportError:  # the program will meet with it
            del sys.modules["numpy"]
    os.environ.clear()


def _load(source: str, entry: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return what is called with a word, and nothing, or None and what is wrong.

    The program is a module of its own, which `sys.modules` knows: data classes and pickles look there. Of a class a
    new object is made for every word.
    """
    name, owner = entry["name"], entry["owner"]
    module = types.ModuleType("program")
    sys.modules["program"] = module
    try:
        code = compile(source, FILE, "exec", dont_inherit=True)
    except (RecursionError, MemoryError) as error:  # the parser calls a full stack so
        return None, {"trouble": "exception", "text": f"too deeply nested: {type(error).__name__}"}
    except Exception as error:
        return None, _trouble(error)
    sys.setrecursionlimit(RECURSION)
    try:
        exec(code, module.__dict__)
    except BaseException as error:
        return None, _trouble(error)
    found = module.__dict__.get(owner or name)
    if not callable(found):
        return None, {"no_entry_point": f"{owner or name} is no function when all is run"}
    return (found if not owner else lambda *words: getattr(found(), name)(*words)), {}


def _questions(requests: BinaryIO) -> Callable[[], list[Any] | None]:
    """Return the function that reads the next list of words, None at the end.

    It keeps what names mean now: a program may replace that.
    """
    read, load, number = requests.read, marshal.loads, int.from_bytes

    def following() -> list[Any] | None:
        header = read(HEADER)
        return load(read(number(header))) if header else None

    return following


def _arguments(entry: dict[str, Any]) -> Any:
    """Return the function that makes the arguments of a call out of a word: one list, or one for each number.

    Where the program is called for each symbol it makes a list of the arguments of all calls.
    """
    columns, lists = entry["columns"], entry["lists"]
    of, is_list, is_tuple, across, numbers = type, list, tuple, zip, range(columns)

    def shaped(word: Any) -> list[Any]:
        return [is_list(x) for x in word] if lists and word and of(word[0]) is is_tuple else is_list(word)

    def whole(word: Any) -> list[Any]:
        return [shaped(word)]

    def split(word: Any) -> list[Any]:
        return [is_list(column) for column in across(*word, strict=True)] if word else [[] for _ in numbers]

    def each(word: Any) -> list[Any]:
        return [is_list(x) if columns else [x] for x in shaped(word)]

    return each if entry["each"] else split if columns else whole


def _trouble(error: BaseException) -> dict[str, Any]:
    kind = MEMORY if isinstance(error, MemoryError) else "exception"
    try:
        text = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
    except BaseException:  # an error whose text is an error
        text = "an error without a text"
    return {"trouble": kind, "text": _printable(text[:ANSWER_TEXT]), "line": _line(error)}


def _line(error: BaseException) -> int:
    """Return the line of the program at which an error arose, the innermost one, 0 where there is none."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _printable(text: str) -> str:
    return text.encode("utf-8", errors="backslashreplace").decode()


if __name__ == "__main__":
    main()
