"""An English word that Chinese says in several ways reads right on each page."""

import pytest

from app.core.database import db
from app.devdata.county import person_named
from app.directory.queries import organisation_by_code
from tests.functional.conftest import BrowserAs

CHINESE = {"Accept-Language": "zh"}


@pytest.mark.parametrize(
    ("where", "said", "unsaid"),
    [
        ("/administration/offices/{office}", ["变更记录", ">名称<", ">电话<"], ["事情经过", "姓名", "手机号"]),
        ("/administration/people/{person}", ["变更记录", ">姓名<", ">电话<"], ["事情经过", "姓名或名称"]),
        ("/administration/people/{person}/edit", [">姓名<", ">英文姓名<"], ["姓名或名称"]),
        ("/administration/people", ["不限"], ["请选择"]),
        ("/administration/registers/tag", ["变更记录", ">名称<"], ["事情经过", "姓名"]),
        ("/administration/import", ["变更记录"], ["事情经过"]),
        ("/administration/access", [">人员<"], [">个人<"]),
        ("/administration/calendar?year=2026", ["变更记录", "上一年"], ["事情经过", "上一页"]),
    ],
)
def test_a_word_reads_right_on_the_page_that_says_it(
    dispute_county: int, browser_as: BrowserAs, where: str, said: list[str], unsaid: list[str]
) -> None:
    office = organisation_by_code(1, "330681101201")
    assert office is not None
    address = where.format(office=office.id, person=person_named("mediator").id)
    db.session.remove()
    answer = browser_as("admin").get(address, headers=CHINESE)
    assert answer.status_code == 200, address
    words = answer.text[answer.text.index('id="main"') :].replace("<span", "<").replace("\n", "")
    assert [one for one in said if one not in words] == []
    assert [one for one in unsaid if one in words] == []
