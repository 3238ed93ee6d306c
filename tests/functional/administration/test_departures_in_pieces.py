"""Leaving with more in hand than one request hands over: the rights end at once, the worker hands on the rest."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from app.administration.people import services
from app.audit.queries import entries
from app.audit.services import Stream
from app.cases.models import Case, CaseAccess
from app.cases.services import mediators
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.queries import organisation_by_code
from app.scheduling.jobs import run_due_jobs, run_job
from app.scheduling.services import LEASE, claim_jobs
from app.tasks import departures
from app.workflow.counting import recount
from app.workflow.models import ItemStatus, WorkItem, WorkItemCandidate
from tests.functional.administration.test_departures import EN, WHY, departure_of, in_hand, mediated
from tests.functional.conftest import BrowserAs
from tests.functional.days import county_day
from tests.functional.workflow.rivals import in_thread, wait_for_a_waiter


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "AT_ONCE", 2)
    monkeypatch.setattr(mediators, "AT_ONCE", 1)


@pytest.fixture
def busy_elder(played_county: int) -> set[int]:
    """The elder has every open task of a case, and mediates every open case."""
    elder = person_named("elder").id

    def give() -> None:
        open_ = (WorkItem.status == ItemStatus.OPEN, WorkItem.subject_id.is_not(None))
        db.session.execute(update(WorkItem).where(*open_).values(assignee_id=elder))
        db.session.execute(update(Case).where(Case.status == "open").values(mediator_id=elder))

    db.session.remove()
    run_unit(give)
    tasks = in_hand("elder")
    assert len(tasks) > 4
    return tasks


def events_of(login: str) -> list[str]:
    db.session.remove()
    return [entry.event for entry in entries(Stream.person(1, person_named(login).id))]


def work_off() -> None:
    db.session.remove()
    while run_due_jobs():
        pass


def handed_over_once(tasks: set[int]) -> bool:
    """Whether the history tells once of each task, and of no other, that it went on."""
    db.session.remove()
    told: list[object] = []
    for case in db.session.scalars(select(Case.id)):
        for entry in entries(Stream.case(1, case), limit=500):
            if entry.event in ("task.inherited", "task.left_behind"):
                told.append(entry.about["task"])
    return sorted(map(str, told)) == sorted(map(str, tasks))


def test_rights_end_at_once_and_the_worker_hands_on_the_rest(
    app: Flask, busy_elder: set[int], browser_as: BrowserAs
) -> None:
    admin, leaving, cases = browser_as("admin"), browser_as("elder"), len(mediated("elder"))
    answer = admin.post(departure_of("elder"), data=WHY, headers=EN)
    assert answer.location.endswith("/departure")
    assert len(in_hand("elder")) == len(busy_elder) - 2
    assert leaving.get("/tasks/").status_code == 302
    page = admin.get(answer.location, headers=EN).text
    assert "The rest is being handed over." in page
    assert f"still to go: {len(busy_elder) - 2} tasks, {cases - 1} cases." in page
    assert 'hx-trigger="every 2s"' in page
    part = admin.get(answer.location, headers={**EN, "HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="handover"')
    assert events_of("elder")[0] == "person.left"
    work_off()
    assert in_hand("elder") == mediated("elder") == set()
    assert handed_over_once(busy_elder)
    page = admin.get(answer.location, headers=EN).text
    assert "Everything they had in hand is handed over." in page
    assert "every 2s" not in page
    assert events_of("elder")[:2] == ["person.handed_over", "person.left"]
    told = admin.get(answer.location.removesuffix("/departure"), headers=EN).text
    assert f"{len(busy_elder)} to their groups; {cases} cases without a mediator" in told
    db.session.remove()
    assert run_unit(recount) == 0


def test_who_is_killed_between_or_within_two_pieces_loses_and_repeats_nothing(
    app: Flask, busy_elder: set[int], browser_as: BrowserAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser_as("admin").post(departure_of("elder"), data=WHY)
    left = in_hand("elder")
    (job,) = run_unit(lambda: claim_jobs(now=clock.now()))

    def killed(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(services, "enqueue", killed)
        with pytest.raises(KeyboardInterrupt):
            run_job(job)
    assert in_hand("elder") == left
    assert run_due_jobs() == 0, "its lease has not run out"
    with clock.freeze(clock.now() + LEASE + timedelta(seconds=1)):
        work_off()
    run_job(job)
    assert in_hand("elder") == mediated("elder") == set()
    assert handed_over_once(busy_elder)
    assert events_of("elder").count("person.handed_over") == 1


def test_a_successor_who_leaves_on_the_way_inherits_no_more(
    app: Flask, busy_elder: set[int], browser_as: BrowserAs
) -> None:
    admin, successor = browser_as("admin"), person_named("mediator").id
    had = in_hand("mediator")
    assert admin.post(departure_of("elder"), data={"successor": successor, **WHY}).status_code == 303
    assert admin.post(departure_of("mediator"), data=WHY).status_code == 303
    work_off()
    assert in_hand("elder") == in_hand("mediator") == mediated("elder") == mediated("mediator") == set()
    db.session.remove()
    rows = db.session.scalars(select(WorkItem).where(WorkItem.id.in_(busy_elder | had))).all()
    assert {(one.status, one.assignee_id) for one in rows} == {(ItemStatus.OPEN, None)}


def test_what_nobody_may_have_in_the_end_is_told_and_stays_for_the_heads(
    app: Flask, busy_elder: set[int], browser_as: BrowserAs
) -> None:
    """The successor may have a task without a group when it is asked, and has a conflict of interest when it comes."""
    admin, successor = browser_as("admin"), person_named("mediator").id
    last = max(
        one.id
        for one in db.session.scalars(select(WorkItem).where(WorkItem.id.in_(busy_elder)))
        if one.element_id == "record_outcome" or "mediator" in one.groups
    )

    def nameless() -> None:
        db.session.execute(delete(WorkItemCandidate).where(WorkItemCandidate.work_item_id == last))

    def conflict() -> None:
        case = db.session.get_one(WorkItem, (1, last)).subject_id
        db.session.add(CaseAccess(county_id=1, case_id=case, person_id=successor, kind="recused", from_at=clock.now()))

    db.session.remove()
    run_unit(nameless)
    answer = admin.post(departure_of("elder"), data={"successor": successor, **WHY}, headers=EN)
    assert answer.status_code == 303, answer.text
    assert last in in_hand("elder")
    db.session.remove()
    run_unit(conflict)
    work_off()
    assert in_hand("elder") == {last}
    for page in (answer.location, answer.location.removesuffix("/departure")):
        assert "1 task could go to nobody; the head of the team gives it" in admin.get(page, headers=EN).text
    told = entries(Stream.person(1, person_named("elder").id))[0]
    assert (told.event, told.payload["kept"]) == ("person.handed_over", 1)


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
@pytest.mark.parametrize("what", ["departure", "roles"])
def test_nobody_leaves_twice_or_gets_a_role_while_they_leave(
    app: Flask, busy_elder: set[int], browser_as: BrowserAs, what: str
) -> None:
    admin, elder, office = browser_as("admin"), person_named("elder").id, organisation_by_code(1, "330681101202").id
    role = {"role": "mediator", "office": office, "from": county_day().isoformat()}
    form = {"departure": WHY, "roles": role}[what]
    made, go_on = threading.Event(), threading.Event()

    def first() -> object:
        def work() -> None:
            person, actor = person_named("elder"), services.Actor("person", person_named("admin").id, "甲")
            services.let_leave(person, None, reason="调离", actor=actor, now=clock.now())
            made.set()
            assert go_on.wait(60)

        return run_unit(work)

    one, done = in_thread(app, first)
    assert made.wait(60), done
    address = f"/administration/people/{elder}/{what}"
    other, answers = in_thread(app, lambda: admin.post(address, data=form))
    wait_for_a_waiter()
    go_on.set()
    one.join(60)
    other.join(60)
    answer = answers[0]
    assert done == [None]
    assert isinstance(answer, TestResponse), answer
    assert answer.status_code == 409
    assert events_of("elder").count("person.left") == 1
    assert "role.given" not in events_of("elder")
