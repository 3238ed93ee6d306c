"""A changed table is tried on the decisions that were made; the page tells what would have been different."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.audit.services import Actor
from app.authoring import services as drafts
from app.authoring.rehearsal.fates import fates
from app.authoring.rehearsal.jobs import follow_shadows
from app.authoring.rehearsal.models import Rehearsal, RehearsalStatus
from app.authoring.rehearsal.queries import made_decisions, rehearsals_of
from app.authoring.rehearsal.rules import Tally
from app.cases.models import Case
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory import queries as directory
from app.directory.models import Assignment, Organisation
from app.directory.rules import Viewer
from app.scheduling.jobs import run_due_jobs
from app.workflow.models import Decision
from tests.functional.days import county_day

PATH = "processes/route.dmn"

BrowserAs = Callable[[str], FlaskClient]


def _viewer(login: str, county: int) -> Viewer:
    viewer = directory.viewer_of_person(county, person_named(login).id, now=clock.now())
    assert viewer is not None
    return viewer


def _draft(county: int, change: Callable[[str], str]) -> None:
    """Open the routing table's draft and save it changed."""

    def work() -> None:
        viewer = _viewer("owner", county)
        draft = drafts.open_draft(county, "dispute", PATH, viewer, now=clock.now())
        content = change(draft.content.decode()).encode()
        actor = Actor("person", viewer.person_id, viewer.name)
        drafts.save_draft(draft, content, expected_revision=draft.revision, actor=actor, now=clock.now())

    run_unit(work)


def _rehearse(browser: FlaskClient, number: int = 1000, unit: str = "cases", what: str = f"{PATH}#route") -> str:
    answer = browser.post("/authoring/dispute/rehearsals", data={"what": what, "number": number, "unit": unit})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def _newest(county: int) -> Rehearsal:
    db.session.remove()
    newest = rehearsals_of(county, "dispute")[0]
    db.session.expunge(newest)
    db.session.remove()
    return newest


def made_leader(login: str) -> None:
    """This person leads the county besides: they may open its cases."""

    def work() -> None:
        person = person_named(login)
        top = db.session.scalars(select(Organisation.id).where(Organisation.parent_id.is_(None))).one()
        db.session.add(
            Assignment(
                county_id=person.county_id,
                person_id=person.id,
                organisation_id=top,
                role="leader",
                from_date=county_day() - timedelta(days=1),
            )
        )

    run_unit(work)


def _routed(county: int) -> int:
    return int(
        db.session.scalar(select(func.count()).where(Decision.county_id == county, Decision.reference == "route")) or 0
    )


def test_an_unchanged_table_decides_everything_as_before(played_county: int, browser_as: BrowserAs) -> None:
    _draft(played_county, lambda text: text + "\n")
    address = _rehearse(browser_as("owner"))
    run_due_jobs()
    asked = _newest(played_county)
    tally = Tally.from_json(asked.found)
    assert asked.status == RehearsalStatus.DONE
    assert tally.compared == asked.total == _routed(played_county) > 3
    assert (tally.changed, tally.failed) == (0, 0), tally.differing
    assert "不会有任何不同" in browser_as("owner").get(address).text
    listed = browser_as("owner").get("/authoring/dispute/rehearsals")
    assert listed.status_code == 200
    assert address in listed.text


def test_a_changed_row_shows_which_decisions_differ_and_how(played_county: int, browser_as: BrowserAs) -> None:
    _draft(played_county, lambda text: text.replace('<text>"village"</text>', '<text>"town"</text>', 1))
    owner = browser_as("owner")
    address = _rehearse(owner)
    run_due_jobs()
    tally = Tally.from_json(_newest(played_county).found)
    assert tally.changed > 0
    assert tally.same + tally.changed == tally.compared
    assert sum(tally.ways.values()) == tally.changed
    assert sum(differing for _, differing in tally.offices.values()) == tally.changed
    page = owner.get(address).text
    assert "按单位" in page
    codes = db.session.scalars(select(Case.code)).all()
    assert codes
    assert not [code for code in codes if code in page]
    assert f"另有 {tally.changed} 件只计数" in page, "a process owner without a role in cases sees counts only"
    assert "第 1 行" not in page

    made_leader("owner")
    page = owner.get(address).text
    assert sum(code in page for code in codes) == tally.changed
    assert "件只计数" not in page
    row = page[page.index("结果不同的决策") :]
    assert ("村" in row, "镇" in row) == (True, True), "what was decided then and what the draft decides, side by side"


def test_a_table_that_no_longer_decides_is_told_as_failing(played_county: int, browser_as: BrowserAs) -> None:
    _draft(
        played_county, lambda text: text.replace("<text>&gt;= 10</text>", "<text>-</text>").replace('"FIRST"', '"ANY"')
    )
    address = _rehearse(browser_as("owner"))
    run_due_jobs()
    tally = Tally.from_json(_newest(played_county).found)
    assert tally.failed > 0
    assert "命中" in browser_as("owner").get(address).text


def test_it_goes_on_piece_by_piece_and_can_be_stopped(
    played_county: int, browser_as: BrowserAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.authoring.rehearsal.services.PIECE", 2)
    _draft(played_county, lambda text: text + "\n")
    owner = browser_as("owner")
    address = _rehearse(owner)
    run_due_jobs()
    half = _newest(played_county)
    assert (half.done, half.status) == (2, RehearsalStatus.RUNNING)
    assert 'hx-trigger="every 1s"' in owner.get(address).text
    assert owner.post(f"{address}/stop").status_code == 303
    run_due_jobs()
    stopped = _newest(played_county)
    assert (stopped.done, stopped.status) == (2, RehearsalStatus.STOPPED)
    assert owner.post(f"{address}/stop").status_code == 409


def test_a_draft_changed_meanwhile_ends_it(played_county: int, browser_as: BrowserAs) -> None:
    _draft(played_county, lambda text: text + "\n")
    _rehearse(browser_as("owner"))
    _draft(played_county, lambda text: text + "\n")
    run_due_jobs()
    assert _newest(played_county).status == RehearsalStatus.OUTDATED


def test_what_cannot_be_rehearsed_is_refused(played_county: int, browser_as: BrowserAs) -> None:
    owner = browser_as("owner")
    for data in (
        {"what": "processes/none.dmn#x", "number": "10", "unit": "days"},
        {"what": f"{PATH}#none", "number": "10", "unit": "days"},
        {"what": f"{PATH}#route", "number": "0", "unit": "days"},
        {"what": f"{PATH}#route", "number": "99999999999", "unit": "cases"},
        {"what": f"{PATH}#route", "number": "-1", "unit": "cases"},
    ):
        assert owner.post("/authoring/dispute/rehearsals", data=data).status_code == 422, data
    assert rehearsals_of(played_county, "dispute") == []


def test_only_keepers_find_rehearsals(played_county: int, browser_as: BrowserAs) -> None:
    address = _rehearse(browser_as("owner"))
    for login in ("mediator", "leader"):
        browser = browser_as(login)
        assert browser.get("/authoring/dispute/rehearsals").status_code == 404
        assert browser.get(address).status_code == 404
        assert browser.post("/authoring/dispute/rehearsals", data={"what": f"{PATH}#route"}).status_code == 404


def _decide_again(county: int) -> None:
    """The newest routing decision once more, as if a case had just come by."""

    def work() -> None:
        newest = db.session.scalars(
            select(Decision).where(Decision.reference == "route").order_by(Decision.id.desc())
        ).first()
        assert newest is not None
        copied = {column.name: getattr(newest, column.name) for column in Decision.__table__.columns}
        db.session.add(Decision(**copied | {"id": new_id(), "at": clock.now()}))

    run_unit(work)


def test_a_shadow_decides_beside_the_active_table_from_then_on(played_county: int, browser_as: BrowserAs) -> None:
    _draft(played_county, lambda text: text.replace('<text>"village"</text>', '<text>"town"</text>', 1))
    owner = browser_as("owner")
    answer = owner.post("/authoring/dispute/shadows", data={"what": f"{PATH}#route"})
    assert answer.status_code == 303, answer.text
    follow_shadows()
    assert _newest(played_county).done == 0, "what was decided before is none of its business"
    _decide_again(played_county)
    _draft(played_county, lambda text: text + "<!-- another change of the draft -->")
    follow_shadows()
    shadow = _newest(played_county)
    assert (shadow.done, shadow.status) == (1, RehearsalStatus.RUNNING)
    assert Tally.from_json(shadow.found).compared == 1
    assert owner.get(answer.headers["Location"]).status_code == 200
    assert owner.post(f"{answer.headers['Location']}/stop").status_code == 303
    _decide_again(played_county)
    follow_shadows()
    assert _newest(played_county).done == 1


def test_rows_tell_hits_overrides_and_what_came_back(played_county: int, browser_as: BrowserAs) -> None:
    rows = f"/authoring/dispute/rows?what={PATH.replace('/', '%2F')}%23route"
    before = browser_as("owner").get(rows).text
    assert "从未" in before, "rows that never decided are shown too"
    assert "依法定程序移交：公安机关办理" in before
    assert "Handed over: Police" in browser_as("owner").get(rows, headers={"Accept-Language": "en"}).text
    _decide_again(played_county)
    found = fates(
        made_decisions(
            _viewer("owner", played_county), "dispute", "route", since=clock.now() - timedelta(days=400), limit=99
        )
    )
    assert sum(fate.bounced for fate in found.values()) == 1
    assert sum(fate.hits for fate in found.values()) == _routed(played_county)


def test_what_is_to_be_published_shows_its_rehearsal(played_county: int, browser_as: BrowserAs) -> None:
    owner = browser_as("owner")
    _draft(played_county, lambda text: text.replace('<text>"village"</text>', '<text>"town"</text>', 1))
    assert "尚未演练" in owner.get("/authoring/dispute/changes").text
    _rehearse(owner)
    run_due_jobs()
    page = owner.get("/authoring/dispute/changes").text
    assert "次决策的结果会不同" in page
    assert "草稿此后又有改动" not in page
    _draft(played_county, lambda text: text + "\n")
    assert "草稿此后又有改动" in owner.get("/authoring/dispute/changes").text
