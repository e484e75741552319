"""The method of arXiv 2402.05110 in a package of its own, to compare ours with."""
