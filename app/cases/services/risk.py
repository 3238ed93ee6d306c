"""Judge the risk colour again; its history is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from app.audit.services import Actor, Stream, record
from app.cases.events import CaseMoved
from app.cases.models import Case, RiskRow
from app.cases.services.cases import refuse_if_closed_to_changes
from app.core import events
from app.core.database import db


def set_risk(
    case: Case,
    *,
    colour: str,
    score: Decimal | None,
    reasons: Sequence[Mapping[str, str]],
    actor: Actor,
    now: datetime,
) -> None:
    """Keep a judgement of the colour with its reasons (each {"zh", "en"}) and make it the case's present one."""
    refuse_if_closed_to_changes(case)
    before = case.risk_colour
    db.session.add(
        RiskRow(county_id=case.county_id, case_id=case.id, colour=colour, score=score, reasons=list(reasons), at=now)
    )
    case.risk_colour = colour
    case.risk_reasons = list(reasons)
    db.session.flush()
    record(
        Stream.case(case.county_id, case.id),
        "risk.judged",
        actor=actor,
        now=now,
        payload={
            "before": before,
            "colour": colour,
            "reasons_zh": [reason["zh"] for reason in reasons],
            "reasons_en": [reason["en"] for reason in reasons],
        },
    )
    if colour != before:
        events.publish(CaseMoved(case.county_id, case.id, actor, now))
