"""From a network to a machine. Floats end here."""
