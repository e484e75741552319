"""Our own method: a linear realization, else formulas for the machine of the network's behaviour."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from mips.distillation.columns import Columns
from mips.distillation.derivation import Derivation
from mips.distillation.distilled import Distilled, form_of, observe
from mips.extraction.budget import BUDGET
from mips.extraction.extraction import extract_machine, unroll_machine
from mips.extraction.hankel import NotFinite
from mips.extraction.majority import contradicted, majority_machine
from mips.extraction.realization import NotLinear, realize
from mips.machines.mealy import MealyMachine
from mips.machines.minimum import smallest_finite, smallest_linear
from mips.networks.network import Network
from mips.networks.recurrent import Recurrent, run
from mips.outcome import Event, StageFailure, Tell, tell_nobody
from mips.symbolic.synthesis.behaviour import Behaviour, overruled
from mips.symbolic.synthesis.candidates import text_of
from mips.symbolic.synthesis.linear import linear_formulas
from mips.symbolic.synthesis.synthesis import NOISE, synthesize
from mips.symbolic.terms.formulas import Formulas
from mips.tasks.alphabets import Alphabet, all_numbers, is_named

FEW_MISTAKES = 0.002  # share of wrong answers up to which the majority's machine is tried right after the exact one
LONGER = 2  # times the length of words: there a counter shows how far it goes that words of the length do not fill
MOST_COLUMNS = 16  # of a named alphabet with a machine: with more, a machine says it shorter than formulas


@np.errstate(over="ignore", invalid="ignore")  # on words that were not observed, a network may leave all numbers
def distil(
    network: Recurrent,
    alphabet: Alphabet,
    length: int,
    *,
    seed: int,
    noise: float | None = None,
    thorough: bool = False,
    tell: Tell = tell_nobody,
) -> Distilled:
    """Return formulas that do what `network` does on words over `alphabet` up to `length`, by the first route that can.

    Nothing but the network and the range of its inputs is looked at. `noise` is the share of the network's answers that
    may be overruled: 0 where the network is believed to be perfect, so that none ever is; None where nothing is known
    of it: then none is as long as formulas explain all answers, else up to NOISE. For a machine over names only short
    formulas are sought, unless the search shall be `thorough`. It tells the files `machine.json`,
    the finite machine or else one unrolled up to `length`, and `derivation.json`, the steps taken, and the facts
    `minimum`, the least size of a hidden state, and `overruled`, how many answers were. Raises StageFailure when the
    network leaves the integers, or when no route leads to formulas, with the finite machine of the network if it has
    one.
    """
    tell(Event(stage="extracted", text="linear realization"))
    derivation = Derivation(tell)
    behaviour = observe(network, alphabet, length, seed)
    linear = None
    if isinstance(network, Network) and network.is_linear:
        linear = _linear(network, tell, derivation)
    return linear or _by_search(network, behaviour, alphabet, length, seed, noise, thorough, tell, derivation)


def _linear(network: Network, tell: Tell, derivation: Derivation) -> Distilled | None:
    """Return the formulas of a linear network that is a recurrence over the integers, else None."""
    try:
        machine = realize(network)
    except NotLinear as reason:
        derivation.took("linear realization", failed=str(reason))
        return None
    tell(Event(facts={"minimum": smallest_linear(machine).to_json()}))
    formulas = linear_formulas(machine)
    derivation.took("linear realization", found=f"a recurrence with {len(formulas.states)} delays")
    derivation.took("formulas taken", size=formulas.size, formulas=text_of(formulas))
    return Distilled(formulas=formulas, form="linear")


def _by_search(
    network: Recurrent,
    behaviour: Behaviour,
    alphabet: Alphabet,
    length: int,
    seed: int,
    noise: float | None,
    thorough: bool,
    tell: Tell,
    derivation: Derivation,
) -> Distilled:
    """Return the formulas that a search finds for the network's machine, or for its behaviour where it has none."""
    tell(Event(stage="extracted", text="minimal machine from behaviour"))
    shares = (0.0, NOISE) if noise is None else (noise,)
    if noise is None and (is_named(alphabet) or not isinstance(network, Network)):
        mealy, share = _machine_of_others(network, alphabet, length, seed, tell, derivation)
        shares = (share,) if share else shares
    else:
        mealy = _exact(network, alphabet, length, seed, derivation)
    if mealy is None:
        _keep_unrolled(network, alphabet, length, seed, tell)
    columns = Columns(alphabet)
    if is_named(alphabet):
        shares = shares if mealy is None else shares[:1]
        behaviour = replace(behaviour, words=columns.of(behaviour.words), check_words=columns.of(behaviour.check_words))
    failure: StageFailure | None = None
    for allowed in shares:
        if mealy is None and allowed:
            mealy = _majority(network, alphabet, length, seed, allowed, tell, derivation)
        if mealy is not None:
            tell(Event(facts={"minimum": smallest_finite(mealy).to_json()}))
            tell(Event(files={"machine.json": mealy.to_json().encode()}))
        try:
            formulas = _formulas(behaviour, mealy, columns, allowed, thorough, tell, derivation)
        except StageFailure as reason:
            failure = failure or reason
            continue
        derivation.took("formulas taken", size=formulas.size, formulas=text_of(formulas))
        against = overruled(formulas, behaviour)
        tell(Event(facts={"overruled": against.to_json()}))
        written, inputs = (columns.spelled(formulas), alphabet) if is_named(alphabet) else (formulas, None)
        return Distilled(formulas=written, form=form_of(formulas), overruled=against, machine=mealy, inputs=inputs)
    assert failure is not None  # something was tried
    raise StageFailure(failure.stage, failure.reason, machine=mealy) from failure


def _formulas(
    behaviour: Behaviour,
    machine: MealyMachine | None,
    columns: Columns,
    noise: float,
    thorough: bool,
    tell: Tell,
    derivation: Derivation,
) -> Formulas:
    """Return formulas over state variables that are looked for; raise StageFailure where none are found.

    For the machine of a named alphabet only short ones are: a machine is a program too. Where it may not be the result,
    a `thorough` search follows.
    """
    named = is_named(columns.alphabet)
    if named and machine is not None:
        if columns.count > MOST_COLUMNS:
            raise StageFailure("synthesized", f"no formula is sought over {columns.count} names and numbers")
        machine = columns.of_machine(machine)
    what = f"{machine.size} states" if machine else "a machine without end"
    tell(
        Event(
            stage="synthesized",
            text=f"formulas for {what}" + (f", {noise:.2%} of the answers overruled" if noise else ""),
        )
    )
    told = partial(derivation.took, "search for formulas", of=what, allowed=noise)
    seek = partial(synthesize, behaviour, machine, noise=noise, tell=lambda report: told(**report.to_json()))
    if not named or machine is None:
        return seek()
    try:
        return seek(brief=True)
    except StageFailure:
        if not thorough:
            raise
        return seek()


def _machine_of_others(
    network: Recurrent, alphabet: Alphabet, length: int, seed: int, tell: Tell, derivation: Derivation
) -> tuple[MealyMachine | None, float]:
    """Return the machine of a network of which nothing is known, and the share of its answers that were overruled.

    It is the machine of random words: the exact one, else that of the majority. Where the network contradicts it on
    words with a plan, machines for such words are sought, too. One of these is taken if it explains nearly all answers
    to longer words of both kinds. Else the network errs on words with a plan, or counts: then it has no such machine.
    """
    plain, share = _machine_of_random_words(network, alphabet, length, seed, tell, derivation)
    if plain is not None and contradicted(network, plain, length, seed) <= FEW_MISTAKES:
        return plain, share
    reach = LONGER * length if _reads(network, alphabet, LONGER * length) else length
    exact = _exact(network, alphabet, length, seed, derivation, planned=True)
    if exact is not None and contradicted(network, exact, reach, seed) <= FEW_MISTAKES:
        return exact, 0.0
    rough = _majority(network, alphabet, length, seed, FEW_MISTAKES, tell, derivation, planned=True)
    if rough is not None and contradicted(network, rough, reach, seed) <= FEW_MISTAKES:
        return rough, FEW_MISTAKES
    return plain, share


def _machine_of_random_words(
    network: Recurrent, alphabet: Alphabet, length: int, seed: int, tell: Tell, derivation: Derivation
) -> tuple[MealyMachine | None, float]:
    """Return the exact machine of random words, else that of the majority, and the share of answers overruled."""
    exact = _exact(network, alphabet, length, seed, derivation)
    if exact is not None:
        return exact, 0.0
    for share in (FEW_MISTAKES, NOISE) if is_named(alphabet) else (FEW_MISTAKES,):
        rough = _majority(network, alphabet, length, seed, share, tell, derivation)
        if rough is not None:
            return rough, share
    return None, 0.0


def distil_admitted(network: Recurrent, alphabet: Alphabet, length: int, *, seed: int, tell: Tell) -> Distilled:
    """Return the machine of a network that refuses words. Raises StageFailure where it has none."""
    tell(Event(stage="extracted", text="minimal machine from admitted words"))
    machine, _ = _machine_of_others(network, alphabet, length, seed, tell, Derivation(tell))
    if machine is None:
        raise StageFailure("extracted", "no finite machine explains the network on the words that it admits")
    tell(Event(facts={"minimum": smallest_finite(machine).to_json(), "form": "machine"}))
    tell(Event(files={"machine.json": machine.to_json().encode()}))
    return Distilled(formulas=None, form="machine", machine=machine, inputs=alphabet)


def _exact(
    network: Recurrent, alphabet: Alphabet, length: int, seed: int, derivation: Derivation, *, planned: bool = False
) -> MealyMachine | None:
    """Return the minimal machine of the network, from its behaviour, or None if it never ends.

    None also where there are too many symbols to try each.
    """
    if alphabet.count > BUDGET.most_transitions:
        derivation.took("machine of the behaviour", failed=f"{alphabet.count} symbols are too many to try each")
        return None
    try:
        machine = extract_machine(network, all_numbers(alphabet), horizon=length, seed=seed, planned=planned)
    except NotFinite as reason:
        derivation.took("machine of the behaviour", failed=str(reason))
        return None
    derivation.took("machine of the behaviour", states=machine.size)
    return machine


def _reads(network: Recurrent, alphabet: Alphabet, length: int) -> bool:
    """Whether a network reads words of a length: some modules have a longest one, and raise what they like beyond."""
    try:
        run(network, np.zeros((1, length, alphabet.width), dtype=np.int64) + np.array(all_numbers(alphabet)[0]))
    except Exception:
        return False
    return True


def _majority(
    network: Recurrent,
    alphabet: Alphabet,
    length: int,
    seed: int,
    noise: float,
    tell: Tell,
    derivation: Derivation,
    *,
    planned: bool = False,
) -> MealyMachine | None:
    """Return the machine of the majority, or None if there is none."""
    tell(Event(stage="extracted", text=f"machine of the majority, {noise:.2%} of the answers overruled at most"))
    if alphabet.count > BUDGET.most_transitions:
        return None
    try:
        machine = majority_machine(
            network, all_numbers(alphabet), horizon=length, seed=seed, noise=noise, planned=planned
        )
    except NotFinite as reason:
        derivation.took("machine of the majority", allowed=noise, failed=str(reason))
        return None
    derivation.took("machine of the majority", allowed=noise, states=machine.size)
    return machine


def _keep_unrolled(network: Recurrent, alphabet: Alphabet, length: int, seed: int, tell: Tell) -> None:
    """Tell what a network without end does up to `length`, as far as there are not too many states."""
    if alphabet.count > BUDGET.most_transitions:
        return
    try:
        machine = unroll_machine(network, all_numbers(alphabet), horizon=length, seed=seed)
    except NotFinite:
        return
    tell(Event(files={"machine.json": machine.to_json().encode()}))
