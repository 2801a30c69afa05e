# One front door. Everything runs from .venv, made from the hash-locked lists in requirements/.
PYTHON ?= python3
CITY ?= city
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
.DEFAULT_GOAL := help
.PHONY: help venv demo test check bench peers lock clean

help: ## show these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

venv: $(VENV)/.run ## the environment alone, in .venv/

demo: $(VENV)/.run ## sample city, coverage, 10 new sites, proposal, then the map
	$(BIN)/yizhan demo --city $(CITY)

test: $(VENV)/.test ## the whole test suite
	scripts/system-parts.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(VENV)/.test ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test ## measure, and write docs/performance.md; asserts nothing
	$(BIN)/python -m benchmarks --peers

peers: $(PEERS)/.peers ## what bench is measured against, in .venv-peers/

lock: $(VENV)/.uv ## renew the hash-locked requirements from pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11.5 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11.5 --generate-hashes --no-header --no-annotate --extra test -c requirements/run.txt pyproject.toml -o requirements/test.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11.5 --generate-hashes --no-header --no-annotate -c requirements/test.txt requirements/bootstrap.in -o requirements/bootstrap.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11.5 --generate-hashes --no-header --no-annotate requirements/peers.in -o requirements/peers.txt

clean: ## remove the environment
	rm -rf $(VENV) $(PEERS)

$(VENV)/.uv: requirements/bootstrap.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 5) and "Yizhan needs Python 3.11.5 or newer; set PYTHON=... to one")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(VENV)/.run: requirements/run.txt pyproject.toml $(VENV)/.uv
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/run.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/test.txt
	@touch $@

$(PEERS)/.peers: requirements/peers.txt $(VENV)/.uv
	$(BIN)/python -m venv $(PEERS)
	$(BIN)/uv pip install -q --python $(PEERS)/bin/python --require-hashes -r requirements/peers.txt
	@touch $@
