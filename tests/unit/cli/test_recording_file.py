"""Recordings: what is written is read back, and what was cut off or changed is refused."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sluice.cli.recording_file import Header, Rollout, Step, opened, write
from sluice.core.analysis.samples import Series
from sluice.core.analysis.signals import CounterSpec
from sluice.core.history import Origin, Portion
from sluice.ports import Conflict, NotFound, Rejected

COUNTER = CounterSpec("requests_total", (("service", "predictions"),), "app")
ORIGIN = Origin(namespace="models", target="reviews", begin=1_700_000_000.0, end=1_700_003_600.5, counters=(COUNTER,))
ROLLOUT = Rollout(candidate="c-1", stable="main", steps=(Step(index=0, began=1_700_000_100.0),))
PORTIONS = [
    Portion(
        1_700_000_000.0, 1_700_001_800.0, (Series({"a": 'x"\n'}, ((1_700_000_000.123, 1.0), (1_700_000_015.5, 2.5))),)
    ),
    Portion(
        1_700_001_800.0, 1_700_003_600.5, (Series({"a": 'x"\n'}, ((1_700_003_600.0, 4.0),)), Series({}, ((1.0, 0.0),)))
    ),
]


@pytest.mark.parametrize("name", ["case.jsonl", "case.jsonl.gz"])
@pytest.mark.parametrize("rollout", [None, ROLLOUT])
def test_what_is_written_is_read_back(tmp_path: Path, name: str, rollout: Rollout | None) -> None:
    path, header = tmp_path / name, Header(origin=ORIGIN, rollout=rollout)
    assert write(path, header, PORTIONS) == 4
    found = opened(path)
    assert (found.header, list(found.portions())) == (header, PORTIONS)
    assert [one.name for one in tmp_path.iterdir()] == [name]


times = some.lists(some.integers(0, 2**41), min_size=1, max_size=8, unique=True).map(sorted)
values = some.one_of(some.floats(allow_nan=False), some.integers(0, 2**53).map(float))


@given(
    labels=some.dictionaries(some.text(max_size=5), some.text(max_size=5), max_size=3), moments=times, data=some.data()
)
def test_any_sample_survives(
    tmp_path_factory: pytest.TempPathFactory, labels: dict[str, str], moments: list[int], data: some.DataObject
) -> None:
    path = tmp_path_factory.mktemp("any") / "case.jsonl"
    samples = tuple((moment / 1000, data.draw(values)) for moment in moments)
    portion = Portion(0.0, 2.0, (Series(labels, samples),))
    write(path, Header(origin=ORIGIN), [portion])
    assert list(opened(path).portions()) == [portion]


def test_equal_recordings_are_equal_files(tmp_path: Path) -> None:
    paths = [tmp_path / "one.gz", tmp_path / "two.gz"]
    for path in paths:
        write(path, Header(origin=ORIGIN), PORTIONS)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "case.jsonl"
    write(path, Header(origin=ORIGIN), PORTIONS)
    whole = path.read_bytes()
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(Rejected, match=r"is cut off|is no recording"):
            opened(path)


def test_a_compressed_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "case.gz"
    write(path, Header(origin=ORIGIN), PORTIONS)
    whole = path.read_bytes()
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(Rejected, match=r"is cut off|is no recording|is not gzip"):
            opened(path)


def _changed(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda text: text.replace(old.encode(), new.encode())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(
            _changed('"version":1', '"version":2'), "is of version 2, this program reads 1: update it", id="newer"
        ),
        pytest.param(_changed("2.5", "2.6"), "is cut off or was changed", id="a value was changed"),
        pytest.param(_changed('{"of":1', '\n{"of":1'), "is cut off or was changed", id="a line more"),
        pytest.param(lambda _: b"", "is no recording", id="empty"),
        pytest.param(lambda _: b"[1]\n", "is no recording", id="a list"),
        pytest.param(lambda _: b"\xff\xfe\n", "is no recording", id="no text"),
        pytest.param(lambda _: b'{"format":"other"}\n', "is no recording", id="something else"),
        pytest.param(_changed('"counters":[{', '"counters":[7,{'), "is no recording", id="counters that are none"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, change: Callable[[bytes], bytes], says: str) -> None:
    path = tmp_path / "case.jsonl"
    write(path, Header(origin=ORIGIN), PORTIONS)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(Rejected, match=says) as refused:
        opened(path)
    assert str(path) in str(refused.value)
    assert "`sluice record`" in str(refused.value)


def test_a_line_with_a_right_checksum_may_still_be_wrong(tmp_path: Path) -> None:
    path = tmp_path / "case.jsonl"
    write(path, Header(origin=ORIGIN), [Portion(0, 1, (Series({}, ((0.0, 1.0),)),))])
    body = path.read_text(encoding="utf-8").splitlines()[:-1]
    forged = [line.replace('"gaps":[]', '"gaps":["x"]') for line in body]
    from hashlib import sha256  # noqa: PLC0415 -- only here

    digest = sha256("".join(f"{line}\n" for line in forged).encode()).hexdigest()
    end = json.dumps({"end": {"lines": len(forged), "samples": 1, "sha256": digest}})
    path.write_text("\n".join([*forged, end, ""]), encoding="utf-8")
    with pytest.raises(Rejected, match="line 3 is not of a recording"):
        list(opened(path).portions())


def test_gzip_in_name_only_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "case.gz"
    path.write_bytes(b"{}")
    with pytest.raises(Rejected, match="is not gzip"):
        opened(path)


def test_damaged_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "case.gz"
    path.write_bytes(gzip.compress(b"{}" * 1000)[:12] + b"\xff" * 40)
    with pytest.raises(Rejected, match=r"is damaged|is cut off"):
        opened(path)


def test_nothing_is_overwritten_and_a_failure_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "case.jsonl"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(Conflict, match="exists: name another file"):
        write(path, Header(origin=ORIGIN), PORTIONS)
    assert path.read_text(encoding="utf-8") == "mine"
    with pytest.raises(NotFound):
        opened(tmp_path / "nowhere")
    with pytest.raises(Rejected, match="cannot be written"):
        write(tmp_path / "no" / "folder", Header(origin=ORIGIN), PORTIONS)
    assert list(tmp_path.iterdir()) == [path]
