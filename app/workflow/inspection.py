"""Look at a process that stands still, without holding it: what failed, what it read, what may be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.audit.services import SYSTEM
from app.core.database import db
from app.definitions import queries as definitions
from app.definitions.compiled import Contents
from app.directory import queries as directory
from app.engine.bpmn.inspection import Inspection, inspect
from app.engine.bpmn.instance import Instance as EngineInstance
from app.engine.findings import EngineError
from app.workflow import queries
from app.workflow.environment import World
from app.workflow.models import Incident, Instance
from app.workflow.ports import subject_keeper

ROOT = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A name that the failed element sees: in which scope it stands, and its value; `known` is false where unset."""

    name: str
    scope: str
    value: object
    known: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """An incident with its surroundings; `inspection` is None when the process has ended or cannot be read."""

    incident: Incident
    instance: Instance
    contents: Contents
    inspection: Inspection | None
    layers: tuple[tuple[str, Mapping[str, object]], ...]
    """(scope, its names), the innermost first."""

    def see(self, name: str) -> Seen:
        for scope, layer in self.layers:
            if name in layer:
                return Seen(name, scope, layer[name], True)
        return Seen(name, ROOT, None, False)

    def names(self) -> tuple[str, ...]:
        """Every name that is set where the element stands."""
        return tuple(dict.fromkeys(name for _, layer in self.layers for name in layer))


def stopped_at(incident: Incident, *, now: datetime) -> Stopped:
    """What is known about an incident now."""
    instance = db.session.get_one(Instance, (incident.county_id, incident.instance_id))
    release = definitions.release(incident.county_id, instance.release_id)
    contents = definitions.contents(release)
    facts = None
    if instance.subject_id is not None:
        facts = subject_keeper().load(incident.county_id, instance.subject_id)
    scopes = queries.variables_by_scope(incident.county_id, instance.id)
    zone = directory.zone_of(incident.county_id)
    world = World(incident.county_id, instance.id, instance.subject_id, release, scopes, facts, zone, SYSTEM, now)
    inspection: Inspection | None = None
    ids: tuple[str, ...] = (ROOT,)
    try:
        process = EngineInstance.restore(contents.process(instance.process_id), instance.state, world)
        inspection = inspect(process, incident.token)
        ids = inspection.scopes
    except EngineError:
        pass
    layers = tuple((scope, world.variables(scope)) for scope in ids)
    return Stopped(incident, instance, contents, inspection, layers)
