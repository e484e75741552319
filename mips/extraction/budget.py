"""The tuned numbers of extraction in one record, each with what it is for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionBudget:
    """How much is asked of a network to find its machine.

    "By hand" marks numbers that were chosen while the benchmark was developed and are not derived from anything.
    """

    # The machine of all answers (`mips.extraction.extraction`).
    most_states: int = 256  # more make no short program, and the machine of a counter grows until it is stopped
    most_transitions: int = 20_000  # states times symbols, each of which is one forward step for every suffix
    rounds: int = 40  # of refinement: each finds a state, a class or a suffix more; by hand
    test_words: int = 2_000  # a machine that errs on one word in 400 is found out with a probability of 0.99
    planned_words: int = 150  # of each kind, thrice as many through all states: half as many as random ones
    class_words: int = 4  # whose beginnings come before the symbols that are compared at first; more come when needed
    class_suffixes: int = 8  # single symbols that come after them at first; likewise

    # The machine of the majority (`mips.extraction.majority`).
    grouped_words: int = 400  # whose hidden states are grouped; by hand: ten steps of each make 4,000 rows
    few_odd: float = 0.005  # share of overruled answers up to which fewer words show every group; by hand
    few_grouped_words: int = 100  # the words then; by hand
    suffixes: int = 120  # columns of a row: a column with a wrong answer must weigh little; by hand
    longest_suffix: int = 3  # symbols; by hand: a longer one has more wrong answers, as its states are further away
    most_groups: int = 64  # below `most_states`, since every group needs some members to vote
    voters: int = 40  # members of a group that vote on a transition; by hand
    split_deviations: float = 5.0  # more standard deviations of wrong answers than this split a group: one in 3 million
    split_least: int = 3  # and more than so many members, since a deviation of few members is below one
    settling_rounds: int = 4  # of joining the nearest group after a split; by hand
    most_joined: int = 200  # pairs of groups, the nearest ones, that are tried as one; each costs a run of the table


BUDGET = ExtractionBudget()
