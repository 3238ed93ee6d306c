"""A changed path is walked again with the recorded answers of ended cases; the page tells what would be different."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import select

from app.audit.services import SYSTEM
from app.authoring.rehearsal.models import Rehearsal, RehearsalStatus
from app.authoring.rehearsal.queries import rehearsals_of
from app.authoring.rehearsal.services import ask_for_rehearsal
from app.authoring.rehearsal.walk_tally import WalkTally
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import STORIES
from app.directory.models import Organisation
from app.scheduling.jobs import run_due_jobs
from app.workflow import topics
from app.workflow.commands import Cancel, Skip, Wake
from app.workflow.models import Instance, InstanceStatus
from app.workflow.services import advance
from tests.functional.authoring.conftest import ERRAND, Change, actor, viewer
from tests.functional.workflow.errands import NOW, Errands

PATH = "processes/errand.bpmn"

BrowserAs = Callable[[str], FlaskClient]


@pytest.fixture
def ended(errand: int) -> Iterator[Errands]:
    """Three errands that are done: a small one, a big one that was approved, one that was forgotten."""
    town = db.session.scalar(select(Organisation.id).where(Organisation.tier == "town"))
    assert town is not None
    db.session.rollback()
    errands = Errands(errand, town)
    before = topics.registered("errand.note")
    topics.register("errand.note", errands.note, outputs={"noted": topics.Parameter("text")})
    small = errands.start()
    errands.complete(small, what="写信", price=1, secret="不说")
    big = errands.complete(errands.start(), what="修路", price=100)
    errands.complete(big, approved=True)
    forgotten = errands.start()
    errands.move(forgotten.instance_id, Wake(), now=NOW + timedelta(days=4))
    yield errands
    if before is not None:
        topics.register(before.name, before.handler, before.inputs, before.outputs, outside=before.outside)
    else:
        topics._topics.pop("errand.note")


def rehearse(browser: FlaskClient, county: int, **more: Any) -> tuple[Rehearsal, WalkTally, str]:
    """Ask on the page, let the worker do it, and read the page of the result."""
    asked = {"what": f"{PATH}#errand", "number": "100", "unit": "cases"} | more
    answer = browser.post("/authoring/errand/rehearsals", data=asked)
    assert answer.status_code == 303, answer.text
    run_due_jobs()
    db.session.remove()
    newest = rehearsals_of(county, "errand")[0]
    db.session.expunge(newest)
    db.session.remove()
    return newest, WalkTally.from_json(newest.found), browser.get(answer.headers["Location"]).text


def test_unchanged_path_goes_as_before(ended: Errands, browser_as: BrowserAs) -> None:
    asked, tally, _page = rehearse(browser_as("owner"), ended.county_id)
    assert asked.status == RehearsalStatus.DONE
    assert (asked.total, tally.counts) == (3, {"same": 3}), tally.differing


def test_what_was_known_at_the_start_is_recorded(ended: Errands, change: Change, browser_as: BrowserAs) -> None:
    """What a process wrote anew itself is at the start of its walk what it was then, not what it became."""
    ended.complete(ended.start(total=500), what="写信", price=1, secret="不说")
    owner = browser_as("owner")
    _asked, tally, _page = rehearse(owner, ended.county_id)
    assert tally.counts == {"same": 4}, tally.differing
    change(PATH, "= { total: price * 2 }", "= { total: total }")
    change(PATH, 'size = "big"', "total = 500")
    _asked, tally, _page = rehearse(owner, ended.county_id)
    assert tally.counts == {"missing": 1, "other": 1, "same": 2}, tally.differing


def test_new_task_misses_an_answer(ended: Errands, change: Change, browser_as: BrowserAs) -> None:
    change(
        PATH,
        '<bpmn:sequenceFlow id="f6" sourceRef="note" targetRef="done">',
        '<bpmn:userTask id="thank" name="道谢" camunda:candidateGroups="clerk"/>'
        '<bpmn:sequenceFlow id="f7" sourceRef="thank" targetRef="done"/>'
        '<bpmn:sequenceFlow id="f6" sourceRef="note" targetRef="thank">',
    )
    _asked, tally, page = rehearse(browser_as("owner"), ended.county_id)
    assert tally.counts == {"missing": 2, "same": 1}, tally.differing
    assert tally.stops == {"errand/thank": {"missing": 2}}
    assert "道谢" in page


def without_approval(change: Change) -> None:
    """Take the branch of the big errands out of the draft."""
    text = (ERRAND / "errand.bpmn").read_text()
    for begin, end in (
        ('<bpmn:userTask id="approve"', "</bpmn:userTask>"),
        ('<bpmn:sequenceFlow id="f_big"', "</bpmn:sequenceFlow>"),
        ('<bpmn:sequenceFlow id="f5"', "</bpmn:sequenceFlow>"),
    ):
        start = text.index(begin)
        change(PATH, text[start : text.index(end, start) + len(end)], "")


def test_removed_branch_is_another_way(ended: Errands, change: Change, browser_as: BrowserAs) -> None:
    without_approval(change)
    _asked, tally, page = rehearse(browser_as("owner"), ended.county_id)
    assert tally.counts == {"other": 1, "same": 2}, tally.differing
    assert tally.turns == {"errand/approve>errand/done": 1}
    assert "批准" in page


def test_changed_condition_asks_for_what_nobody_answered(ended: Errands, change: Change, browser_as: BrowserAs) -> None:
    change(PATH, 'size = "big"', 'size = "small"')
    _asked, tally, _page = rehearse(browser_as("owner"), ended.county_id)
    assert tally.counts == {"missing": 1, "other": 1, "same": 1}, tally.differing
    assert tally.stops == {"errand/approve": {"missing": 1}}


def test_changed_table_leads_elsewhere(ended: Errands, change: Change, browser_as: BrowserAs) -> None:
    change("processes/errand_size.dmn", '"big"', '"small"')
    _asked, tally, _page = rehearse(browser_as("owner"), ended.county_id)
    assert tally.counts == {"other": 1, "same": 2}, tally.differing


def test_element_that_fails_is_stuck(ended: Errands, change: Change, browser_as: BrowserAs) -> None:
    change(PATH, "= { total: price * 2 }", "= { total: price * 2, size: nowhere }")
    _asked, tally, page = rehearse(browser_as("owner"), ended.county_id)
    assert tally.counts == {"stuck": 2, "same": 1}, tally.differing
    assert tally.stops == {"errand/sum_up": {"stuck": 2}}
    told = tally.differing[0]["error"]["zh"]
    assert told, tally.differing
    assert str(escape(told)) in page, told


def test_waiting_for_what_never_came_is_stuck(ended: Errands, change: Change, browser_as: BrowserAs) -> None:
    change(
        PATH,
        '<bpmn:endEvent id="done" name="完成"/>',
        '<bpmn:endEvent id="done" name="完成"/><bpmn:intermediateCatchEvent id="hear" name="等回音">'
        '<bpmn:messageEventDefinition messageRef="Echo"/></bpmn:intermediateCatchEvent>'
        '<bpmn:sequenceFlow id="f7" sourceRef="hear" targetRef="done"/>',
    )
    change(PATH, 'sourceRef="note" targetRef="done"', 'sourceRef="note" targetRef="hear"')
    change(PATH, '<bpmn:process id="errand"', '<bpmn:message id="Echo" name="echo"/><bpmn:process id="errand"')
    _asked, tally, _page = rehearse(browser_as("owner"), ended.county_id)
    assert tally.counts == {"stuck": 2, "same": 1}, tally.differing
    assert tally.stops == {"errand/hear": {"stuck": 2}}


def test_new_timer_only_takes_time(ended: Errands, change: Change, browser_as: BrowserAs) -> None:
    change(
        PATH,
        '<bpmn:endEvent id="done" name="完成"/>',
        '<bpmn:endEvent id="done" name="完成"/><bpmn:intermediateCatchEvent id="rest" name="歇一天">'
        "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"
        '</bpmn:intermediateCatchEvent><bpmn:sequenceFlow id="f7" sourceRef="rest" targetRef="approve"/>',
    )
    change(PATH, 'sourceRef="big" targetRef="approve"', 'sourceRef="big" targetRef="rest"')
    _asked, tally, _page = rehearse(browser_as("owner"), ended.county_id)
    assert tally.counts == {"same": 3}, "the recorded answer is given when its task is open"


def test_cancelled_processes_are_walked_when_asked_for(ended: Errands, change: Change, browser_as: BrowserAs) -> None:
    begun = ended.complete(ended.start(), what="修桥", price=100)
    ended.move(begun.instance_id, Cancel("不修了"))
    owner = browser_as("owner")
    assert rehearse(owner, ended.county_id)[0].total == 3
    asked, tally, _page = rehearse(owner, ended.county_id, cancelled="1")
    assert (asked.total, tally.counts) == (4, {"same": 4}), tally.differing
    without_approval(change)
    _asked, tally, _page = rehearse(owner, ended.county_id, cancelled="1")
    assert tally.counts == {"other": 2, "same": 2}, tally.differing


def test_what_was_repaired_by_hand_is_not_compared(ended: Errands, browser_as: BrowserAs) -> None:
    begun = ended.start()
    token = begun_token(begun.instance_id)
    ended.move(begun.instance_id, Skip(token, "不必"))
    _asked, tally, page = rehearse(browser_as("owner"), ended.county_id)
    assert tally.counts["uncompared"] == 1
    assert tally.reasons in ({"repaired": 1}, {"erased": 1})
    assert "无法比较" in page


def begun_token(instance_id: int) -> str:
    active = db.session.scalars(select(Instance.active).where(Instance.id == instance_id)).one()
    db.session.rollback()
    return str(active[0]["token"])


def test_draft_changed_meanwhile_ends_it(ended: Errands, change: Change, browser_as: BrowserAs) -> None:
    owner = browser_as("owner")
    asked = {"what": f"{PATH}#errand", "number": "3", "unit": "days"}
    assert owner.post("/authoring/errand/rehearsals", data=asked).status_code == 303
    change("processes/errand_size.dmn", '"big"', '"small"')
    run_due_jobs()
    db.session.remove()
    (newest,) = rehearsals_of(ended.county_id, "errand")
    assert newest.status == (RehearsalStatus.OUTDATED if newest.total else RehearsalStatus.DONE)


def test_stories_of_the_county_go_as_before(played_county: int) -> None:
    """Its processes are cancelled where they are, so that there is something to walk."""
    cancel_all(played_county)
    tally = walked(played_county, "dispute", "processes/dispute.bpmn#dispute", cancelled=1)
    assert tally.counts == {"same": len(STORIES)}, tally.differing


def walked(county: int, package: str, what: str, **span: int) -> WalkTally:
    """What the worker finds for the owner, whose draft changes nothing."""
    path, _, process = what.partition("#")

    def ask() -> Rehearsal:
        return ask_for_rehearsal(
            viewer("owner"), package, path, process, {"cases": 100} | span, actor=actor("owner"), now=clock.now()
        )

    run_unit(ask)
    while run_due_jobs():
        pass
    db.session.remove()
    return WalkTally.from_json(rehearsals_of(county, package)[0].found)


def cancel_all(county: int) -> None:
    running = db.session.scalars(select(Instance.id).where(Instance.status == InstanceStatus.RUNNING)).all()
    db.session.rollback()
    for one in running:
        run_unit(lambda one=one: advance(county, one, Cancel(""), actor=SYSTEM, now=clock.now()))
