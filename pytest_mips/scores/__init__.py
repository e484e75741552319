"""What the records of a run come to: the summary, comparisons and published claims. Pure functions."""
