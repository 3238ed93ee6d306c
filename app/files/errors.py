"""What the keeper of files refuses."""

from app.core.errors import NotFound, Refusal


class FileRefused(Refusal):
    """The file %(name)s was not taken."""

    status = 422


class FileTooLarge(FileRefused):
    """%(name)s is too large: at most %(limit)s. Send a smaller photo, or scan with fewer colours."""

    status = 413


class FileEmpty(FileRefused):
    """%(name)s is empty. Please choose it again."""


class FileTypeUnknown(FileRefused):
    """%(name)s is of a kind that is not taken. Photos, PDF, Word (docx), Excel (xlsx), text, sound and video are."""

    status = 415


class FileTypeFalse(FileRefused):
    """%(name)s is not what its name says: inside it is %(type)s."""

    status = 415


class FileUnreadable(FileRefused):
    """%(name)s is damaged or hides too much inside, and was not taken."""


class NoPreview(FileRefused):
    """No picture can be made of %(name)s. Please download it."""


class FileGone(NotFound):
    """This file is not here, or you may not see it."""


class BackupBroken(Refusal):
    """This backup cannot be used: %(reason)s"""

    status = 422


class TargetNotEmpty(Refusal):
    """There is something here already (%(tables)s). With --force it is replaced."""


class WrongRevision(Refusal):
    """The backup was made at database revision %(backup)s; this database stands at %(database)s."""
