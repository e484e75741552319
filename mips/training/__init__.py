"""From a dataset to a network without a wrong answer. The only room that imports torch."""
