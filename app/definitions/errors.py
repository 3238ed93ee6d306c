"""What the keeper of definitions refuses."""

from collections.abc import Sequence

from app.core.errors import Invalid, NotFound, Refusal
from app.engine.findings import Finding


class PackageNotFound(NotFound):
    """There is no package %(package)s here."""


class PackageNotActive(Refusal):
    """The package %(package)s has no active release."""


class FileNotInRelease(NotFound):
    """Release %(release)s of the package %(package)s holds no %(kind)s named %(name)s."""


class ReleaseExists(Refusal):
    """The package %(package)s has a release already: later changes are published, not imported."""


class SecondPersonNeeded(Refusal):
    """The package %(package)s needs the approval of another person than its author."""

    status = 403


class SettingsRefused(Invalid):
    """%(file)s cannot be read: %(reason)s"""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__({file: [reason]}, file=file, reason=reason)


class PackageRefused(Refusal):
    """The package %(package)s was refused: %(count)s errors. The first: %(first)s"""

    status = 422

    def __init__(self, package: str, findings: Sequence[Finding], first: str) -> None:
        self.findings = tuple(findings)
        super().__init__(package=package, count=len(findings), first=first)
