"""The part of CBOR (RFC 8949) that envelopes need: whole numbers, text, null, lists and maps, in shortest form."""

from collections.abc import Mapping
from typing import Any, Final

_NULL: Final = 0xF6
_UINT, _NEGATIVE, _TEXT, _ARRAY, _MAP = 0, 1, 3, 4, 5


def dumps(value: object) -> bytes:
    out = bytearray()
    _write(out, value)
    return bytes(out)


def _write(out: bytearray, value: object) -> None:
    if value is None:
        out.append(_NULL)
    elif isinstance(value, int):
        _head(out, _UINT if value >= 0 else _NEGATIVE, value if value >= 0 else -1 - value)
    elif isinstance(value, str):
        text = value.encode()
        _head(out, _TEXT, len(text))
        out += text
    elif isinstance(value, list | tuple):
        _head(out, _ARRAY, len(value))
        for item in value:
            _write(out, item)
    elif isinstance(value, Mapping):
        _head(out, _MAP, len(value))
        for key, item in value.items():
            _write(out, key)
            _write(out, item)
    else:
        raise TypeError(f"an envelope holds no {type(value).__name__}")


def _head(out: bytearray, major: int, number: int) -> None:
    if number < 24:
        out.append(major << 5 | number)
        return
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            out.append(major << 5 | code)
            out += number.to_bytes(size, "big")
            return
    raise OverflowError("an envelope's numbers have 64 bits")


def loads(data: bytes) -> Any:
    """Raises ValueError for anything that `dumps` does not write."""
    value, end = _read(data, 0)
    if end != len(data):
        raise ValueError("bytes behind the end")
    return value


def _read(data: bytes, at: int) -> tuple[Any, int]:
    if at >= len(data):
        raise ValueError("cut short")
    first = data[at]
    at += 1
    if first == _NULL:
        return None, at
    major, number = first >> 5, first & 31
    if number >= 24:
        if number > 27:
            raise ValueError("not an envelope")
        size = 1 << number - 24
        number = int.from_bytes(data[at : at + size], "big")
        at += size
    if major == _UINT:
        return number, at
    if major == _NEGATIVE:
        return -1 - number, at
    if major == _TEXT:
        if at + number > len(data):
            raise ValueError("cut short")
        return data[at : at + number].decode(), at + number
    if major == _ARRAY:
        items = []
        for _ in range(number):
            item, at = _read(data, at)
            items.append(item)
        return items, at
    if major == _MAP:
        entries = {}
        for _ in range(number):
            key, at = _read(data, at)
            entries[key], at = _read(data, at)
        return entries, at
    raise ValueError("not an envelope")
