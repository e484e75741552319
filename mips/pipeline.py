"""The pipeline, one line a stage: task, dataset, network, machine, formulas, program, verdict."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mips.distillation.arguments import check_arguments, check_method, check_takes
from mips.distillation.distil import METHODS
from mips.distillation.distil import distil as distil  # users import it from here, too
from mips.distillation.distilled import Distilled
from mips.judging.explanation import cause, origin
from mips.judging.judge import judge, judge_machine
from mips.judging.questions import BINDING, Effort
from mips.networks.checked import Checked
from mips.networks.encoding import encoded, reading
from mips.networks.foreign.folder import read_network
from mips.networks.network import Network
from mips.networks.projection import projected_states
from mips.networks.recurrent import Recurrent, fitted, flattened
from mips.networks.storage import StoredNetwork, to_files
from mips.outcome import Event, Outcome, StageFailure, Tell, tell_nobody
from mips.symbolic.synthesis.synthesis import NOISE
from mips.tasks.arguments import check_seed, check_task
from mips.tasks.dataset import Dataset, covering, sample
from mips.tasks.rehearsal import SUSPECTED, rehearse, suspect
from mips.tasks.seeds import derived_seed
from mips.tasks.task import Task
from mips.training.report import network_facts, spelled, training_facts, training_json
from mips.training.search import measure, train


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineBudget:
    """The tuned numbers of the pipeline. "By hand" marks those that are not derived from anything."""

    training_words: int = 160_000  # that training chooses from; by hand
    monotonous: float = 0.25  # share of them that keep to few symbols, as counters need; by hand
    fresh_words: int = 100_000  # that measure the network: one that errs on one in 20,000 is found out with 0.99
    doubt: float = 5.0  # times the share of wrong answers on fresh words may be overruled; by hand
    least_doubt: float = 0.002  # share that may be overruled once the network is known to err at all; by hand
    judge_seconds: float = 120.0  # for a task of ten steps of one number; the time of the tests grows with the words
    judging: Effort = BINDING  # what the judge asks
    suspected: int = SUSPECTED  # symbols that a task which no network learnt is run on twice


BUDGET = PipelineBudget()


def solve(
    task: Task,
    *,
    seed: int = 0,
    progress: Callable[[str], None] = lambda line: None,
    device: str = "cpu",
    method: str = "full",
    network: Recurrent | StoredNetwork | str | os.PathLike[str] | None = None,
    note: Callable[[Outcome], None] = lambda outcome: None,
    tell: Tell = tell_nobody,
    budget: PipelineBudget = BUDGET,
) -> Outcome:
    """Train, distil, synthesize and judge `task` once.

    Where a `network` is given, nothing is trained: it is a `mips.Network`, any other `mips.Recurrent`, what `mips.load`
    returns, or a folder with such a network, an ONNX file, or weights with a `network.json` (docs/library.md). Of a
    stored network the inputs and the length are not used, as the task has its own. How good it is on fresh words is
    measured as of a trained one.

    `progress` gets one line whenever something begins, and `tell` the event that the line was made of, with its stage.

    The reference is called by `rehearse` and `sample`, before training, and by the judge, at the very end; between the
    two lie the network, the alphabet and the length of the training sequences. Where a network has not learnt the task
    and all has failed, `suspect` looks whether it could be learnt at all. Where the task is unsolved, the judge is also
    asked about the finite machine of the network; its word goes into `machine` and changes nothing. Training alone
    takes place on `device`. `method` is one of METHODS. `note` gets how good the best network is while training goes
    on, and what is known when it has ended, so that a network is not lost should the attempt be ended from outside.
    `budget` is for tests: a smaller one is quicker, and less sure.

    Raises ValueError when there is no such method, TaskError when the task is wrong, and ValueError or TypeError, with
    one line, for a network that cannot be read, that does not fit the task, or that the method cannot take.
    """
    check_task(task)
    check_seed(seed)
    check_method(method, METHODS)
    given = None if network is None else _taken_in(network, task, seed, method)
    journal = _Journal(progress, note, tell)
    try:
        journal(Event(stage="trained", text="drawing data"))
        rehearse(task, seed)
        fresh = sample(task, count=budget.fresh_words, seed=derived_seed(seed, "fresh"))
        if given is None:
            learnt = _trained(training_data(task, seed, budget), fresh, task, seed, device, journal)
        else:
            learnt = _given(given, fresh, task, seed, journal)
        distilled = _distilled(learnt, task, seed, method, journal, budget)
        _judged(distilled, learnt, task, seed, journal, budget)
    except StageFailure as failure:
        return _unsolved(failure, task, seed, journal, budget, was_given=given is not None)
    return journal.outcome(status="solved", stage="verified")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learnt:
    """A network, the size of its hidden state, and its share of right answers to fresh words."""

    network: Recurrent
    hidden_size: int
    accuracy: float


def _taken_in(
    network: Recurrent | StoredNetwork | str | os.PathLike[str], task: Task, seed: int, method: str
) -> Recurrent:
    """Return the network that was given, or that a folder holds, ready for words of the task."""
    found = read_network(Path(network), outputs=task.outputs) if isinstance(network, str | os.PathLike) else network
    if isinstance(found, StoredNetwork):
        found = found.network
    check_arguments(found, task.inputs, task.length, seed, None)
    if isinstance(found, Network):
        return found
    check_takes(found, method)
    names = task.outputs.names if task.outputs else ()
    return Checked(network=fitted(found, task.inputs, task.length), names=names)


def _trained(data: Dataset, fresh: Dataset, task: Task, seed: int, device: str, tell: Tell) -> _Learnt:
    """Return the best network that training finds, and tell its facts and files."""
    trained = train(
        replace(data, inputs=encoded(task.inputs, data.inputs)),
        replace(fresh, inputs=encoded(task.inputs, fresh.inputs)),
        seed=seed,
        device=device,
        progress=lambda line: tell(Event(stage="trained", text=line)),
        seen=lambda hidden, share: tell(Event(facts={"hidden_size": hidden, "network_accuracy": share})),
    )
    trained = replace(trained, mistake=spelled(trained.mistake, task.inputs, task.outputs))
    files = {"training.json": training_json(trained, name=task.name, seed=seed)}
    learnt = _Learnt(network=trained.network, hidden_size=trained.network.hidden_size, accuracy=trained.accuracy)
    _tell_network(learnt, Event(facts=training_facts(trained), files=files), task, seed, tell)
    return learnt


def _given(network: Recurrent, fresh: Dataset, task: Task, seed: int, tell: Tell) -> _Learnt:
    """Return a network that is trained already, measured, and tell its facts. Raises ValueError if it does not fit."""
    tell(Event(stage="trained", text="network read from file: how good it is on fresh words"))
    read = reading(network, task.inputs) if isinstance(network, Network) else network
    after_one = read.step(read.start(1), fresh.inputs[:1, 0])
    outputs, expected = read.answer(after_one).shape[1], fresh.outputs.shape[2]
    if outputs != expected:
        raise ValueError(f"found a network that answers with {outputs} numbers; expected {expected}, as {task} does")
    share, mistake = measure(read, fresh)
    mistake = spelled(mistake, task.inputs, task.outputs)
    learnt = _Learnt(network=network, hidden_size=flattened(after_one).shape[1], accuracy=share)
    _tell_network(learnt, Event(facts=network_facts(network, learnt.hidden_size, share, mistake)), task, seed, tell)
    return learnt


def _tell_network(learnt: _Learnt, known: Event, task: Task, seed: int, tell: Tell) -> None:
    """Tell what is known, with the files of a network of our own and the picture of its hidden states."""
    network = learnt.network
    if not isinstance(network, Network) or network.initial.any():  # what is kept begins with zeros
        tell(known)
        return
    about = {"task": task.name, "seed": seed, "accuracy": learnt.accuracy}
    try:
        stored = StoredNetwork(network=network, inputs=task.inputs, length=task.length, about=about)
    except ValueError as error:  # weights that are no numbers
        tell(known)
        raise StageFailure("trained", f"the network cannot be kept: {error}") from error
    picture = projected_states(reading(network, task.inputs), task.inputs, task.length, seed=seed)
    tell(replace(known, files={**known.files, **to_files(stored), "hidden_states.json": picture}))


def _distilled(learnt: _Learnt, task: Task, seed: int, method: str, tell: Tell, budget: PipelineBudget) -> Distilled:
    """Return the formulas of the network, of which nothing but its inputs and their length is told."""
    distilled = distil(
        learnt.network,
        task.inputs,
        task.length,
        outputs=task.outputs,
        seed=seed,
        method=method,
        noise=doubt(learnt.accuracy, budget),
        rounded=True,
        machines=False,
        tell=tell,
    )
    tell(Event(facts={"form": distilled.form}))
    return distilled


def _judged(distilled: Distilled, learnt: _Learnt, task: Task, seed: int, tell: Tell, budget: PipelineBudget) -> None:
    """Ask the judge about the program, and tell what it found. Raises StageFailure where the program is not right."""
    tell(Event(stage="verified", text="the judge compares program and reference"))
    verdict = judge(distilled.program, task, **_asked(task, seed, budget))
    about = origin(task.name, seed, learnt.hidden_size, learnt.accuracy, verdict)
    counterexample = verdict.counterexample.to_json() if verdict.counterexample and not verdict.solved else None
    assert distilled.formulas is not None  # machines are no result here
    facts = {
        "program": distilled.written(about),
        "program_nodes": verdict.program_nodes,
        "program_accuracy": verdict.accuracy,
        "assurance": verdict.assurance,
        "solved_at_length": verdict.solved_at_length,
        "counterexample": counterexample,
    }
    tell(Event(facts=facts))
    if not verdict.solved:
        raise StageFailure("verified", verdict.reason, machine=distilled.machine)


def _unsolved(
    failure: StageFailure, task: Task, seed: int, journal: _Journal, budget: PipelineBudget, *, was_given: bool
) -> Outcome:
    """Return the outcome of an attempt that ended with a failure, and what the judge says of the network's machine."""
    accuracy = journal.facts.get("network_accuracy")
    if accuracy is not None and accuracy < 1:
        suspect(task, seed, budget.suspected)
    compared = ""
    if failure.machine is not None:
        journal(Event(stage="verified", text="the judge compares the finite machine and the reference"))
        compared = judge_machine(failure.machine, task, **_asked(task, seed, budget))
        journal(Event(facts={"machine": compared}))
    cure = {"cure": "give a network of this task"} if was_given else {}
    stage, reason = cause(failure, accuracy, compared, tolerated=NOISE, **cure)
    return journal.outcome(status="unsolved", stage=stage, reason=reason)


def _asked(task: Task, seed: int, budget: PipelineBudget) -> dict[str, Any]:
    """Return how the judge is asked, by the names of its arguments."""
    return {"seed": derived_seed(seed, "judge"), "seconds": judging_seconds(task, budget), "effort": budget.judging}


def training_data(task: Task, seed: int, budget: PipelineBudget = BUDGET) -> Dataset:
    """Return the examples that `task` is trained on under a root seed: all words are among them where they are few."""
    count, share = budget.training_words, budget.monotonous
    return covering(task, sample(task, count=count, seed=derived_seed(seed, "training"), monotonous=share))


def judging_seconds(task: Task, budget: PipelineBudget = BUDGET) -> float:
    """Return how long a program of `task` may take to be judged, in seconds; it grows with the length of the words."""
    return budget.judge_seconds * max(1.0, task.length * task.inputs.width / 10)


def doubt(accuracy: float, budget: PipelineBudget = BUDGET) -> float:
    """Return the share of a network's answers that may be overruled, given its share of right ones to fresh words."""
    return 0.0 if accuracy == 1 else min(NOISE, max(budget.least_doubt, budget.doubt * (1 - accuracy)))


class _Journal:
    """Takes events: it keeps facts, files and the wall seconds of each stage.

    Each event goes on to `tell`, and its line to `progress`. Whenever something becomes known of the network while it
    is trained, `note` gets the outcome so far.
    """

    def __init__(self, progress: Callable[[str], None], note: Callable[[Outcome], None], tell: Tell) -> None:
        self._progress, self._note, self._tell = progress, note, tell
        self.facts: dict[str, Any] = {}
        self._files: dict[str, bytes] = {}
        self._spent: dict[str, float] = {}
        self._stage, self._since = "", time.perf_counter()

    def __call__(self, event: Event) -> None:
        if event.stage and event.stage != self._stage:
            self._seconds()
            self._stage = event.stage
        self._tell(event)
        if event.line:
            self._progress(event.line)
        self.facts |= event.facts
        self._files |= event.files
        if self._stage == "trained" and (event.facts or event.files):
            self._note(self.outcome(status="unsolved", stage="trained"))

    def outcome(self, *, status: str, stage: str, reason: str = "") -> Outcome:
        """Return what is known by now as an outcome."""
        known = {**self.facts, "files": dict(self._files), "stage_seconds": self._seconds()}
        return Outcome(status=status, stage=stage, reason=reason, **known)

    def _seconds(self) -> dict[str, float]:
        now = time.perf_counter()
        if self._stage:
            self._spent[self._stage] = self._spent.get(self._stage, 0.0) + now - self._since
        self._since = now
        return dict(self._spent)
