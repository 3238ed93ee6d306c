"""The page of the data dictionary: what each name means, where it is written and read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from app.authoring import library, queries, services
from app.authoring.dictionary.uses import Line, Use, lines_of, name_uses
from app.authoring.views import editor_address, find_package, show_tab
from app.core import clock
from app.core.translations import language
from app.definitions.compiled import Contents
from app.definitions.errors import SettingsRefused
from app.definitions.queries import Kept
from app.definitions.rules import DICTIONARY_FILE, SOURCES, Dictionary, Label
from app.definitions.services import manifest_hash

blueprint = Blueprint("dictionary", __name__, url_prefix="/authoring", template_folder="templates")

NameOf = Callable[..., str]

LISTED = 50
MARKS = ("undeclared", "never_written", "never_read")


@dataclass(frozen=True, slots=True)
class ShownUse:
    """An element that uses the name, in words: at which places, and how to go there."""

    path: str
    file: str
    element_id: str
    element: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownName:
    line: Line
    written: list[ShownUse]
    read: list[ShownUse]


@blueprint.get("/<package>/dictionary")
def page(package: str) -> ResponseReturnValue:
    viewer, _active = find_package(package)
    held = queries.draft_contents(viewer.county_id, package)
    dictionary, refused = _dictionary(held)
    text = request.args.get("q", "").strip()[:60]
    source, mark = request.args.get("source", ""), request.args.get("mark", "")
    every = lines_of(dictionary, _uses(held))
    found = [one for one in every if _fits(one, text.casefold(), source, mark)]
    pages = max(1, -(-len(found) // LISTED))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    titles, name_of = library.titles(held), library.naming(held)
    shown: ResponseReturnValue = show_tab(
        "authoring/dictionary/page.html",
        viewer,
        package,
        "dictionary",
        names=[_shown(one, titles, name_of) for one in found[(number - 1) * LISTED : number * LISTED]],
        count=len(found),
        marked={one: sum(one in line.marks for line in every) for one in MARKS},
        refused=refused,
        file=DICTIONARY_FILE,
        has_file=DICTIONARY_FILE in held.files,
        text=text,
        source=source,
        mark=mark,
        sources=SOURCES,
        page=number,
        pages=pages,
    )
    return shown


@blueprint.post("/<package>/dictionary")
def place(package: str) -> ResponseReturnValue:
    """Go to the element of a file in its editor; `place` is path#element."""
    viewer, _active = find_package(package)
    path, _, element = request.form.get("place", "")[:400].partition("#")
    draft = services.open_draft(viewer.county_id, package, path, viewer, now=clock.now())
    return redirect(editor_address(draft) + (f"#{element}" if element else ""), code=303)


def _dictionary(held: Contents) -> tuple[Dictionary | None, str]:
    """The declared names, or why they cannot be read."""
    try:
        return held.dictionary, ""
    except SettingsRefused as refusal:
        return None, str(refusal)


_kept: Kept[str, Sequence[Use]] = Kept(24)


def _uses(held: Contents) -> Sequence[Use]:
    name = manifest_hash(held.package, held.hashes)
    kept = _kept.get(name)
    return kept if kept is not None else _kept.keep(name, name_uses(held))


def _fits(line: Line, text: str, source: str, mark: str) -> bool:
    if mark and mark not in line.marks:
        return False
    if source and (line.entry is None or line.entry.source != source):
        return False
    if not text:
        return True
    words = [line.name]
    if line.entry is not None:
        words += [line.entry.label.zh, line.entry.label.en]
    return any(text in word.casefold() for word in words)


def _shown(line: Line, titles: Mapping[str, Label], name_of: NameOf) -> ShownName:
    return ShownName(line, _grouped(line.written, titles, name_of), _grouped(line.read, titles, name_of))


def _grouped(uses: Sequence[Use], titles: Mapping[str, Label], name_of: NameOf) -> list[ShownUse]:
    """The uses by element, each with its places."""
    found: dict[tuple[str, str], list[Use]] = {}
    for use in uses:
        found.setdefault((use.path, use.element_id), []).append(use)
    return [
        ShownUse(
            path,
            titles[path].in_language(language()) if path in titles else path,
            element_id,
            (same[0].element_name_en if language() == "en" else "") or name_of(path, element_id, same[0].element_name),
            tuple(dict.fromkeys(one.place for one in same)),
        )
        for (path, element_id), same in found.items()
    ]
