#!/usr/bin/env bash
# Owns: counting which lines of the code the tests run, and the line that shows it beside its floor. Sourced by
# test.sh, which counts on the way; run by itself (`make coverage`) it runs the tests of both languages and says where
# the lines are that nothing runs. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

counted=reports/coverage

start_counting() {
    rm -rf "$counted"
    mkdir -p "$counted/pages"
    export ALBA_PAGE_COVERAGE=$PWD/$counted/pages
}

counting_node=(env NODE_V8_COVERAGE="$counted/node")
# A worker of xdist hands what it counted to the process that started it.
counting_pytest=(--cov --cov-report=json)

show_coverage() {
    node scripts/analysis/js_coverage.mjs && .venv/bin/python -m scripts.analysis.coverage_floor
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    start_counting
    "${counting_node[@]}" node --test --test-reporter=dot tests/js/*.test.mjs
    .venv/bin/pytest -n 2 "${counting_pytest[@]}" "$@"
    .venv/bin/coverage html --quiet
    echo "lines that no test runs: $counted/python/index.html, $counted/javascript.json"
    show_coverage
fi
