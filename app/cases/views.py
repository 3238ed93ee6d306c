from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from app.audit import queries as audit
from app.audit.services import Stream
from app.cases import panels, queries, timeline
from app.cases.models import Case
from app.cases.page import actions, header, loaded, work
from app.cases.page import decisions as decision_tables
from app.cases.page import diagram as diagrams
from app.cases.page import facts as fact_pages
from app.cases.page.words import word
from app.cases.rules import masked_phone
from app.cases.services.cases import note_printed, refuse_if_closed_to_changes
from app.core import clock
from app.core.errors import NotFound
from app.core.paging import record_id
from app.core.translations import language
from app.directory.rules import Viewer
from app.directory.sessions import actor_of, current_viewer
from app.workflow import services as processes
from app.workflow.commands import StartOptional
from app.workflow.messaging import send_message

blueprint = Blueprint("cases", __name__, url_prefix="/cases", template_folder="templates")


def find_case(code: str) -> tuple[Viewer, Case]:
    """The case that the reader may see, with what stands on top of its page; NotFound otherwise."""
    viewer = current_viewer()
    return viewer, loaded.open_case(viewer, code)


def show_tab(template: str, viewer: Viewer, case: Case, tab: str, **more: Any) -> str:
    return render_template(
        template,
        case=case,
        head=header.head_of(viewer, case, now=clock.now()),
        tabs=header.tab_links(case, tab),
        version=loaded.version_of(case),
        **more,
    )


@blueprint.get("/<code>")
def overview(code: str) -> ResponseReturnValue:
    viewer, case = find_case(code)
    if case.status == "merged" and case.successor_id and request.args.get("stay") is None:
        return redirect(url_for("cases.overview", code=queries.case_by_id(case.county_id, case.successor_id).code))
    return overview_page(viewer, case)


def overview_page(viewer: Viewer, case: Case, *, instead: Mapping[str, Markup] | None = None) -> str:
    """The first tab; `instead` holds cards that stand as they were posted, by name."""
    now = clock.now()
    present = loaded.opened(case).present
    return show_tab(
        "cases/overview.html",
        viewer,
        case,
        "overview",
        groups=fact_pages.overview_groups(case),
        reports=[(one, word(case, "channel", one.channel)) for one in queries.reports_of(case)],
        parties=loaded.parties_of(case),
        clocks=header.clocks_of(viewer, case, now=now),
        tasks=work.open_tasks(viewer, case, now=now),
        incidents=work.incidents(viewer, case),
        why=decision_tables.routing_decision(case),
        cards=panels.cards(viewer, case, present),
        cards_on_the_right=panels.cards(viewer, case, present, on_the_right=True, instead=instead),
        offers=actions.offers(viewer, case, now=now),
    )


@blueprint.post("/<code>/print")
def print_case(code: str) -> ResponseReturnValue:
    """The whole case on A4: no navigation, numbers masked. What leaves on paper is told in the history."""
    viewer, case = find_case(code)
    now = clock.now()
    note_printed(case, actor=actor_of(viewer), now=now)
    tabs = [group for tab in fact_pages.fact_tabs(case) for group in fact_pages.tab_groups(case, tab)]
    return render_template(
        "cases/print.html",
        case=case,
        head=header.head_of(viewer, case, now=now),
        clocks=header.clocks_of(viewer, case, now=now),
        groups=[*fact_pages.overview_groups(case), *tabs],
        parties=loaded.parties_of(case),
        reports=[(one, word(case, "channel", one.channel)) for one in queries.reports_of(case)],
        why=decision_tables.routing_decision(case),
        lines=timeline.page_of(case, loaded.history_of(case), timeline.Shown(), size=timeline.ROWS_READ).lines,
        masked_phone=masked_phone,
        now=now,
    )


@blueprint.get("/<code>/facts/<tab>")
def facts(code: str, tab: str) -> ResponseReturnValue:
    """A tab that the package adds for cases of this type or procedure."""
    viewer, case = find_case(code)
    chosen = fact_pages.tab_named(case, tab)
    groups = fact_pages.tab_groups(case, chosen)
    return show_tab("cases/facts.html", viewer, case, f"facts:{tab}", chosen=chosen, groups=groups)


@blueprint.get("/<code>/timeline")
def history(code: str) -> ResponseReturnValue:
    viewer, case = find_case(code)
    group = request.args.get("group", "")
    chosen = timeline.Shown(
        group if group in timeline.GROUPS else "",
        request.args.get("actor", "")[:80],
        request.args.get("q", "").strip()[:60],
        request.args.get("before", type=record_id),
    )
    page = timeline.page_of(case, loaded.history_of(case), chosen)
    return show_tab("cases/timeline.html", viewer, case, "timeline", page=page, chosen=chosen, groups=timeline.GROUPS)


@blueprint.get("/<code>/news")
def news(code: str) -> ResponseReturnValue:
    """Whether anything happened since the page knew the case; asked every few seconds, nothing is said when not."""
    viewer = current_viewer()
    case = queries.case_for(viewer, code)
    known = request.args.get("version", 0, type=int)
    newest = audit.head(Stream.case(case.county_id, case.id))
    if newest is None or newest[0] <= known:
        return "", 204
    return jsonify(version=newest[0], words=timeline.news_of(case, since=known, reader=viewer.person_id))


@blueprint.get("/<code>/diagram")
def diagram(code: str) -> ResponseReturnValue:
    viewer, case = find_case(code)
    wanted = request.args.get("process", "")
    return show_tab("cases/diagram.html", viewer, case, "diagram", **diagrams.diagram(case, wanted, now=clock.now()))


@blueprint.get("/<code>/diagram/<process_id>.bpmn")
def diagram_file(code: str, process_id: str) -> ResponseReturnValue:
    """The diagram in the very version that this case runs on."""
    _viewer, case = find_case(code)
    content = loaded.contents_of(case).process_files.get(f"{process_id}.bpmn")
    if content is None:
        raise NotFound
    return Response(content, mimetype="application/xml", headers={"Cache-Control": "private, max-age=300"})


@blueprint.get("/<code>/decisions")
def decisions(code: str) -> ResponseReturnValue:
    viewer, case = find_case(code)
    whole = request.args.get("table", type=record_id)
    return show_tab(
        "cases/decisions.html",
        viewer,
        case,
        "decisions",
        decisions=decision_tables.decisions(case, whole=whole),
        whole=whole,
        risks=queries.risk_rows_of(case),
    )


@blueprint.route("/<code>/actions/<message>", methods=["GET", "POST"])
def action(code: str, message: str) -> ResponseReturnValue:
    """Set something off from the case: a form of the package, and a message to its running process."""
    viewer, case = find_case(code)
    refuse_if_closed_to_changes(case)
    chosen = actions.action_named(viewer, case, message, now=clock.now())
    if request.method == "GET":
        return show_tab(
            "cases/action.html",
            viewer,
            case,
            "overview",
            action=chosen,
            form=actions.action_form(case, chosen, now=clock.now()),
        )
    answer = actions.read_action(viewer, case, chosen, request.form, request.files, now=clock.now())
    if not answer.complete:
        shown = actions.action_form(case, chosen, now=clock.now(), typed=answer.typed, errors=answer.errors)
        html = show_tab("cases/action.html", viewer, case, "overview", action=chosen, form=shown)
        return html, 422 if answer.errors else 200
    send_message(
        case.county_id,
        chosen.message,
        subject_id=case.id,
        payload=answer.values,
        actor=actor_of(viewer),
        now=clock.now(),
    )
    flash(_("Done: %(name)s", name=chosen.label.in_language(language())), "success")
    return redirect(url_for("cases.overview", code=case.code))


@blueprint.post("/<code>/optional/<element_id>")
def start_optional(code: str, element_id: str) -> ResponseReturnValue:
    """Start one of the optional actions that the diagram offers now."""
    viewer, case = find_case(code)
    refuse_if_closed_to_changes(case)
    instance_id, label = actions.optional_element(viewer, case, element_id)
    processes.advance(case.county_id, instance_id, StartOptional(element_id), actor=actor_of(viewer), now=clock.now())
    flash(_('"%(name)s" has begun. What is to be done stands among the open tasks.', name=label), "success")
    return redirect(url_for("cases.overview", code=case.code))
