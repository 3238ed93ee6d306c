"""Every operation of the program with a real address: one matter, one task, one draft, one of each thing it names.

A value named `room.name` is that room's own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from app.audit.services import Actor
from app.authoring import services as authoring
from app.authoring.models import DraftRevision, Publication
from app.authoring.rehearsal.models import Rehearsal, RehearsalStatus
from app.cases.models import Case, Party, Relation
from app.core.database import db
from app.definitions.services import import_folder
from app.devdata.county import COUNTY_ID, person_named
from app.directory import queries as directory
from app.directory.leaves.models import Leave
from app.directory.models import ApiToken, Assignment, Identity, Organisation, SignIn
from app.directory.places.models import Reorganisation, ReorganisationStatus
from app.directory.registers.rules import CHANNELS
from app.directory.rules import Viewer
from app.files.services import keep_content
from app.notices.models import Notice
from app.operations.models import Repair
from app.scheduling.models import Job, JobStatus
from app.tasks.comments.models import Comment
from app.tasks.saved_views.models import SavedView
from app.workflow.models import Incident, Instance, ItemStatus, WorkItem
from app.workflow.moving.models import Move, MovedInstance
from tests.functional.access.people import NOW, create_holders

MATTER = "宅基地边界不清"
"""The beginning of the matter of Hepan village that the walk is about."""

_SOMEBODY = {"reason": "x", "person": "1"}

PAYLOADS: Mapping[str, Mapping[str, Any]] = {
    "incidents_api.Changing": {"reason": "x", "values": {"note": 1}},
    "incidents_api.Restarting": {"reason": "x", "element": "hold_session"},
    "incidents_api.Retrying": {"reason": "x"},
    "incidents_api.Skipping": {"reason": "x"},
    "messages_api.Messages": {"id": "walk", "name": "nothing"},
    "signals_api.Signals": {"id": "walk", "name": "nothing"},
    "moves_api.Moves": {"package": "dispute", "to": 1},
    "reports_api.Reports": {"channel": "window", "text": "walk"},
    "task_moves_api.Claims": {"tasks": ["1"]},
    "task_moves_api.CoWorkers": _SOMEBODY,
    "task_moves_api.Copies": _SOMEBODY,
    "task_moves_api.Delegation": _SOMEBODY,
    "task_moves_api.FollowUp": {"day": "2030-01-01"},
    "task_moves_api.Handover": _SOMEBODY,
    "task_moves_api.Handovers": {**_SOMEBODY, "tasks": ["1"]},
    "task_moves_api.Reminders": {"reason": "x", "tasks": ["1"]},
    **{f"task_moves_api.{name}": {"reason": "x"} for name in ("Handback", "Recall", "Reminder", "Return")},
    "authoring.open_draft": {"path": "processes/consent.bpmn"},
    "authoring.remove_file": {"path": "processes/consent.bpmn"},
    "authoring.rename_file": {"path": "processes/consent.bpmn", "new_path": "processes/agreement.bpmn"},
    "comments_api.CaseComments": {"text": "x"},
    "comments_api.OneComment": {"text": "x"},
    "comments_api.TaskComments": {"text": "x"},
    "dictionary.place": {"name": "summary"},
    "moving.begin": {"to": "1"},
}
"""What an operation is sent that would else be refused before it asks who calls."""

Values = Mapping[str, Any]
_ERRAND = Path(__file__).parents[2] / "packages" / "processes" / "errand"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    endpoint: str
    method: str
    rule: str
    path: str

    @property
    def room(self) -> str:
        return self.endpoint.partition(".")[0]


def build() -> Values:
    """The people of the walk and one of each thing; returns a value for every placeholder of an address."""
    create_holders()
    case = db.session.scalars(select(Case).where(Case.summary.like(f"{MATTER}%"))).one()
    task = db.session.scalars(
        select(WorkItem).where(WorkItem.subject_id == case.id, WorkItem.status == ItemStatus.OPEN).order_by(WorkItem.id)
    ).first()
    assert task is not None
    task.assignee_id = None
    values: dict[str, Any] = {
        "code": case.code,
        "item_id": task.id,
        "party_id": db.session.scalars(select(Party.id).where(Party.case_id == case.id).order_by(Party.id)).first(),
        "process_id": "dispute",
        "package": "dispute",
        "number": 1,
        "element_id": "hold_session",
        "message": "party_withdrew",
        "secret": "nobody-has-this-link",
        "filename": "css/ui.css",
        "path": "processes/triage.bpmn",
    }
    values["file_id"] = keep_content(
        b"%PDF-1.7 a paper",
        "paper.pdf",
        "application/pdf",
        county_id=case.county_id,
        subject_kind="case",
        subject_id=case.id,
        kind="evidence",
        uploaded_by_id=None,
        uploaded_by="王桂兰",
        now=NOW,
    ).id
    for make in (_authoring, _operations, _notices, _people, _accounts, _places, _comments, _relations):
        values.update(make(case))
    return values


def _authoring(case: Case) -> Values:
    import_folder(COUNTY_ID, _ERRAND, actor=Actor("system"), now=NOW)
    owner = _viewer("owner")
    path, table, form = (
        authoring.open_draft(COUNTY_ID, "dispute", name, owner, now=NOW)
        for name in ("processes/triage.bpmn", "processes/route.dmn", "forms/appointment.form")
    )
    publication = Publication(
        county_id=COUNTY_ID,
        package="dispute",
        base_number=1,
        changes={},
        manifest_hash="",
        note="",
        requested_by=owner.person_id,
        requested_at=NOW,
    )
    rehearsal = Rehearsal(
        county_id=COUNTY_ID,
        package="dispute",
        path="processes/route.dmn",
        reference="route",
        draft_hash="",
        release_number=1,
        span={"cases": 10},
        asked_by=owner.person_id,
        asked_by_name=owner.name,
        asked_at=NOW,
        status=RehearsalStatus.DONE,
        finished_at=NOW,
        found={},
        done=0,
        last_id=0,
    )
    instance = db.session.scalars(select(Instance).where(Instance.subject_id == case.id)).first()
    assert instance is not None
    move = Move(
        county_id=COUNTY_ID, package="dispute", to_release_id=instance.release_id, to_number=1, mapping={}, asked_at=NOW
    )
    db.session.add_all([publication, rehearsal, move])
    db.session.flush()
    moved = MovedInstance(
        county_id=COUNTY_ID,
        move_id=move.id,
        instance_id=instance.id,
        subject_id=case.id,
        from_release_id=instance.release_id,
        from_number=1,
        process_id="dispute",
    )
    db.session.add(moved)
    db.session.flush()
    revision = db.session.scalars(select(DraftRevision.id).where(DraftRevision.draft_id == path.id)).first()
    return {
        "draft_id": path.id,
        "tables.draft_id": table.id,
        "form_designer.draft_id": form.id,
        "revision_id": revision or 1,
        "publication_id": publication.id,
        "rehearsal_id": rehearsal.id,
        "move_id": move.id,
        "moved_id": moved.id,
    }


def _operations(case: Case) -> Values:
    instance = db.session.scalars(select(Instance).where(Instance.subject_id == case.id)).first()
    assert instance is not None
    incident = Incident(
        county_id=COUNTY_ID,
        instance_id=instance.id,
        subject_id=case.id,
        token="none",
        process_id=instance.process_id,
        element_id="hold_session",
        code="handler_failed",
        params={},
        opened_at=NOW,
    )
    job = Job(
        county_id=COUNTY_ID,
        kind="walk.nobody",
        key="walk",
        payload={},
        status=JobStatus.FAILED,
        run_at=NOW,
        created_at=NOW,
        finished_at=NOW,
    )
    db.session.add_all([incident, job])
    db.session.flush()
    repair = Repair(
        county_id=COUNTY_ID, batch=incident.id, incident_id=incident.id, asked_by=person_named("admin").id, asked_at=NOW
    )
    db.session.add(repair)
    db.session.flush()
    return {"incident_id": incident.id, "job_id": job.id, "batch": repair.batch}


def _notices(case: Case) -> Values:
    notice = Notice(
        county_id=COUNTY_ID, person_id=person_named("mediator").id, template="task.waiting", params={}, created_at=NOW
    )
    db.session.add(notice)
    db.session.flush()
    return {"notice_id": notice.id}


def _people(case: Case) -> Values:
    mediator, elder = person_named("mediator"), person_named("elder")
    leave = Leave(
        county_id=COUNTY_ID,
        person_id=mediator.id,
        deputy_id=elder.id,
        from_date=NOW.date(),
        to_date=NOW.date(),
    )
    db.session.add(leave)
    db.session.flush()
    view = SavedView(county_id=COUNTY_ID, person_id=mediator.id, name="我的一周", query="due=week", made_at=NOW)
    db.session.add(view)
    db.session.flush()
    held = db.session.scalars(select(Assignment.id).where(Assignment.person_id == mediator.id)).first()
    return {"person_id": mediator.id, "leave_id": leave.id, "assignment_id": held, "view_id": view.id}


def _accounts(case: Case) -> Values:
    """What belongs to the account of one person, the mediator's: nobody else reaches it."""
    mediator = person_named("mediator")
    sign_in = SignIn(county_id=COUNTY_ID, person_id=mediator.id, secret_hash="walk", started_at=NOW, expires_at=NOW)
    token = ApiToken(county_id=COUNTY_ID, name="walk", person_id=mediator.id, secret_hash="walk", created_at=NOW)
    identity = Identity(
        county_id=COUNTY_ID, person_id=mediator.id, issuer="https://id.example", subject="walk", linked_at=NOW
    )
    db.session.add_all([sign_in, token, identity])
    db.session.flush()
    return {"sign_in_id": sign_in.id, "token_id": token.id, "identity_id": identity.id}


def _places(case: Case) -> Values:
    village, other = db.session.scalars(
        select(Organisation.id).where(Organisation.tier == "village").order_by(Organisation.id).limit(2)
    )
    asked = Reorganisation(
        county_id=COUNTY_ID,
        kind="move",
        organisation_id=village,
        target_id=other,
        status=ReorganisationStatus.DONE,
        asked_by=person_named("admin").id,
        asked_by_name="沈佳怡",
        asked_at=NOW,
        done_at=NOW,
    )
    db.session.add(asked)
    db.session.flush()
    return {
        "place_id": village,
        "reorganisation_id": asked.id,
        "kind": "move",
        "way": "up",
        "what": "people",
        "register": CHANNELS,
        "registers.code": "window",
        "tab": "none",
    }


def _comments(case: Case) -> Values:
    mediator = person_named("mediator")
    comment = Comment(
        county_id=COUNTY_ID,
        case_id=case.id,
        author_id=mediator.id,
        text="walk",
        at=NOW,
    )
    db.session.add(comment)
    db.session.flush()
    return {"comment_id": comment.id}


def _relations(case: Case) -> Values:
    other = db.session.scalars(select(Case.id).where(Case.id != case.id).order_by(Case.id)).first()
    assert other is not None
    relation = Relation(county_id=COUNTY_ID, case_id=case.id, other_id=other, kind="related", reasons=[], made_at=NOW)
    db.session.add(relation)
    db.session.flush()
    return {"relation_id": relation.id}


def _viewer(login: str) -> Viewer:
    person = person_named(login)
    found = directory.viewer_of_person(person.county_id, person.id, now=NOW)
    assert found is not None
    return found


def operations(app: Flask, values: Values) -> Iterator[Operation]:
    """Each method of each address. A placeholder without a value is an error: give it one in `build`."""
    rules: list[Rule] = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule))
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in rules:
            room = rule.endpoint.partition(".")[0]
            chosen = {name: values.get(f"{room}.{name}", values.get(name)) for name in rule.arguments}
            missing = sorted(name for name, value in chosen.items() if value is None)
            assert not missing, f"{rule.rule}: nothing is named {', '.join(missing)} in the walk"
            path = adapter.build(rule.endpoint, chosen)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield Operation(rule.endpoint, method, rule.rule, path)
