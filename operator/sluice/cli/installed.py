"""`python -m sluice.cli.installed URL`: what `helm test` runs, inside the operator's image.

Asks the API server, with the operator's own service account, for both kinds, and the operator whether it is ready.
"""

import sys
from http import HTTPStatus
from urllib.error import URLError
from urllib.request import urlopen

from sluice.api.crd import KINDS
from sluice.cli.cluster import connected
from sluice.ports import SluiceError

_SECONDS = 10


def missing_kinds(served: frozenset[str]) -> list[str]:
    """Return what is wrong with the kinds that the API server serves, as sentences."""
    return [
        f"the API server does not serve {kind.kind}: apply crds/ or set crds.enabled"
        for kind in KINDS
        if kind.plural not in served
    ]


def unready(url: str) -> list[str]:
    """Return what is wrong with the operator behind a URL, as sentences."""
    try:
        with urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310 -- the chart's own URL
            return [] if answer.status == HTTPStatus.OK else [f"{url} answers {answer.status}"]
    except (URLError, TimeoutError) as error:
        return [f"{url} does not answer ({error}): see the logs of the operator's pods"]


def main(url: str) -> int:
    """Print every fault; return 0 when there is none."""
    try:
        faults = missing_kinds(connected().kinds()) + unready(url)
    except SluiceError as error:
        faults = [str(error)]
    print("\n".join(faults) or "Sluice is installed and ready")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
