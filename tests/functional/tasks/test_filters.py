"""Filters and orders of the inbox: the address is the filter, its number is its list, whoever looks."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import cycle, islice, pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.datastructures import MultiDict

from app.cases.models import Case
from app.cases.subject import CaseSubject
from app.core import clock
from app.core.database import FOREVER, db
from app.core.unit_of_work import run_unit
from app.devdata.cases import viewer
from app.devdata.county import COUNTY_ID, PEOPLE
from app.directory.models import Organisation
from app.directory.rules import Viewer
from app.tasks.choices import filter_of, offices
from app.tasks.filters import OPEN_TABS, Filter, day_starts
from app.tasks.listing import Row, case_page, count, counts, inbox_page, tabs_of
from app.tasks.rows import list_page
from app.workflow.models import WorkItem, WorkItemCandidate
from app.workflow.services import copy_facts
from tests.functional.conftest import ApiToken, BrowserAs

ADDRESSES = (
    "colour=red&colour=orange",
    "type=neighbour",
    "step=triage",
    "tier=village&channel=window",
    "from=1000&to=200000",
    "q=河畔",
    "due=overdue",
    "due=today&sort=due",
    "due=week&colour=green",
    "due=none&sort=age",
    "sort=due&step=mediation&colour=green",
)


def person(login: str) -> Viewer:
    return viewer(login, now=clock.now())


def meant(who: Viewer, address: str) -> Filter:
    said = MultiDict(tuple(part.split("=")) for part in address.split("&"))
    chosen, gone = filter_of(who, said)
    assert gone == []
    return chosen


def listed(who: Viewer, chosen: Filter, size: int = 50) -> list[int]:
    found: list[int] = []
    while True:
        if chosen.tab in ("started", "supervision"):
            cases = case_page(who, chosen, size=size)
            found, cursor = [*found, *(case.id for case in cases.rows)], cases.next_cursor
        else:
            tasks = inbox_page(who, chosen, size=size)
            found, cursor = [*found, *(row.item.id for row in tasks.rows)], tasks.next_cursor
        if cursor is None:
            assert len(found) == len(set(found))
            return found
        chosen = chosen.but(cursor=cursor)


def as_unit(*statements: object) -> None:
    db.session.remove()
    run_unit(lambda: [db.session.execute(statement) for statement in statements])  # type: ignore[call-overload]


@pytest.fixture
def spread(app: Flask, played_county: int) -> None:
    """Due dates on every side of today, and sums in dispute."""
    today = day_starts(clock.now(), "Asia/Shanghai")
    dates = [today - timedelta(days=3), today, today + timedelta(days=1), today + timedelta(days=6), FOREVER]
    ids = db.session.scalars(select(WorkItem.id).where(WorkItem.status == "open").order_by(WorkItem.id)).all()
    cases = db.session.scalars(select(Case.id).order_by(Case.id)).all()
    as_unit(
        *(update(WorkItem).where(WorkItem.id == one).values(due_at=dates[n % 5]) for n, one in enumerate(ids)),
        *(
            update(model).where(key == one).values(amount=500 * n * n)
            for n, one in enumerate(cases)
            for model, key in ((Case, Case.id), (WorkItem, WorkItem.subject_id))
        ),
    )


def told_by(row: Any) -> tuple[object, ...]:
    return row.channel, row.tier, row.amount


def test_a_task_and_who_it_is_offered_to_say_what_the_case_says(app: Flask, played_county: int) -> None:
    """As the stories left them, and after the case was changed."""
    of_item = (WorkItemCandidate.county_id == WorkItem.county_id) & (WorkItemCandidate.work_item_id == WorkItem.id)
    of_case = (Case.county_id == WorkItem.county_id) & (Case.id == WorkItem.subject_id)
    waiting = (
        select(WorkItemCandidate, WorkItem, Case)
        .join(WorkItem, of_item)
        .join(Case, of_case)
        .where(WorkItemCandidate.waiting)
        .execution_options(populate_existing=True)
    )
    rows = db.session.execute(waiting).all()
    assert len({case.tier for *_, case in rows}) > 1
    changed = rows[0][2].id
    as_unit(update(Case).where(Case.id == changed).values(amount=7, tier="town", channel="grid"))
    run_unit(lambda: copy_facts(COUNTY_ID, changed, CaseSubject().load(COUNTY_ID, changed)))
    again = db.session.execute(waiting).all()
    for candidate, item, case in [*rows, *again]:
        assert told_by(candidate) == told_by(item) == told_by(case)
        assert (candidate.subject_id, candidate.dispute_type, candidate.stage) == (
            case.id,
            item.dispute_type,
            item.stage,
        )
    assert {told_by(one) for one, _, case in again if case.id == changed} == {("grid", "town", Decimal(7))}


def one_of_each_role() -> list[Viewer]:
    found: dict[frozenset[str], Viewer] = {}
    for login in (one.login for one in PEOPLE):
        who = person(login)
        found.setdefault(who.role_names(), who)
    return list(found.values())


def test_every_filtered_number_is_its_list_for_every_role(app: Flask, spread: None) -> None:
    seen = dict.fromkeys(ADDRESSES, 0)
    asked = cycle(ADDRESSES)
    for who in one_of_each_role():
        numbers = counts(who)
        for tab in tabs_of(who):
            assert numbers[tab] == len(listed(who, Filter(tab), size=20)), (who.name, tab)
            for address in islice(asked, 6 if numbers[tab] else 0):
                chosen = meant(who, f"tab={tab}&{address}")
                rows = listed(who, chosen, size=8)
                assert count(who, chosen) == len(rows), (who.name, tab, address)
                seen[address] += len(rows)
    assert all(seen.values()), seen


def test_each_filter_lets_through_what_it_says_and_all_of_it(app: Flask, spread: None) -> None:
    who = person("leader")
    every = {row.item.id: row for row in inbox_page(who, Filter("team"), size=100).rows}
    today = day_starts(clock.now(), who.zone)

    def whole(row: Row) -> Case:
        return db.session.get_one(Case, (who.county_id, row.case.id))

    def fits(address: str, holds: object) -> None:
        assert callable(holds)
        found = set(listed(who, meant(who, f"tab=team&{address}")))
        assert found == {one for one, row in every.items() if holds(row)}, address
        assert 0 < len(found) < len(every), address

    fits("colour=red", lambda row: row.case.risk_colour == "red")
    fits("step=triage", lambda row: row.item.stage == "triage")
    fits("type=neighbour", lambda row: row.case.dispute_type == "neighbour")
    fits("channel=12345", lambda row: row.case.channel == "12345")
    fits("from=2000", lambda row: whole(row).amount >= Decimal(2000))
    fits("to=1,999.50", lambda row: whole(row).amount <= Decimal("1999.5"))
    fits("due=overdue", lambda row: row.item.due_at <= today)
    fits("due=today", lambda row: today < row.item.due_at <= today + timedelta(days=1))
    fits("due=none", lambda row: row.item.due_at == FOREVER)
    village = next(one for one in offices(who, Filter("team")) if one.depth == 1)
    path = db.session.scalar(select(Organisation.path).where(Organisation.id == village.id))
    under = listed(who, meant(who, f"tab=team&office={village.id}"))
    assert set(under) == {one for one, row in every.items() if whole(row).org_path.startswith(str(path))}


def test_each_order_is_kept_over_pages(app: Flask, spread: None) -> None:
    keys = {
        "risk": lambda item: (-item.risk, item.due_at, item.id),
        "due": lambda item: (item.due_at, item.id),
        "age": lambda item: (item.id,),
    }
    for login, tab in (("leader", "team"), ("dispatcher", "available"), ("dispatcher", "team")):
        who = person(login)
        whole = set(listed(who, Filter(tab)))
        for sort, key in keys.items():
            rows = [
                db.session.get_one(WorkItem, (who.county_id, one)) for one in listed(who, Filter(tab, sort=sort), 2)
            ]
            assert {item.id for item in rows} == whole
            assert all(key(first) < key(second) for first, second in pairwise(rows)), (login, tab, sort)


def test_the_address_is_the_filter(app: Flask, spread: None) -> None:
    who = person("leader")
    for address in ADDRESSES:
        chosen = meant(who, f"tab=team&{address}")
        assert filter_of(who, MultiDict(chosen.arguments)) == (chosen, [])
        assert chosen.narrowed


def test_what_is_gone_or_forbidden_is_left_out_and_told(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    who = person("yunling.dispatcher")
    county = db.session.scalar(select(Organisation.id).where(Organisation.parent_id.is_(None)))
    said = MultiDict(
        [
            ("tab", "team"),
            ("type", "feud"),
            ("colour", "blue"),
            ("colour", "red"),
            ("office", str(county)),
            ("from", "x"),
        ]
    )
    chosen, gone = filter_of(who, said)
    assert chosen == Filter("team", colours=("red",))
    assert sorted(gone) == ["colour", "from", "office", "type"]
    page = browser_as("yunling.dispatcher").get(f"/tasks/?tab=team&type=feud&office={county}").text
    assert "已略去" in page
    assert "单位" in page


@pytest.mark.parametrize(
    "address", ["due=soon", "sort=name", "office=9999999999999999999", "from=1e99", "cursor=%00%00x"]
)
def test_nonsense_in_the_address_harms_nothing(
    app: Flask, played_county: int, browser_as: BrowserAs, address: str
) -> None:
    assert browser_as("leader").get(f"/tasks/?tab=team&{address}").status_code in (200, 400)


def test_the_api_filters_and_sorts_alike(app: Flask, spread: None, api_token: ApiToken) -> None:
    token, who = api_token("leader", ["tasks:read"]), person("leader")
    for address in ADDRESSES:
        answer = app.test_client().get(f"/api/v1/tasks?tab=team&size=100&{address}", headers=token).json
        assert answer is not None
        wanted = listed(who, meant(who, f"tab=team&{address}"))
        assert [int(item["id"]) for item in answer["items"]] == wanted, address
        assert answer["count"] == len(wanted)
    unknown = app.test_client().get("/api/v1/tasks?type=feud", headers=token)
    assert unknown.status_code == 422
    assert "type" in str(unknown.json)


def test_what_is_put_off_waits_until_its_day_or_until_it_is_due(app: Flask, played_county: int) -> None:
    who, now = person("dispatcher"), datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
    ids = db.session.scalars(select(WorkItem.id).where(WorkItem.status == "open").order_by(WorkItem.id).limit(3)).all()
    later, late = now + timedelta(days=3), now + timedelta(days=20)
    mine = {"assignee_id": who.person_id, "follow_up_at": later}
    as_unit(
        update(WorkItem).where(WorkItem.id == ids[0]).values(**mine, due_at=late),
        update(WorkItem).where(WorkItem.id == ids[1]).values(**mine, due_at=now),
        update(WorkItem).where(WorkItem.id == ids[2]).values(assignee_id=who.person_id, due_at=late),
    )

    def seen() -> tuple[set[int], set[int]]:
        shown, put_off = set(listed(who, Filter("mine"))), set(listed(who, Filter("mine", later=True)))
        assert counts(who)["mine"] == count(who, Filter("mine")) == len(shown)
        assert count(who, Filter("mine", later=True)) == len(put_off)
        return shown & set(ids), put_off & set(ids)

    with clock.freeze(now):
        assert seen() == ({ids[1], ids[2]}, {ids[0]})
        assert ids[0] in listed(who, Filter("team"))
        with app.test_request_context():
            line = next(one for one in list_page(who, Filter("mine", later=True)).lines if one.id == ids[0])
        assert line.put_off == date(2026, 5, 9)
        assert line.due is not None
        assert line.due.at == late
    with clock.freeze(later):
        assert seen() == (set(ids), set())


def test_open_tabs_alone_have_due_dates_and_orders(app: Flask, played_county: int) -> None:
    who = person("leader")
    for tab in set(tabs_of(who)) - set(OPEN_TABS):
        assert meant(who, f"tab={tab}&due=overdue&sort=age") == Filter(tab)
