"""Files of a plan that lie in named stores, for `sluice evaluate`: the stores from a file, the keys from here.

The file has what the chart's value `stores` has; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are in the environment.
"""

from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from sluice.adapters.object_store import Credentials, ObjectStore, Patience
from sluice.api.evaluation_result import explain
from sluice.api.evaluation_spec import Limits
from sluice.api.place import Place
from sluice.api.schema import LabelName
from sluice.api.store import Store, named
from sluice.ports import NotFound, Rejected

LIMITS = Limits(model_bytes=1 << 50, dataset_bytes=1 << 50)
"""A person's own disk is theirs to fill."""
_STORES = TypeAdapter(dict[LabelName, Store])


def stores_of(path: Path | None) -> Mapping[str, Store]:
    """Return the stores that a file names below `stores`; none without a file. Raises Rejected, NotFound."""
    if path is None:
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound(f"--stores {path}: there is no such file: name one with the chart's value `stores`") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Rejected(f"--stores {path} is no readable YAML ({type(error).__name__})") from error
    known = content.get("stores") if isinstance(content, dict) else None
    try:
        return _STORES.validate_python(known)
    except ValidationError as error:
        raise Rejected(f"--stores {path}: stores: {explain(error)}") from error


def fetch(place: Place, stores: Mapping[str, Store], folder: Path) -> Path:
    """Return a file. Raises errors of `sluice.ports` with the cure."""
    store = stores.get(place.name)
    if store is None:
        known = ", ".join(stores) or "none"
        raise NotFound(f"no store is called {place.name}: known are {known}; say what they are with --stores FILE")
    credentials = Credentials.of_environment() if store.credentials else Credentials()
    if store.credentials and credentials.lacking:
        lacking = " and ".join(credentials.lacking)
        raise Rejected(f"store {place.name} wants an access key: set {lacking} in the environment")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / Path(place.path).name
    reader = ObjectStore(named(place.name, store), credentials, Patience())
    reader.fetch(place.path, path, limit=LIMITS.dataset_bytes)
    return path
