"""What happened to a case, told inside the transaction."""

from dataclasses import dataclass
from datetime import datetime

from app.audit.services import Actor


@dataclass(frozen=True, slots=True)
class CaseEvent:
    county_id: int
    case_id: int
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class CaseOpened(CaseEvent):
    pass


@dataclass(frozen=True, slots=True)
class CaseMoved(CaseEvent):
    """The lead office, the sensitivity, the risk colour or the type changed: copies of them must follow."""


@dataclass(frozen=True, slots=True)
class CaseClosed(CaseEvent):
    outcome: str
