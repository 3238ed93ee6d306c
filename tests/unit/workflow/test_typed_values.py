"""What comes from outside as a value of a declared name, and is beyond what is kept."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.definitions.rules import Dictionary, Entry, Label
from app.workflow.errors import ValuesWrong
from app.workflow.typed_values import typed_values

DEEP: list[Any] = []
for _ in range(400):
    DEEP = [DEEP]


@pytest.mark.parametrize("value", [[2**70], [[-(2**64)]], DEEP, ["a\0"], [{"a": 2**63}]])
def test_a_list_beyond_measure_is_refused(value: list[Any]) -> None:
    declared = Dictionary({"things": Entry("things", "list", "process", Label("物品", "Things"))})
    with pytest.raises(ValuesWrong):
        typed_values(declared, {"things": value}, ZoneInfo("Asia/Shanghai"))
    assert typed_values(declared, {"things": [1, [2**63 - 1]]}, ZoneInfo("Asia/Shanghai"))
