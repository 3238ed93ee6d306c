"""Copied cases are cases: whole histories, right numbers, pages that open, tasks that can be done."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.audit.anchoring import anchor_key
from app.audit.verification import verify
from app.bench.consistency import flaws
from app.cases.evidence.models import Evidence
from app.cases.models import Case, Party
from app.cases.rules import case_title, is_case_code
from app.cases.starters import starters
from app.core import clock
from app.core.database import db
from app.core.ids import first_id
from app.core.paging import COUNT_LIMIT
from app.core.unit_of_work import run_unit
from app.definitions import queries as definitions
from app.devdata.cases import viewer
from app.devdata.copying import Copier, Ids
from app.devdata.county import COUNTY_ID
from app.devdata.lives import play_life
from app.devdata.matters import GREEN, MATTERS, ORANGE, RED, YELLOW
from app.devdata.seed import COLOURS, seed
from app.documents.verification import verify_archives
from app.engine import feel
from app.engine.packing import unpack
from app.tasks.conditions import TABS
from app.tasks.filters import Filter
from app.tasks.listing import counts, inbox_page
from app.tasks.services import complete_task
from app.workflow.counting import recount
from app.workflow.models import Instance, WorkItem
from tests.functional.conftest import BrowserAs, kept

PAGES = ("", "/timeline", "/diagram", "/decisions", "/parties", "/related", "/evidence", "/file")
PLAYED = (
    *(GREEN[2], GREEN[21], GREEN[20], YELLOW[4], ORANGE[0], RED[1], RED[4], GREEN[18], GREEN[24], GREEN[1]),
    *(GREEN[4], GREEN[7], YELLOW[1], ORANGE[1]),
)
"""A matter for each colour, tier and course: they are played in a short while."""
COPIES = 300


@pytest.fixture
def seeded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The played county with copies of some matters."""
    monkeypatch.setattr("app.devdata.seed.MATTERS", PLAYED)

    def build() -> None:
        assert seed(COPIES, processes=1, seed_number=7) == COPIES
        assert run_unit(recount) == 0

    kept(app, "seeded", build, one_unit=False)
    return app


def copied_cases() -> Sequence[Case]:
    """The copies, oldest first: all are older than the played county, which has just begun."""
    return db.session.scalars(select(Case).order_by(Case.id).limit(COPIES)).all()


def test_copies_are_whole_and_tell_of_their_own_people_and_moments(seeded: Flask) -> None:
    copies = copied_cases()
    assert all(is_case_code(case.code) for case in copies)
    assert len({case.code for case in copies}) == COPIES
    assert [case.opened_at for case in copies] == sorted(case.opened_at for case in copies)
    for case in copies:
        people = db.session.scalars(select(Party).where(Party.case_id == case.id).order_by(Party.id)).all()
        sides = ([one.name for one in people if one.side == side] for side in ("applicant", "respondent"))
        assert case.title == case_title(*sides, case.summary)
        assert len({one.name for one in people}) == len(people)
        assert first_id(case.opened_at) <= case.id < first_id(case.opened_at + timedelta(milliseconds=1))
    for item in db.session.scalars(select(WorkItem).where(WorkItem.status == "open")):
        instance = db.session.get(Instance, (COUNTY_ID, item.instance_id))
        assert instance is not None
        since = {one["token"]: datetime.fromisoformat(one["since"]) for one in instance.active}
        assert since[item.token] == item.opened_at
        entered = {token[0]: token[4] for token in orjson.loads(unpack(instance.state[1:]))["t"]}
        assert entered[item.token] == (item.opened_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert [one for case in copies if case.status == "archived" for one in verify_archives(case)] == []
    assert verify(COUNTY_ID, anchor_key(seeded.config["VAR"]).public_key()) == []
    db.session.remove()
    assert flaws() == []
    db.session.remove()
    clerk = viewer("clerk", now=clock.now()).person_id
    begun = set(db.session.scalars(select(Instance.subject_id).where(Instance.started_by == clerk)))
    listed = set(db.session.scalars(select(starters.c.case_id).where(starters.c.person_id == clerk)))
    assert {case.id for case in copies} <= begun <= listed
    for login in ("leader", "dispatcher", "mediator"):
        who = viewer(login, now=clock.now())
        numbers = counts(who)
        for tab in TABS:
            assert min(len(inbox_page(who, Filter(tab), size=2000).rows), COUNT_LIMIT + 1) == numbers[tab]


def test_copies_are_spread_like_the_matters_of_a_county(seeded: Flask) -> None:
    copies = copied_cases()
    colours = Counter(case.risk_colour for case in copies)
    assert all(abs(colours[colour] / COPIES - share / 100) < 0.12 for colour, share in COLOURS.items()), colours
    assert colours["green"] > colours["yellow"] > colours["orange"] > 0 < colours["red"]
    assert 0.12 < sum(case.status == "open" for case in copies) / COPIES < 0.42
    assert {case.tier for case in copies} == {"grid", "village", "town", "county"}
    assert {
        "registration",
        "triage",
        "acceptance",
        "mediation",
        "agreement",
        "performance",
        "return_visit",
        "archive",
    } == {case.stage for case in copies}
    assert {"normal", "restricted"} == {case.sensitivity for case in copies}
    amounts = [case.amount for case in copies if case.amount is not None]
    assert len(set(amounts)) > 0.8 * len(amounts) > 0.3 * COPIES
    given = {one.amount for one in PLAYED if one.amount is not None}
    assert not given & set(amounts)
    assert db.session.scalar(select(func.count()).select_from(Evidence))
    ages = [(clock.now() - case.opened_at).days for case in copies]
    assert min(ages) < 14
    assert max(ages) > 500
    dues = db.session.scalars(select(WorkItem.due_at).where(WorkItem.status == "open")).all()
    assert any(due < clock.now() for due in dues)
    assert any(clock.now() < due < clock.now() + timedelta(days=5) for due in dues)
    for login in (
        "clerk",
        "dispatcher",
        "mediator",
        "chair",
        "leader",
        "archivist",
        "grid",
        "police",
        "arbitration",
        "court",
        "justice",
        "elder",
    ):
        numbers = counts(viewer(login, now=clock.now()))
        assert numbers["mine"] + numbers["available"] >= 1, login


@pytest.mark.usefixtures("seeded")
def test_the_pages_of_a_copy_of_each_prototype_open(browser_as: BrowserAs) -> None:
    tasks: dict[int, list[int]] = {}
    for case_id, item_id in db.session.execute(select(WorkItem.subject_id, WorkItem.id).order_by(WorkItem.id)):
        tasks.setdefault(case_id, []).append(item_id)
    shapes = {(case.summary, case.status): case for case in copied_cases()}
    assert {summary for summary, _status in shapes} == {one.text for one in PLAYED}
    codes = [(case.code, tasks[case.id][0]) for case in shapes.values()]
    printed = {case.summary: case.code for case in shapes.values()}.values()
    everything = set(db.session.scalars(select(Case.code)))
    db.session.remove()
    browser = browser_as("leader")

    def opens(code: str, page: str, answer: TestResponse) -> None:
        assert answer.status_code == 200, page
        assert set(re.findall(r"FX\d{4}-\d{6}-\w{3}", answer.text)) - {code} <= everything

    for code, item_id in codes:
        for page in (*(f"/cases/{code}{page}" for page in PAGES), f"/tasks/{item_id}"):
            opens(code, page, browser.get(page))
    for code in printed:
        opens(code, "print", browser.post(f"/cases/{code}/print"))


@pytest.mark.usefixtures("played_county")
def test_every_type_of_the_dictionary_is_among_the_matters() -> None:
    release = definitions.active_release(COUNTY_ID, "dispute")
    model, _hash = definitions.contents(release).decision("type_suggestion")
    surroundings = feel.Environment(now=clock.now(), zone=ZoneInfo("Asia/Shanghai"))
    told = [model.decide("type_suggestion", {"summary": one.text}, surroundings).result for one in MATTERS]
    types = {one["suggested_type"] for one in told if isinstance(one, dict)}
    dictionary = definitions.contents(release).dictionary
    assert dictionary is not None
    assert types == {str(one.value) for one in dictionary["dispute_type"].values}


def test_a_copy_without_a_shift_leaves_the_next_ones_theirs(app: Flask, played_county: int) -> None:
    db.session.remove()
    prototype = play_life(GREEN[18], 0, now=clock.now())[0]
    copier = Copier(prototype, Ids(), random.Random(1), "王李张", ("伟", "芳", "秀英", "桂兰"))  # noqa: S311 - invented data
    copier.copy("FX2026-000001-AAA", 0)
    (instance,) = copier.copy("FX2026-000002-AAA", -1).rows["instances"]
    since = [datetime.fromisoformat(one["since"]) for one in orjson.loads(prototype.rows["instances"][0]["active"])]
    moved = [datetime.fromisoformat(one["since"]) for one in orjson.loads(instance["active"])]
    assert moved == [one - timedelta(weeks=1) for one in since]


def test_a_guardian_has_another_name_in_each_copy(app: Flask, played_county: int) -> None:
    db.session.remove()
    prototype = play_life(GREEN[13], 0, now=clock.now())[0]
    copier = Copier(prototype, Ids(), random.Random(1), "王李张", ("伟", "芳", "秀英", "桂兰"))  # noqa: S311 - invented data
    child = copier.copy("FX2026-000001-AAA", 0).rows["parties"][0]
    assert child["guardian_name"] not in (child["name"], GREEN[13].guardian)
    assert child["guardian_name"][0] == child["name"][0]


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
