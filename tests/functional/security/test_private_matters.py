"""What was said in confidence stays with whoever mediates, through every door that shows values."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.cases.models import Case
from app.cases.services.relations import find_duplicates
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import SETTLED, STORIES, answer_tasks, play
from app.files.models import StoredFile
from app.workflow.models import ItemStatus, WorkItem
from tests.functional.conftest import ApiToken, BrowserAs

SECRET = "她私下说愿意再让一步"

MEDIATED = {
    **SETTLED,
    "hold_session": ("", {"session_result": "again", "session_notes": "约定下次再谈。", "private_note": SECRET}),
}


@pytest.fixture
def session_task(app: Flask, dispute_county: int) -> int:
    """The id of the second session's task; the first one left a private record."""

    def prepare() -> int:
        story = next(one for one in STORIES if one.until == "draft_agreement")
        case = play(story.__class__(**{**_plain(story), "answers": SETTLED, "until": "hold_session"}), now=clock.now())
        answer_tasks(case, {"hold_session": MEDIATED["hold_session"]}, until="plan_session", now=clock.now())
        answer_tasks(case, SETTLED, until="hold_session", now=clock.now())
        return int(_open(case.id, "hold_session").id)

    return run_unit(prepare)


def _plain(story: object) -> dict[str, object]:
    return {name: getattr(story, name) for name in story.__dataclass_fields__}  # type: ignore[attr-defined]


def _open(case_id: int, element: str) -> WorkItem:
    return db.session.query(WorkItem).filter_by(subject_id=case_id, element_id=element, status=ItemStatus.OPEN).one()


def _case_of(item_id: int) -> Case:
    item = db.session.query(WorkItem).filter_by(id=item_id).one()
    return db.session.query(Case).filter_by(id=item.subject_id).one()


WATCHERS = ("clerk", "auditor", "reviewer", "leader", "chair", "justice", "dispatcher")


@pytest.mark.parametrize("watcher", WATCHERS)
def test_who_watches_a_case_reads_no_private_record(
    app: Flask, session_task: int, browser_as: BrowserAs, api_token: ApiToken, watcher: str
) -> None:
    browser = browser_as(watcher)
    code = _case_of(session_task).code
    pages = [f"/cases/{code}{tab}" for tab in ("", "/parties", "/file", "/timeline", "/diagram", "/decisions")]
    pages += [f"/tasks/{session_task}", f"/api/v1/tasks/{session_task}", f"/api/v1/cases/{code}"]
    seen = [browser.get(page) for page in pages]
    seen.append(browser.post(f"/tasks/{session_task}/fields"))
    seen.append(app.test_client().get(f"/api/v1/tasks/{session_task}", headers=api_token(watcher, ["tasks:read"])))
    assert seen[0].status_code == 200
    for answer in seen:
        assert SECRET not in answer.get_data(as_text=True)
        assert SECRET not in str(answer.get_json(silent=True))


def test_the_mediator_of_the_case_reads_it(app: Flask, session_task: int, browser_as: BrowserAs) -> None:
    holder = db.session.query(WorkItem).filter_by(id=session_task).one().assignee_id
    browser, login = _signed_in_as(holder, browser_as)
    assert SECRET in browser.get(f"/cases/{_case_of(session_task).code}").text, login
    assert browser.get(f"/api/v1/tasks/{session_task}").json["values"]["private_note"] == SECRET


def _signed_in_as(person_id: int | None, browser_as: BrowserAs) -> tuple[FlaskClient, str]:
    from app.directory.models import Person

    login = db.session.query(Person.login).filter_by(id=person_id).scalar()
    return browser_as(login), login


@pytest.mark.parametrize("watcher", WATCHERS)
def test_the_form_of_anothers_task_is_not_given_out(
    app: Flask, session_task: int, browser_as: BrowserAs, watcher: str
) -> None:
    browser = browser_as(watcher)
    assert browser.post(f"/tasks/{session_task}/fields").status_code in (403, 409)
    opened = browser.get(f"/api/v1/tasks/{session_task}").json
    assert opened["fields"] == []
    assert opened["values"] == {}


def test_a_file_of_another_case_is_no_photo_of_ones_own(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    elder = browser_as("elder")
    before = db.session.query(Case).count()
    answers = {
        "doorstep_parties": "甲和乙",
        "summary": "为门前停车吵了几句",
        "doorstep_result": "settled",
        "doorstep_form": "oral",
    }
    sent = elder.post(
        "/reports/doorstep",
        data={**answers, "doorstep_photo": (io.BytesIO("门前".encode()), "a.txt")},
        content_type="multipart/form-data",
    )
    assert sent.status_code == 302
    db.session.rollback()
    foreign = db.session.query(StoredFile).filter_by(name="a.txt").one()
    sent = elder.post(
        "/reports/doorstep",
        data={**answers, "doorstep_photo": [str(foreign.id), (io.BytesIO("门后".encode()), "b.txt")]},
        content_type="multipart/form-data",
    )
    assert sent.status_code == 422
    db.session.rollback()
    assert db.session.query(Case).count() == before + 1


def test_a_file_part_names_no_value(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    """A part called like a name of the process once wrote that name."""
    elder = browser_as("elder")
    sent = elder.post(
        "/reports/doorstep",
        data={
            "doorstep_parties": "甲和乙",
            "summary": "为门前停车吵了几句",
            "doorstep_result": "settled",
            "doorstep_form": "oral",
            "place": ["河畔村", (io.BytesIO(b"x"), "x.txt")],
            "dispute_type": ["medical", (io.BytesIO(b"x"), "x.txt")],
            "tier": ["county", (io.BytesIO(b"x"), "x.txt")],
        },
        content_type="multipart/form-data",
    )
    assert sent.status_code == 302
    case = db.session.query(Case).one()
    assert case.dispute_type != "medical"
    assert case.tier != "county"


def test_a_restricted_case_is_named_to_nobody_as_a_duplicate(app: Flask, played_county: int) -> None:
    story = STORIES[0]

    def twice() -> tuple[int, int]:
        return play(story, now=clock.now()).id, play(story, now=clock.now()).id

    first, second = run_unit(twice)

    def named(case_id: int) -> set[int]:
        case = db.session.query(Case).filter_by(id=case_id).populate_existing().one()
        return {like.case.id for like in find_duplicates(case, now=clock.now())}

    assert first in named(second)
    db.session.query(Case).filter_by(id=first).update({"sensitivity": "restricted"})
    db.session.commit()
    assert first not in named(second)
    assert second in named(first)


@pytest.mark.parametrize("reader", ["auditor", "reviewer"])
def test_who_only_reads_sets_nothing_off(app: Flask, played_county: int, browser_as: BrowserAs, reader: str) -> None:
    code = db.session.query(Case.code).order_by(Case.id).limit(1).scalar()
    browser = browser_as(reader)
    assert browser.get(f"/cases/{code}").status_code == 200
    assert browser.post("/operations/incidents/1/retry", data={"reason": "x"}).status_code == 404
    assert browser.post(f"/cases/{code}/optional/anything").status_code == 404
    assert browser.post(f"/cases/{code}/actions/party_withdrew").status_code == 404
    assert browser.post(f"/cases/{code}/parties", data={"side": "applicant", "name": "某某"}).status_code == 403
    assert browser_as("clerk").post("/operations/incidents/1/retry", data={"reason": "x"}).status_code == 404
