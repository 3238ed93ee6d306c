"""What forms need to know of a package's data dictionary."""

from collections.abc import Iterator, Sequence
from typing import Protocol


class Label(Protocol):
    def in_language(self, language: str, /) -> str: ...


class AllowedValue(Protocol):
    @property
    def value(self) -> object: ...
    @property
    def label(self) -> Label: ...


class Entry(Protocol):
    """One declared name: its type, its words, whether a form may write it."""

    @property
    def type(self) -> str: ...
    @property
    def form(self) -> bool: ...
    @property
    def label(self) -> Label: ...
    @property
    def values(self) -> Sequence[AllowedValue]: ...
    @property
    def ended(self) -> Sequence[AllowedValue]: ...
    @property
    def registered(self) -> bool: ...


class Dictionary(Protocol):
    """The declared names. None in its place means a foreign package without a dictionary: nothing is checked."""

    def __contains__(self, name: object, /) -> bool: ...
    def __getitem__(self, name: str, /) -> Entry: ...
    def __iter__(self) -> Iterator[str]: ...


def entry(dictionary: Dictionary | None, name: str) -> Entry | None:
    return dictionary[name] if dictionary is not None and name in dictionary else None
