"""The heat of a package's processes."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.authoring.heat import queries
from app.authoring.views import find_package, show_tab
from app.core import clock
from app.core.errors import NotFound
from app.core.translations import language
from app.definitions import queries as definitions
from app.definitions.models import FileKind
from app.engine.bpmn.reader import read
from app.ui.security_headers import allow_style_attributes

blueprint = Blueprint("heat", __name__, url_prefix="/authoring", template_folder="templates")

PERIODS = (7, 30, 90, 365)


@blueprint.get("/<package>/heat")
def page(package: str) -> ResponseReturnValue:
    """The diagram of a process with its figures."""
    viewer, active = find_package(package)
    allow_style_attributes()
    days = request.args.get("days", 30, type=int)
    days = days if days in PERIODS else 30
    choices = _processes(viewer.county_id, package) if active else {}
    process_id = request.args.get("process", "")
    if process_id not in choices:
        process_id = next(iter(choices), "")
    now = clock.now()
    heat = queries.heat(viewer, package, process_id, since=queries.start_of(days, now), now=now)
    shown: ResponseReturnValue = show_tab(
        "authoring/heat/page.html",
        viewer,
        package,
        "heat",
        heat=heat,
        figures={element: one.to_json() for element, one in heat.figures.items()},
        process_id=process_id,
        choices=choices,
        days=days,
        periods=PERIODS,
    )
    return shown


@blueprint.get("/<package>/heat/<process_id>/diagram")
def diagram(package: str, process_id: str) -> Response:
    """The active diagram that holds the process."""
    _viewer, active = find_package(package)
    if active is not None:
        for path, content in definitions.contents(active).of_kind(FileKind.PROCESS).items():
            if any(one.id == process_id for one in read(content, path).processes):
                return Response(content, mimetype="application/xml")
    raise NotFound


@blueprint.get("/<package>/heat/<process_id>/<element_id>")
def cases(package: str, process_id: str, element_id: str) -> str:
    """The cases behind a number, as far as the reader may open them."""
    viewer, _active = find_package(package)
    kind = request.args.get("kind", "now")
    if kind not in queries.KINDS:
        raise NotFound
    count, rows = queries.cases_at(viewer, package, process_id, element_id, kind, now=clock.now())
    return render_template("authoring/heat/_cases.html", count=count, rows=rows, element_id=element_id, kind=kind)


def _processes(county_id: int, package: str) -> dict[str, str]:
    """The processes of the active release with their names, the main one first."""
    held = definitions.contents(definitions.active_release(county_id, package))
    names = {}
    for path, content in held.of_kind(FileKind.PROCESS).items():
        for one in read(content, path).processes:
            english = one.properties.get("name.en", "") if language() == "en" else ""
            names[one.id] = english or one.name or one.id
    main = held.settings.main
    return dict(sorted(names.items(), key=lambda pair: (pair[0] != main, pair[1])))
