# Two commands do all the set-up: `make benchmark` and `make test`. Both make .venv once and then reuse it.
PYTHON ?= python3
VENV := .venv
PLUGIN_TESTS := $(addprefix tests/pytest_mips/,session/test_plugin.py session/test_plugin_mistakes.py session/test_plugin_attempts.py session/test_manners.py runs/test_resume.py)
STAMP := $(VENV)/installed

.PHONY: benchmark quick test slow oracle oldest training-benchmark harness-benchmark controls ablation damage comparison zoo scale clean

benchmark: $(STAMP)
	$(VENV)/bin/pytest --mips-benchmark $(ARGS)

quick: $(STAMP)
	$(VENV)/bin/pytest --mips-benchmark --mips-quick $(ARGS)

# The tests start hundreds of processes: without kept byte code each would compile all modules anew. Tests that stand
# together stay together, as far as a worker has work, so that what they share is made once.
test: export PYTHONDONTWRITEBYTECODE =
test: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/pytest -n auto --dist worksteal --durations=15 $(ARGS)

# The tests that take long by nature: each has a lighter one beside it that `make test` runs.
slow: export PYTHONDONTWRITEBYTECODE =
slow: $(STAMP)
	$(VENV)/bin/pytest -n auto --dist worksteal -m slow --durations=15 $(ARGS)

# All networks of the reference run distilled anew, without training; the programs are to be the stored ones.
oracle: $(STAMP)
	$(VENV)/bin/pytest -n auto -m "slow or not slow" tests/mips/test_oracle.py $(ARGS)

# The tests of the plugin with the oldest pytest that pyproject.toml claims.
oldest: $(STAMP)
	$(VENV)/bin/python -m pip install --quiet --target $(VENV)/oldest --upgrade pytest==8.2.0
	PYTHONPATH=$(VENV)/oldest $(VENV)/bin/python -m pytest -n auto -p no:cacheprovider $(PLUGIN_TESTS) $(ARGS)

training-benchmark: $(STAMP)
	$(VENV)/bin/python -m benchmarks.training $(ARGS)

harness-benchmark: $(STAMP)
	$(VENV)/bin/python -m benchmarks.harness $(ARGS)

controls: $(STAMP)
	$(VENV)/bin/python -m benchmarks.controls $(ARGS)

ablation: $(STAMP)
	$(VENV)/bin/python -m benchmarks.ablation $(ARGS)

damage: $(STAMP)
	$(VENV)/bin/python -m benchmarks.damage $(ARGS)

comparison: $(STAMP)
	$(VENV)/bin/python -m benchmarks.systems $(ARGS)

zoo: $(STAMP)
	$(VENV)/bin/python -m benchmarks.zoo --out reports/zoo $(ARGS)

scale: $(STAMP)
	$(VENV)/bin/python -m benchmarks.scale $(ARGS)

clean:
	rm -rf $(VENV)

# torch first and exactly: a looser requirement on an empty environment pulls gigabytes of GPU libraries.
$(STAMP): pyproject.toml
	@echo "Making $(VENV) once; this takes some minutes."
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet torch==2.13.0
	$(VENV)/bin/python -m pip install --quiet --editable '.[dev]'
	touch $(STAMP)
