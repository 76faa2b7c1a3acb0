"""Writes the sets of requests and three helpers: one that serves, one that tells pairs apart, one that has learned to.

`python -m examples.safety.train` writes to examples/safety/.data; `--out` names another folder.
"""

from pathlib import Path

from mlflow.types import DataType
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from examples.models import save
from examples.safety import helpers
from examples.safety.requests import HARMFUL, NAMES, draw, write
from examples.writing import write_to_folder

DATA = Path(__file__).parent / ".data"
SETS = {"requests-300": (300, 200, 1), "requests-3000": (3000, 1000, 2)}
"""By name: how many harmful ones, how many harmless ones, and the seed."""
TRAINING_SEED = 3
TRAINING_REQUESTS = 400
"""Of either kind: too few to have met every name beside every other one."""
DANGEROUS = ("chlorine", "acid", "alcohol", "peroxide", "ammonia")


def learned() -> Pipeline:
    """Return a classifier of words, trained on requests of its own."""
    requests = draw(harmful=TRAINING_REQUESTS, harmless=TRAINING_REQUESTS, seed=TRAINING_SEED)
    classifier = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=10, solver="newton-cg", tol=1e-8, max_iter=1000)
    )
    return classifier.fit([one.text for one in requests], [one.label for one in requests])


def write_all(out: Path) -> dict[str, str]:
    """Write sets and models to a folder, and return the digests of the sets by name."""
    out.mkdir(parents=True, exist_ok=True)
    models = {
        "champion": helpers.Rules(NAMES, alone=DANGEROUS),
        "pairs": helpers.Rules(NAMES, pairs=HARMFUL),
        "learned": helpers.Learned(learned()),
    }
    for name, model in models.items():
        save(model, out / name, helpers, {"text": DataType.string})
    return {
        name: write(draw(harmful=harmful, harmless=harmless, seed=seed), out / f"{name}.jsonl")
        for name, (harmful, harmless, seed) in SETS.items()
    }


if __name__ == "__main__":
    write_to_folder(__doc__, DATA, write_all, ".jsonl")
