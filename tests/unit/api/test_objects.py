"""The models agree with the table of objects, which the API server judges too (tests/contract)."""

import pytest
from pydantic import ValidationError

from sluice.api.candidate import ModelCandidateSpec
from sluice.api.crd import KINDS
from sluice.api.schema import Model
from tests.support.object_cases import CASES, Case
from tests.support.objects import candidate, plan

SPECS: dict[str, type[Model]] = {kind.kind: kind.spec for kind in KINDS}


def accepts(case: Case) -> bool:
    try:
        SPECS[case.manifest["kind"]].model_validate(case.manifest["spec"], by_alias=True, by_name=False)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES])
def test_the_models_judge_objects(case: Case) -> None:
    assert accepts(case) is case.valid


def test_the_table_has_enough_of_both_kinds() -> None:
    assert sum(case.valid for case in CASES) >= 15
    assert sum(not case.valid for case in CASES) >= 40
    assert len({case.id for case in CASES}) == len(CASES)


def test_an_error_never_repeats_what_the_user_wrote() -> None:
    secret = "hunter2 \n"  # noqa: S105 -- a made-up one
    with pytest.raises(ValidationError) as refused:
        ModelCandidateSpec.model_validate(candidate(planRef={"name": secret})["spec"])
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("manifest", [candidate(), plan()], ids=["candidate", "plan"])
def test_a_spec_survives_a_round_trip(manifest: dict[str, object]) -> None:
    model = SPECS[str(manifest["kind"])]
    spec = model.model_validate(manifest["spec"])
    assert model.model_validate(spec.model_dump(by_alias=True, mode="json", exclude_none=True)) == spec
