#!/usr/bin/env bash
# Owns: writing the lock files (requirements/*.lock, package-lock.json) from pyproject.toml and package.json.
# Must not install anything but its own tool, and must leave no registry address in what it writes.
# Usage: scripts/setup/lock.sh [--upgrade]   (--upgrade also moves indirect dependencies)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
scripts/setup/setup.sh uv

compile() { compile_for --universal "$@"; }

compile_for() {
    local platform=$1 lock_file=$2
    shift 2
    echo "lock: requirements/$lock_file"
    "$root/.tools/uv/bin/uv" pip compile --quiet --generate-hashes "$platform" --python-version 3.11 \
        --no-header --no-emit-index-url --no-emit-find-links --output-file "requirements/$lock_file" "$@"
}

upgrade=()
[[ ${1:-} == --upgrade ]] && upgrade=(--upgrade)
compile service.lock "${upgrade[@]}" pyproject.toml --extra service
compile dev.lock "${upgrade[@]}" --constraint requirements/service.lock pyproject.toml --extra service --extra dev
compile contracts.lock "${upgrade[@]}" pyproject.toml --extra contracts
compile analysis.lock "${upgrade[@]}" pyproject.toml --extra analysis
# Its pins contradict each other on Windows, so no universal lock exists.
compile_for --python-platform=linux semgrep.lock "${upgrade[@]}" pyproject.toml --extra semgrep
compile installer.lock "${upgrade[@]}" requirements/installer.in
compile xsd.lock "${upgrade[@]}" --no-deps requirements/xsd.in
echo "lock: package-lock.json"
npm install --package-lock-only --ignore-scripts --no-progress --silent
echo "lock: scripts/bench/peers/packages.json"
"${PYTHON:-python3}" scripts/bench/peers/packages.py --pin

if grep -nE 'https?://' requirements/*.lock || grep -nE '"resolved"' package-lock.json; then
    echo "lock: a lock file names a host; remove it before committing" >&2
    exit 1
fi
echo "lock: done"
