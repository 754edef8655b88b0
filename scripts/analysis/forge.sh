#!/usr/bin/env bash
# Owns: running forge's invariant tests (tests/forge) against the ledger as the deployment script leaves it.
# Further arguments go to `forge test`. FOUNDRY_INVARIANT_RUNS and FOUNDRY_INVARIANT_DEPTH lengthen the search.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
mkdir -p build/forge
scripts/setup/brownie.sh run scripts/analysis/forge_genesis.py >build/forge/genesis.log 2>&1 || {
    tail -n 30 build/forge/genesis.log >&2
    exit 1
}
export FOUNDRY_SOLC=$root/.tools/solc/solc
# The tests name the genesis from their own folder.
cd tests/forge
exec "$root/node_modules/@foundry-rs/forge-linux-amd64/bin/forge" test --offline "$@"
