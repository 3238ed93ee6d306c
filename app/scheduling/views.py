from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from app.config import VERSION
from app.core import clock
from app.core.database import db
from app.core.errors import Overcrowded, Unavailable
from app.core.locking import is_read_only
from app.core.outages import outages
from app.scheduling.services import last_beat

blueprint = Blueprint("health", __name__)

WORKER_LATE_SECONDS = 30


@blueprint.get("/healthz")
def health() -> ResponseReturnValue:
    """200 with version, database and the worker's last beat; whether the database takes changes stands in `writable`.

    503 when the database does not answer.
    """
    writable = not is_read_only(db.session()) and not outages.unwritable
    beat = last_beat()
    late = None if beat is None else (clock.now() - beat).total_seconds()
    alive = late is not None and late < WORKER_LATE_SECONDS
    return jsonify(
        status="not writable" if not writable else "ok" if alive else "worker missing",
        version=VERSION,
        database=db.engine.dialect.name,
        writable=writable,
        worker=None if beat is None else {"last_beat": beat.isoformat(), "seconds_ago": round(late or 0, 1)},
    )


@blueprint.errorhandler(Unavailable)
def down(refusal: Unavailable) -> ResponseReturnValue:
    database = "every connection is in use" if isinstance(refusal, Overcrowded) else "unreachable"
    return jsonify(status="down", version=VERSION, database=database, writable=False, worker=None), 503
