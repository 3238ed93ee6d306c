"""What the paper shop refuses."""

from app.core.errors import NotFound, Refusal


class DocumentBroken(Refusal):
    """The document %(name)s could not be made: %(reason)s"""

    status = 500

    def __init__(self, *, name: str, reason: str, where: str) -> None:
        self.where = where
        super().__init__(name=name, reason=reason)


class FontsMissing(Refusal):
    """The Chinese fonts for documents are missing. Please run make setup."""

    status = 500


class TemplateMissing(Refusal):
    """The release holds no document template named %(template)s."""

    status = 409


class ArchiveMissing(NotFound):
    """This case has not been sealed yet."""


class NothingToSeal(Refusal):
    """The file of this case is empty: there is nothing to seal."""


class NotSealed(Refusal):
    """A supplement follows a sealed file; this one is not sealed yet."""


class FileNeeded(Refusal):
    """Please choose at least one file, and say which paper it is."""

    status = 422
