"""What a keeper of packages learns by trying a change on cases: how many and which rows, nothing of people."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.services import Actor
from app.authoring import services as drafts
from app.cases.models import Case, Party
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.scheduling.jobs import run_due_jobs
from tests.functional.authoring.conftest import viewer
from tests.functional.conftest import BrowserAs

PATH = "processes/route.dmn"


@pytest.mark.parametrize("asked", ["parties[1].name", "summary", "code", "string(parties[1])"])
def test_a_table_that_gives_back_what_it_reads_tells_nothing(
    app: Flask, played_county: int, browser_as: BrowserAs, asked: str
) -> None:
    def draft() -> None:
        keeper = viewer("owner")
        made = drafts.open_draft(played_county, "dispute", PATH, keeper, now=clock.now())
        text = made.content.decode()
        for value in ("village", "town", "county"):
            text = text.replace(f'<text>"{value}"</text>', f"<text>{asked}</text>")
        actor = Actor("person", keeper.person_id)
        drafts.save_draft(made, text.encode(), expected_revision=made.revision, actor=actor, now=clock.now())

    run_unit(draft)
    owner = browser_as("owner")
    asked_for = {"what": f"{PATH}#route", "number": "1000", "unit": "cases"}
    address = owner.post("/authoring/dispute/rehearsals", data=asked_for).headers["Location"]
    run_due_jobs()
    page = owner.get(address).text
    db.session.rollback()
    told = [*db.session.scalars(select(Party.name)), *db.session.scalars(select(Case.code))]
    told += [text for text in db.session.scalars(select(Case.summary)) if text]
    assert "只计数、不列出" in page, "what differs is counted, and nothing of it listed"
    assert [one for one in told if one in page] == []
