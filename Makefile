# The commands of the project. They work as root and as an ordinary user, in a fresh clone, as often as you like.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
QUICK_TESTS := tests/unit/test_imports.py tests/unit/test_documents.py tests/unit/test_compose.py tests/unit/model
PARALLEL := --numprocesses auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder
# What builds the package is installed once: in isolation it would be fetched again with every installation.
INSTALL_BUILD = $(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' > $(VENV)/build.txt && $(BIN)/python -m pip install --quiet --requirement $(VENV)/build.txt
INSTALL = $(BIN)/python -m pip install --quiet --no-build-isolation --editable .
GENERATED_TESTS = $(shell grep -rl --include='test_*.py' assert_generated $(1))
EXAMPLES := link.F1 memory.F6 memory.F7 memory.F4 link.F6 network.F5
.DEFAULT_GOAL := help
.PHONY: help up test check check-types check-files bench faults gameday examples generate pictures clean test-packages
MAKEFLAGS += --no-print-directory
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Container images often forbid Python to keep what it compiled; hundreds of processes would each compile it again.
unexport PYTHONDONTWRITEBYTECODE

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(VENV)/.installed ## set up and run the whole platform on this machine; ARGS="--days 7 --port 8081"
	@$(BIN)/herald up $(ARGS)

test: $(VENV)/.installed-dev test-packages ## set up and run every test; ARGS="-k link"
	@echo "==> tests"
	@$(BIN)/python -m pytest -rs $(PARALLEL) $(ARGS)

check: $(VENV)/.installed-dev ## lint, types, imports, generated files: all that is quick and needs no service
	@echo "==> ruff"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(MAKE) --jobs=2 --output-sync check-types check-files

check-types:
	@echo "==> mypy"
	@$(BIN)/mypy || { [ $$? -eq 2 ] && $(BIN)/mypy --num-workers=0; } # a loaded machine may start its workers too late

check-files:
	@echo "==> import table, documents, generated files"
	@$(BIN)/python -m pytest $(QUICK_TESTS) $(call GENERATED_TESTS,tests/unit)

bench: $(VENV)/.installed-dev ## measure; prints a table and writes build/bench.json
	@$(BIN)/python -m benchmarks $(ARGS)

faults: $(VENV)/.installed-dev test-packages ## inject faults and count lost points; ARGS="--fault 1+8 --repetitions 100"
	@$(BIN)/python -m tests.faults $(ARGS)

gameday: $(VENV)/.installed ## play all faults, score detection and causes; ARGS="--fault link.F1 --seed 21"
	@$(BIN)/herald gameday sweep $(ARGS)

examples: $(VENV)/.installed ## play six faults and write their postmortems into docs/examples
	@$(BIN)/herald gameday run $(EXAMPLES:%=--fault %) --postmortem-dir docs/examples

generate: $(VENV)/.installed-dev ## rewrite the generated files that tests compare; needs the database for schema.sql
	@HERALD_REWRITE=1 $(BIN)/python -m pytest $(call GENERATED_TESTS,tests)

pictures: $(VENV)/.installed-dev ## photograph the pages of a running platform for docs/pictures; ARGS="--url http://localhost:8080"
	@$(BIN)/python -m tests.pictures $(ARGS)

clean: ## remove the virtual environment, caches and builds; your data in .herald stays
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
	@echo "clean; the data in .herald is kept (remove that directory to start from nothing)"

$(VENV)/.installed: pyproject.toml
	@sh deploy/make-venv.sh "$(PYTHON)" "$(VENV)"
	@echo "==> installing Herald and what it needs (a minute or two the first time)"
	@$(INSTALL_BUILD)
	@$(INSTALL)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml
	@sh deploy/make-venv.sh "$(PYTHON)" "$(VENV)"
	@echo "==> installing Herald, and what checks and tests need (a minute or two the first time)"
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' > $(VENV)/dev.txt
	@$(INSTALL_BUILD)
	@$(INSTALL) --requirement $(VENV)/dev.txt
	@touch $(VENV)/.installed $@

test-packages:
	@sh tests/services/install-packages.sh
