from app.core.errors import NotFound, Refusal


class ProviderAway(Refusal):
    """%(name)s does not answer as it should. Sign in with your password, or try again later."""

    status = 503


class ProviderRefused(Refusal):
    """%(name)s did not let you in, or you turned back. Nothing was changed."""

    status = 422


class NotOurAnswer(Refusal):
    """This answer does not belong to a sign-in that was begun in this browser. Begin again."""

    status = 422


class NobodyLinked(Refusal):
    """No account here belongs to your account at %(name)s (%(subject)s). Sign in with your password and link it on the page of your account, or ask an administrator."""  # noqa: E501 - one sentence

    status = 403


class NoProvider(NotFound):
    """No other provider is set up here."""
