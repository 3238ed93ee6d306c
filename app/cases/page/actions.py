"""What may be set off from a case: the package's messages and the diagram's optional elements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from markupsafe import Markup
from werkzeug.datastructures import FileStorage, MultiDict

from app.cases.attachments import keep_uploads, shown_files
from app.cases.models import Case
from app.cases.page.words import contents_of, instances_of
from app.core.errors import Forbidden, NotFound
from app.core.translations import language
from app.core.unit_of_work import keep_changes
from app.definitions.rules import Action
from app.directory import queries as directory
from app.directory.calendars import CountyCalendar
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.engine import feel
from app.forms import AskedForm, FormInvalid, FormUnfinished
from app.workflow import queries as workflow
from app.workflow.models import Instance, InstanceStatus
from app.workflow.ports import subject_keeper


def actions(viewer: Viewer, case: Case, *, now: datetime) -> Sequence[tuple[str, str]]:
    """(address, label) of what this person may set off from this case now."""
    if case.status in ("archived", "merged"):
        return []
    offered = [
        (url_for("cases.action", code=case.code, message=one.message), one.label.in_language(language()))
        for one in _allowed_actions(viewer, case, now)
    ]
    return offered


def optional_actions(viewer: Viewer, case: Case) -> Sequence[tuple[str, str]]:
    """(element, label) of the optional elements that the diagram offers to this person."""
    roles = viewer.role_names()
    return [
        (str(one["element_id"]), str((one.get("name_en") if language() == "en" else "") or one["name"]))
        for instance in _running(case)
        for one in instance.optional
        if _is_for(one, roles)
    ]


def optional_instance(viewer: Viewer, case: Case, element_id: str) -> int:
    for instance in workflow.instances_of(case.county_id, case.id, running=True):
        for one in instance.optional:
            if one["element_id"] == element_id:
                if not _is_for(one, viewer.role_names()):
                    raise Forbidden
                return instance.id
    raise NotFound


def _is_for(optional: Mapping[str, Any], roles: frozenset[str]) -> bool:
    groups = {str(group).split("@")[0] for group in optional.get("candidate_groups", ())}
    return not groups or bool(groups & roles)


def _running(case: Case) -> Sequence[Instance]:
    return [one for one in instances_of(case) if one.status == InstanceStatus.RUNNING]


def _allowed_actions(viewer: Viewer, case: Case, now: datetime) -> list[Action]:
    running = _running(case)
    if not running:
        return []
    roles = viewer.role_names()
    surroundings = _environment(case, now)
    names = _Names(case, running[-1])
    return [
        one
        for one in contents_of(case).settings.actions
        if (not one.roles or roles & {role.split("@")[0] for role in one.roles})
        and _holds(one.when, names, surroundings)
    ]


def _holds(condition: str, names: Mapping[str, object], environment: feel.Environment) -> bool:
    text = condition.strip().removeprefix("=").strip()
    return not text or feel.compile_expression(text).evaluate(names, environment) is True


class _Names(dict[str, object]):
    """Every name an action's condition may read: what the process keeps, and the case itself."""

    def __init__(self, case: Case, instance: Instance) -> None:
        super().__init__(workflow.variables_by_scope(case.county_id, instance.id).get("", {}))
        self.update(subject_keeper().load(case.county_id, case.id).variables)


def _environment(case: Case, now: datetime) -> feel.Environment:
    zone = directory.zone_of(case.county_id)
    return feel.Environment(now=now, zone=zone, calendar=CountyCalendar(case.county_id), strict=False)


def action_named(viewer: Viewer, case: Case, message: str, *, now: datetime) -> Action:
    """The action if this person may set it off now; NotFound otherwise."""
    for one in _allowed_actions(viewer, case, now):
        if one.message == message:
            return one
    raise NotFound


def action_form(
    case: Case,
    action: Action,
    *,
    now: datetime,
    typed: Any = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> Markup:
    """The action's form as it stands on its page; nothing for an action without one."""
    if not action.form:
        return Markup("")
    return _asked(case, action, now).shown(typed or {}, errors, language=language(), files=shown_files(case))


def _asked(case: Case, action: Action, now: datetime) -> AskedForm:
    contents = contents_of(case)
    return AskedForm(contents.form(action.form), contents.dictionary, _names(case), _environment(case, now))


def _names(case: Case) -> Mapping[str, object]:
    running = workflow.instances_of(case.county_id, case.id, running=True)
    return _Names(case, running[-1]) if running else subject_keeper().load(case.county_id, case.id).variables


@dataclass(frozen=True, slots=True)
class Answer:
    """A posted action form: its values, or what was typed and what is wrong with it."""

    complete: bool
    values: Mapping[str, object]
    typed: Any = None
    errors: Mapping[str, Sequence[str]] | None = None


def read_action(
    viewer: Viewer,
    case: Case,
    action: Action,
    posted: "MultiDict[str, str]",
    uploads: "MultiDict[str, FileStorage]",
    *,
    now: datetime,
) -> Answer:
    if not action.form:
        return Answer(True, {})
    form = _asked(case, action, now)
    try:
        actor = actor_of(viewer)
        kept = keep_uploads(case, form, posted, uploads, actor=actor, now=now)
        values = form.values(kept.values, language=language(), known_files=kept.files)
    except FormInvalid as invalid:
        if uploads:
            keep_changes()
        return Answer(False, {}, invalid.typed, None if isinstance(invalid, FormUnfinished) else invalid.fields)
    return Answer(True, values)
