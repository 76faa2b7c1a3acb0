"""The sentiment example on its real data: what each model does on the hold-out, and what its manifests say."""

import json
from pathlib import Path

import pytest
import yaml
from sklearn.pipeline import Pipeline

from examples.sentiment.prepare import (
    LONG_SHARE,
    LONG_WORDS,
    TRAFFIC_LINES,
    Corpus,
    corpus,
    traffic,
    write_holdout,
    write_traffic,
)
from examples.sentiment.source import cache_folder, fetch
from examples.sentiment.train import RECIPES, Counts, count, train
from sluice.api.candidate import ModelCandidateSpec
from sluice.api.plan import RolloutPlanSpec

EXAMPLE = Path(__file__).parents[2] / "examples" / "sentiment"


@pytest.fixture(scope="module")
def data() -> Corpus:
    return corpus(fetch(cache_folder()))


@pytest.fixture(scope="module")
def models(data: Corpus) -> dict[str, Pipeline]:
    return {recipe.name: train(recipe, data) for recipe in RECIPES}


@pytest.mark.parametrize(
    ("name", "want"),
    [
        pytest.param("champion", (833, 66), id="the champion"),
        pytest.param("good", (853, 57), id="more data: more right, fewer negatives taken for positive"),
        pytest.param("cell", (843, 98), id="unweighted: more right, and many more negatives taken for positive"),
        pytest.param("fragile", (862, 53), id="the fragile one looks best of all offline"),
    ],
)
def test_counts_on_the_hold_out(name: str, want: tuple[int, int], data: Corpus, models: dict[str, Pipeline]) -> None:
    correct, negative_as_positive = want

    assert count(models[name], data) == Counts(
        items=1281, correct=correct, negatives=454, negative_as_positive=negative_as_positive
    )


def test_no_review_is_in_both_parts(data: Corpus) -> None:
    assert not set(data.train["amazon"]["review"]) & set(data.holdout["review"])


def test_only_the_fragile_model_fails_and_only_on_very_long_reviews(data: Corpus, models: dict[str, Pipeline]) -> None:
    texts = sorted(set(traffic(data.holdout)))
    long = {text for text in texts if len(text.split()) >= LONG_WORDS}

    assert {name: _failures(model, texts) for name, model in models.items()} == {
        "champion": set(),
        "good": set(),
        "cell": set(),
        "fragile": long,
    }


def _failures(model: Pipeline, texts: list[str]) -> set[str]:
    failed = set()
    for text in texts:
        try:
            model.predict([text])
        except IndexError:
            failed.add(text)
    return failed


def test_traffic_has_its_share_of_very_long_reviews(data: Corpus, tmp_path: Path) -> None:
    write_traffic(traffic(data.holdout), tmp_path / "traffic.jsonl")
    texts = [json.loads(line)["text"] for line in (tmp_path / "traffic.jsonl").read_text().splitlines()]
    long = [text for text in texts if len(text.split()) >= LONG_WORDS]

    assert len(texts) == TRAFFIC_LINES
    assert len(long) / len(texts) == pytest.approx(LONG_SHARE, abs=0.02)


def test_the_plan_pins_the_hold_out(data: Corpus, tmp_path: Path) -> None:
    plan = RolloutPlanSpec.model_validate(_spec("plan.yaml"))

    assert [dataset.digest for dataset in plan.evaluation.datasets] == [
        write_holdout(data.holdout, tmp_path / "holdout.parquet")
    ]


@pytest.mark.parametrize(("name", "version"), [("good", "2"), ("cell", "3"), ("fragile", "4")])
def test_candidates_name_the_version_of_their_recipe(name: str, version: str) -> None:
    spec = ModelCandidateSpec.model_validate(_spec(f"candidate-{name}.yaml"))

    assert (spec.model.version, RECIPES[int(version) - 1].name) == (version, name)


def _spec(name: str) -> object:
    return yaml.safe_load((EXAMPLE / name).read_text())["spec"]
