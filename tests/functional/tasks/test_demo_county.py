"""What a first start shows: people of the demo county find work, and every seal has somebody."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.cases.models import Clock
from app.core import clock
from app.core.database import db
from app.devdata.cases import viewer
from app.directory.queries import county_office, resolve_group
from app.tasks.filters import Filter
from app.tasks.listing import inbox_page
from app.workflow.models import WorkItem


@pytest.mark.parametrize(
    ("login", "mine", "available"), [("clerk", 0, 1), ("dispatcher", 0, 3), ("mediator", 3, 2), ("leader", 0, 0)]
)
def test_the_first_accounts_find_an_inbox_that_lives(
    app: Flask, played_county: int, login: str, mine: int, available: int
) -> None:
    person = viewer(login, now=clock.now())
    rows = {tab: inbox_page(person, Filter(tab)).rows for tab in ("mine", "available")}
    assert len(rows["mine"]) >= mine
    assert len(rows["available"]) >= available
    if login == "mediator":
        assert len({one.item.element_id for one in rows["mine"]}) >= 3, "at different steps"


def test_an_agreement_of_the_county_centre_is_sealed_there(app: Flask, county: int) -> None:
    centre = county_office(county)
    assert resolve_group("committee_chair", centre) == ("committee_chair", centre.id)
    assert viewer("county.chair", now=clock.now()).pools[0] == ("committee_chair", centre.id)


def test_work_before_the_agreement_is_due_by_the_end_of_the_laws_limit(app: Flask, played_county: int) -> None:
    """Whoever sorts by date sees what the law presses, whatever step it is at."""
    limit = (Clock.county_id == WorkItem.county_id) & (Clock.case_id == WorkItem.subject_id)
    running = limit & (Clock.kind == "mediation") & Clock.stopped_at.is_(None)
    pressed = ("investigate_party", "plan_session", "hold_session", "draft_agreement", "record_oral_agreement")
    found = db.session.execute(
        select(WorkItem.element_id, WorkItem.due_at, Clock.due_at)
        .join(Clock, running)
        .where(WorkItem.status == "open", WorkItem.element_id.in_((*pressed, "mediator_signs", "seal_agreement")))
    ).all()
    assert len({element for element, *_ in found}) >= 3
    assert {element: due for element, due, _ in found} == {element: ends for element, _, ends in found}
