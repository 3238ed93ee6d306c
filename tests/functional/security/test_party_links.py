"""What a stranger with a code and a party with a link may reach, and no more."""

import dataclasses
import io
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.cases.models import Case, Party
from app.cases.services.cases import seal_case
from app.cases.services.parties import make_link
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import SETTLED, STORIES, play
from app.directory.models import Attempt
from app.files.models import StoredFile
from app.portal import views as portal_views
from app.portal.queries import LINK_AFTER_END
from app.tasks.queries import task_form
from app.workflow.models import ItemStatus, WorkItem
from tests.functional.documents.conftest import MEDIATOR

HIDDEN_WORDS = ("风险", "稳控", "民转刑", "群体性", "红色", "橙色")


@dataclasses.dataclass(frozen=True)
class Hearing:
    """Both parties are asked for their account: link and task of each."""

    code: str
    links: tuple[str, str]
    tasks: tuple[int, int]


@pytest.fixture
def hearing(app: Flask, dispute_county: int) -> Hearing:
    def prepare() -> Hearing:
        now = clock.now()
        story = next(one for one in STORIES if one.until == "draft_agreement")
        case = play(dataclasses.replace(story, until="investigate_party"), now=now)
        parties = db.session.query(Party).filter_by(case_id=case.id).order_by(Party.id).all()
        tasks = [
            db.session.query(WorkItem)
            .filter_by(subject_id=case.id, element_id="investigate_party", status=ItemStatus.OPEN, party_id=party.id)
            .one()
            .id
            for party in parties
        ]
        links = [make_link(case, party, actor=MEDIATOR, now=now) for party in parties]
        return Hearing(case.code, (links[0], links[1]), (tasks[0], tasks[1]))

    assert SETTLED
    return run_unit(prepare)


def answer(app: Flask, link: str, task: int, **more: object) -> TestResponse:
    data = {"party_facts": "借条是我写的。", **more}
    return app.test_client().post(f"/p/{link}/{task}", data=data, content_type="multipart/form-data")


def test_a_party_answers_only_what_they_are_asked(app: Flask, hearing: Hearing) -> None:
    mine, theirs = hearing.links
    assert answer(app, mine, hearing.tasks[1]).status_code == 409
    assert app.test_client().post(f"/p/{mine}/{hearing.tasks[1]}/fields").status_code == 409
    assert app.test_client().post(f"/p/{theirs}x/{hearing.tasks[1]}/fields").status_code == 404
    assert answer(app, mine, hearing.tasks[0]).status_code == 302
    assert answer(app, mine, hearing.tasks[0]).status_code == 409
    assert "借条是我写的" not in app.test_client().get(f"/p/{theirs}").text


def test_a_link_opens_no_page_of_the_house(app: Flask, hearing: Hearing) -> None:
    browser = app.test_client()
    assert browser.get(f"/p/{hearing.links[0]}").status_code == 200
    for page in (f"/cases/{hearing.code}", f"/tasks/{hearing.tasks[0]}", "/tasks/", "/notices/"):
        assert "/sign-in" in browser.get(page).headers["Location"]
    assert browser.get(f"/api/v1/tasks/{hearing.tasks[0]}").status_code == 401


def test_a_party_names_no_file_of_others(app: Flask, hearing: Hearing) -> None:
    assert (
        answer(app, hearing.links[0], hearing.tasks[0], party_evidence=(io.BytesIO(b"mine"), "a.txt")).status_code
        == 302
    )
    foreign = db.session.query(StoredFile).filter_by(name="a.txt").one()
    assert answer(app, hearing.links[1], hearing.tasks[1], party_evidence=str(foreign.id)).status_code == 422
    both = [str(foreign.id), (io.BytesIO(b"theirs"), "b.txt")]
    assert answer(app, hearing.links[1], hearing.tasks[1], party_evidence=both).status_code == 422
    assert db.session.query(StoredFile).filter_by(name="b.txt").count() == 0


def test_nothing_private_stands_behind_a_partys_form(app: Flask, hearing: Hearing) -> None:
    item = db.session.query(WorkItem).filter_by(id=hearing.tasks[0]).one()
    case = db.session.query(Case).filter_by(code=hearing.code).one()
    inside = task_form(item, zone="Asia/Shanghai", now=clock.now())
    assert inside is not None
    assert "risk_colour" in inside.variables
    shown = portal_views._form(item, case).variables
    assert not {"risk_colour", "risk_score", "danger", "parties", "party_facts", "statements"} & shown.keys()
    assert "summary" in shown


@pytest.mark.parametrize("colour", ["red", "orange"])
def test_no_word_of_risk_stands_on_public_pages(app: Flask, hearing: Hearing, colour: str) -> None:
    case = db.session.query(Case).filter_by(code=hearing.code).one()
    case.risk_colour = colour
    case.risk_reasons = [{"zh": "扬言放火", "en": "Threat of arson"}]
    db.session.commit()
    for page in (f"/c/{hearing.code}", f"/p/{hearing.links[0]}"):
        seen = app.test_client().get(page)
        assert seen.status_code == 200
        assert not [word for word in (*HIDDEN_WORDS, "扬言放火", f"risk-{colour}") if word in seen.text]
    assert "借款三万元" not in app.test_client().get(f"/c/{hearing.code}").text


def test_codes_are_not_found_by_trying(app: Flask, hearing: Hearing) -> None:
    guesser = {"REMOTE_ADDR": "10.9.9.9"}
    tried = [app.test_client().get(f"/c/FX2026-{n:06d}-ZZZ", environ_base=guesser).status_code for n in range(41)]
    assert tried == [404] * 40 + [429]
    assert app.test_client().get(f"/c/{hearing.code}", environ_base=guesser).status_code == 429
    assert app.test_client().get(f"/c/{hearing.code}").status_code == 200
    assert db.session.query(Attempt).filter_by(key="scan::10.9.9.9").count() == 40


def test_a_network_of_many_addresses_tries_no_more_codes_than_others(app: Flask, hearing: Hearing) -> None:
    def look(n: int) -> int:
        sender = {"REMOTE_ADDR": f"2001:db8:1:2::{n:x}"}
        return app.test_client().get(f"/c/FX2026-{n:06d}-ZZZ", environ_base=sender).status_code

    tried = [look(n) for n in range(41)]
    assert tried == [404] * 40 + [429]
    neighbour = {"REMOTE_ADDR": "2001:db8:1:3::1"}
    assert app.test_client().get(f"/c/{hearing.code}", environ_base=neighbour).status_code == 200


def test_a_link_ends_some_time_after_the_case(app: Flask, hearing: Hearing) -> None:
    def closed(ago: timedelta) -> None:
        db.session.query(Case).filter_by(code=hearing.code).one().closed_at = clock.now() - ago
        db.session.commit()

    closed(LINK_AFTER_END - timedelta(hours=1))
    assert app.test_client().get(f"/p/{hearing.links[0]}").status_code == 200
    closed(LINK_AFTER_END + timedelta(hours=1))
    assert app.test_client().get(f"/p/{hearing.links[0]}").status_code == 404
    assert answer(app, hearing.links[0], hearing.tasks[0]).status_code == 404
    assert app.test_client().post(f"/p/{hearing.links[0]}/{hearing.tasks[0]}/fields").status_code == 404


def test_a_sealed_case_takes_nothing_from_a_party(app: Flask, hearing: Hearing) -> None:
    run_unit(
        lambda: seal_case(db.session.query(Case).filter_by(code=hearing.code).one(), actor=MEDIATOR, now=clock.now())
    )
    before = db.session.query(StoredFile).count()
    sent = answer(app, hearing.links[0], hearing.tasks[0], party_evidence=(io.BytesIO(b"late"), "late.txt"))
    assert sent.status_code == 409
    assert answer(app, hearing.links[0], hearing.tasks[0]).status_code == 409
    assert db.session.query(StoredFile).count() == before
