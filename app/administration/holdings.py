"""What other rooms know of a person or keep for one; they are told to this room in the factory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.directory.models import Person


@dataclass(frozen=True, slots=True)
class Holding:
    """Something that waits on a person and stays where it is when they leave; `words` says what becomes of it."""

    words: str
    url: str = ""


_readers: dict[str, Callable[[Person], Sequence[Holding]]] = {}


def register(reader: Callable[[Person], Sequence[Holding]]) -> None:
    """Ask `reader` too what somebody holds."""
    _readers[reader.__qualname__] = reader


def held_elsewhere(person: Person) -> list[Holding]:
    return [one for reader in _readers.values() for one in reader(person)]
