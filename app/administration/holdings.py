"""What other rooms know of a person or keep for one; they are told to this room in the factory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.cases.queries import active_contents
from app.core.translations import language
from app.directory.models import Person
from app.directory.registers.queries import register_of
from app.directory.registers.rules import TAGS


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


def tag_words(county_id: int) -> dict[str, str]:
    """The fields in which somebody may be good: the register of tags, else the dispute types of the active release."""
    words = register_of(county_id, TAGS)
    if words:
        return {one.code: one.en if language() == "en" else one.zh for one in words.values()}
    dictionary = active_contents(county_id).dictionary
    entry = dictionary.get("dispute_type") if dictionary else None
    if entry is None:
        return {}
    english = language() == "en"
    return {str(one.value): one.label.en if english else one.label.zh for one in entry.values}
