"""Seal the file of a case into an immutable volume, and what comes later into supplements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.audit.queries import head
from app.audit.services import Actor, Stream, record, write_pending
from app.cases.attachments import RECORDS, SUBJECT_KIND
from app.cases.models import Case
from app.cases.services.cases import seal_case
from app.core.database import db
from app.documents import manifest as manifests
from app.documents.errors import NothingToSeal, NotSealed
from app.documents.manifest import canonical, digest, records_of, releases_of
from app.documents.models import Archive
from app.documents.queries import MANIFEST, archives_of, dossier, sealed_file_ids
from app.documents.rules import Item, numbered
from app.files.services import keep_content

_JSON = "application/json"


def seal(case: Case, *, title: str, actor: Actor, now: datetime) -> Archive:
    """Close the file of the case: its papers in order, its records, the head of its history, all in one manifest.

    The case refuses every change afterwards. Raises NothingToSeal, CaseSealed.
    """
    items = dossier(case)
    if not items:
        raise NothingToSeal
    seal_case(case, actor=actor, now=now)
    return _seal_volume(case, items, title=title or case.title, actor=actor, now=now)


def seal_supplement(case: Case, *, title: str, actor: Actor, now: datetime) -> Archive:
    """Seal what came to a sealed file since its last volume into a supplement of its own. Raises NotSealed."""
    if not archives_of(case):
        raise NotSealed
    sealed = sealed_file_ids(case)
    items = [item for item in dossier(case) if item.file_id not in sealed]
    if not items:
        raise NothingToSeal
    return _seal_volume(case, items, title=title or case.title, actor=actor, now=now)


def _seal_volume(case: Case, items: Sequence[Item], *, title: str, actor: Actor, now: datetime) -> Archive:
    db.session.flush()
    volume = _last_volume(case) + 1
    records = records_of(case)
    records_file = _keep(case, RECORDS, f"{case.code}-{volume}-records.json", canonical(records), now)
    stream = Stream.case(case.county_id, case.id)
    write_pending(db.session())
    history = head(stream)
    if history is None:
        raise NothingToSeal
    content = canonical(
        manifests.manifest(
            case,
            volume=volume,
            title=title,
            items=items,
            records_file=records_file,
            records={name: digest(canonical(rows)) for name, rows in records.items()},
            history=history,
            decisions=[_decision(row) for row in records["decisions"]],
            releases=releases_of(case),
            sealed_by=actor.name,
            now=now,
        )
    )
    kept = _keep(case, MANIFEST, f"{case.code}-{volume}-manifest.json", content, now)
    pages = numbered(items)
    archive = Archive(
        county_id=case.county_id,
        case_id=case.id,
        volume=volume,
        title=title[:200],
        manifest_file_id=int(kept["file"]),
        manifest_hash=kept["sha256"],
        items=len(items),
        pages=pages[-1].last_page if pages else 0,
        history_sequence=history[0],
        history_hash=history[1],
        sealed_at=now,
        sealed_by_id=actor.person_id,
        sealed_by=actor.name,
    )
    db.session.add(archive)
    db.session.flush()
    record(
        stream,
        "archive.sealed",
        actor=actor,
        now=now,
        payload={"volume": volume, "items": len(items), "manifest_sha256": archive.manifest_hash},
        about={"archive": archive.id, "file": archive.manifest_file_id},
    )
    return archive


def _keep(case: Case, kind: str, name: str, content: bytes, now: datetime) -> dict[str, Any]:
    file = keep_content(
        content,
        name,
        _JSON,
        county_id=case.county_id,
        subject_kind=SUBJECT_KIND,
        subject_id=case.id,
        kind=kind,
        now=now,
    )
    return {"file": str(file.id), "name": name, "size": file.size, "sha256": file.hash}


def _decision(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "reference", "release", "table_hash", "at")}


def _last_volume(case: Case) -> int:
    query = select(func.max(Archive.volume)).where(Archive.county_id == case.county_id, Archive.case_id == case.id)
    return db.session.scalar(query) or 0
