"""What stands still is found by those who answer for it, and repaired: by API, with a reason, all or nothing."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.audit.queries import entries
from app.audit.services import Stream
from app.core import clock
from app.core.database import db
from app.core.errors import Refusal
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.models import Organisation
from app.directory.services import assign_role
from app.scheduling import jobs as scheduled
from app.workflow import messaging, queries, topics
from app.workflow.models import Incident
from tests.functional.conftest import ApiToken, BrowserAs
from tests.functional.workflow.errands import NOW, Errands

EN = {"Accept-Language": "en"}


class ArchiveFull(Refusal):
    """The archive is full."""


class Desk:
    """An administrator's program."""

    def __init__(self, app: Flask, header: dict[str, str]) -> None:
        self.browser, self.header = app.test_client(), header | EN

    def get(self, path: str = "", **query: Any) -> TestResponse:
        db.session.remove()
        return self.browser.get(f"/api/v1/incidents{path}", query_string=query, headers=self.header)

    def post(self, incident_id: int, what: str, **body: Any) -> TestResponse:
        db.session.remove()
        return self.browser.post(f"/api/v1/incidents/{incident_id}/{what}", json=body, headers=self.header)


@pytest.fixture
def desk(app: Flask, errands: Errands, api_token: ApiToken) -> Desk:
    return Desk(app, api_token("admin", ["incidents:read", "incidents:write"]))


def stuck_on_the_scales(errands: Errands, **values: object) -> int:
    """A process that cannot tell where to go: the price is not known."""
    return errands.complete(errands.start("weigh"), **values).incidents[0]


def stuck_at_the_note(errands: Errands) -> int:
    """A process whose service refuses."""
    errands.fail_with = ArchiveFull()
    return errands.complete(errands.start(), what="茶", price=1).incidents[0]


def incident(errands: Errands, incident_id: int) -> Incident:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Incident, (errands.county_id, incident_id))


def open_at(errands: Errands) -> list[str]:
    db.session.rollback()
    db.session.expire_all()
    return [item.element_id for item in queries.open_items(errands.county_id)]


def told(errands: Errands, incident_id: int) -> dict[str, dict[str, Any]]:
    stream = Stream(errands.county_id, f"instance:{incident(errands, incident_id).instance_id}")
    return {entry.event: entry.payload for entry in reversed(entries(stream))}


def test_list_is_filtered_and_names_the_cause(errands: Errands, desk: Desk) -> None:
    scales, note = stuck_on_the_scales(errands), stuck_at_the_note(errands)
    page = desk.get().json or {}
    assert [one["id"] for one in page["items"]] == [str(note), str(scales)]
    assert page["items"][0]["reason"] == "The service task “errand.note” was not done: The archive is full."
    assert (page["items"][1]["element_name"], page["items"][1]["file"]) == ("重不重", "weigh.bpmn")
    for query, expected in (
        ({"code": "no_condition_true"}, [scales]),
        ({"element": "note"}, [note]),
        ({"package": "errand"}, [note, scales]),
        ({"package": "dispute"}, []),
        ({"q": "重不重"}, [scales]),
        ({"q": "50%"}, []),
        ({"age": "week"}, [note, scales]),
    ):
        assert [one["id"] for one in (desk.get(**query).json or {})["items"]] == [str(one) for one in expected], query
    first = desk.get(size=1).json or {}
    rest = desk.get(size=1, cursor=first["next"]).json or {}
    assert [one["id"] for one in first["items"] + rest["items"]] == [str(note), str(scales)]
    assert rest["next"] is None


def test_only_who_is_responsible_there_sees_and_repairs(
    app: Flask, errands: Errands, api_token: ApiToken, browser_as: BrowserAs
) -> None:
    stuck = stuck_on_the_scales(errands)
    clerk = Desk(app, api_token("clerk", ["incidents:read", "incidents:write"]))
    assert clerk.get().status_code == 403
    assert clerk.post(stuck, "retry", reason="x").status_code == 403
    reading = Desk(app, api_token("admin", ["incidents:read"]))
    assert reading.get(f"/{stuck}").status_code == 200
    assert reading.post(stuck, "retry", reason="x").status_code == 403

    def elsewhere() -> None:
        other = db.session.scalars(select(Organisation).where(Organisation.name_zh == "云岭镇")).one()
        assign_role(person_named("housing"), "administrator", other, from_date=NOW.date())

    run_unit(elsewhere)
    far = Desk(app, api_token("housing", ["incidents:read", "incidents:write"]))
    assert (far.get().json or {})["items"] == []
    assert far.get(f"/{stuck}").status_code == 404
    assert far.post(stuck, "skip", reason="x").status_code == 404


def test_what_the_expression_read_is_shown_and_secrets_are_not(errands: Errands, desk: Desk) -> None:
    stuck = stuck_on_the_scales(errands, secret="密语")
    shown = desk.get(f"/{stuck}").json or {}
    assert {(one["place"], one["text"]) for one in shown["reads"]} == {
        ("flow:轻", "= price < 10"),
        ("flow:重", "= price >= 10"),
    }
    assert shown["values"] == [{"name": "price", "scope": "", "value": None, "masked": False}]
    assert "heavy" in shown["restarts"]
    assert shown["may_skip"] is False
    assert "密语" not in desk.get(f"/{stuck}").text


def test_values_are_changed_and_it_goes_on_in_one_breath(errands: Errands, desk: Desk) -> None:
    stuck = stuck_on_the_scales(errands)
    answer = desk.post(stuck, "variables", values={"price": 12, "secret": "新密语"}, retry=True, reason="秤已修好")
    assert answer.status_code == 200, answer.text
    assert (answer.json or {})["incidents"] == []
    assert open_at(errands) == ["by_cart"]
    story = told(errands, stuck)
    assert story["variables.changed"]["old"] == {"price": None, "secret": "•••"}
    assert story["variables.changed"]["new"] == {"price": 12, "secret": "•••"}
    assert story["variables.changed"]["reason"] == "秤已修好"
    assert story["incident.retried"]["reason"] == "秤已修好"
    assert incident(errands, stuck).closed_at is not None


@pytest.mark.parametrize(
    ("values", "field"),
    [({"price": "heavy"}, "price"), ({"price": 12, "size": "huge"}, "size"), ({"weight": 12}, "weight")],
)
def test_wrong_values_change_nothing(errands: Errands, desk: Desk, values: dict[str, Any], field: str) -> None:
    stuck = stuck_on_the_scales(errands)
    answer = desk.post(stuck, "variables", values=values, retry=True, reason="试试")
    assert answer.status_code == 422
    assert field in (answer.json or {})["fields"]
    row = incident(errands, stuck)
    assert row.closed_at is None
    assert "price" not in queries.variables_by_scope(errands.county_id, row.instance_id).get("", {})


def test_values_that_do_not_help_are_kept_and_the_new_incident_is_named(errands: Errands, desk: Desk) -> None:
    stuck = stuck_on_the_scales(errands)
    answer = desk.post(stuck, "variables", values={"what": "茶"}, retry=True, reason="试试").json or {}
    (fresh,) = answer["incidents"]
    assert incident(errands, stuck).closed_at is not None
    assert incident(errands, int(fresh)).closed_at is None
    assert desk.post(stuck, "retry", reason="再试").status_code == 409


def test_begin_again_before_another_step(errands: Errands, desk: Desk) -> None:
    stuck = stuck_on_the_scales(errands)
    for element in ("begin", "gone", "note"):
        assert desk.post(stuck, "restart", element=element, reason="错").status_code == 409
    assert desk.post(stuck, "restart", element="put_on", reason="重称").status_code == 200
    assert open_at(errands) == ["put_on"]
    assert told(errands, stuck)["process.restarted_before"] | {"actor_name": ""} == {
        "element": "put_on",
        "reason": "重称",
        "actor_name": "",
    }


def test_skip_leaves_the_work_out_but_never_the_choice_of_a_way(errands: Errands, desk: Desk) -> None:
    scales, note = stuck_on_the_scales(errands), stuck_at_the_note(errands)
    refused = desk.post(scales, "skip", reason="不称了")
    assert refused.status_code == 409
    assert "chooses the way" in (refused.json or {})["detail"]
    assert (desk.post(note, "skip", reason="归档室停用").json or {})["finished"] is True
    assert errands.noted == []
    values = queries.variables_by_scope(errands.county_id, incident(errands, note).instance_id)[""]
    assert "noted" not in values, "its results are not written"
    assert told(errands, note)["element.skipped"]["reason"] == "归档室停用"


@pytest.mark.parametrize("what", ["retry", "skip", "restart", "variables"])
def test_every_repair_needs_a_reason(errands: Errands, desk: Desk, what: str) -> None:
    stuck = stuck_on_the_scales(errands)
    more = {"restart": {"element": "put_on"}, "variables": {"values": {"price": 1}}}.get(what, {})
    for body in ({}, {"reason": ""}, {"reason": "  "}, {"reason": "长" * 501}):
        assert desk.post(stuck, what, **more, **body).status_code == 422
    assert incident(errands, stuck).closed_at is None


@pytest.mark.parametrize("fails_at", ["advance", "the retry after the values"])
def test_a_repair_that_breaks_leaves_nothing_half_done(
    errands: Errands, desk: Desk, monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    """Whatever breaks after the values were set takes them back with it, and no history tells of them."""
    from app.workflow import saving, services

    stuck = stuck_on_the_scales(errands)
    before = set(told(errands, stuck))
    real, calls = saving.save_step, 0

    def breaks(*args: Any, **rest: Any) -> Any:
        nonlocal calls
        calls += 1
        saved = real(*args, **rest)
        if calls == (1 if fails_at == "advance" else 2):
            raise ZeroDivisionError
        return saved

    monkeypatch.setattr(services, "save_step", breaks)
    desk.browser.application.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        answer = desk.post(stuck, "variables", values={"price": 12}, retry=True, reason="秤已修好")
    finally:
        desk.browser.application.config["PROPAGATE_EXCEPTIONS"] = None
    assert answer.status_code == 500
    row = incident(errands, stuck)
    assert row.closed_at is None
    assert "price" not in queries.variables_by_scope(errands.county_id, row.instance_id).get("", {})
    assert set(told(errands, stuck)) == before
    assert open_at(errands) == []


def test_many_are_tried_again_with_a_result_for_each(errands: Errands, browser_as: BrowserAs) -> None:
    errands.fail_with = ArchiveFull()
    mended = [stuck_at_the_note(errands) for _ in range(3)]
    other = stuck_on_the_scales(errands)
    admin = browser_as("admin")
    page = admin.get("/operations/incidents", headers=EN).text
    assert "3 processes" in page
    errands.fail_with = None
    topics.register("errand.note", _refuse_every_second(errands), {}, {})
    with clock.freeze(NOW + timedelta(hours=1)):
        asked = {"process": "errand", "element": "note", "code": "topic_refused", "reason": "档案室已清空"}
        answer = admin.post("/operations/incidents/retry", data=asked)
        assert answer.status_code == 303
        progress = admin.get(answer.location, headers=EN).text
        assert "0 of 3 are done" in progress
        assert "every 2s" in progress
        while scheduled.run_due_jobs():
            pass
        done = admin.get(answer.location, headers=EN).text
    assert "All 3 have been tried" in done
    assert "every 2s" not in done
    assert (done.count("goes on"), done.count("still fails")) == (2, 1)
    assert all(incident(errands, one).closed_at is not None for one in mended)
    assert incident(errands, other).closed_at is None
    assert told(errands, mended[0])["incident.retried"]["reason"] == "档案室已清空"
    assert browser_as("owner").get(answer.location).status_code == 404, "a batch belongs to who asked for it"


def _refuse_every_second(errands: Errands) -> Any:
    def note(call: topics.TopicCall) -> dict[str, object]:
        errands.noted.append(call)
        if len(errands.noted) == 2:
            raise ArchiveFull
        return {}

    return note


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_say_what_failed_and_take_repairs(errands: Errands, browser_as: BrowserAs, language: str) -> None:
    stuck = stuck_on_the_scales(errands, secret="密语")
    admin = browser_as("admin")
    words = {"Accept-Language": language}
    page = admin.get(f"/operations/incidents/{stuck}", headers=words).text
    assert "= price &lt; 10" in page
    assert ("没有可走的去向" if language == "zh" else "No way leads on") in page
    assert ("重不重" if language == "zh" else "Heavy?") in page
    assert "密语" not in page
    assert admin.get(f"/operations/incidents/{stuck}/diagram.bpmn").mimetype == "application/xml"
    nothing = admin.post(f"/operations/incidents/{stuck}/variables", data={"reason": "x", "value-price": ""})
    assert nothing.status_code == 422
    wrong = admin.post(f"/operations/incidents/{stuck}/variables", data={"reason": "x", "value-price": "很重"})
    assert wrong.status_code == 422
    for what in ("retry", "skip", "restart", "variables"):
        assert admin.post(f"/operations/incidents/{stuck}/{what}").status_code == 422
    mended = admin.post(
        f"/operations/incidents/{stuck}/variables", data={"reason": "秤好了", "value-price": "3", "retry": "1"}
    )
    assert mended.status_code == 303
    assert open_at(errands) == ["by_hand"]
    settled = admin.get(f"/operations/incidents/{stuck}", headers=words).text
    assert "price — → 3" in settled
    assert "秤好了" in settled


def test_engine_room_shows_what_is_late_failed_and_kept(errands: Errands, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    errands.start("nap")
    with clock.freeze(NOW):
        run_unit(
            lambda: messaging.receive_message(
                errands.county_id, messaging.Incoming("m1", "goods_ready", "茶"), actor=messaging.SYSTEM, now=NOW
            )
        )
        for _ in range(2):
            errands.complete(errands.start("reply"), what="好")
        for _ in range(2):
            errands.start("letter")
    for minutes in range(0, 60, 11):
        with clock.freeze(NOW + timedelta(minutes=minutes)):
            while scheduled.run_due_jobs():
                pass
    with clock.freeze(NOW + timedelta(hours=1)):
        page = admin.get("/operations/engine-room", headers=EN).text
    assert "goods_ready · 茶" in page
    assert "workflow.message" in page
    assert "SeveralWait: 2 processes wait for answer" in page
    dead = page.partition("/operations/jobs/")[2].partition("/")[0]
    assert browser_as("clerk").post(f"/operations/jobs/{dead}/retry").status_code == 404
    assert admin.post(f"/operations/jobs/{dead}/retry", data={"reason": "x"}).status_code == 303
    assert admin.post(f"/operations/jobs/{dead}/retry", data={"reason": "x"}).status_code == 409
    assert browser_as("clerk").get("/operations/engine-room").status_code == 404
