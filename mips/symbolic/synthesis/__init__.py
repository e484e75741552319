"""From a network's behaviour to formulas, a family of state variables a module."""
