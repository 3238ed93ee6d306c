"""What nobody types: every door answers with a refusal, never with a failure of its own."""

import base64

import orjson
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.cases.models import Case
from app.core.database import db
from tests.functional.conftest import ApiToken, BrowserAs

HUGE = "9" * 5000
BEYOND = "9" * 30


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


@pytest.mark.parametrize("before", ["²", BEYOND, HUGE, "-1", "x"])
def test_a_page_before_no_row(app: Flask, played_county: int, browser_as: BrowserAs, before: str) -> None:
    clerk = browser_as("clerk")
    code = db.session.query(Case.code).order_by(Case.id).limit(1).scalar()
    assert clerk.get("/notices/", query_string={"before": before}).status_code == 200
    assert clerk.get(f"/cases/{code}/timeline", query_string={"before": before}).status_code == 200


@pytest.mark.parametrize(
    "foreign",
    [
        cursor(1, "0001-01-01T00:00:00+14:00", "1"),
        cursor(1, "9999-12-31T23:59:59-14:00", "1"),
        cursor(BEYOND, "2026-01-01T00:00:00+00:00", "1"),
        cursor({}, [], None),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
        "é",
    ],
)
def test_a_cursor_that_no_page_gave(app: Flask, played_county: int, browser_as: BrowserAs, foreign: str) -> None:
    clerk = browser_as("clerk")
    assert clerk.get("/tasks/", query_string={"tab": "available", "cursor": foreign}).status_code == 200
    assert clerk.get("/cases/", query_string={"cursor": foreign}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "[" * 5000 + "]" * 5000,
        '{"a":' * 800 + "1" + "}" * 800,
        '{"channel": "12345", "text": "\\ud800"}',
        '{"channel": "12345", "text": "\\u0000"}',
        '{"channel": "12345", "text": "x", "parties": [{"side": "applicant", "name": "\\udfff"}]}',
        HUGE,
        f'{{"channel": "12345", "text": "x", "parties": [{{"side": "applicant", "name": "x", "age": -{HUGE}}}]}}',
        '{"channel": "12345", "text": "x"',
        b"\xff\xfe",
    ],
    ids=[
        *("nested lists", "nested objects", "half a character", "NUL", "half a character within"),
        *("a number of thousands of digits", "one within", "half of it", "no text"),
    ],
)
def test_a_report_of_no_text(app: Flask, dispute_county: int, api_token: ApiToken, body: str | bytes) -> None:
    headers = api_token("clerk", ["reports:write"])
    answer = app.test_client().post("/api/v1/reports", data=body, content_type="application/json", headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_beyond_all_calendars(app: Flask, dispute_county: int, api_token: ApiToken, moment: str) -> None:
    report = {"channel": "12345", "text": "噪声扰民", "happened_at": moment}
    answer = app.test_client().post("/api/v1/reports", json=report, headers=api_token("clerk", ["reports:write"]))
    assert answer.status_code == 422
    assert "happened_at" in answer.get_json()["fields"]["json"]


def test_a_failing_statement_does_not_tell_what_people_typed(app: Flask, county: int) -> None:
    with pytest.raises(SQLAlchemyError) as failure:
        db.session.execute(text("SELECT no_such_column WHERE :name = 'x'"), {"name": "张秀英"})
    db.session.rollback()
    assert "张秀英" not in str(failure.value)


@pytest.mark.parametrize("rows", ["²", HUGE, "-5"])
def test_rows_that_no_form_has(app: Flask, dispute_county: int, browser_as: BrowserAs, rows: str) -> None:
    clerk = browser_as("clerk")
    assert clerk.post("/reports/", data={"party_rows": rows, "instalments.rows": rows}).status_code == 422
    assert clerk.post("/reports/fields", data={"instalments.rows": rows, "_remove": "x.²"}).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "/\t\\evil.example",
        "\t//evil.example",
        "//[",
        "/x\r\nSet-Cookie: a=b",
        "x:y",
    ],
)
def test_the_way_back_stays_on_this_site(app: Flask, county: int, wanted: str) -> None:
    answer = app.test_client().post("/language", data={"language": "zh", "next": wanted})
    assert answer.headers["Location"] == "/"
