"""What a running process may be about, seen from here: whoever keeps cases fulfils this port."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from app.audit.services import Actor
from app.core.errors import Refusal


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """What a process and its work items need to know about their subject.

    `variables` holds the names which the dictionary places with the case or its parties (unset ones may be missing);
    `risk` is a rank of `app.workflow.models.RISK_RANKS`; `title` and `title_en` word the subject in lists.
    `people` are those to whom the subject itself is given, such as a case's mediator. `closed` is what people are told
    who would change a subject that takes no change any more.
    """

    variables: Mapping[str, object]
    organisation_id: int
    org_path: str
    sensitivity: str
    risk: int
    title: str
    title_en: str
    type: str
    channel: str
    tier: str
    amount: Decimal | None
    code: str
    closed: Refusal | None = None
    people: frozenset[int] = frozenset()


class Subject(Protocol):
    """The keeper of subjects. Every call is inside the caller's transaction."""

    def lock(self, county_id: int, subject_id: int) -> None:
        """Hold the subject until the transaction ends (`SELECT … FOR UPDATE` in a statement of its own)."""

    def load(self, county_id: int, subject_id: int) -> SubjectFacts:
        """Read the subject as it is now."""

    def hold_free(self, county_id: int, subject_ids: Collection[int]) -> Mapping[int, SubjectFacts]:
        """Hold those of the subjects that nobody else holds, without waiting for anybody, and read them."""

    def open_to(
        self, county_id: int, person_id: int, subject_ids: Collection[int], *, now: datetime
    ) -> Collection[int]:
        """Those of the subjects that the person may see now, and act in."""

    def write(
        self, county_id: int, subject_id: int, changes: Mapping[str, object], *, actor: Actor, now: datetime
    ) -> None:
        """Write names which the dictionary places with the case."""


_subject: Subject | None = None


def use_subject(subject: Subject | None) -> None:
    """Name the keeper of subjects, once, in the factory."""
    global _subject
    _subject = subject


def subject_keeper() -> Subject:
    """The keeper of subjects; a running process with a subject cannot do without."""
    if _subject is None:
        raise RuntimeError("no keeper of subjects was named")
    return _subject
