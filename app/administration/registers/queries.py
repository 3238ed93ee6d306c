"""A register as its page shows it, beside what the package's rules know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.cases.queries import active_contents
from app.core.translations import language
from app.definitions.rules import AllowedValue
from app.directory.registers.queries import entries, register_of, word_of
from app.directory.registers.rules import TAGS, TYPES, Word, in_tree_order, stands_below


@dataclass(frozen=True, slots=True)
class Line:
    """A word at its depth; `known` whether the rules of the active release know its code.

    `first` and `last` are the ends of those that stand below the same entry: what is there goes no further.
    """

    word: Word
    depth: int
    known: bool
    state: str
    first: bool
    last: bool


def lines_of_register(county_id: int, register: str, today: date) -> Sequence[Line]:
    known = {str(one.value) for one in package_values(county_id, register)}
    words = [word_of(one) for one in entries(county_id, register)]
    listed = in_tree_order(words)
    level: dict[str, list[str]] = {}
    for word in words:
        level.setdefault(word.parent, []).append(word.code)
    ends = {parent: (codes[0], codes[-1]) for parent, codes in level.items()}
    return [
        Line(
            word,
            depth,
            word.code in known,
            _state(word, today),
            first=word.code == ends[word.parent][0],
            last=word.code == ends[word.parent][1],
        )
        for depth, word in listed
    ]


def package_values(county_id: int, register: str) -> Sequence[AllowedValue]:
    """The values that rules know; tags are those of the dispute types."""
    dictionary = active_contents(county_id).dictionary
    entry = dictionary.get(TYPES if register == TAGS else register) if dictionary else None
    return entry.values if entry else ()


def possible_parents(county_id: int, register: str, code: str) -> Sequence[Word]:
    """Below which entries this one could stand."""
    words = [word_of(one) for one in entries(county_id, register)]
    parents = {one.code: one.parent for one in words}
    return [one for one in words if not code or not stands_below(code, one.code, parents)]


def _state(word: Word, today: date) -> str:
    if word.holds_on(today):
        return "current"
    return "planned" if word.from_date is not None and today < word.from_date else "past"


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
