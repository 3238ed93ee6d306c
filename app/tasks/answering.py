"""The posted form of a task, on its own page and beside its case."""

from collections.abc import Mapping

from flask import request

from app.cases.attachments import shown_files
from app.cases.models import Case
from app.core import clock
from app.core.unit_of_work import keep_changes
from app.directory.rules import Viewer
from app.forms import AskedForm, FilesWhenAsked, FormInvalid, ShownFile
from app.tasks import services
from app.tasks.drafts.queries import shown_draft_files
from app.workflow.models import WorkItem


def posted_values(item: WorkItem, form: AskedForm, viewer: Viewer) -> dict[str, object]:
    """The values of the posted form. Files that came with a form that is not accepted yet are kept all the same."""
    try:
        return services.read_answer(item, form, request.form, request.files, viewer=viewer, now=clock.now())
    except FormInvalid:
        if request.files:
            keep_changes()
        raise


def files_of_form(viewer: Viewer, item: WorkItem, case: Case) -> Mapping[str, ShownFile]:
    """What file fields of the form may hold: the case's files, and those that wait in the draft."""
    return FilesWhenAsked(lambda: shown_files(case) | shown_draft_files(viewer, item))
