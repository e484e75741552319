"""From rows of exact integers to the shortest term, a family of terms a module."""
