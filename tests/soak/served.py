"""The real application with the errands of these tests: what the web and the worker that get killed serve."""

import os
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from app.audit.services import SYSTEM
from app.cases.services.cases import open_case
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.definitions.services import import_folder
from app.directory import services as directory
from app.directory.queries import organisation
from app.directory.sessions import current_actor, token_viewer
from app.factory import create_app, csrf
from app.workflow import topics
from app.workflow.services import start_instance
from app.workflow.topics import Parameter, TopicCall

COUNTY = 1
PACKAGE = Path(__file__).parent / "package" / "processes" / "soak"
PEOPLE = ("anna", "bert", "cora", "dora")


def create_served(config: Mapping[str, Any] | None = None) -> Flask:
    """The application on the database of DATABASE_URL (or of `config`), which serves the topics of the package."""
    app = create_app(config)
    topics.register("soak.record", record, {"what": Parameter("text")}, {"recorded": Parameter("text")})
    topics.register("soak.send", send, {"what": Parameter("text")}, {"sent": Parameter("text")}, outside=True)
    for view in (start_errand, start_crowd, dawdle):
        app.add_url_rule(f"/soak/{view.__name__}", view_func=view, methods=["POST"])
        csrf.exempt(view)
    return app


def fill() -> dict[str, str]:
    """A county with one office and four clerks, the package published; returns each clerk's API token."""
    now = clock.now()
    directory.create_county(code="990000", name_zh="耐久县", name_en="Endurance", prefix="NJ", county_id=COUNTY)
    place: dict[str, Any] = {"tier": "county", "kind": "government", "code": "990000"}
    office = directory.create_organisation(COUNTY, parent=None, name_zh="耐久县", name_en="Endurance", **place)
    import_folder(COUNTY, PACKAGE, actor=SYSTEM, now=now)
    db.session.execute(text("CREATE TABLE soak_records (key VARCHAR(120), what VARCHAR(300))"))
    tokens = {}
    for login in PEOPLE:
        person = directory.create_person(COUNTY, login=login, name=login)
        directory.assign_role(person, "clerk", office, from_date=date(2020, 1, 1))
        scopes = ["tasks:read", "tasks:write", "cases:read"]
        tokens[login] = directory.create_api_token(person, name="soak", scopes=scopes, now=now)[1]
    return tokens


def record(call: TopicCall) -> dict[str, object]:
    """Writes a row in the transaction of its step: as many rows as steps."""
    statement = text("INSERT INTO soak_records (key, what) VALUES (:key, :what)")
    db.session.execute(statement, {"key": call.key, "what": call.inputs["what"]})
    return {"recorded": call.inputs["what"]}


def send(call: TopicCall) -> dict[str, object]:
    """Reaches outside: a line in a file, under the key that stays the same when it is tried again."""
    hold = Path(os.environ["MAPLEBRIDGE_VAR"]) / "slow"
    letters = Path(os.environ["MAPLEBRIDGE_VAR"]) / "letters"
    with letters.open("a") as file:
        file.write(f"{call.key}\n")
    time.sleep(float(hold.read_text()) if hold.exists() else 0.01)
    return {"sent": call.inputs["what"]}


def start_errand() -> ResponseReturnValue:
    """A case with two processes about it, the second of which answers the first."""
    return _start({"soak": {"turns": 0}, "soak_reply": {}})


def start_crowd() -> ResponseReturnValue:
    """A case with one process in which many have something to do at once."""
    people = [f"person {number}" for number in range(int(request.args["people"]))]
    return _start({"soak_crowd": {"turns": 0, "ticks": 0, "people": people}})


def _start(processes: Mapping[str, Mapping[str, object]]) -> ResponseReturnValue:
    viewer, actor, now = token_viewer("tasks:write"), current_actor(), clock.now()
    key = request.args["key"]
    case = open_case(
        COUNTY,
        channel="window",
        kind="dispute",
        summary=key,
        received_by=organisation(COUNTY, viewer.roles[0].organisation_id),
        actor=actor,
        now=now,
    )
    for process, values in processes.items():
        variables = {"key": key} | dict(values)
        start_instance(COUNTY, "soak", process, subject_id=case.id, variables=variables, actor=actor, now=now)
    return {"case": str(case.id)}, 201


def dawdle() -> ResponseReturnValue:
    """Writes, takes its time, and only then is kept."""
    token_viewer("tasks:write")
    statement = text("INSERT INTO soak_records (key, what) VALUES (:key, 'dawdled')")
    db.session.execute(statement, {"key": request.args["key"]})
    time.sleep(float(request.args["seconds"]))
    return {"id": str(new_id())}
