"""The options of a benchmark run: how they are registered, looked up, parsed and checked."""
