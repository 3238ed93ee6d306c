"""Make a paper of a case, and take in what people bring."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update
from werkzeug.datastructures import FileStorage

from app.audit.services import Actor, Stream, record
from app.cases.attachments import SUBJECT_KIND, keep_file
from app.cases.models import Case
from app.cases.services.cases import refuse_if_closed_to_changes
from app.core.database import db
from app.definitions import queries as definitions
from app.definitions.queries import ReleaseInfo
from app.directory import queries as directory
from app.documents.errors import TemplateMissing
from app.documents.facts import cover_facts, paper_facts
from app.documents.models import Document
from app.documents.press import press
from app.documents.queries import last_number
from app.documents.rules import KINDS, REPEATED, kind, kind_of_template
from app.files.models import StoredFile
from app.files.rules import PDF
from app.files.services import keep_content

_FOLDER, _SUFFIX = "documents/", ".typ"


def make_document(
    case: Case,
    template: str,
    *,
    release: ReleaseInfo,
    variables: Mapping[str, object],
    party_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> Document:
    """Print the release's template for this case and put it into the file.

    A paper of which there is one takes the place of its earlier version. Raises TemplateMissing, DocumentBroken with
    the place of a slip in the template, FontsMissing, and CaseSealed.
    """
    refuse_if_closed_to_changes(case)
    texts = templates_of(release)
    if template not in texts:
        raise TemplateMissing(template=template)
    name = kind_of_template(template)
    facts = paper_facts(
        case,
        variables=variables,
        dictionary=definitions.contents(release).dictionary,
        party_id=party_id,
        now=now,
    )
    if name == "cover":
        zone = ZoneInfo(directory.county(case.county_id).zone)
        volume = str(variables.get("volume") or "")
        facts["file"] = cover_facts(case, volume=volume, filed_by=actor.name, zone=zone, now=now)
    beside = {other + _SUFFIX: text for other, text in texts.items()}
    printed = press().print(texts[template], facts, name=template, beside=beside)
    titled = KINDS.get(name) or kind(template)
    version = _make_room(case, template, name, party_id, now)
    number = last_number(case) + 1
    file = keep_content(
        printed.pdf,
        f"{case.code}-{number:02d}-{titled.zh}.pdf",
        PDF,
        county_id=case.county_id,
        subject_kind=SUBJECT_KIND,
        subject_id=case.id,
        kind=name,
        uploaded_by_id=actor.person_id,
        uploaded_by=actor.name,
        now=now,
    )
    document = Document(
        county_id=case.county_id,
        case_id=case.id,
        number=number,
        kind=name,
        place=titled.place,
        template=template,
        title_zh=titled.zh,
        title_en=titled.en,
        file_id=file.id,
        pages=printed.pages,
        version=version,
        release=release.number,
        party_id=party_id,
        made_at=now,
    )
    db.session.add(document)
    db.session.flush()
    record(
        Stream.case(case.county_id, case.id),
        "document.made",
        actor=actor,
        now=now,
        payload={"title_zh": titled.zh, "title_en": titled.en, "version": version, "sha256": file.hash},
        about={"document": document.id, "file": file.id},
    )
    return document


def attach_file(case: Case, upload: FileStorage, name: str, *, actor: Actor, now: datetime) -> StoredFile:
    """Put a file that somebody brought into the file of the case, as paper of kind `name`."""
    refuse_if_closed_to_changes(case)
    return keep_file(case, upload, name, actor=actor, now=now)


def templates_of(release: ReleaseInfo) -> dict[str, str]:
    """The typst texts of a release by name."""
    return {
        path.removeprefix(_FOLDER).removesuffix(_SUFFIX): content.decode()
        for path, content in definitions.contents(release).files.items()
        if path.startswith(_FOLDER) and path.endswith(_SUFFIX)
    }


def _make_room(case: Case, template: str, name: str, party_id: int | None, now: datetime) -> int:
    """The version of the paper that is made now; the one before steps back unless every one of its kind stays."""
    earlier = (
        db.session.query(Document)
        .filter_by(county_id=case.county_id, case_id=case.id, template=template, party_id=party_id)
        .count()
    )
    if name not in REPEATED:
        db.session.execute(
            update(Document)
            .where(
                Document.county_id == case.county_id,
                Document.case_id == case.id,
                Document.template == template,
                Document.party_id.is_(None) if party_id is None else Document.party_id == party_id,
                Document.replaced_at.is_(None),
            )
            .values(replaced_at=now)
        )
    return earlier + 1
