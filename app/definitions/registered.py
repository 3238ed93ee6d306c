"""The package's dictionary as the county's registers word, order and date its values.

The dictionary stays the truth of which values rules know; a register says how they are called, where they stand and
from when to when they may be chosen.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from app.definitions.rules import AllowedValue, Entry, Label
from app.directory.registers.queries import register_of
from app.directory.registers.rules import REGISTERS, in_tree_order


def arranged(county_id: int, dictionary: Mapping[str, Entry] | None, today: date) -> Mapping[str, Entry] | None:
    """The dictionary as a form offers it today; the very same where no register is kept."""
    if dictionary is None:
        return None
    changed = {
        name: replace(dictionary[name], values=_values(county_id, dictionary[name], today))
        for name in REGISTERS
        if name in dictionary and dictionary[name].values and register_of(county_id, name)
    }
    return {**dictionary, **changed} if changed else dictionary


def _values(county_id: int, entry: Entry, today: date) -> tuple[AllowedValue, ...]:
    """Registered ones in their order while they hold, then those that no register speaks of."""
    known = {str(one.value): one for one in entry.values}
    words = register_of(county_id, entry.name)
    listed = [
        AllowedValue(known[word.code].value, Label(word.zh, word.en))
        for _depth, word in in_tree_order(words.values())
        if word.code in known and word.holds_on(today)
    ]
    return (*listed, *(one for code, one in known.items() if code not in words))


def registered_label(county_id: int, name: str, value: object) -> tuple[str, str] | None:
    """(zh, en) of a value in the register of that name; None when no register speaks of it."""
    word = register_of(county_id, name).get(str(value)) if name in REGISTERS else None
    return (word.zh, word.en) if word else None
