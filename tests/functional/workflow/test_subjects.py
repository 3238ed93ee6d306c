"""A process about a case: what is the case's own lives there, and the tasks carry what the inbox sorts by."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from app.audit.services import SYSTEM
from app.cases.models import Case
from app.cases.services.cases import open_case
from app.cases.services.parties import add_party
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions.services import import_folder
from app.directory.queries import organisations
from app.workflow import queries, scopes, services
from app.workflow.commands import Complete
from app.workflow.models import RISK_RANKS, Decision, Incident, Instance, WorkItem, WorkItemCandidate
from app.workflow.services import Outcome
from tests.functional.workflow.errands import CLERK, NOW

ROOT = Path(__file__).parents[3]


@dataclass
class Matter:
    """A wall that keeps the water in, registered in a village."""

    county_id: int
    case_id: int
    started: Outcome

    def case(self) -> Case:
        db.session.expire_all()
        found = db.session.get(Case, (self.county_id, self.case_id))
        assert found is not None
        return found

    def item(self, element: str) -> WorkItem:
        db.session.expire_all()
        return next(
            one for one in queries.open_items(self.county_id, subject_id=self.case_id) if one.element_id == element
        )

    def complete(self, element: str, **values: object) -> Outcome:
        item = self.item(element)
        command = Complete(item.id, values)
        return run_unit(
            lambda: services.advance(self.county_id, self.started.instance_id, command, actor=CLERK, now=NOW)
        )


@pytest.fixture
def matter(county: int) -> Matter:
    run_unit(lambda: import_folder(county, ROOT / "processes" / "dispute", actor=SYSTEM, now=NOW))
    village = next(one for one in organisations(county, tier="village") if one.kind == "government")

    def register() -> Matter:
        case = open_case(
            county, channel="window", kind="dispute", summary="隔壁邻居建围墙挡了排水，门前积水",
            place=village.name_zh, received_by=village, actor=CLERK, now=NOW,
        )  # fmt: skip
        for side, name in (("applicant", "张秀英"), ("respondent", "李国强")):
            add_party(case, side=side, name=name, values={"kind": "person"}, actor=CLERK, now=NOW)
        start = {"registered": True, "summary": "邻居的围墙挡了我家排水"}
        started = services.start_instance(county, "dispute", subject_id=case.id, variables=start, actor=CLERK, now=NOW)
        return Matter(county, case.id, started)

    return run_unit(register)


def test_names_of_the_case_are_kept_on_the_case_and_not_twice(matter: Matter) -> None:
    assert matter.case().summary == "邻居的围墙挡了我家排水"
    stored = {name for kept in db.session.scalars(select(Instance.variables)) for name in scopes.read(kept)[""]}
    assert "registered" in stored
    assert stored.isdisjoint({"summary", "dispute_type", "risk_colour", "parties", "tier"})


def test_decisions_of_the_case_were_made_by_tables_and_explain_themselves(matter: Matter) -> None:
    made = {one.reference: one for one in db.session.scalars(select(Decision))}
    assert {"type", "risk", "procedure", "route"} <= set(made)
    assert all(one.subject_id == matter.case_id and one.table_hash for one in made.values())
    assert made["risk"].trace["required"][0]["tables"], "the table that scores stands below the one that judges"
    assert made["procedure"].trace["tables"][0]["rows"]
    assert db.session.scalars(select(Incident)).all() == []


def test_task_carries_what_the_inbox_sorts_by(matter: Matter) -> None:
    case, item = matter.case(), matter.item("confirm_triage")
    assert (item.org_id, item.org_path, item.sensitivity) == (case.lead_organisation_id, case.org_path, "normal")
    assert item.risk == {"green": 1, "yellow": 2, "orange": 3, "red": 4}[case.risk_colour]
    assert case.title in item.title_zh
    assert item.stage == case.stage == "triage"
    roles = set(db.session.scalars(select(WorkItemCandidate.role).where(WorkItemCandidate.work_item_id == item.id)))
    assert roles == {"dispatcher"}


def test_form_sees_the_case_and_the_process_together(matter: Matter) -> None:
    values = services.form_values(matter.item("confirm_triage"))
    assert values["summary"] == "邻居的围墙挡了我家排水"
    assert values["registered"] is True
    parties = values["parties"]
    assert isinstance(parties, list)
    assert [one["name"] for one in parties] == ["张秀英", "李国强"]


def test_tasks_follow_the_case_when_it_moves(matter: Matter) -> None:
    """Another office takes the case: its open tasks move to that office's people, with their risk and type."""
    before = matter.item("confirm_triage").id
    town = next(one for one in organisations(matter.county_id, tier="town") if one.kind == "government")
    old = set(db.session.scalars(select(WorkItemCandidate.organisation_id)))

    def move() -> None:
        case = matter.case()
        case.lead_organisation_id, case.org_path, case.risk_colour = town.id, town.path, "red"
        db.session.flush()
        services.reassign_candidates(matter.county_id, matter.case_id)

    other_town_case = matter.case().org_path.startswith(town.path)
    run_unit(move)
    after = matter.item("confirm_triage")
    assert after.id == before
    assert (after.org_id, after.org_path, after.risk) == (town.id, town.path, RISK_RANKS["red"])
    new = set(db.session.scalars(select(WorkItemCandidate.organisation_id)))
    assert new == old if other_town_case else new != old


def test_case_goes_its_way_by_its_tasks(matter: Matter) -> None:
    matter.complete("confirm_triage", triage_decision="confirm")
    matter.complete("accept_case", office_answer="accept")
    assert db.session.scalars(select(Incident)).all() == []
    open_now = {one.element_id for one in queries.open_items(matter.county_id, subject_id=matter.case_id)}
    assert "ask_consent" in open_now
    asked = matter.item("ask_consent")
    assert asked.party_id is not None, "the party may answer by their own link"
    assert asked.party_form.startswith("dispute/")
    assert matter.case().stage == "acceptance"
