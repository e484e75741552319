"""Is a program equal to a reference for ever? First as affine machines, then by a walk over pairs of states."""

from __future__ import annotations

import math
from typing import Any

from mips.judging.transparency import is_transparent
from mips.machines.affine import NotAffine, affine_machine, distinguishing_word, equal_for_ever
from mips.machines.bisimulation import Different, Equivalent, Machine, distinguish
from mips.machines.state_keys import state_key
from mips.program.loop_machine import LoopMachine, NotProvable
from mips.tasks.alphabets import Alphabet, Integers, Symbols, is_named


def prove(
    reference: Machine,
    program: LoopMachine,
    *,
    alphabet: Alphabet,
    outputs: Symbols | None = None,
    max_pairs: int,
    max_steps: int,
    max_bytes: float = math.inf,
) -> str | tuple[Any, ...]:
    """Return `proved-affine` or `proved`, or a word on which the two differ, or an empty text if neither was found.

    `outputs` are the names of outputs that have names; they are texts then.

    The proof is about the reference and the loop machine: that the loop machine is the program is held by how it is
    read (`mips.program.loop_machine`). `max_pairs`, `max_steps` and `max_bytes` bound the walk as in `distinguish`. A
    reference that somewhere raises, gives no pair, a state that is not hashable, or an output that is no int or tuple
    of ints, of as many ints as all others, is no machine to be equal to: nothing is proved. Nor is anything where a
    name holds a `%`: a program could format by it, and a text with an address in memory is no function of the word.
    """
    start, step = reference
    if any("%" in name for part in alphabet.parts if isinstance(part, Symbols) for name in part.names):
        return ""
    try:
        if is_named(alphabet) or outputs is not None:
            raise NotAffine("names are no numbers")
        if not is_transparent(step):
            raise NotAffine("the reference may ask for the type or the identity of its arguments")
        left = affine_machine(start, step, width=alphabet.width)
        right = affine_machine(program.start, program.update, width=alphabet.width)
    except NotAffine:
        pass
    else:
        if equal_for_ever(left, right):
            return "proved-affine"
        if isinstance(alphabet, Integers):
            word = distinguishing_word(left, right, low=alphabet.low, high=alphabet.high)
            if word is not None:
                return word

    is_output = _is_output if outputs is None else _is_text
    sizes: set[int] = set()  # of outputs, in ints; 0 stands for an int alone

    def reference_step(state: Any, x: Any) -> tuple[Any, Any]:
        try:
            result = step(state, x)
            hash(result[0])
        except Exception as error:
            raise NotProvable("the reference ends here") from error
        if type(result) is not tuple or len(result) != 2 or not is_output(result[1]):
            raise NotProvable("the reference gives no pair of a state and an int or a tuple of ints here")
        sizes.add(len(result[1]) if type(result[1]) is tuple else 0)
        if len(sizes) > 1:
            raise NotProvable("the reference gives outputs of several sizes")
        return result

    def program_step(state: Any, x: Any) -> tuple[Any, Any]:
        try:
            next_state, y = program.step(state, x)
        except NotProvable:
            raise
        except Exception as error:
            return None, error  # equal to no output
        return next_state, y if is_output(y) else None

    try:
        outcome = distinguish(
            (start, reference_step),
            (program.start, program_step),
            alphabet.symbols(),
            max_pairs=max_pairs,
            max_steps=max_steps,
            max_bytes=max_bytes,
            keys=(state_key, tuple),  # a loop machine's states are tuples that are told apart by value already
        )
    except (NotProvable, RecursionError):  # the latter for states that are nested very deep
        return ""
    if isinstance(outcome, Different):
        return outcome.word
    return "proved" if isinstance(outcome, Equivalent) else ""


def _is_output(y: object) -> bool:
    return type(y) is int or (type(y) is tuple and set(map(type, y)) <= {int})


def _is_text(y: object) -> bool:
    return type(y) is str
