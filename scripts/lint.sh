#!/usr/bin/env bash
# Owns: the checks that only read code. Run by itself (`make lint`) or sourced by test.sh; a further check is one line.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
declare -F step >/dev/null || {
    source scripts/steps.sh
    mkdir -p "$reports"
    rm -f "$failed"
}

step "ruff" .venv/bin/ruff check .
step "format" .venv/bin/ruff format --check .
step "import rules" .venv/bin/lint-imports
step "no float touches money" .venv/bin/python -m scripts.analysis.money_lint
step "the floors of code coverage only rise" .venv/bin/python -m scripts.analysis.coverage_floor --history
step "bandit" .venv/bin/bandit --quiet --recursive wallet_service merchant_pos scripts --configfile pyproject.toml
step "semgrep" .venv/bin/python -m scripts.analysis.semgrep
step "mypy" .venv/bin/mypy
step "JavaScript: types, ESLint, Prettier" npm run --silent check
step "every French sentence has its English" .venv/bin/python scripts/build/messages.py --check
