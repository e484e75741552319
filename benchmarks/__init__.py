"""How fast training is. Run by hand (`make training-benchmark`); pytest collects nothing here."""
