"""An instance whose row was written by an older version of the program goes on from where it rested."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from app.audit.services import SYSTEM
from app.core.database import db, table_of
from app.core.ids import new_id
from app.core.unit_of_work import run_unit
from app.definitions.services import import_folder
from app.engine.bpmn import state as states
from app.engine.bpmn.instance import Instance as EngineInstance
from app.engine.findings import EngineError
from app.workflow import queries, scopes, services
from app.workflow.commands import Complete
from app.workflow.models import Instance, WorkItem
from tests.unit.engine.bpmn.bpmn_files import MONDAY
from tests.unit.engine.bpmn.test_state_formats import KEPT, OLDER, kept

LONG_AGO = datetime(2026, 3, 1, tzinfo=UTC)
PACKAGE = """
name = "kept"
label = { zh = "旧", en = "Kept" }
main = "P"
roles = ["clerk"]
topics = ["call"]
"""


@pytest.fixture
def kept_package(county: int, tmp_path: Path) -> int:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "package.toml").write_text(PACKAGE)
    (folder / "p.bpmn").write_bytes((KEPT / "format_1.bpmn").read_bytes())
    run_unit(lambda: import_folder(county, folder, actor=SYSTEM, now=LONG_AGO))
    return county


def put_back(county: int, number: int) -> int:
    """An instance as format `number` left it: its bytes, its variables, and a work item for each person's task."""
    definition, state, environment = kept(number)
    variables = {"amount": 1, "key": "k", "parties": environment.store[""]["parties"]}
    begun = run_unit(lambda: services.start_instance(county, "kept", variables=variables, actor=SYSTEM, now=LONG_AGO))
    rests = EngineInstance.restore(definition, state, environment).wake(datetime(1970, 1, 1, tzinfo=UTC))

    def write() -> None:
        template = db.session.scalars(select(WorkItem).limit(1)).one()
        copied = {column.key: getattr(template, column.key) for column in table_of(WorkItem).columns}
        db.session.execute(delete(WorkItem))
        for one in rests.active:
            element = definition.element(one.element_id, one.process_id)
            if element is not None and element.type == "userTask":
                place = {"token": one.token, "element_id": one.element_id, "process_id": one.process_id}
                db.session.add(WorkItem(**copied | place | {"id": new_id()}))
        stored = scopes.write({}, environment.store, ())
        db.session.execute(update(Instance).values(state=state, variables=stored, due_at=rests.due_at))

    run_unit(write)
    return begun.instance_id


def state_of(county: int, instance_id: int) -> bytes:
    db.session.rollback()
    return queries.lock_instance(county, instance_id).state


@pytest.mark.parametrize("number", OLDER)
def test_an_instance_of_an_older_format_goes_on(app: Flask, kept_package: int, number: int) -> None:
    county = kept_package
    instance_id = put_back(county, number)
    assert state_of(county, instance_id)[0] == number
    before = {item.token: item.element_id for item in queries.open_items(county, instance_id=instance_id)}
    assert {"T", "W", "Y", "U", "M"} <= set(before.values())
    db.session.rollback()
    (first,) = [item for item in queries.open_items(county, instance_id=instance_id) if item.element_id == "T"]
    db.session.rollback()
    run_unit(lambda: services.advance(county, instance_id, Complete(first.id, {"answer": 3}), actor=SYSTEM, now=MONDAY))
    assert state_of(county, instance_id)[0] == states.FORMAT
    after = {item.token: item.element_id for item in queries.open_items(county, instance_id=instance_id)}
    assert after == {token: element for token, element in before.items() if element != "T"}, "all others wait as before"
    values = queries.variables_by_scope(county, instance_id)
    assert values[""]["answer"] == 3
    assert values[""]["amount"] == Decimal("0.1")
    while open_ := queries.open_items(county, instance_id=instance_id):
        db.session.rollback()
        move = Complete(open_[0].id, {"answer": 3})
        run_unit(lambda move=move: services.advance(county, instance_id, move, actor=SYSTEM, now=MONDAY))  # type: ignore[misc]
        db.session.rollback()
    assert queries.variables_by_scope(county, instance_id)[""]["answers"] == [Decimal("2.50"), 3]


def test_bytes_that_no_version_wrote_are_refused_and_kept(app: Flask, kept_package: int) -> None:
    county = kept_package
    instance_id = put_back(county, 1)
    strange = bytes([states.FORMAT + 1]) + b"from the future"
    run_unit(lambda: db.session.execute(update(Instance).values(state=strange)))
    item = queries.open_items(county, instance_id=instance_id)[0]
    db.session.rollback()
    with pytest.raises(EngineError) as refused:
        run_unit(lambda: services.advance(county, instance_id, Complete(item.id), actor=SYSTEM, now=MONDAY))
    assert refused.value.code == "state_unreadable"
    assert state_of(county, instance_id) == strange
    assert queries.open_items(county, instance_id=instance_id)
