# make verify   run the built-in register of claims on the CPU
# make test     lint, formatting, types, and all tests (each claim of the register is one of them)
# make report   write report.pdf: statements, derivations, evidence and verdicts
#
# Each sets up what it needs in .venv and installs nothing the second time. Another Python: make PYTHON=python3.12 verify

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
JOBS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2); [ "$$n" -lt 4 ] && echo "$$n" || echo 4)
TORCH := $(shell sed -n '/^torch==/p' constraints.txt)

.PHONY: verify test report bench lint format types tests clean help

help:
	@sed -n 's/^# //p' Makefile

verify: $(VENV)/.package
	@$(BIN)/lemmata verify --device cpu

report: $(VENV)/.package
	@$(BIN)/lemmata report --output report.pdf

test: lint types tests

lint: $(VENV)/.tools
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(VENV)/.tools
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(VENV)/.tools build/types/.farm
	@$(BIN)/mypy -p lemmata

tests: $(VENV)/.tools
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal

bench: $(VENV)/.tools
	@$(BIN)/python -m pytest -q -p no:xdist tests/bench/bench_*.py --benchmark-only

# mypy cannot follow setuptools' package-dir: it sees the packages under their installed names through links.
build/types/.farm: Makefile
	@mkdir -p build/types/lemmata
	@for package in theory numerics verify reports; do ln -sfn ../../../$$package build/types/lemmata/$$package; done
	@touch $@

$(VENV)/.made:
	@command -v $(PYTHON) > /dev/null || { echo "$(PYTHON) was not found: install Python 3.11 or newer, or name it: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$$($(PYTHON) --version) is too old: lemmata needs Python 3.11 or newer; name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2> /dev/null \
		|| { echo "$(PYTHON) cannot make virtual environments: install its venv module (Debian and Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	@echo "setting up $(VENV) (once; a few minutes, mostly torch)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.package: $(VENV)/.made pyproject.toml constraints.txt
	@$(PIP) install -c constraints.txt $(TORCH)
	@$(PIP) install -c constraints.txt -e '.[pep,data]'
	@touch $@

$(VENV)/.tools: $(VENV)/.package
	@$(PIP) install -c constraints.txt -e '.[pep,data,test]'
	@touch $@

clean:
	rm -rf build report report.pdf lemmata.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find theory numerics verify reports tests -name __pycache__ -type d -prune -exec rm -rf {} +
