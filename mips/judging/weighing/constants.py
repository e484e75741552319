"""Groups of constants that stand together in a program: a lookup table in any syntax.

The standard library alone is imported.
"""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

WORD_BITS = 64  # an int literal of more bits counts as the bytes that it takes
NAME_LENGTH = 40  # a longer name counts as a text
DIGITS = 3  # of a number in a collection, which counts again for as many more: else eight numbers hold any table
ROW = 2  # constants in a row of a short list of pairs, such as steps in four directions, or keys and what they mean
PAIR = 2  # constants in a start value or an answer, which is no collection
COLLECTIONS = 3  # as large as the largest may be, all collections of a program may be together
BASES = ("b", "d")  # of 0xFFFF and 1000000 either is short in one of them
BY_DIGITS = frozenset({"bin", "format", "hex", "oct", "str", "repr", "divmod"})  # take a number apart


def longest_group(tree: ast.AST, *, readable: bool = True) -> int:
    """Return the size of the largest group of constants in a program.

    A group are the elements of a collection, the arguments of a call, the defaults of a function, the operands of a
    chain such as `a + b + c` or `a or b or c`, the cases of a `match` or of `if ... elif`, statements of one kind that
    follow each other, the characters of a text, the digits of a number, the names in one statement. Runs of the same
    digit count once: neither 1000000 nor 0xFFFFFFFF hold much. The order of names holds a table too: so calls inside of
    calls, attributes of attributes, signs before signs, decorators, and assignments that assign the same names again
    are groups, with or without constants in them.
    """
    numbers = _named_numbers(tree)
    sizes = [size for node in ast.walk(tree) for size in _sizes(node, numbers)]
    if readable:
        sizes += [len(name) for node in ast.walk(tree) for name in identifiers(node) if len(name) > NAME_LENGTH]
    return max([*sizes, math.ceil(_all_elements(tree) / COLLECTIONS)], default=0)


def _all_elements(tree: ast.AST) -> int:
    """Return how many constants stand in all collections of three elements or more, in however many pieces."""
    inner: set[int] = set()
    found = 0
    for node in ast.walk(tree):  # from the outside
        if id(node) in inner or not isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict):
            continue
        inner |= {id(part) for part in ast.walk(node)}
        leaves = sum(isinstance(part, ast.Constant) for part in ast.walk(node))
        found += leaves if leaves > PAIR else 0
    return found


def _named_numbers(tree: ast.AST) -> dict[str, int]:
    """Return for each name the largest number that it is assigned as a literal."""
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=ast.Constant(value=int(number))):
                for target in targets:
                    if isinstance(target, ast.Name):
                        found[target.id] = max(found.get(target.id, 0), number)
    return found


def _sizes(node: ast.AST, numbers: Mapping[str, int]) -> Iterator[int]:
    match node:
        case ast.Constant(value=value):
            yield _length(value)
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            if not isinstance(getattr(node, "ctx", None), ast.Store):
                yield max(len(parts), _elements(parts))
        case ast.Dict(keys=keys, values=parts):
            yield max(len(parts), _elements([key for key in keys if key], parts))
        case ast.JoinedStr(values=parts):
            yield sum(_length(part.value) if isinstance(part, ast.Constant) else 1 for part in parts)
        case ast.Call(func=function, args=arguments, keywords=keywords):
            yield len(arguments) + len(keywords)
            yield _depth(node)
            if isinstance(function, ast.Name) and function.id in BY_DIGITS:
                yield max((_digits(one, numbers) for one in arguments), default=0)
        case ast.arguments(defaults=defaults, kw_defaults=more):
            yield len(defaults) + sum(one is not None for one in more)
        case ast.ClassDef(bases=bases, keywords=keywords):
            yield len(bases) + len(keywords)
        case ast.Compare(left=left, comparators=rest):
            yield _holding([left, *rest])
        case ast.BoolOp():
            yield _holding([*_operands(node)])
        case ast.BinOp(left=left, op=op, right=right):
            yield sum(_weight(one) for one in _operands(node))
            if isinstance(op, ast.RShift | ast.FloorDiv) and not isinstance(right, ast.Constant):
                yield _digits(left, numbers, ten=isinstance(op, ast.FloorDiv))
        case ast.Attribute() | ast.UnaryOp() | ast.Subscript():
            yield _depth(node)
        case ast.IfExp():
            yield _holding([*_choices(node)])
        case ast.Match(cases=cases):
            yield _holding([case.pattern for case in cases])
        case (
            ast.MatchOr(patterns=patterns) | ast.MatchSequence(patterns=patterns) | ast.MatchMapping(patterns=patterns)
        ):
            yield _holding(patterns)
    yield from _names(node)
    for name in ("body", "orelse", "finalbody"):
        statements = getattr(node, name, None)
        if isinstance(statements, list):
            yield from _runs(statements)
            yield from _reassigned(statements)
    yield len(getattr(node, "decorator_list", []))


def _elements(*columns: Sequence[ast.expr]) -> int:
    """Return what a collection counts for all constants in it, also for those of the collections that it holds.

    A number counts as often as it has parts of three digits, and the rows of a table half of their constants.
    """
    parts = [part for column in columns for part in column]
    size, left = 0, [*parts]
    while left:
        match left.pop():
            case ast.List(elts=inner) | ast.Tuple(elts=inner) | ast.Set(elts=inner):
                left += inner
            case ast.Dict(keys=keys, values=values):
                left += [*(key for key in keys if key), *values]
            case ast.UnaryOp(operand=ast.Constant(value=value)) | ast.Constant(value=value):
                size += max(1, math.ceil(_length(value) / DIGITS))
    flat = len(columns) == 1 and not any(isinstance(part, ast.List | ast.Tuple | ast.Set | ast.Dict) for part in parts)
    return size if flat else math.ceil(size / ROW)


def _holding(parts: Sequence[ast.AST]) -> int:
    """Return in how many of some parts there is a constant."""
    return sum(any(isinstance(one, ast.Constant) for one in ast.walk(part)) for part in parts)


def _weight(node: ast.expr) -> int:
    """Return what an operand of a chain counts: a text its characters, anything else with a constant one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return len(node.value)
    return _holding([node])


def _operands(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the operands of a chain of one kind of operator, however it is bracketed."""
    kind = type(node)
    left = [node]
    while left:
        part = left.pop()
        if isinstance(part, ast.BoolOp) and kind is ast.BoolOp:
            left += reversed(part.values)
        elif isinstance(part, ast.BinOp) and kind is ast.BinOp:
            left += [part.right, part.left]
        else:
            yield part


def _choices(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the conditions of `a if ... else b if ... else c`."""
    while isinstance(node, ast.IfExp):
        yield node.test
        node = node.orelse


def _runs(statements: Sequence[ast.stmt]) -> Iterator[int]:
    """Yield the sizes of groups of statements of one kind that follow each other, with constants in them."""
    for kind, some in itertools.groupby(statements, _kind):
        if kind == "if":
            yield sum(_branches(one) for one in some)
        elif kind:
            yield _holding([*some])


def _kind(statement: ast.stmt) -> str:
    match statement:
        case ast.If():
            return "if"
        case ast.Expr(value=ast.Call()):
            return "call"
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()], value=ast.Constant()):
            return "element"
    return ""


def _reassigned(statements: Sequence[ast.stmt]) -> Iterator[int]:
    """Yield for each run of assignments how many of them assign a name that the run has assigned before."""
    for assigning, some in itertools.groupby(statements, lambda one: isinstance(one, ast.Assign | ast.AugAssign)):
        if assigning:
            run = [*some]
            targets = [ast.unparse(target) for one in run for target in _targets(one)]
            yield len(targets) - len({*targets})


def _targets(statement: ast.stmt) -> list[ast.expr]:
    match statement:
        case ast.Assign(targets=targets):
            return targets
        case ast.AugAssign(target=target):
            return [target]
    return []


def _depth(node: ast.expr) -> int:
    """Return how many calls of one argument, attributes, subscripts or signs stand one inside of the other."""
    depth = 0
    while True:
        match node:
            case (
                ast.Call(func=ast.Attribute(value=inner))
                | ast.Call(args=[inner])
                | ast.Attribute(value=inner)
                | ast.Subscript(value=inner)
                | ast.UnaryOp(operand=inner)
            ):
                node = inner
            case _:
                return depth
        depth += 1


def _branches(node: ast.stmt) -> int:
    """Return how many conditions with constants `if ... elif ...` has."""
    found = 0
    while isinstance(node, ast.If):
        found += _holding([node.test])
        if len(node.orelse) != 1:
            break
        node = node.orelse[0]
    return found


def _length(value: object) -> int:
    match value:
        case str() | bytes():
            return len(value)
        case bool():
            return 0
        case int() if value.bit_length() > WORD_BITS:
            return (value.bit_length() + 7) // 8
        case int() | float():
            return runs_of_digits(value)
    return 0


def runs_of_digits(value: float) -> int:
    """Return in how many runs of one digit a number is written, an int in the base where they are the fewest."""
    if isinstance(value, int):
        return min(_runs_of(format(abs(value), base)) for base in BASES)
    return _runs_of(repr(value).partition("e")[0].replace(".", ""))


def _runs_of(digits: str) -> int:
    """Return in how many runs of one digit a number is written, the zeros at its end aside."""
    return len([*itertools.groupby(digits.rstrip("0").lstrip("0"))])


def _digits(node: ast.expr, numbers: Mapping[str, int], *, ten: bool = False) -> int:
    """Return how many bits, or decimal digits, of a number can be taken out one by one."""
    match node:
        case ast.Constant(value=int(number)):
            pass
        case ast.Name(id=name):
            number = numbers.get(name, 0)
        case _:
            return 0
    return len(str(number)) if ten else number.bit_length()


def _names(node: ast.AST) -> Iterator[int]:
    """Yield how many names stand in a list of a node, such as those of `global`, where there are several."""
    yield from (len(names) for names in _names_by_field(node) if len(names) > 1)


def identifiers(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node holds itself: of a variable, a function, an attribute, a keyword, a module."""
    return itertools.chain.from_iterable(_names_by_field(node))


def _names_by_field(node: ast.AST) -> Iterator[list[str]]:
    if isinstance(node, ast.Constant):  # its text is no name
        return
    for _, value in ast.iter_fields(node):
        yield [name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)]
