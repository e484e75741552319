"""How far a regression looks for a term: the effort of a call, and the tuned numbers in one record."""

from __future__ import annotations

from dataclasses import dataclass

LINEAR, BOOLEAN, SYMBOLIC = "linear regression", "Boolean regression", "symbolic regression"
FAMILIES = frozenset({LINEAR, BOOLEAN, SYMBOLIC})


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionBudget:
    """The tuned numbers of regression.

    "By hand" marks numbers that were chosen while the benchmark was developed and are not derived from anything.
    """

    # Terms enumerated by size.
    searched_rows: int = 64  # that an enumeration compares on; a term that fails on another row sends that row in
    repairs: int = 6  # how often it may; by hand
    most_variables: int = 12  # beyond them only small terms are enumerated; by hand
    largest_term: int = 48  # nodes beyond which a normal form explains nothing to anybody

    # Terms of one linear form.
    coefficients: tuple[int, ...] = (1, -1, 2, -2)  # of a form; by hand: larger ones are those of affine terms
    free_variables: int = 4  # up to so many have any of the coefficients: 625 vectors
    signed_variables: int = 6  # up to so many have one of -1, 0 and 1: 729 vectors; more have 1 alone
    clashes: int = 500  # pairs of rows that a form must tell apart before it is looked at closely
    forms: int = 8  # that are looked at closely; by hand: each costs an enumeration

    # Minima and maxima.
    order_size: int = 11  # nodes: the median of three has 9

    # Affine forms.
    subset_variables: int = 10  # up to so many a form is sought in every subset of them, else in all at once
    fit_rows: int = 400  # that determine the coefficients; all rows have to confirm them
    largest_denominator: int = 12  # by hand
    largest_modulus: int = 256  # by hand
    unseen_remainders: int = 4  # above the largest value, that need not have occurred; by hand
    modulo_rows: int = 2000  # different rows that an elimination looks at

    # Boolean normal forms.
    boolean_variables: int = 8  # a table of more has too many prime implicants
    product_variables: int = 3  # in one product of an exclusive-or form; by hand
    monomials: int = 12  # of an exclusive-or form; one with more explains nothing to anybody
    free_coefficients: int = 10  # left free by the rows, up to which all their values are tried: 1,024
    cover_branches: int = 20_000  # beyond them the best cover found so far is taken, which may not be minimal

    # Conditions, decision lists and membership.
    listed_rows: int = 256  # that conditions and decision lists are made from
    joined_conditions: int = 4  # by `and`, or by `or`; by hand
    weighed_pairs: int = 1000  # of conditions, that are tried as a term
    longest_set: int = 8  # constants in a membership test; more are a table


BUDGET = RegressionBudget()


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How far to look: the size of terms enumerated over all variables and over one linear form, terms a size, and
    the number of branches of a decision list, and the share of observations that may be overruled.

    `families` are those of FAMILIES that are looked at all: Boolean normal forms; linear forms, and terms of one; and
    symbolic ones, all others.
    """

    size: int
    form_size: int
    limit: int
    branches: int
    noise: float = 0.0
    families: frozenset[str] = FAMILIES
    budget: RegressionBudget = BUDGET


QUICK = Effort(size=4, form_size=5, limit=20_000, branches=0)
THOROUGH = Effort(size=6, form_size=7, limit=120_000, branches=4)
