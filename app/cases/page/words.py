"""Words of the package for what a page shows."""

from app.cases.models import Case
from app.cases.queries import active_contents, stage_label, value_label
from app.core.translations import language


def word(case: Case, name: str, value: object) -> str:
    zh, en = value_label(case.county_id, name, value)
    return en if language() == "en" else zh


def standing(case: Case) -> str:
    """How the case ended, or the stage in which it stands."""
    if case.outcome:
        return word(case, "outcome", case.outcome)
    zh, en = stage_label(case.county_id, "stage", case.stage)
    return en if language() == "en" else zh


def name_word(case: Case, name: str) -> str | None:
    """The label of a name declared in the active release; None for an expression that is none."""
    dictionary = active_contents(case.county_id).dictionary
    entry = dictionary.get(name) if dictionary else None
    return entry.label.in_language(language()) if entry else None
