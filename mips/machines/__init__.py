"""Automata theory, exact: machines over the integers and over finite sets of states."""
