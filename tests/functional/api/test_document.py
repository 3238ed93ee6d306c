"""The API's own description, and how it says no."""

import re
from functools import partial

import pytest
from flask import Flask

from app.directory.rules import SCOPES
from tests.functional.conftest import ApiToken, BrowserAs


def _as_rule(path: str) -> str:
    path = re.sub(r"\{(\w+_id)\}", r"<int:\1>", path)
    return path.replace("{code}", "<string:code>")


def test_the_document_names_every_operation_with_its_answers(app: Flask, county: int) -> None:
    answer = app.test_client().get("/api/openapi.json")
    assert answer.status_code == 200
    spec = answer.json
    assert spec is not None
    routes = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in rule.methods or ()
        if method in ("GET", "POST", "DELETE", "PUT", "PATCH")
    }
    described = {
        (_as_rule(path), method.upper())
        for path, operations in spec["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert described == routes
    assert len(routes) >= 8
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            assert operation["summary"], path
            told = {status for status in operation["responses"] if status[0] in "45"}
            assert {"400", "401", "403"} <= told, (path, method)
            if "{" in path:
                assert "404" in told, (path, method)
            if method in ("post", "delete") and "tasks/{" in path:
                assert "409" in told, (path, method)
            for status in told:
                content = operation["responses"][status]["content"]
                assert list(content) == ["application/problem+json"], (path, method, status)
    assert spec["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_people_read_it_too(app: Flask, county: int, language: str) -> None:
    page = app.test_client().get("/api/docs", headers={"Accept-Language": language})
    assert page.status_code == 200
    for path in ("/api/v1/reports", "/api/v1/tasks/{item_id}/completion", "/api/v1/cases/{code}"):
        assert path in page.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/tasks/1", 404),
        ("/api/v1/cases/FX2026-000001-ZZZ", 404),
        ("/api/v1/nothing", 404),
        ("/api/v1/tasks?tab=everything", 422),
        ("/api/v1/tasks?size=0", 422),
        ("/api/v1/tasks?size=ten", 422),
        ("/api/v1/cases?status=nonsense", 422),
    ],
)
def test_every_no_is_a_problem_in_json(
    app: Flask, dispute_county: int, api_token: ApiToken, path: str, status: int
) -> None:
    answer = app.test_client().get(path, headers=api_token("clerk", ["tasks:read", "cases:read"]))
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == status
    if status == 422:
        assert answer.json["fields"]


def test_a_wrong_method_is_told_with_the_right_ones(app: Flask, county: int) -> None:
    answer = app.test_client().put("/api/v1/reports")
    assert answer.status_code == 405
    assert answer.mimetype == "application/problem+json"
    assert "POST" in answer.headers["Allow"]


def test_a_signed_in_browser_reads_and_changes_nothing(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    browser = browser_as("clerk")
    assert browser.get("/api/v1/tasks").status_code == 200
    assert browser.get("/api/v1/cases").status_code == 200
    assert browser.post("/api/v1/tasks/1/claim").status_code == 401


def test_nothing_of_a_call_is_read_before_it_is_known_who_calls(
    app: Flask, dispute_county: int, api_token: ApiToken
) -> None:
    spec = app.test_client().get("/api/openapi.json").json
    assert spec is not None
    client = app.test_client()
    wrong = (b'{"a": "\0', b"{" * 10_000_000, b"", b'{"person": 7}', b'{"a": "\\ud800"}')
    asked = set()
    for path, operations in spec["paths"].items():
        address = re.sub(r"\{\w+\}", "1", path)
        for method in operations.keys() - {"parameters"}:
            (scope,) = operations[method]["security"][0]["token"]
            other = api_token("clerk", [next(one for one in SCOPES if one != scope)])
            asked.add(scope)
            for body in wrong if "handover" in path else wrong[:1]:
                send = partial(client.open, f"{address}?size=none", method=method, data=body)
                sent = {"Content-Type": "application/json"}
                for headers, status in (({}, 401), ({"Authorization": "Bearer made.up"}, 401), (other, 403)):
                    answer = send(headers={**sent, **headers})
                    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), path
    assert asked == set(SCOPES)


def test_scopes_are_apart(app: Flask, dispute_county: int, api_token: ApiToken) -> None:
    client = app.test_client()
    tasks = api_token("clerk", ["tasks:read"])
    assert client.get("/api/v1/tasks", headers=tasks).status_code == 200
    assert client.get("/api/v1/cases", headers=tasks).status_code == 403
    assert client.get("/api/v1/tasks", headers=api_token("clerk", ["cases:read"])).status_code == 403
