#!/usr/bin/env bash
# The whole proof: all that needs no lab while one comes up, then stories on it, in lanes that do not disturb one another.
# On a machine that never built the lab, building comes first: servers under test would starve beside the compilers.
# Everything it starts it ends; a failure prints the lane's log and gives 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

NAME="t$$-$(printf '%04x' $RANDOM)"
FOLDER="$(mktemp -d -t sluice-tests.XXXXXX)"
VENV="$PWD/.venv/bin"
STATE="${SLUICE_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice-lab}/clusters/$NAME"
BEGUN=$SECONDS
declare -A LANES=()
FAILED=()
PASSED=0

say() { printf '[%4d s] %s\n' $((SECONDS - BEGUN)) "$*"; }

finish() {
    local code=$?
    trap - EXIT INT TERM
    for pid in "${!LANES[@]}"; do kill -- "-$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    # An API server whose etcd ended first waits for it forever.
    for pid in "${!LANES[@]}"; do kill -KILL -- "-$pid" 2>/dev/null || true; done
    "$VENV/python" -m lab down --name "$NAME" >/dev/null 2>&1 || true
    if [[ -d "$FOLDER/records" && -n "${SLUICE_TEST_KEEP:-}" ]]; then cp -r "$FOLDER/records" "$SLUICE_TEST_KEEP"; fi
    rm -rf "$FOLDER"
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

# lane NAME COMMAND…: run it in the background, in a process group of its own.
lane() {
    local name=$1
    shift
    setsid "$@" >"$FOLDER/$name.log" 2>&1 &
    LANES[$!]=$name
    say "$name: begins"
}

# join [NAME…]: wait for these lanes (all without names); say how each ended.
join() {
    local pid code wanted=" $* "
    for pid in "${!LANES[@]}"; do
        local name=${LANES[$pid]}
        [[ $# -eq 0 || $wanted == *" $name "* ]] || continue
        code=0
        wait "$pid" || code=$?
        unset "LANES[$pid]"
        if [[ $code -eq 0 ]] && grep -q ' skipped' "$FOLDER/$name.log"; then code=99; fi
        say "$name: $(tail -n 1 "$FOLDER/$name.log")"
        PASSED=$((PASSED + $(grep -oE '[0-9]+ passed' "$FOLDER/$name.log" | tail -n 1 | grep -oE '[0-9]+' || echo 0)))
        if [[ $code -ne 0 ]]; then
            FAILED+=("$name")
            sed "s/^/    /" "$FOLDER/$name.log"
        fi
    done
}

# all_well: go on if no lane has failed so far.
all_well() {
    [[ ${#FAILED[@]} -eq 0 ]] || { say "failed: ${FAILED[*]}"; exit 1; }
}

# on_lab PYTEST-ARGUMENTS…: the tests with the machine's files and the lab's network.
on_lab=(ip netns exec "$NAME" env "KUBECONFIG=$STATE/kubeconfig" "PATH=$STATE/bin:$PATH" "SLUICE_LAB=$NAME"
    SLUICE_TEST_ADDONS=off "SLUICE_TEST_FOLDER=$FOLDER" "$VENV/pytest" --durations=0 --durations-min=5)

# meek COMMAND…: it takes what time the others leave, also where the kernel shares time out by session.
meek=(bash -c 'echo 19 2>/dev/null >/proc/self/autogroup || true; exec nice -n 19 "$@"' meek)

say "lab $NAME, records in $FOLDER"
# Nothing waits for these.
lane lint "${meek[@]}" make --no-print-directory lint
lane unit "${meek[@]}" "$VENV/pytest" tests/unit
lane timelines "${meek[@]}" "$VENV/pytest" tests/golden tests/faults
"$VENV/python" -m lab build
say "the lab is built"
lane lab "$VENV/python" -m lab up --name "$NAME"
away=tests/contract/test_prometheus_away.py # a minute and a half of waiting
lane away "$VENV/pytest" --durations=0 --durations-min=5 "$away"
# Those with MLflow or Prometheus find room beside stories that mostly wait.
sources=(tests/contract/test_{history,prometheus,prometheus_answers,prometheus_scraped,registry,sentiment_example}.py)
lane servers "$VENV/pytest" --durations=0 --durations-min=5 tests/contract tests/chart --ignore=tests/contract/evaluation \
    --ignore="$away" "${sources[@]/#/--ignore=}"
join lab away servers
all_well
# In two, or the longest lane would end alone, on one core.
contracts=tests/contract/evaluation
commands=("$contracts"/test_evaluate_{command,process}.py "$contracts"/test_{fraud,ranking,safety}_example.py "$contracts"/test_{ci_snippets,suites}.py)
lane evaluation "${meek[@]}" "$VENV/pytest" --durations=0 --durations-min=5 "$contracts" "${commands[@]/#/--ignore=}"
lane commands "${meek[@]}" "$VENV/pytest" --durations=0 --durations-min=5 "${commands[@]}"

# Real models and their evaluation fill both cores of a small machine: their clients must not pay for other stories.
lane sentiment "${on_lab[@]}" tests/cluster/test_sentiment.py
join sentiment
lane people "${on_lab[@]}" tests/cluster/test_people.py
lane pods "${on_lab[@]}" tests/cluster/test_pods.py
lane sources "$VENV/pytest" --durations=0 --durations-min=5 "${sources[@]}"
join people pods sources
lane jobs "${on_lab[@]}" tests/cluster/test_evaluation_job.py
join jobs
lane statistics "${meek[@]}" env OPENBLAS_NUM_THREADS=1 "$VENV/pytest" tests/statistics
# Outages are minutes of waiting: other labs come and go beside them.
lane operator "${on_lab[@]}" tests/cluster/test_operator.py
lane outages "${on_lab[@]}" tests/cluster/test_outages.py
lane machine "$VENV/pytest" --durations=0 --durations-min=5 tests/cluster/test_lab_lifecycle.py
join operator outages machine
# The stand-in's facts have a control plane of their own: they need nothing of the lab, and leave its clients alone.
lane standin nice "$VENV/pytest" --durations=0 --durations-min=5 tests/cluster/standin
lane chart "${on_lab[@]}" tests/cluster/test_chart.py
join chart
lane providers "${on_lab[@]}" tests/cluster/test_providers.py
join
# Every number of a verdict is compared with the samples that Prometheus has: none may come late, so nothing else runs.
lane live "${on_lab[@]}" tests/cluster/test_live_analysis.py
join
if [[ -f "$FOLDER/figures.txt" ]]; then while read -r line; do say "$line"; done <"$FOLDER/figures.txt"; fi
"$VENV/python" -m lab down --name "$NAME"

all_well
say "all passed"
printf 'tests: %d passed, 0 failed\n' "$PASSED"
