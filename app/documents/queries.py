"""The papers of a case in the order of its file."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, literal, null, select, union_all

from app.cases.attachments import RECORDS, SUBJECT_KIND
from app.cases.evidence.queries import known_of
from app.cases.models import Case
from app.cases.page.actions import environment_of
from app.cases.page.loaded import contents_of, values_of
from app.core.database import db
from app.documents.errors import DocumentBroken
from app.documents.models import Archive, Document
from app.documents.press import press
from app.documents.rules import EVIDENCE, Completeness, Item, in_order, kind, missing_kinds
from app.engine.dmn import possible_rows
from app.engine.feel import compile_expression, load, to_json
from app.engine.findings import DefinitionError, EngineError
from app.files.models import StoredFile
from app.files.queries import file_by_id, files_of
from app.files.rules import PDF
from app.files.services import store
from app.workflow.models import Decision, Instance

MANIFEST = "manifest"
REQUIRED = "required_documents"
"""The table of a package that lists the papers of a file."""


def every_document(case: Case) -> Sequence[Document]:
    """Every paper that was made, replaced ones too, oldest first."""
    return db.session.scalars(
        select(Document)
        .where(Document.county_id == case.county_id, Document.case_id == case.id)
        .order_by(Document.number)
    ).all()


def dossier(case: Case) -> list[Item]:
    """Every paper of the file in its order: made ones, and files that people brought.

    Evidence that was withdrawn, or given in confidence, is no part of it.
    """
    files = {file.id: file for file in files_of(case.county_id, SUBJECT_KIND, case.id)}
    made = {document.file_id: document for document in every_document(case)}
    items = [_made_item(one, files[one.file_id]) for one in made.values() if one.replaced_at is None]
    brought = [one for one in files.values() if one.id not in made and one.kind not in (MANIFEST, RECORDS)]
    known = known_of(case) if brought else {}
    for file in brought:
        evidence = known.get(file.id)
        if evidence is None or not (evidence.private or evidence.withdrawn_at):
            items.append(_brought_item(file, evidence.caption if evidence else ""))
    return in_order(items)


def kinds_present(case: Case) -> list[str]:
    """The kinds of paper in the file, each once, in its order."""
    return list(dict.fromkeys(item.kind for item in dossier(case)))


def kinds_required(case: Case) -> list[str]:
    """What the package's table last asked for this file; empty while it has not been asked."""
    result = db.session.scalars(
        select(Decision.result)
        .where(
            Decision.county_id == case.county_id,
            Decision.subject_id == case.id,
            Decision.reference == REQUIRED,
        )
        .order_by(Decision.id.desc())
        .limit(1)
    ).first()
    return _required(result)


def _required(result: object) -> list[str]:
    """The kinds that the table's answer names, each once."""
    rows = load(result)
    if not isinstance(rows, list):
        return []
    names = [next(iter(row.values()), None) if isinstance(row, dict) else row for row in rows]
    return list(dict.fromkeys(str(name) for name in names if name))


def archives_of(case: Case) -> Sequence[Archive]:
    """The sealed volumes, the first one first."""
    return db.session.scalars(
        select(Archive).where(Archive.county_id == case.county_id, Archive.case_id == case.id).order_by(Archive.volume)
    ).all()


def sealed_file_ids(case: Case) -> set[int]:
    """The files that stand in a sealed volume already."""
    ids: set[int] = set()
    for archive in archives_of(case):
        manifest = file_by_id(archive.county_id, archive.manifest_file_id)
        ids |= {int(item["file"]) for item in orjson.loads(store().read(manifest.hash))["items"]}
    return ids


def last_number(case: Case) -> int:
    query = select(func.max(Document.number)).where(Document.county_id == case.county_id, Document.case_id == case.id)
    return db.session.scalar(query) or 0


def release_of_instance(county_id: int, instance_id: int) -> int | None:
    return db.session.scalar(
        select(Instance.release_id).where(Instance.county_id == county_id, Instance.id == instance_id)
    )


def made_file_ids(case: Case) -> set[int]:
    """The files of every paper that was made, replaced ones too."""
    query = select(Document.file_id).where(Document.county_id == case.county_id, Document.case_id == case.id)
    return set(db.session.scalars(query))


def _made_item(document: Document, file: StoredFile) -> Item:
    return Item(
        kind=document.kind,
        title_zh=document.title_zh,
        title_en=document.title_en,
        pages=document.pages,
        added_at=document.made_at,
        document_id=document.id,
        **_of_file(file),
    )


def _brought_item(file: StoredFile, caption: str) -> Item:
    named, shown = kind(file.kind or EVIDENCE), caption or file.name
    return Item(
        kind=file.kind or EVIDENCE,
        title_zh=f"{named.zh}（{shown}）",
        title_en=f"{named.en} ({shown})",
        pages=_pages(file),
        added_at=file.uploaded_at,
        **_of_file(file),
    )


def _of_file(file: StoredFile) -> dict[str, Any]:
    return {
        "file_id": file.id,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.hash,
        "added_by": file.uploaded_by,
        "added_by_id": file.uploaded_by_id,
    }


def _pages(file: StoredFile) -> int:
    """Pages of a PDF that somebody brought; whatever else it is takes one place."""
    if file.media_type != PDF:
        return 1
    try:
        return max(1, press().pages(store().read(file.hash), name=file.name))
    except (DocumentBroken, FileNotFoundError):
        return 1


def completeness(case: Case, now: datetime) -> Completeness | None:
    """What the file must hold and lacks, in one statement; None for what was not accepted.

    The table's last answer counts; while no process asked it, it is asked for what is known so far, and nothing is
    stored.
    """
    asked = (
        select(Decision.result, literal("").label("kind"))
        .where(
            Decision.county_id == case.county_id,
            Decision.subject_id == case.id,
            Decision.reference == REQUIRED,
        )
        .order_by(Decision.id.desc())
        .limit(1)
        .subquery()
    )
    made = select(Document.file_id).where(Document.county_id == case.county_id, Document.case_id == case.id)
    rows = db.session.execute(
        union_all(
            select(asked.c.result, asked.c.kind),
            select(null(), Document.kind).where(
                Document.county_id == case.county_id, Document.case_id == case.id, Document.replaced_at.is_(None)
            ),
            select(null(), StoredFile.kind).where(
                StoredFile.county_id == case.county_id,
                StoredFile.subject_kind == SUBJECT_KIND,
                StoredFile.subject_id == case.id,
                StoredFile.id.not_in(made),
                StoredFile.kind.not_in((MANIFEST, RECORDS)),
            ),
        )
    ).all()
    required = next((_required(row.result) for row in rows if row.result is not None), None)
    if required is None:
        required = _required_so_far(case, now)
    if not required:
        return None
    present = [row.kind or EVIDENCE for row in rows if row.result is None]
    later = _required_perhaps(case, [*required, *present], now)
    return Completeness(len(required), missing_kinds(required, present), later)


def _required_perhaps(case: Case, known: Collection[str], now: datetime) -> list[str]:
    """What the table may ask for beside the kinds known when more is known; nothing of a matter that is over."""
    if case.status != "open":
        return []
    environment = environment_of(case, now)
    try:
        model, _hash = contents_of(case).decision(REQUIRED)
        rows = possible_rows(model, REQUIRED, values_of(case), environment)
        named = [compile_expression(row.outputs[0].text).evaluate({}, environment) for row in rows]
    except (DefinitionError, EngineError):
        return []
    return missing_kinds(named, known)


def _required_so_far(case: Case, now: datetime) -> list[str]:
    """What the table of the case's release asks for by what is known now; nothing before the case is accepted."""
    if case.accepted_at is None:
        return []
    try:
        model, _hash = contents_of(case).decision(REQUIRED)
        return _required(to_json(model.decide(REQUIRED, values_of(case), environment_of(case, now)).result))
    except (DefinitionError, EngineError):
        return []
