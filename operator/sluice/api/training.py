"""Training data in a plan: the digest list by which items of a data set are found that a model was trained on."""

from sluice.api.place import PlaceUri
from sluice.api.schema import Digest, Model


class Training(Model):
    """A digest list of training data, as `sluice digests` writes it: fingerprints of items, no text."""

    uri: PlaceUri
    """Where it lies, as the data set itself: `mlflow-artifacts:/PATH`, `store://STORE/KEY` or `pvc://CLAIM/PATH`."""
    digest: Digest
    """SHA-256 of the list, which `sluice digests` prints: another list is refused."""
