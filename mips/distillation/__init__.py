"""Distillation: from a trained network, and nothing else, to formulas; a method a module."""
