"""Read releases. A release never changes, so that what was read once is kept; which one is active is read each time."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import bindparam, select

from app.core.database import db
from app.core.paging import LARGEST_ID
from app.core.reads import answers
from app.definitions.compiled import Contents
from app.definitions.errors import PackageNotActive, PackageNotFound
from app.definitions.models import ActiveRelease, DefinitionFile, Release

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """Which release of which package; `manifest` maps paths to content hashes."""

    county_id: int
    id: int
    package: str
    number: int
    manifest: Mapping[str, str]
    manifest_hash: str


class Kept(Generic[Key, Value]):
    """A small cache for what never changes; the least used goes first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        with self._lock:
            if key not in self._items:
                return None
            self._items.move_to_end(key)
            return self._items[key]

    def keep(self, key: Key, value: Value) -> Value:
        """The value that is kept under `key`: the first one given wins."""
        with self._lock:
            kept = self._items.setdefault(key, value)
            self._items.move_to_end(key)
            while len(self._items) > self._size:
                self._items.popitem(last=False)
            return kept


_releases: Kept[tuple[int, int], ReleaseInfo] = Kept(1_000)
_contents: Kept[str, Contents] = Kept(64)


def release(county_id: int, release_id: int) -> ReleaseInfo:
    """The release with this id. Raises PackageNotFound."""
    kept = _releases.get((county_id, release_id))
    if kept is not None:
        return kept
    row = db.session.get(Release, (county_id, release_id))
    if row is None:
        raise PackageNotFound(package="?")
    return _releases.keep((county_id, release_id), _info(row))


def active_release(county_id: int, package: str) -> ReleaseInfo:
    """The release that new work takes, as this transaction sees it. Raises PackageNotActive."""
    active = active_release_id(county_id, package)
    if active is None:
        raise PackageNotActive(package=package)
    return release(county_id, active)


def active_release_id(county_id: int, package: str) -> int | None:
    found = answers(_ACTIVE, {"county": county_id, "package": package})
    return found[0].release_id if found else None


_ACTIVE = select(ActiveRelease.release_id).where(
    ActiveRelease.county_id == bindparam("county"), ActiveRelease.package == bindparam("package")
)


def numbered_release(county_id: int, package: str, number: int) -> ReleaseInfo:
    """The release with this number. Raises PackageNotFound."""
    if not 0 < number <= LARGEST_ID:
        raise PackageNotFound(package=package)
    row = db.session.scalars(
        select(Release).where(Release.county_id == county_id, Release.package == package, Release.number == number)
    ).one_or_none()
    if row is None:
        raise PackageNotFound(package=f"{package} {number}")
    return _releases.keep((county_id, row.id), _info(row))


def active_packages(county_id: int) -> list[str]:
    return list(
        db.session.scalars(
            select(ActiveRelease.package).where(ActiveRelease.county_id == county_id).order_by(ActiveRelease.package)
        )
    )


def contents(of: ReleaseInfo) -> Contents:
    """What the release holds, compiled as it is asked for; shared by all counties with equal content."""
    kept = _contents.get(of.manifest_hash)
    if kept is not None:
        return kept
    return _contents.keep(of.manifest_hash, Contents(of.package, files_of(of), of.manifest))


def files_of(of: ReleaseInfo) -> dict[str, bytes]:
    """The release's files: path inside the package to bytes."""
    rows = db.session.execute(
        select(DefinitionFile.hash, DefinitionFile.content).where(
            DefinitionFile.hash.in_(sorted(set(of.manifest.values())))
        )
    )
    by_hash = {row.hash: row.content for row in rows}
    return {path: by_hash[digest] for path, digest in of.manifest.items()}


def _info(row: Release) -> ReleaseInfo:
    return ReleaseInfo(row.county_id, row.id, row.package, row.number, row.manifest, row.manifest_hash)
