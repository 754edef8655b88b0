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
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install everything for development and tests (Debian packages too, where they lack)
	@$(SETUP) test

.PHONY: demo
demo: ## set up, start the whole system and print its addresses; Ctrl-C ends it, its state stays; PROFILE=network
	@$(SETUP) demo
	@[[ "$(PROFILE)" != network ]] || $(PYTHON_BIN) -m scripts.network up
	@exec $(PYTHON_BIN) -m scripts.demo --profile $(or $(PROFILE),embedded)

.PHONY: run
run: ## for development: the demonstration, restarted and rebuilt when a file changes
	@$(SETUP) test
	@exec $(PYTHON_BIN) -m scripts.demo --reload

.PHONY: logs
logs: ## follow the demonstration's logs, readable; WITH="--level warning" shows less
	@$(PYTHON_BIN) -m scripts.demo.logs $(WITH)

.PHONY: service
service: ## one command of the service's with the demo's settings: WITH="bank-doctor FOLDER", WITH=--help
	@$(PYTHON_BIN) -m scripts.demo --profile $(or $(PROFILE),embedded) --service $(WITH)

.PHONY: demo-reset
demo-reset: ## forget the demo's state; the next `make demo` starts afresh
	@$(SETUP) demo
	@exec $(PYTHON_BIN) -m scripts.demo --reset --profile $(or $(PROFILE),embedded)

.PHONY: demo-codes
demo-codes: ## print the running demonstration's addresses again, with fresh codes
	@$(PYTHON_BIN) -m scripts.demo --codes --profile $(or $(PROFILE),embedded)

.PHONY: network
network: ## build the engine with Go, found a chain on five validators here, start it and show it
	@$(SETUP) demo
	@exec $(PYTHON_BIN) -m scripts.network up

.PHONY: network-status
network-status: ## each validator's height, peers and days until its validation ends
	@$(PYTHON_BIN) -m scripts.network status

.PHONY: network-stop
network-stop: ## end the validators; the chain stays
	@$(PYTHON_BIN) -m scripts.network stop

.PHONY: network-start
network-start: ## start the same chain again
	@$(PYTHON_BIN) -m scripts.network start

.PHONY: network-reset
network-reset: ## forget the network, keys and blocks
	@$(PYTHON_BIN) -m scripts.network reset

.PHONY: network-operators
network-operators: ## admit and remove accounts, deployers, validators: WITH="admit-account 0x... --because '...'"
	@$(PYTHON_BIN) -m scripts.network.operators $(WITH)

.PHONY: network-plan
network-plan: ## what operators need on machines of their own, of this engine or of Besu: OPERATORS=operators.toml
	@test -n "$(OPERATORS)" || { echo 'say which: make network-plan OPERATORS=operators.toml' >&2; exit 2; }
	@$(PYTHON_BIN) -m scripts.network.plans $(OPERATORS)

.PHONY: chaos-network
chaos-network: ## validators killed, paused, wiped and restarted under load, judged after; WITH="--short --seed 7"
	@$(SETUP) demo
	@$(BROWNIE) compile
	@$(PYTHON_BIN) -m scripts.network.trials.chaos $(WITH)

.PHONY: conformance
conformance: ## will this currency work on that chain? RPC=<url>[,<url>...], or RPC=network; WITH="--profile besu"
	@test -n "$(RPC)" || { echo 'say which: make conformance RPC=http://127.0.0.1:8545' >&2; exit 2; }
	@$(SETUP) demo
	@$(BROWNIE) compile
	@$(PYTHON_BIN) -m scripts.conformance $(RPC) $(WITH)

.PHONY: migrate-chain
migrate-chain: ## rehearse moving the demo's ledger to another chain, compared to the cent; WITH="--to network"
	@$(SETUP) demo
	@$(BROWNIE) compile
	@$(PYTHON_BIN) -m scripts.ledger.moving $(WITH)

.PHONY: bank-day
bank-day: ## the demo bank's statement of the day; WITH="--wrong-reference 40", "--reversal", "--format cfonb120" ... as --help says
	@$(SETUP) demo
	@exec $(PYTHON_BIN) -m scripts.bank_day $(WITH)

.PHONY: test
test: ## run every check and test
	@$(SETUP) test
	@exec scripts/test.sh

.PHONY: unit
unit: ## the pure tests alone, in half a minute
	@$(PYTHON_BIN) -m pytest tests/unit tests/properties -q

.PHONY: explore
explore: ## draw the properties' examples anew, again and again, and stop at the first that fails: TIMES=20
	@n=0; while [ $$n -lt $(or $(TIMES),20) ]; do $(PYTHON_BIN) -m pytest tests/properties -q || exit 1; n=$$((n + 1)); done

.PHONY: coverage
coverage: ## count which lines the tests of both languages run, and say which they do not (minutes)
	@$(SETUP) test
	@exec scripts/coverage.sh

.PHONY: coverage-floor
coverage-floor: ## raise the floors under the coverage to what the last `make test` or `make coverage` measured
	@$(PYTHON_BIN) -m scripts.analysis.coverage_floor --raise

.PHONY: check
check: ## one test, file or folder: make check T=tests/unit/protocol/test_words.py::test_name
	@test -n "$(T)" || { echo 'say which: make check T=path[::test]' >&2; exit 2; }
	@case "$(T)" in tests/contracts*) $(BROWNIE) test $(T) ;; tests/js*) node --test $(T) ;; *) $(PYTHON_BIN) -m pytest $(T) ;; esac

.PHONY: format
format: ## write Python and JavaScript as the checks want it
	@$(PYTHON_BIN) -m ruff check --fix-only --quiet . ; $(PYTHON_BIN) -m ruff format .
	@npm run --silent format

.PHONY: migration
migration: ## write the next migration from the tables in the code: make migration M="what it does"
	@test -n "$(M)" || { echo 'say what it does: make migration M="..."' >&2; exit 2; }
	@$(PYTHON_BIN) -m wallet_service.database write-revision "$(M)"

.PHONY: messages
messages: ## add new French sentences to the English catalogues, to be translated there
	@$(PYTHON_BIN) scripts/build/messages.py --update

.PHONY: papers
papers: ## write what comes from the code: errors, events, settings, states, the APIs, their types, accessibility
	@for paper in errors events settings payment_path openapi api_types accessibility; do $(PYTHON_BIN) -m scripts.docs.$$paper || exit 1; done

.PHONY: lint
lint: ## every check that runs no test: ruff, mypy, import rules, money, bandit, semgrep; tsc, ESLint, Prettier
	@$(SETUP) test
	@exec scripts/lint.sh

.PHONY: contracts
contracts: ## compile the contracts and run their tests; NETWORK=network runs them against the five validators
	@$(SETUP) demo
	@$(BROWNIE) compile
	@if [[ "$(NETWORK)" == network ]]; then $(PYTHON_BIN) -m scripts.network.trials.contracts $(WITH); \
		else $(BROWNIE) test tests/contracts -n 2; fi

.PHONY: bench-payments
bench-payments: ## measure payments a second to final and their cost, on both databases; more by WITH="--rates 100 700 --write"
	@$(SETUP) demo
	@$(PYTHON_BIN) -m scripts.bench.payments $(WITH)

.PHONY: bench-network
bench-network: ## measure the five validators alone and with the service before them; WITH="--write" or "--short"
	@$(SETUP) test
	@$(BROWNIE) compile
	@$(PYTHON_BIN) -m scripts.bench.network $(WITH)

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
halmos: ## prove the payment path (halmos and z3; minutes); one proof by WITH="check_...", a contract by WITH=Floors, WITH=--list
	@$(SETUP) test
	@$(PYTHON_BIN) -m scripts.analysis.proofs $(WITH)

.PHONY: mutants
mutants: ## plant bugs in a copy of the contracts and see the tests catch each (minutes)
	@$(SETUP) test
	@$(PYTHON_BIN) scripts/analysis/mutants.py

.PHONY: lock
lock: ## write the lock files again after a change of pyproject.toml or package.json
	@scripts/setup/lock.sh

.PHONY: clean
clean: ## remove what builds and set-up made (not the demo's state in var/)
	@rm -rf .venv .venv-contracts .venv-analysis .venv-semgrep .tools node_modules build reports .mypy_cache .pytest_cache .ruff_cache \
		.hypothesis wallet_service/faces/dist wallet_service/ui/dist merchant_pos/static/dist
