"""Results that other tools left in a file: read within bounds, and refused in words that name the next step."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from sluice.adapters.small_file import SmallFile
from sluice.core.timeline import printable
from sluice.ports import Rejected

MOST_BYTES = 16 * 1024 * 1024
"""A greater file is no summary of results."""
_FILE = SmallFile(
    most_bytes=MOST_BYTES,
    missing="name the file that the tool wrote",
    unreadable="name the tool's file",
    too_large=f"has more than {MOST_BYTES:,} bytes: export the summary, not the items",
)

Json = Mapping[str, Any]


def json_of(path: Path, tool: str) -> Json:
    """Return the JSON object in a file. Raises NotFound or Rejected."""
    try:
        found = json.loads(_FILE.content(path))
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
        return ET.fromstring(_FILE.content(path), ET.XMLParser(target=_Refusing()))  # noqa: S314 -- no document type
    except Rejected as error:
        raise Rejected(f"{printable(str(path))} {error}") from error
    except (ET.ParseError, ValueError, LookupError) as error:
        raise Rejected(f"{printable(str(path))} is no XML ({printable(str(error))}): give the JUnit file") from error
