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

# The contracts' tests take one core for minutes; they run beside the checks and are waited for before pytest.
contracts_log=$reports/contracts.log
contract_tests() {
    scripts/setup/brownie.sh compile && scripts/setup/brownie.sh test tests/contracts &&
        scripts/analysis/forge.sh && .venv/bin/python scripts/analysis/slither.py
}
contracts_started=$SECONDS
contract_tests >"$contracts_log" 2>&1 &
contracts_pid=$!
trap 'kill "$contracts_pid" 2>/dev/null' EXIT

step "ruff" .venv/bin/ruff check .
step "import rules" .venv/bin/lint-imports
step "mypy" .venv/bin/mypy
step "pages" npm run --silent build
step "JavaScript tests" node --test --test-reporter=dot tests/js/*.test.mjs

wait_for_contracts() {
    wait "$contracts_pid" || {
        tail -n 200 "$contracts_log"
        return 1
    }
    tail -n 5 "$contracts_log"
    echo "contracts took $((SECONDS - contracts_started)) s, details in $contracts_log"
}
step "contracts (Brownie, forge, slither)" wait_for_contracts
trap - EXIT

echo "== pytest"
exec .venv/bin/pytest "$@"
