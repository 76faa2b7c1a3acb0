"""What an order is about, fetched and checked: data sets, challenge sets and suites, before any model is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sluice.api.evaluation_spec import DatasetInput, EvaluationSpec, ModelInput, SuiteInput, TrainingInput
from sluice.evaluation import dataset, predictions
from sluice.evaluation.challenges import loading as challenges
from sluice.evaluation.challenges.loading import LoadedChallenge
from sluice.evaluation.contamination import with_training
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.measuring import check_truth
from sluice.evaluation.perturbing import Change, changes_for
from sluice.evaluation.places import Places
from sluice.evaluation.queries import check_clusters
from sluice.evaluation.slicing import Cuts, cuts_for
from sluice.evaluation.suites.prepared import PreparedSuite, prepare


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All that the models meet."""

    data: Mapping[str, LoadedDataset]
    cuts: Cuts
    changes: Mapping[str, tuple[Change, ...]]
    challenges: Mapping[str, LoadedChallenge]
    suites: tuple[PreparedSuite, ...]

    @property
    def asked(self) -> Mapping[str, LoadedDataset]:
        """The data sets that models are asked about: the others have their predictions."""
        return {name: one for name, one in self.data.items() if not one.source.predictions}


def gather(spec: EvaluationSpec, places: Places, folder: Path) -> Inputs:
    """Bring everything into a folder and check it. Raises EvaluationFailure."""

    def file(kind: str, source: DatasetInput | SuiteInput) -> Path:
        return places.file(source.uri, folder / kind / source.name, field=f"spec.evaluation.{kind}[{source.name}].uri")

    def listed(training: TrainingInput, name: str, field: str) -> Path:
        return places.file(training.uri, folder / "training" / name, field=field)

    data = {source.name: dataset.load(source, file("datasets", source)) for source in spec.datasets}
    check_clusters(spec.measurements, data)
    check_truth(spec.measurements, data)
    data = with_training(spec.measurements, data, listed)
    inputs = Inputs(
        data=data,
        cuts=cuts_for(spec.measurements, data),
        changes=changes_for(spec.measurements, data),
        challenges={
            source.name: challenges.load(source, places, folder / "challenges" / source.name)
            for source in spec.challenge_sets
        },
        suites=tuple(prepare(source, file("suites", source), folder / "laid-out") for source in spec.suites),
    )
    for arm, model in arms_of(spec).items():
        for one in data.values():
            if one.source.predictions:
                predictions.predictions_of(one, model.digest, arm=arm)
    return inputs


def arms_of(spec: EvaluationSpec) -> dict[str, ModelInput]:
    """Return the models by their part in the comparison, the candidate first."""
    return {"candidate": spec.candidate} | ({} if spec.champion is None else {"champion": spec.champion})
