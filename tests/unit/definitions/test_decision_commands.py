"""`flask decisions …` on files, without a database."""

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app.definitions.decision_commands import decisions_cli
from tests.unit.engine.dmn.dmn_files import decision, file, table

CASES = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <modelName>tier.dmn</modelName>
  <testCase id="001"><inputNode name="people"><value xsi:type="xsd:decimal">12</value></inputNode>
    <resultNode name="tier"><expected><value>county</value></expected></resultNode></testCase>
  <testCase id="002"><inputNode name="people"><value xsi:type="xsd:decimal">2</value></inputNode>
    <resultNode name="tier"><expected><value>{second}</value></expected></resultNode></testCase>
</testCases>"""


@pytest.fixture
def runner() -> FlaskCliRunner:
    app = Flask("commands")
    app.cli.add_command(decisions_cli)
    return app.test_cli_runner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [["> 10", '"county"'], ["<= 10", '"town"']]
    (tmp_path / "tier.dmn").write_bytes(file(decision(table(["people"], ["r"], rows), id="tier", name_en="Tier")))
    return tmp_path


def test_conformance_passes(runner: FlaskCliRunner, folder: Path) -> None:
    (folder / "tier-test-01.xml").write_text(CASES.format(second="town"))
    done = runner.invoke(args=["decisions", "tck", str(folder.parent), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output) == {"cases": 2, "passed": 2, "failed": []}


def test_conformance_names_what_failed(runner: FlaskCliRunner, folder: Path) -> None:
    (folder / "tier-test-01.xml").write_text(CASES.format(second="village"))
    done = runner.invoke(args=["decisions", "tck", str(folder), "--json"])
    assert done.exit_code == 1
    (failure,) = json.loads(done.output)["failed"]
    assert (failure["folder"], failure["case"], failure["node"]) == (folder.name, "002", "tier")
    assert (failure["expected"], failure["got"]) == ("'village'", "'town'")


def test_conformance_of_nothing_is_no_success(runner: FlaskCliRunner, tmp_path: Path) -> None:
    assert runner.invoke(args=["decisions", "tck", str(tmp_path)]).exit_code == 1


def test_check_reads_the_dictionary_beside_the_file(runner: FlaskCliRunner, folder: Path) -> None:
    path = folder / "tier.dmn"
    assert runner.invoke(args=["decisions", "check", str(path)]).exit_code == 0
    entry = '[persons]\ntype = "number"\nsource = "process"\nlabel = { zh = "人数", en = "People" }\n'
    (folder / "data.toml").write_text(entry)
    done = runner.invoke(args=["decisions", "check", str(path), "--language", "en"])
    assert done.exit_code == 1
    assert "error: “people” in “people” is not in the dictionary" in done.output


def test_check_tells_a_broken_file(runner: FlaskCliRunner, tmp_path: Path) -> None:
    path = tmp_path / "broken.dmn"
    path.write_text("<definitions>")
    done = runner.invoke(args=["decisions", "check", str(path)])
    assert done.exit_code == 1
    assert "错误" in done.output


def test_eval_gives_result_and_reasons(runner: FlaskCliRunner, folder: Path) -> None:
    args = ["decisions", "eval", str(folder / "tier.dmn"), "--decision", "tier", "--input", '{"people": 12}']
    assert runner.invoke(args=args).output == '"county"\n'
    explained = runner.invoke(args=[*args, "--trace"]).output
    assert "第 1 行命中：people > 10" in explained


def test_eval_tells_what_is_missing(runner: FlaskCliRunner, folder: Path) -> None:
    path = str(folder / "tier.dmn")
    done = runner.invoke(args=["decisions", "eval", path, "--decision", "tier", "--language", "en"])
    assert done.exit_code == 1
    assert "tier.dmn:3: " in done.output
    assert "people" in done.output
    assert runner.invoke(args=["decisions", "eval", path, "--decision", "no"]).exit_code == 1
    assert runner.invoke(args=["decisions", "eval", path, "--decision", "tier", "--input", "["]).exit_code == 2
