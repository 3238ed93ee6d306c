"""Errors of FEEL: each carries a code worded in `app.engine.words.feel` and the place in the text."""

from app.engine.findings import EngineError


class FeelError(EngineError):
    """An expression that cannot be compiled or evaluated.

    `code` names the sentence; `text` is the expression, `line` and `column` count from 1 (0 while unknown).
    """

    def __init__(self, code: str, *, offset: int = -1, text: str | None = None, **params: object) -> None:
        super().__init__(code, **params)
        self.offset = offset
        self.text = ""
        self.line = 0
        self.column = 0
        if text is not None:
            self.locate(text)

    def locate(self, text: str, offset: int = -1) -> None:
        """Fix the place of the error in `text`, once; `offset` is used when the error knows none itself."""
        if self.line:
            return
        if self.offset < 0:
            self.offset = max(offset, 0)
        self.text = text
        before = text[: self.offset]
        self.line = before.count("\n") + 1
        self.column = len(before) - (before.rfind("\n") + 1) + 1
        shown = text if len(text) <= 200 else text[:200] + "…"
        self.params = {**self.params, "text": shown, "line": self.line, "column": self.column}
        self.args = (f"{self.code} {self.params}",)


class FeelSyntaxError(FeelError):
    """The text is not an expression of the language."""


class FeelLimitError(FeelError):
    """The expression asks for more steps, time or space than it may use."""
