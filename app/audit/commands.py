"""`flask audit …`"""

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from app.audit.anchoring import anchor_key
from app.audit.models import Anchor, HistoryRow, StreamHead
from app.audit.verification import verify
from app.core.database import db
from app.core.unit_of_work import unit_of_work

audit_cli = AppGroup("audit", help="The history.")

WORDS = {
    "edited": "a row was changed",
    "missing": "a row is missing in the middle",
    "tail": "rows at the end are missing",
    "head": "the head does not belong to its rows",
    "anchor": "an anchor was changed or removed",
    "owner": "the case of this history is gone, or a case has no history",
}


@audit_cli.command("verify")
def verify_command() -> None:
    """Recompute every chain and anchor; exit 1 and name the place of every fault."""
    key = anchor_key(current_app.config["VAR"]).public_key()
    with unit_of_work(write=False):
        known = (db.session.scalars(select(table.county_id).distinct()) for table in (StreamHead, HistoryRow, Anchor))
        counties = sorted({county_id for found in known for county_id in found})
        faults = [fault for county_id in counties for fault in verify(county_id, key)]
        streams = len(db.session.scalars(select(StreamHead.stream)).all())
    for fault in faults:
        click.echo(
            f"county {fault.county_id}  {fault.stream}  row {fault.sequence}: {WORDS[fault.kind]} ({fault.kind})"
        )
    if faults:
        click.echo(f"{len(faults)} faults in {streams} streams.")
        raise SystemExit(1)
    click.echo(f"{streams} streams are whole.")
