"""What was said of items that is already in a data set: by which model version, in which columns, of which classes."""

from typing import Annotated, ClassVar, Self

from pydantic import model_validator

from sluice.api.schema import Digest, FreeName, Model, atomic_list

MOST_CLASSES = 64
MOST_PREDICTIONS = 16
MOST_RATERS = 32

_ONE_EACH = "classes names the class of each column, or the two of one column: it holds the chance of the second"


class ModelPredictions(Model):
    """What one model version said of each item, as columns of the data set."""

    digest: Digest
    """Digest of the model version's artifact: these are its predictions and no other version's."""
    columns: Annotated[tuple[FreeName, ...], atomic_list(least=1, most=MOST_CLASSES)]
    """One column with a class, a number or a probability an item; or one a class, with scores."""
    classes: Annotated[tuple[FreeName, ...], atomic_list(most=MOST_CLASSES)] = ()
    """The classes of the columns, where they are not called like them; two for one column of probabilities."""

    CEL: ClassVar = (
        (
            "!has(self.classes) || size(self.classes) in [0, size(self.columns) == 1 ? 2 : size(self.columns)]",
            _ONE_EACH,
        ),
    )

    @model_validator(mode="after")
    def _classes_fit(self) -> Self:
        wanted = 2 if len(self.columns) == 1 else len(self.columns)
        if len(self.classes) not in {0, wanted}:
            raise ValueError(_ONE_EACH)
        return self
