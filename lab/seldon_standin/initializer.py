"""The init container of prepackaged servers: `initializer SRC DEST` copies a model's artifact into a folder.

SRC is `mlflow-artifacts://host:port/path` (MLflow's artifact proxy over HTTP), `http(s)://….tar.gz`, or
`file:///path`. It ends with a code above 0 when there is nothing at SRC. Standard library only.
"""

import json
import shutil
import sys
import tarfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

TIMEOUT = 30
ATTEMPTS = 5
PROXY = "/api/2.0/mlflow-artifacts/artifacts"


class Missing(Exception):  # noqa: N818 (it reads as a word)
    """There is no artifact at the source."""


def fetch(source: str, destination: Path) -> int:
    """Copy the artifact; return how many files it has. Raises Missing, OSError or ValueError."""
    scheme = urllib.parse.urlsplit(source).scheme
    destination.mkdir(parents=True, exist_ok=True)
    schemes: dict[str, Callable[[str, Path], None]] = {
        "mlflow-artifacts": _from_mlflow,
        "http": _from_archive,
        "https": _from_archive,
        "file": _from_folder,
    }
    if scheme not in schemes:
        raise ValueError(f"no such kind of source: {source}")
    schemes[scheme](source, destination)
    count = sum(1 for path in destination.rglob("*") if path.is_file())
    if count == 0:
        raise Missing(source)
    return count


def _from_mlflow(source: str, destination: Path) -> None:
    parts = urllib.parse.urlsplit(source)
    proxy, root = f"http://{parts.netloc}{PROXY}", PurePosixPath(parts.path.lstrip("/"))
    for file in _files(proxy, root):
        target = destination / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_get(f"{proxy}/{urllib.parse.quote(str(file))}"))


def _files(proxy: str, folder: PurePosixPath) -> Iterator[PurePosixPath]:
    """All files below a folder; the proxy names them relative to the folder that was asked for."""
    listing = json.loads(_get(f"{proxy}?{urllib.parse.urlencode({'path': str(folder)})}"))
    for item in listing.get("files", []):
        path = folder / PurePosixPath(item["path"]).name
        if item.get("is_dir"):
            yield from _files(proxy, path)
        else:
            yield path


def _from_archive(source: str, destination: Path) -> None:
    archive = destination / ".archive"
    archive.write_bytes(_get(source))
    with tarfile.open(archive) as packed:
        for member in packed:
            if not _inside(destination, member):
                raise ValueError(f"{source} holds {member.name!r}, which is no file or folder inside it")
            packed.extract(member, destination, set_attrs=False)
    archive.unlink()


def _inside(destination: Path, member: tarfile.TarInfo) -> bool:
    target = (destination / member.name).resolve()
    return (member.isfile() or member.isdir()) and target.is_relative_to(destination.resolve())


def _from_folder(source: str, destination: Path) -> None:
    folder = Path(urllib.parse.unquote(urllib.parse.urlsplit(source).path))
    if not folder.exists():
        raise Missing(source)
    if folder.is_dir():
        shutil.copytree(folder, destination, dirs_exist_ok=True)
    else:
        shutil.copy(folder, destination)


def _get(url: str) -> bytes:
    """Download, trying again while the server cannot be reached or is not well."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
                content: bytes = response.read()
                return content
        except urllib.error.HTTPError as error:
            if error.code < 500:  # noqa: PLR2004 (the server answered: there is no such thing)
                raise Missing(f"{url}: {error.code}") from error
            failure: OSError = error
        except OSError as error:
            failure = error
        print(f"attempt {attempt}: {url}: {failure}", file=sys.stderr)
        if attempt < ATTEMPTS:
            time.sleep(attempt / 2)
    raise failure


def main(arguments: list[str]) -> int:
    """Entry point."""
    if len(arguments) != 2:  # noqa: PLR2004 (a source and a destination)
        print(__doc__, file=sys.stderr)
        return 2
    source, destination = arguments
    try:
        count = fetch(source, Path(destination))
    except (Missing, OSError, ValueError, tarfile.TarError) as error:
        print(f"nothing fetched from {source}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(f"{count} files from {source} in {destination}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
