"""How the parties of a case stood while its process ran, told back from how they stand now."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.audit.queries import Entry
from app.authoring.rehearsal.stories import Act, Doing

PARTIES = "parties"

Party = Mapping[str, Any]

_BEFORE: Mapping[str, Mapping[str, object]] = {
    "party.consented": {"consent": None},
    "party.signed": {"signed": False},
}
"""What each event changed, as it was before."""


class PartyTale:
    """`first` are the parties before what was told happened. Corrected names and numbers are as they are now."""

    def __init__(self, now: object, told: Sequence[Entry]) -> None:
        self._last: dict[str, Party] = {str(one["id"]): one for one in _listed(now)}
        held = dict(self._last)
        for entry in reversed(told):
            party = self._who(entry)
            if entry.event == "party.added":
                held.pop(party, None)
            elif entry.event in _BEFORE and party in held:
                held[party] = {**held[party], **_BEFORE[entry.event]}
        self._held = held
        self.first = list(held.values())

    def acts(self, entry: Entry) -> Iterator[Act]:
        """The parties anew, when the next event changed them; events come in their order."""
        party = self._who(entry)
        if party not in self._last:
            return
        if entry.event == "party.added":
            self._held[party] = {**self._last[party], "consent": None, "signed": False}
        elif entry.event == "party.consented" and party in self._held:
            answer = entry.payload.get("answer", self._last[party]["consent"])
            self._held[party] = {**self._held[party], "consent": answer}
        elif entry.event == "party.signed" and party in self._held:
            self._held[party] = {**self._held[party], "signed": True}
        else:
            return
        yield Act(entry.at, Doing.NOTED, values={PARTIES: list(self._held.values())})

    def _who(self, entry: Entry) -> str:
        """The party that an event is about: some events name it only."""
        if "party" in entry.about:
            return str(entry.about["party"])
        named = [name for name, one in self._last.items() if one.get("name") == entry.payload.get("name")]
        return named[0] if len(named) == 1 else ""


def _listed(value: object) -> list[Party]:
    return [one for one in value if isinstance(one, Mapping) and "id" in one] if isinstance(value, list) else []
