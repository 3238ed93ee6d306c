"""Tokens, and the names with spaces and operators that are in scope (DMN 1.5, 10.3.1.2, 10.3.1.4 and 10.3.1.6)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from app.engine.feel.errors import FeelSyntaxError
from app.engine.feel.limits import MAX_EXPRESSION_CHARACTERS

_SPACE = "\\t-\\r \\x85\\xa0\\u1680\\u180e\\u2000-\\u200b\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
_NAME_START = (
    "?A-Z_a-z\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c-\\u200d\\u2070-\\u218f"
    "\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\U00010000-\\U000effff"
)
_NAME_PART = _NAME_START + "0-9\\xb7\\u0300-\\u036f\\u203f-\\u2040"

_TOKEN = re.compile(
    rf"""
    (?P<space>(?:[{_SPACE}]|//[^\n]*|/\*.*?\*/)+)
  | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<name>(?![{_SPACE}])[{_NAME_START}](?:(?![{_SPACE}])[{_NAME_PART}])*)
  | (?P<string>"[^"\\]*(?:\\.[^"\\]*)*")
  | (?P<symbol>\.\.|\*\*|<=|>=|!=|->|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}
_SURROGATES = re.compile("[\ud800-\udfff]+")


_FULL_WIDTH = re.compile("[（），“”‘’＂＞＜＝：！＋－＊／［］｛｝【】、。；≥≤≠×÷]")


def full_width_symbol(text: str) -> str | None:
    """The first symbol in `text` that was meant to be an operator or a quote, but typed in full width."""
    match = _FULL_WIDTH.search(text)
    return None if match is None else match[0]


class Kind(Enum):
    NAME = auto()
    NUMBER = auto()
    STRING = auto()
    SYMBOL = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    start: int
    end: int


_KINDS = {"number": Kind.NUMBER, "name": Kind.NAME, "string": Kind.STRING, "symbol": Kind.SYMBOL}


def tokenize(text: str) -> list[Token]:
    """The tokens of `text`, with an END token behind them; raises FeelSyntaxError for an unclosed string or comment."""
    if len(text) > MAX_EXPRESSION_CHARACTERS:
        raise FeelSyntaxError("feel_expression_too_long", text=text[:200], offset=0, limit=MAX_EXPRESSION_CHARACTERS)
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        group = match.lastgroup or "symbol"
        if group == "space":
            continue
        token = Token(_KINDS[group], match.group(), match.start(), match.end())
        if token.text == '"':
            raise FeelSyntaxError("feel_string_not_closed", text=text, offset=token.start)
        if token.text == "/" and text.startswith("/*", token.start):
            raise FeelSyntaxError("feel_comment_not_closed", text=text, offset=token.start)
        tokens.append(token)
    tokens.append(Token(Kind.END, "", len(text), len(text)))
    return tokens


def unescape(quoted: str) -> str:
    """The value of a string literal given with its quotes (rules 33 and 64)."""
    body = quoted[1:-1]
    if "\\" not in body:
        return body
    body = _ESCAPE.sub(_unescaped, body)
    return _SURROGATES.sub(lambda pairs: pairs[0].encode("utf-16", "surrogatepass").decode("utf-16", "replace"), body)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        point = int(code[1:], 16)
        return chr(point) if point <= 0x10FFFF else match[0]
    return _ESCAPED.get(code, match[0])


def normalized(name: str) -> str:
    """A name with every run of white space as one space."""
    return " ".join(re.split(f"[{_SPACE}]+", name.strip()))


_MAX_NAME_TOKENS = 32

Key = tuple[str, ...]


class NameIndex:
    """Names that a plain word token does not cover, found by longest match over tokens; white space is no token."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, dict[Key, str]] = {}
        self._lengths: dict[str, list[int]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> bool:
        """Make `name` known; false when it was, when it is a single word that needs no help, or beyond reason."""
        if name.isidentifier():
            return False
        try:
            tokens = tokenize(name)[:-1]
        except FeelSyntaxError:
            return False
        if not 2 <= len(tokens) <= _MAX_NAME_TOKENS:
            return False
        first, key = tokens[0].text, _key(tokens)
        names = self._by_first.setdefault(first, {})
        if key in names:
            return False
        names[key] = normalized(name)
        if len(key) not in self._lengths.setdefault(first, []):
            self._lengths[first] = sorted([*self._lengths[first], len(key)], reverse=True)
        return True

    def remove(self, name: str) -> None:
        tokens = tokenize(name)[:-1]
        self._by_first[tokens[0].text].pop(_key(tokens), None)

    def longest(self, tokens: list[Token], index: int) -> tuple[str, int] | None:
        """The longest known name that begins at `index`, and the index behind it."""
        names = self._by_first.get(tokens[index].text)
        if not names:
            return None
        for length in self._lengths[tokens[index].text]:
            name = names.get(_key(tokens[index : index + length]))
            if name is not None:
                return name, index + length
        return None


def _key(tokens: list[Token]) -> Key:
    return tuple(token.text for token in tokens)


def is_plain_name(text: str) -> bool:
    """Whether `text` is a name of words alone, which needs no quotes as a key."""
    try:
        tokens = tokenize(text)[:-1]
    except FeelSyntaxError:
        return False
    words = all(token.kind in (Kind.NAME, Kind.NUMBER) for token in tokens)
    return bool(tokens) and words and tokens[0].kind is Kind.NAME and text == " ".join(t.text for t in tokens)
