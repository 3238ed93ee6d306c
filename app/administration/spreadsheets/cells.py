"""The cells of one row, read as what they mean; all that is wrong with them is told together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from app.administration.spreadsheets.errors import CellNoDay, WordMissing, WordUnknown
from app.core.errors import Refusal
from app.core.translations import words_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row; without a column it is wrong with the row as a whole."""

    column: str
    error: str


class Cells:
    """The cells of a row by column, and the faults found while it is read."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self.faults: list[Fault] = []

    def __getitem__(self, column: str) -> str:
        return self._given.get(column, "")

    def fault(self, column: str, refusal: Refusal) -> None:
        self.faults.append(Fault(column, words_of(refusal)))

    def trying(self, column: str, work: Callable[[], T]) -> T | None:
        """What `work` gives; its refusal becomes a fault of this column."""
        try:
            return work()
        except Refusal as refusal:
            self.fault(column, refusal)
            return None

    def words(self, column: str, known: Mapping[str, tuple[str, str]]) -> list[str]:
        """The codes of a cell: written as codes or as words of either language, between commas."""
        by_word = {word.lower(): code for code, words in known.items() for word in (code, *words)}
        given = self[column].replace("，", ",").replace("、", ",").split(",")
        found = []
        for word in filter(None, (one.strip() for one in given)):
            code = by_word.get(word.lower())
            if code is None:
                self.fault(column, WordUnknown(word=word[:40]))
            else:
                found.append(code)
        return found

    def one_of(self, column: str, known: Mapping[str, tuple[str, str]]) -> str | None:
        """The one code of a cell; a cell without one, or with several, is a fault."""
        before = len(self.faults)
        found = self.words(column, known)
        if len(found) == 1:
            return found[0]
        if len(self.faults) == before:
            self.fault(column, WordUnknown(word=self[column][:40]) if found else WordMissing())
        return None

    def day(self, column: str) -> date | None:
        if not self[column]:
            return None
        try:
            return date.fromisoformat(self[column].replace("/", "-"))
        except ValueError:
            self.fault(column, CellNoDay())
            return None
