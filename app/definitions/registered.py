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
    """The dictionary as a form or a filter offers it today; the very same where no register is kept."""
    if dictionary is None:
        return None
    changed = {
        name: _arranged(county_id, entry, today)
        for name, entry in dictionary.items()
        if _register(entry) in REGISTERS and entry.values and register_of(county_id, _register(entry))
    }
    return {**dictionary, **changed} if changed else dictionary


def _arranged(county_id: int, entry: Entry, today: date) -> Entry:
    """Registered values in their order, then those that no register speaks of; apart from them what is not offered."""
    known = {str(one.value): one for one in entry.values}
    words = register_of(county_id, _register(entry))
    listed = [word for _depth, word in in_tree_order(words.values()) if word.code in known]

    def worded(holding: bool) -> list[AllowedValue]:
        return [
            AllowedValue(known[word.code].value, Label(word.zh, word.en))
            for word in listed
            if word.holds_on(today) is holding
        ]

    unspoken = (one for code, one in known.items() if code not in words)
    return replace(entry, values=(*worded(True), *unspoken), ended=tuple(worded(False)), registered=True)


def _register(entry: Entry) -> str:
    """Under which name a register may word the values."""
    return entry.values_of or entry.name


def registered_label(county_id: int, name: str, value: object) -> tuple[str, str] | None:
    """(zh, en) of a value in the register of that name; None when no register speaks of it."""
    word = register_of(county_id, name).get(str(value)) if name in REGISTERS else None
    return (word.zh, word.en) if word else None
