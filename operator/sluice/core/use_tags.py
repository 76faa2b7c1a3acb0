"""How often a pinned data set was used to judge models, as tags beside the models: one tag a use, never rewritten.

A model is known by its digest: the same bytes on the same set give the same numbers, which is no second use.
"""

import re
from collections.abc import Collection, Mapping

_PREFIX = "sluice.use"
_DIGITS = 16
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


def use_tag(dataset: str, model: str) -> str:
    """Return the tag's key, from the digests of data set and model."""
    return f"{_of(dataset)}{_short(model)}"


def uses(tags: Mapping[str, str], model: str, datasets: Collection[str]) -> Mapping[str, int]:
    """Return which use of each set this model's is, from 1, by the sets' digests; unused sets are left out.

    A tag whose value is no number is taken for a use that has no number yet.
    """
    found = {dataset: _number(tags.get(use_tag(dataset, model), "")) for dataset in datasets}
    return {dataset: number for dataset, number in found.items() if number}


def due(tags: Mapping[str, str], model: str, datasets: Collection[str]) -> Mapping[str, str]:
    """Return the tags to set so that this model's uses are counted: each is later than all uses on record."""
    counted = uses(tags, model, datasets)
    return {
        use_tag(dataset, model): str(_last(tags, dataset, model) + 1) for dataset in datasets if dataset not in counted
    }


def _last(tags: Mapping[str, str], dataset: str, model: str) -> int:
    """Return the number of the last use by others; never less than how many there are."""
    mine = use_tag(dataset, model)
    others = [_number(value) for key, value in tags.items() if key.startswith(_of(dataset)) and key != mine]
    return max(len(others), *others, 0)


def _of(dataset: str) -> str:
    return f"{_PREFIX}.{_short(dataset)}."


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_DIGITS]


def _number(value: str) -> int:
    """Return the number that a tag holds; 0 for anything else."""
    return int(value) if _NUMBER.fullmatch(value) else 0
