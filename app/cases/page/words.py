"""The release a case runs on, and its words."""

from app.cases.models import Case
from app.cases.queries import PACKAGE, value_label
from app.core.translations import language
from app.definitions import queries as definitions
from app.definitions.compiled import Contents
from app.workflow import queries as workflow


def contents_of(case: Case) -> Contents:
    """The release that the case runs on; the active one for a case without a process."""
    instances = workflow.instances_of(case.county_id, case.id)
    release = (
        definitions.release(case.county_id, instances[-1].release_id)
        if instances
        else definitions.active_release(case.county_id, PACKAGE)
    )
    return definitions.contents(release)


def word(case: Case, name: str, value: object) -> str:
    zh, en = value_label(case.county_id, name, value)
    return en if language() == "en" else zh


def name_word(case: Case, name: str) -> str | None:
    """The label of a name declared in the active release; None for an expression that is none."""
    dictionary = definitions.contents(definitions.active_release(case.county_id, PACKAGE)).dictionary
    entry = dictionary.get(name) if dictionary else None
    return entry.label.in_language(language()) if entry else None
