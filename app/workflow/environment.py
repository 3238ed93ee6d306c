"""The world as the engine asks for it while it runs one step: variables, subject, decisions, service tasks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import DBAPIError

from app.audit.services import Actor
from app.core.database import db
from app.core.errors import Refusal
from app.core.outages import trouble_of
from app.core.translations import chinese_words_of
from app.definitions import queries as definitions
from app.definitions.queries import ReleaseInfo
from app.definitions.rules import Dictionary, PackageSettings
from app.directory.calendars import CountyCalendar
from app.engine import feel
from app.engine.bpmn.environment import ElementInfo
from app.engine.findings import EngineError
from app.workflow import topics
from app.workflow.ports import SubjectFacts, subject_keeper

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DecisionTaken:
    """The outcome of a decision as the engine wants it."""

    result: object
    trace: object


@dataclass(frozen=True, slots=True)
class DecisionSource:
    """Which release answered, and the hash of the file that holds the decision."""

    release: int
    table_hash: str


@dataclass(slots=True)
class World:
    """Everything around one step of one instance. Fulfils `app.engine.bpmn.environment.Environment`."""

    county_id: int
    instance_id: int
    subject_id: int | None
    release: ReleaseInfo
    scopes: Mapping[str, Mapping[str, object]]
    facts: SubjectFacts | None
    zone: ZoneInfo
    actor: Actor
    now: datetime
    sources: dict[str, DecisionSource] = field(default_factory=dict)
    written: dict[str, object] = field(default_factory=dict)
    """Names of the case that were written to it while the step ran."""
    calendar: CountyCalendar = field(init=False)
    dictionary: Dictionary | None = field(init=False)
    settings: PackageSettings = field(init=False)
    case_names: frozenset[str] = field(init=False, default=frozenset())
    """Names that live with the subject, and those of its parties; none when there is no subject."""
    party_names: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        self.calendar = CountyCalendar(self.county_id)
        contents = definitions.contents(self.release)
        self.dictionary, self.settings = contents.dictionary, contents.settings
        if self.subject_id is not None and self.dictionary is not None:
            self.case_names, self.party_names = self.dictionary.case_names, self.dictionary.party_names

    def is_shared(self, name: str, /) -> bool:
        return name in self.case_names

    def variables(self, scope: str, /) -> Mapping[str, object]:
        stored = self.scopes.get(scope, {})
        return _Root(self, stored) if scope == "" else stored

    def decide(
        self, reference: str, *, binding: str, version: str | None, variables: Mapping[str, object]
    ) -> DecisionTaken:
        release = self._release_for(binding, version)
        model, table_hash = definitions.contents(release).decision(reference)
        surroundings = feel.Environment(now=self.now, zone=self.zone, calendar=self.calendar)
        decision = model.decide(reference, variables, surroundings, version=f"{release.number}:{table_hash[:12]}")
        self.sources[reference] = DecisionSource(release.number, table_hash)
        given = _given(model.inputs_of(reference), variables)
        return DecisionTaken(decision.result, decision.trace.to_json() | {"given": given})

    def _release_for(self, binding: str, version: str | None) -> ReleaseInfo:
        if binding == "deployment":
            return self.release
        if binding == "version" and version:
            if not version.isdecimal():
                raise EngineError("release_unknown", version=version)
            return definitions.numbered_release(self.county_id, self.release.package, int(version))
        active = definitions.active_release_id(self.county_id, self.release.package)
        return self.release if active is None else definitions.release(self.county_id, active)

    def serves(self, topic: str, /) -> bool:
        return topics.registered(topic) is not None and self._allows(topic)

    def _allows(self, topic: str) -> bool:
        """A topic is a capability: a package with settings uses those that it names, no others."""
        return topic in self.settings.topics

    def perform(self, topic: str, inputs: Mapping[str, object], element: ElementInfo) -> Mapping[str, object]:
        """Run the handler in a savepoint: its failure undoes its own rows and becomes an incident here."""
        handler = topics.registered(topic)
        if handler is None or not self._allows(topic):
            raise EngineError("topic_unknown", topic=topic)
        if handler.outside:
            raise EngineError("topic_outside", topic=topic)
        self._write_ahead(element.variables)
        return self.run_handler(
            handler, inputs, element_id=element.id, process_id=element.process_id, variables=element.variables
        )

    def _write_ahead(self, seen: Mapping[str, object]) -> None:
        """What this step has written of the case so far: a handler finds it there."""
        if self.facts is None:
            return
        before = self.facts.variables
        self.write_to_subject(
            {name: seen[name] for name in self.case_names if name in seen and seen[name] != before.get(name)}
        )

    def run_handler(
        self,
        handler: topics.Topic,
        inputs: Mapping[str, object],
        *,
        element_id: str,
        process_id: str,
        variables: Mapping[str, object],
        key: str = "",
    ) -> dict[str, object]:
        """Run a handler in a savepoint; what it raises becomes an EngineError, save the database's own troubles."""
        call = topics.TopicCall(
            county_id=self.county_id,
            subject_id=self.subject_id,
            instance_id=self.instance_id,
            package=self.release.package,
            element_id=element_id,
            process_id=process_id,
            inputs=as_feel(inputs),
            variables=variables,
            actor=self.actor,
            now=self.now,
            key=key,
        )
        try:
            with db.session.begin_nested():
                outputs = topics.call(handler, call)
        except EngineError:
            raise
        except Refusal as refusal:
            said = {"reason": str(refusal), "reason_zh": chinese_words_of(refusal)}
            raise EngineError("topic_refused", topic=handler.name, **said) from refusal
        except Exception as error:
            if trouble_of(error) is not None:
                raise
            log.exception("topic.failed", topic=handler.name, element=element_id)
            reason = f"{type(error).__name__}: {_plainly(error)}"[:300]
            raise EngineError("topic_failed", topic=handler.name, reason=reason) from error
        self.refresh()
        return outputs

    def write_to_subject(self, changes: Mapping[str, object]) -> None:
        """Write names of the case now, unless this step has written them with the same value already."""
        if self.subject_id is None:
            return
        fresh = {
            name: value for name, value in changes.items() if name not in self.written or self.written[name] != value
        }
        if not fresh:
            return
        subject_keeper().write(self.county_id, self.subject_id, fresh, actor=self.actor, now=self.now)
        self.written |= fresh
        self.refresh()

    def refresh(self) -> None:
        """Read the subject again: it was written, or a handler may have written it."""
        if self.subject_id is not None:
            self.facts = subject_keeper().load(self.county_id, self.subject_id)


def _given(names: Iterable[str], variables: Mapping[str, object]) -> dict[str, object]:
    """What a decision could read, for whoever decides it again by another table; names without a value are told too."""
    return {name: feel.dump(variables.get(name)) for name in names}


def _plainly(error: Exception) -> str:
    """What an error says to people: of a failing statement the database's own first line, never the statement."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return said.strip().partition("\n")[0]


def as_feel(values: Mapping[str, object]) -> dict[str, object]:
    """The values as FEEL's own, however deep: what subjects and handlers get."""
    return {name: _feel_value(value) for name, value in values.items()}


def _feel_value(value: object) -> object:
    if isinstance(value, Mapping):
        return as_feel(value)
    if isinstance(value, list | tuple):
        return [_feel_value(one) for one in value]
    return feel.native(value)


class _Root(Mapping[str, object]):
    """The root scope: what is stored there, and over it the subject as it is at this moment."""

    def __init__(self, world: World, stored: Mapping[str, object]) -> None:
        self._world = world
        self._stored = stored
        self._of_subject = world.case_names | world.party_names

    def __getitem__(self, name: str) -> object:
        if name in self._of_subject and self._world.facts is not None:
            return self._world.facts.variables.get(name)
        return self._stored[name]

    def __contains__(self, name: object) -> bool:
        return name in self._of_subject or name in self._stored

    def __iter__(self) -> Iterator[str]:
        yield from self._of_subject
        yield from (name for name in self._stored if name not in self._of_subject)

    def __len__(self) -> int:
        return len(self._of_subject | set(self._stored))
