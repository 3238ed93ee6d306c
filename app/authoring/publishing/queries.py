"""Read requests to publish and releases, and work out what publishing would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.authoring import checking, queries
from app.authoring.differences import FileDifference, compare_packages
from app.authoring.models import Publication, PublicationState
from app.authoring.queries import DraftContents
from app.authoring.rules import merged
from app.core.database import db
from app.core.errors import NotFound
from app.core.locking import locked
from app.core.paging import LARGEST_ID
from app.definitions import queries as definitions
from app.definitions.errors import PackageNotFound
from app.definitions.models import Release
from app.definitions.queries import Kept
from app.definitions.services import manifest_hash
from app.directory import queries as directory
from app.directory.rules import Viewer

WAITING = (PublicationState.WAITING, PublicationState.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing a request would make of the active release. `clashes` are paths that both changed."""

    contents: DraftContents
    manifest_hash: str
    clashes: tuple[str, ...]
    moved: bool
    new_topics: frozenset[str]


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A release in the list. `same_as` is the older release that it goes back to, 0 for none."""

    id: int
    number: int
    note: str
    created_at: datetime
    published_by: str
    approved_by: str
    active: bool
    running: int
    same_as: int


def publication_for(viewer: Viewer, package: str, publication_id: int) -> Publication:
    """The request. Raises NotFound."""
    queries.require_keeper(viewer)
    if not 0 < publication_id <= LARGEST_ID:
        raise NotFound
    found = db.session.get(Publication, (viewer.county_id, publication_id))
    if found is None or found.package != package:
        raise NotFound
    return found


def lock_publication(publication: Publication) -> Publication:
    """The request as it is now, held until the end of this transaction."""
    query = select(Publication).where(Publication.county_id == publication.county_id, Publication.id == publication.id)
    return db.session.scalars(locked(query, db.engine.dialect.name).execution_options(populate_existing=True)).one()


def waiting_request(county_id: int, package: str) -> Publication | None:
    """The request of a package that waits for approval or for its day."""
    return db.session.scalars(
        select(Publication)
        .where(Publication.county_id == county_id, Publication.package == package, Publication.state.in_(WAITING))
        .order_by(Publication.id)
        .limit(1)
    ).one_or_none()


def requests_by(county_id: int, person_id: int) -> Sequence[Publication]:
    """What somebody has asked to publish and nobody has decided yet."""
    return db.session.scalars(
        select(Publication)
        .where(
            Publication.county_id == county_id,
            Publication.requested_by == person_id,
            Publication.state == PublicationState.WAITING,
        )
        .order_by(Publication.id)
    ).all()


def may_withdraw(publication: Publication, viewer: Viewer) -> bool:
    """Whoever asked, or an administrator."""
    return publication.requested_by == viewer.person_id or queries.is_administrator(viewer)


def requests_for_approval(viewer: Viewer) -> Sequence[Publication]:
    """What waits for a decision that this person may take, oldest first."""
    waiting = db.session.scalars(
        select(Publication)
        .where(Publication.county_id == viewer.county_id, Publication.state == PublicationState.WAITING)
        .order_by(Publication.id)
    )
    return [one for one in waiting if one.requested_by != viewer.person_id]


def approvals_badge(viewer: Viewer) -> int:
    """How many requests wait for this person's approval."""
    return len(requests_for_approval(viewer))


def recent_requests(county_id: int, package: str, limit: int = 10) -> Sequence[Publication]:
    """Requests that were decided, newest first."""
    return db.session.scalars(
        select(Publication)
        .where(Publication.county_id == county_id, Publication.package == package, Publication.state.not_in(WAITING))
        .order_by(Publication.id.desc())
        .limit(limit)
    ).all()


def plan_of(publication: Publication) -> Plan:
    """Lay the request over the release that is active now."""
    county_id, package = publication.county_id, publication.package
    base = _manifest(county_id, package, publication.base_number)
    active = queries.active_release(county_id, package)
    current = dict(active.manifest) if active else {}
    merge = merged(base, publication.changes, current)
    held = queries.contents_of_manifest(package, dict(merge.manifest))
    return Plan(
        contents=held,
        manifest_hash=manifest_hash(package, merge.manifest),
        clashes=merge.clashes,
        moved=(active.number if active else 0) != publication.base_number,
        new_topics=new_topics(county_id, held),
    )


def new_topics(county_id: int, held: DraftContents) -> frozenset[str]:
    """Topics that send data out and that the package did not use before."""
    active = queries.active_release(county_id, held.package)
    before = checking.outside_topics(definitions.contents(active)) if active else frozenset()
    return checking.outside_topics(held) - before


def _manifest(county_id: int, package: str, number: int) -> Mapping[str, str]:
    if not number:
        return {}
    try:
        return definitions.numbered_release(county_id, package, number).manifest
    except PackageNotFound:
        return {}


_compared: Kept[tuple[str, str], list[FileDifference]] = Kept(64)


def differences(old: Mapping[str, bytes], old_name: str, new: DraftContents) -> list[FileDifference]:
    """The files of `new` that differ from `old`; the same pair is compared once."""
    key = (old_name, manifest_hash(new.package, new.hashes))
    kept = _compared.get(key)
    return kept if kept is not None else _compared.keep(key, compare_packages(old, new.files))


def differences_to_active(county_id: int, held: DraftContents) -> list[FileDifference]:
    active = queries.active_release(county_id, held.package)
    if active is None:
        return differences({}, "", held)
    return differences(definitions.files_of(active), active.manifest_hash, held)


def releases(county_id: int, package: str) -> list[ReleaseLine]:
    """The releases of a package, newest first, with what runs on each."""
    rows = db.session.scalars(
        select(Release)
        .where(Release.county_id == county_id, Release.package == package)
        .order_by(Release.number.desc())
    ).all()
    running = {release.id: count for release, count in queries.running_by_release(county_id, package)}
    active = definitions.active_release_id(county_id, package)
    people = {one for row in rows for one in (row.published_by, row.approved_by) if one is not None}
    names = directory.names_of(county_id, people)
    first_with: dict[str, int] = {}
    for row in reversed(rows):
        first_with.setdefault(row.manifest_hash, row.number)
    return [
        ReleaseLine(
            id=row.id,
            number=row.number,
            note=row.note,
            created_at=row.created_at,
            published_by=names.get(row.published_by or 0, ""),
            approved_by=names.get(row.approved_by or 0, ""),
            active=row.id == active,
            running=running.get(row.id, 0),
            same_as=first_with[row.manifest_hash] if first_with[row.manifest_hash] != row.number else 0,
        )
        for row in rows
    ]
