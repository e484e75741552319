"""Our own method: a linear realization, or the machine of the network's behaviour, or a lattice; the first that can."""

from __future__ import annotations

import numpy as np

from mips.distillation.distilled import SILENT, Distilled, Listener, form_of, observe
from mips.failure import StageFailure
from mips.lattice.choice import lattice_table
from mips.lattice.formulas import table_formulas
from mips.lattice.table import table_machine
from mips.machine.extraction import extract_machine, unroll_machine
from mips.machine.hankel import MOST_TRANSITIONS, NotFinite
from mips.machine.majority import majority_machine
from mips.machine.mealy import MealyMachine
from mips.machine.minimum import smallest_finite, smallest_linear
from mips.machine.realization import NotLinear, realize
from mips.network import Network
from mips.symbolic.behaviour import Behaviour, disagreement, overruled
from mips.symbolic.formulas import Formulas
from mips.symbolic.linear import linear_formulas
from mips.symbolic.synthesis import NOISE, synthesize
from mips.task import Integers


@np.errstate(over="ignore", invalid="ignore")  # on words that were not observed, a network may leave all numbers
def distil(
    network: Network,
    alphabet: Integers,
    length: int,
    *,
    seed: int,
    noise: float = 0.0,
    listener: Listener = SILENT,
) -> Distilled:
    """Return formulas that do what `network` does on words over `alphabet` up to `length`, by the first route that can.

    Nothing but the network and the range of its inputs is looked at. `noise` is the share of the network's answers that
    may be overruled, 0 when it is believed to be perfect; where then nothing explains all of them, up to NOISE are
    overruled after all. The `listener` gets `machine.json` to keep, the finite machine or else one unrolled up to
    `length`, and learns the `minimum`, the least size of a hidden state, and how many answers were `overruled`. Raises
    StageFailure when the network leaves the integers, or when no route leads to formulas.
    """
    listener.enter("extracted", "linear realization")
    behaviour = observe(network, alphabet, length, seed)
    if network.is_linear:
        try:
            machine = realize(network)
            listener.learn("minimum", smallest_linear(machine).to_json())
            return Distilled(formulas=linear_formulas(machine), form="linear")
        except NotLinear:
            pass
    listener.enter("extracted", "minimal machine from behaviour")
    mealy = _machine(network, behaviour, alphabet, length, seed)
    if mealy is None:
        _keep_unrolled(network, alphabet, length, seed, listener)
    failure: StageFailure | None = None
    for allowed in (noise,) if noise else (0.0, NOISE):
        if mealy is None and allowed:
            listener.enter("extracted", f"machine of the majority, {allowed:.2%} of the answers overruled at most")
            mealy = _majority(network, alphabet, length, seed, allowed)
        if mealy is not None:
            listener.learn("minimum", smallest_finite(mealy).to_json())
            listener.keep("machine.json", mealy.to_json().encode())
        try:
            formulas = _formulas(network, behaviour, mealy, allowed, listener)
        except StageFailure as reason:
            failure = failure or reason
            continue
        against = overruled(formulas, behaviour)
        listener.learn("overruled", against.to_json())
        return Distilled(formulas=formulas, form=form_of(formulas), overruled=against)
    raise failure or StageFailure("synthesized", "nothing was tried")


def _formulas(
    network: Network, behaviour: Behaviour, machine: MealyMachine | None, noise: float, listener: Listener
) -> Formulas:
    """Return formulas over state variables that are looked for, else over the coordinates of a lattice."""
    what = f"{machine.size} states" if machine else "a machine without end"
    listener.enter("synthesized", f"formulas for {what}" + (f", {noise:.2%} of the answers overruled" if noise else ""))
    try:
        return synthesize(behaviour, machine, noise=noise)
    except StageFailure as failure:
        listener.enter("synthesized", "formulas on the lattice of the hidden states")
        return _from_lattice(network, behaviour, noise, failure)


def _majority(network: Network, alphabet: Integers, length: int, seed: int, noise: float) -> MealyMachine | None:
    """Return the machine of the majority, or None if there is none."""
    if alphabet.count > MOST_TRANSITIONS:
        return None
    try:
        return majority_machine(network, _symbols(alphabet), horizon=length, seed=seed, noise=noise)
    except NotFinite:
        return None


def _machine(network: Network, behaviour: Behaviour, alphabet: Integers, length: int, seed: int) -> MealyMachine | None:
    """Return the minimal machine of the network, from its behaviour or its lattice, or None if it never ends.

    None also where there are too many symbols to try each.
    """
    if alphabet.count > MOST_TRANSITIONS:
        return None
    symbols = _symbols(alphabet)
    try:
        return extract_machine(network, symbols, horizon=length, seed=seed)
    except NotFinite:
        pass
    try:
        machine = table_machine(lattice_table(network, behaviour.words))
    except StageFailure:
        return None
    return machine if machine.symbols == symbols else None


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


def _from_lattice(network: Network, behaviour: Behaviour, noise: float, failure: StageFailure) -> Formulas:
    """Return formulas over the coordinates of the hidden states in a lattice; raise `failure` if there are none."""
    try:
        formulas = table_formulas(lattice_table(network, behaviour.words), (0, 1, 2))
    except StageFailure as reason:
        raise StageFailure(failure.stage, f"{failure.reason}; on the lattice: {reason.reason}") from reason
    if disagreement(formulas, behaviour) > noise:
        raise StageFailure(failure.stage, f"{failure.reason}; formulas on the lattice fail on further words")
    return formulas
