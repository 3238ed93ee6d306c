"""The dispute package's path tests once more: real cases, real tables and service tasks, timers, a real database."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.audit.services import SYSTEM, Actor
from app.cases.services.cases import open_case
from app.cases.services.parties import add_party
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions.services import import_folder
from app.directory.models import Assignment, Organisation
from app.directory.queries import organisations
from app.engine.bpmn.timers import parse_duration
from app.engine.words import sentence
from app.scheduling.jobs import run_due_jobs
from app.workflow import jobs, messaging, queries, services
from app.workflow.commands import Complete
from app.workflow.models import Incident, Instance
from tests.functional.authoring.test_walks import cancel_all, walked

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "processes" / "dispute" / "tests"
ZONE = ZoneInfo("Asia/Shanghai")
LONG_AFTERWARDS = datetime(2027, 1, 1, tzinfo=ZONE)
"""Timers are due that no worker has fired."""

OF_STANDING_ANSWERS = {
    "applicant_agreed_in_writing": "its applicant has agreed before anybody asked",
    "duplicate_merged": "names a case that is not there",
    "failed_then_court": "its papers are there by themselves",
    "neighbour_quarrel_settled": "its papers are there by themselves",
    "next_tier_settles": "its papers are there by themselves",
    "nobody_left_so_appointed": "its list of mediators runs dry",
    "oral_agreement_in_the_village": "its papers are there by themselves",
    "party_unwilling_to_go_on": "its papers are there by themselves",
    "posted_and_claimed": "names a volunteer who is not there",
    "settlement_not_confirmed": "other cases like it are there already",
}
"""Path tests that rest on an invented answer of a service task; the real one leads elsewhere."""


class Player:
    """Plays one path test on a case of its own."""

    def __init__(self, county_id: int, home: Organisation, mediators: list[int], test: dict[str, Any]) -> None:
        self.county_id = county_id
        self.home = home
        self.test = test
        self.names = dict(zip(("7", "9", "5", "8", "11"), map(str, mediators), strict=False))
        self.actor = Actor("person", mediators[-1], "某调解员")
        self.case_id = 0

    def play(self) -> None:
        run_unit(self.register)
        for number, step in enumerate(self.test.get("step", []), 1):
            if step.get("at") != "judge_duplicates":
                self.keep_apart()
            if "at" in step:
                self.complete(number, step)
            elif "message" in step:
                self.send(step)
            elif "wait" in step or "until" in step:
                self.wait(step)
        run_due_jobs()

    def register(self) -> None:
        now = clock.now()
        start = dict(self.test.get("start", {}))
        parties = start.pop("parties", [])
        case = open_case(
            self.county_id,
            channel=start.get("channel", "window"),
            kind=start.get("report_kind", "dispute"),
            summary=start.get("summary", ""),
            place=start.get("place", ""),
            danger=start.get("danger", False),
            received_by=self.home,
            actor=self.actor,
            now=now,
        )
        for one in parties:
            values = {"kind": one.get("kind", "person")}
            side, name = one.get("side", "applicant"), one.get("name", "某人")
            made = add_party(case, side=side, name=name, values=values, actor=self.actor, now=now)
            self.names[one["id"]] = str(made.id)
        services.start_instance(
            self.county_id, "dispute", subject_id=case.id, variables=start, actor=self.actor, now=now
        )
        self.case_id = case.id

    def open_at(self) -> list[str]:
        return sorted(item.element_id for item in queries.open_items(self.county_id, subject_id=self.case_id))

    def complete(self, number: int, step: dict[str, Any]) -> None:
        items = [
            item
            for item in queries.open_items(self.county_id, subject_id=self.case_id)
            if item.element_id == step["at"]
        ]
        assert items, f"step {number}: {step['at']} is not open, but {self.open_at()}"
        item = items[min(step.get("item", 0), len(items) - 1)]
        self._answer(item.id, item.instance_id, self.real(step.get("answer", {})))

    def keep_apart(self) -> None:
        """Cases of one county resemble each other: a clerk keeps them apart."""
        kept = {"duplicate_decision": "keep", "duplicate_note": "不是一回事"}
        found = [
            (item.id, item.instance_id)
            for item in queries.open_items(self.county_id, subject_id=self.case_id)
            if item.element_id == "judge_duplicates"
        ]
        for item_id, instance_id in found:
            self._answer(item_id, instance_id, kept)

    def _answer(self, item_id: int, instance_id: int, values: dict[str, Any]) -> None:
        db.session.rollback()
        command = Complete(item_id, values)
        run_unit(lambda: services.advance(self.county_id, instance_id, command, actor=self.actor, now=clock.now()))

    def send(self, step: dict[str, Any]) -> None:
        run_unit(
            lambda: messaging.send_message(
                self.county_id,
                step["message"],
                subject_id=self.case_id,
                key=self.real(step.get("key")),
                payload=self.real(step.get("payload", {})),
                actor=self.actor,
                now=clock.now(),
            )
        )

    def wait(self, step: dict[str, Any]) -> None:
        """Let the clock run; each timer on the way fires at its own time."""
        until = parse_duration(step["wait"]).after(clock.now(), ZONE) if "wait" in step else step["until"]
        while True:
            due = db.session.scalar(select(Instance.due_at).where(Instance.subject_id == self.case_id))
            db.session.rollback()
            if due is None or due > until:
                break
            clock.advance(max(due - clock.now(), timedelta(0)))
            assert jobs.wake_due() > 0
        clock.advance(until - clock.now())

    def real(self, value: Any) -> Any:
        """The path test's short ids as the ids of real parties and mediators."""
        if isinstance(value, str):
            return self.names.get(value, value)
        if isinstance(value, dict):
            return {name: self.real(one) for name, one in value.items()}
        return [self.real(one) for one in value] if isinstance(value, list) else value


def test_paths_lead_where_they_lead_without_a_database(county: int) -> None:
    began = datetime(2026, 3, 1, tzinfo=ZONE)
    run_unit(lambda: import_folder(county, ROOT / "processes" / "dispute", actor=SYSTEM, now=began))
    home = next(one for one in organisations(county, tier="village") if one.kind == "government")
    holding = select(Assignment.person_id).where(Assignment.role == "mediator").order_by(Assignment.person_id)
    mediators = list(dict.fromkeys(db.session.scalars(holding)))
    wrong, played = [], 0
    for path in sorted(TESTS.glob("*.toml")):
        test = tomllib.loads(path.read_text())
        if test["test"].get("process", "dispute") != "dispute" or path.stem in OF_STANDING_ANSWERS:
            continue
        player = Player(county, home, mediators, test)
        with clock.freeze(test["test"].get("now", datetime(2026, 3, 2, 9, tzinfo=ZONE))):
            try:
                player.play()
                check(player, test.get("expect", {}))
            except AssertionError as error:
                wrong.append(f"{path.stem}: {error}")
        db.session.rollback()
        played += 1
    assert wrong == []
    assert played >= 20
    ended = select(func.count()).where(Instance.package == "dispute", Instance.status == "finished")
    count = db.session.scalar(ended)
    db.session.rollback()
    tally = walked(county, "dispute", "processes/dispute.bpmn#dispute")
    assert tally.counts == {"same": count}, f"what is recorded leads elsewhere: {tally.differing}"
    assert count is not None
    assert count >= 10

    with clock.freeze(LONG_AFTERWARDS):
        cancel_all(county)
        tally = walked(county, "dispute", "processes/dispute.bpmn#dispute", cancelled=1)
    assert tally.counts == {"same": tally.walked}, f"what was broken off leads elsewhere: {tally.differing}"
    assert tally.walked > count + 5


def check(player: Player, expect: dict[str, Any]) -> None:
    incidents = db.session.scalars(select(Incident).where(Incident.subject_id == player.case_id)).all()
    told = [f"{one.element_id}: {sentence(one.code, one.params)}" for one in incidents]
    assert told == [], told
    if "open" in expect:
        assert player.open_at() == sorted(expect["open"]), player.open_at()
    if "finished" in expect:
        status = db.session.scalars(select(Instance.status).where(Instance.subject_id == player.case_id)).one()
        assert (status == "finished") == expect["finished"], status


def test_the_list_of_exceptions_names_tests_that_are_there() -> None:
    assert set(OF_STANDING_ANSWERS) <= {path.stem for path in TESTS.glob("*.toml")}
