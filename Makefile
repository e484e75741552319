# Two commands do all the set-up: `make benchmark` and `make test`. Both make .venv once and then reuse it.
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/installed

.PHONY: benchmark quick test training-benchmark controls ablation damage clean

benchmark: $(STAMP)
	$(VENV)/bin/pytest --mips-benchmark $(ARGS)

quick: $(STAMP)
	$(VENV)/bin/pytest --mips-benchmark --mips-quick $(ARGS)

test: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/pytest $(ARGS)

training-benchmark: $(STAMP)
	$(VENV)/bin/python -m tests.benchmarks.training $(ARGS)

controls: $(STAMP)
	$(VENV)/bin/python -m tests.benchmarks.controls $(ARGS)

ablation: $(STAMP)
	$(VENV)/bin/python -m tests.benchmarks.ablation $(ARGS)

damage: $(STAMP)
	$(VENV)/bin/python -m tests.benchmarks.damage $(ARGS)

clean:
	rm -rf $(VENV)

# torch first and exactly: a looser requirement on an empty environment pulls gigabytes of GPU libraries.
$(STAMP): pyproject.toml
	@echo "Making $(VENV) once; this takes some minutes."
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet torch==2.13.0
	$(VENV)/bin/python -m pip install --quiet --editable '.[dev]'
	touch $(STAMP)
