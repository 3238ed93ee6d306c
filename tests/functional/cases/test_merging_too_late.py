"""A case to be merged into one that was closed meanwhile stands still, and says why in the reader's language."""

import pytest
from flask import Flask

from app.audit.services import SYSTEM
from app.cases.queries import case_by_id
from app.cases.services.cases import close_case
from app.core import clock
from app.core.unit_of_work import run_unit
from app.devdata.cases import Story, answer_tasks, play
from tests.functional.conftest import BrowserAs

QUARREL = ("两家共用水渠，灌溉时争水。", "河畔村3组", "张秀英", "李国强")


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("zh", "不能并入本案自身，也不能并入已办结的纠纷。"),
        ("en", "A case cannot be merged into itself or into one that is closed."),
    ],
)
def test_the_reason_is_told_in_the_readers_language(
    app: Flask, dispute_county: int, browser_as: BrowserAs, language: str, reason: str
) -> None:
    first, second = (run_unit(lambda: play(Story(*QUARREL), now=clock.now())) for _ in range(2))
    answer = {"duplicate_decision": "merge", "merge_into": first.code, "duplicate_note": "同一件事"}

    def decide_too_late() -> None:
        close_case(case_by_id(dispute_county, first.id), outcome="settled", actor=SYSTEM, now=clock.now())
        answer_tasks(case_by_id(dispute_county, second.id), {"judge_duplicates": ("clerk", answer)}, now=clock.now())

    run_unit(decide_too_late)
    page = browser_as("clerk").get(f"/cases/{second.code}", headers={"Accept-Language": language})
    assert reason in page.text
