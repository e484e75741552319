"""The tuned numbers of the synthesis of formulas in one record, each with what it is for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisBudget:
    """How many state variables are proposed, and how long formulas over them are sought.

    How much a single regression does is an `Effort` (`mips.symbolic.regression.budget`). "By hand" marks numbers that
    were chosen while the benchmark was developed and are not derived from anything.
    """

    # Which tiers of state variables are tried.
    small_size: int = 16  # nodes of formulas that end the search; by hand
    patience: int = 3  # tiers, from the first with formulas, that are looked at while none are small; by hand
    noisy_patience: int = 7  # the same where answers may be overruled: what explains a few more of them may come late
    same_share: float = 0.001  # shares of overruled answers that differ by less are the same: five answers in 5,000
    histories: tuple[tuple[int, int], ...] = (  # lags of inputs and of outputs, the fewest state variables first
        *((0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (0, 2)),
        *((3, 0), (4, 0), (5, 0)),
    )
    tree_transitions: int = 2_000  # about as many has the prefix tree of the words: each is a row of a regression
    tree_symbols: int = 16  # an alphabet with more has too few words in such a tree that share a beginning

    # Labellings: numbers for the states of a machine or the nodes of a tree.
    pool: int = 600  # labellings that are combined: a matrix of all pairs of so many takes 1.4 MB
    groups: int = 10  # of them, the most promising, whose outputs are regressed; by hand: each costs a regression
    machine_term_size: int = 7  # nodes of update terms that label a machine, which has few transitions
    machine_terms: int = 60_000  # of each size, at most
    word_term_size: int = 5  # nodes of update terms that label a tree, which has many
    word_terms: int = 20_000  # of each size, at most
    sieve_symbols: int = 5  # whose transitions sieve update terms: few, as survivors face the whole alphabet

    # Groups of labellings that determine the outputs together.
    drawn_pairs: int = 60_000  # of transitions; those that clash are few of them
    clashing_pairs: int = 6_000  # of them that a group must tell apart; by hand
    scored_groups: int = 200  # whose distinct rows are counted, which takes a look at all transitions
    most_rows: float = 0.7  # distinct rows, as a share of a tree's transitions: more write words down; by hand

    # Sums, extremes and run lengths.
    run_symbols: int = 5  # that a run may be one of: each adds four labellings
    fold_term_size: int = 5  # nodes of the terms that are summed up or compared; by hand
    fold_terms: int = 60  # of them, those with the smallest values first; by hand

    # Images of a machine.
    images: int = 40  # congruences, the fewest blocks first; by hand
    numbered_states: int = 4  # up to so many states are numbered in every way: 24 ways, and 120 of one more
    image_term_size: int = 6  # nodes of update terms that label an image
    image_terms: int = 20_000  # of each size, at most
    image_labellings: int = 3  # of each image, the preferred updates first; by hand
    largest_modulus: int = 32  # of a counter: for each factor and divisor a system of equations is solved

    # What would be answered next.
    answer_clashes: int = 1_500  # pairs of transitions to tell apart, for each number that must be determined; by hand
    answer_variables: int = 4  # of a group, at most; by hand: a program with more explains little
    exhaustive_group: int = 2  # groups of so many functions are all tried; larger ones grow by the most telling
    branches: int = 6  # functions that are tried to tell what a group does not tell yet; by hand
    answer_groups: int = 100  # of each size; each takes a look at all transitions
    functions: int = 150  # the simplest: the groups of two are the square of it


BUDGET = SynthesisBudget()
