"""Collects during one step what the Step will say. What opened and closed within the step is not mentioned."""

from collections.abc import Mapping
from datetime import datetime

from app.engine.bpmn.environment import ElementInfo
from app.engine.bpmn.step import Closed, DecisionMade, How, Incident, Job, Message, Signal, Visit, WorkItem


class Recorder:
    """What happens during a step, until `step_of` hands it over."""

    def __init__(self) -> None:
        self.opened: dict[str, WorkItem] = {}
        self.updated: dict[str, WorkItem] = {}
        self.closed: list[Closed] = []
        self.jobs: dict[str, Job] = {}
        self.cancelled_jobs: list[str] = []
        self.incidents: dict[str, Incident] = {}
        self.closed_incidents: list[str] = []
        self.decisions: list[DecisionMade] = []
        self.messages: list[Message] = []
        self.signals: list[Signal] = []
        self.visits: list[Visit] = []
        self.entered: list[tuple[str, str]] = []
        self.written: dict[str, dict[str, object]] = {}
        self.closed_scopes: list[str] = []
        self.stage = ""

    def open(self, item: WorkItem) -> None:
        self.opened[item.id] = item

    def close(self, item_id: str, reason: How) -> None:
        self.updated.pop(item_id, None)
        if self.opened.pop(item_id, None) is None:
            self.closed.append(Closed(item_id, reason))

    def start_job(self, job: Job) -> None:
        self.jobs[job.id] = job

    def cancel_job(self, job_id: str) -> None:
        if self.jobs.pop(job_id, None) is None:
            self.cancelled_jobs.append(job_id)

    def open_incident(self, incident: Incident) -> None:
        self.incidents[incident.id] = incident

    def close_incident(self, incident_id: str) -> None:
        if self.incidents.pop(incident_id, None) is None:
            self.closed_incidents.append(incident_id)

    def decided(self, element: ElementInfo, reference: str, result: object, trace: object) -> None:
        self.decisions.append(DecisionMade(element.id, element.process_id, reference, result, trace))

    def visit(self, token: str, element_id: str, process_id: str, entered: datetime, left: datetime, how: How) -> None:
        self.visits.append(Visit(token, element_id, process_id, entered, left, how))

    def write(self, scope: str, values: Mapping[str, object]) -> None:
        self.written.setdefault(scope, {}).update(values)

    def close_scope(self, scope: str) -> None:
        self.closed_scopes.append(scope)
