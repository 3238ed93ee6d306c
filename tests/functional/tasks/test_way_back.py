"""Whoever opened a task from a list comes back to that list, however the task leaves them; never anywhere else."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.devdata.county import person_named
from tests.functional.conftest import BrowserAs
from tests.functional.tasks.moves.scene import task_of_zhu

LIST = {"tab": ["mine"], "q": ["河畔"], "colour": ["green", "yellow"], "sort": ["age"]}


def place(answer: TestResponse) -> tuple[str, dict[str, list[str]]]:
    parts = urlsplit(answer.headers["Location"])
    assert (answer.status_code, parts.scheme, parts.netloc) == (302, "", "")
    return parts.path, parse_qs(parts.query)


@pytest.mark.parametrize(
    ("move", "whom", "back"),
    [
        ("handover", "mediator", "/tasks/"),
        ("delegation", "mediator", "/tasks/{id}"),
        ("co-workers", "mediator", "/tasks/{id}"),
        ("copies", "chair", "/tasks/{id}"),
        ("return", "", "/tasks/{id}"),
        ("release", "", "/tasks/"),
        ("comments", "", "/tasks/{id}"),
    ],
)
def test_a_move_leads_back_to_the_list(
    app: Flask, played_county: int, browser_as: BrowserAs, move: str, whom: str, back: str
) -> None:
    item, browser = task_of_zhu(), browser_as("elder")
    page = browser.get(f"/tasks/{item.id}", query_string=LIST).text
    listed = "tab=mine&amp;q=%E6%B2%B3%E7%95%94&amp;colour=yellow&amp;colour=green&amp;sort=age"
    for one in ("handover", "follow-up", "release", "completion"):
        assert f"/tasks/{item.id}/{one}?{listed}" in page, one
    if whom:
        picker = browser.get(f"/tasks/{item.id}/{move}", query_string=LIST | {"who": "李"}).text
        assert f'action="/tasks/{item.id}/{move}?{listed}"' in picker
        assert '<input type="hidden" name="colour" value="yellow">' in picker
        assert "王桂兰" not in picker
    data = {"reason": "外出", "text": "已联系"} | ({"to": f"person:{person_named(whom).id}"} if whom else {})
    path, query = place(browser.post(f"/tasks/{item.id}/{move}", query_string=LIST, data=data))
    assert path in (back.format(id=item.id), "/tasks/" if move in ("return", "handover") else "", f"/tasks/{item.id}")
    assert {name: sorted(values) for name, values in query.items()} == LIST


def test_no_address_leads_elsewhere(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, browser = task_of_zhu(), browser_as("elder")
    for said in ("next=//evil.example", "tab=//evil.example", "q=https://evil.example&tab=mine", "back=https://evil"):
        path, _query = place(browser.post(f"/tasks/{item.id}/comments?{said}", data={"text": "好"}))
        assert path == f"/tasks/{item.id}"
