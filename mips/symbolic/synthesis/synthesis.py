"""From what a network does to formulas: candidate state variables, and regression over them, simplest first."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mips.machines.mealy import MealyMachine
from mips.outcome import StageFailure
from mips.symbolic.regression.budget import QUICK, THOROUGH, Effort
from mips.symbolic.regression.columns import regress
from mips.symbolic.regression.enumeration import LARGEST
from mips.symbolic.synthesis.accumulators import (
    accumulators,
    cascades,
    last_inputs,
    run_lengths,
    symbol_counts,
    weighted_sums,
)
from mips.symbolic.synthesis.answer_variables import Observed, answers_of_machine, closed_groups, formulas_of, observed
from mips.symbolic.synthesis.behaviour import Behaviour, constants_of, disagreement, some_words
from mips.symbolic.synthesis.budget import BUDGET, SynthesisBudget
from mips.symbolic.synthesis.candidates import SearchReport, Tier
from mips.symbolic.synthesis.joint_labellings import joint_labellings, rows_needed
from mips.symbolic.synthesis.labelling import (
    Graph,
    Labelling,
    graph_of_machine,
    graph_of_words,
    labellings,
    tree_of_words,
)
from mips.symbolic.synthesis.linear import delayed
from mips.symbolic.synthesis.quotients import image_labellings, numberings
from mips.symbolic.terms.formulas import NEW, Formulas, StateVariable, input_names, output_names, pruned
from mips.symbolic.terms.simplification import simplified
from mips.symbolic.terms.term import variable

Numbers = NDArray[np.int64]

NOISE = 0.02  # share of a network's answers that may be overruled once nothing explains all of them


def synthesize(
    behaviour: Behaviour,
    machine: MealyMachine | None,
    *,
    noise: float = 0.0,
    brief: bool = False,
    budget: SynthesisBudget = BUDGET,
    tell: Callable[[SearchReport], None] = lambda report: None,
) -> Formulas:
    """Return the smallest formulas that give the network's answers to all observed words.

    A tier is a kind of state variables, and the tiers are searched in a fixed order. The search ends after the first
    tier with small formulas, or `budget.patience` tiers after the first with any. `noise` is the share of the network's
    answers that the formulas may contradict; where it is not 0, small formulas do not end the search, and the formulas
    that contradict the fewest answers are returned. `brief` searches past inputs and outputs, and the counters of the
    machine, and nothing else. `tell` is called once, with what was searched. Raises StageFailure("synthesized") when no
    tier has formulas.
    """
    patience = budget.noisy_patience if noise else budget.patience
    tiers: list[Tier] = []
    fitting: list[tuple[float, int, Formulas]] = []
    for kind, tier in _tiers(behaviour, machine, constants_of(behaviour, machine), noise, budget, brief=brief):
        count, before = 0, len(fitting)
        for formulas in tier:
            count += 1
            share = disagreement(formulas, behaviour)
            if share <= noise:
                fitting.append((round(share / budget.same_share), formulas.size, formulas))
        tiers.append(Tier(name=kind, tried=count, fitting=len(fitting) - before))
        patience -= bool(fitting)
        if fitting and (not patience or (not noise and min(size for _, size, _ in fitting) <= budget.small_size)):
            break
    fitting.sort(key=lambda entry: entry[:2])
    tell(
        SearchReport(
            tiers=tiers, fitting=[(round(steps * budget.same_share, 6), formulas) for steps, _, formulas in fitting]
        )
    )
    if fitting:
        return simplified(fitting[0][2])
    tried = sum(tier.tried for tier in tiers)
    states = f"a machine of {machine.size} states" if machine else "no finite machine"
    candidates = f"{tried} candidates failed on further words" if tried else "no candidate was found"
    largest = max(int(np.abs(part).max()) for part in (behaviour.words, behaviour.outputs))
    beyond = f"; numbers go up to {largest}, and terms are sought up to {LARGEST}" if largest > LARGEST else ""
    raise StageFailure("synthesized", f"no formula fits ({states}, {candidates}{beyond})")


def _tiers(
    behaviour: Behaviour,
    machine: MealyMachine | None,
    constants: list[int],
    noise: float,
    budget: SynthesisBudget,
    *,
    brief: bool,
) -> Iterator[tuple[str, Iterator[Formulas]]]:
    """Yield the kinds of state variables in the order in which they are tried, with the formulas over them."""
    quick, thorough = replace(QUICK, noise=noise), replace(THOROUGH, noise=noise)
    efforts = (quick, thorough)
    yield "past inputs and outputs", _from_histories(behaviour, constants, quick, budget)
    if machine is not None and brief:
        graph = graph_of_machine(machine)
        counters = image_labellings(machine, constants, budget, counters_only=True)
        yield "counters of the machine", _from_labellings(graph, counters, constants, quick, budget)
        return
    if machine is not None:
        graph = graph_of_machine(machine)  # exact, whatever was overruled to find it
        yield "numberings of the states", _from_numberings(graph, machine, constants, THOROUGH, budget)
        images = list(image_labellings(machine, constants, budget))
        yield "images of the machine", _from_labellings(graph, images, constants, THOROUGH, budget)
        seen = observed(graph, answers_of_machine(graph), images, budget)
        yield "what the machine would answer next", _from_probes(seen, constants, (QUICK,), budget)
        yield (
            "labels propagated through the machine",
            _from_labellings(
                graph,
                labellings(graph, constants, size=budget.machine_term_size, limit=budget.machine_terms, budget=budget),
                constants,
                THOROUGH,
                budget,
            ),
        )
        yield "what the machine would answer next, thoroughly", _from_probes(seen, constants, (QUICK, THOROUGH), budget)
    chosen = some_words(behaviour, budget.tree_transitions)
    words, outputs = behaviour.words[chosen], behaviour.outputs[chosen]
    graph = graph_of_words(words, outputs)
    few = len(graph.symbols) <= budget.tree_symbols
    if few:
        yield "letter counts", _from_counts(graph, constants, thorough, budget)
    if behaviour.answers is not None and words.shape[1] > 1:
        seen = _observed_in_words(words, outputs, behaviour.answers[chosen], constants, budget)
        yield "what the network would answer next", _from_probes(seen, constants, efforts[:1], budget)
    yield "past inputs and outputs, thoroughly", _from_histories(behaviour, constants, thorough, budget)
    if few:
        folds = accumulators(graph, constants, budget)
        sums = [one for one in folds if one.variables[-1].update.head == "+"]
        pool = [*weighted_sums(graph), *folds, *cascades(graph, sums)]
        yield "pairs of sums, extremes and run lengths", _from_pairs(graph, pool, thorough)
        yield "sums, extremes and run lengths", _from_labellings(graph, pool, constants, thorough, budget)
        yield (
            "labels propagated through words",
            _from_labellings(
                graph,
                labellings(graph, constants, size=budget.word_term_size, limit=budget.word_terms, budget=budget),
                constants,
                thorough,
                budget,
            ),
        )
    if behaviour.answers is not None and words.shape[1] > 1:
        yield "what the network would answer next, thoroughly", _from_probes(seen, constants, efforts, budget)


def _observed_in_words(
    words: Numbers, outputs: Numbers, answers: Numbers, constants: list[int], budget: SynthesisBudget
) -> Observed:
    """Return what would be answered after each prefix of words but the whole ones, and numbers that inputs add up to.

    `answers` (count, length, probes) are those after 0, 1, ... symbols.
    """
    graph, numbers = tree_of_words(words[:, :-1], outputs[:, :-1])
    by_node = np.zeros((graph.nodes, answers.shape[2]), dtype=np.int64)
    for t, at in enumerate(numbers):
        by_node[at] = answers[:, t]
    pool = run_lengths(graph, last_inputs(graph), budget)
    pool += cascades(graph, pool)
    if len(graph.symbols) <= budget.tree_symbols:
        pool += accumulators(graph, constants, budget)
    return observed(graph, by_node, pool, budget)


def _from_histories(
    behaviour: Behaviour, constants: list[int], effort: Effort, budget: SynthesisBudget = BUDGET
) -> Iterator[Formulas]:
    """Yield formulas whose state variables are the last inputs and the last outputs.

    The terms are found on the time steps that look back on real inputs and outputs alone; only then is it asked what
    was before the start.
    """
    names = input_names(behaviour.width), output_names(behaviour.outputs.shape[2])
    values = behaviour.words, behaviour.outputs
    length = behaviour.words.shape[1]
    before = [
        tuple(dict.fromkeys((*few, int(part.max()), int(part.min()))))
        for part, few in zip(values, ((0,), (0, 1)), strict=True)
    ]
    for lags in budget.histories:
        since = max(lags)
        if since >= length:
            continue
        columns = {name: behaviour.words[:, since:, i].ravel() for i, name in enumerate(names[0])}
        for part, own, most in zip(values, names, lags, strict=True):
            for i, lag in itertools.product(range(len(own)), range(1, most + 1)):
                columns[delayed(own[i], lag)] = part[:, since - lag : length - lag, i].ravel()
        targets = [behaviour.outputs[:, since:, i].ravel() for i in range(len(names[1]))]
        terms = regress(columns, targets, constants, effort)
        if terms is None:
            continue
        for starts in itertools.product(*(some if lag else (0,) for some, lag in zip(before, lags, strict=True))):
            states = [
                StateVariable(
                    name=delayed(name, lag), start=start, update=variable(delayed(name, lag - 1) if lag > 1 else name)
                )
                for own, most, start in zip(names, lags, starts, strict=True)
                for name, lag in itertools.product(own, range(1, most + 1))
            ]
            formulas = pruned(Formulas(width=behaviour.width, states=tuple(states), outputs=tuple(terms)))
            if disagreement(formulas, behaviour) <= effort.noise:
                yield formulas
                break


def _from_numberings(
    graph: Graph, machine: MealyMachine, constants: list[int], effort: Effort, budget: SynthesisBudget = BUDGET
) -> Iterator[Formulas]:
    """Yield formulas of a machine of few states, the states numbered in every way."""
    if machine.size > budget.numbered_states:
        return
    orders = ((0, *rest) for rest in itertools.permutations(range(1, machine.size)))
    for labelling in numberings(graph, "s", constants, effort, orders):
        yield from _with_outputs(graph, [labelling], constants, effort)


def _from_labellings(
    graph: Graph, found: Iterable[Labelling], constants: list[int], effort: Effort, budget: SynthesisBudget = BUDGET
) -> Iterator[Formulas]:
    """Yield formulas over the labellings that determine the outputs: alone, else in groups of up to four."""
    pool = list(itertools.islice(found, budget.pool))
    alone = [(count, one) for one in pool if (count := rows_needed(graph, [one], effort.noise, budget)) is not None]
    alone.sort(key=lambda entry: (entry[0], entry[1].size))
    groups = itertools.chain(
        ([one] for _, one in alone[: budget.groups]), joint_labellings(graph, pool, effort.noise, budget)
    )
    for group in itertools.islice(groups, 2 * budget.groups):
        results = list(_with_outputs(graph, group, constants, effort))
        yield from results
        if results:
            return


def _from_counts(
    graph: Graph, constants: list[int], effort: Effort, budget: SynthesisBudget = BUDGET
) -> Iterator[Formulas]:
    """Yield formulas over how often each symbol came (the Parikh vector), when that determines the outputs."""
    group = symbol_counts(graph)
    if group and rows_needed(graph, group, effort.noise, budget) is not None:
        yield from _with_outputs(graph, group, constants, effort)


def _from_pairs(graph: Graph, pool: Sequence[Labelling], effort: Effort) -> Iterator[Formulas]:
    """Yield formulas whose output is one operator applied to two labellings out of all: too many to try in turn."""
    columns = {**graph.inputs(), **{one.name + NEW: one.labels[graph.target] for one in pool}}
    terms = regress(columns, list(graph.outputs.T), (), replace(effort, size=3, form_size=0, branches=0))
    if terms is not None:
        states = tuple({state.name: state for one in pool for state in one.variables}.values())
        yield pruned(Formulas(width=graph.symbols.shape[1], states=states, outputs=tuple(terms)))


def _with_outputs(graph: Graph, group: Sequence[Labelling], constants: list[int], effort: Effort) -> Iterator[Formulas]:
    """Yield formulas with outputs over the new values of the state variables, and over their old values."""
    width = graph.symbols.shape[1]
    for mark, place in ((NEW, graph.target), ("", graph.source)):
        columns = {**graph.inputs(), **{one.name + mark: one.labels[place] for one in group}}
        terms = regress(columns, list(graph.outputs.T), constants, effort)
        if terms is not None:
            states = tuple({state.name: state for one in group for state in one.variables}.values())
            yield pruned(Formulas(width=width, states=states, outputs=tuple(terms)))


def _from_probes(
    seen: Observed, constants: list[int], efforts: Sequence[Effort], budget: SynthesisBudget = BUDGET
) -> Iterator[Formulas]:
    """Yield formulas over what would be answered next, each update and output found with the least effort that does."""
    groups = itertools.islice(closed_groups(seen, efforts[-1].noise, budget), budget.groups // len(efforts))
    found = (formulas_of(seen.graph, group, constants, efforts) for group in groups)
    yield from (pruned(formulas) for formulas in found if formulas is not None)
