"""What authoring refuses."""

from datetime import datetime

from app.core.errors import Forbidden, Invalid, Refusal


class DraftConflict(Refusal):
    """%(name)s saved this file meanwhile. Both versions are kept: choose which one goes on."""

    def __init__(
        self, *, name: str, revision: int, content: str, saved_at: datetime, mine: str, aside: int | None
    ) -> None:
        self.revision = revision
        self.content = content
        self.saved_at = saved_at
        self.mine = mine
        self.aside = aside
        super().__init__(name=name)


class DraftClosed(Refusal):
    """This draft was discarded or published meanwhile. What you typed is still in your browser: open the file again."""


class ContentTooLarge(Refusal):
    """%(path)s is too large: at most %(limit)s are taken."""

    status = 413


class ContentRefused(Refusal):
    """%(path)s was refused: %(reason)s"""

    status = 422


class PathRefused(Refusal):
    """ "%(path)s" is no place for a file of a package: processes/<name>.bpmn or .dmn, forms/<name>.form, documents/<name>.typ, processes/tests/<name>.toml."""  # noqa: E501 - one sentence

    status = 422


class NameRefused(Refusal):
    """ "%(name)s" cannot be a name here: small Latin letters, digits and _, beginning with a letter, at most 60."""

    status = 422


class FileExists(Refusal):
    """The package %(package)s already holds %(path)s."""


class PackageExists(Refusal):
    """There is a package %(package)s already."""


class StillInUse(Refusal):
    """%(path)s is still in use: %(users)s. Change that first."""


class StillAskedFor(Refusal):
    """%(count)s running cases of release %(release)s still ask for %(path)s: it must stay until they have ended or are moved."""  # noqa: E501 - one sentence


class FileNeeded(Refusal):
    """%(path)s belongs to every package and cannot be taken out or renamed."""


class ArchiveRefused(Refusal):
    """The ZIP was refused: %(reason)s"""

    status = 422


class NothingToPublish(Refusal):
    """No draft of the package %(package)s differs from the active release."""


class RequestWaiting(Refusal):
    """A request to publish %(package)s waits already. Decide or withdraw it first."""


class DraftsMoved(Refusal):
    """%(paths)s was changed while you looked at it. Look at the changes again: what you ask for is exactly what you saw."""  # noqa: E501 - one sentence


class RequestSettled(Refusal):
    """This request was decided already."""


class OwnRequest(Forbidden):
    """Another person must approve what you asked to publish."""


class OthersRequest(Forbidden):
    """Only whoever asked to publish, or an administrator, may take the request back. You may decline it, with a reason."""  # noqa: E501 - one sentence


class AdministratorNeeded(Forbidden):
    """This change newly uses %(topics)s, which sends data out: an administrator must approve it."""


class BaseMoved(Refusal):
    """Release %(number)s was published meanwhile and changed the same files: %(paths)s. Open them, take over what the release brought or keep yours, and ask again."""  # noqa: E501 - one sentence


class PlanMoved(Refusal):
    """What would be published has changed since this page was opened. Look at the changes again."""


class EffectiveDatePast(Invalid):
    """The date on which it becomes effective lies in the past."""

    def __init__(self) -> None:
        super().__init__({"effective_at": [self.message_id]})


class AlreadyActive(Refusal):
    """Release %(number)s is the active one, or equal to it."""


class NothingToRehearse(Refusal):
    """ "%(path)s" holds nothing that could be rehearsed. Please save a decision table or a process first."""

    status = 422


class SpanWrong(Refusal):
    """Please choose 1 to %(days)s days, or 1 to %(cases)s cases."""

    status = 422


class RehearsalOver(Refusal):
    """This rehearsal has already ended."""


class TableNotFound(Refusal):
    """There is no table "%(name)s" in this file."""

    status = 404


class SheetRefused(Refusal):
    """The spreadsheet does not fit this table. %(place)s: %(reason)s"""

    status = 422


class ScriptRefused(Refusal):
    """This run cannot be read or recorded: %(reason)s"""

    status = 422
