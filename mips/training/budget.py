"""The tuned numbers of training in one record, each with what it is for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingBudget:
    """The tuned numbers of training.

    A share is one of right answers, unless the comment says what it is a share of. "By hand" marks numbers that were
    chosen while the benchmark was developed and are not derived from anything.
    """

    # Which words measure, and which are trained on.
    closed_form_words: int = 2000  # many times the unknowns of a linear recurrence, so a wrong fit leaves a residual
    held_out_words: int = 20_000  # a network that errs on one word in 10,000 is found out with a probability of 0.86
    first_look_words: int = 500  # of them, that every network of a plan answers; the others answer only promising ones
    alphabet_words: int = 2000  # whose different symbols are counted, for the first length; a very rare symbol may lack
    least_words: int = 256  # that must remain for the optimisers: two batches of Adam

    # What becomes of the networks of a plan.
    finalists: int = 4  # networks that are finished, the best first; by hand: each costs seconds
    settled_error: float = 0.4  # of the tolerance: below it a perfect network is not finished; by hand, below one half
    finish_from_share: float = 0.97  # below it a network is not worth finishing; by hand
    glimpsed_share: float = 0.9999  # the most that is said after a look at few words: only all words tell a perfect one
    most_finished_parameters: int = 1500  # the normal equations of larger networks take too long (cubic in this number)
    repeat_from_share: float = 0.9  # from here on a population came near, and other random numbers are tried; by hand

    # Evolution: rounds of Levenberg-Marquardt steps, after each of which the worse half is dropped.
    iterations: int = 15  # steps of a round; by hand: enough to tell networks apart, few to waste on the worse half
    round_words: int = 150  # of a round while there are many networks, which share the time
    most_round_words: int = 600  # of a round for the last survivors, which have the time of all
    answers_per_parameter: int = 3  # of a round; with fewer answers a network learns the words by heart
    first_length_words: int = 100  # different words that the first length has at least, for the same reason
    first_length: int = 4  # at least; by hand: shorter words hardly ask for a state
    kink_spread: float = (
        1.2  # of half the inputs' range, where the first kinks of units are: all of it, and just beyond
    )
    learnt_loss: float = 1e-8  # mean squared error below which only rounding is left, and longer words are due
    patience: int = 3  # rounds of few networks without a gain that end the search; by hand
    least_gain: float = 0.005  # that counts as a gain: 1.5 of the words that rank
    ranking_words: int = 300  # of the full length, that rank the networks after a round; few, as all answer them

    # Finishing: more steps of one network, on random words and on those that it finds hardest.
    finishing_rounds: int = 40  # at most; by hand
    finishing_iterations: int = 10  # steps of a round, after which the hardest words are looked for again; by hand
    finishing_patience: int = 8  # rounds without a gain that end it; by hand
    finishing_gain: float = 0.9  # factor of the largest error that counts as a gain; by hand
    finishing_words: int = 400  # of a round at least; by hand
    finishing_answers_per_parameter: int = 24  # eight times those of evolution: nothing may be learnt by heart now
    hard_share: float = 0.8  # of a round's words are hard ones; the rest are random, so that what is right stays right
    newly_hard_share: float = 0.25  # of a round's words are those found hardest after the round before; by hand
    final_error: float = 0.25  # of the tolerance, that ends it: fresh words err more than known ones

    # Adam, on larger networks.
    adam_first_length: int = 3  # sequences start this short and grow, since long ones hardly train an unused state
    adam_ready_share: float = 0.98  # of the best network, from which the sequences are lengthened; by hand
    adam_patience: int = 1000  # steps after which they are lengthened anyway; by hand
    adam_check_steps: int = 50  # between looks at the share, so that looking costs little beside the steps
    adam_warm_up_steps: int = 100  # of a rising rate: about the memory of the second moments, 1 / (1 - 0.99)
    adam_momentum: float = 0.9  # as in the paper of Adam
    adam_memory: float = 0.99  # below the usual 0.999, which remembers as many steps as a whole training has
    adam_full_length_by: float = 0.4  # of the steps: a plan whose sequences are not full by then is given up; by hand


BUDGET = TrainingBudget()
