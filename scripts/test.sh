#!/usr/bin/env bash
# Owns: the order in which everything is checked, on two cores. Run through `make test`, which sets up before.
# Arguments go to pytest, and then nothing is counted: some of the tests run some of the code. What each step said is
# in reports/<step>.log, what it cost in reports/steps.tsv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/steps.sh
source scripts/coverage.sh

# The cheap ones, on one core while the other compiles. A further check is one line in scripts/lint.sh.
cheap_checks() {
    source scripts/lint.sh
    step "pages" npm run --silent build
    step "JavaScript tests" "${counting_node[@]}" node --test --test-reporter=dot tests/js/*.test.mjs
}

# Whoever loads the contracts' project may write its build again, so forge is done before their tests begin.
# Slither only computes and waits for nobody: it takes what the tests leave idle.
compile_and_analyse() {
    step "contracts: compiler" scripts/setup/brownie.sh compile
    step "contracts: forge" scripts/analysis/forge.sh
    : >"$compiled"
    step "contracts: slither" nice .venv/bin/python scripts/analysis/slither.py
}

start_steps
start_counting
[[ $# == 0 ]] || counting_pytest=()
beside compile_and_analyse
cheap_checks
wait_for "$compiled"
shown_step "contracts: Brownie" scripts/setup/brownie.sh test tests/contracts -n 2 --junitxml="$reports/brownie.xml" \
    --hypothesis-seed="$ALBA_TEST_SEED"
shown_step "pytest" .venv/bin/pytest -n 2 --junitxml="$reports/pytest.xml" --randomly-seed="$ALBA_TEST_SEED" \
    --hypothesis-seed="$ALBA_TEST_SEED" "${counting_pytest[@]}" "$@"
wait_for_beside
[[ $# != 0 ]] || shown_step "network, where its engine is built" .venv/bin/python -m scripts.network.trials.short
[[ $# != 0 ]] || shown_step "code coverage" show_coverage
