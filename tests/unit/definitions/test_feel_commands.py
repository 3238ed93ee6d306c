"""`flask feel`, from a pipe and in a terminal."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from app.definitions.feel_commands import FeelSession, Unfinished, feel_command
from app.engine.feel import Environment, FeelError

ROOT = Path(__file__).parents[3]
ENVIRONMENT = Environment(now=datetime(2026, 3, 1, 1, 0, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def session() -> FeelSession:
    return FeelSession({"people": 12}, lambda: ENVIRONMENT)


@pytest.fixture
def piped() -> Callable[..., Result]:
    return lambda text, *args: CliRunner().invoke(feel_command, args, input=text)


def test_expressions_and_bindings(session: FeelSession) -> None:
    assert session.enter("people + 1") == "13"
    assert session.enter("_ * 2") == "26"
    assert session.enter('Applicant Name := "张三"') == '"张三"'
    assert session.enter('Applicant Name + "先生"') == '"张三先生"'
    assert session.enter("年龄:=51") == "51"
    assert session.enter("年龄 >= 18") == "true"
    assert session.enter("{a: 1, b: [1, null]}") == "{a: 1, b: [1, null]}"
    assert session.enter("now()") == "2026-03-01T09:00:00@Asia/Shanghai"


def test_an_equals_sign_stays_a_comparison(session: FeelSession) -> None:
    assert session.enter("people = 12") == "true"
    assert session.enter('":= " + "x := 1"') == '":= x := 1"'


def test_expressions_of_camunda_7(session: FeelSession) -> None:
    assert session.enter("${people > 10 && people != 13}") == "true"


@pytest.mark.parametrize(
    "begun",
    ["{a: 1,", "{", "[1, 2", "x := (1 +", "if people > 3 then", "for i in [1, 2] return", '"abc', "/* so", "f(", "1 +",
     "some x in [1] satisfies", "{a:", "function(x", "people between 1 and"],
)  # fmt: skip
def test_what_is_begun_may_go_on(session: FeelSession, begun: str) -> None:
    with pytest.raises(Unfinished):
        session.enter(begun)
    with pytest.raises(FeelError):
        session.enter(begun, complete=True)


def test_the_caret_stands_below_the_place(session: FeelSession) -> None:
    def told(text: str) -> list[str]:
        with pytest.raises(FeelError) as caught:
            session.enter(text)
        return session.explain(caught.value).split("\n")

    assert told("1 + foo") == ["1 + foo", "    ^", "表达式“1 + foo”第 1 行第 5 列：没有名为“foo”的变量"]
    assert told('"张三" + foo')[:2] == ['"张三" + foo', "         ^"]
    assert told("n := 1 + foo")[:2] == ["n := 1 + foo", "         ^"]
    assert told("{a: 1,\n  b: 2 ) }")[:2] == ["  b: 2 ) }", "       ^"]
    session.command(":en")
    assert "there is no variable called" in told("foo")[2]


def test_names_are_told(session: FeelSession) -> None:
    session.enter("x := 1 + 1")
    assert session.command(":names") == "_ = 2\npeople = 12\nx = 2"
    assert ":=" in session.command(":help")
    assert session.command(":nothing") == "没有这个命令，:help 看用法"


def test_a_pipe_gives_values_alone(piped: Callable[..., Result]) -> None:
    done = piped("x := 2\n{\n  a: x,\n  b: a + 1\n}\n\nx ** 10\n")
    assert (done.exit_code, done.output) == (0, "2\n{a: 2, b: 3}\n1024\n")


def test_a_pipe_with_an_error_fails_and_goes_on(piped: Callable[..., Result]) -> None:
    done = piped("1 / nothing\n[1,\n\n1 + 1\n[2", "--language", "en")
    assert done.exit_code == 1
    assert done.stdout == "2\n"
    assert done.stderr.count("^") == 3
    assert "[1,\n   ^\n" in done.stderr


def test_options(piped: Callable[..., Result]) -> None:
    given = '{"people": 3, "born": {"$t": "2000-01-31"}}'
    assert piped('[people, born + duration("P1D")]\n', "--input", given).output == "[3, 2000-02-01]\n"
    assert piped("time offset\n", "--lenient").output == "null\n"
    assert piped("now().timezone\n", "--zone", "Europe/Paris").output == '"Europe/Paris"\n'
    assert piped("1\n", "--zone", "Nowhere/Else").exit_code == 2
    assert piped("1\n", "--input", "[1]").exit_code == 2


def test_working_days_know_the_national_holidays(piped: Callable[..., Result]) -> None:
    assert piped('add working days(date("2024-09-30"), 1)\n').output == "2024-10-08\n"


def test_in_a_terminal_there_is_a_prompt_and_a_history(tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    command = [sys.executable, "-c", "from app.definitions.feel_commands import feel_command; feel_command()"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=os.environ | {"XDG_STATE_HOME": str(tmp_path), "TERM": "dumb", "PYTHONWARNINGS": "ignore"},
    ) as talk:
        os.close(follower)
        os.write(leader, b"{a: 40,\nb: a + 2}.b\n:quit\n")
        shown = b""
        while True:
            try:
                shown += os.read(leader, 4096)
            except OSError:  # the other end is closed
                break
        assert talk.wait(60) == 0, shown
    os.close(leader)
    lines = shown.decode().split()
    assert {"feel>", "....>", "42"} <= set(lines)
    assert "{a: 40," in (tmp_path / "maplebridge" / "feel_history").read_text()
