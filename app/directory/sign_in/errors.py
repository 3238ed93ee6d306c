from app.core.errors import NotFound, Refusal


class WrongCode(Refusal):
    """This code is not right, or it was used before. The app shows a new one every 30 seconds."""

    status = 422


class WrongProof(Refusal):
    """That was not right. Nothing was changed."""

    status = 422


class ProofNeeded(Refusal):
    """Show once more that it is you. Nothing was changed yet."""

    status = 401


class SignInOver(Refusal):
    """This took too long. Please sign in again from the beginning."""

    status = 401


class EnrolmentStale(Refusal):
    """The page was open for too long. Scan the new picture."""

    status = 422


class FactorSetUp(Refusal):
    """This phone is set up already; its recovery codes stay as they were shown. New ones are made in your account."""

    status = 409


class SecondFactorNeeded(Refusal):
    """Your role works with a second factor only: it can be replaced, not given up."""


class NoSecondFactor(Refusal):
    """There is no second factor to take away."""


class PasswordRefused(Refusal):
    """This password is not taken."""

    status = 422


class PasswordTooShort(PasswordRefused):
    """A password has at least 10 characters."""


class PasswordTooLong(PasswordRefused):
    """A password has at most 200 characters."""


class PasswordTooCommon(PasswordRefused):
    """This is among the first passwords that anybody tries. Take three or four words that do not belong together."""


class PasswordTellsWhose(PasswordRefused):
    """A password holds neither the account, nor the name, nor the telephone number."""


class PasswordUnchanged(PasswordRefused):
    """The new password is the old one."""


class PasswordsDiffer(PasswordRefused):
    """The two new passwords are not the same."""


class WrongOldPassword(Refusal):
    """The present password is not right. Nothing was changed."""

    status = 422


class LinkOver(NotFound):
    """This link was used, has expired, or never was one. An administrator makes a new one."""
