"""Copied cases are cases: whole histories, right numbers, pages that open, tasks that can be done."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit.anchoring import anchor_key
from app.audit.verification import verify
from app.bench.consistency import flaws
from app.cases.models import Case, Party
from app.cases.rules import is_case_code
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import viewer
from app.devdata.county import COUNTY_ID
from app.devdata.seed import seed
from app.tasks.conditions import TABS
from app.tasks.filters import Filter
from app.tasks.listing import counts, inbox_page
from app.tasks.services import complete_task
from app.workflow.counting import recount
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs

COPIES = 30


@pytest.fixture
def seeded(app: Flask, played_county: int, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The played county with copies of its cases."""
    monkeypatch.setattr("app.devdata.seed.VARIED", ())
    db.session.remove()
    assert seed(COPIES, processes=1, seed_number=7) == COPIES
    return app


def test_copies_are_whole_and_can_be_worked_on(seeded: Flask, browser_as: BrowserAs) -> None:
    everything = db.session.scalars(select(Case).order_by(Case.id)).all()
    assert len(everything) == len({case.code for case in everything}) == 9 + COPIES
    assert all(is_case_code(case.code) for case in everything)
    assert len({case.opened_at.date() for case in everything}) > COPIES / 3
    assert max(case.opened_at for case in everything) <= clock.now()
    sealed = db.session.scalar(select(func.count()).select_from(Party).where(Party.identity_index.is_not(None)))
    assert sealed
    assert sealed > COPIES / 4
    assert verify(COUNTY_ID, anchor_key(seeded.config["VAR"]).public_key()) == []
    db.session.remove()
    assert flaws() == []
    db.session.remove()
    assert run_unit(recount) == 0
    for login in ("leader", "dispatcher", "mediator"):
        who = viewer(login, now=clock.now())
        numbers = counts(who)
        for tab in TABS:
            assert len(inbox_page(who, Filter(tab), size=500).rows) == numbers[tab]
    browser = browser_as("leader")
    for case in everything[-6:]:
        for page in ("", "/timeline", "/diagram", "/decisions", "/parties"):
            answer = browser.get(f"/cases/{case.code}{page}")
            assert answer.status_code == 200, (case.code, page)
            other = set(re.findall(r"FX\d{4}-\d{6}-\w{3}", answer.text)) - {case.code}
            assert other <= {one.code for one in everything}


def test_a_copied_task_is_completed(seeded: Flask) -> None:
    dispatcher = viewer("dispatcher", now=clock.now())
    pool = inbox_page(dispatcher, Filter("available"), size=500).rows
    item = next(row.item for row in reversed(pool) if row.item.element_id == "confirm_triage")
    item_id = item.id
    db.session.remove()

    def complete() -> None:
        found = db.session.get(WorkItem, (COUNTY_ID, item_id))
        assert found is not None
        complete_task(found, {"triage_decision": "confirm"}, viewer=dispatcher, now=clock.now())

    run_unit(complete)
    done = db.session.get(WorkItem, (COUNTY_ID, item_id))
    assert done is not None
    assert done.status == "done"
    db.session.remove()
    assert verify(COUNTY_ID, anchor_key(seeded.config["VAR"]).public_key()) == []
