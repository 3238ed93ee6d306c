from app.core.errors import Refusal


class DayUnreadable(Refusal):
    """A day is missing or is none: year, month and day are needed."""

    status = 422


class OfficeUnknown(Refusal):
    """There is no such office, or it is closed."""

    status = 422


class OfficeMissing(Refusal):
    """Please choose an office from the list."""

    status = 422


class WorksElsewhereToo(Refusal):
    """%(name)s works elsewhere too. Note the leave without a deputy; they or an administrator name one."""

    status = 403


class NobodyChosen(Refusal):
    """Please choose a person from the list."""

    status = 422
