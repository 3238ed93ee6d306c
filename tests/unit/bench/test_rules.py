"""The benchmark of decisions: tables that are what they are said to be, and figures that hold together."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.bench import rule_peers, rules
from app.bench.commands import bench_cli
from app.bench.rule_tables import DECISION, Table, make_table
from app.engine.dmn import parse_decisions
from app.engine.feel import Environment, compile_expression

ENVIRONMENT = Environment(now=datetime(2026, 1, 1, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def large() -> Table:
    return make_table(300, 60, seed=7)


def test_a_seed_makes_one_table(large: Table) -> None:
    assert make_table(300, 60, seed=7).dmn() == large.dmn()
    assert make_table(300, 60, seed=8).dmn() != large.dmn()


def test_eighty_per_cent_are_empty_and_the_others_are_shared(large: Table) -> None:
    cells = [cell for row in large.rows for cell in row]
    filled = [cell.text for cell in cells if cell]
    assert len(cells) == 18_000
    assert 0.78 < 1 - len(filled) / len(cells) < 0.82
    assert len(set(filled)) == 200


@pytest.mark.parametrize("seed", range(5))
def test_the_row_that_is_meant_is_hit(seed: int) -> None:
    table = make_table(40, 8, seed=seed)
    made = parse_decisions(table.dmn()).decide(DECISION, table.given, ENVIRONMENT)
    assert (made.result, [row.number for row in made.trace.rows]) == (table.hit, [table.hit])


def test_conditions_as_whole_expressions_say_the_same() -> None:
    table = make_table(40, 8, seed=1)
    first = next(
        output
        for texts, output in table.expressions()
        if all(compile_expression(text).evaluate(table.given, ENVIRONMENT) is True for text in texts)
    )
    assert first == table.hit


def test_the_command_tells_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_peers, "PEERS", {"zen-engine": rule_peers.ZenEngine})
    app = Flask("commands")
    app.cli.add_command(bench_cli)
    done = app.test_cli_runner().invoke(args=["bench", "rules", "--json", "--rounds", "1", "--seed", "5"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert (told["seed"], told["rounds"]) == (5, 1)
    assert {"condition_us", "table_20_ms", "table_300_ms", "compile_300_ms", "lint_300_ms"} <= set(told)
    for figure, limit in told["limits"].items():
        assert 0 < told[figure] < limit * 20
    zen = told["peers"]["zen-engine"]
    if zen["installed"]:
        assert told["ratios"]["zen-engine"]["table_300_ms"] == pytest.approx(
            zen["table_300_ms"] / told["table_300_ms"], rel=0.01
        )
    else:
        assert "zen-engine is not installed" in rules.as_text(told)


def test_a_wrong_answer_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    class Careless(rule_peers.BkflowFeel):
        def __init__(self) -> None:
            self._parse = lambda text, given: True

    monkeypatch.setattr(rules, "installed", lambda: {"careless": (Careless(), "1")})
    with pytest.raises(rules.Wrong, match="careless: 1 instead of 15"):
        rules.measure(rounds=1)
