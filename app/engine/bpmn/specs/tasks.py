"""Tasks (BPMN 2.0.2, 13.3.3), with the attributes of Camunda 7.

Corrections of SpiffWorkflow 3.2.0: a service task that nobody serves is an incident, it does not stand still without a
word; a script is FEEL, never Python; a decision is looked up when it is taken, by the rules of its binding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from app.engine.bpmn.expressions import Expression
from app.engine.bpmn.specs.base import Activity
from app.engine.bpmn.step import Job, WorkItem
from app.engine.findings import EngineError

if TYPE_CHECKING:
    from app.engine.bpmn.diagram import Node
    from app.engine.bpmn.execution import Execution
    from app.engine.bpmn.tokens import BodySpec, Token


class PlainTask(Activity):
    """A task without a kind does nothing (13.3.3: "abstract")."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The evaluable attributes of a user task."""

    form_key: Expression | None = None
    candidate_groups: Expression | None = None
    candidate_users: Expression | None = None
    assignee: Expression | None = None
    due_date: Expression | None = None
    follow_up_date: Expression | None = None
    priority: Expression | None = None
    title: Expression | None = None
    title_en: Expression | None = None


class UserTask(Activity):
    """Also manual tasks: both wait for a person."""

    assignment = Assignment()
    property_values: tuple[tuple[str, Expression], ...] = ()

    def __init__(self, wf_spec: BodySpec, node: Node, *, name: str = "") -> None:
        super().__init__(wf_spec, node, name=name)
        self.manual = True

    def begin(self, token: Token, run: Execution) -> bool:
        run.record.open(self.item(token, run))
        return True

    def item(self, token: Token, run: Execution) -> WorkItem:
        """The work item as it stands now: expressions are evaluated. Raises EngineError, but not for its words."""
        of, node = self.assignment, self.node
        title = run.caption(of.title, token) or node.name
        return WorkItem(
            id=token.key,
            element_id=node.id,
            process_id=self.body.process_id,
            type=node.type,
            name=node.name,
            name_en=node.name_en,
            title=title,
            title_en=run.caption(of.title_en, token) or (node.name_en if of.title is None else title),
            form_key=run.text(of.form_key, token),
            candidate_groups=run.texts(of.candidate_groups, token),
            candidate_users=run.texts(of.candidate_users, token),
            assignee=run.text(of.assignee, token) or None,
            due_date=run.point(of.due_date, token),
            follow_up_date=run.point(of.follow_up_date, token),
            priority=run.whole(of.priority, token),
            stage=run.stage_of(token),
            scope=run.scope_of(token),
            path=run.path_of(token),
            properties={name: run.caption(value, token) for name, value in self.property_values},
            inputs=token.internal_data.get("inputs", {}),
        )

    def execute(self, token: Token, run: Execution) -> bool:
        if token.values:
            run.write(token, token.values)
        run.record.close(token.key, "completed")
        return True


class ScriptTask(Activity):
    """`discards`: what has no result variable goes nowhere, as Camunda has it for ${…}; FEEL writes its entries."""

    script: Expression
    result_variable = ""
    discards = False

    def execute(self, token: Token, run: Execution) -> bool:
        result = run.evaluate(self.script, token)
        if self.result_variable or not self.discards:
            run.write_result(token, result, self.result_variable)
        return True


class RuleTask(Activity):
    """A business rule task: asks the environment for a decision and writes its result as `mapping` says."""

    reference: Expression
    binding = "latest"
    version: Expression | None = None
    result_variable = ""
    mapping = ""

    def execute(self, token: Token, run: Execution) -> bool:
        reference = run.text(self.reference, token)
        outcome = run.environment.decide(
            reference,
            binding=self.binding,
            version=run.text(self.version, token) or None,
            variables=run.variables(token),
        )
        result = run.plain_value(mapped(outcome.result, self.mapping))
        run.record.decided(self.info(token), reference, result, outcome.trace)
        run.write_result(token, result, self.result_variable)
        return True


def mapped(result: object, mapping: str) -> object:
    """`camunda:mapDecisionResult`. Raises EngineError `result_does_not_map` when more was decided than it takes."""
    if not mapping:
        return result
    rows: list[object] = list(result) if isinstance(result, list) else [] if result is None else [result]
    match mapping:
        case "singleEntry" | "singleResult":
            if len(rows) > 1:
                raise EngineError("result_does_not_map", mapping=mapping, rows=len(rows))
            row = rows[0] if rows else None
            if mapping == "singleEntry" and isinstance(row, Mapping):
                if len(row) != 1:
                    raise EngineError("result_does_not_map", mapping=mapping, rows=len(row))
                return next(iter(row.values()))
            return row
        case "collectEntries":
            if any(isinstance(row, Mapping) and len(row) != 1 for row in rows):
                raise EngineError("result_does_not_map", mapping=mapping, rows=len(rows))
            return [next(iter(row.values())) if isinstance(row, Mapping) else row for row in rows]
    return rows


class ServiceTask(Activity):
    """A service or send task with a topic; also the throwing event that carries one."""

    topic: Expression
    job = False

    def execute(self, token: Token, run: Execution) -> bool:
        data = token.internal_data
        if token.values is not None:
            data["results"] = token.values
        elif "results" not in data:
            inputs = data.get("inputs", {})
            topic = run.text(self.topic, token)
            if self.job:
                token._set_state(TaskState.STARTED)
                info = self.info(token)
                run.record.start_job(
                    Job(token.key, info.id, info.process_id, info.name, topic, inputs, info.scope, info.properties)
                )
                return False
            if not run.environment.serves(topic):
                raise EngineError("topic_unknown", topic=topic)
            data["results"] = run.plain(
                run.environment.perform(topic, inputs, replace(self.info(token), variables=run.variables(token)))
            )
        if not self.output_mapping:
            results = data["results"]
            run.write(token, {name: value for name, value in results.items() if run.declares(name)})
        return True

    def results(self, token: Token) -> Mapping[str, object] | None:
        found: Mapping[str, object] | None = token.internal_data.get("results")
        return found
