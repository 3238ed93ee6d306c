"""Names with scripts in them, in every column that takes a text: every page, export and answer shows them as text.

The stories are played first; then each text that people typed is exchanged in the tables for the same text with a
breakout of each kind. So whatever a page shows, and however it got there, is covered, also pages of later days.
"""

import html
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import String, Text, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.routing import Rule

from app.core.database import Base, db
from tests.functional.conftest import BrowserAs

MARK = "zq9x"
ATTACK = f"<script>{MARK}()</script>\"'><img src=x onerror={MARK}()>" + "{{7*7}}${7*7}"
SHORT = f"<b {MARK}>\"'"
TINY = "<i>"
RAW = re.compile(rf"<script>{MARK}|<img src=x onerror={MARK}|<b {MARK}")
COMPUTED = re.compile(rf"onerror={MARK}\(\)(?:&gt;|>)(?:49|\\u003e49)")
"""What a template engine would have made of it."""
""" """

SKIPPED_TABLES = re.compile(r"alembic|history|anchors|stream_heads|sign_ins|api_tokens|second_|recovery|password_|attempts")
KEYS = re.compile(
    r"(?:^|_)(id|code|login|path|hash|role|kind|tier|status|state|stage|side|channel|package|element|process|form|zone|"
    r"prefix|colour|risk|sensitivity|topic|event|stream|source|language|version|secret|index|tail|cipher|key|number|"
    r"issuer|means|owes|roles|mark|slot|job|type|media|reference|currency|assignee|scope|name_en_key|binding|unit|rule)"
    r"(?:_|$)"
)
ROLES = ("clerk", "mediator", "dispatcher", "leader", "owner", "admin", "archivist", "auditor")
"""""" """"""


@pytest.fixture
def poisoned(app: Flask, played_county: int) -> int:
    """The played county, with a breakout at the end of every text that is no key."""
    db.session.remove()
    changed = 0
    for table in Base.metadata.sorted_tables:
        if SKIPPED_TABLES.search(table.name) or table.info.get("derived"):
            continue
        for column in table.columns:
            if not isinstance(column.type, String | Text) or column.primary_key or column.foreign_keys:
                continue
            if KEYS.search(column.name):
                continue
            changed += _poison(table, column)
    assert changed > 100
    return played_county


def _poison(table: Any, column: Any) -> int:
    length = column.type.length or 10_000
    attack = next(one for one in (ATTACK, SHORT, TINY) if len(one) <= length)
    filled = column.is_not(None) & (column != "")
    try:
        with db.engine.begin() as connection:
            result = connection.execute(
                update(table).where(filled).values({column.name: (column.concat(attack)) if length > 400 else attack})
            )
            return result.rowcount
    except SQLAlchemyError:
        return 0
