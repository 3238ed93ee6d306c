"""The API against its own description: whatever is sent, no server error and no answer that the document lacks."""

import os
from collections.abc import Iterable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from app.cases.models import Case
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.rules import SCOPES
from app.workflow.models import ItemStatus, Subscription, WorkItem
from tests.functional.access.addresses import build
from tests.functional.conftest import ApiToken

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = int(os.environ.get("API_EXAMPLES", "6"))
"""How many calls each operation gets; `make soak` sets more."""
FEW = 50
"""So many calls find little by chance: they are the same each time, and by the two people who may do most."""
LOGINS = ("clerk", "admin") if EXAMPLES < FEW else ("clerk", "admin", "mediator", "dispatcher")


@pytest.mark.parametrize("login", LOGINS)
def test_every_answer_is_described(app: Flask, played_county: int, api_token: ApiToken, login: str) -> None:
    headers = api_token(login, list(SCOPES))
    known = _known(login)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", _apart(app))
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 8
    for operation in operations:
        _play(operation, headers, known)


def _apart(app: Flask) -> Any:
    """The application as a stranger reaches it: nothing is shared with the test around it."""

    def answer(environ: Any, start_response: Any) -> Iterable[bytes]:
        with app.app_context():
            return list(app(environ, start_response))

    return answer


def _known(login: str) -> dict[str, list[Any]]:
    """Values that placeholders of addresses and what is sent may have here; what is not named stays invented."""
    built = run_unit(build)
    caller = person_named(login)
    items = select(WorkItem.id).where(WorkItem.status == ItemStatus.OPEN).order_by(WorkItem.id)
    open_ = list(db.session.scalars(items))
    own = list(db.session.scalars(items.where(WorkItem.assignee_id == caller.id).limit(3)))
    people = [person_named(one).id for one in ("mediator", "elder", "dispatcher", login)]
    codes = [built["code"], *db.session.scalars(select(Case.code).order_by(Case.id).limit(5))]
    names = select(Subscription.name).distinct().order_by(Subscription.name)
    known = {
        **{name: [built[name]] for name in ("comment_id", "incident_id", "move_id", "moved_id")},
        "code": codes,
        "case": codes,
        "item_id": [*own, built["item_id"], *open_[:5]],
        "tasks": [[str(one) for one in own], [str(built["item_id"])], [str(one) for one in open_[:5]]],
        "person_id": people,
        "person": [str(one) for one in people],
        "mentioned": [[str(one)] for one in people],
        "channel": ["window", "12345"],
        "package": ["dispute"],
        "to": [1],
        "name": [*db.session.scalars(names), "party_withdrew"],
        "element": ["hold_session", "confirm_triage"],
    }
    db.session.remove()
    return known


def _put_in(sent: Any, known: dict[str, list[Any]], choice: int) -> None:
    for name in sent if isinstance(sent, dict) else ():
        if name in known:
            sent[name] = known[name][choice % len(known[name])]


def _play(operation: Any, headers: dict[str, str], known: dict[str, list[Any]]) -> None:
    @given(case=operation.as_strategy(), choice=st.integers(0, 9))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=EXAMPLES < FEW,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def play(case: Any, choice: int) -> None:
        if choice < 7:
            _put_in(case.path_parameters, known, choice)
            _put_in(case.body, known, choice)
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    play()
