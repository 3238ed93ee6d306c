"""Measure a rehearsal: logged decisions of the shipped package decided again by a changed routing table."""

import os
import random
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.audit.services import SYSTEM
from app.authoring import services as drafts
from app.authoring.rehearsal.models import Rehearsal
from app.authoring.rehearsal.rules import Tally
from app.authoring.rehearsal.services import ask_for_rehearsal, go_on
from app.bench.place import environment_for, own_database
from app.config import ROOT
from app.core import clock
from app.core.bulk import insert_rows
from app.core.database import Base, db, table_of
from app.core.ids import new_id
from app.core.unit_of_work import run_unit
from app.definitions import queries as definitions
from app.definitions.compiled import Contents
from app.definitions.services import import_folder
from app.directory import queries as directory
from app.directory import services as directory_services
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.engine.feel import Environment, dump, to_json
from app.factory import create_app
from app.intake.services import NewReport, receive_report
from app.workflow.models import Decision, Instance

COUNTY = 1
SEED = 1963
CASES = 20
ROWS_AT_ONCE = 500
PACKAGE = ROOT / "processes" / "dispute"
PATH = "processes/route.dmn"
REFERENCE = "route"
BEFORE, AFTER = '<text>"village"</text>', '<text>"town"</text>'


def measure(*, server: str, decisions: int) -> dict[str, Any]:
    """Seconds from asking to the end, the worker's pieces done one after the other."""
    with own_database(server) as (url, _), tempfile.TemporaryDirectory() as var:
        os.environ.update(environment_for(url, Path(var)))
        app = create_app()
        with app.app_context():
            Base.metadata.create_all(db.engine)
            person_id = run_unit(_people_and_package)
            run_unit(_cases)
            run_unit(lambda: _log_decisions(decisions))
            viewer = directory.viewer_of_person(COUNTY, person_id, now=clock.now())
            assert viewer is not None  # noqa: S101 - created above
            run_unit(lambda: _change_the_table(viewer))
            began = time.perf_counter()
            found = _rehearse(viewer)
            seconds = time.perf_counter() - began
            db.engine.dispose()
    return {
        "seconds": round(seconds, 2),
        "decisions": found.compared,
        "per_s": round(found.compared / seconds),
        "different": found.changed,
        "failed": found.failed,
    }


def _people_and_package() -> int:
    county = directory_services.create_county(
        code="990000", name_zh="测速县", name_en="Benchmark", prefix="CS", county_id=COUNTY
    )
    place = directory_services.create_organisation(
        COUNTY,
        parent=None,
        name_zh=county.name_zh,
        name_en=county.name_en,
        tier="county",
        kind="government",
        code="990000",
    )
    owner = directory_services.create_person(COUNTY, login="owner", name="测速员")
    directory_services.assign_role(owner, "process_owner", place, from_date=date(2020, 1, 1))
    import_folder(COUNTY, PACKAGE, actor=SYSTEM, now=clock.now())
    return owner.id


def _cases() -> None:
    place = directory.organisation_by_code(COUNTY, "990000")
    assert place is not None  # noqa: S101 - created above
    for number in range(CASES):
        new = NewReport(channel="12345", text=f"第 {number} 件：邻居装修，夜里噪声大。", source_number=f"B{number}")
        receive_report(COUNTY, new, received_by=place, actor=SYSTEM, now=clock.now())


def _log_decisions(count: int) -> None:
    """Decisions with values drawn from what the dictionary allows, as the workflow would have written them."""
    chance = random.Random(SEED)  # noqa: S311 - no secret
    release = definitions.active_release(COUNTY, "dispute")
    held = definitions.contents(release)
    model, table_hash = held.decision(REFERENCE)
    names = model.inputs_of(REFERENCE)
    instances = db.session.execute(select(Instance.id, Instance.subject_id).where(Instance.county_id == COUNTY)).all()
    now = clock.now()
    zone = directory.zone_of(COUNTY)
    rows: list[dict[str, Any]] = []
    for number in range(count):
        at = now - timedelta(seconds=count - number)
        given = {name: value for name in names if (value := _drawn(held, name, chance)) is not None}
        decision = model.decide(REFERENCE, dict.fromkeys(names) | given, Environment(at, zone))
        instance = chance.choice(instances)
        rows.append(
            {
                "county_id": COUNTY,
                "id": new_id(),
                "instance_id": instance.id,
                "subject_id": instance.subject_id,
                "process_id": "triage",
                "element_id": "route",
                "reference": REFERENCE,
                "release": release.number,
                "table_hash": table_hash,
                "result": to_json(decision.result),
                "trace": decision.trace.to_json() | {"given": {name: dump(given.get(name)) for name in names}},
                "at": at,
            }
        )
    for first in range(0, count, ROWS_AT_ONCE):
        insert_rows(table_of(Decision), rows[first : first + ROWS_AT_ONCE])


def _drawn(held: Contents, name: str, chance: random.Random) -> object:
    """A value of the name as its declaration allows; None as often as one in ten."""
    entry = held.dictionary.get(name) if held.dictionary else None
    if entry is None or chance.random() < 0.1:
        return None
    if entry.values:
        return chance.choice(entry.values).value
    return {"number": chance.randint(0, 30), "boolean": chance.random() < 0.5, "text": "城东村"}.get(entry.type)


def _change_the_table(viewer: Viewer) -> None:
    draft = drafts.open_draft(COUNTY, "dispute", PATH, viewer, now=clock.now())
    content = draft.content.decode().replace(BEFORE, AFTER, 1).encode()
    actor = actor_of(viewer)
    drafts.save_draft(draft, content, expected_revision=draft.revision, actor=actor, now=clock.now())


def _rehearse(viewer: Viewer) -> Tally:
    """What the page and then the worker do."""
    actor = actor_of(viewer)

    def ask() -> int:
        span = {"days": 3_650}
        return ask_for_rehearsal(viewer, "dispute", PATH, REFERENCE, span, actor=actor, now=clock.now()).id

    rehearsal_id = run_unit(ask)
    while run_unit(lambda: go_on(COUNTY, rehearsal_id, now=clock.now())):
        pass
    return run_unit(lambda: _found(rehearsal_id))


def _found(rehearsal_id: int) -> Tally:
    asked = db.session.get(Rehearsal, (COUNTY, rehearsal_id))
    assert asked is not None  # noqa: S101 - asked for above
    return Tally.from_json(asked.found)
