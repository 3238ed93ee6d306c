"""An order is awaited as long as its case takes an answer."""

from flask import Flask
from sqlalchemy import select

from app.audit.services import SYSTEM
from app.cases.models import Case
from app.cases.services.cases import seal_case
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.supervision.models import SupervisionOrder
from tests.functional.conftest import BrowserAs


def test_nobody_waits_for_an_answer_in_a_sealed_case(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    leader = browser_as("leader")
    db.session.rollback()

    def order() -> str:
        case = db.session.scalars(select(Case).where(Case.summary.like("隔壁新砌围墙%"))).one()
        db.session.add(
            SupervisionOrder(
                county_id=1,
                case_id=case.id,
                card="yellow",
                demand="三日内答复",
                ordered_by_id=person_named("leader").id,
                ordered_by="赵卫东",
                ordered_at=clock.now(),
            )
        )
        return case.code

    code = run_unit(order)
    assert code in leader.get("/tasks/?tab=supervision").text
    english = leader.get(f"/cases/{code}", headers={"Accept-Language": "en"}).text
    assert '三日内答复 <span class="quiet">Zhao Weidong' in english
    db.session.rollback()
    run_unit(
        lambda: seal_case(
            db.session.scalars(select(Case).where(Case.code == code)).one(), actor=SYSTEM, now=clock.now()
        )
    )
    assert code not in leader.get("/tasks/?tab=supervision").text
    page = leader.get(f"/cases/{code}").text
    assert "未答复，随本案终结" in page
