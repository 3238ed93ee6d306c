"""The history rows of running processes."""

from collections.abc import Mapping
from typing import Any

from app.audit.services import Stream, record
from app.engine.bpmn.step import DecisionMade, Incident
from app.engine.feel import to_json
from app.workflow.environment import World


def tell(world: World, event: str, payload: Mapping[str, Any], about: Mapping[str, int | str] | None = None) -> None:
    """Add a row to the history of the subject, or of the process itself when it has none."""
    stream = (
        Stream(world.county_id, f"instance:{world.instance_id}")
        if world.subject_id is None
        else Stream.case(world.county_id, world.subject_id)
    )
    record(
        stream,
        event,
        actor=world.actor,
        now=world.now,
        payload=payload,
        about={"instance": world.instance_id} | dict(about or {}),
    )


def shown_values(world: World, values: Mapping[str, object]) -> dict[str, object]:
    """What was entered, as the history keeps it: private names without their values."""
    dictionary = world.dictionary
    shown: dict[str, object] = {}
    for name, value in values.items():
        private = dictionary is not None and name in dictionary and dictionary[name].sensitivity == "private"
        shown[name] = "•••" if private else to_json(value)
    return shown


def tell_decision(world: World, made: DecisionMade, decision_id: int) -> None:
    """Which table in which version gave what."""
    source = world.sources.get(made.decision_ref)
    tell(
        world,
        "decision.made",
        {"decision": made.decision_ref, "release": source.release if source else world.release.number,
         "result": to_json(made.result)},
        {"decision": decision_id},
    )  # fmt: skip


def tell_incident(world: World, incident: Incident, incident_id: int) -> None:
    params = {name: to_json(value) for name, value in incident.params.items()}
    told = {"element": incident.element_id, "name": incident.element_name, "code": incident.code, "params": params}
    tell(world, "incident.opened", told, {"incident": incident_id})
