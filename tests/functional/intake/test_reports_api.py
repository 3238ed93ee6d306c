"""Channels push reports: once each, only with the right token, and told exactly what is wrong."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.audit.queries import entries
from app.audit.services import Stream
from app.cases.models import Case, Party, Report
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.directory.models import ApiToken as TokenRow
from tests.functional.conftest import ApiToken

URL = "/api/v1/reports"
PUSHED = {
    "channel": "12345",
    "number": "G2026-001",
    "text": "楼上漏水三个月，协商不成。",
    "place": "东苑社区5幢",
    "reporter_name": "葛美华",
    "parties": [{"side": "applicant", "name": "葛美华", "phone": "13805711234"}],
}
SCOPES = ["reports:write"]


def numbers() -> tuple[int, int]:
    db.session.remove()
    return db.session.query(Report).count(), db.session.query(Case).count()


def test_a_channel_files_a_report(app: Flask, dispute_county: int, api_token: ApiToken) -> None:
    answer = app.test_client().post(URL, json=PUSHED, headers=api_token("clerk", SCOPES))
    assert answer.status_code == 201
    assert answer.json is not None
    case = db.session.scalars(select(Case).where(Case.code == answer.json["code"])).one()
    assert (case.channel, case.summary, answer.json["created"]) == ("12345", PUSHED["text"], True)
    assert db.session.scalars(select(Party.name)).all() == ["葛美华"]
    assert {entry.actor_kind for entry in entries(Stream.case(1, case.id)) if entry.event == "report.received"} == {
        "channel"
    }


def test_a_second_push_changes_nothing(app: Flask, dispute_county: int, api_token: ApiToken) -> None:
    token = api_token("clerk", SCOPES)
    first = app.test_client().post(URL, json=PUSHED, headers=token)
    second = app.test_client().post(URL, json={**PUSHED, "text": "改了字"}, headers=token)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json is not None
    assert second.json == {**first.json, "created": False}
    assert numbers() == (1, 1)


def test_the_same_number_of_another_channel_is_another_report(
    app: Flask, dispute_county: int, api_token: ApiToken
) -> None:
    token = api_token("clerk", SCOPES)
    app.test_client().post(URL, json=PUSHED, headers=token)
    assert app.test_client().post(URL, json={**PUSHED, "channel": "petition"}, headers=token).status_code == 201
    assert numbers() == (2, 2)


def test_pushes_at_the_same_moment_are_one_report(app: Flask, dispute_county: int, api_token: ApiToken) -> None:
    token = api_token("clerk", SCOPES)
    statuses: list[int] = []
    start = threading.Barrier(4)

    def push() -> None:
        start.wait()
        statuses.append(app.test_client().post(URL, json=PUSHED, headers=token).status_code)

    threads = [threading.Thread(target=push) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 200, 200, 201]
    assert numbers() == (1, 1)


def test_the_first_reports_of_a_year_may_come_together(app: Flask, dispute_county: int, api_token: ApiToken) -> None:
    token = api_token("clerk", SCOPES)
    codes: list[str] = []
    start = threading.Barrier(4)

    def push(number: str) -> None:
        start.wait()
        answer = app.test_client().post(URL, json={**PUSHED, "number": number}, headers=token)
        codes.append(answer.json["code"] if answer.status_code == 201 and answer.json else answer.text)

    threads = [threading.Thread(target=push, args=(f"N{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(code[7:13] for code in codes) == ["000001", "000002", "000003", "000004"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": 7}, "text"),
        ({"text": "水" * 20_001}, "text"),
        ({"kind": "quarrel"}, "kind"),
        ({"place": "水" * 201}, "place"),
        ({"happened_at": "yesterday"}, "happened_at"),
        ({"parties": [{"side": "judge", "name": "包青天"}]}, "parties"),
        ({"parties": [{"side": "applicant", "name": "张三", "identity_number": "110105194912310021"}]}, "parties"),
        ({"channel": None}, "channel"),
    ],
)
def test_a_wrong_value_is_named(
    app: Flask, dispute_county: int, api_token: ApiToken, change: dict[str, object], field: str
) -> None:
    answer = app.test_client().post(URL, json={**PUSHED, **change}, headers=api_token("clerk", SCOPES))
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert field in str(answer.json["fields"])
    assert numbers() == (0, 0)


def test_an_unknown_channel_is_refused_with_the_known_ones(
    app: Flask, dispute_county: int, api_token: ApiToken
) -> None:
    answer = app.test_client().post(URL, json={**PUSHED, "channel": "pigeon"}, headers=api_token("clerk", SCOPES))
    assert answer.status_code == 422
    assert answer.json is not None
    assert "pigeon" in answer.json["detail"]
    assert "12345" in answer.json["detail"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"text"', b'{"text": "\\u0000"}', b"\xff\xfe"])
def test_what_is_no_object_is_refused(app: Flask, dispute_county: int, api_token: ApiToken, body: bytes) -> None:
    answer = app.test_client().post(
        URL, data=body, headers={**api_token("clerk", SCOPES), "Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    assert answer.mimetype == "application/problem+json"
    assert numbers() == (0, 0)


def test_without_a_token_or_with_a_wrong_one(app: Flask, dispute_county: int, api_token: ApiToken) -> None:
    client = app.test_client()
    assert client.post(URL, json=PUSHED).status_code == 401
    assert client.post(URL, json=PUSHED, headers={"Authorization": "Bearer mb_guess"}).status_code == 401
    assert client.post(URL, json=PUSHED, headers={"Authorization": "Basic Y2xlcms6eA=="}).status_code == 401
    answer = client.post(URL, json=PUSHED, headers=api_token("clerk", ["tasks:read"]))
    assert answer.status_code == 403
    assert answer.mimetype == "application/problem+json"
    assert numbers() == (0, 0)


def test_an_expired_or_revoked_token_is_none(app: Flask, dispute_county: int, api_token: ApiToken) -> None:
    old = api_token("clerk", SCOPES, days=5, made=clock.now() - timedelta(days=6))
    assert app.test_client().post(URL, json=PUSHED, headers=old).status_code == 401
    token = api_token("clerk", SCOPES)
    run_unit(lambda: db.session.execute(update(TokenRow).values(revoked_at=clock.now())))
    assert app.test_client().post(URL, json=PUSHED, headers=token).status_code == 401
    assert numbers() == (0, 0)


def test_a_token_of_one_channel_serves_no_other(app: Flask, dispute_county: int, api_token: ApiToken) -> None:
    token = api_token("clerk", SCOPES, channel="12345")
    assert app.test_client().post(URL, json={**PUSHED, "channel": "110"}, headers=token).status_code == 403
    assert app.test_client().post(URL, json=PUSHED, headers=token).status_code == 201


def test_a_signed_in_browser_pushes_nothing(app: Flask, dispute_county: int) -> None:
    browser = app.test_client()
    browser.post("/sign-in", data={"login": "clerk", "password": app.config["DEMO_PASSWORD"]})
    assert browser.post(URL, json=PUSHED).status_code == 401
    assert browser.get(URL).status_code == 405


def test_names_places_and_numbers_are_one_line(app: Flask, dispute_county: int, api_token: ApiToken) -> None:
    """What is told on one line brings no second one along, and no sign that makes the rest read backwards."""
    breaking = "葛美华\r\nBcc: x@y.z\u202e"
    party = {"side": "applicant", "name": breaking, "address": breaking, "agent_name": breaking}
    pushed = {**PUSHED, "number": "G\n1", "place": breaking, "reporter_name": breaking, "parties": [party]}
    answer = app.test_client().post(URL, json=pushed, headers=api_token("clerk", SCOPES))
    assert answer.status_code == 201
    kept = db.session.scalars(select(Party)).one()
    report = db.session.scalars(select(Report)).one()
    said = (kept.name, kept.address, kept.agent_name, report.place, report.reporter_name)
    assert set(said) == {"葛美华 Bcc: x@y.z"}
    assert report.source_number == "G 1"
    assert "\n" not in db.session.scalars(select(Case.title)).one()
    blank = {**PUSHED, "number": "G2", "parties": [{"side": "applicant", "name": " \n "}]}
    assert app.test_client().post(URL, json=blank, headers=api_token("clerk", SCOPES)).status_code == 422
