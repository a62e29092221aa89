# PointsBank: everything a checkout needs. `make` or `make help` lists the targets.
# PYTHON chooses another interpreter for the environment: make run PYTHON=python3.13

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 2

BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt
# Stamps: an environment is made once, and installed into again only when the pins or the package's metadata changed.
CREATED := .venv/.created
RUNTIME := .venv/.runtime
DEV := .venv/.dev

# An environment knows its own path: after the checkout was moved it is made anew.
ifneq ($(shell cat $(CREATED) 2>/dev/null),$(CURDIR))
$(CREATED): remake
endif

.DEFAULT_GOAL := help
.PHONY: help run test check bench format catalogues wheel clean lint remake
remake:

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUNTIME) ## install, fill an empty database with a demo community, serve on http://127.0.0.1:8000 (HOST, PORT)
	@$(BIN)/pointsbank demo --if-empty
	@exec $(BIN)/pointsbank serve --host "$(HOST)" --port "$(PORT)"

test: lint ## everything: lint, types, tests on SQLite and PostgreSQL, whole stories in a browser
	@POINTSBANK_TEST_CHROMIUM="$$(tests/support/prepare.sh)" $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile \
		--no-loadscope-reorder

check: lint ## the quick part of `make test`: on SQLite only, no browser, nothing slow
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not journey and not slow and not postgres"

lint: $(DEV)
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: $(DEV) ## measure the hot paths against pgbench, on a PostgreSQL that writes durably
	@$(BIN)/python -m benchmarks.posting

format: $(DEV) ## bring the code into shape
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

catalogues: $(DEV) ## bring the translations up to date with the sentences in code and templates
	@$(BIN)/python -m pointsbank.core.i18n

wheel: $(DEV) ## build dist/pointsbank-*.whl and the source package
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation --outdir dist .

clean: ## remove the environment and everything built; local data in var/ stay
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	find pointsbank tests migrations deploy -name __pycache__ -type d -prune -exec rm -rf {} +
	find pointsbank -name '*.mo' -delete

# Says in one sentence what is missing, before anything fails with a page of its own words.
$(CREATED):
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	    echo "There is no $(PYTHON): install Python 3.11 or newer (Debian: apt-get install python3 python3-venv)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "PointsBank needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1) (Debian 12 and newer:" \
	        "apt-get install python3 python3-venv)." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	    echo "$(PYTHON) cannot make environments: install venv and pip (Debian: apt-get install python3-venv)." >&2; exit 1; }
	@if ! { $(BIN)/python -c 'import pip' && grep -qF "$(CURDIR)/.venv/bin/" $(BIN)/pip; } 2>/dev/null; then \
	    $(PYTHON) -m venv --clear .venv; \
	fi
	@printf '%s' "$(CURDIR)" > $@

# The build backend comes from the pins as well, so installing fetches nothing that is not pinned.
$(RUNTIME): $(CREATED) constraints.txt pyproject.toml
	@echo "Installing into .venv ..."
	@$(PIP) hatchling babel
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(DEV): $(RUNTIME)
	@echo "Installing the test tools into .venv ..."
	@$(PIP) setuptools
	@$(PIP) --no-build-isolation --editable ".[dev]"
	@touch $@
