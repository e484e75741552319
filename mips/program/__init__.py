"""Formulas as the text of a Python program, and such a text as a function and as a machine."""
