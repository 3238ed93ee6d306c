"""`flask feel`: expressions tried by hand."""

import re
import sys
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from app.core import clock
from app.definitions.decision_commands import read_inputs
from app.directory.calendars import NationalCalendar
from app.engine.feel import Environment, FeelError, FeelSyntaxError, Run, compile_expression, compile_juel, kind
from app.engine.feel.builtins import STANDARD
from app.engine.feel.text import quoted, string_of
from app.engine.words import sentence

_BINDING = re.compile(r"\s*(?P<name>[^\s\"(){}\[\],:=][^\"(){}\[\],:=]*?)\s*:=")
_HISTORY_LENGTH = 1000

_HELP = {
    "zh": """\
表达式                求值，可以写成几行；空行结束没有写完的表达式
名称 := 表达式        把值记在名称下，名称可以含空格；_ 是上一个值
${…}                  Camunda 7 的表达式
:names                已有的名称
:zh  :en              提示用中文或英文
:quit                 退出""",
    "en": """\
expression            its value; it may go on over several lines, an empty line ends what is not complete
name := expression    keeps the value under the name, which may have spaces; _ is the last value
${…}                  an expression of Camunda 7
:names                the names there are
:zh  :en              sentences in Chinese or English
:quit                 leaves""",
}
_GREETING = {
    "zh": "FEEL（DMN 1.5）。:help 看用法，:quit 退出。",
    "en": "FEEL (DMN 1.5). :help tells how to use it, :quit leaves.",
}
_UNKNOWN_COMMAND = {"zh": "没有这个命令，:help 看用法", "en": "There is no such command; see :help"}


class Unfinished(Exception):
    """The lines so far are the beginning of an expression."""


class FeelSession:
    """What was named so far, and the words that are used. Knows nothing of a terminal."""

    def __init__(
        self,
        names: Mapping[str, object],
        environment: Callable[[], Environment],
        language: str = "zh",
    ) -> None:
        """`environment` is asked for each expression, so that `now()` goes on."""
        self.names = dict(names)
        self.language = language
        self._environment = environment

    def enter(self, text: str, *, complete: bool = False) -> str:
        """Evaluate an expression or a binding, and give the value as FEEL text.

        :param complete: nothing more will come. Otherwise raises Unfinished for the beginning of an expression.
        :raises FeelError: located in `text`.
        """
        bound = _BINDING.match(text)
        start = bound.end() if bound else 0
        try:
            value = self._value(text[start:])
        except FeelError as error:
            if not complete and isinstance(error, FeelSyntaxError) and _at_the_end(error):
                raise Unfinished from None
            raise _moved(error, text, start) from None
        self.names["_"] = value
        if bound:
            self.names[" ".join(bound["name"].split())] = value
        return self.shown(value)

    def command(self, text: str) -> str:
        """What a line such as `:names` answers."""
        match text.strip():
            case ":help":
                return _HELP[self.language]
            case ":names":
                return "\n".join(f"{name} = {self.shown(value)}" for name, value in sorted(self.names.items()))
            case ":zh" | ":en" as command:
                self.language = command[1:]
                return _GREETING[self.language]
        return _UNKNOWN_COMMAND[self.language]

    def explain(self, error: FeelError) -> str:
        """The line that is wrong, a caret below the place, and the sentence."""
        told = sentence(error.code, error.params, self.language)
        if not error.line:
            return told
        line = error.text.split("\n")[error.line - 1].rstrip()
        before = line[: error.column - 1]
        start = max(0, len(before) - 60)
        return f"{line[start : start + 100]}\n{_blank(before[start:])}^\n{told}"

    def shown(self, value: object) -> str:
        """A value as FEEL text; a long one is cut."""
        try:
            told = quoted(value) if isinstance(value, str) else string_of(value, Run(self._environment()))
        except FeelError as error:
            return sentence(error.code, error.params, self.language)
        told = "null" if told is None else told
        return told if len(told) <= 4000 else f"{told[:4000]}… ({kind(value)})"

    def _value(self, text: str) -> object:
        compiled = compile_juel(text) if text.lstrip().startswith(("${", "#{")) else None
        if compiled is None:
            compiled = compile_expression(text, names=self.names)
        return compiled.evaluate(self.names, self._environment())


def _at_the_end(error: FeelSyntaxError) -> bool:
    open_ended = error.code in ("feel_string_not_closed", "feel_comment_not_closed")
    return open_ended or error.offset >= len(error.text.rstrip())


def _moved(error: FeelError, text: str, start: int) -> FeelError:
    """The error with its place in the whole entry."""
    if not start or error.offset < 0:
        return error
    params = {name: value for name, value in error.params.items() if name not in ("text", "line", "column")}
    return type(error)(error.code, offset=error.offset + start, text=text, **params)


def _blank(text: str) -> str:
    """As wide as `text` is on a terminal."""
    return "".join("\t" if one == "\t" else " " * _width(one) for one in text)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


@click.command("feel")
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="The zone of now() and today().")
@click.option("--input", "given", default="{}", help='Names as a JSON object; dates as {"$t": "2026-01-31"}.')
@click.option("--lenient", is_flag=True, help="An unknown name is null, as the standard has it, and no error.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def feel_command(zone: str, given: str, lenient: bool, language: str) -> None:
    """Try FEEL expressions; from a pipe the values are printed line by line, and an error makes the exit code 1."""
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise click.BadParameter(f"there is no zone called {zone}", param_hint="--zone") from None
    calendar = NationalCalendar()

    def environment() -> Environment:
        return Environment(now=clock.now(), zone=place, calendar=calendar, strict=not lenient)

    session = FeelSession(read_inputs(given), environment, language)
    if sys.stdin.isatty():
        click.echo(_GREETING[language])
        _use_history(session)
        _talk(session, input)
    elif _talk(session, _from_pipe):
        raise SystemExit(1)


def _from_pipe(_prompt: str) -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\n")


def _talk(session: FeelSession, ask: Callable[[str], str]) -> bool:
    """Evaluate entry by entry; whether any of them failed. An interrupt forgets what was begun."""
    begun: list[str] = []
    failed = ended = False
    while not ended:
        try:
            line = ask("....> " if begun else "feel> ")
        except KeyboardInterrupt:
            click.echo()
            begun = []
            continue
        except EOFError:
            line, ended = "", True
        if not begun and line.lstrip().startswith(":"):
            if line.strip() == ":quit":
                break
            click.echo(session.command(line))
        elif begun or line.strip():
            begun.append(line)
            try:
                click.echo(session.enter("\n".join(begun).rstrip(), complete=not line.strip()))
            except Unfinished:
                continue
            except FeelError as error:
                click.echo(session.explain(error), err=True)
                failed = True
            begun = []
    return failed


def _use_history(session: FeelSession) -> None:
    """Arrow keys bring back earlier lines, of earlier sessions too; Tab completes names and functions."""
    try:
        import readline
    except ImportError:
        return
    import atexit
    import os

    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "maplebridge"
    file = folder / "feel_history"
    if file.exists():
        readline.read_history_file(file)
    readline.set_history_length(_HISTORY_LENGTH)

    def keep() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        readline.write_history_file(file)

    def complete(text: str, state: int) -> str | None:
        known = sorted({*session.names, *STANDARD})
        return next((one for number, one in enumerate(n for n in known if n.startswith(text)) if number == state), None)

    atexit.register(keep)
    readline.set_completer(complete)
    readline.parse_and_bind("tab: complete")
