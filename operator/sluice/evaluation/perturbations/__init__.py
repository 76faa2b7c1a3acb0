"""Changes of a text that leave its meaning, one file each.

`perturb(text, chance)` draws all it needs from `chance`, which is seeded by the text itself: the same text is changed
the same way for every model, in every batch, at every attempt. Source of the idea: invariance tests of Ribeiro et al.,
"Beyond Accuracy: Behavioral Testing of NLP Models with CheckList" (ACL 2020).
"""

from collections.abc import Callable, Mapping
from random import Random

from sluice.api.offline_metric import Perturbation
from sluice.evaluation.perturbations import case, emoji, names, typos

Perturb = Callable[[str, Random], str]

PERTURBATIONS: Mapping[Perturbation, Perturb] = {
    Perturbation(module.NAME): module.perturb for module in (case, emoji, names, typos)
}


def perturbed(kind: Perturbation, text: str) -> str:
    """Return the text as this perturbation has it."""
    return PERTURBATIONS[kind](text, Random(f"{kind}\n{text}"))  # noqa: S311 -- no secret is drawn
