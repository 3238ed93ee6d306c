"""Which rows of a table may still hold while not everything is known."""

from decimal import Decimal

from app.engine.dmn import parse_decisions, possible_rows
from app.engine.feel import Environment
from tests.unit.engine.dmn.dmn_files import decision, file, table

PAPERS = table(
    ["outcome", "count(visits) > 0"],
    ["paper"],
    [["-", "-", '"form"'], ['"settled"', "", '"agreement"'], ['"failed"', "-", '"notice"'], ["-", "true", '"visit"']],
    policy="COLLECT",
)


def rows(environment: Environment, **known: object) -> list[int]:
    model = parse_decisions(file(decision(PAPERS)))
    return [row.number for row in possible_rows(model, "decision", known, environment)]


def test_what_is_not_known_rules_no_row_out(environment: Environment) -> None:
    assert rows(environment, outcome=None, visits=None) == [1, 2, 3, 4]
    assert rows(environment) == [1, 2, 3, 4]


def test_what_is_known_does(environment: Environment) -> None:
    assert rows(environment, outcome="settled") == [1, 2, 4]
    assert rows(environment, outcome="settled", visits=[]) == [1, 2]
    assert rows(environment, outcome="failed", visits=[Decimal(1)]) == [1, 3, 4]


def test_what_is_no_table_has_none(environment: Environment) -> None:
    assert possible_rows(parse_decisions(file(decision(PAPERS))), "nothing", {}, environment) == []
