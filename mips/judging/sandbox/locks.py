"""Locks that a Linux process puts on itself: limits of resources, Landlock for files, seccomp for system calls.

They hold for the rest of its life. This module runs inside the child, before the foreign program is even read, and
needs the standard library alone. Documented by the kernel's manual pages landlock(7), seccomp(2) and setrlimit(2).
"""

from __future__ import annotations

import ctypes
import itertools
import os
import platform
import resource
import signal
import sysconfig
from collections.abc import Iterable, Iterator

DEATH_SIGNAL, NO_NEW_PRIVILEGES, SECCOMP = 1, 38, 22  # of prctl
FILTER_MODE = 2
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # system calls of Landlock, alike on every architecture
VERSION_FLAG, PATH_BENEATH = 1, 1

READ_FILE, READ_DIRECTORY = 1 << 2, 1 << 3
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}  # version of Landlock -> how many rights on files it knows
NETWORK_RIGHTS, NETWORK_SINCE = 0b11, 4
SCOPES, SCOPES_SINCE = 0b11, 6  # abstract sockets and signals to processes outside
FOREIGN_PACKAGES = ("site-packages", "dist-packages")

# What a computation in the interpreter needs, and reading modules of the standard library. Not among them: anything
# that makes, changes, traces or signals a process, a thread, a socket, or a file's name, owner, mode or times.
X86_64 = {
    "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8, "mmap": 9,
    "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
    "pread64": 17, "access": 21, "select": 23, "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35,
    "getpid": 39, "exit": 60, "uname": 63, "getcwd": 79, "readlink": 89, "gettimeofday": 96, "getrlimit": 97,
    "getrusage": 98, "sysinfo": 99, "times": 100, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108,
    "getppid": 110, "sigaltstack": 131, "gettid": 186, "futex": 202, "sched_getaffinity": 204, "getdents64": 217,
    "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231,
    "openat": 257, "newfstatat": 262, "readlinkat": 267, "faccessat": 269, "set_robust_list": 273, "getrandom": 318,
    "membarrier": 324, "statx": 332, "rseq": 334,
}  # fmt: skip
X86_64_AUDIT, X32_BIT = 0xC000003E, 0x40000000
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06  # of the classic packet filter
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000  # REFUSE with the error EPERM


class Unavailable(Exception):
    """A lock does not work on this machine; the message says which, and why."""


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("value", ctypes.c_uint32)
    )  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction)))


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, however that ends. Raises Unavailable if it has ended.

    To the kernel the parent is the thread that started this process (prctl(2), PR_SET_PDEATHSIG).
    """
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0):
        raise Unavailable(f"death signal: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        raise Unavailable("death signal: the parent is gone")


def limit_resources(memory: int, seconds: int) -> None:
    """Limit address space (bytes), processor time (seconds), open files, new processes, and written files to none."""
    wanted = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        _, most = resource.getrlimit(kind)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(kind, (value, value))


def restrict_files(more: Iterable[str] = ()) -> None:
    """Let nothing be read but the standard library and some folders, nothing be written. Raises Unavailable."""
    version = _call(CREATE_RULESET, None, 0, VERSION_FLAG, what="Landlock")
    rights = (1 << FILE_RIGHTS[max(known for known in FILE_RIGHTS if known <= version)]) - 1
    ruleset = _Ruleset(rights, NETWORK_RIGHTS * (version >= NETWORK_SINCE), SCOPES * (version >= SCOPES_SINCE))
    size = 24 if version >= SCOPES_SINCE else 16 if version >= NETWORK_SINCE else 8
    rules = _call(CREATE_RULESET, ctypes.byref(ruleset), size, 0, what="Landlock")
    folders = ((folder, READ_FILE | READ_DIRECTORY) for folder in more)
    for path, allowed in itertools.chain(_standard_library(), folders):
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        beneath = _Beneath(allowed, folder)
        _call(ADD_RULE, rules, PATH_BENEATH, ctypes.byref(beneath), 0, what="Landlock")
        os.close(folder)
    _forgo_privileges()
    _call(RESTRICT_SELF, rules, 0, what="Landlock")
    os.close(rules)


def restrict_calls() -> None:
    """Refuse (EPERM) every system call that is not in the list. Raises Unavailable."""
    machine = platform.machine()
    if machine != "x86_64":
        raise Unavailable(f"seccomp: the list of system calls is for x86_64, this machine is {machine}")
    allowed = sorted(X86_64.values())
    code = [
        (LOAD, 0, 0, 4),  # the architecture
        (JUMP_EQUAL, 1, 0, X86_64_AUDIT),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, 0),  # the number of the call
        (JUMP_AT_LEAST, len(allowed), 0, X32_BIT),
        *((JUMP_EQUAL, len(allowed) - place, 0, number) for place, number in enumerate(allowed)),
        (RETURN, 0, 0, REFUSE),
        (RETURN, 0, 0, ALLOW),
    ]
    instructions = (_Instruction * len(code))(*(_Instruction(*line) for line in code))
    program = _Program(len(code), instructions)
    _forgo_privileges()
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(SECCOMP, FILTER_MODE, ctypes.byref(program), 0, 0):
        raise Unavailable(f"seccomp: {os.strerror(ctypes.get_errno())}")


def _standard_library() -> Iterator[tuple[str, int]]:
    """Yield paths and rights: all of the standard library, not what is installed beside it.

    Its extension modules need shared libraries of the system, whose folder can be read from but not looked through.
    """
    libraries = f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}"  # where Debian and its kin keep them apart
    if os.path.isdir(libraries):
        yield libraries, READ_FILE
    for folder in sorted({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}):
        if not os.path.isdir(folder):
            continue
        yield folder, READ_DIRECTORY
        for entry in os.scandir(folder):
            if entry.name not in FOREIGN_PACKAGES:
                yield entry.path, READ_FILE | (READ_DIRECTORY if entry.is_dir() else 0)


def _forgo_privileges() -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise Unavailable(f"no_new_privs: {os.strerror(ctypes.get_errno())}")


def _call(number: int, *arguments: object, what: str) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    found = library.syscall(ctypes.c_long(number), *arguments)
    if found < 0:
        raise Unavailable(f"{what}: {os.strerror(ctypes.get_errno())}")
    return int(found)
