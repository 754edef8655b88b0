#!/usr/bin/env bash
# Owns: starting Brownie with this project's compiler and node. All arguments go to Brownie.
#
#   scripts/setup/brownie.sh compile
#   scripts/setup/brownie.sh test tests/contracts
#   ALBA_RPC_URL=http://127.0.0.1:18545 scripts/setup/brownie.sh run deploy --network embedded
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [[ ! -x $root/.venv-contracts/bin/python ]]; then
    echo "brownie: run scripts/setup/setup.sh first" >&2
    exit 1
fi
cd "$root"
exec "$root/.venv-contracts/bin/python" "$root/scripts/setup/brownie_run.py" "$@"
