"""The settings of the paper's training, as its authors made them public (github.com/ejmichaud/neural-verification).

- `scripts/rnn_architecture_search.py` and `scripts/rnn_train.py`: AdamW, learning rate 1e-3 from beginning to end,
  weight decay 0, PyTorch's own initial weights, float32, a look at the test set every 100 steps;
- `first_paper_final.yaml`: loss `log`, 4,096 sequences a step, 10,000 or 20,000 steps by task;
- `tasks/rnn_base_3_addition/args.yaml` and its neighbours: the arguments as they were used, the same.

The 900,000 training sequences are the paper's (arXiv 2402.05110, section 2). Here every task gets the 20,000 steps.
"""

from typing import Final

RATE: Final = 1e-3
DECAY: Final = 0.0
BATCH: Final = 4096
LOOK_EVERY: Final = 100
STEPS: Final = 20_000
WORDS: Final = 900_000
