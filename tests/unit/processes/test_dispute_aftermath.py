"""Tables and papers of a dispute from the first session to the sealed file."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import typst

from app.engine.bpmn.check import WeekCalendar, decide_with, read_folder
from app.engine.feel import Date

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "processes" / "dispute"
PAPERS = ROOT / "documents" / "dispute"
FONTS = ROOT / "app" / "documents" / "fonts"
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
FOLDER = read_folder(PACKAGE)


def decide(reference: str, **facts: object) -> Any:
    assert FOLDER.dictionary is not None
    names: Iterator[str] = iter(FOLDER.dictionary)  # type: ignore[call-overload]
    everything = {**dict.fromkeys(names), "parties": [], **facts}
    return decide_with(FOLDER.decisions, WeekCalendar())(reference, everything, NOW).result


@pytest.mark.parametrize(
    ("facts", "way", "tier", "receiver"),
    [
        ({"tier": "grid", "risk_colour": "green"}, "next_tier", "village", None),
        ({"tier": "village", "risk_colour": "yellow"}, "next_tier", "town", None),
        ({"tier": "town", "risk_colour": "yellow"}, "next_tier", "county", None),
        ({"tier": "town", "risk_colour": "orange"}, "joint", "county", None),
        ({"tier": "village", "risk_colour": "red"}, "joint", "county", None),
        ({"tier": "county", "risk_colour": "yellow"}, "hand_over", None, "court"),
        ({"tier": "county", "dispute_type": "wages"}, "hand_over", None, "arbitration"),
        ({"tier": "village", "dispute_type": "labour"}, "hand_over", None, "arbitration"),
        ({"tier": "village", "mediation_outcome": "withdrawn"}, "close", None, None),
        ({"triage_result": "hand_over", "procedure": "police"}, "hand_over", None, "police"),
        (
            {"triage_result": "hand_over", "procedure": "court", "dispute_type": "wages"},
            "hand_over",
            None,
            "arbitration",
        ),
    ],
)
def test_what_comes_after_a_mediation_that_failed(
    facts: dict[str, object], way: str, tier: str | None, receiver: str | None
) -> None:
    found = decide("next_tier", **{"triage_result": "mediate", "dispute_type": "neighbour", **facts})
    assert (found["escalation_way"], found["next_tier"], found["handover_receiver"]) == (way, tier, receiver)
    assert found["escalation_basis"]


def test_red_is_visited_twice_or_more_whatever_its_kind() -> None:
    for kind in ("consumer", "marriage_family", "wages"):
        for light in (True, False):
            assert len(decide("visit_plan", risk_colour="red", dispute_type=kind, light_file=light)) >= 2
    assert decide("visit_plan", risk_colour="green", dispute_type="consumer", light_file=True) == []


def test_labour_is_told_of_arbitration_before_the_court() -> None:
    labour = [one["code"] for one in decide("remedies", dispute_type="wages")]
    assert "labour_arbitration" in labour
    assert "suit" not in labour
    assert "suit" in [one["code"] for one in decide("remedies", dispute_type="neighbour")]


def test_confirmation_is_open_until_its_last_day_and_never_for_status() -> None:
    facts = {"mediation_outcome": "written", "confirmation_deadline": Date.from_python(date(2026, 3, 2))}
    assert decide("judicial_confirmation", **facts) is True
    assert decide("judicial_confirmation", **facts, status_or_title=True) is False
    assert (
        decide("judicial_confirmation", **{**facts, "confirmation_deadline": Date.from_python(date(2026, 3, 1))})
        is False
    )


def test_after_a_breach_labour_has_ways_of_its_own() -> None:
    agreed = Date.from_python(date(2026, 2, 20))
    late = Date.from_python(date(2026, 2, 10))

    def ways(kind: str, effective: Date) -> set[str]:
        return {
            one["value"]
            for one in decide("breach_remedies", dispute_type=kind, effective_on=effective, confirmation_deadline=late)
        }

    assert {"arbitration_review", "payment_order", "labour_arbitration"} <= ways("wages", agreed)
    assert "arbitration_review" not in ways("wages", late)
    assert ways("neighbour", agreed) == {"urge", "talk_again", "suit"}


def test_what_the_file_needs_follows_from_what_happened() -> None:
    written = decide(
        "required_documents", mediation_outcome="written", outcome="settled", performance_result="performed"
    )
    assert set(written) == {"registration", "rights", "identity", "mediation_record", "agreement", "performance_proof"}
    failed = decide("required_documents", mediation_outcome="not_settled", outcome="failed")
    assert set(failed) == {"registration", "rights", "identity", "mediation_record", "termination"}
    assert decide("required_documents", mediation_outcome="oral", outcome="doorstep_settled", light_file=True) == [
        "mediation_record"
    ]
    represented = decide("required_documents", mediation_outcome="oral", parties=[{"agent": "李小军"}, {"agent": None}])
    assert "authorisation" in represented


def printed(template: str, facts: dict[str, Any]) -> bytes:
    files = {path.name: path.read_bytes() for path in PAPERS.glob("*.typ")}
    files["main"] = files[f"{template}.typ"]
    return bytes(
        typst.compile(
            files,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(facts)},
        )
    )


FULL: dict[str, Any] = {
    "document": {
        "number": "（2026）人调字第12号",
        "made_on": "2026-03-05",
        "qr_svg": "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
    },
    "case": {
        "code": "FX2026-000012-7KQ",
        "title": "张秀英与李国强",
        "committee": "枫源村人民调解委员会",
        "mediator": "陈建国",
    },
    "parties": [
        {"id": "1", "side": "applicant", "name": "张秀英", "age": "67", "identity_tail": "1234"},
        {"id": "2", "side": "respondent", "name": "李国强", "agent": "李小军"},
    ],
    "values": {
        "agreement_terms": "一、加装排水管。\n二、补偿2000元。",
        "responsibility": "各半。",
        "open_points": "树怎么办",
        "perform_by": "2026-04-20",
        "amount": "2000",
        "instalments": [{"due": "2026-03-20", "amount": "1000"}, {"due": "2026-04-20"}],
        "signatures": [{"party": "1", "way": "fingerprint", "signed_on": "2026-03-03"}],
        "remedies": [{"code": "suit", "zh": "可以起诉。"}],
        "mediation_outcome": "not_settled",
        "session_notes": "#panic() $x$ [不是代码]",
        "session_held_at": "2026-03-02T14:05",
        "visits": [{"number": "1", "on": "2026-04-05"}],
    },
    "labels": {"dispute_type": "邻里"},
    "file": {"pages": 7, "items": [{"number": 1, "title": "受理登记表", "date": "2026-03-01", "pages": "1"}]},
}
TEMPLATES = sorted(path.stem for path in PAPERS.glob("*.typ") if path.stem != "base")


@pytest.mark.parametrize("facts", [FULL, {}], ids=["full", "empty"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_paper_prints_full_and_empty(template: str, facts: dict[str, Any], tmp_path: Path) -> None:
    if not any(FONTS.glob("*.ttf")):
        pytest.skip("fonts are not installed: make setup")
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(printed(template, facts))
    with pikepdf.open(paper) as opened:
        assert 1 <= len(opened.pages) <= 3
        title = str(opened.open_metadata().get("dc:title", ""))
    assert title
