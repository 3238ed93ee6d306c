"""Values of a package as authors see them: the words of its dictionary beside its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.translations import language
from app.definitions.rules import Entry


@dataclass(frozen=True, slots=True)
class ToldValue:
    """A name and a value as JSON has it; `label` and `words` are "" where the dictionary has none."""

    name: str
    label: str
    value: object
    words: str


def told_values(dictionary: Mapping[str, Entry] | None, values: Mapping[str, object]) -> list[ToldValue]:
    """In the order in which they are given."""
    known = dictionary or {}
    return [_told(name, known.get(name), value) for name, value in values.items()]


def _told(name: str, entry: Entry | None, value: object) -> ToldValue:
    if entry is None:
        return ToldValue(name, "", value, "")
    lang = language()
    labels = [entry.label_of(one) for one in (value if isinstance(value, list) else [value])]
    words = (", " if lang == "en" else "、").join(one.in_language(lang) for one in labels if one is not None)
    return ToldValue(name, entry.label.in_language(lang), value, words)
