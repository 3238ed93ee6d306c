"""A dictionary and a form of a quarrel about water, as a process owner draws them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.definitions.rules import Dictionary, read_dictionary
from app.engine.feel import Environment

DATA = """
[dispute_type]
type = "text"
form = true
label = { zh = "纠纷类型", en = "Dispute type" }
values = [ { value = "neighbour", zh = "邻里", en = "Neighbours" }, { value = "wages", zh = "拖欠工资", en = "Wages" } ]
[summary]
type = "text"
form = true
label = { zh = "事由", en = "Summary" }
[amount]
type = "number"
form = true
label = { zh = "涉及金额", en = "Amount" }
[group_talk]
type = "boolean"
form = true
label = { zh = "是否群体性", en = "Group matter" }
[happened_on]
type = "date"
form = true
label = { zh = "发生日期", en = "Happened on" }
[session_at]
type = "date_time"
form = true
label = { zh = "调解时间", en = "Session" }
[wishes]
type = "list"
form = true
label = { zh = "诉求", en = "Wishes" }
values = [ { value = "apology", zh = "道歉", en = "Apology" }, { value = "money", zh = "赔偿", en = "Money" } ]
[witnesses]
type = "list"
form = true
label = { zh = "证人", en = "Witnesses" }
[place]
type = "context"
form = true
label = { zh = "地点", en = "Place" }
[photos]
type = "list"
form = true
label = { zh = "照片", en = "Photos" }
[identity]
type = "text"
form = true
label = { zh = "身份证号", en = "Identity number" }
[risk_colour]
type = "text"
label = { zh = "风险等级", en = "Risk" }
values = [ { value = "red", zh = "红", en = "Red" } ]
[candidates]
type = "list"
label = { zh = "候选调解员", en = "Candidates" }
[mediator]
type = "text"
form = true
label = { zh = "调解员", en = "Mediator" }
"""


@pytest.fixture(scope="session")
def dictionary() -> Dictionary:
    return read_dictionary(DATA.encode())


@pytest.fixture
def environment() -> Environment:
    return Environment(now=datetime(2026, 3, 2, 1, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))


def form(*components: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "default",
        "schemaVersion": 19,
        "id": "water",
        "components": [{"id": f"c{number}", **each} for number, each in enumerate(components)],
    }


SUMMARY = {
    "type": "textarea",
    "key": "summary",
    "label": "事由",
    "properties": {"label.en": "Summary"},
    "validate": {"required": True, "minLength": 4},
}
TYPE = {"type": "select", "key": "dispute_type", "label": "纠纷类型", "validate": {"required": True}}
AMOUNT = {
    "type": "number",
    "key": "amount",
    "label": "欠薪金额",
    "properties": {"label.en": "Unpaid wages"},
    "decimalDigits": 2,
    "validate": {"required": True, "min": 0, "max": 1000000},
    "conditional": {"hide": '= dispute_type != "wages"'},
}
WITNESSES = {
    "type": "dynamiclist",
    "path": "witnesses",
    "label": "证人",
    "defaultRepetitions": 1,
    "components": [
        {"type": "textfield", "id": "w1", "key": "name", "label": "姓名", "validate": {"required": True}},
        {"type": "checkbox", "id": "w2", "key": "minor", "label": "未成年"},
        {
            "type": "textfield",
            "id": "w3",
            "key": "guardian",
            "label": "监护人",
            "validate": {"required": True},
            "conditional": {"hide": "= minor != true"},
        },
    ],
}
