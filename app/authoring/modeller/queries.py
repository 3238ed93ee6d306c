"""What the modeller offers instead of typed keys: forms, tables, processes, roles, stages, names, work to be done."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from flask import url_for

from app.authoring import library
from app.authoring.queries import DraftContents, dictionary_of
from app.config import ROOT
from app.core.translations import language
from app.definitions.errors import SettingsRefused
from app.definitions.models import FileKind
from app.definitions.rules import Label, PackageSettings
from app.directory.rules import ROLES, split_group
from app.engine.bpmn.reader import read
from app.engine.findings import EngineError

TEMPLATES = ROOT / "element-templates"

REFUSED = ("complex-gateway", "conditional-start", "data-store-reference", "none-boundary-event", "task")
"""What menus leave out, by the entry's id without its verb: refused by the check, or of no use in a running path.

A conditional start is offered inside an event sub-process, where it runs.
"""

_PLACES = {
    "own": Label("本单位", "own office"),
    "parent": Label("上一级", "the tier above"),
    "county": Label("县级", "county"),
    "town": Label("乡镇", "town"),
    "village": Label("村居", "village"),
    "grid": Label("网格", "grid"),
}

_REMINDER = {
    "late": Label("逾期", "Late"),
    "remind": Label("提醒办理人", "Remind who does it"),
    "reminded": Label("已提醒", "Reminded"),
}
"""What the elements of a reminder are called, in both languages whatever the page's."""


def offered(held: DraftContents) -> Mapping[str, Any]:
    """The lists of the panel for a package as it is drafted, in the page's language."""
    settings = _settings(held)
    return {
        "forms": list(_forms(held)),
        "tables": list(_tables(held)),
        "processes": list(_processes(held)),
        "groups": list(_groups(settings)),
        "stages": [_option(one.id, one.label) for one in settings.stages] if settings else [],
        "names": list(_names(held)),
        "topics": [{"value": one["topic"], "label": one["name"]} for one in _templates(settings)],
        "templates": list(_templates(settings)),
        "refused": REFUSED,
        "reminder": {key: {"name": label.zh, "nameEn": label.en} for key, label in _REMINDER.items()},
    }


def _option(value: str, label: Label, url: str = "") -> dict[str, str]:
    words = label.in_language(language()) or value
    return {"value": value, "label": words} | ({"url": url} if url else {})


def _settings(held: DraftContents) -> PackageSettings | None:
    try:
        return held.settings
    except SettingsRefused:
        return None


def _page_of(held: DraftContents, path: str) -> str:
    return url_for("authoring.package_page", package=held.package, q=path.rpartition("/")[2])


def _forms(held: DraftContents) -> Iterator[dict[str, str]]:
    titles = library.titles(held)
    for path in sorted(held.of_kind(FileKind.FORM)):
        key = f"{held.package}/{path.removeprefix('forms/').removesuffix('.form')}"
        yield _option(key, titles.get(path, Label(key, key)), _page_of(held, path))


def _tables(held: DraftContents) -> Iterator[dict[str, str]]:
    for path, model in sorted(held.decisions.items()):
        for decision in model.decisions:
            yield _option(decision.id, Label(decision.name, decision.name_en), _page_of(held, path))


def _processes(held: DraftContents) -> Iterator[dict[str, str]]:
    for path, content in sorted(held.of_kind(FileKind.PROCESS).items()):
        try:
            processes = read(content, path).processes
        except EngineError:
            continue
        for one in processes:
            label = Label(one.name or one.id, one.properties.get("name.en", ""))
            yield _option(one.id, label, _page_of(held, path))


def _groups(settings: PackageSettings | None) -> Iterator[dict[str, str]]:
    """The groups that the package may use; every role where it names none."""
    for group in (settings.roles if settings else ()) or tuple(ROLES):
        yield _option(group, group_words(group))


def group_words(group: str) -> Label:
    """What a group such as `dispatcher@parent` is called."""
    role, place = split_group(group)
    words = ROLES.get(role, (role, role))
    where = _PLACES.get(place, Label(place, place))
    suffix = Label("", "") if place == "own" else Label(f"（{where.zh}）", f" ({where.en})")
    return Label(words[0] + suffix.zh, words[1] + suffix.en)


def _names(held: DraftContents) -> Iterator[dict[str, str]]:
    for name, entry in (dictionary_of(held) or {}).items():
        yield _option(name, entry.label)


def _templates(settings: PackageSettings | None) -> Iterator[dict[str, Any]]:
    """The element templates of the topics that the package may use, with their topic beside."""
    for template in _all_templates(TEMPLATES, language()):
        if settings is None or not settings.topics or template["topic"] in settings.topics:
            yield template


@lru_cache(maxsize=4)
def _all_templates(folder: Path, language: str) -> tuple[dict[str, Any], ...]:
    found = []
    for file in sorted(folder.glob("*.json")):
        template = orjson.loads(file.read_bytes())
        fixed = {one["binding"]["name"]: one.get("value") for one in template["properties"] if "name" in one["binding"]}
        topic = str(fixed.get("camunda:topic", ""))
        template |= {"topic": topic, "name.en": str(fixed.get("name.en") or topic)}
        template["properties"] = [_in_language(one, language) for one in template["properties"]]
        found.append(_in_language(template, language))
    return tuple(found)


def _in_language(words: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A template or one of its fields with the words of one language: those of `name.en` in the place of `name`."""
    own = {name: value for name, value in words.items() if not name.endswith(".en")}
    if language != "en":
        return own
    return {name: words.get(f"{name}.en", value) for name, value in own.items()}
