"""Change drafts: open, save, rename, take out, discard, take up again."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

import zstandard
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.audit.services import Actor, Stream, record
from app.authoring import queries
from app.authoring.checking import references
from app.authoring.errors import (
    DraftClosed,
    DraftConflict,
    FileExists,
    FileNeeded,
    PackageExists,
    StillAskedFor,
    StillInUse,
)
from app.authoring.models import Draft, DraftRevision, RevisionKind
from app.authoring.references import Reference
from app.authoring.rules import LIMIT, NEEDED, checked_content, checked_import, checked_path, plain_name
from app.core.database import db
from app.core.errors import NotFound
from app.core.locking import locked
from app.core.translations import BothNames, listed_names
from app.definitions import queries as definitions
from app.definitions.compiled import kind_of
from app.directory.queries import names_of
from app.directory.rules import Viewer

__all__ = ["LIMIT"]

ONE_LINE = timedelta(seconds=60)
"""Saves of one person within this time are one line of the history."""

KEPT_LINES = 200


def open_draft(county_id: int, package: str, path: str, viewer: Viewer, *, now: datetime) -> Draft:
    """The open draft of `path`, made from the active release when there is none yet. Raises NotFound."""
    queries.require_keeper(viewer)
    return _opened(county_id, package, path, viewer.person_id, now)


def _opened(county_id: int, package: str, path: str, person: int, now: datetime) -> Draft:
    draft = queries.open_draft_at(county_id, package, path)
    if draft is not None:
        return draft
    active = queries.active_release(county_id, package)
    if active is None or path not in active.manifest:
        raise NotFound
    content = definitions.files_of(active)[path]
    return _begin(county_id, package, path, content, person, now, base=(active.manifest[path], active.number))


def add_file(
    county_id: int, package: str, path: str, content: bytes, *, actor: Actor, now: datetime, replace: bool = False
) -> Draft:
    """A new file, or with `replace` new content for one that is there, as a draft.

    Raises FileExists, PathRefused, ContentTooLarge, ContentRefused.
    """
    checked_import(checked_path(path), content)
    held = queries.draft_contents(county_id, package)
    draft = queries.open_draft_at(county_id, package, path)
    if path in held.files and not replace:
        raise FileExists(package=package, path=path)
    if draft is not None:
        _keep(_lock(draft), content, _person(actor), now, own_line=True)
        return draft
    active = queries.active_release(county_id, package)
    base = ("", 0)
    if active is not None and path in active.manifest:
        base = (active.manifest[path], active.number)
    draft = _begin(county_id, package, path, content, _person(actor), now, base=base)
    _tell(draft, "draft.added", actor, now)
    return draft


def add_package(
    county_id: int, package: str, files: Mapping[str, bytes], *, actor: Actor, now: datetime
) -> list[Draft]:
    """A package that has only drafts yet. Raises NameRefused, PackageExists and what a file may be refused for."""
    if plain_name(package) in queries.package_names(county_id):
        raise PackageExists(package=package)
    return [
        add_file(county_id, package, path, content, actor=actor, now=now) for path, content in sorted(files.items())
    ]


def save_draft(
    draft: Draft, content: bytes, *, expected_revision: int, actor: Actor, now: datetime, apart: bool = False
) -> int:
    """Keep `content` as the draft's next revision and return its number; the same content again changes nothing.

    `apart` gives it a line of the history for itself, so that what it replaces stays one however young it is.

    `expected_revision` is the one that the writer began from. Raises DraftConflict with both versions when somebody
    else has saved since (what was refused is kept as a line of the history: see DraftConflict.aside), DraftClosed,
    ContentTooLarge, ContentRefused.
    """
    checked_content(draft.path, content)
    draft = _lock(draft)
    person = _person(actor)
    if draft.closed_at is not None:
        raise DraftClosed
    if draft.hash == _hash(content) and not draft.removed:
        return draft.revision
    if draft.revision != expected_revision:
        aside = _put_aside(draft, content, person, now)
        raise DraftConflict(
            name=names_of(draft.county_id, {draft.updated_by}).get(draft.updated_by, "?"),
            revision=draft.revision,
            content=draft.content.decode(),
            saved_at=draft.updated_at,
            mine=content.decode(),
            aside=aside,
        )
    _keep(draft, content, person, now, own_line=apart)
    return draft.revision


def restore_revision(draft: Draft, revision_id: int, *, actor: Actor, now: datetime) -> int:
    """Go on from an earlier line of the history; the present content stays in it. Raises NotFound, DraftClosed."""
    content = queries.revision_content(draft, revision_id)
    draft = _lock(draft)
    if draft.closed_at is not None:
        raise DraftClosed
    _keep(draft, content, _person(actor), now, own_line=True)
    _tell(draft, "draft.restored", actor, now)
    return draft.revision


def discard_draft(draft: Draft, *, actor: Actor, now: datetime) -> None:
    """The file is again as it is in the active release. The draft can be taken up again."""
    draft = _lock(draft)
    if draft.closed_at is None:
        draft.closed_at, draft.closed_as = now, "discarded"
        db.session.flush()
        _tell(draft, "draft.discarded", actor, now)


def take_up(draft: Draft, *, actor: Actor, now: datetime) -> Draft:
    """Open a discarded draft again; where a newer one stands, its content becomes the next revision of that."""
    draft = _lock(draft)
    newer = queries.open_draft_at(draft.county_id, draft.package, draft.path)
    if newer is not None and newer.id != draft.id:
        if not draft.removed:
            _keep(_lock(newer), draft.content, _person(actor), now, own_line=True)
        _tell(newer, "draft.restored", actor, now)
        return newer
    draft.closed_at, draft.closed_as = None, ""
    db.session.flush()
    _tell(draft, "draft.restored", actor, now)
    return draft


def restore_file(draft: Draft, *, actor: Actor, now: datetime) -> None:
    """A file that was to be taken out stays after all."""
    draft = _lock(draft)
    if draft.removed:
        draft.removed = False
        draft.revision += 1
        draft.updated_at, draft.updated_by = now, _person(actor)
        db.session.flush()
        _tell(draft, "draft.restored", actor, now)


def keep_mine(draft: Draft, *, actor: Actor, now: datetime) -> None:
    """The file was published by others meanwhile: this draft is now a change of that newer version."""
    draft = _lock(draft)
    active = queries.active_release(draft.county_id, draft.package)
    draft.base_hash = "" if active is None else active.manifest.get(draft.path, "")
    draft.base_number = 0 if active is None else active.number
    db.session.flush()
    _tell(draft, "draft.kept", actor, now)


def remove_file(county_id: int, package: str, path: str, *, actor: Actor, now: datetime) -> None:
    """Take `path` out of the package with the next release. Raises StillInUse with its users, FileNeeded, NotFound."""
    refuse_if_used(county_id, package, path)
    draft_removal(county_id, package, path, actor=actor, now=now)


def draft_removal(county_id: int, package: str, path: str, *, actor: Actor, now: datetime) -> None:
    """Take `path` out, whoever uses it: the checks tell what is missing then. Raises NotFound."""
    draft = _lock(_opened(county_id, package, path, _person(actor), now))
    if draft.base_hash:
        draft.removed = True
        draft.revision += 1
        draft.updated_at, draft.updated_by = now, _person(actor)
    else:
        draft.closed_at, draft.closed_as = now, "discarded"
    db.session.flush()
    _tell(draft, "draft.file_removed", actor, now)


def rename_file(county_id: int, package: str, path: str, new_path: str, *, actor: Actor, now: datetime) -> Draft:
    """Give a file another name. Raises StillInUse while others call it by the old one, FileExists, PathRefused."""
    content = queries.draft_contents(county_id, package).files.get(path)
    if content is None:
        raise NotFound
    if kind_of(checked_path(new_path)) != kind_of(path):
        raise FileNeeded(path=path)
    if not path.endswith((".bpmn", ".dmn")):
        refuse_if_used(county_id, package, path)
    made = add_file(county_id, package, new_path, content, actor=actor, now=now)
    old = _lock(_opened(county_id, package, path, _person(actor), now))
    if old.base_hash:
        old.removed, old.revision, old.updated_at, old.updated_by = True, old.revision + 1, now, _person(actor)
    else:
        old.closed_at, old.closed_as = now, "renamed"
    db.session.flush()
    _tell(made, "draft.renamed", actor, now, old_path=path)
    return made


def _named(user: Reference) -> BothNames:
    """A file and what in it uses another one."""
    name = user.element_name or user.element_id
    return BothNames(f"{user.path} {name}".strip(), f"{user.path} {user.element_name_en or name}".strip())


def refuse_if_used(county_id: int, package: str, path: str) -> None:
    """Raises StillInUse when another file of the package as drafted uses `path`, FileNeeded for settings.

    Raises StillAskedFor for a table that running cases need: they keep diagrams and forms, tables are the active ones.
    """
    if path in NEEDED:
        raise FileNeeded(path=path)
    uses = references(queries.draft_contents(county_id, package))
    users = [_named(one) for one in uses.of(path)]
    if users:
        raise StillInUse(path=path, users=listed_names(list(dict.fromkeys(users))[:5]))
    decisions = uses.decisions.get(path, frozenset())
    for release, count in queries.running_by_release(county_id, package) if decisions else ():
        if references(definitions.contents(release)).needed_decisions & decisions:
            raise StillAskedFor(path=path, release=release.number, count=count)


def _begin(
    county_id: int,
    package: str,
    path: str,
    content: bytes,
    person: int,
    now: datetime,
    *,
    base: tuple[str, int],
) -> Draft:
    draft = Draft(
        county_id=county_id,
        package=package,
        path=path,
        kind=kind_of(path),
        content=content,
        hash=_hash(content),
        base_hash=base[0],
        base_number=base[1],
        author_id=person,
        updated_by=person,
        created_at=now,
        updated_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(draft)
    except IntegrityError:
        # Somebody else has opened the same file at this very moment.
        opened = queries.open_draft_at(county_id, package, path)
        if opened is None:
            raise
        return opened
    _add_line(draft, content, RevisionKind.SAVED, person, now)
    return draft


def _lock(draft: Draft) -> Draft:
    """The draft as it is now, held until the end of this transaction."""
    query = select(Draft).where(Draft.county_id == draft.county_id, Draft.id == draft.id)
    return db.session.scalars(locked(query, db.engine.dialect.name).execution_options(populate_existing=True)).one()


def _keep(draft: Draft, content: bytes, person: int, now: datetime, *, own_line: bool = False) -> None:
    draft.content, draft.hash, draft.removed = content, _hash(content), False
    draft.revision += 1
    draft.updated_at, draft.updated_by = now, person
    db.session.flush()
    last = db.session.scalars(
        select(DraftRevision)
        .where(DraftRevision.county_id == draft.county_id, DraftRevision.draft_id == draft.id)
        .order_by(DraftRevision.id.desc())
        .limit(1)
    ).one_or_none()
    same_line = (
        not own_line
        and last is not None
        and last.number > 1
        and last.kind == RevisionKind.SAVED
        and last.author_id == person
        and now - last.saved_at < ONE_LINE
    )
    if same_line and last is not None:
        last.number, last.content, last.hash, last.size = draft.revision, _packed(content), draft.hash, len(content)
        db.session.flush()
    else:
        _add_line(draft, content, RevisionKind.SAVED, person, now)


def _put_aside(draft: Draft, content: bytes, person: int, now: datetime) -> int:
    """Keep what lost; the same bytes are kept once."""
    known = db.session.scalars(
        select(DraftRevision.id).where(
            DraftRevision.county_id == draft.county_id,
            DraftRevision.draft_id == draft.id,
            DraftRevision.hash == _hash(content),
        )
    ).first()
    return known if known is not None else _add_line(draft, content, RevisionKind.ASIDE, person, now)


def _add_line(draft: Draft, content: bytes, kind: RevisionKind, person: int, now: datetime) -> int:
    row = DraftRevision(
        county_id=draft.county_id,
        draft_id=draft.id,
        number=draft.revision,
        kind=kind,
        content=_packed(content),
        hash=_hash(content),
        size=len(content),
        author_id=person,
        saved_at=now,
    )
    db.session.add(row)
    db.session.flush()
    _drop_old_lines(draft)
    return row.id


def _drop_old_lines(draft: Draft) -> None:
    of_draft = (DraftRevision.county_id == draft.county_id) & (DraftRevision.draft_id == draft.id)
    too_old = db.session.scalar(
        select(DraftRevision.id).where(of_draft).order_by(DraftRevision.id.desc()).offset(KEPT_LINES).limit(1)
    )
    if too_old is not None:
        db.session.execute(delete(DraftRevision).where(of_draft, DraftRevision.id <= too_old, DraftRevision.number > 1))


def _tell(draft: Draft, event: str, actor: Actor, now: datetime, **more: object) -> None:
    record(
        Stream.package(draft.county_id, draft.package),
        event,
        actor=actor,
        now=now,
        payload={"path": draft.path, **more},
        about={"draft": draft.id},
    )


def _person(actor: Actor) -> int:
    return actor.id or 0


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _packed(content: bytes) -> bytes:
    return zstandard.compress(content, 3)
