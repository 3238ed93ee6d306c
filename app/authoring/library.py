"""The lines of the library: packages, and the files of one package with their state, users and running cases."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.authoring import checking, editors, queries
from app.authoring.models import Draft, Publication, PublicationState
from app.authoring.references import Reference
from app.authoring.titles import element_names, titles_of
from app.core.database import db
from app.core.paging import COUNT_LIMIT
from app.core.translations import language
from app.definitions.compiled import Contents, kind_of
from app.definitions.errors import SettingsRefused
from app.definitions.models import ActiveRelease, DefinitionVersion, FileKind, Release
from app.definitions.queries import Kept
from app.definitions.rules import Label
from app.definitions.services import manifest_hash
from app.directory.queries import names_of
from app.workflow.models import Instance, InstanceStatus

KINDS = tuple(editors.ICONS)


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file as the library shows it. `state` is draft, final (waits to be published), active or retired."""

    path: str
    kind: str
    title: Label
    state: str
    version: int
    author: str
    changed_at: datetime | None
    users: Sequence[Reference]
    running: int
    running_older: int
    draft: Draft | None
    errors: int
    outdated: bool

    @property
    def change(self) -> str:
        """What the open draft does: new, changed, removed; "" for none."""
        if self.draft is None or not self.draft.changed:
            return ""
        if self.draft.removed:
            return "removed"
        return "changed" if self.draft.base_hash else "new"


@dataclass(frozen=True, slots=True)
class PackageLine:
    """A package in the library. `files` are those that fit the search, none when the package itself does."""

    name: str
    label: Label
    number: int
    since: datetime | None
    author: str
    drafts: int
    waiting: int
    running: int
    kinds: Mapping[str, int]
    files: Sequence[tuple[str, Label]]


_titles: Kept[str, Mapping[str, Label]] = Kept(64)
_elements: Kept[str, Mapping[tuple[str, str], Label]] = Kept(24)


def titles(held: Contents) -> Mapping[str, Label]:
    name = manifest_hash(held.package, held.hashes)
    kept = _titles.get(name)
    return kept if kept is not None else _titles.keep(name, titles_of(held, checking.references(held)))


def elements(held: Contents) -> Mapping[tuple[str, str], Label]:
    """What the elements of the package's files are called, by (path, element id)."""
    digest = manifest_hash(held.package, held.hashes)
    known = _elements.get(digest)
    return known if known is not None else _elements.keep(digest, element_names(held))


def naming(held: Contents) -> Callable[..., str]:
    """`(path, element id, otherwise)` → what the element is called in the reader's language."""
    known = elements(held)

    def name_of(path: str, element_id: str, otherwise: str = "") -> str:
        label = known.get((path, element_id))
        return label.in_language(language()) if label else otherwise or element_id

    return name_of


def label_of(held: Contents) -> Label:
    """The package's own name in both languages; its folder's name when the settings cannot be read."""
    try:
        return held.settings.label
    except SettingsRefused:
        return Label(held.package, held.package)


def packages(county_id: int, text: str = "") -> list[PackageLine]:
    """The packages of a county; with `text` those whose name or one of whose files has it."""
    running = dict(
        db.session.execute(
            select(Instance.package, func.count())
            .where(Instance.county_id == county_id, Instance.status == InstanceStatus.RUNNING)
            .group_by(Instance.package)
        ).all()
    )
    waiting = dict(
        db.session.execute(
            select(Publication.package, func.count())
            .where(
                Publication.county_id == county_id,
                Publication.state.in_((PublicationState.WAITING, PublicationState.SCHEDULED)),
            )
            .group_by(Publication.package)
        ).all()
    )
    lines = []
    for name in queries.package_names(county_id):
        line = _package(county_id, name, text.casefold(), running.get(name, 0), waiting.get(name, 0))
        if line is not None:
            lines.append(line)
    return lines


def _package(county_id: int, name: str, text: str, running: int, waiting: int) -> PackageLine | None:
    held = queries.draft_contents(county_id, name)
    label = label_of(held)
    found: list[tuple[str, Label]] = []
    if text and not _fits(text, name, label.zh, label.en):
        named = titles(held)
        for path in sorted(held.files, key=lambda one: (kind_of(one) == FileKind.PATH_TEST, one)):
            title = named.get(path, Label("", ""))
            if _fits(text, path, title.zh, title.en):
                found.append((path, title))
        if not found:
            return None
    active = db.session.execute(
        select(Release.number, ActiveRelease.since, Release.published_by)
        .join(ActiveRelease, (ActiveRelease.county_id == Release.county_id) & (ActiveRelease.release_id == Release.id))
        .where(ActiveRelease.county_id == county_id, ActiveRelease.package == name)
    ).one_or_none()
    author = active.published_by if active else None
    kinds: dict[str, int] = {}
    for path in held.files:
        kinds[kind_of(path)] = kinds.get(kind_of(path), 0) + 1
    return PackageLine(
        name=name,
        label=label,
        number=active.number if active else 0,
        since=active.since if active else None,
        author=names_of(county_id, {author}).get(author, "") if author else "",
        drafts=sum(draft.changed for draft in queries.open_drafts(county_id, name)),
        waiting=waiting,
        running=min(running, COUNT_LIMIT),
        kinds={kind: kinds[kind] for kind in KINDS if kind in kinds},
        files=found[:12],
    )


def _fits(text: str, *places: str) -> bool:
    return any(text in place.casefold() for place in places)


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    hash: str
    created_at: datetime
    created_by: int | None


def versions_of(county_id: int, package: str) -> dict[str, list[Version]]:
    """The final versions of every file that ever was in the package, oldest first."""
    rows = db.session.execute(
        select(
            DefinitionVersion.path,
            DefinitionVersion.number,
            DefinitionVersion.hash,
            DefinitionVersion.created_at,
            DefinitionVersion.created_by,
        )
        .where(DefinitionVersion.county_id == county_id, DefinitionVersion.package == package)
        .order_by(DefinitionVersion.path, DefinitionVersion.number)
    )
    versions: dict[str, list[Version]] = {}
    for row in rows:
        versions.setdefault(row.path, []).append(Version(row.number, row.hash, row.created_at, row.created_by))
    return versions


def files(county_id: int, package: str, *, text: str = "", kind: str = "", state: str = "") -> list[FileLine]:
    """The files of a package with the drafts laid over; those that fit the search, else all but tests and retired."""
    held = queries.draft_contents(county_id, package)
    active = queries.active_release(county_id, package)
    manifest = dict(active.manifest) if active else {}
    drafts = {draft.path: draft for draft in queries.open_drafts(county_id, package)}
    versions = versions_of(county_id, package)
    named, checks, uses = titles(held), checking.check(held), checking.references(held)
    waiting = _waiting(county_id, package)
    running = queries.running_by_release(county_id, package)
    people = {draft.updated_by for draft in drafts.values()} | {
        one.created_by for of_file in versions.values() for one in of_file if one.created_by
    }
    names = names_of(county_id, people)
    lines = []
    for path in sorted({*held.files, *drafts, *versions}):
        draft, own = drafts.get(path), versions.get(path, [])
        now = next((one for one in reversed(own) if one.hash == manifest.get(path)), None)
        line = FileLine(
            path=path,
            kind=kind_of(path),
            title=named.get(path, Label("", "")),
            state=_state(path, draft, manifest, waiting),
            version=now.number if now else (own[-1].number if own else 0),
            author=names.get(_author(draft, now or (own[-1] if own else None)), ""),
            changed_at=draft.updated_at if draft and draft.changed else (now or own[-1]).created_at if own else None,
            users=uses.of(path),
            running=sum(count for release, count in running if _same(release.manifest, manifest, path)),
            running_older=sum(
                count
                for release, count in running
                if path in release.manifest and not _same(release.manifest, manifest, path)
            ),
            draft=draft,
            errors=len([one for one in checks.of(path) if one.severity == "error"]) if path in held.files else 0,
            outdated=draft is not None and bool(queries.outdated([draft], active)),
        )
        if _wanted(line, text.casefold(), kind, state):
            lines.append(line)
    return sorted(lines, key=lambda line: (line.state == "retired", KINDS.index(FileKind(line.kind)), line.path))


def _same(manifest: Mapping[str, str], active: Mapping[str, str], path: str) -> bool:
    return path in active and manifest.get(path) == active[path]


def _state(path: str, draft: Draft | None, manifest: Mapping[str, str], waiting: Mapping[str, str]) -> str:
    if draft is not None and draft.changed:
        frozen = waiting.get(path)
        return "final" if frozen == draft.outcome else "draft"
    if path in manifest:
        return "active"
    return "draft" if draft is not None else "retired"


def _waiting(county_id: int, package: str) -> Mapping[str, str]:
    """What the request that waits would change: path to hash."""
    found = db.session.scalars(
        select(Publication).where(
            Publication.county_id == county_id,
            Publication.package == package,
            Publication.state.in_((PublicationState.WAITING, PublicationState.SCHEDULED)),
        )
    ).first()
    return found.changes if found else {}


def _author(draft: Draft | None, version: Version | None) -> int:
    if draft is not None and draft.changed:
        return draft.updated_by
    return (version.created_by or 0) if version else 0


def _wanted(line: FileLine, text: str, kind: str, state: str) -> bool:
    if kind and line.kind != kind:
        return False
    if state and line.state != state:
        return False
    if not (text or state or kind) and (
        line.state == "retired" or (line.kind == FileKind.PATH_TEST and not line.change)
    ):
        return False
    return not text or _fits(text, line.path, line.title.zh, line.title.en)
