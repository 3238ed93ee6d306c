"""The meter of the file beside a case: from the acceptance on, before any process asks the table."""

from flask import Flask
from sqlalchemy import func, select

from app.cases.models import Case
from app.core.database import db
from app.workflow.models import Decision
from tests.functional.cases.test_statements import MOST, counted
from tests.functional.conftest import BrowserAs


def test_the_meter_stands_from_the_acceptance_on(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    asked = select(Decision.subject_id).where(Decision.reference == "required_documents")
    cases = db.session.execute(
        select(Case.code, Case.accepted_at.is_not(None)).where(Case.id.not_in(asked), Case.status == "open")
    ).all()
    assert {accepted for _code, accepted in cases} == {True, False}
    kept = db.session.scalar(select(func.count()).select_from(Decision))
    leader = browser_as("leader")
    for code, accepted in cases:
        with counted() as told:
            page = leader.get(f"/cases/{code}")
        assert page.status_code == 200
        assert ('id="completeness"' in page.text) == accepted, code
        assert len(told) <= MOST
    assert db.session.scalar(select(func.count()).select_from(Decision)) == kept


def test_the_meter_tells_what_is_needed_already_and_what_depends_on_the_outcome(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    asked = select(Decision.subject_id).where(Decision.reference == "required_documents")
    of_early = (Case.id.not_in(asked), Case.status == "open", Case.accepted_at.is_not(None))
    early = db.session.scalars(select(Case.code).where(*of_early).order_by(Case.id)).first()
    for path in (f"/cases/{early}", f"/cases/{early}/file"):
        chinese = browser_as("leader").get(path).text
        meter = chinese[chinese.index('<label for="completeness"') :][:900]
        assert "目前应有 1 份，已有 0 份" in meter
        assert "视办理结果还可能需要：" in meter
        for paper in ("身份证明", "调解记录", "协议书", "回访记录"):
            assert paper in meter, paper
        english = browser_as("leader").get(path, headers={"Accept-Language": "en"}).text
        assert "0 of 1 papers that are needed already" in english
        assert "Besides, depending on how the matter goes:" in english
