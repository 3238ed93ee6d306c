"""Play a drafted path: what is open now, what happened, and the recording of it as a test."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from app.authoring import library, queries, services
from app.authoring.errors import ScriptRefused
from app.authoring.modeller.queries import group_words
from app.authoring.queries import DraftContents
from app.authoring.rules import place_of
from app.authoring.simulation import scripts
from app.authoring.simulation.adoption import adopted
from app.authoring.values import ToldValue, told_values
from app.authoring.views import editor_address, find_package, show_tab, worded
from app.core import clock
from app.core.errors import NotFound
from app.core.translations import language
from app.definitions.checks import play_path_test
from app.definitions.models import FileKind
from app.directory import queries as directory
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.engine.bpmn.diagram import Process
from app.engine.bpmn.path_tests import PathTestResult
from app.engine.bpmn.reader import read
from app.engine.bpmn.simulation import Trail
from app.engine.bpmn.step import WorkItem
from app.engine.feel import Environment, compile_expression, dump, to_json
from app.engine.findings import EngineError
from app.forms.answers import from_posted
from app.forms.asked import AskedForm
from app.forms.components import parse
from app.forms.errors import FormInvalid
from app.ui.htmx import go_to
from app.ui.security_headers import allow_style_attributes

blueprint = Blueprint("simulation", __name__, url_prefix="/authoring", template_folder="templates")

PIECE_SECONDS = 2.0
TELLING = frozenset({"userTask", "manualTask", "endEvent", "callActivity", "businessRuleTask", "serviceTask"})


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that waits: its words, the roles that may do it, its form."""

    index: int
    element_id: str
    process_id: str
    name: str
    groups: Mapping[str, str]
    fields: Markup


@dataclass(slots=True)
class Played:
    """What the page shows of a script as far as it has come."""

    document: scripts.Document
    result: PathTestResult
    tasks: list[OpenTask] = field(default_factory=list)

    @property
    def trail(self) -> Trail:
        return self.result.trail or Trail()


@blueprint.get("/<package>/simulation")
def page(package: str) -> ResponseReturnValue:
    """Begin a run of a process, from nothing or with the start of a test."""
    viewer, _active = find_package(package)
    allow_style_attributes()
    held = queries.draft_contents(viewer.county_id, package)
    processes = _processes(held)
    process_id = request.args.get("process", "")
    if process_id not in processes:
        process_id = held.settings.main if held.settings.main in processes else next(iter(processes), "")
    like = request.args.get("like", "")
    titles = library.titles(held)
    tests = {
        one: titles[one].in_language(language()) if one in titles else one.removeprefix("processes/tests/")
        for one in sorted(held.of_kind(FileKind.PATH_TEST))
    }
    model = scripts.read_script(held.files[like].decode()) if like in tests else None
    document = scripts.new_script(process_id, model)
    if request.args.get("steps") == "all" and model is not None:
        document = {key: value for key, value in model.items() if key != "expect"}
    shown: ResponseReturnValue = show_tab(
        "authoring/simulation/page.html",
        viewer,
        package,
        "simulation",
        processes={one: _label(process) for one, process in processes.items()},
        process_id=process_id,
        tests=tests,
        like=like,
        **_values(viewer, held, document),
    )
    return shown


@blueprint.post("/<package>/simulation")
def play(package: str) -> ResponseReturnValue:
    """One move further, or back: the script comes with the request, nothing is kept."""
    viewer, _active = find_package(package)
    held = queries.draft_contents(viewer.county_id, package)
    document = scripts.read_script(request.form.get("script", ""))
    before = _played(held, document)
    errors: dict[str, Any] = {}
    try:
        document = _moved(viewer, held, before, document)
    except FormInvalid as refused:
        errors = {"refused": refused, "task": request.form.get("task", "")}
    except (EngineError, ValueError) as error:
        errors = {"message": str(error)}
    return render_template("authoring/simulation/_run.html", package=package, **_values(viewer, held, document, errors))


@blueprint.post("/<package>/simulation/recording")
def record(package: str) -> ResponseReturnValue:
    """Keep what was played as a path test, a draft of the package."""
    viewer, _active = find_package(package)
    held = queries.draft_contents(viewer.county_id, package)
    document = scripts.read_script(request.form.get("script", ""))
    played = _played(held, document)
    name = request.form.get("name", "").strip()[:120]
    if not name or played.result.trail is None:
        raise ScriptRefused(reason=_("a test needs a name and a path that runs"))
    test = scripts.expecting(document, name, played.trail, _telling(held))
    path = place_of(FileKind.PATH_TEST, request.form.get("file", "").strip() or "test")
    content = scripts.write_script(test).encode()
    made = services.add_file(viewer.county_id, package, path, content, actor=actor_of(viewer), now=clock.now())
    flash(_("The test was recorded as %(path)s.", path=path))
    return go_to(editor_address(made))


@blueprint.post("/<package>/simulation/adoption")
def adopt(package: str) -> ResponseReturnValue:
    """Have the failing tests take up the task that was answered last, some at a time."""
    viewer, _active = find_package(package)
    held = queries.draft_contents(viewer.county_id, package)
    posted = request.form
    tests = sorted(held.of_kind(FileKind.PATH_TEST))
    begin, done, failed = (max(posted.get(name, 0, type=int), 0) for name in ("begin", "done", "failed"))
    script = posted.get("script", "")
    step = _last_answer(scripts.read_script(script))
    until = time.monotonic() + PIECE_SECONDS
    while begin < len(tests) and time.monotonic() < until:
        path = tests[begin]
        content = held.files[path]
        mended = adopted(held, path, content, str(step["at"]), step.get("answer", {}))
        if mended is None:
            failed += 1
        elif mended != content:
            draft = services.open_draft(viewer.county_id, package, path, viewer, now=clock.now())
            services.save_draft(
                draft, mended, expected_revision=draft.revision, actor=actor_of(viewer), now=clock.now()
            )
            done += 1
        begin += 1
    return render_template(
        "authoring/simulation/_adoption.html",
        package=package,
        script=script,
        step=step,
        begin=begin,
        total=len(tests),
        done=done,
        failed=failed,
    )


def _last_answer(document: scripts.Document) -> dict[str, Any]:
    for step in reversed(document.get("step", [])):
        if isinstance(step, dict) and "at" in step:
            return step
    raise ScriptRefused(reason=_("answer the new task first"))


@blueprint.get("/<package>/simulation/<process_id>/diagram")
def diagram(package: str, process_id: str) -> Response:
    """The drafted diagram that holds the process."""
    viewer, _active = find_package(package)
    held = queries.draft_contents(viewer.county_id, package)
    for path, content in held.of_kind(FileKind.PROCESS).items():
        try:
            if any(one.id == process_id for one in read(content, path).processes):
                return Response(content, mimetype="application/xml")
        except EngineError:
            continue
    raise NotFound


def _values(
    viewer: Viewer, held: DraftContents, document: scripts.Document, errors: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    played = _played(held, document)
    _open_tasks(viewer, held, played, errors or {})
    trail = played.trail
    shown = _shown_process(trail, document)
    return {
        "played": played,
        "trail": trail,
        "script": scripts.write_script(document),
        "steps": [_told_step(held, step) for step in document.get("step", [])],
        "names": _names(held),
        "failures": [worded(one) for one in played.result.failures],
        "message": (errors or {}).get("message", ""),
        "shown_process": shown,
        "running": sorted(
            {one.element_id for one in trail.open.values()} | {one.element_id for one in trail.waiting_for}
        ),
        "visited": sorted({element for element, process in trail.visited if process == shown}),
        "incidents": sorted({one.element_id for one in trail.incidents.values()}),
        "variables": _told(held, dict(sorted(trail.variables.items()))),
    }


def _told(held: DraftContents, values: Mapping[str, object]) -> list[ToldValue]:
    plain = {name: to_json(value) for name, value in values.items()}
    return told_values(queries.dictionary_of(held), plain)


def _told_step(held: DraftContents, step: Mapping[str, Any]) -> dict[str, Any]:
    """A step of the script with its values and its role in words."""
    told = {name: _told(held, value) if isinstance(value, Mapping) else value for name, value in step.items()}
    return told | ({"by": group_words(str(step["by"])).in_language(language())} if "by" in step else {})


def _played(held: DraftContents, document: scripts.Document) -> Played:
    text = scripts.write_script({key: value for key, value in document.items() if key != "expect"})
    return Played(document, play_path_test(held, "", text.encode()))


def _shown_process(trail: Trail, document: scripts.Document) -> str:
    """The process in which something is open; else the one that was played last."""
    for item in trail.open.values():
        return item.process_id
    own = str(document.get("test", {}).get("process", ""))
    return trail.visited[-1][1] if trail.visited and not trail.finished else own


def _open_tasks(viewer: Viewer, held: DraftContents, played: Played, errors: Mapping[str, Any]) -> None:
    counts: dict[str, int] = {}
    for item in played.trail.open.values():
        index = counts.get(item.element_id, 0)
        counts[item.element_id] = index + 1
        asked = _asked(viewer, held, item, played.trail)
        fields = Markup("")
        if asked is not None:
            refused = errors.get("refused") if errors.get("task") == f"{item.element_id}#{index}" else None
            typed, wrong = (refused.typed, refused.fields) if refused else (dict(asked.variables), None)
            fields = asked.shown(typed, wrong, language=language(), within=f"task-{item.element_id}-{index}")
        english = (item.title_en or item.name_en) if language() == "en" else ""
        name = english or item.title or item.name or item.element_id
        groups = {group: group_words(group).in_language(language()) for group in item.candidate_groups}
        played.tasks.append(OpenTask(index, item.element_id, item.process_id, name, groups, fields))


def _asked(viewer: Viewer, held: DraftContents, item: WorkItem, trail: Trail) -> AskedForm | None:
    try:
        form = held.form(item.form_key) if item.form_key else None
        if form is not None:
            parse(form)
    except (EngineError, KeyError, ValueError):
        form = None
    if form is None:
        return None
    environment = Environment(trail.now, directory.zone_of(viewer.county_id))
    return AskedForm(form, held.dictionary, {**trail.variables, **item.inputs}, environment)


def _moved(viewer: Viewer, held: DraftContents, before: Played, document: scripts.Document) -> scripts.Document:
    """The script with the posted move. Raises FormInvalid for an answer that its form refuses."""
    posted = request.form
    zone = directory.zone_of(viewer.county_id)
    match posted.get("move", ""):
        case "back":
            return scripts.shorter(document, len(document.get("step", [])) - 1)
        case "start":
            return {**document, "start": _typed(posted.get("values", ""), zone), "step": []}
        case "answer":
            return scripts.longer(document, _answer(viewer, held, before))
        case "message":
            return scripts.longer(
                document, {"message": posted["name"], "payload": _typed(posted.get("values", ""), zone)}
            )
        case "signal":
            return scripts.longer(document, {"signal": posted["name"]})
        case "wait":
            return scripts.longer(document, {"wait": posted.get("span", "").strip() or "P1D"})
        case "optional":
            return scripts.longer(document, {"start": posted["name"]})
        case "topic":
            step: dict[str, object] = {"topic": posted["name"], "result": _typed(posted.get("values", ""), zone)}
            return scripts.longer(document, step)
        case "set":
            return scripts.longer(document, {"set": _typed(posted.get("values", ""), zone)})
    return document


def _answer(viewer: Viewer, held: DraftContents, before: Played) -> dict[str, object]:
    element_id, _sign, index = request.form.get("task", "").rpartition("#")
    items = [one for one in before.trail.open.values() if one.element_id == element_id]
    number = int(index or 0)
    if not 0 <= number < len(items):
        raise ScriptRefused(reason=element_id)
    step: dict[str, object] = {"at": element_id}
    if number:
        step["item"] = number
    by = request.form.get("by", "")
    if by:
        step["by"] = by
    asked = _asked(viewer, held, items[number], before.trail)
    if asked is not None:
        values = asked.values(from_posted(parse(asked.form), request.form), language=language())
        step["answer"] = {name: value for name, value in values.items() if value is not None}
    return step


def _typed(text: str, zone: ZoneInfo) -> dict[str, object]:
    """Values typed as a FEEL context without its braces: `amount: 5, place: "河畔村"`."""
    inner = text.strip().removeprefix("{").removesuffix("}")
    if not inner:
        return {}
    value = compile_expression("{" + inner + "}").evaluate({}, Environment(clock.now(), zone))
    dump(value)
    return {str(name): one for name, one in value.items()} if isinstance(value, Mapping) else {}


def _processes(held: DraftContents) -> dict[str, Process]:
    found: dict[str, Process] = {}
    for path, content in sorted(held.of_kind(FileKind.PROCESS).items()):
        try:
            found |= {one.id: one for one in read(content, path).processes}
        except EngineError:
            continue
    return found


def _label(process: Process) -> str:
    english = process.properties.get("name.en", "") if language() == "en" else ""
    return english or process.name or process.id


def _names(held: DraftContents) -> dict[str, str]:
    """What the steps are called, in the page's language."""
    nodes = (node for process in _processes(held).values() for _, node in process.body.walk())
    return {one.id: (one.properties.get("name.en") if language() == "en" else "") or one.name for one in nodes}


def _telling(held: DraftContents) -> frozenset[str]:
    """Elements whose visit a test should expect: tasks, calls and ends."""
    return frozenset(
        node.id for process in _processes(held).values() for _, node in process.body.walk() if node.type in TELLING
    )
