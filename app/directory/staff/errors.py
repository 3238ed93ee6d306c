from app.core.errors import Refusal


class LoginTaken(Refusal):
    """The account "%(login)s" is taken already. Please choose another one."""

    status = 409


class NoLogin(Refusal):
    """An account has 2 to 60 letters, digits, dots, dashes or underscores."""

    status = 422


class NameMissing(Refusal):
    """The name is missing."""

    status = 422


class PhoneWrong(Refusal):
    """This is no phone number: 5 to 20 digits, spaces and dashes may stand between them."""

    status = 422


class OwnRole(Refusal):
    """Nobody gives themselves a role. Another administrator does it."""

    status = 403


class OwnDeparture(Refusal):
    """Nobody notes their own leaving. Another administrator does it."""

    status = 403


class RoleUnknown(Refusal):
    """There is no such role."""

    status = 422


class RoleEndsBeforeItBegins(Refusal):
    """The last day of the role lies before its first day."""

    status = 422


class RoleHeldAlready(Refusal):
    """%(name)s holds this role here already during these days."""

    status = 409


class RoleOver(Refusal):
    """This role has ended already."""

    status = 409


class OfficeClosed(Refusal):
    """%(name)s is closed: no role begins there."""

    status = 409


class PersonGone(Refusal):
    """%(name)s has left."""

    status = 409


class WhyTheyLeave(Refusal):
    """Please say why this person leaves: it stays in the history."""

    status = 422


class CannotTakeOver(Refusal):
    """%(name)s holds none of the roles of whoever leaves, and may not have this work. Please name somebody else."""

    status = 422


class SuccessorGone(Refusal):
    """%(name)s has left, too, or is the very person who leaves. Please name somebody else."""

    status = 422
