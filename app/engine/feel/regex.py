"""XPath regular expressions (DMN 1.5, 10.3.4.3; XPath and XQuery Functions 3.1, 5.6) in linear time, on RE2.

Refused, because no linear-time engine has them: back-references, except those to a group of fixed text, which are
written out. Character class subtraction is rewritten.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import re2

from app.engine.feel.environment import Run
from app.engine.feel.errors import FeelError
from app.engine.feel.regex_classes import CharacterClass, PatternError, escape_outside_class, without_spaces

_FLAGS = frozenset("smixq")
_MAX_PATTERN = 10_000
_MAX_MEMORY = 2**21
"""Bytes that one compiled pattern may take."""
_FIXED = re.compile(r"[^\\()\[\]{}|?*+.^$]*")
_REPLACEMENT = re.compile(r"\\([\\$])|\$(\d)|([^\\$]+)|(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern."""

    program: "re2._Regexp"
    groups: int

    def occurs_in(self, text: str) -> bool | None:
        try:
            return self.program.search(text) is not None
        except UnicodeEncodeError:
            return None

    def replace(self, run: Run, text: str, replacement: str) -> str | None:
        """Null when the replacement is malformed or the pattern matches the empty string."""
        parts = _parse_replacement(replacement, self.groups)
        if parts is None or self.program.search("") is not None:
            return None
        pieces: list[str] = []
        end = size = 0
        try:
            for match in self.program.finditer(text):
                run.charge(1 + (len(text) - end) // 4096)
                pieces.append(text[end : match.start()])
                pieces.extend(part if isinstance(part, str) else (match.group(part) or "") for part in parts)
                end = match.end()
                size += sum(map(len, pieces[-len(parts) - 1 :]))
                if size > run.limits.characters:
                    run.characters(size)
        except UnicodeEncodeError:
            return None
        pieces.append(text[end:])
        return "".join(pieces)

    def split(self, run: Run, text: str) -> list[object] | None:
        """Null when the pattern matches the empty string."""
        if self.program.search("") is not None:
            return None
        pieces: list[object] = []
        end = 0
        try:
            for match in self.program.finditer(text):
                run.charge(1 + (len(text) - end) // 4096)
                pieces.append(text[end : match.start()])
                end = match.end()
                if len(pieces) > run.limits.items:
                    run.items(len(pieces))
        except UnicodeEncodeError:
            return None
        pieces.append(text[end:])
        return pieces


def compiled(run: Run, pattern: str, flags: str) -> Pattern | None:
    """The pattern; null, in a strict environment an error, when it is malformed or not supported."""
    found = _compiled(pattern, flags)
    if found is None and run.environment.strict:
        raise FeelError("feel_pattern_refused", pattern=pattern[:100])
    return found


@lru_cache(maxsize=128)
def _compiled(pattern: str, flags: str) -> Pattern | None:
    if len(pattern) > _MAX_PATTERN or not _FLAGS.issuperset(flags):
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    try:
        translated, groups = (re2.escape(pattern), 0) if "q" in flags else _Translator(pattern, flags).translate()
        prefix = "".join(flag for flag in "im" if flag in flags)
        program = re2.compile(f"(?{prefix}){translated}" if prefix else translated, options)
    except (PatternError, re2.error, UnicodeEncodeError):
        return None
    return Pattern(program, groups)


def _parse_replacement(text: str, groups: int) -> list[str | int] | None:
    parts: list[str | int] = []
    for match in _REPLACEMENT.finditer(text):
        escaped, group, plain, wrong = match.groups()
        if wrong is not None:
            return None
        if group is not None:
            if int(group) <= groups:
                parts.append(int(group))
        else:
            parts.append(escaped or plain)
    return parts


class _Translator:
    """Rewrites an XPath pattern for RE2; raises PatternError where it cannot."""

    def __init__(self, pattern: str, flags: str) -> None:
        self._pattern = without_spaces(pattern) if "x" in flags else pattern
        self._position = 0
        self._dot = "(?s:.)" if "s" in flags else r"[^\n\r]"
        self._groups = 0
        self._open: list[tuple[int, int]] = []
        self._fixed: dict[int, str] = {}
        self._written_out = 0

    def translate(self) -> tuple[str, int]:
        pieces: list[str] = []
        pattern = self._pattern
        while self._position < len(pattern):
            character = pattern[self._position]
            if character == "\\":
                if pattern[self._position + 1 : self._position + 2] in tuple("123456789"):
                    pieces.append(self._reference())
                    continue
                piece, self._position = escape_outside_class(pattern, self._position)
                pieces.append(piece)
                continue
            if character == "[":
                piece, self._position = CharacterClass.parse(pattern, self._position)
                pieces.append(piece)
                continue
            self._position += 1
            if character == "(":
                self._open_group()
            elif character == ")":
                self._close_group()
            elif character == "|" and not self._open:
                self._fixed.clear()
            elif character in "]}":
                raise PatternError("unescaped bracket")
            elif character == "{":
                piece = self._quantity()
                pieces.append(piece)
                continue
            pieces.append(self._dot if character == "." else character)
        return "".join(pieces), self._groups

    def _open_group(self) -> None:
        if self._pattern.startswith("?", self._position):
            if not self._pattern.startswith("?:", self._position):
                raise PatternError("only (?: is known")
            self._open.append((0, self._position))
            return
        self._groups += 1
        self._open.append((self._groups, self._position))

    def _close_group(self) -> None:
        """Remember the text of a group that always takes part and can only match that text."""
        if not self._open:
            raise PatternError("no group to close")
        number, start = self._open.pop()
        text = self._pattern[start : self._position - 1]
        quantified = self._pattern[self._position : self._position + 1] in tuple("?*+{")
        if number and not self._open and not quantified and _FIXED.fullmatch(text):
            self._fixed[number] = text

    def _reference(self) -> str:
        number = int(self._pattern[self._position + 1])
        if number not in self._fixed or self._pattern[self._position + 2 : self._position + 3].isdigit():
            raise PatternError("back-reference")
        self._position += 2
        self._written_out += len(self._fixed[number])
        if self._written_out > _MAX_PATTERN:
            raise PatternError("too long when written out")
        return f"(?:{self._fixed[number]})"

    def _quantity(self) -> str:
        match = re.compile(r"\d+(?:,\d*)?\}").match(self._pattern, self._position)
        if match is None:
            raise PatternError("malformed quantity")
        self._position = match.end()
        return "{" + match.group()
