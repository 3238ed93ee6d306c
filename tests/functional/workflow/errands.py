"""Errands: small processes, and service tasks that note what they were asked."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from app.audit.services import Actor
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.workflow import scopes
from app.workflow.commands import Command, Complete
from app.workflow.models import Instance
from app.workflow.services import Outcome, advance, start_instance
from app.workflow.topics import TopicCall

PACKAGES = Path(__file__).parents[2] / "packages"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLERK = Actor("person", 7, "周芳")


@dataclass
class Errands:
    """The county's errands: starts them, does their tasks, knows what the service tasks were asked."""

    county_id: int
    town_id: int
    noted: list[TopicCall] = field(default_factory=list)
    sent: list[TopicCall] = field(default_factory=list)
    fail_with: Exception | None = None

    def start(self, process: str = "errand", now: datetime = NOW, **variables: object) -> Outcome:
        return run_unit(
            lambda: start_instance(
                self.county_id,
                "errand",
                process,
                organisation_id=self.town_id,
                variables=variables,
                actor=CLERK,
                now=now,
            )
        )

    def move(self, instance_id: int, command: Command, now: datetime = NOW, actor: Actor = CLERK) -> Outcome:
        return run_unit(lambda: advance(self.county_id, instance_id, command, actor=actor, now=now))

    def complete(self, outcome: Outcome, now: datetime = NOW, actor: Actor = CLERK, **values: object) -> Outcome:
        return self.move(outcome.instance_id, Complete(outcome.opened[0], values), now=now, actor=actor)

    def note(self, call: TopicCall) -> dict[str, object]:
        if self.fail_with is not None:
            raise self.fail_with
        self.noted.append(call)
        return {"noted": f"noted {call.inputs['what']}"}

    def send(self, call: TopicCall) -> dict[str, object]:
        self.sent.append(call)
        if self.fail_with is not None:
            raise self.fail_with
        return {"noted": f"sent {call.inputs['what']}"}


def stored(name: str) -> list[object]:
    """What the instances keep under a name in their root scopes; one that does not keep it is left out."""
    kept = db.session.scalars(select(Instance.variables).order_by(Instance.id))
    roots = [scopes.read(one).get("", {}) for one in kept]
    return [root[name] for root in roots if name in root]
