"""Which use of the plan's data sets an evaluation on this machine is: as a rollout of the version would count it."""

from sluice.api.plan import Evaluation
from sluice.cli.evaluate_inputs import LocalModel
from sluice.cli.evaluate_registry import Registry
from sluice.core import use_tags
from sluice.core.gates.reuse import Uses, counted, uses_of
from sluice.core.timeline import printable
from sluice.ports import Rejected

OPTION = "--count-use"


def uses(model: LocalModel, evaluation: Evaluation, registry: Registry, *, count: bool) -> Uses:
    """Return the uses, and have them counted if asked; what is in no registry uses each set for the first time.

    Raises errors of `sluice.ports`.
    """
    datasets = [one.digest for one in counted(evaluation)]
    if not model.version:
        if count:
            raise Rejected(
                f"{OPTION}: uses are tags of a registered model, and {printable(model.asked)} is none: "
                "register it and say --candidate models:/NAME/VERSION, or leave the option out"
            )
        return ()
    if not datasets:
        return ()
    tags = registry.tags(model.name)
    due = use_tags.due(tags, model.digest, datasets)
    if count:
        registry.tag(model.name, due)
    return uses_of(evaluation, use_tags.uses({**tags, **due}, model.digest, datasets))
