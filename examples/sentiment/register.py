"""Registers the champion and its candidates in MLflow, with the hold-out, and writes manifests that name them.

Run it from the root of the repository: `python -m examples.sentiment.register --tracking-uri http://…`.
Versions: 1 champion, 2 good, 3 cell, 4 fragile. A registry that has them already is left as it is.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import cloudpickle  # type: ignore[import-untyped]
import mlflow
import yaml
from mlflow.models import ModelSignature
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.types import ColSpec, DataType, Schema
from sklearn.pipeline import Pipeline

from examples.models import quiet, requirements
from examples.sentiment import model, pipeline
from examples.sentiment.prepare import (
    DATA,
    Corpus,
    corpus,
    traffic,
    write_holdout,
    write_traffic,
)
from examples.sentiment.source import cache_folder, fetch
from examples.sentiment.train import RECIPES, Recipe, count, train

NAME = "review-sentiment"
EXPERIMENT = "review-sentiment"
HOLDOUT_FOLDER = "mlflow-artifacts:/datasets/review-sentiment"
SIGNATURE = ModelSignature(
    inputs=Schema([ColSpec(DataType.string, "text")]), outputs=Schema([ColSpec(DataType.string)])
)
MANIFESTS = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Registered:
    """What the registry holds now: where the hold-out is, and where each version's artifact is, by recipe."""

    holdout_uri: str
    holdout_digest: str
    artifacts: dict[str, str]


def register(tracking_uri: str, out: Path) -> Registered:
    """Train and register what is missing; write the hold-out, the traffic and the manifests to `out`."""
    mlflow.set_tracking_uri(tracking_uri)
    mlflow.set_registry_uri(tracking_uri)
    out.mkdir(parents=True, exist_ok=True)
    data = corpus(fetch(cache_folder()))
    digest = write_holdout(data.holdout, out / "holdout.parquet")
    write_traffic(traffic(data.holdout), out / "traffic.jsonl")
    get_artifact_repository(HOLDOUT_FOLDER).log_artifact(str(out / "holdout.parquet"))
    if not mlflow.search_registered_models(filter_string=f"name = '{NAME}'"):
        _register_all(data)
    registered = Registered(
        holdout_uri=f"{HOLDOUT_FOLDER}/holdout.parquet", holdout_digest=digest, artifacts=_artifacts()
    )
    _write_manifests(registered, out / "manifests")
    (out / "registered.json").write_text(json.dumps(asdict(registered), indent=2) + "\n")
    return registered


def _register_all(data: Corpus) -> None:
    mlflow.set_experiment(EXPERIMENT)
    for module in (model, pipeline):
        cloudpickle.register_pickle_by_value(module)
    for recipe in RECIPES:
        _register_one(recipe, train(recipe, data), data)
    mlflow.MlflowClient().set_registered_model_alias(NAME, "champion", "1")


def _register_one(recipe: Recipe, trained: Pipeline, data: Corpus) -> None:
    counts = count(trained, data)
    with mlflow.start_run(run_name=f"train-{recipe.name}", description=recipe.about):
        mlflow.log_params({key: value for key, value in asdict(recipe).items() if key not in {"name", "about"}})
        mlflow.log_metrics({key: float(value) for key, value in asdict(counts).items()})
        mlflow.pyfunc.log_model(
            name="model",
            python_model=model.SentimentModel(trained),
            signature=SIGNATURE,
            pip_requirements=requirements(),
            registered_model_name=NAME,
        )
    print(
        f"{recipe.name}: {counts.correct} of {counts.items} right, {counts.negative_as_positive} of "
        f"{counts.negatives} negatives taken for positive ({recipe.about})",
        flush=True,
    )


def _artifacts() -> dict[str, str]:
    client = mlflow.MlflowClient()
    return {
        recipe.name: client.get_model_version_download_uri(NAME, str(number))
        for number, recipe in enumerate(RECIPES, start=1)
    }


def serving_uri(artifact: str, server: str) -> str:
    """Return what a predictor's modelUri names: the artifact's path on the registry's host, as pods reach it."""
    return f"mlflow-artifacts://{server}{urlsplit(artifact).path}"


def _write_manifests(registered: Registered, folder: Path) -> None:
    """Write the example's manifests with the champion's place and the hold-out's digest of this registry in them."""
    folder.mkdir(exist_ok=True)
    for source in sorted(MANIFESTS.glob("*.yaml")):
        manifest = yaml.safe_load(source.read_text())
        if manifest["kind"] == "SeldonDeployment":
            graph = manifest["spec"]["predictors"][0]["graph"]
            graph["modelUri"] = serving_uri(registered.artifacts["champion"], urlsplit(graph["modelUri"]).netloc)
        if manifest["kind"] == "RolloutPlan":
            place = {"uri": registered.holdout_uri, "digest": registered.holdout_digest}
            manifest["spec"]["evaluation"]["datasets"][0] |= place
        (folder / source.name).write_text(yaml.safe_dump(manifest, sort_keys=False))


def main(arguments: Sequence[str] | None = None) -> None:
    """Register, and print where everything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracking-uri", required=True, help="of the MLflow server, which must serve artifacts")
    parser.add_argument("--out", type=Path, default=DATA, help="folder for data and manifests")
    options = parser.parse_args(arguments)
    quiet()
    registered = register(options.tracking_uri, options.out)
    print(json.dumps(asdict(registered), indent=2))


if __name__ == "__main__":
    main()
