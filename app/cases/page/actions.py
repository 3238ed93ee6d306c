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
from app.cases.page.loaded import contents_of, running, values_of
from app.cases.rights import roles_in
from app.core.errors import Forbidden, NotFound
from app.core.translations import language
from app.core.unit_of_work import keep_changes
from app.definitions.registered import arranged
from app.definitions.rules import Action
from app.directory import queries as directory
from app.directory.calendars import CountyCalendar
from app.directory.rules import READING_ROLES, ROLES, Viewer, split_group
from app.directory.sessions import actor_of
from app.engine import feel
from app.forms import AskedForm, FormInvalid, FormUnfinished


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that may be set off now: by this reader at `url`, or, without one, by whom `roles` names."""

    label: str
    url: str
    roles: Sequence[str] = ()
    posts: bool = False


def offers(viewer: Viewer, case: Case, *, now: datetime) -> Sequence[Offer]:
    """The menu of the case: what the reader may set off, then what others may."""
    if case.status in ("archived", "merged") or not running(case):
        return []
    roles = _acting_roles(viewer, case)
    found = [
        Offer(
            one.label.in_language(language()),
            url_for("cases.action", code=case.code, message=one.message) if _is_for(one.roles, roles) else "",
            _role_words(one.roles),
        )
        for one in _open_actions(case, now)
    ]
    found += [
        Offer(
            _label(one),
            url_for("cases.start_optional", code=case.code, element_id=one["element_id"])
            if _is_for(one["groups"], roles)
            else "",
            _role_words(one["groups"]),
            posts=True,
        )
        for instance in running(case)
        for one in instance.optional
    ]
    return sorted(found, key=lambda one: not one.url)


def _label(optional: Mapping[str, Any]) -> str:
    return str((optional.get("name_en") if language() == "en" else "") or optional["name"])


def optional_element(viewer: Viewer, case: Case, element_id: str) -> tuple[int, str]:
    """The process that offers the optional element, and its label. Raises NotFound, and Forbidden to whom it is not
    offered.
    """
    for instance in running(case):
        for one in instance.optional:
            if one["element_id"] == element_id:
                if not _is_for(one["groups"], _acting_roles(viewer, case)):
                    raise Forbidden
                return instance.id, _label(one)
    raise NotFound


def _acting_roles(viewer: Viewer, case: Case) -> frozenset[str]:
    """The roles that count in the case and are there to act."""
    return roles_in(viewer, case) - READING_ROLES


def _is_for(groups: Sequence[str], roles: frozenset[str]) -> bool:
    """Whether one of the groups is held; what names none is for everybody who does something here."""
    return bool(roles) and (not groups or bool({split_group(group)[0] for group in groups} & roles))


def _role_words(groups: Sequence[str]) -> list[str]:
    english = language() == "en"
    named = dict.fromkeys(split_group(group)[0] for group in groups)
    return [ROLES[role][english] for role in named if role in ROLES]


def _open_actions(case: Case, now: datetime) -> list[Action]:
    """The package's actions whose time it is, whoever may set them off."""
    surroundings = environment_of(case, now)
    names = values_of(case)
    return [one for one in contents_of(case).settings.actions if _holds(one.when, names, surroundings)]


def _holds(condition: str, names: Mapping[str, object], environment: feel.Environment) -> bool:
    text = condition.strip().removeprefix("=").strip()
    return not text or feel.compile_expression(text).evaluate(names, environment) is True


def environment_of(case: Case, now: datetime) -> feel.Environment:
    """What a condition of the page may ask besides names: the moment, the zone, the calendar."""
    zone = directory.zone_of(case.county_id)
    return feel.Environment(now=now, zone=zone, calendar=CountyCalendar(case.county_id), strict=False)


def action_named(viewer: Viewer, case: Case, message: str, *, now: datetime) -> Action:
    """The action if this person may set it off now; NotFound otherwise."""
    roles = _acting_roles(viewer, case)
    for one in _open_actions(case, now) if running(case) else ():
        if one.message == message and _is_for(one.roles, roles):
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
    environment = environment_of(case, now)
    dictionary = arranged(case.county_id, contents.dictionary, now.astimezone(environment.zone).date())
    return AskedForm(contents.form(action.form), dictionary, values_of(case), environment)


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
