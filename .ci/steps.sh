# Runs named steps and remembers how long each took and whether it failed.
# shellcheck shell=bash

step_table=()
failed_steps=0

# step NAME COMMAND...: a failing step does not hide what later steps would say.
step() {
    local name=$1 began=$SECONDS status
    shift
    printf '\n==> %s\n' "$name"
    # `set -e` is off inside conditions, so the status is read without one.
    set +e
    (
        set -e
        "$@"
    )
    status=$?
    set -e
    local verdict=ok
    if ((status != 0)); then
        verdict="FAILED ($status)"
        failed_steps=$((failed_steps + 1))
    fi
    step_table+=("$(printf '%5d s  %-12s %s' $((SECONDS - began)) "$verdict" "$name")")
}

stop_if_failed() {
    if ((failed_steps != 0)); then
        report
    fi
}

# report: prints the table and ends the run.
report() {
    printf '\n'
    printf '%s\n' "${step_table[@]}"
    printf '%5d s  in all, %d failed\n' "$SECONDS" "$failed_steps"
    exit $((failed_steps != 0))
}
