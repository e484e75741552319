"""The pipeline, one line a stage: task, dataset, network, machine, formulas, program, verdict."""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mips.account import origin, training_facts, training_json
from mips.dataset import Dataset, sample
from mips.emission import emit
from mips.failure import StageFailure
from mips.judge import judge
from mips.lattice.formulas import table_formulas
from mips.lattice.linear import lattice_table
from mips.lattice.table import table_machine
from mips.machine.extraction import NotFinite, extract_machine
from mips.machine.mealy import MealyMachine
from mips.machine.minimum import Minimum, smallest_finite, smallest_linear
from mips.machine.realization import NotLinear, realize
from mips.network import Network
from mips.outcome import Outcome
from mips.storage import StoredNetwork, to_files
from mips.symbolic.formulas import Formulas
from mips.symbolic.linear import linear_formulas
from mips.symbolic.synthesis import NOISE, Behaviour, disagreement, synthesize
from mips.task import Integers, Task
from mips.training.portfolio import train

TRAINING_WORDS = 160_000
MONOTONOUS = 0.25  # share of them that keep to few symbols
FRESH_WORDS = 100_000
MOST_WORDS = 2_048  # up to here every word of the training length is observed
OBSERVED_WORDS = 500
CHECK_WORDS = 3_000
LEAST_DOUBT = 0.002  # share of answers that may be overruled once the network is known to err at all
JUDGE_SECONDS = 120.0  # for a task of ten steps of one number; the time of the tests grows with the words
DOUBT = 5  # times the share of wrong answers on fresh words is the share that may be overruled


@dataclass(frozen=True, slots=True, kw_only=True)
class Distilled:
    """Formulas and their form: `linear`, `boolean` or `symbolic`."""

    formulas: Formulas
    form: str


def solve(
    task: Task,
    *,
    seed: int,
    progress: Callable[[str], None] = lambda line: None,
    device: str = "cpu",
    note: Callable[[Outcome], None] = lambda outcome: None,
) -> Outcome:
    """Train, distil, synthesize and judge `task` once. `progress` gets one line whenever something begins.

    The reference is called by `sample`, before training, and by `judge`, at the very end; between the two lie the
    network, the alphabet and the length of the training sequences. Training alone takes place on `device`. `note` gets
    what is known when training has ended, so that a network is not lost should the attempt be ended from outside.
    """
    clock = _Clock(progress)
    files: dict[str, bytes] = {}
    record: dict[str, Any] = {"files": files}
    try:
        clock.enter("trained", "drawing data")
        data = training_data(task, seed)
        fresh = sample(task, count=FRESH_WORDS, seed=derived_seed(seed, "fresh"))
        trained = train(data, fresh, seed=seed, device=device, progress=lambda line: progress(f"trained: {line}"))
        record |= training_facts(trained)
        files["training.json"] = training_json(trained, name=task.name, seed=seed)
        about = {"task": task.name, "seed": seed, "accuracy": trained.accuracy}
        try:
            stored = StoredNetwork(network=trained.network, inputs=task.inputs, length=task.length, about=about)
        except ValueError as error:  # weights that are no numbers
            raise StageFailure("trained", f"the network cannot be kept: {error}") from error
        files |= to_files(stored)
        note(
            Outcome(status="unsolved", stage="trained", stage_seconds=clock.seconds(), **record | {"files": {**files}})
        )
        doubt = 0.0 if trained.accuracy == 1 else min(NOISE, max(LEAST_DOUBT, DOUBT * (1 - trained.accuracy)))
        distilled = distil(
            trained.network,
            task.inputs,
            task.length,
            seed=seed,
            noise=doubt,
            clock=clock.enter,
            keep=files,
            learn=lambda minimum: record.update(minimum=minimum.to_json()),
        )
        record["form"] = distilled.form
        program = emit(distilled.formulas)
        clock.enter("verified", "the judge compares program and reference")
        seconds = JUDGE_SECONDS * max(1.0, task.length * task.inputs.width / 10)
        verdict = judge(program, task, seed=derived_seed(seed, "judge"), seconds=seconds)
        record |= {"program_nodes": verdict.program_nodes, "program_accuracy": verdict.accuracy}
        record["assurance"] = verdict.assurance
        record["program"] = emit(distilled.formulas, origin(task.name, seed, trained, verdict))
        if not verdict.solved:
            counterexample = verdict.counterexample.to_json() if verdict.counterexample else None
            record["counterexample"] = counterexample
            raise StageFailure("verified", verdict.reason)
    except StageFailure as failure:
        return Outcome(
            status="unsolved", stage=failure.stage, reason=failure.reason, stage_seconds=clock.seconds(), **record
        )
    return Outcome(status="solved", stage="verified", stage_seconds=clock.seconds(), **record)


def training_data(task: Task, seed: int) -> Dataset:
    """Return the examples that `task` is trained on under a root seed."""
    return sample(task, count=TRAINING_WORDS, seed=derived_seed(seed, "training"), monotonous=MONOTONOUS)


def distil(
    network: Network,
    alphabet: Integers,
    length: int,
    *,
    seed: int,
    noise: float = 0.0,
    clock: Callable[[str, str], None] = lambda *_: None,
    keep: dict[str, bytes] | None = None,
    learn: Callable[[Minimum], None] = lambda minimum: None,
) -> Distilled:
    """Return formulas that do what `network` does on words over `alphabet` up to `length`, by the first route that can.

    Nothing but the network and the range of its inputs is looked at. `noise` is the share of the network's answers that
    may be overruled, 0 when it is believed to be perfect. `clock` is told each stage as it begins; `keep` gets
    artefacts by file name and `learn` the least size of a hidden state, both also when a later stage fails. Raises
    StageFailure when no route leads to formulas.
    """
    clock("extracted", "linear realization")
    if network.is_linear:
        try:
            machine = realize(network)
            learn(smallest_linear(machine))
            return Distilled(formulas=linear_formulas(machine), form="linear")
        except NotLinear:
            pass
    clock("extracted", "minimal machine from behaviour")
    behaviour = observe(network, alphabet, length, seed)
    mealy = _machine(network, behaviour, alphabet, length, seed)
    if mealy is not None:
        learn(smallest_finite(mealy))
        if keep is not None:
            keep["machine.json"] = mealy.to_json().encode()
    clock("synthesized", "formulas for " + (f"{mealy.size} states" if mealy else "a machine without end"))
    try:
        formulas = synthesize(behaviour, mealy, noise=noise)
    except StageFailure as failure:
        clock("synthesized", "formulas on the lattice of the hidden states")
        formulas = _from_lattice(network, behaviour, noise, failure)
    return Distilled(formulas=formulas, form=_form(formulas))


def _machine(network: Network, behaviour: Behaviour, alphabet: Integers, length: int, seed: int) -> MealyMachine | None:
    """Return the minimal machine of the network, from its behaviour or its lattice, or None if it never ends."""
    symbols = tuple((x,) if isinstance(x, int) else x for x in alphabet.symbols())
    try:
        return extract_machine(network, symbols, horizon=length, seed=seed)
    except NotFinite:
        pass
    try:
        machine = table_machine(lattice_table(network, behaviour.words))
    except StageFailure:
        return None
    return machine if machine.symbols == symbols else None


def _from_lattice(network: Network, behaviour: Behaviour, noise: float, failure: StageFailure) -> Formulas:
    """Return formulas over the coordinates of the hidden states in a lattice; raise `failure` if there are none."""
    try:
        formulas = table_formulas(lattice_table(network, behaviour.words), (0, 1, 2))
    except StageFailure as reason:
        raise StageFailure(failure.stage, f"{failure.reason}; on the lattice: {reason.reason}") from reason
    if disagreement(formulas, behaviour) > noise:
        raise StageFailure(failure.stage, f"{failure.reason}; formulas on the lattice fail on further words")
    return formulas


def observe(network: Network, alphabet: Integers, length: int, seed: int) -> Behaviour:
    """Return what the network does on words of `length` over the alphabet: all of them if few, else random ones."""
    rng = np.random.default_rng(seed)
    shape = (OBSERVED_WORDS, length, alphabet.width)
    if alphabet.count**length <= MOST_WORDS:
        letters = list(itertools.product(alphabet.symbols(), repeat=length))
        words = rng.permutation(np.array(letters, dtype=np.int64).reshape(len(letters), *shape[1:]))
    else:
        words = rng.integers(alphabet.low, alphabet.high, shape, endpoint=True)
    checks = rng.integers(alphabet.low, alphabet.high, (CHECK_WORDS, *shape[1:]), endpoint=True)
    return Behaviour(words=words, outputs=network.run(words), check_words=checks, check_outputs=network.run(checks))


def derived_seed(seed: int, purpose: str) -> int:
    """Return a seed of its own for a purpose, so that no two draws of a run share their random numbers."""
    return int.from_bytes(hashlib.sha256(f"{seed} {purpose}".encode()).digest()[:6], "big")


def _form(formulas: Formulas) -> str:
    """Return `boolean` when connectives of truth values are used, else `symbolic`."""
    terms = [*formulas.outputs, *(state.update for state in formulas.states)]
    connectives = {"and", "or", "not", "^"}
    return "boolean" if any(connectives & set(term.heads()) for term in terms) else "symbolic"


class _Clock:
    """Wall seconds by stage."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress
        self._spent: dict[str, float] = {}
        self._stage, self._since = "", time.perf_counter()

    def enter(self, stage: str, what: str) -> None:
        self.seconds()
        self._stage = stage
        self._progress(f"{stage}: {what}")

    def seconds(self) -> dict[str, float]:
        now = time.perf_counter()
        if self._stage:
            self._spent[self._stage] = self._spent.get(self._stage, 0.0) + now - self._since
        self._since = now
        return dict(self._spent)
