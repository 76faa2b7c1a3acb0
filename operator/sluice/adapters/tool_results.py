"""Results that other tools left in a file: read within bounds, and refused in words that name the next step."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from sluice.core.timeline import printable
from sluice.ports import NotFound, Rejected

MOST_BYTES = 16 * 1024 * 1024
"""A greater file is no summary of results."""

Json = Mapping[str, Any]


def content_of(path: Path) -> bytes:
    """Return a file's bytes. Raises NotFound or Rejected."""
    try:
        with path.open("rb") as file:
            found = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {printable(str(path))}: name the file that the tool wrote") from error
    except OSError as error:
        raise Rejected(f"{printable(str(path))} cannot be read ({error.strerror}): name the tool's file") from error
    if len(found) > MOST_BYTES:
        raise Rejected(f"{printable(str(path))} has more than {MOST_BYTES:,} bytes: export the summary, not the items")
    return found


def json_of(path: Path, tool: str) -> Json:
    """Return the JSON object in a file. Raises NotFound or Rejected."""
    try:
        found = json.loads(content_of(path))
    except (ValueError, RecursionError) as error:
        raise Rejected(f"{printable(str(path))} is no JSON: give what {tool} wrote") from error
    if not isinstance(found, dict):
        raise Rejected(f"{printable(str(path))} holds no JSON object: give what {tool} wrote")
    return found


class _Refusing(ET.TreeBuilder):
    """Builds a tree, and takes no document type: entities come with one, and results need none."""

    def doctype(self, _name: str, _pubid: str | None, _system: str | None) -> None:
        raise Rejected("declares a document type, which could hold entities that grow: no test runner writes one")


def xml_of(path: Path) -> ET.Element:
    """Return the XML in a file, entities refused. Raises NotFound or Rejected."""
    try:
        return ET.fromstring(content_of(path), ET.XMLParser(target=_Refusing()))  # noqa: S314 -- no document type
    except Rejected as error:
        raise Rejected(f"{printable(str(path))} {error}") from error
    except (ET.ParseError, ValueError, LookupError) as error:
        raise Rejected(f"{printable(str(path))} is no XML ({printable(str(error))}): give the JUnit file") from error
