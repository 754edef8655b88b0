# Owns: running the steps of scripts/test.sh: a line for each with its seconds, where its output went, the command
# that repeats one that failed, and the closing line. Sourced; knows no step by name.

reports=reports
times=$reports/steps.tsv
failed=$reports/failed
compiled=$reports/compiled
beside_pid=
readonly MEMORY=/dev/shm
readonly MEMORY_MEGABYTES=4096

# What the steps write aside lives in memory where there is room: no test is about a disk, and waiting for one took two
# fifths of those with a database. What a run leaves that failed stays until the next.
write_aside_in_memory() {
    local free_megabytes
    [[ -d $MEMORY && -w $MEMORY ]] || return 0
    free_megabytes=$(df -Pm "$MEMORY" | awk 'NR == 2 { print $4 }')
    [[ $free_megabytes -ge $MEMORY_MEGABYTES ]] || return 0
    export TMPDIR
    TMPDIR=$MEMORY/alba-$(cksum <<<"$PWD" | cut -d ' ' -f 1)
    rm -rf "$TMPDIR"
    mkdir -m 711 "$TMPDIR" # PostgreSQL's own user passes through
}

start_steps() {
    mkdir -p "$reports"
    rm -f "$reports"/*.log "$reports"/*.xml "$times" "$failed" "$compiled"
    : >"$times"
    write_aside_in_memory
    draw_by_sources
    trap end_steps EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Everything drawn in a run (the tests' order, their examples, long days) comes from this number: the sources' own, so
# that whoever runs these sources sees this run, and each change sees another. Without git there is none, and it is new.
draw_by_sources() {
    local tree
    tree=$(git rev-parse --verify --quiet 'HEAD^{tree}') || tree=$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
    export ALBA_TEST_SEED=${ALBA_TEST_SEED:-$((16#${tree:0:7}))}
    printf 'drawn by ALBA_TEST_SEED=%s\n' "$ALBA_TEST_SEED"
}

# step "name" command...: runs it with its output in a file.
step() { run_step hidden "$@"; }

# The same with its output on the terminal too.
shown_step() { run_step shown "$@"; }

run_step() {
    local how=$1 name=$2 status=0 log taken wall_s user_s system_s
    shift 2
    [[ ! -e $failed ]] || exit 1 # of a step beside
    log=$reports/$(tr -cs 'A-Za-z0-9\n' '-' <<<"$name").log
    taken=$(mktemp)
    TIMEFORMAT='%R %U %S'
    if [[ $how == shown ]]; then
        { time "$@" 2>&1 | tee "$log"; } 2>"$taken" || status=$?
    else
        { time "$@" >"$log" 2>&1; } 2>"$taken" || status=$?
    fi
    read -r wall_s user_s system_s < <(tail -n 1 "$taken")
    rm -f "$taken"
    printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$status" "$wall_s" "$user_s" "$system_s" >>"$times"
    if [[ $status == 0 ]]; then
        printf 'ok      %6.0f s  %s\n' "$wall_s" "$name"
        return
    fi
    : >"$failed"
    [[ $how == shown ]] || tail -n 100 "$log"
    printf 'FAILED  %6.0f s  %s (%s)\n' "$wall_s" "$name" "$log"
    [[ $how == shown ]] || printf 'again:  %s\n' "$*"
    exit 1
}

# Runs a function of steps beside what follows, in a process group of its own.
beside() {
    set -m
    (
        trap - EXIT
        "$@"
    ) &
    beside_pid=$!
    set +m
}

# Waits for a file that a step beside makes; ends when that one failed.
wait_for() {
    until [[ -e $1 ]]; do
        [[ ! -e $failed ]] || exit 1
        sleep 0.1
    done
}

wait_for_beside() {
    wait "$beside_pid"
    beside_pid=
}

# Last of all, whatever happened: how many tests passed and failed, from the runners' own reports.
end_steps() {
    local status=$?
    if [[ -n $beside_pid ]]; then
        if kill -0 "$beside_pid" 2>/dev/null; then kill -- "-$beside_pid"; fi
    fi
    [[ $status == 0 ]] || : >"$failed"
    if [[ $status == 0 && ${TMPDIR:-} == "$MEMORY"/* ]]; then rm -rf "$TMPDIR"; fi
    printf '%s  %6d s  everything\n' "$([[ $status == 0 ]] && echo "ok    " || echo "FAILED")" "$SECONDS"
    .venv/bin/python -m scripts.bench.checks --closing-line
}
