"""The last words of an evaluation Job's pod: where its result is, or why there is none. At most 4 KiB of JSON."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from sluice.api.evaluation_result import explain
from sluice.api.schema import Digest, Record, ShortText

TERMINATION_SCHEMA: Final = "sluice.dev/evaluation-termination/v1"
TERMINATION_LIMIT = 4096
"""What the kubelet keeps of a termination message, in bytes."""


class InvalidTermination(ValueError):  # noqa: N818 -- an outcome in our words
    """A text that is no termination message; the message names the field and is safe to show."""


class JobFailure(Record):
    """Why the Job has no result."""

    reason: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]{0,63}$")]
    """One word: DatasetDigestMismatch, ModelLoadFailed, RegistryUnavailable…"""
    message: Annotated[str, Field(max_length=1024)]
    """The same in a sentence, with the cure."""
    field: ShortText = ""
    """The field of the plan or the candidate that it is about: another attempt would end the same way."""


class Termination(Record):
    """The message: where the result is and what it must hash to, or an error."""

    schema_version: Literal["sluice.dev/evaluation-termination/v1"] = TERMINATION_SCHEMA
    """Version of this format."""
    candidate_uid: ShortText
    """UID of the ModelCandidate that the Job was for."""
    attempt: Annotated[int, Field(ge=0)]
    """Number of the attempt."""
    run_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,64}$")] | None = None
    """The MLflow run."""
    artifact_path: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\.json$", max_length=256)] | None = (
        None
    )
    """The document's path among the run's artifacts."""
    sha256: Digest | None = None
    """Digest of the document's bytes."""
    error: JobFailure | None = None
    """Why there is no result."""

    @model_validator(mode="after")
    def _result_or_error(self) -> Self:
        result = (self.run_id, self.artifact_path, self.sha256)
        if any(part is None for part in result) if self.error is None else any(part is not None for part in result):
            raise ValueError("needs either runId, artifactPath and sha256, or error")
        return self


def parse_termination(text: str) -> Termination:
    """Return the message in `text`. Raises InvalidTermination for anything that is none."""
    if len(text.encode(errors="replace")) > TERMINATION_LIMIT:
        raise InvalidTermination(f"the termination message has more than {TERMINATION_LIMIT} bytes")
    try:
        return Termination.model_validate_json(text)
    except ValidationError as error:
        raise InvalidTermination(f"the termination message is invalid: {explain(error)}") from None
    except (ValueError, RecursionError):
        raise InvalidTermination("the termination message is invalid: not JSON") from None


def render_termination(message: Termination) -> str:
    """Return the message as JSON; a long error text is cut so that it fits."""
    text = message.model_dump_json(by_alias=True, exclude_none=True)
    if len(text.encode()) <= TERMINATION_LIMIT or message.error is None:
        return text
    error = message.error.model_copy(update={"message": message.error.message[: len(message.error.message) // 2]})
    return render_termination(message.model_copy(update={"error": error}))
