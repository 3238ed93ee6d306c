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

from app.cases.models import Case
from app.core.database import db
from app.directory.rules import SCOPES
from app.workflow.models import ItemStatus, WorkItem
from tests.functional.conftest import ApiToken

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = int(os.environ.get("API_EXAMPLES", "6"))
"""How many calls each operation gets; `make soak` sets more."""


@pytest.mark.parametrize("login", ["clerk", "admin"])
def test_every_answer_is_described(app: Flask, played_county: int, api_token: ApiToken, login: str) -> None:
    headers = api_token(login, list(SCOPES))
    known = _known()
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


def _known() -> dict[str, list[Any]]:
    """Values that placeholders of addresses may have here; what is not named stays invented."""
    items = db.session.query(WorkItem.id).filter_by(status=ItemStatus.OPEN).order_by(WorkItem.id).limit(5)
    known = {
        "code": [code for (code,) in db.session.query(Case.code).order_by(Case.id).limit(5)],
        "item_id": [number for (number,) in items],
        "package": ["dispute"],
    }
    db.session.remove()
    return known


def _play(operation: Any, headers: dict[str, str], known: dict[str, list[Any]]) -> None:
    @given(case=operation.as_strategy(), choice=st.integers(0, 9))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=EXAMPLES < 50,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def play(case: Any, choice: int) -> None:
        if choice < 7:
            for name in case.path_parameters or {}:
                if known.get(name):
                    case.path_parameters[name] = known[name][choice % len(known[name])]
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    play()
