"""The tools of `python -m pytest_mips`, a module each: NAME, HELP, `add_arguments(parser)` and `run(arguments)`."""
