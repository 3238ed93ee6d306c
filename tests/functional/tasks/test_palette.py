"""A county with five levels of risk has them in its package; inbox, filters and words follow."""

import pytest
from flask import Flask

from app.audit.services import SYSTEM
from app.cases.models import Case
from app.cases.services.risk import set_risk
from app.config import ROOT
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions.services import import_files, read_folder
from app.devdata.cases import STORIES, play
from app.workflow.models import RISK_RANKS, WorkItem
from tests.functional.conftest import BrowserAs

DISPUTE = ROOT / "processes" / "dispute"
DATA = "processes/data.toml"
YELLOW = '{ value = "yellow", zh = "黄", en = "Yellow" },'.encode()
BLUE = '{ value = "blue", zh = "蓝", en = "Blue" },'.encode()


@pytest.fixture
def five_colours(county: int) -> dict[str, int]:
    """A case of each level; by colour, the id of its open task."""

    def build() -> dict[str, int]:
        name, files = read_folder(DISPUTE)
        assert YELLOW in files[DATA]
        five = files[DATA].replace(YELLOW, BLUE + YELLOW)
        import_files(county, name, {**files, DATA: five}, actor=SYSTEM, now=clock.now())
        return {colour: _judged(colour) for colour in RISK_RANKS if colour}

    return run_unit(build)


def _judged(colour: str) -> int:
    case: Case = play(STORIES[0], now=clock.now())
    set_risk(case, colour=colour, score=None, reasons=[], actor=SYSTEM, now=clock.now())
    return db.session.query(WorkItem.id).filter_by(subject_id=case.id, status="open").limit(1).scalar()


def test_five_levels_stand_in_their_order_and_are_found_and_named(
    app: Flask, five_colours: dict[str, int], browser_as: BrowserAs
) -> None:
    leader = browser_as("leader")
    page = leader.get("/tasks/?tab=team").text
    places = [page.index(f"/tasks/{five_colours[one]}?") for one in ("red", "orange", "yellow", "blue", "green")]
    assert places == sorted(places)
    assert 'name="colour" value="blue"' in page
    only = leader.get("/tasks/?tab=team&colour=blue").text
    shown = {one for one, task in five_colours.items() if f"/tasks/{task}?" in only}
    assert shown == {"blue"}
    code = db.session.query(Case.code).filter_by(risk_colour="blue").scalar()
    assert "蓝" in leader.get(f"/cases/{code}").text
    assert code in leader.get("/cases/?colour=blue").text


def test_four_levels_offer_four(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    page = browser_as("leader").get("/tasks/?tab=team").text
    assert 'name="colour" value="yellow"' in page
    assert 'name="colour" value="blue"' not in page
