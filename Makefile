# Maplebridge: `make run` prepares everything and serves the demo county; `make help` lists the rest.

PYTHON ?= python3.11
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip install --quiet --quiet --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run setup setup-dev assets catalogues test soak check bench venv dependencies

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: setup ## Prepare what is missing, then serve the demo county on http://HOST:PORT (127.0.0.1:8000) with its worker
	@$(RUN) -m app.serve

setup: dependencies assets catalogues ## Prepare the virtual environment and the front-end files; start nothing

test: setup-dev check ## Everything: checks, unit, functional (SQLite and PostgreSQL) and browser tests
	$(RUN) -m pytest -n 3 --dist worksteal --durations=10

soak: setup-dev ## Kill, interrupt and load web, worker and database for a quarter of an hour (needs PostgreSQL's programs)
	$(RUN) -m pytest tests/soak -m soak -rP
	API_EXAMPLES=200 $(RUN) -m pytest -n 2 tests/functional/api/test_every_answer_is_described.py

check: setup-dev ## Style, types, architecture contracts
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: setup ## Measure a whole flow over HTTP on PostgreSQL (BENCH_DATABASE_URL)
	$(VENV)/bin/flask --app wsgi bench flow

assets: dependencies ## Copy the locked front-end files to where pages find them
	@$(RUN) -m app.ui.assets

catalogues: dependencies ## Compile the translations
	@$(RUN) -m app.ui.catalogues

venv:
	@test -x $(RUN) || { \
	  command -v $(PYTHON) >/dev/null && $(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	    echo "Python 3.11 is needed: install it, or name it, as in make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }; \
	  echo "Creating the virtual environment in $(VENV) …"; \
	  $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	    echo "Python's venv module is incomplete: on Debian, apt-get install python3.11-venv"; exit 1; }; }

# The copy of the lock inside the environment says what was installed last.
dependencies: venv
	@cmp -s requirements.lock $(VENV)/requirements.lock || { \
	  echo "Installing the locked Python packages (a minute or two the first time) …"; \
	  $(PIP) -r requirements.lock && cp requirements.lock $(VENV)/requirements.lock; }

setup-dev: setup
	@cmp -s requirements-dev.lock $(VENV)/requirements-dev.lock || { \
	  echo "Installing the locked Python packages for tests …"; \
	  $(PIP) -r requirements-dev.lock && cp requirements-dev.lock $(VENV)/requirements-dev.lock; }
