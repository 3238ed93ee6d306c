from app.core.errors import Refusal


class CodeTaken(Refusal):
    """The code %(code)s is taken already by %(name)s."""

    status = 409


class CodeWrong(Refusal):
    """A %(tier)s has a division code of 12 digits that fits its level and begins like the one above: %(example)s."""

    status = 422


class CodeUnreadable(Refusal):
    """A code has 2 to 30 letters, digits, dashes or underscores."""

    status = 422


class TierMissing(Refusal):
    """Please choose the tier and the kind."""

    status = 422


class TierDoesNotFit(Refusal):
    """A place of this tier does not lie below %(name)s."""

    status = 422


class PlaceNameMissing(Refusal):
    """The name of the office is missing."""

    status = 422


class PlaceClosed(Refusal):
    """%(name)s is closed."""

    status = 409


class IntoItself(Refusal):
    """%(name)s cannot go below or into itself."""

    status = 422


class MovesAlready(Refusal):
    """Another move or merger waits or is under way. Please wait until it is done."""

    status = 409


class ThereAlready(Refusal):
    """%(name)s lies there already."""

    status = 409


class TooDeep(Refusal):
    """The tree would become too deep."""

    status = 422


class TierDiffers(Refusal):
    """Only places of the same tier merge: %(name)s and %(other)s are of different ones."""

    status = 422


class StillHangsOn(Refusal):
    """It cannot be closed yet. On it still hang: %(offices)s offices, %(people)s people, %(cases)s open cases, %(tasks)s open tasks."""  # noqa: E501 - a sentence

    status = 409


class CountyStays(Refusal):
    """The county itself is neither moved nor merged nor closed."""

    status = 409
