"""From rows of exact integers to short formulas."""
