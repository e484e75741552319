"""Functions that do with a value only what its operators do, so that symbols can run through them in its place.

`affine_machine` runs a step function on symbols instead of numbers. Whatever looks at the number behind a symbol is
refused by the symbol itself. What asks for its type, its identity or its text (`isinstance`, `is`, `match`, `repr`, an
attribute) is not: the function could then do one thing with symbols and another with numbers. A function is
*transparent* if its byte code holds no such question, and neither does that of the functions which it calls.

The list of instructions is a list of what is allowed: an instruction that is not known is refused.
"""

from __future__ import annotations

import builtins
import dis
from collections.abc import Callable
from types import BuiltinFunctionType, CodeType, FunctionType
from typing import Any

from mips.program.statements import PURE_BUILTINS

# Without their endings: Python has variants of one instruction (LOAD_FAST_CHECK, POP_JUMP_FORWARD_IF_TRUE).
LOCAL_VARIABLES = ("LOAD_FAST", "STORE_FAST", "LOAD_SMALL_INT")
ALLOWED = frozenset(
    {"RESUME", "NOP", "CACHE", "EXTENDED_ARG", "NOT_TAKEN", "PUSH_NULL", "POP_TOP", "COPY", "SWAP", "PRECALL", "CALL"}
    | {"COPY_FREE_VARS", "MAKE_CELL", "MAKE_FUNCTION", "SET_FUNCTION_ATTRIBUTE", "LOAD_DEREF"}
    | {"LOAD_CLOSURE", "BINARY_OP", "BINARY_SUBSCR", "BINARY_SLICE", "BUILD_SLICE", "UNARY_NEGATIVE"}
    | {"UNARY_POSITIVE", "UNARY_NOT", "TO_BOOL", "COMPARE_OP", "CONTAINS_OP", "BUILD_TUPLE", "BUILD_LIST"}
    | {"LIST_APPEND", "LIST_EXTEND", "LIST_TO_TUPLE", "UNPACK_SEQUENCE", "GET_ITER", "FOR_ITER", "END_FOR", "POP_ITER"}
    | {"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_IF_TRUE_OR_POP", "JUMP_IF_FALSE_OR_POP"}
    | {f"POP_JUMP_{way}IF_{truth}" for way in ("", "FORWARD_", "BACKWARD_") for truth in ("TRUE", "FALSE")}
    | {"RETURN_VALUE", "RETURN_GENERATOR", "YIELD_VALUE", "RERAISE"}
)
BUILTIN_TYPES = (BuiltinFunctionType, type)
INTRINSICS = frozenset({"INTRINSIC_LIST_TO_TUPLE", "INTRINSIC_UNARY_POSITIVE", "INTRINSIC_STOPITERATION_ERROR"})


def is_transparent(function: Callable[..., Any]) -> bool:
    """Return whether `function` and all that it calls hold no question about the type, identity or text of a value.

    True only for functions written in Python whose global names, closures and defaults are ints, tuples of these, pure
    builtins, and other transparent functions; lists might change. It does not run the function.
    """
    return _is_transparent(function, set())


def _is_transparent(function: object, seen: set[int]) -> bool:
    if type(function) is not FunctionType:
        return False
    if id(function) in seen:  # not the code, which other functions may have too, with other closures and defaults
        return True
    seen.add(id(function))
    if type(function.__globals__) is not dict or getattr(function, "__builtins__", None) is not vars(builtins):
        return False  # names might mean anything
    try:
        enclosed = [cell.cell_contents for cell in function.__closure__ or ()]
    except ValueError:  # a cell that is empty yet
        return False
    values = [*enclosed, *(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    return all(_is_usual(value, seen) for value in values) and _is_plain(function.__code__, function.__globals__, seen)


def _is_plain(code: CodeType, namespace: dict[str, Any], seen: set[int]) -> bool:
    for instruction in dis.get_instructions(code):
        name = instruction.opname
        if name == "CALL_INTRINSIC_1":
            if instruction.argrepr not in INTRINSICS:
                return False
        elif name == "LOAD_GLOBAL":
            found = namespace.get(instruction.argval, getattr(builtins, instruction.argval, None))
            if not _is_usual(found, seen):
                return False
        elif name in ("LOAD_CONST", "RETURN_CONST"):
            if not _is_constant(instruction.argval):
                return False
        elif name not in ALLOWED and not name.startswith(LOCAL_VARIABLES):
            return False
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return all(_is_plain(constant, namespace, seen) for constant in inner)


def _is_constant(value: object) -> bool:
    """Return whether a constant of byte code is None, a number, a tuple or slice of these, or a function's code."""
    if type(value) is tuple:
        return all(map(_is_constant, value))
    return value is None or type(value) in (int, bool, slice, CodeType)


def _is_usual(value: object, seen: set[int]) -> bool:
    if type(value) is tuple:
        return all(_is_usual(part, seen) for part in value)
    if type(value) is int:
        return True
    name = getattr(value, "__name__", "")
    is_builtin = name in PURE_BUILTINS and value is getattr(builtins, name) and type(value) in BUILTIN_TYPES
    return is_builtin or _is_transparent(value, seen)
