"""Agreement of real raters: some twenty people rated each of the snippets that the sentiment example is made of."""

import io
import json
import tarfile

import pytest

from examples.sentiment.prepare import ARCHIVE
from examples.sentiment.source import cache_folder, fetch
from sluice.evaluation.measuring import measure
from tests.unit.evaluation.builders import scored, value, wanted

SIGNS = ("neutral", "positive", "negative")


@pytest.fixture(scope="module")
def archive() -> tarfile.TarFile:
    with tarfile.open(fetch(cache_folder())) as outer:
        inner = outer.extractfile(ARCHIVE)
        assert inner is not None
        return tarfile.open(fileobj=io.BytesIO(inner.read()))


@pytest.mark.parametrize(
    ("stem", "want"),
    [
        pytest.param("amazonReviewSnippets", 0.691, id="Amazon, 20 raters each"),
        pytest.param("movieReviewSnippets", 0.722, id="films, from 15 to 29 raters each"),
        pytest.param("nytEditorialSnippets", 0.365, id="editorials: people disagree"),
    ],
)
def test_krippendorffs_alpha_of_people(stem: str, want: float, archive: tarfile.TarFile) -> None:
    """The last of them takes the model's place."""
    member = archive.extractfile(f"hutto_ICWSM_2014/{stem}_anonDataRatings.txt")
    assert member is not None
    lines = member.read().decode("utf-8-sig").splitlines()
    words = [[_sign(rating) for rating in json.loads(line.split("\t")[3])] for line in lines if line.strip()]
    most = max(map(len, words)) - 1
    raters = list(zip(*(said[:-1] + [None] * (most + 1 - len(said)) for said in words), strict=True))
    model = [said[-1] for said in words]
    found = measure(wanted("agreement", {"coefficient": "Krippendorff"}), scored(model, model, raters=raters))

    assert value(found.candidate) == pytest.approx(want, abs=5e-4)


def _sign(rating: int) -> str:
    return SIGNS[(rating > 0) - (rating < 0)]
