"""A quarrel about water between two neighbours, with the real papers of the dispute package."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.audit.services import Actor, Stream
from app.cases.models import Case
from app.cases.queries import case_by_id
from app.cases.services.cases import add_report, close_case, open_case, set_mediator
from app.cases.services.parties import add_party
from app.config import ROOT
from app.core.unit_of_work import run_unit
from app.definitions.services import import_folder
from app.directory.queries import organisations, people_with_role
from app.documents import jobs
from app.workflow import topics
from app.workflow.topics import TopicCall

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
MEDIATOR = Actor("person", 7, "王桂芬")

VALUES: dict[str, object] = {
    "dispute_type": "neighbour",
    "summary": "两家共用水渠，灌溉时争水，已有三日。",
    "agreed_facts": "双方共用村东水渠，\n因放水先后发生争执。",
    "agreement_terms": "一、单日由张家放水，双日由李家放水。\n二、水渠由两家共同清淤。",
    "perform_by": date(2026, 4, 1),
    "amount": Decimal("300.00"),
    "agreement_form": "written",
    "private_note": "张三私下说愿意再让一步",
    "risk_colour": "orange",
    "volume": "张三与李四邻里纠纷",
}


@dataclass(frozen=True)
class Dispute:
    """The case by its key; `case` is the row as it is now."""

    county_id: int
    id: int

    @property
    def case(self) -> Case:
        return case_by_id(self.county_id, self.id)

    @property
    def stream(self) -> Stream:
        return Stream.case(self.county_id, self.id)

    def ask(self, topic: str, values: Mapping[str, object] | None = None, **inputs: object) -> dict[str, Any]:
        """What a diagram does: call a topic for this case, in a unit of its own."""
        jobs.register_topics()
        handler = topics.registered(topic)
        assert handler is not None
        asked = TopicCall(
            county_id=self.county_id,
            subject_id=self.id,
            instance_id=0,
            package="dispute",
            element_id="make_paper",
            process_id="mediation",
            inputs=inputs,
            actor=MEDIATOR,
            now=LATER,
            variables=VALUES if values is None else values,
        )
        return run_unit(lambda: topics.call(handler, asked))


@pytest.fixture
def dispute(county: int) -> Dispute:
    run_unit(lambda: import_folder(county, ROOT / "processes" / "dispute", actor=Actor("system"), now=NOW))

    def make() -> int:
        village = next(one for one in organisations(county, tier="village") if one.kind == "government")
        case = open_case(
            county,
            channel="window",
            kind="dispute",
            summary=str(VALUES["summary"]),
            received_by=village,
            dispute_type="neighbour",
            actor=MEDIATOR,
            now=NOW,
        )
        add_report(case, channel="window", kind="dispute", text="两家争水", actor=MEDIATOR, now=NOW)
        add_party(case, side="applicant", name="张三", values={"phone": "13805711234"}, actor=MEDIATOR, now=NOW)
        add_party(case, side="respondent", name="李四", values={"address": "河畔村12号"}, actor=MEDIATOR, now=NOW)
        mediator = people_with_role(county, "mediator", on=date(2026, 3, 2))[0]
        set_mediator(case, mediator.id, actor=MEDIATOR, now=NOW)
        return case.id

    case_id = run_unit(make)
    run_unit(lambda: close_case(case_by_id(county, case_id), outcome="settled", actor=MEDIATOR, now=NOW))
    return Dispute(county, case_id)
