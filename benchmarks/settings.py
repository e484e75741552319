"""The settings of the paper's training, as its authors made them public (github.com/ejmichaud/neural-verification).

- `scripts/rnn_architecture_search.py` and `scripts/rnn_train.py`: AdamW, learning rate 1e-3 from beginning to end,
  weight decay 0, PyTorch's own initial weights, float32, a look at the test set every 100 steps;
- `first_paper_final.yaml`: loss `log`, 4,096 sequences a step, 10,000 or 20,000 steps by task;
- `tasks/rnn_base_3_addition/args.yaml` and its neighbours: the arguments as they were used, the same.

The 900,000 training sequences are the paper's (arXiv 2402.05110, section 2). Their loop ends after the 10,000 or 20,000
steps and begins anew from another seed; here the one seed goes on, unless it is told to stop.

`LAYERS` are the networks that their search ended with, from `tasks/<task>/args.yaml`, for one task of each family.
"""

from typing import Final, NamedTuple

RATE: Final = 1e-3
DECAY: Final = 0.0
BATCH: Final = 4096
LOOK_EVERY: Final = 100
WORDS: Final = 900_000


class Shape(NamedTuple):
    """Hidden size; layers of f and the width of the inner ones; layers of g, whose inner ones are as wide."""

    hidden: int
    width: int
    cell_depth: int
    readout_depth: int


LAYERS: Final = {
    "Binary_Addition": Shape(2, 4, 2, 1),  # bit_addition
    "Bitwise_Xor": Shape(1, 2, 2, 1),  # rnn_bitwise_xor
    "Evens_Detector": Shape(5, 163, 2, 1),  # rnn_evens_detector_numerical
    "Diff_Last2": Shape(2, 1, 1, 1),  # rnn_diff_last2_numerical
    "Div_3": Shape(2, 59, 2, 1),  # rnn_div_3_numerical
    "Min_Seen": Shape(1, 2, 2, 1),  # rnn_min_numerical
    "Current_Number": Shape(1, 1, 1, 1),  # rnn_identity_numerical
    "Majority_0_1": Shape(1, 63, 2, 1),  # rnn_majority0_1_numerical
    "Add_Mod_3": Shape(1, 149, 2, 1),  # rnn_add_mod_3_numerical
    "Newton_Freebody": Shape(2, 1, 1, 1),  # rnn_newton_freebody_numerical
    "Parity_Last2": Shape(1, 229, 2, 1),  # rnn_parity_last2_numerical
    "Sum_All": Shape(1, 1, 1, 1),  # rnn_sum_numerical
}
