"""Files that people bring to a case, by themselves or with a posted form: kept, told in its history, and read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict

from app.audit.services import Actor, Stream, record
from app.cases.evidence.models import Evidence
from app.cases.models import Case
from app.cases.queries import visible_cases
from app.cases.rights import acts_as
from app.cases.services.cases import refuse_if_closed_to_changes
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.directory.sessions import current_actor, current_viewer
from app.files.models import StoredFile
from app.files.queries import files_of
from app.files.services import take_upload
from app.forms import AskedForm, ShownFile, take_uploads
from app.forms.uploads import record_added

SUBJECT_KIND = "case"
RECORDS = "records"
"""The kind of file that holds a sealed case's rows as they are: telephones and facts that pages mask."""
RECORD_READERS = ("archivist", "auditor")
BRING_ROLES = (
    "clerk",
    "recorder",
    "mediator",
    "dispatcher",
    "grid_worker",
    "committee_chair",
    "justice_office",
    "department_liaison",
    "police_liaison",
)
"""Who brings files to a case."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What was posted, with uploads replaced by the ids of the files that now belong to the case."""

    values: "MultiDict[str, str]"
    files: Mapping[str, ShownFile]


def keep_uploads(
    case: Case,
    form: AskedForm,
    posted: "MultiDict[str, str]",
    uploads: "MultiDict[str, FileStorage]",
    *,
    actor: Actor,
    now: datetime,
) -> Posted:
    """Store the uploads for the file fields of a form. Raises FormInvalid, CaseSealed, CaseMerged."""
    if any(upload.filename for _name, upload in uploads.items(multi=True)):
        refuse_if_closed_to_changes(case)
    values = take_uploads(
        form.form,
        posted,
        uploads,
        stream=Stream.case(case.county_id, case.id),
        subject_kind=SUBJECT_KIND,
        subject_id=case.id,
        variables=form.variables,
        environment=form.environment,
        actor=actor,
        now=now,
    )
    return Posted(values, shown_files(case))


def keep_file(case: Case, upload: FileStorage, kind: str, *, actor: Actor, now: datetime) -> StoredFile:
    """Store a file that somebody brought for the case, and tell its history. Raises FileRefused."""
    file = take_upload(
        upload.stream,
        upload.filename or "",
        county_id=case.county_id,
        subject_kind=SUBJECT_KIND,
        subject_id=case.id,
        kind=kind,
        uploaded_by_id=actor.person_id,
        uploaded_by=actor.name,
        now=now,
    )
    record_added(Stream.case(case.county_id, case.id), file, actor=actor, now=now)
    return file


def shown_files(case: Case) -> dict[str, ShownFile]:
    """The case's files as forms name them, by id."""
    return {
        str(file.id): ShownFile(file.name, url_for("files.view", file_id=file.id))
        for file in files_of(case.county_id, SUBJECT_KIND, case.id)
    }


def may_read_file(file: StoredFile) -> bool:
    """Whoever may see the case may read its files; the records of a sealed one are for those who keep or check it.

    Evidence that one side gave in confidence is for the mediator of the case, and for whoever took it in.
    """
    viewer = current_viewer()
    case = db.session.scalars(
        select(Case).where(Case.county_id == file.county_id, Case.id == file.subject_id, visible_cases(viewer))
    ).one_or_none()
    if case is None or (file.kind == RECORDS and not acts_as(viewer, case, *RECORD_READERS)):
        return False
    private = select(Evidence.file_id).where(
        Evidence.county_id == file.county_id, Evidence.file_id == file.id, Evidence.private
    )
    return viewer.person_id in (case.mediator_id, file.uploaded_by_id) or db.session.scalar(private) is None


def note_reading(file: StoredFile) -> None:
    """The records of a sealed case hold what pages mask: whoever takes them out stands in the history."""
    if file.kind == RECORDS:
        stream, actor, payload = Stream.case(file.county_id, file.subject_id), current_actor(), {"name": file.name}
        about = {"file": file.id}
        run_unit(lambda: record(stream, "records.read", actor=actor, now=clock.now(), payload=payload, about=about))
