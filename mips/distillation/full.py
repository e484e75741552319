"""Our own method: a linear realization, else formulas for the machine of the network's behaviour."""

from __future__ import annotations

from functools import partial

import numpy as np

from mips.distillation.derivation import Derivation
from mips.distillation.distilled import SILENT, Distilled, Listener, form_of, observe
from mips.extraction.extraction import extract_machine, unroll_machine
from mips.extraction.hankel import MOST_TRANSITIONS, NotFinite
from mips.extraction.majority import majority_machine
from mips.extraction.realization import NotLinear, realize
from mips.machines.mealy import MealyMachine
from mips.machines.minimum import smallest_finite, smallest_linear
from mips.networks.network import Network
from mips.outcome import StageFailure
from mips.symbolic.synthesis.behaviour import Behaviour, overruled
from mips.symbolic.synthesis.candidates import text_of
from mips.symbolic.synthesis.linear import linear_formulas
from mips.symbolic.synthesis.synthesis import NOISE, synthesize
from mips.symbolic.terms.formulas import Formulas
from mips.tasks.task import Integers


@np.errstate(over="ignore", invalid="ignore")  # on words that were not observed, a network may leave all numbers
def distil(
    network: Network,
    alphabet: Integers,
    length: int,
    *,
    seed: int,
    noise: float | None = None,
    listener: Listener = SILENT,
) -> Distilled:
    """Return formulas that do what `network` does on words over `alphabet` up to `length`, by the first route that can.

    Nothing but the network and the range of its inputs is looked at. `noise` is the share of the network's answers that
    may be overruled: 0 where the network is believed to be perfect, so that none ever is; None where nothing is known
    of it: then none is as long as formulas explain all answers, else up to NOISE. The `listener` gets `machine.json` to
    keep, the finite machine or else one unrolled up to `length`, and `derivation.json`, the steps taken; it learns the
    `minimum`, the least size of a hidden state, and how many answers were `overruled`. Raises StageFailure when the
    network leaves the integers, or when no route leads to formulas, with the finite machine of the network if it has
    one.
    """
    listener.enter("extracted", "linear realization")
    derivation = Derivation(listener.keep)
    behaviour = observe(network, alphabet, length, seed)
    if network.is_linear:
        try:
            machine = realize(network)
            listener.learn("minimum", smallest_linear(machine).to_json())
            formulas = linear_formulas(machine)
            derivation.took("linear realization", found=f"a recurrence with {len(formulas.states)} delays")
            derivation.took("formulas taken", size=formulas.size, formulas=text_of(formulas))
            return Distilled(formulas=formulas, form="linear")
        except NotLinear as reason:
            derivation.took("linear realization", failed=str(reason))
    listener.enter("extracted", "minimal machine from behaviour")
    mealy = _machine(network, alphabet, length, seed, derivation)
    if mealy is None:
        _keep_unrolled(network, alphabet, length, seed, listener)
    failure: StageFailure | None = None
    for allowed in (0.0, NOISE) if noise is None else (noise,):
        if mealy is None and allowed:
            listener.enter("extracted", f"machine of the majority, {allowed:.2%} of the answers overruled at most")
            mealy = _majority(network, alphabet, length, seed, allowed, derivation)
        if mealy is not None:
            listener.learn("minimum", smallest_finite(mealy).to_json())
            listener.keep("machine.json", mealy.to_json().encode())
        try:
            formulas = _formulas(behaviour, mealy, allowed, listener, derivation)
        except StageFailure as reason:
            failure = failure or reason
            continue
        derivation.took("formulas taken", size=formulas.size, formulas=text_of(formulas))
        against = overruled(formulas, behaviour)
        listener.learn("overruled", against.to_json())
        return Distilled(formulas=formulas, form=form_of(formulas), overruled=against, machine=mealy)
    assert failure is not None  # something was tried
    raise StageFailure(failure.stage, failure.reason, machine=mealy) from failure


def _formulas(
    behaviour: Behaviour,
    machine: MealyMachine | None,
    noise: float,
    listener: Listener,
    derivation: Derivation,
) -> Formulas:
    """Return formulas over state variables that are looked for; raise StageFailure where none are found."""
    what = f"{machine.size} states" if machine else "a machine without end"
    listener.enter("synthesized", f"formulas for {what}" + (f", {noise:.2%} of the answers overruled" if noise else ""))
    told = partial(derivation.took, "search for formulas", of=what, allowed=noise)
    return synthesize(behaviour, machine, noise=noise, tell=lambda survey: told(**survey.to_json()))


def _majority(
    network: Network, alphabet: Integers, length: int, seed: int, noise: float, derivation: Derivation
) -> MealyMachine | None:
    """Return the machine of the majority, or None if there is none."""
    if alphabet.count > MOST_TRANSITIONS:
        return None
    try:
        machine = majority_machine(network, _symbols(alphabet), horizon=length, seed=seed, noise=noise)
    except NotFinite as reason:
        derivation.took("machine of the majority", allowed=noise, failed=str(reason))
        return None
    derivation.took("machine of the majority", allowed=noise, states=machine.size)
    return machine


def _machine(
    network: Network, alphabet: Integers, length: int, seed: int, derivation: Derivation
) -> MealyMachine | None:
    """Return the minimal machine of the network, from its behaviour, or None if it never ends.

    None also where there are too many symbols to try each.
    """
    if alphabet.count > MOST_TRANSITIONS:
        derivation.took("machine of the behaviour", failed=f"{alphabet.count} symbols are too many to try each")
        return None
    symbols = _symbols(alphabet)
    try:
        machine = extract_machine(network, symbols, horizon=length, seed=seed)
        derivation.took("machine of the behaviour", states=machine.size)
        return machine
    except NotFinite as reason:
        derivation.took("machine of the behaviour", failed=str(reason))
        return None


def _keep_unrolled(network: Network, alphabet: Integers, length: int, seed: int, listener: Listener) -> None:
    """Hand the listener what a network without end does up to `length`, as far as there are not too many states."""
    if alphabet.count > MOST_TRANSITIONS:
        return
    try:
        machine = unroll_machine(network, _symbols(alphabet), horizon=length, seed=seed)
    except NotFinite:
        return
    listener.keep("machine.json", machine.to_json().encode())


def _symbols(alphabet: Integers) -> tuple[tuple[int, ...], ...]:
    return tuple((x,) if isinstance(x, int) else x for x in alphabet.symbols())
