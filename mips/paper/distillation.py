"""The method of arXiv 2402.05110, stage by stage: normalizers, an integer autoencoder, regression on its table.

What it does better than the authors' own programs: every normalizer is undone if an answer would change, lattices are
sought among all time steps and reduced, an autoencoder whose table contradicts itself is refused, rows that never
occurred are don't-cares, and formulas are held against the network on further words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from mips.distillation.derivation import Derivation
from mips.distillation.distilled import Distilled, form_of, observe
from mips.machines.mealy import MealyMachine
from mips.machines.minimum import smallest_finite
from mips.networks.network import Network
from mips.networks.trace import Trace, trace
from mips.outcome import Event, StageFailure, Tell, tell_nobody
from mips.paper.lattices.choice import BOOLEAN, KINDS, Choice, best_of, by_length
from mips.paper.lattices.formulas import table_formulas
from mips.paper.lattices.table import (
    TransitionTable,
    merged,
    named_by_output,
    ordered_by_answers,
    recoded,
    table_machine,
)
from mips.paper.normalizers.normalize import NORMALIZERS, normalize
from mips.symbolic.regression.budget import FAMILIES
from mips.symbolic.synthesis.behaviour import Behaviour, disagreement, overruled
from mips.symbolic.synthesis.candidates import SearchReport, Tier, text_of
from mips.symbolic.terms.formulas import Formulas
from mips.tasks.task import Integers

RAW = "raw network"
PARTS = frozenset({*NORMALIZERS, *KINDS, *FAMILIES, RAW})


@np.errstate(over="ignore", invalid="ignore")  # on words that were not observed, a network may leave all numbers
def distil(
    network: Network,
    alphabet: Integers,
    length: int,
    *,
    seed: int,
    noise: float | None = None,
    tell: Tell = tell_nobody,
    without: frozenset[str] = frozenset(),
) -> Distilled:
    """Return formulas that do what `network` does on words over `alphabet` up to `length`, by the paper's method.

    The autoencoders are those of the normalized network, or, where it has none of a kind, of the network as it was.
    They are tried in the order of the length of their codes, until there are formulas on the table of one; when that
    is none, once more with answers that are read before the round trip, where fewer codes may do. A Boolean
    one must have a step for every code and symbol: bits number the states of a finite machine, and no others.
    `noise` is the share of the network's answers that formulas may contradict, none where it is None. `without` names
    PARTS of the method that are left out. It tells the facts `normalizers` and `autoencoders`, what each did, the
    `autoencoder` that led to the formulas, and the `minimum` where the table is a finite machine, and gets
    `machine.json` and `derivation.json`, the steps taken, to keep. Raises StageFailure when the network leaves the
    integers, no autoencoder is of use or no formulas are found, with the machine that was kept; ValueError for an
    unknown part.
    """
    unknown = without - PARTS
    if unknown:
        raise ValueError(f"the method has no part {min(unknown)!r}; there are {', '.join(sorted(PARTS))}")
    tell(Event(stage="extracted", text="normalizers"))
    behaviour = observe(network, alphabet, length, seed)
    normalized = normalize(network, behaviour.words, behaviour.check_words, without=without & frozenset(NORMALIZERS))
    tell(Event(facts={"normalizers": [step.to_json() for step in normalized.steps]}))
    tell(Event(stage="extracted", text="integer autoencoders"))
    views = [(seen_as, trace(seen_as, behaviour.words)) for seen_as in (normalized.network, network)]
    views = views[:1] if RAW in without else views
    derivation = Derivation(tell)
    failures: list[str] = []
    machine: MealyMachine | None = None
    told: list[Choice] = []
    for before in (False, True):
        choices = [_choice(kind, views, before=before) for kind in KINDS if kind not in without]
        refused = [f"{one.assessment.kind}: {one.assessment.refused}" for one in choices if one.assessment.refused]
        useful = by_length(choices)
        if before:
            useful = [one for one in useful if one.assessment not in [other.assessment for other in told]]
        else:
            told, first_refused = choices, refused
        if useful or not before:
            tell(Event(facts={"autoencoders": [choice.assessment.to_json() for choice in choices]}))
            for one in choices:
                if one.assessment.refused:
                    derivation.took(one.assessment.kind, failed=one.assessment.refused)
        for choice in useful:
            kind, table = choice.assessment.kind, choice.table()
            if table.is_closed:
                machine = table_machine(table)
                tell(Event(facts={"minimum": smallest_finite(machine).to_json()}))
                tell(Event(files={"machine.json": machine.to_json().encode()}))
            elif kind == BOOLEAN:
                against = f"some steps of the {len(table.codes)} codes are unknown: no finite machine"
                derivation.took(kind, failed=against)
                failures.append(f"{kind}: {against}")
                continue
            tell(Event(stage="synthesized", text=f"formulas for a table of {len(table.rows)} rows, {kind}"))
            derivation.took(kind, codes=len(table.codes), rows=len(table.rows))
            try:
                formulas = _formulas(table, behaviour, alphabet, noise or 0.0, FAMILIES - without, derivation)
            except StageFailure as failure:
                failures.append(f"{kind}: {failure.reason}")
                continue
            derivation.took("formulas taken", size=formulas.size, formulas=text_of(formulas))
            answers = overruled(formulas, behaviour)
            tell(Event(facts={"autoencoder": kind, "overruled": answers.to_json()}))
            form = "linear" if _is_affine(formulas) else form_of(formulas)
            return Distilled(formulas=formulas, form=form, overruled=answers, machine=machine)
    if not failures:
        raise StageFailure("extracted", "; ".join(first_refused) or "no autoencoder is left to try")
    raise StageFailure("synthesized", "; ".join([*failures, *first_refused]), machine=machine)


def _choice(kind: str, views: Iterable[tuple[Network, Trace]], *, before: bool) -> Choice:
    """Return the best autoencoder of a kind: of the first of the networks that has a useful one, else that has one.

    The networks all answer alike. A basis with simpler weights may be one in which distances between states say less.
    """
    refused = []
    for network, seen in views:
        choice = best_of(kind, network, seen, before=before)
        if not choice.assessment.refused:
            return choice
        refused.append(choice)
    return next((choice for choice in refused if choice.coder is not None), refused[0])


def _formulas(
    table: TransitionTable,
    behaviour: Behaviour,
    alphabet: Integers,
    noise: float,
    families: frozenset[str],
    derivation: Derivation,
) -> Formulas:
    """Return the smallest formulas on one of the codings of a table that do what the network does on further words."""
    found: list[tuple[float, Formulas]] = []
    reasons = []
    for coded in _codings(table):
        try:
            formulas = table_formulas(coded, _constants(coded, alphabet), families)
        except StageFailure as failure:
            reasons.append(failure.reason)
            continue
        wrong = disagreement(formulas, behaviour)
        if wrong <= noise:
            found.append((wrong, formulas))
        else:
            reasons.append(f"the formulas are wrong on {wrong:.2%} of the answers to further words")
    found.sort(key=lambda entry: entry[1].size)
    tier = Tier(name="codings of the table", tried=len(found) + len(reasons), fitting=len(found))
    derivation.took("search for formulas", allowed=noise, **SearchReport(tiers=[tier], fitting=found).to_json())
    if not found:
        raise StageFailure("synthesized", reasons[0])
    return found[0][1]


def _codings(table: TransitionTable) -> Iterator[TransitionTable]:
    """Yield the table, then, if it is closed, its minimal machine, its states numbered in several ways, and in bits."""
    codings = [table]
    if table.is_closed:
        smaller = merged(table)
        width = (len(smaller.codes) - 1).bit_length()
        codings += [smaller, named_by_output(smaller), ordered_by_answers(smaller)]
        if width > 1:
            codings.append(recoded(smaller, lambda code: tuple(code[0] >> i & 1 for i in reversed(range(width)))))
    yield from dict.fromkeys(codings)


def _constants(table: TransitionTable, alphabet: Integers) -> list[int]:
    """Return the constants formulas may use: small ones, the ends of the ranges, the number of codes if it is small."""
    outputs = [number for row in table.rows for number in row.output]
    constants = [0, 1, 2, alphabet.high, alphabet.high + 1, min(0, alphabet.low)]
    if table.is_closed:
        constants += [len(table.codes), max(outputs), max(outputs) + 1]
    return list(dict.fromkeys(constants))


def _is_affine(formulas: Formulas) -> bool:
    """Whether the formulas only add, subtract and multiply by constants."""
    terms = [*formulas.outputs, *(state.update for state in formulas.states)]
    return all(term.is_affine for term in terms)
