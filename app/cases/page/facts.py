"""Facts of a case as its package places them: groups on the first page and tabs of its own, by type and procedure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from app.cases.models import Case
from app.cases.page.loaded import contents_of, values_of
from app.cases.page.words import word
from app.core.days import day_words, moment_words
from app.core.errors import NotFound
from app.core.translations import language
from app.definitions.rules import Entry, FactGroup, FactTab
from app.directory.queries import zone_of
from app.engine.feel import Date, DateTime


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group with those of its facts that are known: (label, words)."""

    label: str
    facts: Sequence[tuple[str, str]]


def overview_groups(case: Case) -> Sequence[ShownGroup]:
    """What the release of the case puts on its first page."""
    return _shown(case, contents_of(case).settings.overview)


def fact_tabs(case: Case) -> Sequence[FactTab]:
    """The package's own tabs for a case of this type and procedure."""
    return [tab for tab in contents_of(case).settings.tabs if any(_applies(case, group) for group in tab.groups)]


def tab_named(case: Case, tab_id: str) -> FactTab:
    """Raises NotFound for a tab that this case does not have."""
    for tab in fact_tabs(case):
        if tab.id == tab_id:
            return tab
    raise NotFound


def tab_groups(case: Case, tab: FactTab) -> Sequence[ShownGroup]:
    return _shown(case, tab.groups)


def _applies(case: Case, group: FactGroup) -> bool:
    return group.applies(case.dispute_type, case.procedure)


def _shown(case: Case, groups: Iterable[FactGroup]) -> list[ShownGroup]:
    """Those groups that apply and of which something is known. What is private stands on no page for everybody."""
    dictionary: Mapping[str, Entry] = contents_of(case).dictionary or {}
    values = values_of(case)
    shown = []
    for group in groups:
        if not _applies(case, group):
            continue
        known = [
            (entry.label.in_language(language()), words)
            for name in group.facts
            if (entry := dictionary.get(name)) is not None
            and entry.sensitivity != "private"
            and (words := _worded(case, entry, values.get(name)))
        ]
        if known:
            shown.append(ShownGroup(group.label.in_language(language()), known))
    return shown


def _worded(case: Case, entry: Entry, value: object) -> str:
    """A FEEL value as people read it; "" for nothing."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Date):
        return day_words(value.to_python())
    if isinstance(value, DateTime):
        return moment_words(value.to_python(zone_of(case.county_id)))
    if isinstance(value, list):
        return str(_(", ")).join(words for one in value if (words := _worded(case, entry, one)))
    if isinstance(value, Mapping):
        return " · ".join(words for one in value.values() if (words := _worded(case, entry, one)))
    return word(case, entry.name, value)
