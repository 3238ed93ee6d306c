"""Files as they are being changed: opened, saved by themselves, kept when two people or the network get in the way."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from app.authoring import queries, services
from app.authoring.errors import DraftClosed, DraftConflict, FileNeeded, StillInUse
from app.authoring.models import Draft
from app.core.database import db
from app.core.unit_of_work import run_unit
from tests.functional.authoring.conftest import NOW, actor, viewer

FORM = "forms/ask.form"


def opened(county: int, path: str = FORM) -> Draft:
    return run_unit(lambda: services.open_draft(county, "errand", path, viewer("owner"), now=NOW))


def saved(draft: Draft, text: str, revision: int, login: str = "owner", now: datetime = NOW) -> int:
    return run_unit(
        lambda: services.save_draft(draft, text.encode(), expected_revision=revision, actor=actor(login), now=now)
    )


def address(draft: Draft) -> str:
    return f"/authoring/errand/drafts/{draft.id}"


def put(browser: FlaskClient, draft: Draft, text: str, revision: int) -> Any:
    return browser.put(
        address(draft), json={"content": text, "revision": revision}, headers={"Accept": "application/json"}
    )


def test_saving_goes_on_from_what_was_seen(errand: int) -> None:
    draft = opened(errand)
    assert not draft.changed
    assert saved(draft, '{"components": []}', 1) == 2
    assert saved(draft, '{"components": []}', 1) == 2, "sent again it changes nothing"
    held = queries.draft_contents(errand, "errand")
    assert held.files[FORM] == b'{"components": []}'
    assert queries.open_drafts(errand, "errand")[0].changed


def test_two_editors_at_once_lose_nothing(errand: int) -> None:
    draft = opened(errand)
    saved(draft, '{"components": [1]}', 1, "admin")
    with pytest.raises(DraftConflict) as refused:
        saved(draft, '{"components": [2]}', 1)
    assert refused.value.params["name"] == "沈佳怡"
    assert refused.value.content == '{"components": [1]}'
    assert refused.value.mine == '{"components": [2]}'
    assert saved(draft, '{"components": [2]}', refused.value.revision) == 3


def test_what_lost_is_put_aside_on_the_server(errand: int, browser_as: Any) -> None:
    draft = opened(errand)
    assert put(browser_as("admin"), draft, "{}", 1).json["revision"] == 2
    owner = browser_as("owner")
    for _attempt in (1, 2):
        answer = put(owner, draft, "[]", 1)
        assert answer.status_code == 409
        assert (answer.json["content"], answer.json["by"], answer.json["revision"]) == ("{}", "沈佳怡", 2)
    db.session.expire_all()
    aside = [line for line in queries.revisions_of(draft) if line.aside]
    assert [str(line.id) for line in aside] == [answer.json["aside"]]
    assert owner.get(f"{address(draft)}/revisions/{answer.json['aside']}").json == {"content": "[]"}


def test_history_keeps_a_line_a_minute_and_goes_back(errand: int) -> None:
    draft = opened(errand)
    first = draft.content
    for second, text in enumerate(("a", "b", "c")):
        saved(draft, text, second + 1, now=NOW + timedelta(seconds=20 * second))
    saved(draft, "d", 4, now=NOW + timedelta(seconds=90))
    lines = queries.revisions_of(draft)
    assert [line.number for line in lines] == [5, 4, 1]
    assert queries.revision_content(draft, lines[1].id) == b"c"
    run_unit(lambda: services.restore_revision(draft, lines[-1].id, actor=actor("owner"), now=NOW))
    again = queries.open_draft_at(errand, "errand", FORM)
    assert again is not None
    assert again.content == first
    assert not again.changed
    assert queries.revisions_of(draft)[1].number == 5, "what stood there stays in the history"


def test_discarded_draft_is_taken_up_again(errand: int) -> None:
    draft = opened(errand)
    saved(draft, "{}", 1)
    run_unit(lambda: services.discard_draft(draft, actor=actor("owner"), now=NOW))
    assert queries.draft_contents(errand, "errand").files[FORM] != b"{}"
    with pytest.raises(DraftClosed):
        saved(draft, "{ }", 2)
    assert [one.path for one in queries.closed_drafts(errand, "errand")] == [FORM]
    newer = opened(errand)
    assert newer.id != draft.id
    taken = run_unit(lambda: services.take_up(draft, actor=actor("owner"), now=NOW))
    assert taken.id == newer.id
    assert queries.draft_contents(errand, "errand").files[FORM] == b"{}"


@pytest.mark.parametrize(
    ("path", "content", "status", "word"),
    [
        (
            "processes/errand.bpmn",
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
            422,
            "errand.bpmn",
        ),
        (FORM, "x" * (2 * 1024 * 1024 + 99_000), 413, "2 MB"),
        (FORM, "x" * (20 * 1024 * 1024), 413, "2 MB"),
    ],
)
def test_content_that_cannot_be_is_refused_in_words(
    errand: int, browser_as: Any, path: str, content: str, status: int, word: str
) -> None:
    draft = opened(errand, path)
    answer = put(browser_as("owner"), draft, content, 1)
    assert answer.status_code == status
    assert word in answer.json["detail"]
    db.session.expire_all()
    assert queries.draft_for(viewer("owner"), "errand", draft.id).revision == 1


def test_payload_that_is_none_is_refused(errand: int, browser_as: Any) -> None:
    draft = opened(errand)
    browser = browser_as("owner")
    for payload in ([], {}, {"content": 1, "revision": 1}, {"content": "", "revision": True}, {"content": "x"}):
        assert browser.put(address(draft), json=payload).status_code == 422
    assert browser.put(address(draft), data="x").status_code == 422


def test_strangers_find_nothing(errand: int, browser_as: Any) -> None:
    draft = opened(errand)
    saved(draft, "{}", 1)
    for login in ("clerk", "dispatcher", "leader", "auditor"):
        browser = browser_as(login)
        for page in (
            "",
            "errand",
            "errand/checks",
            "errand/tests",
            "errand/changes",
            "errand/releases",
            "errand/running",
        ):
            assert browser.get(f"/authoring/{page}").status_code == 404, (login, page)
        assert browser.get(address(draft)).status_code == 404
        assert put(browser, draft, "[]", 2).status_code == 404
        assert browser.post("/authoring/errand/drafts", data={"path": FORM}).status_code == 404
    assert browser_as("owner").get(f"/authoring/dispute/drafts/{draft.id}").status_code == 404


def test_file_in_use_is_not_taken_out(errand: int) -> None:
    def remove(path: str) -> None:
        run_unit(lambda: services.remove_file(errand, "errand", path, actor=actor("owner"), now=NOW))

    with pytest.raises(StillInUse) as refused:
        remove(FORM)
    assert str(refused.value.params["users"]).startswith("processes/errand.bpmn 说明事情、")
    with force_locale("en"), pytest.raises(StillInUse) as refused:
        remove(FORM)
    assert "processes/errand.bpmn Say what, processes/errand.bpmn Approve" in str(refused.value.params["users"])
    with pytest.raises(FileNeeded):
        remove("processes/package.toml")
    remove("processes/nap.bpmn")
    assert "processes/nap.bpmn" not in queries.draft_contents(errand, "errand").files


def test_files_are_added_renamed_and_taken_out_on_the_page(errand: int, browser_as: Any) -> None:
    owner = browser_as("owner")
    made = owner.post("/authoring/errand/files", data={"kind": "form", "name": "thanks", "label": "致谢"})
    assert made.status_code == 303
    assert owner.get(made.headers["Location"]).status_code == 200
    assert owner.post("/authoring/errand/files", data={"kind": "form", "name": "thanks"}).status_code == 409
    assert owner.post("/authoring/errand/files", data={"kind": "form", "name": "../x"}).status_code == 422
    renamed = owner.post("/authoring/errand/files/renaming", data={"path": "forms/thanks.form", "name": "gift"})
    assert renamed.status_code == 303
    assert "forms/gift.form" in owner.get("/authoring/errand?q=gift").text
    assert owner.post("/authoring/errand/files/removal", data={"path": "forms/gift.form"}).status_code == 303
    db.session.expire_all()
    assert set(queries.draft_contents(errand, "errand").files) == set(
        (queries.active_release(errand, "errand") or pytest.fail("no release")).manifest
    )


def test_scripts_in_labels_stay_words(errand: int, browser_as: Any) -> None:
    draft = opened(errand, "processes/errand.bpmn")
    evil = draft.content.replace(
        b'isExecutable="true"', b'isExecutable="true" name="&lt;script&gt;alert(1)&lt;/script&gt;"', 1
    )
    evil = evil.replace('name="跑腿" name='.encode(), b"name=")
    saved(draft, evil.decode(), 1)
    owner = browser_as("owner")
    for page in ("errand", "errand/checks", f"errand/drafts/{draft.id}/text", "?q=script"):
        assert "<script>alert" not in owner.get(f"/authoring/{page}").text


def test_two_people_open_the_same_file_at_once(app: Flask, errand: int) -> None:
    db.session.remove()
    start = threading.Barrier(2)
    found: list[int] = []

    def open_it(login: str) -> None:
        with app.app_context():
            who = viewer(login)
            db.session.remove()
            start.wait(10)
            found.append(run_unit(lambda: services.open_draft(errand, "errand", FORM, who, now=NOW).id))

    people = [threading.Thread(target=open_it, args=(login,)) for login in ("owner", "admin")]
    for one in people:
        one.start()
    for one in people:
        one.join(30)
    assert len(found) == 2
    assert found[0] == found[1]
