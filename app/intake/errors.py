from app.core.errors import Refusal


class UnknownChannel(Refusal):
    """There is no channel "%(channel)s". Known are: %(known)s."""

    status = 422


class ChannelNotYours(Refusal):
    """This token is for the channel "%(channel)s" only."""

    status = 403


class ReportTooLong(Refusal):
    """The report is longer than %(limit)s characters. Please send the essence, and the rest as a file."""

    status = 413


class FormAltered(Refusal):
    """This form was sent before and became case %(code)s. What you changed since is on this page only."""


class ChannelClosed(Refusal):
    """“%(channel)s” takes no reports today. Please choose another channel."""

    status = 422


class NumberMissing(Refusal):
    """A report of the channel “%(channel)s” needs the number that it has there."""

    status = 422
