"""The world as a process sees it that is only looked at: what nobody asks for is not read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NoReturn
from zoneinfo import ZoneInfo

from app.audit.services import SYSTEM
from app.definitions import queries as definitions
from app.definitions.queries import ReleaseInfo
from app.definitions.rules import Dictionary
from app.directory.calendars import CountyCalendar
from app.engine.bpmn.environment import ElementInfo
from app.engine.findings import EngineError
from app.workflow.environment import World
from app.workflow.ports import SubjectFacts, subject_keeper
from app.workflow.queries import variables_by_scope


@dataclass
class Looked:
    """A process that is looked at; its variables and its subject are read when they are needed, once."""

    county_id: int
    instance_id: int
    subject_id: int | None
    zone: ZoneInfo
    calendar: CountyCalendar
    now: datetime

    @cached_property
    def scopes(self) -> Mapping[str, Mapping[str, object]]:
        return variables_by_scope(self.county_id, self.instance_id)

    @cached_property
    def facts(self) -> SubjectFacts | None:
        return None if self.subject_id is None else subject_keeper().load(self.county_id, self.subject_id)


class Outlook:
    """Fulfils `app.engine.bpmn.environment.Environment` for `Instance.transplant`: nothing is decided or performed."""

    def __init__(self, looked: Looked, release: ReleaseInfo) -> None:
        self.looked = looked
        self.release = release
        self.zone = looked.zone
        self.calendar = looked.calendar

    @cached_property
    def world(self) -> World:
        one = self.looked
        place = one.county_id, one.instance_id, one.subject_id
        return World(*place, self.release, one.scopes, one.facts, one.zone, SYSTEM, one.now)

    @property
    def dictionary(self) -> Dictionary | None:
        return definitions.contents(self.release).dictionary

    def variables(self, scope: str, /) -> Mapping[str, object]:
        return self.world.variables(scope)

    def is_shared(self, name: str, /) -> bool:
        return self.world.is_shared(name)

    def decide(self, reference: str, *, binding: str, version: str | None, variables: Mapping[str, object]) -> NoReturn:
        raise EngineError("decision_unknown", name=reference)

    def serves(self, topic: str, /) -> bool:
        return False

    def perform(self, topic: str, inputs: Mapping[str, object], element: ElementInfo) -> NoReturn:
        raise EngineError("topic_unknown", topic=topic)
