"""A native histogram in Prometheus' protobuf exposition, the only form in which a pod can show one."""

import struct
from collections.abc import Mapping

CONTENT_TYPE = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
_HISTOGRAM = 4


def native_histogram(name: str, labels: Mapping[str, str], count: int) -> bytes:
    """Return a family with one histogram that counted `count` times 1.0, without any classic bucket."""
    span = _number(1, 0) + _number(2, 1)
    buckets = _number(5, 0) + _bytes(12, span) + _number(13, _zigzag(count))
    histogram = _number(1, count) + _double(2, float(count)) + buckets + _double(6, 1e-9) + _number(7, 0)
    pairs = b"".join(_bytes(1, _text(1, key) + _text(2, value)) for key, value in labels.items())
    family = _text(1, name) + _text(2, "latency") + _number(3, _HISTOGRAM) + _bytes(4, pairs + _bytes(7, histogram))
    return _varint(len(family)) + family


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _zigzag(value: int) -> int:
    return value * 2 if value >= 0 else -value * 2 - 1


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
