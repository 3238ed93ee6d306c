"""Whoever reads a table of the shipped package in English reads what each row says beside its cells in English too."""

from pathlib import Path

import pytest

from app.config import ROOT
from app.engine.dmn import parse_decisions
from app.engine.dmn.metamodel import DecisionNode, DecisionTable

TABLES = sorted((ROOT / "processes" / "dispute").glob("*.dmn"))


@pytest.mark.parametrize("file", TABLES, ids=lambda file: file.stem)
def test_every_remark_of_a_row_has_its_english(file: Path) -> None:
    elements = parse_decisions(file.read_bytes()).definitions.elements
    tables = [one.logic for one in elements if isinstance(one, DecisionNode)]
    rules = [rule for one in tables if isinstance(one, DecisionTable) for rule in one.rules]
    assert rules
    assert [rule.number for rule in rules if rule.annotations and not rule.annotation_en] == []
