"""Reading a package's own words: its data dictionary (`data.toml`) and its settings (`package.toml`). Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from app.definitions.errors import SettingsRefused

DICTIONARY_FILE = "processes/data.toml"
SETTINGS_FILE = "processes/package.toml"

TYPES = ("text", "number", "boolean", "date", "date_time", "list", "context")
SOURCES = ("case", "party", "process")
SENSITIVITIES = ("normal", "private")

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ROLE = re.compile(r"[a-z][a-z0-9_]*(@[a-z]+)?")


@dataclass(frozen=True, slots=True)
class Label:
    """A word in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        return self.en if language == "en" and self.en else self.zh


@dataclass(frozen=True, slots=True)
class AllowedValue:
    value: str | float | bool
    label: Label


@dataclass(frozen=True, slots=True)
class Entry:
    """One declared name: what it may hold, where it is kept, who may write it, how it is called on screen."""

    name: str
    type: str
    source: str
    label: Label
    form: bool = False
    sensitivity: str = "normal"
    values: tuple[AllowedValue, ...] = ()
    ended: tuple[AllowedValue, ...] = ()
    """Values outside their days: not offered, still the words of what was entered before."""
    registered: bool = False
    """Whether a register of the county words, orders and dates the values; a form then has no words of its own."""
    values_of: str = ""
    """The name whose values these are, words, register and all; "" where it has its own or any."""

    def label_of(self, value: object) -> Label | None:
        """The word for one of the allowed values; None when it is not among them."""
        return next((allowed.label for allowed in (*self.values, *self.ended) if allowed.value == value), None)


_SPEAKING = ("text", "list", "context", "any")
"""Types that may hold anything about people; the others hold figures, dates, yes and no."""


def is_hidden(entry: Entry | None, *, about_case: bool, sees_case: bool) -> bool:
    """Whether a value of this name is kept from who looks after processes: what is private, and what speaks of a case
    that they may not see."""
    if entry is not None and (entry.sensitivity == "private" or entry.source == "party"):
        return True
    if not about_case or sees_case:
        return False
    return entry is None or (entry.type in _SPEAKING and not entry.values)


class Dictionary(Mapping[str, Entry]):
    """The declared names of a package, in the order of the file."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = dict(entries)
        self.case_names = frozenset(name for name, entry in self._entries.items() if entry.source == "case")
        self.party_names = frozenset(name for name, entry in self._entries.items() if entry.source == "party")

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries


@dataclass(frozen=True, slots=True)
class Stage:
    id: str
    label: Label


@dataclass(frozen=True, slots=True)
class Action:
    """What may be set off from the case page: a form whose answer is delivered as a message."""

    message: str
    label: Label
    form: str = ""
    roles: tuple[str, ...] = ()
    when: str = ""


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts that stand together on the case page, for cases of the named types and procedures; without any for all."""

    label: Label
    facts: tuple[str, ...]
    types: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()

    def applies(self, dispute_type: str | None, procedure: str | None) -> bool:
        return (not self.types or dispute_type in self.types) and (not self.procedures or procedure in self.procedures)


@dataclass(frozen=True, slots=True)
class FactTab:
    """A tab of the case page made of such groups; it is there when one of them applies."""

    id: str
    label: Label
    groups: tuple[FactGroup, ...]


@dataclass(frozen=True, slots=True)
class PackageSettings:
    """`package.toml`. `roles` is the allow-list for candidate groups, `topics` that of service tasks."""

    name: str
    label: Label
    main: str
    stages: tuple[Stage, ...] = ()
    roles: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    actions: tuple[Action, ...] = field(default_factory=tuple)
    overview: tuple[FactGroup, ...] = ()
    tabs: tuple[FactTab, ...] = ()

    def allows_group(self, group: str) -> bool:
        """May a task of this package be offered to `group`? A role that is allowed is allowed at any tier."""
        return not self.roles or group in self.roles or group.split("@")[0] in self.roles


def read_toml(content: bytes, file: str) -> dict[str, Any]:
    """The table in `content`; SettingsRefused names the file, and the line when the TOML itself is broken."""
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        raise SettingsRefused(file, "the file is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsRefused(file, str(error)) from error
    except RecursionError:
        raise SettingsRefused(file, "too many brackets within brackets") from None


def read_dictionary(content: bytes, file: str = DICTIONARY_FILE) -> Dictionary:
    """The data dictionary in `content`. Raises SettingsRefused with the file and the entry that is wrong."""
    entries = {name: _entry(name, raw, file) for name, raw in read_toml(content, file).items()}
    return Dictionary({name: _with_values(one, entries, file) for name, one in entries.items()})


def _with_values(entry: Entry, entries: Mapping[str, Entry], file: str) -> Entry:
    """The entry with the values of the other that it names."""
    if not entry.values_of:
        return entry
    other = entries.get(entry.values_of)
    if other is None or not other.values or other.values_of:
        raise SettingsRefused(file, f"{entry.name}.values_of: {entry.values_of!r} has no values of its own")
    if entry.values or not all(_fits(entry.type, one.value) for one in other.values):
        raise SettingsRefused(file, f"{entry.name}.values_of: its own values, or another type, do not go with it")
    return replace(entry, values=other.values)


def read_settings(content: bytes, file: str = SETTINGS_FILE) -> PackageSettings:
    """The settings in `content`. Raises SettingsRefused with the file and the key that is wrong."""
    table = read_toml(content, file)
    reader = _Reader(table, file, "")
    reader.only("name", "label", "main", "stages", "roles", "topics", "actions", "overview", "tabs")
    return PackageSettings(
        name=reader.text("name"),
        label=reader.label("label"),
        main=reader.text("main"),
        stages=tuple(Stage(each.text("id"), each.own_label()) for each in reader.tables("stages")),
        roles=reader.texts("roles", _ROLE),
        topics=reader.texts("topics"),
        actions=tuple(_action(each) for each in reader.tables("actions")),
        overview=tuple(_fact_group(each) for each in reader.tables("overview")),
        tabs=tuple(_fact_tab(each) for each in reader.tables("tabs")),
    )


def _fact_group(reader: "_Reader") -> FactGroup:
    reader.only("label", "facts", "types", "procedures")
    facts = reader.texts("facts", _NAME)
    if not facts:
        raise reader.refused("facts", "at least one name is expected")
    return FactGroup(reader.label("label"), facts, reader.texts("types"), reader.texts("procedures"))


def _fact_tab(reader: "_Reader") -> FactTab:
    reader.only("id", "label", "groups")
    tab = reader.text("id")
    if not _NAME.fullmatch(tab):
        raise reader.refused("id", "small letters, digits and _ are expected")
    groups = tuple(_fact_group(each) for each in reader.tables("groups"))
    if not groups:
        raise reader.refused("groups", "at least one group is expected")
    return FactTab(tab, reader.label("label"), groups)


def _action(reader: "_Reader") -> Action:
    reader.only("message", "label", "form", "roles", "when")
    return Action(
        message=reader.text("message"),
        label=reader.label("label"),
        form=reader.text("form", ""),
        roles=reader.texts("roles", _ROLE),
        when=reader.text("when", ""),
    )


def _entry(name: str, raw: object, file: str) -> Entry:
    if not _NAME.fullmatch(name):
        raise SettingsRefused(file, f"[{name}]: a name is made of small letters, digits and _")
    if not isinstance(raw, dict):
        raise SettingsRefused(file, f"[{name}]: a table is expected")
    reader = _Reader(raw, file, name)
    reader.only("type", "source", "form", "sensitivity", "label", "values", "values_of")
    kind = reader.one_of("type", TYPES)
    source = reader.one_of("source", SOURCES, "process")
    if source == "party" and reader.flag("form"):
        raise reader.refused("form", "the parties are read here, and written on their own page")
    values = tuple(AllowedValue(each.plain("value"), each.own_label()) for each in reader.tables("values"))
    for allowed in values:
        if not _fits(kind, allowed.value):
            raise reader.refused("values", f"{allowed.value!r} is no {kind}")
    if len({allowed.value for allowed in values}) < len(values):
        raise reader.refused("values", "a value stands there twice")
    return Entry(
        name=name,
        type=kind,
        source=source,
        label=reader.label("label"),
        form=reader.flag("form"),
        sensitivity=reader.one_of("sensitivity", SENSITIVITIES, "normal"),
        values=values,
        values_of=reader.text("values_of", ""),
    )


def _fits(kind: str, value: object) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind in ("text", "list"):
        return isinstance(value, str)
    return not isinstance(value, bool)


class _Reader:
    """Typed access to one TOML table; every complaint names file, entry and key."""

    def __init__(self, table: Mapping[str, Any], file: str, place: str) -> None:
        self._table = table
        self._file = file
        self._place = place

    def refused(self, key: str, reason: str) -> SettingsRefused:
        place = ".".join(part for part in (self._place, key) if part)
        return SettingsRefused(self._file, f"{place}: {reason}")

    def only(self, *known: str) -> None:
        for key in self._table:
            if key not in known:
                raise self.refused(key, f"unknown; one of {', '.join(known)} is expected")

    def text(self, key: str, default: str | None = None) -> str:
        value = self._table.get(key, default)
        if not isinstance(value, str):
            raise self.refused(key, "a text is expected")
        return value

    def plain(self, key: str) -> str | float | bool:
        value = self._table.get(key)
        if isinstance(value, date | datetime):
            return value.isoformat()
        if not isinstance(value, str | int | float | bool):
            raise self.refused(key, "a text, a number or true or false is expected")
        return value

    def flag(self, key: str) -> bool:
        value = self._table.get(key, False)
        if not isinstance(value, bool):
            raise self.refused(key, "true or false is expected")
        return value

    def one_of(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self._table.get(key, default)
        if value not in choices:
            raise self.refused(key, f"one of {', '.join(choices)} is expected")
        return str(value)

    def texts(self, key: str, pattern: re.Pattern[str] | None = None) -> tuple[str, ...]:
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.refused(key, "a list of texts is expected")
        for each in value:
            if pattern and not pattern.fullmatch(each):
                raise self.refused(key, f"{each!r} is not well formed")
        return tuple(value)

    def tables(self, key: str) -> "list[_Reader]":
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.refused(key, "a list of tables is expected")
        place = ".".join(part for part in (self._place, key) if part)
        return [_Reader(each, self._file, f"{place}[{number}]") for number, each in enumerate(value, 1)]

    def label(self, key: str) -> Label:
        value = self._table.get(key)
        if not isinstance(value, dict):
            raise self.refused(key, "{ zh = …, en = … } is expected")
        place = ".".join(part for part in (self._place, key) if part)
        return _Reader(value, self._file, place).own_label()

    def own_label(self) -> Label:
        return Label(self.text("zh"), self.text("en", ""))
