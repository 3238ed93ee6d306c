"""Bring packages in, and hand out what the active and the older releases hold."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select

from app.audit.services import Actor, Stream, record
from app.core import events
from app.core.database import db
from app.core.ids import new_id
from app.core.locking import insert_for
from app.definitions import queries
from app.definitions.checks import check_package, failed_path_tests
from app.definitions.compiled import Contents, kind_of
from app.definitions.errors import FileNotInRelease, PackageRefused, ReleaseExists, SecondPersonNeeded
from app.definitions.events import ReleaseActivated
from app.definitions.models import ActiveRelease, DefinitionFile, DefinitionVersion, Release, VersionState
from app.definitions.queries import ReleaseInfo, active_release, contents, files_of
from app.definitions.rules import Dictionary, PackageSettings
from app.engine.bpmn.definition import ProcessDefinition
from app.engine.dmn import DecisionModel
from app.engine.findings import Finding, Severity
from app.engine.words import sentence

__all__ = [
    "active_release",
    "decision",
    "dictionary",
    "document_template",
    "files_of",
    "form",
    "import_files",
    "import_folder",
    "package",
    "process",
    "publish",
    "read_folder",
]

_FOLDERS = ("processes", "forms", "documents")
_SUFFIXES = {".bpmn", ".dmn", ".toml", ".form", ".typ", ".json", ".md"}


def read_folder(folder: Path) -> tuple[str, dict[str, bytes]]:
    """A package from its folder `…/processes/<name>`, with `…/forms/<name>` and `…/documents/<name>` beside it.

    Returns its name, and its files under paths without the name: `processes/a.bpmn`, `forms/b.form`, `documents/c.typ`.
    """
    folder = folder.resolve()
    root, name = folder.parent.parent, folder.name
    files = {}
    for part in _FOLDERS:
        home = folder if part == "processes" else root / part / name
        for path in sorted(home.rglob("*")) if home.is_dir() else ():
            if path.is_file() and path.suffix in _SUFFIXES:
                files[f"{part}/{path.relative_to(home).as_posix()}"] = path.read_bytes()
    return name, files


def import_folder(county_id: int, folder: Path, *, actor: Actor, now: datetime) -> ReleaseInfo:
    """Make the package in `folder` release 1 of the county, and make it active. Its path tests are not played.

    Raises PackageRefused with the findings, SettingsRefused for a broken `data.toml` or `package.toml`, ReleaseExists.
    """
    name, files = read_folder(folder)
    return import_files(county_id, name, files, actor=actor, now=now)


def import_files(county_id: int, name: str, files: Mapping[str, bytes], *, actor: Actor, now: datetime) -> ReleaseInfo:
    """Make these files release 1 of the package `name`: see `import_folder`."""
    if queries.active_release_id(county_id, name) is not None:
        raise ReleaseExists(package=name)
    held = _contents(name, files)
    refuse_errors(name, check_package(held))
    return _release(county_id, held, actor=actor, approved_by=None, note="", now=now)


def publish(
    county_id: int,
    name: str,
    files: Mapping[str, bytes],
    *,
    actor: Actor,
    approved_by: int | None,
    note: str,
    now: datetime,
    second_person: bool = True,
    checked: bool = False,
) -> ReleaseInfo:
    """Check the files and play their path tests, keep them as final versions, make them the next and active release.

    Two people publish: the author, who is the actor, and `approved_by`; without `second_person` one is enough.
    `checked` says that the caller has checked this very content and played its path tests. Raises SecondPersonNeeded,
    and PackageRefused with the findings when one of them is an error or a path test fails.
    """
    if second_person and approved_by in (None, actor.id):
        raise SecondPersonNeeded(package=name)
    held = _contents(name, files)
    if not checked:
        refuse_errors(name, check_package(held))
        refuse_errors(name, failed_path_tests(held))
    return _release(county_id, held, actor=actor, approved_by=approved_by, note=note, now=now)


def _contents(name: str, files: Mapping[str, bytes]) -> Contents:
    return Contents(name, files, {path: hashlib.sha256(content).hexdigest() for path, content in files.items()})


def refuse_errors(name: str, findings: Sequence[Finding]) -> None:
    """Raises PackageRefused with those of `findings` that are errors; nothing when there is none."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        first = errors[0]
        words = sentence(first.code, first.params, "zh")
        place = f"{first.file}:{first.line} {first.element_name or first.element_id}".strip()
        raise PackageRefused(name, errors, f"{place} {words}")


def _release(
    county_id: int, held: Contents, *, actor: Actor, approved_by: int | None, note: str, now: datetime
) -> ReleaseInfo:
    name, hashes = held.package, held.hashes
    keep_files(held.files, hashes)
    _keep_versions(county_id, name, hashes, actor, now)
    last = db.session.scalar(
        select(func.max(Release.number)).where(Release.county_id == county_id, Release.package == name)
    )
    made = Release(
        county_id=county_id,
        id=new_id(),
        package=name,
        number=(last or 0) + 1,
        manifest=hashes,
        manifest_hash=manifest_hash(name, hashes),
        note=note,
        created_at=now,
        published_by=actor.person_id,
        approved_by=approved_by,
    )
    db.session.add(made)
    db.session.flush()
    _activate(made, now)
    record(
        Stream.package(county_id, name),
        "release.published",
        actor=actor,
        now=now,
        payload={"number": made.number, "manifest": made.manifest_hash, "note": note},
        about={"release": made.id} | ({"approved_by": approved_by} if approved_by else {}),
    )
    return queries.release(county_id, made.id)


def manifest_hash(name: str, hashes: Mapping[str, str]) -> str:
    """The name of a package's whole content."""
    return hashlib.sha256(orjson.dumps([name, sorted(hashes.items())])).hexdigest()


def keep_files(files: Mapping[str, bytes], hashes: Mapping[str, str]) -> None:
    """Keep the bytes of the files under their hashes; what is there already stays."""
    if not files:
        return
    rows = {
        hashes[path]: {"hash": hashes[path], "content": content, "size": len(content)}
        for path, content in files.items()
    }
    db.session.execute(
        insert_for(DefinitionFile, db.engine.dialect.name).values(list(rows.values())).on_conflict_do_nothing()
    )


def _keep_versions(county_id: int, name: str, hashes: Mapping[str, str], actor: Actor, now: datetime) -> None:
    """A new final version of every file that has changed since its last one."""
    numbered = select(
        DefinitionVersion.path,
        DefinitionVersion.number,
        DefinitionVersion.hash,
    ).where(DefinitionVersion.county_id == county_id, DefinitionVersion.package == name)
    last: dict[str, tuple[int, str]] = {}
    for row in db.session.execute(numbered.order_by(DefinitionVersion.number)):
        last[row.path] = (row.number, row.hash)
    for path, digest in hashes.items():
        number, before = last.get(path, (0, ""))
        if before != digest:
            db.session.add(
                DefinitionVersion(
                    county_id=county_id,
                    package=name,
                    path=path,
                    kind=kind_of(path),
                    number=number + 1,
                    hash=digest,
                    state=VersionState.FINAL,
                    created_at=now,
                    created_by=actor.person_id,
                )
            )


def _activate(release: Release, now: datetime) -> None:
    active = {"release_id": release.id, "number": release.number, "since": now}
    statement = insert_for(ActiveRelease, db.engine.dialect.name).values(
        county_id=release.county_id, package=release.package, **active
    )
    db.session.execute(statement.on_conflict_do_update(index_elements=["county_id", "package"], set_=active))
    events.publish(ReleaseActivated(release.county_id, release.package, release.id, now))


def process(release: ReleaseInfo, process_id: str) -> ProcessDefinition:
    """The compiled process of the release. Raises DefinitionError."""
    return contents(release).process(process_id)


def decision(release: ReleaseInfo, reference: str) -> DecisionModel:
    """The model that holds the decision. Raises EngineError `decision_unknown`."""
    return contents(release).decision(reference)[0]


def form(release: ReleaseInfo, key: str) -> dict[str, Any]:
    """The form `<package>/<name>` of the release. Raises FileNotInRelease."""
    try:
        return contents(release).form(key)
    except KeyError:
        raise FileNotInRelease(release=release.number, package=release.package, kind="form", name=key) from None


def document_template(release: ReleaseInfo, name: str) -> bytes:
    """The typst template of the release. Raises FileNotInRelease."""
    try:
        return contents(release).document(name)
    except KeyError:
        raise FileNotInRelease(release=release.number, package=release.package, kind="document", name=name) from None


def dictionary(release: ReleaseInfo) -> Dictionary | None:
    """The declared names; None for a package without a dictionary."""
    return contents(release).dictionary


def package(release: ReleaseInfo) -> PackageSettings:
    """The package's settings: its stages, roles, topics and actions."""
    return contents(release).settings
