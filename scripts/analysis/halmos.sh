#!/usr/bin/env bash
# Owns: proving tests/halmos with halmos and z3. Takes minutes. Without arguments it proves what is known to end; given
# ones go to halmos instead: --contract Floors, --match-test '^check_a_transfer'.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export FOUNDRY_SOLC=$root/.tools/solc/solc
export PATH=$root/node_modules/@foundry-rs/forge-linux-amd64/bin:$root/.venv-analysis/bin:$PATH
export FOUNDRY_CONFIG=$root/tests/halmos/foundry.toml
cd "$root"
mkdir -p build/halmos
forge build >build/halmos/build.log 2>&1 || {
    cat build/halmos/build.log >&2
    exit 1
}
[[ $# -gt 0 ]] || set -- --contract Proofs
exec halmos --forge-build-out build/halmos/out --solver z3 --solver-timeout-assertion 600000 \
    --solver-threads 1 --loop 8 --no-status "$@"
