"""`flask definitions export | import | diff`: packages between this database, folders and ZIP files."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import orjson

from app.audit.services import SYSTEM, Actor
from app.authoring import queries
from app.authoring.differences import FileDifference, compare_packages
from app.authoring.errors import ArchiveRefused
from app.authoring.publishing import archives, services
from app.core import clock
from app.core.errors import Refusal
from app.core.unit_of_work import run_unit
from app.definitions import queries as definitions
from app.definitions import services as releases
from app.definitions.commands import definitions_cli
from app.definitions.errors import PackageRefused
from app.definitions.services import manifest_hash, read_folder
from app.directory.queries import person_by_login
from app.engine.words import sentence

__all__ = ["definitions_cli"]

COUNTY = click.option("--county", "county_id", type=int, default=1, show_default=True)
LANGUAGE = click.option("--language", type=click.Choice(["zh", "en"]), default="en", show_default=True)
SOURCE = click.Path(exists=True, path_type=Path)
MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: what it is called, its package and its files."""

    label: str
    package: str
    files: Mapping[str, bytes]

    @property
    def hash(self) -> str:
        return manifest_hash(self.package, queries.contents_of_files(self.package, dict(self.files)).hashes)


@definitions_cli.command("export")
@click.argument("package")
@click.argument("target", type=click.Path(path_type=Path), default=Path())
@COUNTY
@click.option("--release", "number", type=int, help="A release by its number; the active one when it is not given.")
@click.option("--drafts", is_flag=True, help="The package as it is drafted.")
@click.option("--replace", is_flag=True, help="Write over files that differ and remove those that are not in it.")
def export_command(package: str, target: Path, county_id: int, number: int | None, drafts: bool, replace: bool) -> None:
    """Write PACKAGE below the folder TARGET, or as the file TARGET when it ends in .zip.

    The same content gives the same bytes. What differs in the folder is shown first and left, unless --replace.
    """
    side = _kept(county_id, package, "drafts" if drafts else str(number or ""))
    if target.suffix == ".zip":
        data = archives.pack(side.package, side.files)
        if target.exists() and target.read_bytes() != data and not replace:
            raise click.ClickException(f"{target} holds something else; --replace writes over it.")
        target.write_bytes(data)
    else:
        _write_folder(target, side, replace=replace)
    click.echo(f"{side.label}: {len(side.files)} files, content {side.hash[:16]}, written to {target}.")


def _write_folder(target: Path, side: Side, *, replace: bool) -> None:
    folder = target / "processes" / side.package
    there = read_folder(folder)[1] if folder.is_dir() else {}
    differ = compare_packages(there, side.files)
    if there and differ and not replace:
        _tell(differ)
        raise click.ClickException(f"{folder} differs; --replace writes over it.")
    for path in there.keys() - side.files.keys():
        _on_disk(target, side.package, path).unlink()
    for path, content in side.files.items():
        file = _on_disk(target, side.package, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _on_disk(target: Path, package: str, path: str) -> Path:
    part, _slash, rest = path.partition("/")
    return target / part / package / rest


@definitions_cli.command("import")
@click.argument("source", type=SOURCE)
@COUNTY
@click.option("--replace", is_flag=True, help="Make it the next and active release where the package is known.")
@click.option("--draft", "login", help="Make drafts of what differs, in the name of this account.")
@click.option("--note", default="", help="The note of the release.")
@LANGUAGE
def import_command(source: Path, county_id: int, replace: bool, login: str | None, note: str, language: str) -> None:
    """Bring in the package in SOURCE: a folder processes/<package>, or a ZIP.

    A package that is not known becomes release 1. One that is known is never overwritten silently: what differs is
    shown and nothing changes, unless --replace (the checks and path tests must pass) or --draft.
    """
    side = _from_disk(source, language)
    try:
        told = run_unit(lambda: _bring_in(county_id, side, replace=replace, login=login, note=note))
    except PackageRefused as refusal:
        for one in refusal.findings:
            where = f"{one.file}:{one.line} {one.element_name or one.element_id}".strip()
            click.echo(f"{one.severity.value:8}{where}: {sentence(one.code, one.params, language)}")
        raise SystemExit(1) from refusal
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if told is None:
        sys.exit(1)
    click.echo(told)


def _bring_in(county_id: int, side: Side, *, replace: bool, login: str | None, note: str) -> str | None:
    """What was done in words; None when the package is known, differs, and nothing was said about that."""
    now = clock.now()
    active = queries.active_release(county_id, side.package)
    if login:
        person = person_by_login(county_id, login)
        if person is None:
            raise click.ClickException(f"There is no account {login}.")
        made = archives.bring_in(
            county_id,
            side.package,
            side.files,
            actor=Actor("person", person.id, person.name),
            now=now,
            exact=True,
        )
        return f"{side.package}: {len(made.drafted)} drafts."
    if active is None:
        release = releases.import_files(county_id, side.package, side.files, actor=SYSTEM, now=now)
        return f"{side.package}: release {release.number} with {len(release.manifest)} files is active."
    if active.manifest_hash == side.hash:
        return f"{side.package}: release {active.number} holds the same, content {side.hash[:16]}."
    if not replace:
        _tell(compare_packages(definitions.files_of(active), side.files))
        click.echo(
            f"{side.package}: differs from release {active.number}. --replace publishes it, --draft LOGIN drafts it."
        )
        return None
    held = queries.contents_of_files(side.package, dict(side.files))
    services.refuse_unfit(county_id, held)
    release = releases.publish(
        county_id,
        side.package,
        side.files,
        actor=SYSTEM,
        approved_by=None,
        note=note,
        now=now,
        second_person=False,
        checked=True,
    )
    return f"{side.package}: release {release.number} with {len(release.manifest)} files is active."


@definitions_cli.command("diff")
@click.argument("one")
@click.argument("other", required=False)
@COUNTY
@click.option("--json", "as_json", is_flag=True, help="The differences as JSON.")
@LANGUAGE
def diff_command(one: str, other: str | None, county_id: int, as_json: bool, language: str) -> None:
    """Tell how ONE differs from OTHER; exit 1 when it does.

    Each is a folder processes/<package>, a ZIP, or a package of this database: `dispute` (its active release),
    `dispute@3`, `dispute@drafts`. Without OTHER the active release of the same package is meant.
    """
    new = _side(county_id, one, language)
    old = _side(county_id, other, language) if other else _kept(county_id, new.package, "")
    differ = compare_packages(old.files, new.files)
    if as_json:
        told = {
            "old": {"label": old.label, "content": old.hash},
            "new": {"label": new.label, "content": new.hash},
            "files": differ,
        }
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        _tell(differ)
        click.echo(f"{new.label} against {old.label}: {len(differ)} files differ.")
    if differ:
        sys.exit(1)


def _side(county_id: int, text: str, language: str) -> Side:
    path = Path(text)
    if path.exists() and "@" not in text:
        return _from_disk(path, language)
    package, _at, which = text.partition("@")
    return _kept(county_id, package, which)


def _from_disk(path: Path, language: str) -> Side:
    if path.is_dir():
        name, files = read_folder(path)
        return Side(str(path), name, files)
    try:
        name, files = archives.unpack(path.read_bytes(), language)
    except (ArchiveRefused, Refusal) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    return Side(str(path), name, files)


def _kept(county_id: int, package: str, which: str) -> Side:
    """A package of this database: its active release, a numbered one, or as drafted."""
    try:
        if which == "drafts":
            return Side(f"{package} as drafted", package, queries.draft_contents(county_id, package).files)
        release = (
            definitions.numbered_release(county_id, package, int(which))
            if which
            else definitions.active_release(county_id, package)
        )
    except (Refusal, ValueError) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    return Side(f"{package} release {release.number}", package, definitions.files_of(release))


def _tell(differences: Sequence[FileDifference]) -> None:
    for one in differences:
        click.echo(f"{one.change:8} {one.path}")
        if one.change != "changed":
            continue
        for line in _lines(one)[:MOST_LINES]:
            click.echo(f"           {line}")
        if len(_lines(one)) > MOST_LINES:
            click.echo(f"           … {len(_lines(one)) - MOST_LINES} more")


def _lines(one: FileDifference) -> list[str]:
    lines = []
    for table in one.tables:
        for row in table.rows:
            pairs = zip(table.columns, row.cells, strict=True)
            cells = [
                f"{head.new or head.old}: {cell.old or '-'} → {cell.new or '-'}" for head, cell in pairs if cell.changed
            ]
            lines.append(f"{row.change} row {row.new_number or row.old_number} of {table.id}: {'; '.join(cells)}")
    for element in one.elements:
        details = "; ".join(f"{each.what}: {each.old or '-'} → {each.new or '-'}" for each in element.details[:3])
        lines.append(f"{element.change} {element.type} {element.id} {element.name} {details}".rstrip())
    signs = {"added": "+", "removed": "-"}
    lines += [f"{signs[line.change]} {line.text}" for line in one.lines if line.change in signs]
    return lines
