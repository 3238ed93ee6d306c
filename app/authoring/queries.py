"""Read drafts and what a package would be with them. Finding a package through its keeper is the permission."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import zstandard
from sqlalchemy import and_, func, select
from sqlalchemy.engine import Row

from app.authoring.models import Draft, DraftRevision, PackagePolicy, Publication, RevisionKind
from app.cases.models import Case
from app.cases.queries import visible_cases
from app.core.database import db
from app.core.errors import NotFound
from app.definitions import queries as definitions
from app.definitions.compiled import Contents
from app.definitions.errors import SettingsRefused
from app.definitions.models import DefinitionFile, DefinitionVersion, Release
from app.definitions.queries import ReleaseInfo
from app.definitions.rules import Dictionary
from app.definitions.services import manifest_hash
from app.directory.rules import Viewer
from app.engine.dmn import DecisionModel, parse_decisions
from app.engine.findings import EngineError
from app.workflow.models import Instance, InstanceStatus

ROLES = ("process_owner", "administrator")
LISTED = 100


class DraftContents(Contents):
    """The files with the drafts laid over them; a table that cannot be read is left out instead of stopping all."""

    @cached_property
    def decisions(self) -> dict[str, DecisionModel]:
        models = {}
        for path, content in self.files.items():
            if not path.endswith(".dmn"):
                continue
            try:
                models[path] = parse_decisions(
                    content, file=path.removeprefix("processes/"), resolve_import=self.imported
                )
            except EngineError:
                continue
        return models


@dataclass(frozen=True, slots=True)
class Revision:
    """A line of a draft's history, without its bytes."""

    id: int
    number: int
    kind: str
    size: int
    author_id: int
    saved_at: datetime

    @property
    def aside(self) -> bool:
        return self.kind == RevisionKind.ASIDE


def is_keeper(viewer: Viewer) -> bool:
    """Whether this person keeps the county's packages: process owner or administrator of the county itself."""
    return viewer.has_county_role(*ROLES)


def is_administrator(viewer: Viewer) -> bool:
    return viewer.has_county_role("administrator")


def require_keeper(viewer: Viewer) -> None:
    """Raises NotFound for everybody else: what is hidden is not there."""
    if not is_keeper(viewer):
        raise NotFound


def package_for(viewer: Viewer, package: str) -> ReleaseInfo | None:
    """The active release of a package that the viewer keeps; None when it has drafts only. Raises NotFound."""
    require_keeper(viewer)
    active = active_release(viewer.county_id, package)
    if active is None and not open_drafts(viewer.county_id, package):
        raise NotFound
    return active


def active_release(county_id: int, package: str) -> ReleaseInfo | None:
    active = definitions.active_release_id(county_id, package)
    return None if active is None else definitions.release(county_id, active)


def package_names(county_id: int) -> list[str]:
    """Every package with a release or an open draft."""
    released = db.session.scalars(select(Release.package).where(Release.county_id == county_id).distinct())
    drafted = db.session.scalars(
        select(Draft.package).where(Draft.county_id == county_id, Draft.closed_at.is_(None)).distinct()
    )
    return sorted({*released, *drafted})


def open_drafts(county_id: int, package: str) -> Sequence[Draft]:
    """The drafts of a package by path."""
    return db.session.scalars(
        select(Draft)
        .where(Draft.county_id == county_id, Draft.package == package, Draft.closed_at.is_(None))
        .order_by(Draft.path)
    ).all()


def closed_drafts(county_id: int, package: str, limit: int = 20) -> Sequence[Draft]:
    """What was discarded lately, newest first: it can be taken up again."""
    return db.session.scalars(
        select(Draft)
        .where(Draft.county_id == county_id, Draft.package == package, Draft.closed_as == "discarded")
        .order_by(Draft.closed_at.desc(), Draft.id.desc())
        .limit(limit)
    ).all()


def draft_for(viewer: Viewer, package: str, draft_id: int) -> Draft:
    """The draft with this id, open or closed. Raises NotFound."""
    require_keeper(viewer)
    found = db.session.get(Draft, (viewer.county_id, draft_id))
    if found is None or found.package != package:
        raise NotFound
    return found


def open_draft_at(county_id: int, package: str, path: str) -> Draft | None:
    return db.session.scalars(
        select(Draft).where(
            Draft.county_id == county_id, Draft.package == package, Draft.path == path, Draft.closed_at.is_(None)
        )
    ).one_or_none()


def revisions_of(draft: Draft, limit: int = 100) -> list[Revision]:
    """The draft's history, newest first."""
    rows = db.session.execute(
        select(
            DraftRevision.id,
            DraftRevision.number,
            DraftRevision.kind,
            DraftRevision.size,
            DraftRevision.author_id,
            DraftRevision.saved_at,
        )
        .where(DraftRevision.county_id == draft.county_id, DraftRevision.draft_id == draft.id)
        .order_by(DraftRevision.id.desc())
        .limit(limit)
    )
    return [Revision(*row) for row in rows]


def revision_content(draft: Draft, revision_id: int) -> bytes:
    """What the draft held at that line of its history. Raises NotFound."""
    row = db.session.get(DraftRevision, (draft.county_id, revision_id))
    if row is None or row.draft_id != draft.id:
        raise NotFound
    return zstandard.decompress(row.content)


def outdated(drafts: Sequence[Draft], active: ReleaseInfo | None) -> set[str]:
    """The paths of drafts whose file a newer release changed after they were begun."""
    manifest = active.manifest if active else {}
    return {one.path for one in drafts if manifest.get(one.path, "") not in (one.base_hash, one.hash)}


def draft_contents(county_id: int, package: str, *, only: Collection[str] | None = None) -> DraftContents:
    """The package as it would be: its active release with the open drafts laid over it.

    `only` takes the drafts of these paths alone. A package without a release is its drafts.
    """
    active = active_release(county_id, package)
    hashes = dict(active.manifest) if active else {}
    drafted: dict[str, bytes] = {}
    for draft in open_drafts(county_id, package):
        if only is not None and draft.path not in only:
            continue
        hashes.pop(draft.path, None)
        if not draft.removed:
            hashes[draft.path] = draft.hash
            drafted[draft.path] = draft.content

    def load() -> dict[str, bytes]:
        released = definitions.files_of(active) if active else {}
        return {path: drafted[path] if path in drafted else released[path] for path in hashes}

    return _kept_contents(package, hashes, load)


def dictionary_of(held: Contents) -> Dictionary | None:
    """The names of a package; None when it declares none, or its file cannot be read."""
    try:
        return held.dictionary
    except SettingsRefused:
        return None


def contents_of_files(package: str, files: dict[str, bytes]) -> DraftContents:
    """The package that these files would be."""
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    return _kept_contents(package, hashes, lambda: files)


def contents_of_manifest(package: str, manifest: Mapping[str, str]) -> DraftContents:
    """The package that a manifest names; its bytes are already kept."""

    def load() -> dict[str, bytes]:
        rows = db.session.execute(
            select(DefinitionFile.hash, DefinitionFile.content).where(
                DefinitionFile.hash.in_(sorted(set(manifest.values())))
            )
        )
        by_hash = {row.hash: row.content for row in rows}
        return {path: by_hash[digest] for path, digest in manifest.items()}

    return _kept_contents(package, manifest, load)


def content_of_version(county_id: int, package: str, path: str, digest: str) -> bytes:
    """The bytes of one version of a file, drafted or released, by its hash; b"" for "". Raises NotFound."""
    if not digest:
        return b""
    draft = open_draft_at(county_id, package, path)
    if draft is not None and draft.hash == digest:
        return draft.content
    released = select(DefinitionVersion.id).where(
        DefinitionVersion.county_id == county_id,
        DefinitionVersion.package == package,
        DefinitionVersion.path == path,
        DefinitionVersion.hash == digest,
    )
    asked = select(Publication.changes).where(Publication.county_id == county_id, Publication.package == package)
    if db.session.scalar(released) is None and not any(
        changes.get(path) == digest for changes in db.session.scalars(asked)
    ):
        raise NotFound
    row = db.session.get(DefinitionFile, digest)
    if row is None:
        raise NotFound
    return row.content


def running_by_release(county_id: int, package: str) -> list[tuple[ReleaseInfo, int]]:
    """How many processes run on each release of the package, newest release first."""
    rows = db.session.execute(
        select(Instance.release_number, func.count())
        .where(Instance.county_id == county_id, Instance.package == package, Instance.status == InstanceStatus.RUNNING)
        .group_by(Instance.release_number)
        .order_by(Instance.release_number.desc())
    ).all()
    return [(definitions.numbered_release(county_id, package, number), count) for number, count in rows]


def cases_on(viewer: Viewer, package: str, number: int) -> Sequence[Row[str, str, datetime]]:
    """(code, title, since) of the cases that run on this release and that the viewer may open, oldest first."""
    of_case = and_(Case.county_id == Instance.county_id, Case.id == Instance.subject_id)
    return db.session.execute(
        select(Case.code, Case.title, Instance.started_at)
        .join(Instance, of_case)
        .where(
            Instance.county_id == viewer.county_id,
            Instance.package == package,
            Instance.status == InstanceStatus.RUNNING,
            Instance.release_number == number,
            visible_cases(viewer),
        )
        .order_by(Instance.id)
        .limit(LISTED)
    ).all()


def policy_of(county_id: int, package: str) -> PackagePolicy | None:
    return db.session.get(PackagePolicy, (county_id, package))


def needs_second_person(county_id: int, package: str) -> bool:
    policy = policy_of(county_id, package)
    return policy is None or policy.second_person


_recent: definitions.Kept[str, DraftContents] = definitions.Kept(24)


def _kept_contents(package: str, hashes: Mapping[str, str], load: Callable[[], dict[str, bytes]]) -> DraftContents:
    """The same object for the same content, so that what one request compiled serves the next."""
    name = manifest_hash(package, hashes)
    kept = _recent.get(name)
    return kept if kept is not None else _recent.keep(name, DraftContents(package, load(), hashes))
