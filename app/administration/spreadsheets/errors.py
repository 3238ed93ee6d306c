from app.core.errors import Refusal


class NoSheet(Refusal):
    """Please choose a file: XLSX or CSV."""

    status = 422


class SheetTooLarge(Refusal):
    """The file is too large: at most %(size)s and %(rows)s rows."""

    status = 413


class SheetUnreadable(Refusal):
    """The file could not be read as a table. Please save it as XLSX or CSV."""

    status = 422


class ColumnsMissing(Refusal):
    """These columns are missing: %(columns)s. The template has them all."""

    status = 422


class CellTooLong(Refusal):
    """The text is longer than %(limit)s characters."""

    status = 422


class CellNoDay(Refusal):
    """This is no day: write it like 2026-03-01."""

    status = 422


class OfficeOfRowUnknown(Refusal):
    """There is no office with the code %(code)s."""

    status = 422


class WordUnknown(Refusal):
    """The word "%(word)s" is not among the words that are allowed here."""

    status = 422


class OtherName(Refusal):
    """The account %(login)s belongs to somebody else: %(name)s."""

    status = 409


class WordMissing(Refusal):
    """A word is missing here."""

    status = 422


class NoRows(Refusal):
    """There is no row below the headings, besides the example of the template."""

    status = 422


class DayTwice(Refusal):
    """This day stands in the file twice."""

    status = 422


class NotOfTheCounty(Refusal):
    """Days are set for the whole county: leave the office empty, or write %(code)s."""

    status = 422


class NationSaysOtherwise(Refusal):
    """The national calendar counts this day otherwise. To set it for the county, leave the office empty."""

    status = 422
