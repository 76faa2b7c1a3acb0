"""Archives of tests: what is plain lands in the folder, all else is refused and nothing lands elsewhere."""

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sluice.evaluation.suites.archive import LIMITS, Limits, UnsafeArchive, unpack

PLAIN = {"tests/test_one.py": b"def test(): ...\n", "tests/data/items.csv": b"a,b\n" * 1000, "conftest.py": b""}


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    """Return an entry of a tar."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


def tar(*entries: tarfile.TarInfo, content: bytes = b"x") -> bytes:
    """Return a compressed tar of these entries, each file with this content."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as made:
        for one in entries:
            one.size = len(content) if one.isreg() else 0
            made.addfile(one, io.BytesIO(content) if one.isreg() else None)
    return target.getvalue()


def zipped(*names: str, content: bytes = b"x", mode: int = 0) -> bytes:
    """Return a zip of these names, each with this content and mode."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = mode << 16, zipfile.ZIP_DEFLATED
            made.writestr(info, content)
    return target.getvalue()


def lying(content: bytes) -> bytes:
    """Return a zip that says of its file that it is small."""
    packed = zipped("a.py", content=content)
    size = len(content).to_bytes(4, "little")
    return packed.replace(size, (1).to_bytes(4, "little"))


def encrypted() -> bytes:
    """Return a zip whose file says that it is encrypted."""
    packed = bytearray(zipped("a.py"))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    packed[6] |= 1
    return bytes(packed)


def unpacked(tmp_path: Path, name: str, content: bytes, limits: Limits = LIMITS) -> Path:
    """Unpack an archive into a folder two levels down."""
    file = tmp_path / "fetched" / name
    file.parent.mkdir()
    file.write_bytes(content)
    folder = tmp_path / "scratch" / "suite"
    folder.mkdir(parents=True)
    unpack(file, name, folder, limits)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def tar_of(contents: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as made:
        made.addfile(member("./", tarfile.DIRTYPE))
        for name, content in contents.items():
            one = member(f"./{name}")
            one.size, one.mode = len(content), 0o4777
            made.addfile(one, io.BytesIO(content))
    return target.getvalue()


def zip_of(contents: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("tests/", b"")
        for name, content in contents.items():
            made.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(("name", "make"), [("a.tar.gz", tar_of), ("a.tgz", tar_of), ("A.ZIP", zip_of)])
def test_plain_files_and_folders_are_unpacked(
    tmp_path: Path, name: str, make: Callable[[dict[str, bytes]], bytes]
) -> None:
    folder = unpacked(tmp_path, name, make(PLAIN))

    assert files(folder) == PLAIN
    assert all(not path.stat().st_mode & (stat.S_ISUID | stat.S_IXUSR) for path in folder.rglob("*.py"))
    assert sorted(path.name for path in folder.parent.iterdir()) == ["suite"]


NAME = "a name that is not followed"
KIND = "neither file nor folder"
BROKEN = "cannot be unpacked"
BOMB = b"\0" * (2 << 20)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        *(
            pytest.param(f"a{ending}", made(entry), NAME, id=f"{ending}: {entry!a}")
            for ending, made in ((".tar.gz", lambda entry: tar(member(entry))), (".zip", zipped))
            for entry in (
                "../escaped.py",
                "a/../../escaped.py",
                "/escaped.py",
                "..\\escaped.py",
                "c:escaped.py",
                "a\nb",
            )
        ),
        *(
            pytest.param("a.tgz", tar(member("a.py", kind, "/etc/passwd")), KIND, id=f"tar: a {word}")
            for word, kind in (
                ("symbolic link", tarfile.SYMTYPE),
                ("hard link", tarfile.LNKTYPE),
                ("device", tarfile.CHRTYPE),
                ("block device", tarfile.BLKTYPE),
                ("pipe", tarfile.FIFOTYPE),
            )
        ),
        pytest.param("a.zip", zipped("a.py", mode=stat.S_IFLNK | 0o777), KIND, id="zip: a symbolic link"),
        pytest.param("a.zip", zipped("a.py", mode=stat.S_IFIFO), KIND, id="zip: a pipe"),
        pytest.param("a.zip", zipped("a.py", content=BOMB), "more than 1 MiB", id="zip: a bomb"),
        pytest.param("a.tgz", tar(member("a.py"), content=BOMB), "more than 1 MiB", id="tar: a bomb"),
        pytest.param("a.tgz", gzip.compress(b"\0" * (9 << 20)), "more than 1 MiB", id="tar: a bomb of nothing"),
        pytest.param("a.zip", lying(BOMB), BROKEN, id="zip: a bomb that says it is small"),
        pytest.param(
            "a.tgz", tar(*(member(f"{number}.py") for number in range(51))), "more than 50 files", id="tar: many files"
        ),
        pytest.param("a.zip", zipped(*map(str, range(51))), "more than 50 files", id="zip: many files"),
        pytest.param("a.tgz", tar(member("a.py"), member("./a.py")), BROKEN, id="tar: a file twice"),
        pytest.param("a.tgz", tar(member("a"), member("a/b.py")), BROKEN, id="tar: a file as a folder"),
        pytest.param("a.tgz", tar(member("/".join("a" * 40))), NAME, id="tar: folders without end"),
        pytest.param("a.tgz", tar(member("a" * 300)), "a name that is too long", id="tar: a long name"),
        pytest.param("a.tgz", tar(member("a.py"))[:-20], BROKEN, id="tar: cut off"),
        pytest.param("a.zip", zipped("a.py")[:-20], BROKEN, id="zip: cut off"),
        pytest.param("a.zip", encrypted(), BROKEN, id="zip: encrypted"),
        pytest.param("a.zip", tar(member("a.py")), BROKEN, id="a tar that is called a zip"),
        pytest.param("a.tgz", b"import os\n", BROKEN, id="no archive at all"),
        pytest.param("a.tgz", b"", BROKEN, id="an empty file"),
        pytest.param("a.tgz", bytes(5 << 20), "more than 4 MiB", id="a large file"),
    ],
)
def test_what_is_not_plain_is_refused(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    with pytest.raises(UnsafeArchive, match=says):
        unpacked(tmp_path, name, content, Limits(packed_bytes=4 << 20, unpacked_bytes=1 << 20, entries=50))
    assert list(tmp_path.rglob("escaped*")) == []
    assert not Path("/escaped.py").exists()
    assert sum(path.stat().st_size for path in (tmp_path / "scratch").rglob("*") if path.is_file()) <= 1 << 20
