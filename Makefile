# Everything runs in an environment of its own, made from nothing but Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# How long `make fuzz` runs.
SECONDS ?= 60

.PHONY: demo test check clean mutation bench fuzz

# Installs lint837 and lints claim files that are wrong on purpose.
demo: $(VENV)/installed
	@$(BIN)/lint837 check --fail-on never samples/dirty || test $$? -eq 3

test: $(VENV)/developed
	$(BIN)/python -m pytest

check: $(VENV)/developed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

$(VENV)/installed: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/developed: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(VENV)/installed $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build/fuzz

# Minutes, about 3.5 GB of disk: speed and memory as ratios (docs/performance.md).
bench: $(VENV)/developed
	$(BIN)/python -m compileall -q linter rules
	$(BIN)/python benchmarks/bench.py

# A quarter of an hour on two cores: changes the rules and the facts in small ways, and counts what no test notices.
mutation: $(VENV)/developed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check cosmic-ray
	rm -f $(VENV)/mutation.sqlite
	$(BIN)/cosmic-ray init mutation.toml $(VENV)/mutation.sqlite
	$(BIN)/cr-filter-operators $(VENV)/mutation.sqlite mutation.toml
	$(BIN)/python -m tests.mutation $(VENV)/mutation.sqlite $$(getconf _NPROCESSORS_ONLN)

# Changes claim files by chance, guided by what code they reach, and looks for one that breaks an invariant
# (docs/testing.md). What it keeps stands in build/fuzz.
fuzz: $(VENV)/developed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'atheris>=3.0'
	$(BIN)/python -m fuzz reader $$(($(SECONDS) / 2))
	$(BIN)/python -m fuzz lint $$(($(SECONDS) / 2))
