"""What a template may know of a case: JSON, with nothing in it that was said in confidence."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import segno

from app.cases.models import Case, Party
from app.cases.queries import parties_of, reports_of
from app.definitions.rules import Dictionary, Entry
from app.directory import queries as directory
from app.directory.models import Organisation
from app.documents.queries import dossier
from app.documents.rules import case_number, numbered, on_paper

_COMMITTEE = "人民调解委员会"


def paper_facts(
    case: Case,
    *,
    variables: Mapping[str, object],
    dictionary: Dictionary | None,
    party_id: int | None,
    now: datetime,
) -> dict[str, Any]:
    """The `data` of every template: `document`, `case`, `parties`, `party`, `values`, `labels`.

    `values` holds each set name of the dictionary that is not private, `labels` the Chinese word for coded ones.
    """
    county = directory.county(case.county_id)
    zone = ZoneInfo(county.zone)
    parties = [_party(party) for party in parties_of(case)]
    values, labels = _values(variables, dictionary, zone)
    return {
        "document": {
            "number": case_number(case.code),
            "made_on": now.astimezone(zone).date().isoformat(),
            "qr_svg": qr(case.code),
        },
        "county": {"name": county.name_zh},
        "case": _case(case, zone),
        "parties": parties,
        "party": next((one for one in parties if one["id"] == str(party_id)), None),
        "values": values,
        "labels": labels,
    }


def cover_facts(case: Case, *, volume: str, filed_by: str, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """The `file` of the cover: number, dates, contents with page numbers."""
    contents = numbered(dossier(case))
    return {
        "number": case_number(case.code),
        "volume": volume or case.title,
        "from": case.opened_at.astimezone(zone).date().isoformat(),
        "to": (case.closed_at or now).astimezone(zone).date().isoformat(),
        "filed_by": filed_by,
        "filed_on": now.astimezone(zone).date().isoformat(),
        "pages": contents[-1].last_page if contents else 0,
        "remarks": "",
        "items": [
            {
                "number": line.number,
                "title": line.item.title_zh,
                "date": line.item.added_at.astimezone(zone).date().isoformat(),
                "pages": str(line.first_page)
                if line.first_page == line.last_page
                else f"{line.first_page}-{line.last_page}",
                "remarks": "",
            }
            for line in contents
        ],
    }


def qr(text: str) -> str:
    """The code of a case as a QR code, an SVG that scales."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=1, omitsize=True, xmldecl=False, nl=False)
    return out.getvalue().decode()


def committee_of(lead: Organisation) -> str:
    """The name under which the lead office mediates."""
    if lead.kind == "government" and lead.tier in ("town", "village"):
        return lead.name_zh + _COMMITTEE
    return lead.name_zh


def _case(case: Case, zone: ZoneInfo) -> dict[str, Any]:
    lead = directory.organisation(case.county_id, case.lead_organisation_id)
    reports = reports_of(case)
    people = {case.mediator_id, reports[0].received_by_id if reports else None} - {None}
    names = directory.written_names_of(case.county_id, {one for one in people if one is not None})
    return {
        "code": case.code,
        "title": case.title,
        "committee": committee_of(lead),
        "mediator": names.get(case.mediator_id or 0, ""),
        "recorder": "",
        "registered_by": names.get(reports[0].received_by_id or 0, "") if reports else "",
        "received_on": (reports[0].received_at if reports else case.opened_at).astimezone(zone).date().isoformat(),
        "accepted_on": case.accepted_at.astimezone(zone).date().isoformat() if case.accepted_at else None,
        "closed_on": case.closed_at.astimezone(zone).date().isoformat() if case.closed_at else None,
        "phone": lead.phone or "",
        "address": "",
    }


def _party(party: Party) -> dict[str, Any]:
    return {
        "id": str(party.id),
        "side": party.side,
        "kind": party.kind,
        "name": party.name,
        "age": party.age,
        "address": party.address,
        "phone": party.phone,
        "identity_tail": party.identity_tail,
        "agent": party.agent_name,
        "guardian": party.guardian_name,
    }


def _values(
    variables: Mapping[str, object], dictionary: Dictionary | None, zone: ZoneInfo
) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    labels: dict[str, str] = {}
    for name, entry in (dictionary or {}).items():
        value = variables.get(name)
        if value is None or entry.sensitivity == "private" or entry.source == "party":
            continue
        values[name] = on_paper(value, zone)
        if entry.values:
            labels[name] = _label(entry, value if isinstance(value, list) else [value])
    return values, labels


def _label(entry: Entry, values: Sequence[object]) -> str:
    return "、".join(label.zh if (label := entry.label_of(value)) else str(value) for value in values)
