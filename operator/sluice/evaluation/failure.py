"""Why an evaluation has no result, in words for the termination message."""


class EvaluationFailure(Exception):  # noqa: N818 -- an outcome in our words
    """The evaluation cannot be done: one CamelCase word, a sentence with the cure, the field it is about.

    With a field, another attempt would end the same way; without one it may not.
    """

    def __init__(self, reason: str, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.field = field


def first_line(error: BaseException) -> str:
    """Return the error's type and the first line of its text, bounded: enough to act on, no dump of anything."""
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:300]}" if text else type(error).__name__


def too_large(reason: str, what: str, size: int, limit: int, *, field: str) -> EvaluationFailure:
    """Return the failure for something with more bytes than the administrator allows."""
    cure = "use a smaller one, or have the administrator allow more"
    return EvaluationFailure(reason, f"{what} has {size:,} bytes, allowed are {limit:,}: {cure}", field=field)
