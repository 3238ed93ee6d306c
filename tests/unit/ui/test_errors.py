from collections.abc import Callable

import pytest
from flask import Flask


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_every_error_has_a_page_in_both_languages(app: Flask, status: int) -> None:
    client = app.test_client()
    chinese = client.get(f"/refuse/{status}?lang=zh", headers={"Accept": "text/html"})
    english = client.get(f"/refuse/{status}?lang=en", headers={"Accept": "text/html"})
    assert chinese.status_code == english.status_code == status
    assert '<html lang="zh-CN">' in chinese.text
    assert '<html lang="en">' in english.text
    heading = english.text.partition("<h1>")[2].partition("</h1>")[0]
    assert heading
    assert heading not in chinese.text


def test_a_refusal_tells_its_sentence(get: Callable[..., str]) -> None:
    assert "The file of FX-1 is sealed." in get("/refuse/599?lang=en")


def test_an_address_that_does_not_exist_keeps_the_reader_in_the_frame(get: Callable[..., str]) -> None:
    assert "陈晓梅" in get("/nowhere?as=clerk")
    assert "陈晓梅" not in get("/nowhere")


def test_a_failure_of_ours_does_not_tell_its_cause(get: Callable[..., str]) -> None:
    assert "a mistake of ours" not in get("/refuse/500")


def test_programs_get_problem_json(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/refuse/422?lang=en")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json == {
        "type": "about:blank",
        "status": 422,
        "title": "Something needs correcting",
        "detail": "Please correct the marked fields.",
        "fields": {"amount": ["请填写数字"]},
    }


def test_a_client_that_prefers_json_gets_it_and_a_browser_does_not(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/nowhere", headers={"Accept": "application/json"}).is_json
    assert not client.get("/nowhere", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}).is_json
    assert not client.get("/nowhere").is_json


def test_htmx_gets_a_fragment_for_the_place_of_messages(app: Flask) -> None:
    answer = app.test_client().get("/refuse/404?lang=en", headers={"HX-Request": "true"})
    assert answer.headers["X-Problem"] == "1"
    assert "<html" not in answer.text
    assert "Nothing found here" in answer.text


def test_the_wrong_method_names_the_right_one(app: Flask) -> None:
    answer = app.test_client().get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_form_without_its_token_is_refused_with_a_reason(app: Flask) -> None:
    answer = app.test_client().post("/sign-out?lang=en")
    assert answer.status_code == 400
    assert "The page was open for too long" in answer.text
