from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.config import VERSION
from app.core import clock
from app.core.database import db
from app.scheduling.services import last_beat

blueprint = Blueprint("health", __name__)

WORKER_LATE_SECONDS = 30


@blueprint.get("/healthz")
def health() -> ResponseReturnValue:
    """200 with version, database and the worker's last beat; 503 when the database does not answer."""
    try:
        db.session.execute(text("SELECT 1"))
        beat = last_beat()
    except SQLAlchemyError:
        db.session.rollback()
        return jsonify(status="down", version=VERSION, database="unreachable", worker=None), 503
    late = None if beat is None else (clock.now() - beat).total_seconds()
    alive = late is not None and late < WORKER_LATE_SECONDS
    return jsonify(
        status="ok" if alive else "worker missing",
        version=VERSION,
        database=db.engine.dialect.name,
        worker=None if beat is None else {"last_beat": beat.isoformat(), "seconds_ago": round(late or 0, 1)},
    )
