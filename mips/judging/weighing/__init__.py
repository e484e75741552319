"""How much a program weighs, and whether it is a table."""
