# Owns: the names people type. Every recipe sets up what it needs first; that takes a second when nothing changed.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.SUFFIXES:

# Compiled Python is kept apart, even where the environment asks for none: it halves every start.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.tools/pycache
unexport PYTHONDONTWRITEBYTECODE

SETUP := scripts/setup/setup.sh
PYTHON_BIN := .venv/bin/python
BROWNIE := scripts/setup/brownie.sh

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install everything for development and tests (Debian packages too, where they lack)
	@$(SETUP) test

.PHONY: demo
demo: ## set up, start the whole system and print its addresses; Ctrl-C ends it, its state stays
	@$(SETUP) demo
	@exec $(PYTHON_BIN) -m scripts.demo

.PHONY: demo-reset
demo-reset: ## forget the demo's state; the next `make demo` starts afresh
	@$(SETUP) demo
	@exec $(PYTHON_BIN) -m scripts.demo --reset

.PHONY: bank-day
bank-day: ## the demo bank's statement of the day (camt.053); WITH="--wrong-reference 40" adds what people get wrong
	@$(SETUP) demo
	@exec $(PYTHON_BIN) -m scripts.bank_day $(WITH)

.PHONY: test
test: ## run every check and test
	@$(SETUP) test
	@exec scripts/test.sh

.PHONY: lint
lint: ## ruff, mypy --strict, import rules
	@$(SETUP) test
	@.venv/bin/ruff check . && .venv/bin/mypy && .venv/bin/lint-imports

.PHONY: contracts
contracts: ## compile the contracts and run their tests
	@$(SETUP) demo
	@$(BROWNIE) compile && $(BROWNIE) test tests/contracts -n 2

.PHONY: bench-gas
bench-gas: ## measure the gas of every operation, beside the peers it names
	@$(SETUP) demo
	@$(BROWNIE) run scripts/bench/gas.py

.PHONY: forge
forge: ## random lives of the deployed ledger against a plain model (forge invariants)
	@$(SETUP) test
	@scripts/analysis/forge.sh

.PHONY: slither
slither: ## static analysis of the contracts; every exception is argued in tests/slither
	@$(SETUP) test
	@$(PYTHON_BIN) scripts/analysis/slither.py

.PHONY: halmos
halmos: ## prove conservation and gating of the payment path (halmos and z3; minutes)
	@$(SETUP) test
	@scripts/analysis/halmos.sh

.PHONY: mutants
mutants: ## plant bugs in a copy of the contracts and see the tests catch each (minutes)
	@$(SETUP) test
	@$(PYTHON_BIN) scripts/analysis/mutants.py

.PHONY: lock
lock: ## write the lock files again after a change of pyproject.toml or package.json
	@scripts/setup/lock.sh

.PHONY: clean
clean: ## remove what builds and set-up made (not the demo's state in var/)
	@rm -rf .venv .venv-contracts .venv-analysis .tools node_modules build reports .mypy_cache .pytest_cache .ruff_cache \
		.hypothesis wallet_service/web/static/dist merchant_pos/static/dist
