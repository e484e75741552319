"""The method of arXiv 2402.05110 as a wing of its own, to be measured against."""
