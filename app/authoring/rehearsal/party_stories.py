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


def parties_before(now: object, told: Sequence[Entry]) -> list[Party]:
    """The parties before what was told happened. Corrected names and numbers are as they are now."""
    found: dict[str, Party] = {one["id"]: one for one in _listed(now)}
    for entry in reversed(told):
        party = _who(entry, _listed(now))
        if entry.event == "party.added":
            found.pop(party, None)
        elif entry.event in _BEFORE and party in found:
            found[party] = {**found[party], **_BEFORE[entry.event]}
    return list(found.values())


def party_acts(now: object, first: Sequence[Party], told: Sequence[Entry]) -> Iterator[Act]:
    """The parties anew after each event that changed them."""
    last: dict[str, Party] = {one["id"]: one for one in _listed(now)}
    held: dict[str, Party] = {one["id"]: one for one in first}
    for entry in told:
        party = _who(entry, _listed(now))
        if party not in last:
            continue
        if entry.event == "party.added":
            held[party] = {**last[party], "consent": None, "signed": False}
        elif entry.event == "party.consented" and party in held:
            held[party] = {**held[party], "consent": entry.payload.get("answer", last[party]["consent"])}
        elif entry.event == "party.signed" and party in held:
            held[party] = {**held[party], "signed": True}
        else:
            continue
        yield Act(entry.at, Doing.NOTED, values={PARTIES: list(held.values())})


def _who(entry: Entry, parties: Sequence[Party]) -> str:
    """The party that an event is about: some events name it only."""
    if "party" in entry.about:
        return str(entry.about["party"])
    named = [str(one["id"]) for one in parties if one.get("name") == entry.payload.get("name")]
    return named[0] if len(named) == 1 else ""


def _listed(value: object) -> list[Party]:
    return [one for one in value if isinstance(one, Mapping) and "id" in one] if isinstance(value, list) else []
