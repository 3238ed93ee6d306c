"""Puts the rooms together: every blueprint, command, subscription and registration stands in this one list."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, has_request_context
from flask_babel import lazy_gettext as _l
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.engine import make_url

from app.administration import holdings
from app.administration.access import views as access_views
from app.administration.calendar import jobs as calendar_jobs
from app.administration.calendar import views as calendar_views
from app.administration.offices import jobs as office_jobs
from app.administration.offices import views as office_views
from app.administration.own_leave import views as own_leave_views
from app.administration.people import account_views as person_account_views
from app.administration.people import jobs as people_jobs
from app.administration.people import views as people_views
from app.administration.queries import looks_after_people
from app.administration.registers import views as register_views
from app.administration.spreadsheets import views as spreadsheet_views
from app.api import assembly
from app.audit.commands import audit_cli
from app.audit.verification import register_owner
from app.authoring import editors
from app.authoring import panels as authoring_panels
from app.authoring.dictionary import views as dictionary_views
from app.authoring.form_designer import views as form_designer_views
from app.authoring.heat import views as heat_views
from app.authoring.modeller import views as modeller_views
from app.authoring.moving import api as moving_api
from app.authoring.moving import views as moving_views
from app.authoring.publishing import jobs as publishing_jobs
from app.authoring.publishing import views as authoring_views
from app.authoring.publishing.commands import definitions_cli
from app.authoring.publishing.queries import approvals_badge, requests_by
from app.authoring.queries import is_keeper
from app.authoring.rehearsal import jobs as rehearsal_jobs
from app.authoring.rehearsal import views as rehearsal_views
from app.authoring.rehearsal.cards import changes_card
from app.authoring.simulation import views as simulation_views
from app.authoring.tables import views as table_views
from app.cases import api as cases_api
from app.cases import jobs as case_topics
from app.cases import notifying, panels, party_views, timeline
from app.cases.attachments import SUBJECT_KIND, may_read_file, note_reading
from app.cases.events import CaseMoved
from app.cases.evidence import views as evidence_views
from app.cases.listing import views as list_views  # noqa: F401 - completes the pages of cases
from app.cases.queries import case_ids, codes_seen, words_of_today
from app.cases.related import views as related_views  # noqa: F401 - completes the pages of a case
from app.cases.search import views as search_views
from app.cases.search.commands import search_cli
from app.cases.services.access import follow_facts
from app.cases.services.cases import follow_stage
from app.cases.starters import STARTED
from app.cases.subject import CaseSubject
from app.config import ROOT, settings
from app.core import addresses, clock, events, ids, logs, metrics, requests, translations
from app.core.database import db
from app.core.locking import prepare_engine
from app.core.unit_of_work import Application
from app.definitions.commands import processes_cli
from app.definitions.decision_commands import decisions_cli
from app.definitions.events import ReleaseActivated
from app.definitions.feel_commands import feel_command
from app.definitions.models import FileKind
from app.devdata.commands import demo_cli
from app.devdata.county import COUNTY_ID, PASSWORD
from app.directory import jobs as house_jobs
from app.directory import sessions
from app.directory import views as directory_views
from app.directory.account import channels
from app.directory.account import places as account_places
from app.directory.account import views as account_views
from app.directory.commands import token_cli
from app.directory.errors import DemoNotAllowed
from app.directory.models import Person
from app.directory.oidc import views as oidc_views
from app.directory.registers.queries import register_of
from app.directory.registers.rules import CHANNELS, COLOURS
from app.directory.rules import ROLES, TASK_ROLES, Viewer
from app.directory.sessions import signed_in_viewer
from app.documents import jobs as document_topics
from app.documents import views as document_views
from app.documents.commands import archive_cli
from app.files import views as file_views
from app.files.commands import backup_command, restore_command
from app.files.queries import register_permission
from app.intake import api as intake_api
from app.intake import views as intake_views
from app.intake.commands import intake_cli
from app.matching import jobs as matching_topics
from app.matching import services as matching_services
from app.mediation import views as mediation_views
from app.mediation.services import follow_closed_item
from app.notices import jobs as notice_jobs
from app.notices import views as notice_views
from app.notices.queries import register_matters, register_tasks, unread_count
from app.operations import api as operations_api
from app.operations import jobs as operations_jobs
from app.operations import views as operations_views
from app.operations.queries import ROLES as OPERATION_ROLES
from app.operations.queries import open_count
from app.portal import views as portal_views
from app.scheduling import views as health_views
from app.scheduling.commands import worker_command
from app.supervision import jobs as supervision_topics
from app.supervision import views as supervision_views
from app.tasks import api as tasks_api
from app.tasks import panels as inbox
from app.tasks import views as task_views
from app.tasks.badges import inbox_badge
from app.tasks.comments import api as comments_api
from app.tasks.comments import views as comment_views
from app.tasks.conditions import started_by, started_elsewhere, started_restricted
from app.tasks.drafts import jobs as draft_jobs
from app.tasks.drafts import views as draft_views
from app.tasks.drafts.queries import FILES, may_read_draft_file
from app.tasks.moves import api as moves_api
from app.tasks.moves import views as move_views
from app.tasks.on_case import views as task_on_case_views
from app.tasks.queries import only_tasks_in
from app.tasks.saved_views import views as saved_view_views
from app.ui import formats, frame
from app.ui.navigation import NavigationItem, navigation
from app.ui.tabs import Tab
from app.workflow import counting
from app.workflow import jobs as workflow_jobs
from app.workflow import services as workflow
from app.workflow import starts as process_starts
from app.workflow.events import ItemClosed, StageEntered, VariablesChanged
from app.workflow.moving import jobs as moving_jobs
from app.workflow.moving.commands import instances_cli
from app.workflow.ports import use_subject

csrf = CSRFProtect()
migrate = Migrate(directory=str(ROOT / "migrations"), compare_type=True, render_as_batch=False)


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The application with `config` laid over the settings of the environment. Starts no thread and no worker."""
    app = Application("app", static_folder=None)
    app.config.update(settings())
    app.config.update(config or {})
    app.config.update(DEMO_COUNTY=COUNTY_ID, DEMO_PASSWORD=PASSWORD)
    _refuse_public_demo(app)
    ids.init_app(app)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    migrate.init_app(app, db)
    addresses.init_app(app)
    requests.init_app(app)
    translations.init_app(app)
    csrf.init_app(app)
    frame.init_app(
        app,
        reader=signed_in_viewer,
        office=_office,
        home_endpoint="tasks.inbox",
        sign_out_endpoint="directory.sign_out",
    )
    sessions.init_app(app)
    logs.configure()
    logs.init_app(app)
    _connect_rooms()
    _register_pages(app)
    _register_api(app)
    _register_commands(app)
    return app


def _connect_rooms() -> None:
    """Ports, topics, jobs, events and the places on the case page."""
    use_subject(CaseSubject())
    register_owner("case", case_ids)
    register_permission(SUBJECT_KIND, may_read_file, note_reading)
    register_permission(FILES, may_read_draft_file)
    register_matters(codes_seen)
    register_tasks(only_tasks_in)
    for topics in (case_topics, matching_topics, supervision_topics, document_topics, notifying):
        topics.register_topics()
    workflow_jobs.register()
    counting.register()
    process_starts.register()
    moving_jobs.register()
    notice_jobs.register()
    house_jobs.register()
    publishing_jobs.register()
    operations_jobs.register()
    office_jobs.register()
    people_jobs.register()
    holdings.register(_requests_of)
    channels.told_by(lambda viewer: words_of_today(viewer, CHANNELS))
    formats.use_own_colours(_own_colour)
    calendar_jobs.register()
    draft_jobs.register()
    rehearsal_jobs.register()
    document_topics.register_sweep()
    timeline.register_own()
    for pages in (
        document_views,
        evidence_views,
        mediation_views,
        supervision_views,
        move_views,
        saved_view_views,
        comment_views,
    ):
        pages.register_wordings()
    timeline.register("notice.issued", timeline.Wording(_l("Told %(names)s: %(title)s"), "bell", group="engine"))

    events.subscribe(ReleaseActivated, process_starts.follow_release)
    events.subscribe(StageEntered, follow_stage)
    events.subscribe(ItemClosed, follow_closed_item)
    events.subscribe(ItemClosed, matching_services.follow_closed_item)
    events.subscribe(VariablesChanged, follow_facts)
    events.subscribe(CaseMoved, _follow_moved_case)

    inbox.add_case_tab(
        inbox.CaseTab(
            "started",
            _l("Started by me"),
            "file-plus",
            started_by,
            started_restricted,
            STARTED,
            (
                _l("You have not started anything yet"),
                _l("Every matter that you take in, and each in which you set something off, stays in sight here."),
            ),
            elsewhere=started_elsewhere,
            order=10,
        )
    )
    for pages in (mediation_views, supervision_views):
        pages.register_inbox()
    account_places.add_place(account_places.Place("own_leave.index", _l("My leave"), "", "beach"))
    panels.use_incident_page(operations_views.incident_address)
    panels.set_tabs(
        Tab("overview", _l("Overview"), "cases.overview"),
        Tab("parties", _l("Parties"), "cases.parties"),
        Tab("mediation", _l("Mediation"), "mediation.sessions"),
        Tab("evidence", _l("Evidence"), "evidence.index"),
        Tab("file", _l("Case file"), "documents.file"),
        Tab("comments", _l("Comments"), "comments.of_case"),
        Tab("timeline", _l("Timeline"), "cases.history"),
        Tab("diagram", _l("Diagram"), "cases.diagram"),
        Tab("decisions", _l("Decisions"), "cases.decisions"),
    )
    authoring_panels.set_tabs(
        Tab("files", _l("Files"), "authoring.package_page"),
        Tab("dictionary", _l("Dictionary"), "dictionary.page"),
        Tab("checks", _l("Checks"), "authoring.checks"),
        Tab("tests", _l("Tests"), "authoring.tests"),
        Tab("simulation", _l("Play"), "simulation.page"),
        Tab("changes", _l("Changes"), "authoring.changes"),
        Tab("rehearsals", _l("Rehearsals"), "rehearsal.index"),
        Tab("heat", _l("Heat"), "heat.page"),
        Tab("releases", _l("Releases"), "authoring.releases"),
        Tab("running", _l("Running"), "authoring.running"),
        Tab("moves", _l("Moves"), "moving.index"),
    )
    authoring_panels.add_change_card(authoring_panels.ChangeCard("rehearsal", changes_card, 10))
    editors.register(FileKind.PROCESS, "modeller.editor")
    editors.register(FileKind.DECISION, "tables.editor")
    editors.register(FileKind.FORM, "form_designer.editor")
    editors.register_comparison(FileKind.PROCESS, "modeller.comparison")
    authoring_panels.add_release_action(
        authoring_panels.ReleaseAction(_l("Move to the active release"), "moving.from_release")
    )
    moving_views.register_wordings()
    panels.add_card(panels.Card("supervision", supervision_views.orders_card, 10, supervision_views.has_orders))
    panels.add_card(panels.Card("completeness", document_views.completeness_card, 20, on_the_right=True))
    panels.add_card(panels.Card("my_task", task_on_case_views.my_task_card, 10, on_the_right=True))


def _own_colour(colour: str) -> tuple[str, str]:
    """How the reader's county calls a risk colour and shows it, where its register says so today."""
    viewer = signed_in_viewer() if has_request_context() else None
    word = register_of(viewer.county_id, COLOURS).get(colour) if viewer else None
    if viewer is None or word is None or not word.holds_on(clock.now().astimezone(ZoneInfo(viewer.zone)).date()):
        return "", ""
    return word.en if translations.language() == "en" else word.zh, word.tone


def _requests_of(person: Person) -> list[holdings.Holding]:
    """What somebody asked to publish stays where it is when they leave: another one decides."""
    asked = requests_by(person.county_id, person.id)
    sentence = _l("A request to publish the package %(package)s waits for approval; another process owner decides.")
    return [holdings.Holding(str(sentence) % {"package": one.package}) for one in asked]


def _follow_moved_case(event: CaseMoved) -> None:
    workflow.reassign_candidates(event.county_id, event.case_id)


def _register_pages(app: Flask) -> None:
    for module in (
        directory_views,
        account_views,
        oidc_views,
        task_views,
        task_on_case_views,
        move_views,
        draft_views,
        saved_view_views,
        comment_views,
        party_views,
        search_views,
        evidence_views,
        file_views,
        intake_views,
        notice_views,
        mediation_views,
        document_views,
        supervision_views,
        authoring_views,
        rehearsal_views,
        moving_views,
        modeller_views,
        table_views,
        form_designer_views,
        simulation_views,
        dictionary_views,
        heat_views,
        operations_views,
        people_views,
        person_account_views,
        own_leave_views,
        office_views,
        calendar_views,
        register_views,
        spreadsheet_views,
        access_views,
        portal_views,
        health_views,
        metrics,
    ):
        app.register_blueprint(module.blueprint)
    app.add_url_rule("/", "home", task_views.home)
    navigation(app).add(
        NavigationItem("tasks.inbox", _l("Inbox"), "inbox", badge=inbox_badge, on_phone=True, order=10),
        NavigationItem("intake.new", _l("Register"), "file-plus", intake_views.REGISTER_ROLES, on_phone=True, order=20),
        NavigationItem(
            "intake.doorstep", _l("At the door"), "door", intake_views.DOORSTEP_ROLES, on_phone=True, order=30
        ),
        NavigationItem("cases.index", _l("Cases"), "folders", on_phone=True, order=40),
        NavigationItem(
            "authoring.index",
            _l("Processes and rules"),
            "sitemap",
            predicate=is_keeper,
            badge=approvals_badge,
            on_phone=True,
            order=45,
        ),
        NavigationItem(
            "operations.incidents",
            _l("Operations"),
            "engine",
            OPERATION_ROLES,
            badge=open_count,
            on_phone=True,
            order=45,
        ),
        NavigationItem("search.index", _l("Search"), "search", tuple(sorted(TASK_ROLES)), search=True),
        NavigationItem("people.index", _l("Administration"), "building", predicate=looks_after_people, order=48),
        NavigationItem("notices.index", _l("Notices"), "bell", badge=unread_count, order=50),
        NavigationItem("account.index", _l("My account"), "user-circle", order=90),
    )


def _register_api(app: Flask) -> None:
    parts = [
        intake_api.blueprint,
        tasks_api.blueprint,
        moves_api.blueprint,
        comments_api.blueprint,
        cases_api.blueprint,
        operations_api.messages,
        operations_api.signals,
        operations_api.incidents,
        moving_api.blueprint,
    ]
    assembly.init_app(app, parts)
    for part in parts:
        csrf.exempt(part)


def _register_commands(app: Flask) -> None:
    app.cli.add_command(archive_cli)
    app.cli.add_command(backup_command)
    app.cli.add_command(restore_command)
    for group in (
        audit_cli,
        definitions_cli,
        processes_cli,
        decisions_cli,
        feel_command,
        intake_cli,
        search_cli,
        instances_cli,
        archive_cli,
        token_cli,
        demo_cli,
        worker_command,
    ):
        app.cli.add_command(group)


def _office(viewer: Viewer) -> str:
    """What stands under a person's name: the first post."""
    english = translations.language() == "en"
    if not viewer.roles:
        return viewer.county_name_en if english else viewer.county_name_zh
    first = viewer.roles[0]
    return f"{translations.label(first)} · {ROLES[first.role][english]}"


def _refuse_public_demo(app: Flask) -> None:
    if not app.config["DEMO"] or app.config["DEMO_ANYWHERE"]:
        return
    if make_url(app.config["SQLALCHEMY_DATABASE_URI"]).get_backend_name() != "sqlite":
        raise DemoNotAllowed("DEMO=1 runs on SQLite only; set DEMO_ANYWHERE=1 to allow public demo passwords.")
