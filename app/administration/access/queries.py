"""How the real check comes out for a person and a case, in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.administration.access.rules import RESTRICTED_INSIDE, WAYS
from app.cases.queries import Sight, sight_of, ways_to_see
from app.core.translations import label
from app.directory.queries import organisation
from app.directory.rules import Viewer


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether they may see it, and why or why not."""

    code: str
    found: bool
    visible: bool
    reasons: Sequence[Any]
    office: str = ""


def verdict(viewer: Viewer, code: str) -> Verdict:
    """Ask the conditions of every page for one case."""
    sight = sight_of(viewer, code)
    if sight is None:
        why = _("There is no case with this code.") if code else _("Please type the code of a case.")
        return Verdict(code, False, False, [why])
    office = label(organisation(sight.case.county_id, sight.case.lead_organisation_id))
    return Verdict(sight.case.code, True, sight.visible, _reasons(viewer, sight), office)


def _reasons(viewer: Viewer, sight: Sight) -> Sequence[Any]:
    if sight.recused:
        return [_("A conflict of interest is recorded: nothing of this case is theirs to see, whatever their roles.")]
    if sight.visible:
        return [WAYS[way][0] for way in sight.ways]
    closed = [way for way in ways_to_see(viewer) if not (way == "office" and sight.inside)]
    restricted = [RESTRICTED_INSIDE] if sight.inside else []
    return restricted + [WAYS[way][1] for way in closed]
