"""One benchmark run inside a pytest session."""
