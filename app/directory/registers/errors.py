from app.core.errors import Refusal


class RegisterUnknown(Refusal):
    """There is no such register."""

    status = 422


class EntryCodeWrong(Refusal):
    """A code has 1 to 40 small letters, digits or underscores."""

    status = 422


class EntryCodeTaken(Refusal):
    """The code %(code)s is that of %(name)s already. Choose that entry in the list to change it."""

    status = 409


class EntryNameMissing(Refusal):
    """Both the Chinese and the English name are needed."""

    status = 422


class IconWrong(Refusal):
    """An icon is one of %(icons)s."""

    status = 422


class ParentUnknown(Refusal):
    """There is no entry %(code)s below which this one could stand."""

    status = 422


class ParentInACircle(Refusal):
    """An entry cannot stand below itself."""

    status = 422


class EntryEndsBeforeItBegins(Refusal):
    """The last day of the entry lies before its first day."""

    status = 422


class ToneUnknown(Refusal):
    """Only risk colours have a tone, and it is one of %(tones)s."""

    status = 422


class ColourUnknown(Refusal):
    """The colours are %(colours)s: rules and order know no others."""

    status = 422
