"""How much a worse candidate serves before it is taken back, against the least that any test needs, and false alarms.

Run: `python -m benchmarks.analysis_power [RUNS]`. 100 requests/s, 10 % weight, 1 % failures, alpha 0.01, null ratio 1,
a round each second.
"""

import sys
from collections.abc import Mapping
from math import log

import numpy as np

from sluice.core.analysis.breach import Breach
from sluice.core.analysis.counts import Counts
from sluice.core.analysis.rounds import Round
from sluice.core.analysis.settings import Settings

REQUESTS, WEIGHT, BASELINE, ALPHA = 100, 0.1, 0.01, 0.01
LIMIT_SECONDS = 4000
RULES: Mapping[str, Settings] = {
    "one start": Settings(null_ratio=1.0),
    "four starts": Settings(null_ratio=1.0, restarts=3),
}


def least(ratio: float) -> float:
    """Return the candidate requests that a test needs which knows the ratio."""
    spread = 1 + WEIGHT * (ratio - 1)
    return -log(ALPHA) / (BASELINE * (ratio * log(ratio / spread) - (1 - WEIGHT) / WEIGHT * log(spread)))


def served(seed: int, ratio: float, settings: Settings, onset: int = 0) -> float | None:
    """Return the candidate requests from the onset to the breach; None if there is none."""
    rng, state = np.random.default_rng(seed), Breach()
    for second in range(LIMIT_SECONDS):
        mine = int(rng.binomial(REQUESTS, WEIGHT))
        rate = BASELINE * (ratio if second >= onset else 1)
        failed = rng.binomial(mine, rate), rng.binomial(REQUESTS - mine, BASELINE)
        counts = Counts(float(failed[0]), float(mine), float(failed[1]), float(REQUESTS - mine))
        state = state.extend(Round(float(second), second + 1.0, counts, {}), settings)
        if state.crossed_at is not None:
            return (state.crossed_at - onset) * REQUESTS * WEIGHT
    return None


def main(runs: int) -> None:
    """Print one line a rule."""
    print(f"{'rule':12} {'1.5 times':>10} {'2 times':>10} {'5 times':>10} {'3 times, late':>14} {'false alarms':>13}")
    for name, settings in RULES.items():
        times = []
        for ratio in (1.5, 2.0, 5.0):
            found = [one for seed in range(runs) if (one := served(seed, ratio, settings)) is not None]
            times.append(np.mean(found) / least(ratio))
        late = [one for seed in range(runs) if (one := served(seed, 3.0, settings, 1800)) is not None and one > 0]
        false = sum(served(seed, 1.0, settings) is not None for seed in range(runs)) / runs
        print(f"{name:12} {times[0]:10.2f} {times[1]:10.2f} {times[2]:10.2f} {np.mean(late):14.0f} {false:13.2%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
