"""Messages and signals of a token reach no case that its person may not see, by key, to all, kept, or as a signal."""

import pytest
from flask import Flask

from app.audit.services import SYSTEM
from app.cases.models import Case
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions.services import import_folder
from app.scheduling.jobs import run_due_jobs
from app.workflow import queries
from app.workflow.commands import Complete
from app.workflow.services import advance, start_instance
from tests.functional.authoring.conftest import ERRAND
from tests.functional.conftest import ApiToken


@pytest.fixture
def waiting(app: Flask, played_county: int) -> int:
    """An errand about a case of the county, waiting for its goods."""

    def work() -> int:
        import_folder(played_county, ERRAND, actor=SYSTEM, now=clock.now())
        case = db.session.query(Case).filter_by(sensitivity="normal").order_by(Case.id).first()
        assert case is not None
        begun = start_instance(played_county, "errand", "fetch", subject_id=case.id, actor=SYSTEM, now=clock.now())
        command = Complete(begun.opened[0], {"what": "茶"})
        advance(played_county, begun.instance_id, command, actor=SYSTEM, now=clock.now())
        return begun.instance_id

    return run_unit(work)


def waits(county: int, instance: int) -> bool:
    db.session.remove()
    return instance in {one.instance_id for one in queries.subscribers(county, "message", "goods_ready")}


@pytest.mark.parametrize("more", [{}, {"all": True}])
@pytest.mark.parametrize("login", ["owner", "admin", "labour.mediator"])
def test_a_message_from_elsewhere_passes_by(
    app: Flask, played_county: int, waiting: int, api_token: ApiToken, login: str, more: dict[str, bool]
) -> None:
    message = {"id": "m1", "name": "goods_ready", "key": "茶", "payload": {"price": 1}, **more}
    answer = app.test_client().post("/api/v1/messages", json=message, headers=api_token(login, ["messages:write"]))
    assert str(waiting) not in answer.text
    assert waits(played_county, waiting)


def test_a_message_of_whoever_sees_the_case_arrives(
    app: Flask, played_county: int, waiting: int, api_token: ApiToken
) -> None:
    message = {"id": "m1", "name": "goods_ready", "key": "茶", "payload": {"price": 1}}
    answer = app.test_client().post("/api/v1/messages", json=message, headers=api_token("clerk", ["messages:write"]))
    assert answer.get_json()["outcome"] == "delivered", answer.text
    assert not waits(played_county, waiting)
    run_due_jobs()
