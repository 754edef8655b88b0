#!/usr/bin/env bash
# Owns: the order in which everything is checked, the cheap first. Run through `make test`, which sets up before.
# pytest comes last, so that the last line printed is its own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

reports=reports
mkdir -p "$reports"

step() {
    local name=$1
    shift
    local started=$SECONDS
    echo "== $name"
    "$@" || {
        echo "== $name failed" >&2
        exit 1
    }
    echo "== $name: $((SECONDS - started)) s"
}

# Compiling and analysing the contracts need one core for minutes; they run beside the cheap checks.
analysis_log=$reports/analysis.log
analysis() {
    scripts/setup/brownie.sh compile && scripts/analysis/forge.sh && .venv/bin/python scripts/analysis/slither.py
}
analysis >"$analysis_log" 2>&1 &
analysis_pid=$!
trap 'kill "$analysis_pid" 2>/dev/null' EXIT

step "ruff" .venv/bin/ruff check .
step "import rules" .venv/bin/lint-imports
step "mypy" .venv/bin/mypy
step "pages" npm run --silent build
step "JavaScript tests" node --test --test-reporter=dot tests/js/*.test.mjs

wait_for_analysis() {
    wait "$analysis_pid" || {
        tail -n 200 "$analysis_log"
        return 1
    }
    tail -n 5 "$analysis_log"
}
step "contracts: compiler, forge, slither (details in $analysis_log)" wait_for_analysis
trap - EXIT
step "contracts: Brownie, on two cores" scripts/setup/brownie.sh test tests/contracts -n 2

echo "== pytest"
exec .venv/bin/pytest "$@"
