"""The state machine that a plain loop over the inputs is, read off the text of a program."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from mips.program.statements import PURE_BUILTINS, Flow, NotPlain, is_plain_annotation, is_public_name_of_math, require

QUOTE = "'"  # before a text in a frozen state, where texts without it are bools


class NotProvable(Exception):
    """A loop hands something from round to round that is no int, bool, text or nested tuple of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopMachine:
    """The state machine that a program of the plain loop shape is: equal to the program on every word.

    `names` are the local variables that one round of the loop hands to the next, `start` their values before the first.
    `update(values, x)` is one round as it is written, `-> (values, y)`, without any check. `step(state, x)` is the same
    for walks: there a bool is kept as the text 'True' or 'False', because True and 1 are equal for Python but not the
    same output, and a text with QUOTE before it. `step` raises NotProvable for a state that is not made of ints, bools
    and texts, and what the program raises.
    """

    names: tuple[str, ...]
    start: tuple[Any, ...]
    update: Callable[[tuple[Any, ...], Any], tuple[tuple[Any, ...], Any]]

    def step(self, state: tuple[Any, ...], x: Any) -> tuple[tuple[Any, ...], Any]:
        """Return the next state and the output for the input `x`."""
        values, y = self.update(_thawed(state), x)
        return _frozen(values), y

    def run(self, word: Iterable[Any]) -> list[Any]:
        """Return the outputs on `word`, one a symbol, as the program should give them."""
        values, outputs = _thawed(self.start), []
        for x in word:
            values, y = self.update(values, x)
            outputs.append(y)
        return outputs


def machine_of_loop(tree: ast.Module) -> LoopMachine:
    """Return the state machine of the program `tree`, a module without docstrings; see `source.loop_machine`.

    Raises NotPlain if the module has not the shape, and NotProvable if the start state is not made of ints, bools and
    texts.
    """
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    imports = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
    modules, imported = _imported(imports)
    callables = {*PURE_BUILTINS, *imported}
    match functions:
        case [
            ast.FunctionDef(
                name="program",
                args=ast.arguments(
                    posonlyargs=[], args=[ast.arg(arg=xs)], vararg=None, kwonlyargs=[], kwarg=None, defaults=[]
                ),
                decorator_list=[],
                body=[
                    *before,
                    ast.For(target=target, iter=ast.Name(id=looped), body=written, orelse=[]),
                    ast.Return(value=ast.Name(id=ys)),
                ],
            ) as function
        ]:
            require(looped == xs != ys)
        case _:
            raise NotPlain
    require(not getattr(function, "type_params", []))  # since Python 3.12; they hide builtins inside the function
    require(all(map(is_plain_annotation, (function.returns, function.args.args[0].annotation))))

    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    mark = "_"  # what the names that are added below begin with, and no other
    while any(node.id.startswith(mark) for node in names):
        mark += "_"
    inits = [node for node in before if not _makes_empty_list(node, ys)]
    body = [_output_instead_of_append(node, ys, mark + "y") for node in written]
    require(len(inits) == len(before) - 1)
    require(sum(node is not old for node, old in zip(body, written, strict=True)) == 1)

    stored = [node.id for node in names if isinstance(node.ctx, ast.Store)]
    # In the text below xs and ys are no names any more: nothing else may be called so.
    require(xs not in stored and stored.count(ys) == 1 and not {xs, ys, *stored} & {*modules, *imported})
    require(not hasattr(builtins, xs) and not hasattr(builtins, ys))
    assigned = set(stored) - {ys}
    opening = Flow(assigned, modules, callables)
    opening.read(inits)
    turn = Flow(assigned | {mark + "y"}, modules, callables)
    turn.bind(target)
    turn.read(body)
    require(not opening.exposed and turn.exposed <= opening.defined)
    state = tuple(dict.fromkeys(node.id for node in names if node.id in turn.exposed))

    listed = "".join(f"{name}, " for name in state)
    code = ast.parse(
        f"def {mark}start():\n return ({listed})\n"
        f"def {mark}update({mark}s, {mark}x):\n ({listed}) = {mark}s\n return ({listed}), {mark}y"
    )
    start, update = code.body
    assert isinstance(start, ast.FunctionDef) and isinstance(update, ast.FunctionDef)
    start.body[:0] = inits
    update.body[1:1] = [ast.Assign([target], ast.Name(mark + "x", ast.Load())), *body]
    code.body[:0] = imports
    namespace: dict[str, Any] = {}
    try:
        exec(compile(ast.fix_missing_locations(code), "<loop>", "exec", dont_inherit=True), namespace)
        values = namespace[mark + "start"]()
    except Exception as error:
        raise NotPlain from error
    return LoopMachine(names=state, start=_frozen(values), update=namespace[mark + "update"])


def _imported(imports: list[ast.stmt]) -> tuple[set[str], set[str]]:
    """Return the names of `math` itself and of its functions that `imports` bind; nothing else may be there.

    Each name is bound once, is no name of a builtin, and does not begin with an underscore, as names do that mean
    something to Python (`__builtins__`). Raises NotPlain.
    """
    modules: list[str] = []
    functions: list[str] = []
    for node in imports:
        match node:
            case ast.Import(names=aliases) if all(alias.name == "math" for alias in aliases):
                modules += [alias.asname or alias.name for alias in aliases]
            case ast.ImportFrom(module="math", names=aliases, level=0) if all(
                is_public_name_of_math(alias.name) for alias in aliases
            ):
                functions += [alias.asname or alias.name for alias in aliases]
            case _:
                raise NotPlain
    bound = [*modules, *functions]
    require(len(set(bound)) == len(bound) and "program" not in bound)
    require(not any(name.startswith("_") or hasattr(builtins, name) for name in bound))
    return set(modules), set(functions)


def _makes_empty_list(node: ast.stmt, name: str) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id=found)], value=ast.List(elts=[])):
            return found == name
        case ast.AnnAssign(target=ast.Name(id=found), annotation=said, value=ast.List(elts=[]), simple=1):
            return found == name and is_plain_annotation(said)
    return False


def _output_instead_of_append(node: ast.stmt, ys: str, output: str) -> ast.stmt:
    """Return `output = e` for `ys.append(e)`, and any other statement itself."""
    match node:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="append"), args=[e], keywords=[])
        ):
            if found == ys and not isinstance(e, ast.Starred):
                return ast.Assign([ast.Name(output, ast.Store())], e)
    return node


def _frozen(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the state with its bools as texts. Raises NotProvable if it holds anything but ints, bools, texts and
    tuples."""
    return values if set(map(type, values)) <= {int} else tuple(map(_frozen_value, values))


def _frozen_value(value: Any) -> Any:
    if type(value) is int:
        return value
    if type(value) is bool:
        return str(value)
    if type(value) is str:
        return QUOTE + value
    if type(value) is tuple:
        return _frozen(value)
    raise NotProvable(f"the loop hands on a {type(value).__name__}; expected ints, bools, texts or tuples of these")


def _thawed(state: tuple[Any, ...]) -> tuple[Any, ...]:
    if set(map(type, state)) <= {int}:
        return state
    return tuple(map(_thawed_value, state))


def _thawed_value(value: Any) -> Any:
    if type(value) is tuple:
        return _thawed(value)
    if type(value) is not str:
        return value
    return value[len(QUOTE) :] if value.startswith(QUOTE) else value == "True"
