"""What definitions tell the rooms above."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReleaseActivated:
    """New work takes this release of the package from now on."""

    county_id: int
    package: str
    release_id: int
    now: datetime
