"""Messages and signals from other systems: taken once, given to one, kept where the diagram says so."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.audit.queries import entries
from app.audit.services import Stream
from app.cases.models import Case
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import SETTLED, Story, play
from app.scheduling import jobs as scheduled
from app.workflow import jobs, queries
from app.workflow.models import Message
from tests.functional.conftest import ApiToken
from tests.functional.workflow.errands import NOW, Errands


class Sender:
    """Another system with a token of its own."""

    def __init__(self, app: Flask, header: dict[str, str]) -> None:
        self.browser = app.test_client()
        self.header = header | {"Accept-Language": "en"}

    def send(self, name: str, number: str = "m1", **rest: Any) -> TestResponse:
        return self.post("messages", {"id": number, "name": name, **rest})

    def post(self, what: str, body: Any) -> TestResponse:
        db.session.remove()
        return self.browser.post(f"/api/v1/{what}", json=body, headers=self.header)


@pytest.fixture
def sender(app: Flask, errands: Errands, api_token: ApiToken) -> Sender:
    return Sender(app, api_token("clerk", ["messages:write"]))


def open_at(errands: Errands, instance_id: int | None = None) -> list[str]:
    db.session.rollback()
    db.session.expire_all()
    return [item.element_id for item in queries.open_items(errands.county_id, instance_id=instance_id)]


def work_off(minutes: float = 1) -> None:
    with clock.freeze(NOW + timedelta(minutes=minutes)):
        while scheduled.run_due_jobs():
            pass


def waiting(errands: Errands, what: str) -> int:
    """An errand that waits for its goods."""
    outcome = errands.start("fetch")
    errands.complete(outcome, what=what)
    return outcome.instance_id


def test_one_of_many_takes_the_message_with_its_key(errands: Errands, sender: Sender) -> None:
    tea, rice = waiting(errands, "茶"), waiting(errands, "米")
    answer = sender.send("goods_ready", key="米", payload={"price": 7.5})
    assert answer.status_code == 200, answer.text
    assert answer.json == {
        "id": "m1",
        "outcome": "delivered",
        "processes": [str(rice)],
        "keep_until": None,
        "repeated": False,
    }
    assert (open_at(errands, tea), open_at(errands, rice)) == ([], ["carry"])
    assert queries.variables_by_scope(errands.county_id, rice)[""]["price"] == 7.5


def test_the_same_number_again_gives_the_same_answer_and_does_nothing(errands: Errands, sender: Sender) -> None:
    letter = errands.start("letter").instance_id
    first = sender.send("answer", payload={"what": "好", "price": 1})
    again = sender.send("answer", payload={"price": 1, "what": "好"})
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json == {**(first.json or {}), "repeated": True}
    assert open_at(errands, letter) == ["read", "file_answer"]
    other = sender.send("answer", payload={"what": "不好"})
    assert other.status_code == 409
    assert "number m1 before" in (other.json or {})["detail"]
    assert open_at(errands, letter) == ["read", "file_answer"]


def test_of_two_at_once_one_is_done(app: Flask, errands: Errands, sender: Sender, api_token: ApiToken) -> None:
    letter = errands.start("letter").instance_id
    header = api_token("clerk", ["messages:write"])
    answers: list[TestResponse] = []
    ready = threading.Barrier(4)

    def post() -> None:
        other = Sender(app, header)
        ready.wait(30)
        with app.app_context():
            answers.append(other.send("answer", "at once", payload={"what": "好"}))

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [one.status_code for one in answers] == [200] * 4
    assert sorted((one.json or {})["repeated"] for one in answers) == [False, True, True, True]
    assert open_at(errands, letter) == ["read", "file_answer"]


def test_several_that_wait_are_told_and_nothing_happens_unless_all_are_meant(errands: Errands, sender: Sender) -> None:
    letters = [errands.start("letter").instance_id for _ in range(2)]
    answer = sender.send("answer", payload={"what": "好"})
    assert answer.status_code == 409
    assert "2 processes wait for answer" in (answer.json or {})["detail"]
    assert [open_at(errands, one) for one in letters] == [["read"]] * 2
    answer = sender.send("answer", payload={"what": "好"}, all=True)
    assert answer.status_code == 200, "a refused one was not noted: its number is free"
    assert [open_at(errands, one) for one in letters] == [["read", "file_answer"]] * 2


def test_nobody_waits_is_a_clear_no_and_stays_one(errands: Errands, sender: Sender) -> None:
    answer = sender.send("answer")
    assert answer.status_code == 409
    assert "waits for answer" in (answer.json or {})["detail"]
    letter = errands.start("letter").instance_id
    assert sender.send("answer").status_code == 409, "the same number has the same answer"
    assert open_at(errands, letter) == ["read"]
    assert sender.send("answer", "m2").status_code == 200


def test_message_that_comes_too_early_is_kept_and_brought_to_who_waits_later(errands: Errands, sender: Sender) -> None:
    early = errands.start("fetch")
    with clock.freeze(NOW):
        answer = sender.send("goods_ready", key="茶", payload={"price": 3})
        other = sender.send("goods_ready", "m2", key="米", payload={"price": 5})
    assert (answer.json or {})["outcome"] == "kept"
    assert (answer.json or {})["keep_until"].startswith("2026-03-09T01:00")
    assert (other.json or {})["outcome"] == "kept"
    errands.complete(early, what="茶")
    assert open_at(errands) == []
    work_off()
    assert open_at(errands) == ["carry"]
    assert queries.variables_by_scope(errands.county_id, early.instance_id)[""]["price"] == 3
    rows = {row.message_id: row for row in db.session.scalars(select(Message))}
    assert (rows["m1"].status, rows["m1"].payload, rows["m1"].reached) == ("delivered", {}, [early.instance_id])
    assert rows["m2"].status == "kept", "another key is for somebody else"
    db.session.rollback()
    with clock.freeze(NOW):
        again = sender.send("goods_ready", key="茶", payload={"price": 3})
    assert ((again.json or {})["outcome"], (again.json or {})["repeated"]) == ("delivered", True)


def test_kept_message_that_was_missed_in_the_same_moment_is_brought_by_the_next_round(
    errands: Errands, sender: Sender
) -> None:
    """Who began to wait did not see the message, the message did not see who waits: neither had committed."""
    with clock.freeze(NOW):
        sender.send("goods_ready", key="茶")
    fetch = waiting(errands, "茶")
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM jobs")
    assert open_at(errands, fetch) == []
    with clock.freeze(NOW + timedelta(seconds=15)):
        db.session.rollback()
        jobs.bring_kept()
    assert open_at(errands, fetch) == ["carry"]


def test_kept_message_is_given_once_and_to_one(errands: Errands, sender: Sender) -> None:
    with clock.freeze(NOW):
        sender.send("goods_ready", key="茶")
    first, second = waiting(errands, "茶"), waiting(errands, "茶")
    work_off()
    assert (open_at(errands, first), open_at(errands, second)) == (["carry"], [])


def test_kept_message_expires_and_that_is_seen(errands: Errands, sender: Sender) -> None:
    with clock.freeze(NOW):
        sender.send("goods_ready", key="茶", payload={"price": 3})
    with clock.freeze(NOW + timedelta(days=7, seconds=-1)):
        run_unit(jobs.expire_kept)
        assert db.session.scalars(select(Message.status)).one() == "kept"
        db.session.rollback()
    with clock.freeze(NOW + timedelta(days=7)):
        run_unit(jobs.expire_kept)
    row = db.session.scalars(select(Message)).one()
    assert (row.status, row.payload, row.settled_at) == ("expired", {}, NOW + timedelta(days=7))
    fetch = waiting(errands, "茶")
    work_off()
    assert open_at(errands, fetch) == []
    with clock.freeze(NOW + timedelta(days=98)):
        run_unit(jobs.expire_kept)
    assert db.session.scalars(select(Message)).all() == [], "what was settled long ago is forgotten"


def test_message_starts_a_process_of_the_active_release(errands: Errands, sender: Sender) -> None:
    answer = sender.send("order_placed", payload={"what": "茶"})
    assert (answer.json or {})["outcome"] == "started"
    (started,) = (answer.json or {})["processes"]
    assert open_at(errands, int(started)) == ["pack"]
    (item,) = queries.open_items(errands.county_id)
    assert item.org_path, "its task belongs to the sender's office"
    assert queries.variables_by_scope(errands.county_id, int(started))[""]["what"] == "茶"
    db.session.rollback()
    assert (sender.send("order_placed", payload={"what": "茶"}).json or {})["processes"] == [started]
    assert open_at(errands) == ["pack"]


def test_signal_goes_to_all_and_its_number_once(errands: Errands, sender: Sender) -> None:
    lessons = [errands.start("lesson").instance_id for _ in range(2)]
    with clock.freeze(NOW):
        answer = sender.post("signals", {"id": "s1", "name": "bell", "payload": {"not_declared_here": 1}})
    assert answer.status_code == 200, answer.text
    assert sorted((answer.json or {})["processes"]) == sorted(map(str, lessons))
    work_off()
    assert [open_at(errands, one) for one in lessons] == [["go_home"]] * 2
    nobody = sender.post("signals", {"id": "s3", "name": "bell"})
    assert (nobody.status_code, (nobody.json or {})["outcome"]) == (200, "nobody")
    assert sender.post("messages", {"id": "s3", "name": "bell"}).status_code == 409, "a message is another body"


DEEP: list[Any] = []
for _ in range(400):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "answer"}, "id"),
        ({"id": "", "name": "answer"}, "id"),
        ({"id": "x" * 121, "name": "answer"}, "id"),
        ({"id": "1", "name": "answer", "payload": []}, "payload"),
        ({"id": "1", "name": "answer", "payload": {"what": "长" * 30_000}}, "payload"),
        ({"id": "1", "name": "answer", "payload": {"what": [2**70]}}, "payload"),
        ({"id": "1", "name": "answer", "payload": {"what": DEEP}}, "payload"),
        ({"id": "1", "name": "answer", "payload": {"price": "many"}}, "price"),
        ({"id": "1", "name": "answer", "payload": {"approved": "yes"}}, "approved"),
        ({"id": "1", "name": "answer", "payload": {"size": "huge"}}, "size"),
        ({"id": "1", "name": "answer", "payload": {"never_declared": 1}}, "never_declared"),
        ({"id": "1", "name": "answer", "surprise": 1}, "surprise"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_noted(
    errands: Errands, sender: Sender, body: dict[str, Any], field: str
) -> None:
    letter = errands.start("letter").instance_id
    answer = sender.post("messages", body)
    assert answer.status_code == 422, answer.text
    assert field != "payload" or sender.post("signals", body).status_code == 422
    named = (answer.json or {})["fields"]
    assert field in named.get("json", named)
    assert open_at(errands, letter) == ["read"]
    assert db.session.scalars(select(Message)).all() == []


def test_who_may_send(app: Flask, errands: Errands, api_token: ApiToken) -> None:
    body = {"id": "1", "name": "answer"}
    assert app.test_client().post("/api/v1/messages", json=body).status_code == 401
    for login, scopes in (("clerk", ["tasks:write"]), ("auditor", ["messages:write"])):
        assert Sender(app, api_token(login, scopes)).post("messages", body).status_code == 403
    elsewhere = Sender(app, api_token("clerk", ["messages:write"])).post(
        "messages", body | {"case": "FX2026-000001-ZZZ"}
    )
    assert elsewhere.status_code == 404


def test_message_for_a_case_names_it_and_goes_nowhere_else(
    app: Flask, dispute_county: int, api_token: ApiToken
) -> None:
    """Two cases wait for the same message without a key; what is meant for one never moves the other."""
    story = ("邻居争吵。", "河畔村1组", "徐永年", "徐永康")
    asked = [
        run_unit(
            lambda: play(Story(*story, age_days=0, answers=SETTLED, until="accept_assignment"), now=clock.now()).code
        )
        for _ in range(2)
    ]
    clerk = Sender(app, api_token("dispatcher", ["messages:write"]))
    payload = {"withdrawal_reason": "已和好"}
    needed = clerk.send("party_withdrew", payload=payload)
    assert needed.status_code == 409
    assert "Name the case" in (needed.json or {})["detail"]
    far = Sender(app, api_token("yunling.dispatcher", ["messages:write"]))
    assert far.send("party_withdrew", payload=payload, case=asked[0]).status_code == 404
    answer = clerk.send("party_withdrew", payload=payload, case=asked[0])
    assert answer.status_code == 200, answer.text
    db.session.remove()
    moved, other = (db.session.scalars(select(Case).where(Case.code == code)).one() for code in asked)
    assert "party_withdrew" in {
        entry.payload.get("message") for entry in entries(Stream.case(dispute_county, moved.id))
    }
    assert "party_withdrew" not in {
        entry.payload.get("message") for entry in entries(Stream.case(dispute_county, other.id))
    }
