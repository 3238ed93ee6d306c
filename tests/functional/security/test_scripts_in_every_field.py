"""Names with scripts in them, in every text of every table: each page, export and answer shows them as text.

The stories are played, and things made that stories lack; then every text in the tables that is no key gets a breakout
of each kind. So whatever a page shows is covered, however it got there, and so is the page of a later day: the walk
reads the addresses from the application itself.
"""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from lxml import html
from openpyxl import load_workbook
from sqlalchemy import String, Text, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.audit.services import SYSTEM
from app.cases.models import Case, Party
from app.cases.services.parties import make_link
from app.core import clock
from app.core.database import Base, db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.sign_in.services import make_password_link
from app.workflow.models import Incident, WorkItem
from tests.functional.conftest import BrowserAs

MARK = "zq9x"
ATTACKS = (
    f"=<script>{MARK}()</script>\"'><img src=x onerror={MARK}()>{{{{7*7}}}}${{7*7}}",
    f"=\"'><i {MARK}=1>{{{{7*7}}}}",
    '"><i>',
)
RAN = re.compile(rf"<script>{MARK}|{MARK}\(\)(?:&gt;|>)49|{MARK}=1(?:&gt;|>)49")

SKIPPED = re.compile(
    r"alembic|history|anchor|stream|sign_ins|second_|recovery|password_|attempts|heartbeat|timetable|jobs"
)
KEYS = re.compile(
    r"(^|_)(id|ids|code|login|path|paths|hash|role|roles|kind|tier|status|state|stage|side|channel|package|element|"
    r"process|form|zone|prefix|colour|sensitivity|topic|event|stream|source|language|version|secret|index|tail|number|issuer|"
    r"subject|means|owes|mark|slot|job|type|media|reference|scope|binding|rule|key|group|door|reason_code|outcome|"
    r"basis|method|action|policy|result|tab|sort|mode|unit|decision|file|task|message|field|sex|relation|calendar|log)(_|$)"
)
WALKERS = {
    "authoring": ("owner",),
    "operations": ("admin",),
    "administration": ("admin",),
    "account": ("clerk",),
    "api": ("clerk", "admin"),
}
"""Who walks the addresses below a first segment; everywhere else clerk and leader do."""

NOT_WALKED = {"static", "metrics", "healthz", "ui.static"}

SHOWN_ELSEWHERE = {
    *("home", "moving.attempt", "moving.from_release", "oidc.begin", "oidc.come_back", "oidc.link"),
    *("directory.code_page", "directory.enrolment_page", "directory.password_page"),
    *("cases.facts", "offices.new", "offices.reorganisation", "registers.index"),
    *("cases.action", "documents.verification", "tables.sheet", "operations.diagram"),
    *("moves_api.OneMove", "moving.show", "operations.repairs", "rehearsal.show"),
}
"""Ways on and steps of the door, and pages of what the stories do not hold: a new page must be walked or stand here."""

MATCHED = {"draft_id", "path", "process_id"}
"""Placeholders whose first value need not fit the others of its address: all of them are tried, on both databases."""

DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x">
<process id="attacked" name="{name}" isExecutable="true"><startEvent id="begin" name="{name}"/>
<sequenceFlow id="a" name="{name}" sourceRef="begin" targetRef="work"/><userTask id="work" name="{name}">
<documentation>{name}</documentation></userTask>
<sequenceFlow id="b" sourceRef="work" targetRef="end"/><endEvent id="end"/></process></definitions>"""


@pytest.fixture
def attacked(app: Flask, played_county: int, browser_as: BrowserAs) -> dict[str, list[Any]]:
    """The county with breakouts in its texts; what placeholders of addresses may be."""
    owner = browser_as("owner")
    escaped = ATTACKS[0].replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    for kind, name, content in (
        ("process", "attacked", DIAGRAM.format(name=escaped)),
        ("decision", "attacked_table", ""),
        ("form", "attacked_form", ""),
    ):
        made = owner.post("/authoring/dispute/files", data={"kind": kind, "name": name})
        own = "/authoring/dispute/drafts/" + made.headers["Location"].split("/drafts/")[1].split("/")[0]
        draft = owner.get(own).get_json()
        changed = content or draft["content"].replace('name="', f'name="{escaped}').replace(
            '"label": "', '"label": ' + '"' + ATTACKS[0].replace('"', '\\"')
        )
        saved = owner.put(own, json={"content": changed, "revision": draft["revision"]})
        assert saved.status_code == 200, saved.text
    values = run_unit(_values)
    db.session.remove()
    assert sum(_poison(table) for table in Base.metadata.sorted_tables) > 100
    return values


def _poison(table: Any) -> int:
    """A breakout behind each text of the table, as long as the column takes; of what is no key."""
    if SKIPPED.search(table.name) or table.info.get("derived"):
        return 0
    texts = {}
    for column in table.columns:
        if not isinstance(column.type, String | Text) or column.primary_key or column.foreign_keys:
            continue
        if KEYS.search(column.name):
            continue
        attack = next(one for one in ATTACKS if len(one) <= (column.type.length or 10_000))
        texts[column] = attack
    with db.engine.begin() as connection:
        return sum(
            connection.execute(update(table).where(column.is_not(None), column != "").values({column: attack})).rowcount
            for column, attack in texts.items()
        )


def _values() -> dict[str, list[Any]]:
    def ids(table: str, name: str = "id", count: int = 2) -> list[Any]:
        column = Base.metadata.tables[table].columns[name]
        return [row[0] for row in db.session.query(column).distinct().order_by(column).limit(count)]

    item = db.session.query(WorkItem).order_by(WorkItem.id).first()
    assert item is not None
    db.session.add(
        Incident(
            county_id=item.county_id,
            instance_id=item.instance_id,
            subject_id=item.subject_id,
            token="attacked",
            process_id="dispute",
            element_id=item.element_id,
            code="script_failed",
            params={"expression": ATTACKS[0], "reason": ATTACKS[0]},
            cause=ATTACKS[0],
            opened_at=clock.now(),
        )
    )
    db.session.flush()
    party = db.session.query(Party).order_by(Party.id).first()
    assert party is not None
    case = db.session.get(Case, (party.county_id, party.case_id))
    assert case is not None
    return {
        "place_id": ids("organisations"),
        "register": ["channel", "tag"],
        "what": ["people", "offices"],
        "code": ids("cases", "code"),
        "item_id": ids("work_items", count=3),
        "person_id": ids("people"),
        "incident_id": ids("incidents"),
        "move_id": ids("moves"),
        "draft_id": ids("drafts", count=9),
        "package": ["dispute"],
        "element_id": ids("work_items", "element_id", 5),
        "path": ["dispute.bpmn", "processes/dispute.bpmn", "forms/register.form"],
        "process_id": ["attacked", "dispute"],
        "number": [1],
        "file_id": ids("files"),
        "rehearsal_id": ids("rehearsals"),
        "revision_id": ids("draft_revisions"),
        "portal.own_case:secret": [make_link(case, party, actor=SYSTEM, now=clock.now())],
        "directory.link_page:secret": [make_password_link(person_named("clerk"), actor=SYSTEM, now=clock.now())],
    }


def test_no_page_export_or_answer_lets_one_out(
    app: Flask, attacked: dict[str, list[Any]], browser_as: BrowserAs
) -> None:
    browsers = {login: browser_as(login) for login in ("clerk", "leader", "owner", "admin")}
    browsers["nobody"] = app.test_client()
    shown: set[str] = set()
    marked = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in NOT_WALKED:
            continue
        for address in _addresses(app, rule, attacked):
            for login in WALKERS.get(rule.rule.split("/")[1], ("clerk", "leader", "nobody")):
                answer = browsers[login].get(address)
                assert answer.status_code < 500, (login, address)
                if answer.status_code == 200:
                    shown.add(rule.endpoint)
                    marked += MARK in answer.text if answer.mimetype.startswith("text/html") else 0
                    _is_harmless(answer, f"{login} {address}")
    unseen = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())} - shown - NOT_WALKED
    assert not unseen - SHOWN_ELSEWHERE, sorted(unseen - SHOWN_ELSEWHERE)
    assert marked > 60


def _addresses(app: Flask, rule: Rule, values: dict[str, list[Any]]) -> Iterator[str]:
    """The rule with values of the database for its placeholders, on the slower database with the first ones only."""
    names = sorted(rule.arguments)
    lists = [values.get(f"{rule.endpoint}:{name}") or values.get(name) or [] for name in names]
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        most = max(map(len, lists), default=1) if db.engine.dialect.name == "sqlite" or MATCHED & {*names} else 1
        for number in range(most):
            if all(lists):
                chosen = {name: one[number % len(one)] for name, one in zip(names, lists, strict=True)}
                yield adapter.build(rule.endpoint, chosen)


def _is_harmless(answer: TestResponse, where: str) -> None:
    if answer.mimetype == "text/html":
        assert not RAN.search(answer.text), where
        document = html.fromstring(answer.text or "<p>")
        assert not document.xpath(f"//*[@onerror or @{MARK}] | //script[starts-with(normalize-space(.), '{MARK}')]"), (
            where
        )
        assert not document.xpath("//*[starts-with(translate(@href, ' JAVSCRIPT', 'javscript'), 'javascript:')]"), where
    elif answer.mimetype == "text/csv":
        rows = csv.reader(io.StringIO(answer.text))
        assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t")], where
    elif "spreadsheetml" in answer.mimetype:
        book = load_workbook(io.BytesIO(answer.data))
        assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"], where
    else:
        assert answer.headers["X-Content-Type-Options"] == "nosniff", where
