"""Several mappings seen as one, without copying them."""

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, Protocol, TypeVar, cast

Value = TypeVar("Value")


def layered(*layers: Mapping[str, Value]) -> Mapping[str, Value]:
    """The layers as one mapping: a name is found in the first of them that has it. Nothing is to be written to it."""
    return ChainMap(*cast("tuple[MutableMapping[str, Any], ...]", layers))


class Computed(Mapping[str, Value]):
    """Values by name, each worked out when somebody asks for it, once."""

    def __init__(self, makers: Mapping[str, Callable[[], Value]]) -> None:
        self._makers = makers
        self._made: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class Names(Protocol):
    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...


class Unset(Mapping[str, object]):
    """Every one of `names`, without a value."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def __getitem__(self, name: str) -> object:
        if name in self._names:
            return None
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return sum(1 for _ in self._names)
