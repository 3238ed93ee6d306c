"""Puts the rooms together: every blueprint, command, subscription and registration stands in this one list."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.engine import make_url

from app.audit.commands import audit_cli
from app.config import ROOT, settings
from app.core import translations
from app.core.database import db
from app.core.locking import prepare_engine
from app.core.unit_of_work import Application
from app.definitions.commands import definitions_cli, processes_cli
from app.devdata.county import COUNTY_ID, PASSWORD
from app.directory import sessions
from app.directory import views as directory_views
from app.directory.errors import DemoNotAllowed
from app.directory.rules import Viewer
from app.directory.sessions import signed_in_viewer
from app.files import views as files_views
from app.scheduling.commands import worker_command
from app.ui import frame
from app.workflow import jobs as workflow_jobs

csrf = CSRFProtect()
migrate = Migrate(directory=str(ROOT / "migrations"), compare_type=True, render_as_batch=False)


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The application with `config` laid over the settings of the environment. Starts no thread and no worker."""
    app = Application("app", static_folder=None)
    app.config.update(settings())
    app.config.update(config or {})
    app.config.update(DEMO_COUNTY=COUNTY_ID, DEMO_PASSWORD=PASSWORD)
    _refuse_public_demo(app)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    migrate.init_app(app, db)
    translations.init_app(app)
    csrf.init_app(app)
    frame.init_app(
        app,
        reader=signed_in_viewer,
        office=_office,
        home_endpoint="directory.sign_in_page",
        sign_out_endpoint="directory.sign_out",
    )
    sessions.init_app(app)
    workflow_jobs.register()
    _register_blueprints(app)
    _register_commands(app)
    return app


def _office(viewer: Viewer) -> str:
    return viewer.county_name_en if translations.language() == "en" else viewer.county_name_zh


def _refuse_public_demo(app: Flask) -> None:
    if not app.config["DEMO"] or app.config["DEMO_ANYWHERE"]:
        return
    if make_url(app.config["SQLALCHEMY_DATABASE_URI"]).get_backend_name() != "sqlite":
        raise DemoNotAllowed("DEMO=1 runs on SQLite only; set DEMO_ANYWHERE=1 to allow public demo passwords.")


def _register_blueprints(app: Flask) -> None:
    app.register_blueprint(directory_views.blueprint)
    app.register_blueprint(files_views.blueprint)


def _register_commands(app: Flask) -> None:
    app.cli.add_command(audit_cli)
    app.cli.add_command(definitions_cli)
    app.cli.add_command(processes_cli)
    app.cli.add_command(worker_command)
