"""Twenty further tasks, which are no part of the benchmark: ten to develop with and ten held out."""
