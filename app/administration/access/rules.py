"""Which rights a role gives, by the sets that the checks themselves use."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from app.directory.rules import BY_TASK_ONLY, CASE_ROLES, READING_ROLES, SENSITIVE_ROLES, TASK_ROLES, TEAM_ROLES

_RIGHTS: tuple[tuple[frozenset[str], Any], ...] = (
    (CASE_ROLES, _l("Sees every ordinary case that is led at this office or below it.")),
    (SENSITIVE_ROLES, _l("Sees the restricted ones too: minors, domestic violence, guarded cases.")),
    (BY_TASK_ONLY, _l("Sees a case only while it has an open task for this role or this person.")),
    (TASK_ROLES - READING_ROLES, _l("May take tasks that are offered to this role at this office.")),
    (TEAM_ROLES, _l("Sees in the inbox what is open for others at this office and below it.")),
    (READING_ROLES, _l("Looks at cases and changes nothing.")),
    (frozenset({"process_owner"}), _l("Keeps packages of paths, rules and forms. Sees no case by this role.")),
    (frozenset({"administrator"}), _l("Keeps offices, people and registers. Sees no case by this role.")),
    (frozenset({"operator"}), _l("Repairs processes that stand still. Sees no content of cases by this role.")),
    (frozenset({"resident"}), _l("Follows their own matters only.")),
    (frozenset({"privacy_officer"}), _l("Answers for personal information. Sees no case by this role.")),
)

WAYS: dict[str, tuple[Any, Any]] = {
    "office": (
        _l("A role of theirs sees the cases of the office that leads this one."),
        _l("No role of theirs sees the cases of the office that leads this one."),
    ),
    "assigned": (_l("They have an open task in it."), _l("They have no open task in it.")),
    "lent": (
        _l("Somebody does a task of theirs in it for them."),
        _l("Nobody does a task of theirs in it for them."),
    ),
    "offered": (
        _l("An open task in it is offered to a role of theirs, or to them by name."),
        _l("No open task in it is offered to a role of theirs, or to them by name."),
    ),
    "mediator": (_l("They mediate it."), _l("They do not mediate it.")),
    "co_worker": (_l("They help with an open task in it."), _l("They help with no open task in it.")),
    "admitted": (
        _l("They were given a part in it by name, as the keeper of a watch is."),
        _l("They were given no part in it by name."),
    ),
    "stands_in": (
        _l("They stand in for somebody on leave who has an open task in it."),
        _l("They stand in for nobody on leave who has an open task in it."),
    ),
}
"""What each way to see a case says when it is open, and when it is not."""

RESTRICTED_INSIDE = _l("It is led at an office of theirs, but it is restricted, and none of their roles sees those.")


def rights_of(role: str) -> Sequence[Any]:
    """What holding a role lets a person see and do, in sentences."""
    return [words for roles, words in _RIGHTS if role in roles]
