"""What was asked for while somebody had the right is not done once they have it no more."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.authoring.errors import AdministratorNeeded
from app.authoring.models import Publication
from app.authoring.publishing import services
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.models import Assignment
from app.operations.models import Repair
from app.scheduling import jobs as scheduled
from app.workflow import topics
from tests.functional.authoring.conftest import Change, actor, change, errand, seen, viewer
from tests.functional.conftest import BrowserAs
from tests.functional.operations.test_incidents import incident, stuck_at_the_note
from tests.functional.workflow.conftest import errands
from tests.functional.workflow.errands import NOW, Errands

__all__ = ["change", "errand", "errands"]


def end_roles(login: str) -> None:
    run_unit(
        lambda: db.session.execute(
            update(Assignment).where(Assignment.person_id == person_named(login).id).values(to_date=date(2026, 1, 1))
        )
    )


def test_a_repair_of_many_ends_with_the_role_of_who_asked(app: Flask, errands: Errands, browser_as: BrowserAs) -> None:
    errands.fail_with = ValueError("full")
    stuck = stuck_at_the_note(errands)
    admin = browser_as("admin")
    errands.fail_with = None
    with clock.freeze(NOW + timedelta(hours=1)):
        asked = admin.post("/operations/incidents/retry", data={"process": "errand", "reason": "x"})
        assert asked.status_code == 303
        end_roles("admin")
        while scheduled.run_due_jobs():
            pass
    db.session.remove()
    assert incident(errands, stuck).closed_at is None
    assert db.session.scalars(select(Repair.result)).all() == ["refused"]


def test_a_topic_that_became_new_since_the_approval_needs_an_administrator(
    app: Flask, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "_topics", dict(topics._topics))
    draft = change("processes/package.toml", '"errand.outside"', '"errand.outside", "errand.fax"')
    county = draft.county_id

    def ask() -> Publication:
        day = NOW + timedelta(days=1)
        looked = seen(county, "processes/package.toml")
        made = services.ask_to_publish(
            viewer("admin"), "errand", looked, note="", effective_at=day, actor=actor("admin"), now=NOW
        )
        services.approve(made, viewer("owner"), plan=made.manifest_hash, actor=actor("owner"), now=NOW)
        return made

    publication = run_unit(ask)
    topics.register("errand.fax", lambda call: None, outside=True)
    with pytest.raises(AdministratorNeeded):
        run_unit(lambda: services.publish_request(db.session.get_one(Publication, (county, publication.id)), now=NOW))
    assert run_unit(lambda: services.publish_scheduled(county, publication.id, now=NOW + timedelta(days=1))) is None
    db.session.remove()
    assert db.session.get_one(Publication, (county, publication.id)).state == "failed"
