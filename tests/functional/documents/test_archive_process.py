"""The diagram "archive" itself: from the closed case to the sealed file, with what is missing asked for."""

from flask import Flask

from app.audit.services import Actor
from app.core.unit_of_work import run_unit
from app.documents.queries import archives_of, dossier, kinds_required
from app.documents.verification import verify_archives
from app.workflow import queries as workflow
from app.workflow.commands import Complete
from app.workflow.services import Outcome, advance, start_instance
from tests.functional.documents.conftest import LATER, MEDIATOR, VALUES, Dispute

ARCHIVIST = Actor("person", 9, "何建国")


def begin(dispute: Dispute) -> Outcome:
    names = ("agreement_terms", "agreement_form", "agreed_facts", "volume")
    return run_unit(
        lambda: start_instance(
            dispute.county_id,
            "dispute",
            "archive",
            subject_id=dispute.id,
            variables={**{name: VALUES[name] for name in names}, "mediation_outcome": "written"},
            actor=MEDIATOR,
            now=LATER,
        )
    )


def complete(outcome: Outcome, dispute: Dispute, item_id: int, **values: object) -> Outcome:
    return run_unit(
        lambda: advance(dispute.county_id, outcome.instance_id, Complete(item_id, values), actor=ARCHIVIST, now=LATER)
    )


def open_tasks(dispute: Dispute) -> dict[int, str]:
    return {item.id: item.element_id for item in workflow.open_items(dispute.county_id, subject_id=dispute.id)}


def test_what_is_missing_is_asked_for_then_the_file_is_reviewed_and_sealed(app: Flask, dispute: Dispute) -> None:
    dispute.ask("documents.make", template="mediation_record")
    dispute.ask("documents.make", template="agreement")
    outcome = begin(dispute)
    assert workflow.incidents_of(dispute.county_id, dispute.id) == []
    assert "registration" in [item.kind for item in dossier(dispute.case)]
    assert "rights" in kinds_required(dispute.case)

    tasks = open_tasks(dispute)
    assert set(tasks.values()) == {"supply_document"}
    for item_id in tasks:
        complete(outcome, dispute, item_id, absence_reason="当事人不在家，已口头说明")
    assert workflow.incidents_of(dispute.county_id, dispute.id) == []
    (review,) = open_tasks(dispute).items()
    assert review[1] == "review_file"
    assert dossier(dispute.case)[0].kind == "cover"

    complete(outcome, dispute, review[0], file_approved_by_archivist=True)
    assert workflow.incidents_of(dispute.county_id, dispute.id) == []
    assert dispute.case.status == "archived"
    (archive,) = archives_of(dispute.case)
    assert archive.sealed_by == "何建国"
    assert verify_archives(dispute.case) == []
    (instance,) = workflow.instances_of(dispute.county_id, dispute.id)
    assert instance.status == "finished"
