"""The variables of an instance as they are kept: all scopes in one piece of bytes beside the state.

One format byte, then JSON {scope: {name: value as `engine.feel.dump` writes it}}: format 0 plain, format 1 under zstd.
They stand in the row that a step locks, so that who holds the row has read them as they are.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import orjson

from app.engine.bpmn.step import ROOT
from app.engine.feel import dump, load
from app.engine.packing import pack, unpack

PLAIN, PACKED = 0, 1
SMALL = 256
"""Up to so many bytes nothing is gained by packing."""

_MISSING = object()


class Scope(Mapping[str, object]):
    """The stored names of one scope, as FEEL values; each is read when it is asked for."""

    __slots__ = ("_read", "stored")

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self.stored = stored
        self._read: dict[str, object] = {}

    def __getitem__(self, name: str) -> object:
        found = self._read.get(name, _MISSING)
        if found is _MISSING:
            found = self._read[name] = load(self.stored[name])
        return found

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self.stored else default

    def __contains__(self, name: object) -> bool:
        return name in self.stored

    def __iter__(self) -> Iterator[str]:
        return iter(self.stored)

    def __len__(self) -> int:
        return len(self.stored)


Scopes = Mapping[str, Scope]


def read(kept: bytes | None) -> dict[str, Scope]:
    """The scopes of what an instance keeps; none of nothing."""
    if not kept:
        return {}
    body = kept[1:]
    data = orjson.loads(unpack(body) if kept[0] == PACKED else body)
    return {scope: Scope(stored) for scope, stored in data.items()}


def write(
    scopes: Scopes, changes: Mapping[str, Mapping[str, object]] | None = None, closed: Collection[str] = ()
) -> bytes:
    """The bytes of the scopes with `changes` written into them and the `closed` ones left out."""
    data: dict[str, dict[str, Any]] = {name: dict(scope.stored) for name, scope in scopes.items()}
    for name, values in (changes or {}).items():
        data.setdefault(name, {}).update((key, dump(value)) for key, value in values.items())
    for name in closed:
        if name != ROOT:
            data.pop(name, None)
    body = orjson.dumps({name: stored for name, stored in data.items() if stored})
    if len(body) <= SMALL:
        return bytes([PLAIN]) + body
    return bytes([PACKED]) + pack(body)
