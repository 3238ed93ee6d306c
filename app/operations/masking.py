"""What of a case's values may be shown to whoever repairs it: repairing is no right to read the case."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.definitions.rules import Dictionary, Entry, is_hidden
from app.engine import feel
from app.workflow.inspection import Seen, Stopped

MASK = "•••"


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value as the page shows it; `type` and `entry` tell how it is entered."""

    seen: Seen
    entry: Entry | None
    masked: bool

    @property
    def writable(self) -> bool:
        return self.entry is None or self.entry.source != "party"

    @property
    def plain(self) -> object:
        """The value as plain data; nothing of a masked one."""
        return None if self.masked else feel.to_json(self.seen.value)


def shown_values(stopped: Stopped, names: tuple[str, ...], *, sees_case: bool) -> list[ShownValue]:
    """The values of these names; private ones masked, and those of a case that the reader may not see."""
    dictionary = stopped.contents.dictionary
    about_case = stopped.instance.subject_id is not None
    found = []
    for name in names:
        seen = stopped.see(name)
        entry = dictionary.get(name) if dictionary is not None else None
        hidden = seen.known and seen.value is not None and is_hidden(entry, about_case=about_case, sees_case=sees_case)
        found.append(ShownValue(seen, entry, hidden))
    return found


def shown_inputs(inputs: Mapping[str, object], stopped: Stopped, *, sees_case: bool) -> dict[str, object]:
    """The element's inputs, masked in the same way."""
    dictionary: Dictionary | None = stopped.contents.dictionary
    about_case = stopped.instance.subject_id is not None
    shown: dict[str, object] = {}
    for name, value in inputs.items():
        entry = dictionary.get(name) if dictionary is not None else None
        shown[name] = (
            MASK
            if value is not None and is_hidden(entry, about_case=about_case, sees_case=sees_case)
            else feel.to_json(value)
        )
    return shown
