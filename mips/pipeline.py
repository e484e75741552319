"""The pipeline, one line a stage: task, dataset, network, machine, formulas, program, verdict."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mips.distillation.arguments import check_method
from mips.distillation.distil import METHODS
from mips.distillation.distil import distil as distil  # users import it from here, too
from mips.distillation.distilled import Distilled
from mips.judging.explanation import cause, origin
from mips.judging.judge import judge, judge_machine
from mips.judging.questions import BINDING, Effort
from mips.networks.encoding import decoded, encoded, reading
from mips.networks.projection import projected_states
from mips.networks.storage import StoredNetwork, to_files
from mips.outcome import Event, Outcome, StageFailure, Tell, tell_nobody
from mips.symbolic.synthesis.synthesis import NOISE
from mips.tasks.alphabets import is_named, symbol_of
from mips.tasks.arguments import check_seed, check_task
from mips.tasks.dataset import Dataset, covering, sample
from mips.tasks.rehearsal import SUSPECTED, rehearse, suspect
from mips.tasks.seeds import derived_seed
from mips.tasks.task import Task
from mips.training.report import training_facts, training_json
from mips.training.search import Mistake, Trained, train


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
    note: Callable[[Outcome], None] = lambda outcome: None,
    tell: Tell = tell_nobody,
    budget: PipelineBudget = BUDGET,
) -> Outcome:
    """Train, distil, synthesize and judge `task` once.

    `progress` gets one line whenever something begins, and `tell` the event that the line was made of, with its stage.

    The reference is called by `rehearse` and `sample`, before training, and by the judge, at the very end; between the
    two lie the network, the alphabet and the length of the training sequences. Where a network has not learnt the task
    and all has failed, `suspect` looks whether it could be learnt at all. Where the task is unsolved, the judge is also
    asked about the finite machine of the network; its word goes into `machine` and changes nothing. Training alone
    takes place on `device`. `method` is one of METHODS. `note` gets how good the best network is while training goes
    on, and what is known when it has ended, so that a network is not lost should the attempt be ended from outside.
    `budget` is for tests: a smaller one is quicker, and less sure.

    Raises ValueError when there is no such method, and TaskError when the task is wrong.
    """
    check_task(task)
    check_seed(seed)
    check_method(method, METHODS)
    journal = _Journal(progress, note, tell)
    try:
        data, fresh = _examples(task, seed, journal, budget)
        trained = _trained(data, fresh, task, seed, device, journal)
        distilled = _distilled(trained, task, seed, method, journal, budget)
        _judged(distilled, trained, task, seed, journal, budget)
    except StageFailure as failure:
        return _unsolved(failure, task, seed, journal, budget)
    return journal.outcome(status="solved", stage="verified")


def _examples(task: Task, seed: int, tell: Tell, budget: PipelineBudget) -> tuple[Dataset, Dataset]:
    """Return the examples to train on and fresh ones to measure with, once the reference has been tried."""
    tell(Event(stage="trained", text="drawing data"))
    rehearse(task, seed)
    fresh = sample(task, count=budget.fresh_words, seed=derived_seed(seed, "fresh"))
    return training_data(task, seed, budget), fresh


def _trained(data: Dataset, fresh: Dataset, task: Task, seed: int, device: str, tell: Tell) -> Trained:
    """Return the best network that training finds, and tell its facts and files."""
    trained = train(
        _as_read(data, task),
        _as_read(fresh, task),
        seed=seed,
        device=device,
        progress=lambda line: tell(Event(stage="trained", text=line)),
        seen=lambda hidden, share: tell(Event(facts={"hidden_size": hidden, "network_accuracy": share})),
    )
    trained = _spelled(trained, task)
    known = Event(
        facts=training_facts(trained), files={"training.json": training_json(trained, name=task.name, seed=seed)}
    )
    about = {"task": task.name, "seed": seed, "accuracy": trained.accuracy}
    try:
        stored = StoredNetwork(network=trained.network, inputs=task.inputs, length=task.length, about=about)
    except ValueError as error:  # weights that are no numbers
        tell(known)
        raise StageFailure("trained", f"the network cannot be kept: {error}") from error
    picture = projected_states(reading(trained.network, task.inputs), task.inputs, task.length, seed=seed)
    tell(replace(known, files={**known.files, **to_files(stored), "hidden_states.json": picture}))
    return trained


def _as_read(data: Dataset, task: Task) -> Dataset:
    """Return examples with what networks read in the place of symbols."""
    return replace(data, inputs=encoded(task.inputs, data.inputs))


def _spelled(trained: Trained, task: Task) -> Trained:
    """Return what training found with its mistake told in the task's own symbols and names."""
    mistake, names = trained.mistake, task.outputs.names if task.outputs is not None else ()
    if mistake is None or not (names or is_named(task.inputs)):
        return trained
    inputs = decoded(task.inputs, np.array(mistake.inputs)).tolist()

    def named(answers: Sequence[tuple[Any, ...]]) -> tuple[tuple[Any, ...], ...]:
        return tuple(tuple(names[y] if 0 <= y < len(names) else y for y in answer) for answer in answers)

    symbols = tuple(symbol_of(task.inputs, numbers) for numbers in inputs)
    spelled = Mistake(
        inputs=tuple(symbol if isinstance(symbol, tuple) else (symbol,) for symbol in symbols),
        expected=named(mistake.expected) if names else mistake.expected,
        actual=named(mistake.actual) if names else mistake.actual,
    )
    return replace(trained, mistake=spelled)


def _named_machines(tell: Tell, task: Task) -> Tell:
    """Return a listener that gives `machine.json` the names of symbols and outputs beside their numbers."""
    if task.outputs is None and not is_named(task.inputs):
        return tell

    def told(event: Event) -> None:
        if machine := event.files.get("machine.json"):
            facts = json.loads(machine)
            if is_named(task.inputs):
                facts["names"] = [symbol_of(task.inputs, symbol) for symbol in facts["symbols"]]
            if task.outputs is not None:
                facts["output_names"] = task.outputs.names
            event = replace(event, files={**event.files, "machine.json": json.dumps(facts).encode()})
        tell(event)

    return told


def _distilled(trained: Trained, task: Task, seed: int, method: str, tell: Tell, budget: PipelineBudget) -> Distilled:
    """Return the formulas of the network, of which nothing but its inputs and their length is told."""
    distilled = distil(
        trained.network,
        task.inputs,
        task.length,
        outputs=task.outputs,
        seed=seed,
        method=method,
        noise=doubt(trained.accuracy, budget),
        rounded=True,
        machines=False,
        tell=_named_machines(tell, task),
    )
    tell(Event(facts={"form": distilled.form}))
    return distilled


def _judged(distilled: Distilled, trained: Trained, task: Task, seed: int, tell: Tell, budget: PipelineBudget) -> None:
    """Ask the judge about the program, and tell what it found. Raises StageFailure where the program is not right."""
    tell(Event(stage="verified", text="the judge compares program and reference"))
    verdict = judge(distilled.program, task, **_asked(task, seed, budget))
    about = origin(task.name, seed, trained.network.hidden_size, trained.accuracy, verdict)
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


def _unsolved(failure: StageFailure, task: Task, seed: int, journal: _Journal, budget: PipelineBudget) -> Outcome:
    """Return the outcome of an attempt that ended with a failure, and what the judge says of the network's machine."""
    accuracy = journal.facts.get("network_accuracy")
    if accuracy is not None and accuracy < 1:
        suspect(task, seed, budget.suspected)
    compared = ""
    if failure.machine is not None:
        journal(Event(stage="verified", text="the judge compares the finite machine and the reference"))
        compared = judge_machine(failure.machine, task, **_asked(task, seed, budget))
        journal(Event(facts={"machine": compared}))
    stage, reason = cause(failure, accuracy, compared, tolerated=NOISE)
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
