"""The lattice route: hidden states that lie on a lattice become integers, and the network a table over the integers.

`trace` runs the network, `generators` reads candidate basis vectors off it, `linear` chooses the lattice and checks its
round trip, `table` makes the steps a table, `formulas` fits integer formulas to its rows.
"""
