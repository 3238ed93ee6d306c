"""The release a case runs on, and its words."""

from collections.abc import Sequence

from app.cases.models import Case
from app.cases.queries import active_contents, value_label
from app.core.remembered import remembered
from app.core.translations import language
from app.definitions import queries as definitions
from app.definitions.compiled import Contents
from app.workflow import queries as workflow
from app.workflow.models import Instance


def instances_of(case: Case) -> Sequence[Instance]:
    """The processes about the case, in the order in which they began."""
    return remembered(("instances", case.id), lambda: workflow.instances_of(case.county_id, case.id))


def contents_of(case: Case) -> Contents:
    """The release that the case runs on; the active one for a case without a process."""
    instances = instances_of(case)
    if not instances:
        return active_contents(case.county_id)
    return definitions.contents(definitions.release(case.county_id, instances[-1].release_id))


def word(case: Case, name: str, value: object) -> str:
    zh, en = value_label(case.county_id, name, value)
    return en if language() == "en" else zh


def name_word(case: Case, name: str) -> str | None:
    """The label of a name declared in the active release; None for an expression that is none."""
    dictionary = active_contents(case.county_id).dictionary
    entry = dictionary.get(name) if dictionary else None
    return entry.label.in_language(language()) if entry else None
