"""From drafts to the active release and back: two people, a day of effect, what is refused and what is told."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.queries import entries
from app.audit.services import Stream
from app.authoring import queries
from app.authoring import services as drafts
from app.authoring.errors import (
    AdministratorNeeded,
    AlreadyActive,
    BaseMoved,
    DraftsMoved,
    NothingToPublish,
    OthersRequest,
    OwnRequest,
    PlanMoved,
    RequestSettled,
    RequestWaiting,
    StillAskedFor,
)
from app.authoring.models import Publication
from app.authoring.publishing import queries as requests
from app.authoring.publishing import services
from app.core import clock
from app.core.database import db
from app.core.errors import Forbidden
from app.core.unit_of_work import run_unit
from app.definitions import queries as definitions
from app.definitions import services as releases
from app.definitions.errors import PackageRefused
from app.notices.models import Notice
from app.scheduling.jobs import run_due_jobs
from app.workflow import topics
from tests.functional.authoring.conftest import NOW, Change, actor, seen, viewer

FORM = "forms/ask.form"
TABLE = "processes/errand_size.dmn"


def asked(county: int, *paths: str, login: str = "owner", **more: Any) -> Publication:
    more = {"note": "改", "effective_at": None, "now": NOW, **more}
    looked = more.pop("looked", None) or seen(county, *(paths or [FORM]))
    db.session.rollback()
    return run_unit(lambda: services.ask_to_publish(viewer(login), "errand", looked, actor=actor(login), **more))


def approved(publication: Publication, login: str = "admin", plan: str = "", now: Any = NOW) -> None:
    plan = plan or requests.plan_of(publication).manifest_hash
    run_unit(lambda: services.approve(publication, viewer(login), plan=plan, actor=actor(login), now=now))


def active(county: int) -> definitions.ReleaseInfo:
    db.session.rollback()
    db.session.expire_all()
    return definitions.active_release(county, "errand")


def label_of(county: int) -> str:
    return str(releases.form(active(county), "errand/ask")["components"][0]["label"])


def test_second_person_makes_the_drafts_the_active_release(errand: int, change: Change) -> None:
    change(FORM, "什么事", "何事")
    publication = asked(errand)
    assert active(errand).number == 1
    told = db.session.scalars(select(Notice).where(Notice.template == "publication_asked")).all()
    assert [one.name for one in told] == ["沈佳怡"]
    with pytest.raises(OwnRequest):
        approved(publication, "owner")
    approved(publication)
    assert active(errand).number == 2
    assert label_of(errand) == "何事"
    assert queries.open_drafts(errand, "errand") == []
    release = db.session.scalars(select(releases.Release).where(releases.Release.number == 2)).one()
    assert (release.published_by, release.approved_by) == (actor("owner").id, actor("admin").id)
    events = [one.event for one in entries(Stream.package(errand, "errand"))]
    assert events[:3] == ["release.published", "publication.approved", "publication.requested"]
    with pytest.raises(RequestSettled):
        approved(publication, plan="x")


def test_what_was_approved_is_what_is_published(errand: int, change: Change) -> None:
    change(FORM, "什么事", "何事")
    publication = asked(errand)
    change(FORM, "何事", "啥事")
    approved(publication)
    assert label_of(errand) == "何事"
    left = queries.open_drafts(errand, "errand")
    assert [one.path for one in left] == [FORM]
    assert left[0].changed
    assert not queries.outdated(left, active(errand))


def test_only_what_was_chosen_is_published(errand: int, change: Change) -> None:
    change(FORM, "什么事", "何事")
    change(TABLE, "&gt; 100", "&gt; 100", login="admin")
    change("processes/package.toml", "跑腿", "代办")
    approved(asked(errand))
    assert releases.package(active(errand)).label.zh == "跑腿"
    assert [one.path for one in queries.open_drafts(errand, "errand") if one.changed] == ["processes/package.toml"]


def test_unfit_drafts_are_not_asked_for(errand: int, change: Change) -> None:
    with pytest.raises(NothingToPublish):
        asked(errand)
    change("processes/errand.bpmn", "errand/ask", "errand/gone")
    with pytest.raises(PackageRefused) as refused:
        asked(errand, "processes/errand.bpmn")
    assert refused.value.findings[0].element_id == "ask"


def test_failing_path_test_stops_a_request(errand: int, change: Change, browser_as: Any) -> None:
    owner = browser_as("owner")
    made = owner.post("/authoring/errand/files", data={"kind": "path_test", "name": "wrong", "label": "错"})
    assert made.status_code == 303
    test = "processes/tests/wrong.toml"
    change(test, "finished = true", 'open = ["gone"]')
    with pytest.raises(PackageRefused) as refused:
        asked(errand, test)
    assert refused.value.findings[0].file == test
    page = owner.get("/authoring/errand/tests")
    assert "未通过" in page.text


def test_one_request_waits_at_a_time(errand: int, change: Change) -> None:
    change(FORM, "什么事", "何事")
    publication = asked(errand)
    change("processes/package.toml", "跑腿", "代办")
    with pytest.raises(RequestWaiting):
        asked(errand, "processes/package.toml")
    run_unit(lambda: services.withdraw(publication, viewer("owner"), actor=actor("owner"), now=NOW))
    assert asked(errand, "processes/package.toml").state == "waiting"


def test_what_is_asked_for_is_what_the_asker_saw(errand: int, change: Change) -> None:
    draft = change(FORM, "什么事", "何事")
    looked = seen(errand, FORM)
    change(FORM, "何事", "啥事", login="admin")
    with pytest.raises(DraftsMoved) as refused:
        asked(errand, looked=looked)
    assert refused.value.params == {"paths": FORM}
    run_unit(lambda: drafts.remove_file(errand, "errand", "processes/nap.bpmn", actor=actor("owner"), now=NOW))
    looked = seen(errand, FORM, "processes/nap.bpmn")
    assert looked["processes/nap.bpmn"] == ""
    run_unit(lambda: drafts.discard_draft(draft, actor=actor("admin"), now=NOW))
    with pytest.raises(DraftsMoved):
        asked(errand, looked=looked)
    assert requests.waiting_request(errand, "errand") is None


def test_only_the_asker_or_an_administrator_takes_a_request_back(errand: int, change: Change, browser_as: Any) -> None:
    change(FORM, "什么事", "何事")
    publication = asked(errand, login="admin")
    place = f"/authoring/errand/publications/{publication.id}/withdrawal"
    owner, admin = browser_as("owner"), browser_as("admin")
    assert place not in owner.get("/authoring/errand/changes").text
    refused = owner.post(place)
    assert refused.status_code == 403
    assert "只有申请人本人或管理员" in refused.text
    assert browser_as("clerk").post(place).status_code == 404
    assert place in admin.get("/authoring/errand/changes").text
    assert admin.post(place).status_code == 303
    assert admin.post(place).status_code == 409
    publication = asked(errand, login="owner")
    with pytest.raises(OthersRequest):
        run_unit(lambda: services.withdraw(publication, viewer("clerk"), actor=actor("clerk"), now=NOW))
    run_unit(lambda: services.withdraw(publication, viewer("admin"), actor=actor("admin"), now=NOW))


def test_declined_request_leaves_the_drafts_and_tells_why(errand: int, change: Change) -> None:
    change(FORM, "什么事", "何事")
    publication = asked(errand)
    run_unit(lambda: services.decline(publication, viewer("admin"), reason="太短", actor=actor("admin"), now=NOW))
    assert active(errand).number == 1
    assert queries.open_drafts(errand, "errand")[0].changed
    told = db.session.scalars(select(Notice).where(Notice.template == "publication_declined")).one()
    assert (told.name, told.params["reason"]) == ("蒋文博", "太短")


def published_beside(county: int, path: str, before: str, after: str) -> None:
    files = releases.files_of(active(county))
    files[path] = files[path].replace(before.encode(), after.encode())
    run_unit(lambda: releases.publish(county, "errand", files, actor=actor("admin"), approved_by=1, note="", now=NOW))


def test_newer_release_is_merged_when_it_changed_other_files(errand: int, change: Change) -> None:
    change(FORM, "什么事", "何事")
    publication = asked(errand)
    seen = requests.plan_of(publication).manifest_hash
    published_beside(errand, "processes/package.toml", "跑腿", "代办")
    with pytest.raises(PlanMoved):
        approved(publication, plan=seen)
    approved(publication)
    assert active(errand).number == 3
    assert label_of(errand) == "何事"
    assert releases.package(active(errand)).label.zh == "代办"


def test_newer_release_of_the_same_file_is_not_overwritten(errand: int, change: Change, browser_as: Any) -> None:
    draft = change(FORM, "什么事", "何事")
    publication = asked(errand)
    published_beside(errand, FORM, "什么事", "啥事")
    with pytest.raises(BaseMoved) as refused:
        approved(publication, plan="x")
    assert refused.value.params == {"number": 2, "paths": FORM}
    run_unit(lambda: services.withdraw(publication, viewer("owner"), actor=actor("owner"), now=NOW))
    with pytest.raises(BaseMoved):
        asked(errand)
    owner = browser_as("owner")
    assert "第 2 版" in owner.get(f"/authoring/errand/drafts/{draft.id}/text").text
    assert owner.post(f"/authoring/errand/drafts/{draft.id}/keeping").status_code == 303
    approved(asked(errand))
    assert label_of(errand) == "何事"


def test_takes_effect_on_its_day(app: Flask, errand: int, change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    change(FORM, "什么事", "何事")
    now = clock.now()
    publication = asked(errand, effective_at=now + timedelta(days=1), now=now)
    approved(publication, now=now)
    assert active(errand).number == 1
    assert db.session.get_one(Publication, (errand, publication.id)).state == "scheduled"
    db.session.remove()
    run_due_jobs()
    assert active(errand).number == 1
    db.session.remove()
    later = now + timedelta(days=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    run_due_jobs()
    assert active(errand).number == 2
    told = db.session.scalars(select(Notice).where(Notice.template == "publication_published")).all()
    assert {one.name for one in told} == {"蒋文博", "沈佳怡"}


def test_day_that_cannot_be_kept_is_told(
    app: Flask, errand: int, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(FORM, "什么事", "何事")
    now = clock.now()
    publication = asked(errand, effective_at=now + timedelta(days=1), now=now)
    approved(publication, now=now)
    published_beside(errand, FORM, "什么事", "啥事")
    db.session.remove()
    later = now + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    run_due_jobs()
    assert label_of(errand) == "啥事"
    assert db.session.get_one(Publication, (errand, publication.id)).state == "failed"
    assert db.session.scalars(select(Notice).where(Notice.template == "publication_failed")).all()
    assert queries.open_drafts(errand, "errand")[0].changed


def test_withdrawn_request_does_not_take_effect(
    app: Flask, errand: int, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(FORM, "什么事", "何事")
    now = clock.now()
    publication = asked(errand, effective_at=now + timedelta(days=1), now=now)
    approved(publication, now=now)
    run_unit(lambda: services.withdraw(publication, viewer("owner"), actor=actor("owner"), now=now))
    db.session.remove()
    later = now + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    run_due_jobs()
    assert active(errand).number == 1


def test_going_back_is_a_release_of_its_own(errand: int, change: Change, browser_as: Any) -> None:
    change(FORM, "什么事", "何事")
    approved(asked(errand))
    owner = browser_as("owner")
    assert owner.post("/authoring/errand/releases/1/return").status_code == 303
    assert active(errand).number == 3
    assert label_of(errand) == "什么事"
    assert "回到第 1 版" in owner.get("/authoring/errand/releases").text
    history = entries(Stream.package(errand, "errand"))
    assert history[0].event == "release.rolled_back"
    assert (history[0].payload["to"], history[0].payload["from"]) == (1, 2)
    with pytest.raises(AlreadyActive):
        run_unit(lambda: services.roll_back(viewer("owner"), "errand", 1, actor=actor("owner"), now=NOW))


def test_administrator_switches_the_second_person_off(errand: int, change: Change) -> None:
    def switch(login: str, needed: bool) -> None:
        run_unit(lambda: services.set_second_person(viewer(login), "errand", needed, actor=actor(login), now=NOW))

    with pytest.raises(Forbidden):
        switch("owner", False)
    switch("admin", False)
    change(FORM, "什么事", "何事")
    assert asked(errand).state == "published"
    assert active(errand).number == 2
    assert db.session.scalars(select(releases.Release.approved_by).where(releases.Release.number == 2)).one() is None
    switch("admin", True)
    events = [one.event for one in entries(Stream.package(errand, "errand"))]
    assert "policy.second_person_off" in events
    assert events[0] == "policy.second_person_on"


def test_new_topic_that_sends_data_out_needs_an_administrator(
    errand: int, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = dict(topics._topics)
    monkeypatch.setattr(topics, "_topics", kept)
    topics.register("errand.fax", lambda call: None, outside=True)
    change("processes/package.toml", '"errand.outside"', '"errand.outside", "errand.fax"')
    publication = asked(errand, "processes/package.toml", login="admin")
    told = db.session.scalars(select(Notice).where(Notice.template == "publication_asked")).all()
    assert told == [], "the one administrator asked, and nobody else may approve"
    with pytest.raises(AdministratorNeeded) as refused:
        approved(publication, "owner")
    assert "errand.fax" in str(refused.value)


def test_decision_that_running_cases_need_stays(errand: int, change: Change) -> None:
    from app.workflow.models import Instance

    release = active(errand)

    def run() -> None:
        db.session.add(
            Instance(
                county_id=errand,
                package="errand",
                process_id="errand",
                release_id=release.id,
                release_number=1,
                state=b"",
                started_at=NOW,
            )
        )

    run_unit(run)
    change("processes/errand.bpmn", 'decisionRef="errand_size"', 'decisionRef="errand_length"')
    table = change(TABLE, 'decision id="errand_size"', 'decision id="errand_length"')
    with pytest.raises(PackageRefused) as refused:
        asked(errand, TABLE, "processes/errand.bpmn")
    assert refused.value.findings[0].code == "decision_still_needed"
    run_unit(lambda: drafts.discard_draft(table, actor=actor("owner"), now=NOW))
    with pytest.raises(StillAskedFor) as asked_for:
        run_unit(lambda: drafts.remove_file(errand, "errand", TABLE, actor=actor("owner"), now=NOW))
    assert asked_for.value.params == {"path": TABLE, "release": 1, "count": 1}


def test_pages_of_a_request(errand: int, change: Change, browser_as: Any) -> None:
    """What an approver sees and presses, in both languages."""
    change(FORM, "什么事", "何事")
    change(TABLE, "&gt; 100", "&gt; 200")
    owner, admin = browser_as("owner"), browser_as("admin")
    page = owner.get("/authoring/errand/changes").text
    assert "<del>" in page
    assert "&gt; 200" in page
    posted = {"draft": re.findall(r'value="(forms/ask.form@\w+)"', page), "note": "改一个词", "effective_at": ""}
    assert owner.post("/authoring/errand/publications", data=posted).status_code == 303
    assert "改一个词" in admin.get("/authoring/").text
    page = admin.get("/authoring/errand/changes").text
    publication = requests.waiting_request(errand, "errand")
    assert publication is not None
    plan = requests.plan_of(publication).manifest_hash
    assert plan in page
    place = f"/authoring/errand/publications/{publication.id}"
    assert owner.post(f"{place}/approval", data={"plan": plan}).status_code == 403
    assert admin.post(f"{place}/refusal", data={}).status_code == 422
    assert browser_as("clerk").post(f"{place}/approval", data={"plan": plan}).status_code == 404
    assert admin.post(f"{place}/approval", data={"plan": plan}).status_code == 303
    assert active(errand).number == 2
    owner.set_cookie("language", "en")
    for path in ("", "/checks", "/tests", "/changes", "/releases", "/releases/2", "/running"):
        answer = owner.get(f"/authoring/errand{path}")
        assert answer.status_code == 200, path
    assert "Release 2" in owner.get("/authoring/errand/releases").text
