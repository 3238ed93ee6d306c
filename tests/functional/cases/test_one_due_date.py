"""A task says on every page alike how long there is until it is due."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.cases.models import Case
from app.cases.rules import end_of_day, local_day
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs

ZONE = "Asia/Shanghai"
CHIP = re.compile(r"(今天到期|(?:剩|超期) \d+ 个(?:工作日|自然日))</span>")


def chips(html: Any) -> list[str]:
    return CHIP.findall(str(html))


@pytest.mark.parametrize("days", [-3, 0, 17, 70])
def test_inbox_task_case_and_search_tell_the_same(
    app: Flask, played_county: int, browser_as: BrowserAs, days: int
) -> None:
    case, item = db.session.execute(
        select(Case, WorkItem)
        .join(WorkItem, (WorkItem.county_id == Case.county_id) & (WorkItem.subject_id == Case.id))
        .where(Case.summary.like("村口承包鱼塘%"), WorkItem.status == "open")
    ).one()
    code, item_id = case.code, item.id
    due_at = end_of_day(local_day(clock.now(), ZONE) + timedelta(days=days), ZONE)
    db.session.remove()
    run_unit(lambda: db.session.execute(update(WorkItem).where(WorkItem.id == item_id).values(due_at=due_at)))
    dispatcher = browser_as("dispatcher")
    told = {
        address: chips(dispatcher.get(address).text)
        for address in (
            f"/tasks/?tab=team&q={code}",
            f"/tasks/{item_id}?tab=team&q={code}",
            f"/cases/{code}",
            f"/search?q={code}",
        )
    }
    assert all(told.values()), told
    assert len({one for found in told.values() for one in found}) == 1, told
