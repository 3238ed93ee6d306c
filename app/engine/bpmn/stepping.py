"""A Step out of an execution: what was recorded, and the picture of what rests."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from SpiffWorkflow.util.task import TaskState

from app.engine.bpmn.execution import Execution
from app.engine.bpmn.specs.events import BoundaryEvent, Catching
from app.engine.bpmn.specs.frames import AdHoc
from app.engine.bpmn.specs.loops import LoopActivity
from app.engine.bpmn.step import Active, OptionalAction, Step, Subscription
from app.engine.bpmn.tokens import Token


def next_due(run: Execution) -> tuple[datetime, Token] | None:
    """The earliest timer that waits."""
    best: tuple[datetime, Token] | None = None
    for token in run.all_alive():
        due = token.internal_data.get("due")
        if due is not None and token.state == TaskState.WAITING:
            moment = datetime.fromisoformat(due)
            if best is None or moment < best[0]:
                best = (moment, token)
    return best


def step_of(run: Execution, *, overtaken: bool = False) -> Step:
    """What has happened since the step began, and what the instance waits for now."""
    record = run.record
    due = next_due(run)
    ended = run.completed and run.ended[0]
    return Step(
        opened=tuple(record.opened.values()),
        closed=tuple(record.closed),
        updated=tuple(record.updated.values()),
        variables=record.written,
        closed_scopes=tuple(record.closed_scopes),
        signals=tuple(record.signals),
        messages=tuple(record.messages),
        jobs=tuple(record.jobs.values()),
        cancelled_jobs=tuple(record.cancelled_jobs),
        incidents=tuple(record.incidents.values()),
        closed_incidents=tuple(record.closed_incidents),
        decisions=tuple(record.decisions),
        visits=tuple(record.visits),
        due_at=due[0] if due is not None else None,
        waiting_for=_waiting(run),
        active=_active(run),
        optional=_optional(run),
        finished=run.completed,
        ended_by=run.ended[0] if ended else None,
        ended_by_name=run.ended[1] if ended else None,
        overtaken=overtaken,
        stage=record.stage,
        entered=tuple(record.entered),
    )


def _waiting(run: Execution) -> tuple[Subscription, ...]:
    found: list[Subscription] = []
    for token in run.all_alive():
        spec = token.spec
        if token.state == TaskState.WAITING and isinstance(spec, Catching):
            kind: Literal["message", "signal"] | None = None
            if spec.kind == "message":
                kind = "message"
            elif spec.kind == "signal":
                kind = "signal"
            if kind is not None:
                key = token.internal_data.get("key")
                found.append(Subscription(kind, spec.event_name, key, spec.bpmn_id, spec.body.process_id, token.key))
    return tuple(found)


def _active(run: Execution) -> tuple[Active, ...]:
    return tuple(
        Active(
            token.key,
            token.spec.bpmn_id,
            token.spec.body.process_id,
            token.entered,
            run.stage_of(token),
            run.path_of(token),
            token.state == TaskState.ERROR,
        )
        for token in run.all_alive()
        if token.state == TaskState.ERROR
        or (
            token.spec.shown
            and not isinstance(token.spec, BoundaryEvent | LoopActivity)
            and not (isinstance(token.spec, AdHoc) and not run.holds_open(token))
        )
    )


def _optional(run: Execution) -> tuple[OptionalAction, ...]:
    found: list[OptionalAction] = []
    for frame in run.subprocesses.values():
        host = run.host_of(frame.task_tree)
        if host is None or not isinstance(host.spec, AdHoc):
            continue
        for name in frame.spec.optional:
            if run.is_available(frame, name):
                node = frame.spec.body.nodes[name]
                groups = tuple(
                    part.strip() for part in node.attributes.get("candidateGroups", "").split(",") if part.strip()
                )
                found.append(
                    OptionalAction(
                        node.id, frame.spec.process_id, node.type, node.name, node.name_en, groups, node.properties
                    )
                )
    return tuple(found)
