"""Where the parser is in the tokens, and how names are read there (DMN 1.5, 10.3.1.4 and 10.3.1.6)."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import NoReturn

from app.engine.feel.errors import FeelSyntaxError
from app.engine.feel.lexer import Kind, NameIndex, Token, full_width_symbol, normalized, tokenize
from app.engine.feel.limits import MAX_NESTING

AFTER_EXPRESSION = frozenset(
    {"and", "or", "in", "between", "instance", "then", "else", "return", "satisfies", "external"}
)
"""Words that end a name of several undeclared words, because they may follow an expression."""


class Cursor:
    """A place in the tokens of one text.

    `names` are the declared names in scope, `functions` the names of functions that a plain run of words would not
    cover.
    """

    def __init__(self, text: str, names: Iterable[str] = (), functions: NameIndex | None = None) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.position = 0
        self.names = NameIndex(names)
        self.functions = functions or NameIndex()
        self._depth = 0
        self.in_range = False

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def peek(self, ahead: int) -> Token:
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def at(self, kind: Kind) -> bool:
        return self.token.kind is kind

    def at_symbol(self, symbol: str) -> bool:
        token = self.token
        return token.text == symbol and token.kind is Kind.SYMBOL

    def at_word(self, word: str) -> bool:
        token = self.token
        return token.text == word and token.kind is Kind.NAME

    def accept(self, symbol: str) -> bool:
        if self.at_symbol(symbol):
            self.position += 1
            return True
        return False

    def accept_word(self, word: str) -> bool:
        if self.at_word(word):
            self.position += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if self.token.text != text or self.token.kind in (Kind.STRING, Kind.END):
            self.refuse("feel_expected", expected=text, found=self.found())
        self.position += 1

    def end(self) -> None:
        if not self.at(Kind.END):
            self.refuse("feel_unexpected", found=self.found())

    def found(self) -> str:
        return self.token.text[:40]

    def refuse(self, code: str, *, offset: int = -1, **params: object) -> NoReturn:
        if self.at(Kind.END) and code in ("feel_expected", "feel_unexpected"):
            code = "feel_unexpected_end"
        elif full_width_symbol(self.token.text) is not None and self.token.kind is not Kind.STRING:
            code = "feel_full_width"
        raise FeelSyntaxError(code, offset=self.token.start if offset < 0 else offset, text=self.text, **params)

    @contextmanager
    def deeper(self) -> Generator[None, None, None]:
        self._depth += 1
        if self._depth > MAX_NESTING:
            self.refuse("feel_nested_too_deeply", limit=MAX_NESTING)
        saved, self.in_range = self.in_range, False
        yield
        self.in_range = saved
        self._depth -= 1

    def name(self) -> str:
        """A name: the longest declared one, or a run of words (rules 25 to 30)."""
        index = self.position
        if self.tokens[index].kind is not Kind.NAME and self.names.longest(self.tokens, index) is None:
            self.refuse("feel_name_expected", found=self.found())
        declared = self.names.longest(self.tokens, index)
        words = self._words(index)
        if declared is not None and declared[1] >= words:
            self.position = declared[1]
            return declared[0]
        built_in = self.functions.longest(self.tokens, index)
        if built_in is not None and self.tokens[built_in[1]].text == "(":
            self.position = built_in[1]
            return built_in[0]
        self.position = words
        return " ".join(token.text for token in self.tokens[index:words])

    def _words(self, index: int) -> int:
        """The index behind the words that follow each other without an operator."""
        end = index + 1
        while self.tokens[end].kind in (Kind.NAME, Kind.NUMBER) and self.tokens[end].text not in AFTER_EXPRESSION:
            if self.tokens[end].text[0] == ".":
                break
            end += 1
        return end

    def key_before_colon(self) -> str | None:
        """The name that stands before a colon here, with whatever symbols it holds; null when there is none."""
        index = self.position
        while self.tokens[index].kind in (Kind.NAME, Kind.NUMBER) or (
            self.tokens[index].kind is Kind.SYMBOL and self.tokens[index].text not in "()[]{},:@"
        ):
            index += 1
        if index == self.position or self.tokens[index].text != ":":
            return None
        text = self.text[self.token.start : self.tokens[index - 1].end]
        self.position = index
        return normalized(text)

    def name_before(self, word: str) -> str:
        """A new name, whatever symbols it holds, up to `word`."""
        index = self.position
        if self.at(Kind.NAME):
            while self.tokens[index].kind is not Kind.END and (
                self.tokens[index].text != word and self.tokens[index].text not in "()[]{},:@"
            ):
                index += 1
        if index == self.position:
            self.refuse("feel_name_expected", found=self.found())
        text = self.text[self.token.start : self.tokens[index - 1].end]
        self.position = index
        return normalized(text)
