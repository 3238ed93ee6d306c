"""Play matters from the report to the archive, and keep what they look like on the way: nothing of it stays behind."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BytesIO
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.audit.services import SYSTEM, write_pending
from app.cases.evidence.services import bring_evidence
from app.cases.models import Case
from app.core.database import db
from app.core.locking import write_turn
from app.devdata.cases import as_values, doer_of, open_tasks, take_in, tell, viewer
from app.devdata.copying import Prototype, read_prototype
from app.devdata.county import COUNTY_ID, PEOPLE, person_named
from app.devdata.matters import WELL, Matter
from app.directory import queries as directory
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.engine.feel import Date
from app.intake.services import NewReport
from app.tasks.services import complete_task
from app.workflow import services as workflow
from app.workflow.models import Instance, InstanceStatus, ItemStatus, WorkItem

LIFE = timedelta(days=150)
"""So long ago each matter began: it has come to its end by now."""
KEPT_EACH = 8
"""Of so many tasks on the way one is kept, a different one with each matter; the end always."""
ALWAYS_KEPT = ("seal_agreement", "plan_measures", "give_receipt")
"""Tasks of people who have few others."""
MOST_TASKS = 120
LONGEST_NAME = 3
"""Of a person among the matters; whatever is longer is an organisation."""
_OPENS, _CLOSES = 9, 18
"""Hours of work."""


def play_life(matter: Matter, number: int, *, now: datetime) -> list[Prototype]:
    """The case of a matter as it stood on its way, played in a transaction that is undone."""
    with _undone():
        return list(_Life(matter, number, now=now).stations())


@contextmanager
def _undone() -> Iterator[None]:
    with write_turn(db.engine, write=True):
        try:
            yield
        finally:
            db.session.rollback()
            db.session.remove()


class _Life:
    """One matter: its case, and the moment at which its story is."""

    def __init__(self, matter: Matter, number: int, *, now: datetime) -> None:
        self._matter, self._number, self._now = matter, number, now
        self._chance = Random(number)  # noqa: S311 - invented data
        self._zone = ZoneInfo(directory.county(COUNTY_ID).zone)
        self._moment = now - LIFE - timedelta(days=number % 7)
        self._done: set[str] = set()

    def stations(self) -> Iterator[Prototype]:
        """The case before some of its tasks, and at its end."""
        self._go_on()
        case = self._report()
        for _ in range(MOST_TASKS):
            self._wake(case)
            item = self._next(case)
            if item is None:
                if not self._wait(case):
                    break
                continue
            if item.element_id not in self._done:
                wanted = item.element_id in (*ALWAYS_KEPT, self._matter.kept_at)
                if wanted or (len(self._done) + self._number) % KEPT_EACH == 0:
                    yield self._kept(case)
                self._done.add(item.element_id)
                if self._says(case, item):
                    continue
            self._go_on()
            self._wake(case)
            if db.session.scalar(select(WorkItem.status).where(WorkItem.id == item.id)) == ItemStatus.OPEN:
                self._answer(item)
        yield self._kept(case)

    def _go_on(self) -> None:
        """Some time goes by; people work by day and from Monday to Friday."""
        self._moment += timedelta(minutes=self._chance.randint(30, 300))
        local = self._moment.astimezone(self._zone)
        while not _OPENS <= local.hour < _CLOSES or local.weekday() > 4:
            local = (local + timedelta(days=local.hour >= _OPENS)).replace(
                hour=_OPENS, minute=self._chance.randrange(60)
            )
            self._moment = local.astimezone(self._moment.tzinfo)

    def _report(self) -> Case:
        matter = self._matter
        clerk = viewer("clerk", now=self._moment)
        parties: list[dict[str, Any]] = [
            {"side": side, "name": name, "kind": "person" if len(name) <= LONGEST_NAME else "organisation"}
            for side, name in (("applicant", matter.applicant), ("respondent", matter.respondent))
            if name
        ]
        if matter.age is not None:
            parties[0] |= {"age": matter.age, "guardian_name": matter.guardian}
        new = NewReport(
            channel=matter.channel,
            text=matter.text,
            kind=matter.kind,
            place=matter.place,
            danger=matter.variables.get("danger") is True,
            parties=parties,
            variables=as_values(matter.variables),
        )
        return take_in(new, by=clerk, now=self._moment)

    def _says(self, case: Case, item: WorkItem) -> bool:
        """What comes when this task is open: a piece of evidence, a message; true when the message has been taken."""
        if self._matter.evidence and item.element_id == "investigate_party":
            photo = BytesIO()
            Image.new("RGB", (640, 480), (120 + self._number, 140, 120)).save(photo, "JPEG")
            photo.seek(0)
            upload = FileStorage(photo, f"{self._matter.evidence}.jpg", content_type="image/jpeg")
            who = self._doer(item)
            bring_evidence(case, upload, caption=self._matter.evidence, actor=actor_of(who), now=self._moment)
        if self._matter.message is None or item.element_id != self._matter.upon:
            return False
        tell(case, *self._matter.message, by=viewer("clerk", now=self._moment), now=self._moment)
        return True

    def _next(self, case: Case) -> WorkItem | None:
        """The oldest task with an answer; safety is looked at before it is lifted."""
        found = [item for item in open_tasks(case) if item.element_id in WELL]
        early = {"lift_safety"} if "daily_check" not in self._done else set()
        return next((item for item in found if item.element_id not in early), None)

    def _answer(self, item: WorkItem) -> None:
        login, told = {**WELL, **self._matter.answers}[item.element_id]
        who = viewer(login, now=self._moment) if login else self._doer(item)
        complete_task(item, as_values(told) | self._beside(item), viewer=who, now=self._moment)

    def _beside(self, item: WorkItem) -> dict[str, object]:
        """What is another with each matter: its facts, its money, its days, its mediator."""
        matter = self._matter
        amount = as_values({"amount": matter.amount} if matter.amount else {})
        match item.element_id:
            case "register_report":
                return amount | as_values(matter.facts)
            case "draft_agreement":
                day = (self._moment + timedelta(days=10)).astimezone(self._zone).date()
                return amount | {"perform_by": Date.from_python(day)}
            case "confirm_instalment" if matter.amount:
                return as_values({"performed_amount": matter.amount})
            case "choose_mediator" if matter.mediator:
                return {"chosen_mediator": str(person_named(matter.mediator).id)}
            case "plan_measures":
                return {"safety_keeper": str(person_named("chair").id)}
        return {}

    def _doer(self, item: WorkItem) -> Viewer:
        return doer_of(item, (one.login for one in PEOPLE), now=self._moment)

    def _running(self, case: Case) -> Sequence[tuple[int, datetime | None]]:
        rows = db.session.execute(
            select(Instance.id, Instance.due_at).where(
                Instance.county_id == COUNTY_ID,
                Instance.subject_id == case.id,
                Instance.status == InstanceStatus.RUNNING,
            )
        )
        return [(row.id, row.due_at) for row in rows]

    def _wake(self, case: Case) -> None:
        """Let the timers fire whose time has come."""
        for instance_id, due_at in self._running(case):
            if due_at is not None and due_at <= self._moment:
                workflow.wake(COUNTY_ID, instance_id, actor=SYSTEM, now=self._moment, subject_id=case.id)

    def _wait(self, case: Case) -> bool:
        """On to the next timer; false when there is none before today."""
        due = min((due_at for _, due_at in self._running(case) if due_at is not None), default=None)
        if due is None or due > self._now - timedelta(days=1):
            return False
        self._moment = max(self._moment, due)
        return True

    def _kept(self, case: Case) -> Prototype:
        db.session.flush()
        write_pending(db.session())
        return read_prototype(db.session.connection(), COUNTY_ID, case.id)
