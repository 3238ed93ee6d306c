"""The pages, the API and the command line of moves."""

from collections.abc import Callable

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit.services import Actor
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions import queries as definitions
from app.definitions.services import publish
from app.scheduling.jobs import run_due_jobs
from app.workflow.commands import Complete
from app.workflow.models import Instance
from app.workflow.moving.models import Move
from app.workflow.queries import open_items
from app.workflow.services import advance
from tests.functional.conftest import ApiToken, BrowserAs
from tests.functional.workflow import conftest as errand_fixtures
from tests.functional.workflow.errands import CLERK, NOW, Errands

errands = errand_fixtures.errands


def second(errands: Errands, *changes: tuple[bytes, bytes]) -> int:
    files = definitions.files_of(definitions.active_release(errands.county_id, "errand"))
    for old, new in changes:
        files["processes/errand.bpmn"] = files["processes/errand.bpmn"].replace(old, new)

    def work() -> int:
        owner = Actor("person", 3, "林敏")
        return publish(errands.county_id, "errand", files, actor=owner, approved_by=9, note="", now=NOW).number

    return run_unit(work)


@pytest.fixture
def renamed(errands: Errands) -> int:
    """Two errands at their first task, which the second release calls otherwise."""
    for what in ("茶", "酒"):
        errands.start(what=what, now=clock.now())
    return second(errands, (b'"ask"', b'"asked_again"'))


def releases(errands: Errands) -> list[int]:
    db.session.rollback()
    return sorted(db.session.scalars(select(Instance.release_number).where(Instance.county_id == errands.county_id)))


def work_done() -> None:
    db.session.rollback()
    while run_due_jobs():
        pass


def text_of(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address, headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_owner_tries_maps_moves_watches_and_takes_back(
    errands: Errands,
    renamed: int,
    browser_as: BrowserAs,
) -> None:
    owner = browser_as("owner")
    page = text_of(owner, "/authoring/errand/moves")
    assert "2 running" in page
    tried = text_of(owner, f"/authoring/errand/moves/try?from=&to={renamed}")
    assert "2 processes" in tried
    assert "which the new version does not have" in tried
    assert '<option value="errand/ask=asked_again" selected>' in tried, "the nearest one is suggested"
    assert "a process without a case" in tried
    assert releases(errands) == [1, 1]
    mapped = text_of(owner, f"/authoring/errand/moves/try?from=1&to={renamed}&map=errand/ask=asked_again&map=")
    assert "moves by the mapping" in mapped
    assert "is blocked" not in mapped
    asked = owner.post("/authoring/errand/moves", data={"to": renamed, "map": "errand/ask=asked_again"})
    assert asked.status_code == 303
    address = asked.headers["Location"]
    watching = owner.get(address, headers={"HX-Request": "true"}).text
    assert 'hx-trigger="every 1s"' in watching
    work_done()
    assert releases(errands) == [renamed, renamed]
    done = text_of(owner, address)
    assert "hx-trigger" not in done
    assert "Take back all 2 processes" in done
    assert owner.post(f"{address}/undo").status_code == 303
    work_done()
    assert releases(errands) == [1, 1]
    assert "every process has gone on" in (
        owner.post(f"{address}/undo", follow_redirects=True, headers={"Accept-Language": "en"}).text
    )


def test_one_is_taken_back_and_another_has_gone_on(
    errands: Errands,
    renamed: int,
    browser_as: BrowserAs,
) -> None:
    owner = browser_as("owner")
    address = owner.post("/authoring/errand/moves", data={"to": renamed, "map": "ask=asked_again"}).headers["Location"]
    work_done()
    page = text_of(owner, address)
    first, other = sorted({part.split('"')[0] for part in page.split("/processes/")[1:]})
    one = db.session.scalars(select(Instance).order_by(Instance.id)).first()
    assert one is not None
    item = run_unit(lambda: _first_item(errands, one.id))
    run_unit(lambda: advance(errands.county_id, one.id, Complete(item, {"what": "茶", "price": 900}), actor=CLERK,
                             now=clock.now()))  # fmt: skip
    answers = {owner.post(f"{address}/processes/{path}").status_code for path in (first, other)}
    assert answers == {303, 409}
    assert releases(errands) == [1, renamed]
    assert "has gone on since" in text_of(owner, address)


def _first_item(errands: Errands, instance_id: int) -> int:
    return open_items(errands.county_id, instance_id=instance_id)[0].id


def test_only_keepers_find_the_pages(errands: Errands, renamed: int, browser_as: BrowserAs) -> None:
    owner = browser_as("owner")
    address = owner.post("/authoring/errand/moves", data={"to": renamed}).headers["Location"]
    assert owner.get(address.replace("errand", "dispute")).status_code == 404
    stranger = browser_as("clerk")
    for path in ("/authoring/errand/moves", f"/authoring/errand/moves/try?to={renamed}", address):
        assert stranger.get(path).status_code == 404, path
    for path in ("/authoring/errand/moves", f"{address}/cancel", f"{address}/undo"):
        assert stranger.post(path, data={"to": renamed}).status_code == 404, path
    assert owner.post(f"{address}/cancel").status_code == 303
    assert owner.post(f"{address}/cancel").status_code == 409


def test_what_is_asked_wrongly_is_told(errands: Errands, renamed: int, browser_as: BrowserAs) -> None:
    owner = browser_as("owner")
    assert owner.post("/authoring/errand/moves", data={"to": renamed, "map": "ask"}).status_code == 422
    assert owner.post("/authoring/errand/moves", data={"to": 77}).status_code == 404
    assert owner.get("/authoring/errand/moves/try?to=none").status_code == 404
    assert owner.post("/authoring/errand/moves", data={"to": 1}).status_code == 422
    assert db.session.scalars(select(Move)).all() == []


def test_other_systems_move_by_api(
    errands: Errands,
    renamed: int,
    app: Flask,
    api_token: ApiToken,
) -> None:
    token = {**api_token("owner", ["moves:read", "moves:write"]), "Accept-Language": "en"}
    client = app.test_client()
    asked = {"package": "errand", "to": renamed, "dry_run": True}
    tried = client.post("/api/v1/moves", json=asked, headers=token).json
    assert (tried["counts"], tried["id"], tried["status"]) == ({"as_is": 0, "mapped": 0, "blocked": 2}, None, "tried")
    reason = tried["processes"][0]["reasons"][0]
    assert (reason["code"], reason["element"], reason["process"]) == ("move_missing", "ask", "errand")
    assert "which the new version does not have" in reason["sentence"]
    assert releases(errands) == [1, 1]
    mapped = {"package": "errand", "to": renamed, "from": 1, "mapping": {"ask": "asked_again"}}
    assert client.post("/api/v1/moves", json=mapped | {"dry_run": True}, headers=token).json["counts"]["mapped"] == 2
    begun = client.post("/api/v1/moves", json=mapped, headers=token).json
    assert begun["counts"] == {"waiting": 2}
    work_done()
    told = client.get(f"/api/v1/moves/{begun['id']}?size=1", headers=token).json
    assert (told["status"], told["counts"], len(told["processes"])) == ("done", {"moved": 2}, 1)
    more = client.get(f"/api/v1/moves/{begun['id']}?after={told['next']}&outcome=moved", headers=token).json
    assert (len(more["processes"]), more["next"]) == (1, None)
    one = told["processes"][0]["id"]
    assert client.post(f"/api/v1/moves/{begun['id']}/processes/{one}/undo", headers=token).status_code == 200
    assert client.post(f"/api/v1/moves/{begun['id']}/processes/{one}/undo", headers=token).status_code == 409
    assert releases(errands) == [1, renamed]
    assert client.post(f"/api/v1/moves/{begun['id']}/undo", headers=token).json["counts"] == {
        "undoing": 1, "undone": 1
    }  # fmt: skip
    assert client.delete(f"/api/v1/moves/{begun['id']}", headers=token).status_code == 409
    reader = api_token("owner", ["moves:read"])
    assert client.post("/api/v1/moves", json=asked, headers=reader).status_code == 403
    stranger = api_token("clerk", ["moves:read", "moves:write"])
    assert client.post("/api/v1/moves", json=asked, headers=stranger).status_code == 404
    assert client.get(f"/api/v1/moves/{begun['id']}", headers=stranger).status_code == 404


def test_flask_instances_moves_and_takes_back(errands: Errands, renamed: int, app: Flask) -> None:
    def run(*words: str) -> tuple[int, str]:
        db.session.remove()
        result = app.test_cli_runner().invoke(args=["instances", *words])
        return result.exit_code, result.output

    asked = ("move", "--package", "errand", "--to", str(renamed))
    code, words = run(*asked, "--dry-run", "--language", "en")
    assert code == 1
    assert words.startswith("     2 blocked\n")
    code, told = run(*asked, "--dry-run", "--map", "ask=asked_again", "--json")
    assert (code, orjson.loads(told)["counts"]) == (0, {"mapped": 2})
    assert releases(errands) == [1, 1]
    code, told = run(*asked, "--map", "ask=asked_again", "--from", "1", "--json")
    assert (code, orjson.loads(told)["counts"]) == (0, {"moved": 2})
    assert releases(errands) == [renamed, renamed]
    code, words = run("undo", orjson.loads(told)["move"])
    assert (code, words.splitlines()[0]) == (0, "     2 undone")
    assert releases(errands) == [1, 1]
    assert run(*asked, "--map", "ask")[0] == 2
    assert run("move", "--package", "errand", "--to", "1")[0] == 1
    assert run("undo", "12")[0] == 1


def test_codes_of_cases_are_shown_to_those_who_may_see_them(
    played_county: int, browser_as: Callable[[str], FlaskClient]
) -> None:
    """The owner keeps the package and sees no case by it."""
    files = definitions.files_of(definitions.active_release(played_county, "dispute"))
    path = "processes/tests/second.toml"
    first_test = next(content for name, content in files.items() if name.startswith("processes/tests/"))
    files[path] = first_test

    def work() -> int:
        owner = Actor("person", 3, "林敏")
        return publish(played_county, "dispute", files, actor=owner, approved_by=9, note="", now=clock.now()).number

    number = run_unit(work)
    page = text_of(browser_as("owner"), f"/authoring/dispute/moves/try?to={number}")
    assert "a case that you may not open" in page
    assert 'href="/cases/' not in page.split('class="tab-body"')[1].split("</main>")[0]
    assert "is blocked" not in page, "nothing has changed that anybody stands on"
