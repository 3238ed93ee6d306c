"""A routing change acts on the next decision of running cases; everything else stays what it was when they began."""

from sqlalchemy import select

from app.audit.services import Actor
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions import queries as definitions
from app.definitions.services import files_of, publish
from app.workflow import queries
from app.workflow.models import Decision, Instance
from tests.functional.workflow.errands import NOW, Errands

TABLE, DIAGRAM = "processes/errand_size.dmn", "processes/errand.bpmn"
OWNER = Actor("person", 5, "何平")


def publish_change(errands: Errands, *changes: tuple[str, str, str]) -> None:
    def work() -> None:
        files = files_of(definitions.active_release(errands.county_id, "errand"))
        for path, before, after in changes:
            assert before.encode() in files[path]
            files[path] = files[path].replace(before.encode(), after.encode())
        publish(errands.county_id, "errand", files, actor=OWNER, approved_by=6, note="", now=NOW)

    run_unit(work)


def raise_the_limit(errands: Errands, *more: tuple[str, str, str]) -> None:
    publish_change(errands, (TABLE, "&lt;= 100", "&lt;= 200"), (TABLE, "&gt; 100", "&gt; 200"), *more)


def test_running_case_is_judged_by_the_table_that_is_active_now(errands: Errands) -> None:
    running = errands.start()
    before = errands.complete(errands.start(), what="茶", price=80)
    assert queries.item(errands.county_id, before.opened[0]).element_id == "approve", "160 was big"
    raise_the_limit(errands)
    assert errands.complete(running, what="茶", price=80).finished, "160 is small now"
    made = db.session.execute(select(Decision.release, Decision.table_hash).order_by(Decision.id)).all()
    assert [one.release for one in made] == [1, 2]
    assert made[0].table_hash != made[1].table_hash


def test_diagram_of_a_running_case_stays(errands: Errands) -> None:
    running = errands.start()
    change = (DIAGRAM, 'name="批准"', 'name="领导批准"')
    publish_change(errands, change)
    old, new = (errands.complete(one, what="茶", price=80) for one in (running, errands.start()))
    items = [queries.item(errands.county_id, one.opened[0]) for one in (old, new)]
    assert [(item.name_zh, item.release) for item in items] == [("批准", 1), ("领导批准", 2)]
    assert sorted(db.session.scalars(select(Instance.release_number))) == [1, 2]


def test_table_bound_to_its_deployment_stays_too(errands: Errands) -> None:
    reference = 'camunda:decisionRef="errand_size"'
    publish_change(errands, (DIAGRAM, reference, f'{reference} camunda:decisionRefBinding="deployment"'))
    running = errands.start()
    raise_the_limit(errands)
    step = errands.complete(running, what="茶", price=80)
    assert queries.item(errands.county_id, step.opened[0]).element_id == "approve", "160 is big by its own table"
