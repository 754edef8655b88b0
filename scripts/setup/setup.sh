#!/usr/bin/env bash
# Owns: bringing a fresh clone to a working state with packages from PyPI, npm and (only for `test`) Debian.
# Must not touch anything outside the project's folder, except Debian packages in `test`.
#
#   scripts/setup/setup.sh demo   service and contract environments, npm packages, solc: no root needed (the default)
#   scripts/setup/setup.sh test   the same with the development packages, slither and halmos in an environment of
#                                 their own, semgrep in another, chromium-headless-shell and postgresql-15
#   scripts/setup/setup.sh uv     only the installer, for lock.sh
#
# Safe to repeat and to kill: a step is done when the hash of its inputs stands in .tools/stamps, written last.
# PYTHON names another interpreter than python3. Details of every step: .tools/logs/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD

readonly MIN_PYTHON_MINOR=11
readonly MIN_NODE_MAJOR=20
readonly MIN_FREE_MEGABYTES=2500
readonly MAX_WAIT_FOR_OTHER_SETUP_S=900
# Chromium without its own windows and menus: the same engine, a quarter less processor time.
readonly CHROMIUM=/usr/bin/chromium-headless-shell
readonly POSTGRES=/usr/lib/postgresql/15/bin/postgres

tools=$root/.tools
stamps=$tools/stamps
logs=$tools/logs
uv=$tools/uv/bin/uv
python=${PYTHON:-python3}
# Trust the certificates the machine trusts, as pip and npm do: behind a company's proxy nothing else works.
export UV_SYSTEM_CERTS=true
mode=${1:-demo}
running_steps=()
all_steps=()

say() { echo "set-up: $*"; }
fail() {
    echo "set-up failed: $*" >&2
    exit 1
}

# KILL, because npm goes on after TERM; every step bears it, its stamp is not written yet.
stop_running_steps() {
    local step_pid
    for step_pid in "${all_steps[@]}"; do
        kill -KILL -- "-$step_pid" 2>/dev/null || continue
    done
}

check_python() {
    command -v "$python" >/dev/null ||
        fail "Python 3.$MIN_PYTHON_MINOR or later is needed and '$python' was not found."
    "$python" -c "import sys; sys.exit(sys.version_info < (3, $MIN_PYTHON_MINOR))" ||
        fail "Python 3.$MIN_PYTHON_MINOR or later is needed, '$python' is $("$python" -V 2>&1); name another with PYTHON=..."
    "$python" -c "import venv, ensurepip" 2>/dev/null ||
        fail "'$python' has no venv module; install it (Debian: python3-venv)."
}

check_node() {
    command -v node >/dev/null || fail "Node.js $MIN_NODE_MAJOR or later is needed and 'node' was not found."
    local major
    major=$(node -p 'process.versions.node.split(".")[0]')
    [[ $major -ge $MIN_NODE_MAJOR ]] ||
        fail "Node.js $MIN_NODE_MAJOR or later is needed, 'node' is $(node --version)."
    command -v npm >/dev/null || fail "npm was not found; it comes with Node.js (Debian: npm)."
}

check_disk() {
    local free_megabytes
    free_megabytes=$(df -Pm "$root" | awk 'NR == 2 { print $4 }')
    [[ $free_megabytes -ge $MIN_FREE_MEGABYTES ]] ||
        fail "$MIN_FREE_MEGABYTES MB of free disk are needed, here are $free_megabytes MB."
}

hash_of() { "$python" - "$@" <<'PY'
import hashlib, pathlib, sys
digest = hashlib.sha256(sys.version.encode())
for name in sys.argv[1:]:
    path = pathlib.Path(name)
    digest.update(name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b""))
print(digest.hexdigest())
PY
}

is_done() { # name, hash, file that must exist
    [[ -f $stamps/$1 && $(<"$stamps/$1") == "$2" && -e $3 ]]
}

mark_done() { # name, hash
    printf '%s\n' "$2" >"$stamps/$1.new"
    mv "$stamps/$1.new" "$stamps/$1"
}

# Starts a step in the background: name, hash, file that must exist, words for people, function.
start_step() {
    local name=$1 hash=$2 witness=$3 words=$4 action=$5
    is_done "$name" "$hash" "$witness" && return
    rm -f "$stamps/$name"
    set -m # a process group for every step, so that an interruption ends what the step started too
    (
        set +m
        local started_s=$SECONDS status
        say "$words ..."
        # A subshell of its own, outside any condition: only there does `set -e` hold inside the function.
        set +e
        (set -e; "$action") >"$logs/$name.log" 2>&1
        status=$?
        set -e
        if [[ $status != 0 ]]; then
            {
                echo "set-up failed: $words; the end of .tools/logs/$name.log:"
                tail -n 15 "$logs/$name.log" | sed 's/^/    /'
            } >&2
            exit 1
        fi
        mark_done "$name" "$hash"
        say "$words: done in $((SECONDS - started_s)) s"
    ) &
    running_steps+=($!)
    all_steps+=($!)
    set +m
}

wait_for_steps() {
    local step_pid failed=0
    for step_pid in "${running_steps[@]}"; do
        wait "$step_pid" || failed=1
    done
    running_steps=()
    [[ $failed == 0 ]] || exit 1
}

make_environment() { # folder
    [[ -x $root/$1/bin/python ]] || "$uv" venv --clear --no-project --python "$python" "$root/$1"
}

install_uv() {
    rm -rf "$tools/uv"
    "$python" -m venv "$tools/uv"
    "$tools/uv/bin/python" -m pip install --no-input --quiet --disable-pip-version-check --require-hashes \
        --only-binary :all: -r requirements/installer.lock
}

install_service() {
    make_environment .venv
    "$uv" pip sync --python .venv --require-hashes "requirements/$service_kind.lock" requirements/xsd.lock
}

# Brownie comes from its source distribution, uncompiled: the compiled wheel raises TypeError on this project's
# network settings, on state machines and on --coverage.
install_contracts() {
    make_environment .venv-contracts
    BROWNIE_NOCOMPILE=1 "$uv" pip sync --python .venv-contracts --require-hashes --no-binary eth-brownie \
        requirements/contracts.lock
}

install_analysis() {
    make_environment .venv-analysis
    "$uv" pip sync --python .venv-analysis --require-hashes requirements/analysis.lock
}

install_semgrep() {
    make_environment .venv-semgrep
    "$uv" pip sync --python .venv-semgrep --require-hashes requirements/semgrep.lock
}

install_node_modules() {
    npm ci --no-audit --no-fund --no-progress
}

# py-solc-x and forge look for an executable named after the version in a folder of compilers.
write_solc_wrapper() {
    local version long_version
    version=$(node -p 'require("./node_modules/solc/package.json").version')
    long_version=$(node -p 'require("./node_modules/solc").version()')
    rm -rf "$tools/solc"
    mkdir -p "$tools/solc"
    cat >"$tools/solc/solc-v$version" <<WRAPPER
#!/bin/sh
# Written by scripts/setup/setup.sh.
if [ "\$1" = --version ]; then
    printf 'solc, the solidity compiler commandline interface\nVersion: %s\n' '$long_version'
    exit 0
fi
here=\$(cd "\$(dirname "\$(readlink -f "\$0")")" && pwd)
SOLC_SHIM_ROOT="\$here/../.." SOLC_SHIM_LONG_VERSION='$long_version' \\
    exec node "\$here/../../scripts/setup/solc_shim.cjs" "\$@"
WRAPPER
    chmod +x "$tools/solc/solc-v$version"
    ln -s "solc-v$version" "$tools/solc/solc"
}

install_debian_packages() {
    local missing=() as_root=()
    [[ -x $CHROMIUM ]] || missing+=(chromium-headless-shell)
    [[ -x $POSTGRES ]] || missing+=(postgresql-15)
    [[ ${#missing[@]} -gt 0 ]] || return 0
    command -v apt-get >/dev/null ||
        fail "the tests need ${missing[*]}, and there is no apt-get to install them with."
    if [[ $(id -u) != 0 ]]; then
        command -v sudo >/dev/null || fail "the tests need ${missing[*]}; install them as root, or install sudo."
        as_root=(sudo)
    fi
    say "Debian packages ${missing[*]} ..."
    # 9>&-: the database server that the package starts must not keep the set-up's lock.
    local started_s=$SECONDS
    {
        "${as_root[@]}" apt-get update &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
    } >"$logs/debian.log" 2>&1 9>&- || fail "apt-get could not install ${missing[*]}; see .tools/logs/debian.log."
    say "Debian packages ${missing[*]}: done in $((SECONDS - started_s)) s"
}

take_setup_lock() {
    command -v flock >/dev/null || return 0
    exec 9>"$tools/setup.lock"
    flock -n 9 && return
    say "another set-up is running here, waiting for it"
    flock -w "$MAX_WAIT_FOR_OTHER_SETUP_S" 9 || fail "another set-up held its lock for $MAX_WAIT_FOR_OTHER_SETUP_S s."
}

# The development packages contain the service's: a demo on a developer's machine leaves them in place.
choose_service_kind() {
    service_kind=service
    if [[ $mode == test ]] || [[ -f $stamps/service-kind && $(<"$stamps/service-kind") == dev ]]; then
        service_kind=dev
    fi
}

main() {
    case $mode in demo | test | uv) ;; *) fail "say setup.sh demo, setup.sh test or setup.sh uv." ;; esac
    check_python
    mkdir -p "$stamps" "$logs"
    take_setup_lock
    trap stop_running_steps EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 UV_NO_CONFIG=1

    local uv_hash service_hash contracts_hash analysis_hash semgrep_hash npm_hash solc_hash
    uv_hash=$(hash_of requirements/installer.lock)
    choose_service_kind
    service_hash=$(hash_of "requirements/$service_kind.lock" requirements/xsd.lock)
    contracts_hash=$(hash_of requirements/contracts.lock)
    analysis_hash=$(hash_of requirements/analysis.lock)
    semgrep_hash=$(hash_of requirements/semgrep.lock)
    npm_hash=$(hash_of package.json package-lock.json .npmrc)
    solc_hash=$(hash_of package-lock.json scripts/setup/setup.sh)
    [[ $mode == uv ]] || check_node
    is_done uv "$uv_hash" "$uv" && is_done service "$service_hash" .venv/bin/python || check_disk

    if [[ $mode != uv ]]; then
        start_step node "$npm_hash" node_modules/solc/package.json "npm packages" install_node_modules
    fi
    local node_steps=("${running_steps[@]}")
    running_steps=()
    start_step uv "$uv_hash" "$uv" "package installer" install_uv
    wait_for_steps
    running_steps=("${node_steps[@]}")
    [[ $mode == uv ]] && return

    start_step service "$service_hash" .venv/bin/python "Python environment of the service ($service_kind)" install_service
    start_step contracts "$contracts_hash" .venv-contracts/bin/brownie "Python environment of the contracts" install_contracts
    if [[ $mode == test ]]; then
        start_step analysis "$analysis_hash" .venv-analysis/bin/slither "Python environment of the analysis" install_analysis
        start_step semgrep "$semgrep_hash" .venv-semgrep/bin/semgrep "Python environment of semgrep" install_semgrep
        install_debian_packages
    fi
    wait_for_steps
    start_step solc "$solc_hash" "$tools/solc/solc" "Solidity compiler" write_solc_wrapper
    wait_for_steps
    all_steps=()
    printf '%s\n' "$service_kind" >"$stamps/service-kind"
    say "ready ($SECONDS s)"
}

main
