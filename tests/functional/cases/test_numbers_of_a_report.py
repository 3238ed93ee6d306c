"""What is typed at registration about money and people stands on the case itself, where lists and filters look."""

from decimal import Decimal

from flask import Flask
from sqlalchemy import select

from app.audit.services import Actor
from app.cases.models import Case
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import viewer
from app.devdata.county import COUNTY_ID
from app.directory import queries as directory
from app.intake.services import NewReport, receive_report
from app.tasks.services import complete_task
from app.workflow.models import WorkItem


def test_amount_and_people_of_the_registration_are_those_of_the_case(app: Flask, dispute_county: int) -> None:
    now = clock.now()

    def report() -> None:
        clerk = viewer("clerk", now=now)
        centre = directory.organisation(COUNTY_ID, clerk.roles[0].organisation_id)
        actor = Actor("person", clerk.person_id, clerk.name)
        report = NewReport(channel="window", text="借款到期未还。", place="河畔村", parties=[])
        receive_report(COUNTY_ID, report, received_by=centre, received_by_id=clerk.person_id, actor=actor, now=now)

    def register() -> None:
        item = db.session.scalars(select(WorkItem).where(WorkItem.element_id == "register_report")).one()
        numbers = {"amount": Decimal("18437"), "people_count": Decimal(6)}
        complete_task(item, numbers, viewer=viewer("clerk", now=now), now=now)

    run_unit(report)
    run_unit(register)
    case = db.session.scalars(select(Case)).one()
    assert case.amount == Decimal("18437")
    assert case.people_count == 6
