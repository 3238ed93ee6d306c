"""What is written down when a volume is sealed, and the records of the case as they stand in the database."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Select, select

from app.cases.models import Case, Party, Report, RiskRow
from app.core.database import db
from app.definitions import queries as definitions
from app.directory import queries as directory
from app.documents.rules import Item, kind, numbered
from app.workflow.models import Decision, Instance

FORMAT = "maplebridge-archive/1"

_LATER = frozenset(
    {"status", "stage", "archived_at", "successor_id", "sensitivity", "org_path", "lead_organisation_id"}
)
_CASE = tuple(column for column in Case.__table__.c if column.name not in _LATER)
"""The case without what sealing itself, its process's end or a moved office changes afterwards."""
_PARTY = tuple(column for column in Party.__table__.c if column.name not in ("identity_cipher", "link_hash"))
"""The identity number itself stays out of the file; its blind index tells whether it was changed."""


def records_of(case: Case) -> dict[str, list[dict[str, Any]]]:
    """The rows about a case that no longer change once it is sealed, read from the database itself."""
    key = (case.county_id, case.id)
    return {
        "case": _rows(select(*_CASE).where(_is(Case, key))),
        "parties": _rows(select(*_PARTY).where(_of(Party, key)).order_by(Party.id)),
        "reports": _rows(select(*Report.__table__.c).where(_of(Report, key)).order_by(Report.id)),
        "risk": _rows(select(*RiskRow.__table__.c).where(_of(RiskRow, key)).order_by(RiskRow.id)),
        "decisions": _rows(
            select(*Decision.__table__.c)
            .where(Decision.county_id == case.county_id, Decision.subject_id == case.id)
            .order_by(Decision.id)
        ),
    }


def canonical(value: object) -> bytes:
    """JSON that is the same for the same values: sorted keys, instants in UTC."""
    return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_INDENT_2)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def releases_of(case: Case) -> list[dict[str, Any]]:
    """The releases that the case's processes ran on, and those whose tables decided, with the hash of each file."""
    instances = db.session.execute(
        select(Instance.package, Instance.release_number)
        .where(Instance.county_id == case.county_id, Instance.subject_id == case.id)
        .distinct()
    ).all()
    packages = {row.package for row in instances}
    used = {(row.package, row.release_number) for row in instances}
    deciding = db.session.scalars(
        select(Decision.release).where(Decision.county_id == case.county_id, Decision.subject_id == case.id).distinct()
    )
    used |= {(package, number) for number in deciding for package in packages}
    found = []
    for package, number in sorted(used):
        release = definitions.numbered_release(case.county_id, package, number)
        found.append(
            {
                "package": package,
                "number": number,
                "manifest_sha256": release.manifest_hash,
                "files": dict(sorted(release.manifest.items())),
            }
        )
    return found


def manifest(
    case: Case,
    *,
    volume: int,
    title: str,
    items: Sequence[Item],
    records_file: Mapping[str, Any],
    records: Mapping[str, str],
    history: tuple[int, bytes],
    decisions: Sequence[Mapping[str, Any]],
    releases: Sequence[Mapping[str, Any]],
    sealed_by: str,
    now: datetime,
) -> dict[str, Any]:
    """The manifest as plain data. `records` are the SHA-256 of each section of the records' file."""
    county = directory.county(case.county_id)
    pages = {line.item.file_id: line for line in numbered(items)}
    return {
        "format": FORMAT,
        "county": {"code": county.code, "name": county.name_zh},
        "case": {"code": case.code, "title": case.title},
        "volume": volume,
        "title": title,
        "sealed_at": now,
        "sealed_by": sealed_by,
        "items": [_line(item, pages.get(item.file_id)) for item in items],
        "records": {"file": dict(records_file), "sections": dict(records)},
        "history": {"sequence": history[0], "hash": history[1].hex()},
        "decisions": list(decisions),
        "releases": list(releases),
    }


def _line(item: Item, line: Any) -> dict[str, Any]:
    return {
        "place": kind(item.kind).place,
        "kind": item.kind,
        "number": line.number if line else None,
        "first_page": line.first_page if line else None,
        "last_page": line.last_page if line else None,
        "title": item.title_zh,
        "file": str(item.file_id),
        "name": item.name,
        "media_type": item.media_type,
        "size": item.size,
        "sha256": item.sha256,
        "added_at": item.added_at,
        "added_by": item.added_by,
    }


def _rows(query: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in db.session.execute(query).mappings()]


def _is(table: type[Case], key: tuple[int, int]) -> Any:
    return (table.county_id == key[0]) & (table.id == key[1])


def _of(table: type[Party] | type[Report] | type[RiskRow], key: tuple[int, int]) -> Any:
    return (table.county_id == key[0]) & (table.case_id == key[1])
