"""Programs that mean harm, or are odd, and what must become of each: name -> (source, statuses that are true).

The task is the running sum of numbers from -9 to 9. Where two statuses stand, the machine decides which comes first.
"""

from __future__ import annotations

SUM = "    total, ys = 0, []\n    for x in xs:\n        total += x\n        ys.append(total)\n    return ys\n"


def inside(body: str, head: str = "") -> str:
    """Return a program that does `body`, one statement a line, and then answers rightly."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{head}def program(xs):\n{lines}{SUM}"


def answering(expression: str, head: str = "") -> str:
    return f"{head}def program(xs):\n    return {expression}\n"


HOSTILE: dict[str, tuple[str, set[str]]] = {
    # Time and memory
    "endless loop": (inside("while True: pass"), {"timeout"}),
    "endless loop that catches everything": (
        inside("while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
        {"timeout"},
    ),
    "endless loop at the top, which is not reached": ("while True: pass\n" + inside("pass"), {"solved"}),
    "endless loop that fills what is used": (
        "a = []\nwhile True: a.append(0) if not a else a\n" + inside("a.clear()"), {"timeout"}
    ),
    "sleep": (inside("time.sleep(1000)", "import time\n"), {"timeout"}),
    "one long call in C": (inside("10 ** 10 ** 8"), {"timeout", "memory"}),
    "memory bomb": (inside("a = []\nwhile True: a.append(bytearray(10 ** 7))"), {"memory"}),
    "one huge allocation": (inside("bytearray(10 ** 12)"), {"memory"}),
    "memory bomb that catches its end": (
        inside("a = []\nwhile True:\n    try: a.append(bytearray(10 ** 7))\n    except MemoryError: pass"),
        {"timeout", "memory"},
    ),
    "deep recursion": (inside("f = lambda n: f(n + 1)\nf(0)"), {"exception"}),
    "recursion without a limit": (
        inside("sys.setrecursionlimit(10 ** 9)\nf = lambda n: f(n + 1)\nf(0)", "import sys\n"),
        {"memory", "exception", "timeout"},
    ),
    "deeply nested text": (
        "x = " + "(" * 5000 + ")" * 5000 + "\n" + inside("pass"), {"exception", "memory", "wrong", "solved"}
    ),
    "huge output": (answering("[10 ** 4000] * len(xs)"), {"wrong", "protocol", "exception"}),
    "too many outputs": (answering("list(range(10 ** 5))"), {"protocol"}),
    "prints without end": (inside("for i in range(10 ** 5): print('x' * 1000)"), {"timeout", "solved"}),
    # Leaving and staying
    "os._exit": (inside("os._exit(0)", "import os\n"), {"protocol"}),
    "sys.exit": (inside("sys.exit(0)", "import sys\n"), {"exception"}),
    "abort": (inside("os.abort()", "import os\n"), {"exception"}),
    "fork bomb": (inside("while True: os.fork()", "import os\n"), {"exception"}),
    "daemon with a new session": (
        inside("if os.fork() == 0:\n    os.setsid()\n    while True: pass", "import os\n"),
        {"exception"},
    ),
    "thread left behind": (
        inside("threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()", "import threading\n"),
        {"exception"},
    ),
    "multiprocessing": (
        inside("multiprocessing.Pool(2)", "import multiprocessing\n"), {"exception", "protocol", "timeout"}
    ),
    "exec of a shell": (inside("os.execv('/bin/sh', ['sh', '-c', 'exit 0'])", "import os\n"), {"exception"}),
    "os.system": (inside("if os.system('true') != 0: raise OSError", "import os\n"), {"exception"}),
    "subprocess": (inside("subprocess.run(['true'])", "import subprocess\n"), {"exception"}),
    # Reading and writing
    "reads /etc/passwd": (inside("open('/etc/passwd').read()"), {"exception"}),
    "reads the project": (inside("open('{project}').read()"), {"exception"}),
    "lists a folder": (inside("os.listdir('{folder}')", "import os\n"), {"exception"}),
    "reads another process": (inside("open('/proc/1/environ').read()"), {"exception"}),
    "writes a file": (inside("open('{folder}/mark', 'w').write('x')"), {"exception"}),
    "writes into the library": (inside("open(os.__file__, 'a').write('#')", "import os\n"), {"exception"}),
    "makes a folder": (inside("os.mkdir('{folder}/mark')", "import os\n"), {"exception"}),
    "removes a file": (inside("os.remove('{folder}/kept')", "import os\n"), {"exception"}),
    "changes a mode": (inside("os.chmod('{folder}/kept', 0)", "import os\n"), {"exception"}),
    "environment": (inside("if not os.environ or not os.environ['HOME']: raise OSError", "import os\n"), {"exception"}),
    "imports what is installed": (inside("import hypothesis"), {"exception"}),
    "imports the judge": (inside("import mips.judging.judge"), {"exception"}),
    # Other processes and the network
    "socket": (inside("socket.socket()", "import socket\n"), {"exception"}),
    "socket pair": (inside("socket.socketpair()", "import socket\n"), {"exception"}),
    "signal to the parent": (inside("os.kill(os.getppid(), 9)", "import os\n"), {"exception"}),
    "signal to all": (inside("os.kill(-1, 9)", "import os\n"), {"exception"}),
    "ptrace": (
        inside("if ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) != 0: raise OSError", "import ctypes, os\n"), {"exception"}  # noqa: E501
    ),
    "ctypes to a shell": (inside("if ctypes.CDLL(None).system(b'true') != 0: raise OSError", "import ctypes\n"), {"exception"}),  # noqa: E501
    "ctypes into nowhere": (inside("ctypes.string_at(1)", "import ctypes\n"), {"exception"}),
    "more rights": (
        inside("ctypes.CDLL(None).setuid(0)\nopen('/etc/passwd').read()", "import ctypes\n"),
        {"exception"},
    ),
    # Lies about the answer
    "replaces builtins": (
        "import builtins\nbuiltins.type = lambda y: list\nbuiltins.len = lambda a: 0\n" + answering("'solved'"),
        {"protocol", "exception"},
    ),
    "replaces json": (
        inside("json.dumps = lambda *a, **k: '{\"solved\": true}'", "import json\n"), {"protocol"}
    ),
    "writes answers itself": (
        inside("for fd in range(3, 10):\n    try: os.write(fd, b'{\"answers\": [[0]]}\\n')\n    except OSError: pass",
               "import os\n"),
        {"protocol", "wrong"},
    ),
    "reads the questions itself": (
        inside("for fd in range(3, 10):\n    try: os.read(fd, 1 << 20)\n    except OSError: pass", "import os\n"),
        {"timeout", "protocol"},
    ),
    "frames of the caller": (
        inside("f = sys._getframe()\nwhile f:\n    if 'expected' in f.f_locals: raise OSError\n    f = f.f_back",
               "import sys\n"),
        {"solved"},
    ),
    "a lying __eq__": (
        "class Yes(list):\n    def __eq__(self, other): return True\n" + answering("Yes(xs)"), {"wrong"}
    ),
    "outputs that are equal to all": (
        "class Any:\n    def __eq__(self, other): return True\n" + answering("[Any() for x in xs]"), {"protocol"}
    ),
    "bools": (answering("[x > 0 for x in xs]"), {"wrong"}),
    "a subclass of int": ("class Int(int): pass\n" + answering("[Int(x) for x in xs]"), {"wrong"}),
    "floats": (answering("[x + 0.5 for x in xs]"), {"protocol"}),
    "infinity": (answering("[float('inf')] * len(xs)"), {"protocol"}),
    "texts": (answering("[str(x) for x in xs]"), {"protocol"}),
    "a text": (answering("'0' * len(xs)"), {"protocol"}),
    "whole floats": (answering("[float(x) for x in xs]"), {"wrong"}),
    "an endless generator": (answering("iter(int, 1)"), {"protocol"}),
    "NaN": (answering("[float('nan')] * len(xs)"), {"protocol"}),
    "a generator": ("def program(xs):\n    for x in xs:\n        yield x\n", {"wrong"}),
    "None": (answering("None"), {"protocol"}),
    "one output too few": (answering("xs[1:]"), {"protocol"}),
    "the question as the answer": (answering("xs"), {"wrong"}),
    "another answer to the second call": (
        "calls = 0\n" + inside("global calls\ncalls += 1\nif calls % 2 == 0: return [0] * len(xs)"), {"wrong"}
    ),
    "guesses from the clock": (
        answering("[time.time_ns() % 3 for x in xs]", "import time\n"), {"wrong"}
    ),
    "changes the word": (inside("xs.append(1)\nxs.pop()"), {"solved"}),
    "an error without a text": (
        "class Odd(Exception):\n    def __str__(self): raise Odd\n" + inside("raise Odd"), {"exception"}
    ),
    "a huge number": (answering("[1 << 5000] * len(xs)"), {"wrong"}),
    "a number too large to be written down": (answering("[1 << 100000] * len(xs)"), {"wrong"}),
    "wrong, and without an end on all that is shorter": (
        answering("[0] * 6 if len(xs) == 6 else [0 for _ in iter(int, 1)]"), {"wrong"}
    ),
    # What the judge does not count
    "code in its docstring": (
        f'def program(xs):\n    """def program(xs):\n{SUM}"""\n    exec(program.__doc__)', {"exception"}
    ),
    "code in a comment, looked for in frames": (
        "import sys\n" + inside(
            "frame = sys._getframe()\n"
            "while frame:\n"
            "    for value in [*frame.f_locals.values()]:\n"
            "        for text in value.values() if type(value) is dict else [value]:\n"
            "            if type(text) is str and 'hid' 'den' in text: raise OSError\n"
            "    frame = frame.f_back"
        ) + "# hidden", {"solved"}
    ),
    "too deep for the parser": ("x = " + "-" * 50000 + "1\n" + inside("pass"), {"exception"}),
    "too deep to be compiled": ("x = " + "lambda: " * 5000 + "1\n" + inside("pass"), {"exception"}),
    "where its lines begin": (inside("if sys._getframe().f_lineno != 4: raise OSError", "import sys\n\n\n\n\n"), {"solved"}),  # noqa: E501
    # Entry points
    "no function": ("x = 1\n", {"no_entry_point"}),
    "two functions": ("def f(xs): return xs\ndef g(xs): return xs\n", {"no_entry_point"}),
    "no Python": ("Here is the program:\n```python\n", {"exception"}),
    "an empty text": ("", {"no_entry_point"}),
    "a null byte": ("def program(xs):\n    return '\0'\n", {"exception"}),
    "a program that is a number": ("def program(xs): return xs\nprogram = 3\n", {"no_entry_point"}),
    "a function with a name": ("program = lambda xs: [sum(xs[: i + 1]) for i in range(len(xs))]\n", {"solved"}),
    "a function in a try": (
        "try:\n    def program(xs):\n" + "".join(f"    {line}\n" for line in SUM.splitlines()) + "finally:\n    pass\n",
        {"solved"},
    ),
    "another name": (f"def anything(xs):\n{SUM}", {"solved"}),
    "a table": (answering(f"{list(range(40))!r}[:len(xs)]"), {"table"}),
}  # fmt: skip

USEFUL = {
    "itertools": "import itertools\n" + answering("list(itertools.accumulate(xs))"),
    "functools": "from functools import reduce\n" + inside("reduce(max, xs, 0)"),
    "math": "import math\n" + answering("[int(math.fsum(xs[:i + 1])) for i in range(len(xs))]"),
    "collections": "from collections import deque\n" + inside("queue = deque(xs, maxlen=3)"),
    "heapq": "import heapq\n" + inside("heapq.heapify(list(xs))"),
    "fractions": "from fractions import Fraction\n" + inside("sum(xs, Fraction())"),
    "others": "import bisect, decimal, operator, random, re, statistics, string\n" + inside("pass"),
    "late import": inside("import decimal, json, typing, dataclasses"),
    "with shared libraries": inside("import base64, bz2, ctypes, hashlib, lzma, secrets, sqlite3, ssl, zipfile, zlib"),
    "a class": "class Total:\n    value = 0\n" + inside("Total.value += 1"),
}  # fmt: skip
