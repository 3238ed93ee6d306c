"""The county's calendar: set and taken back with a reason, what would move, and limits counted again."""

from datetime import UTC, date, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from app.administration.spreadsheets.columns import DAYS, heading
from app.audit.queries import entries
from app.audit.services import SYSTEM, Stream
from app.cases.models import Case, Clock
from app.cases.rules import Limit, last_day_of
from app.cases.services.clocks import extend_clock, pause_clocks, resume_clocks, start_clock
from app.cases.services.recalculation import count_again
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.directory.calendars import national_days
from app.directory.models import CalendarDay
from app.scheduling.jobs import run_due_jobs
from tests.functional.administration.test_spreadsheets import send, sheet, table
from tests.functional.conftest import BrowserAs

CALENDAR = "/administration/calendar"
ENGLISH = {"Accept-Language": "en"}
MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
WEDNESDAY = "2026-03-04"


def start(day_kind: str = "working", days: int = 5) -> int:
    def work() -> int:
        case = db.session.scalars(select(Case).order_by(Case.id)).first()
        assert case is not None
        made = start_clock(
            case, "mediation", limit=Limit(days, day_kind), promise_days=3, source="s", actor=SYSTEM, now=MONDAY
        )
        return made.id

    db.session.remove()
    return run_unit(work)


def ends(clock_id: int) -> tuple[str, str]:
    db.session.remove()
    found = db.session.get_one(Clock, (1, clock_id))
    zone = "Asia/Shanghai"
    promise = last_day_of(found.promise_at, zone).isoformat() if found.promise_at else ""
    return last_day_of(found.due_at, zone).isoformat(), promise


def test_a_free_day_moves_the_running_limits_after_a_preview(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    one = start()
    assert ends(one) == ("2026-03-09", "2026-03-05")
    with clock.freeze(MONDAY):
        admin = browser_as("admin")
        form = {"day": WEDNESDAY, "as": "free", "reason": "县庆"}
        preview = admin.post(f"{CALENDAR}/preview", data=form, headers=ENGLISH)
        assert preview.status_code == 200
        assert "1 day later" in preview.text
        assert "FX2026" not in preview.text
        assert ends(one) == ("2026-03-09", "2026-03-05")
        assert admin.post(f"{CALENDAR}/days", data=form).status_code == 303
        assert admin.post(f"{CALENDAR}/days", data=form).status_code == 409
        db.session.remove()
        while run_due_jobs():
            pass
        assert ends(one) == ("2026-03-10", "2026-03-06")
        page = admin.get(f"{CALENDAR}?year=2026", headers=ENGLISH).text
        assert "县庆" in page
        assert "set by the county" in page
        case_id = db.session.get_one(Clock, (1, one)).case_id
        told = [entry.event for entry in entries(Stream.case(1, case_id))]
        assert "clock.recalculated" in told
        back = {"day": WEDNESDAY, "as": "national"}
        assert admin.post(f"{CALENDAR}/days", data=back).status_code == 303
        assert admin.post(f"{CALENDAR}/days", data=back).status_code == 409
        db.session.remove()
        while run_due_jobs():
            pass
        assert ends(one) == ("2026-03-09", "2026-03-05")


def test_natural_days_move_only_when_their_last_day_is_free(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    one = start("natural", 2)
    assert ends(one)[0] == WEDNESDAY
    with clock.freeze(MONDAY):
        admin = browser_as("admin")
        admin.post(f"{CALENDAR}/days", data={"day": "2026-03-03", "as": "free", "reason": "x"})
        db.session.remove()
        while run_due_jobs():
            pass
        assert ends(one)[0] == WEDNESDAY
        admin.post(f"{CALENDAR}/days", data={"day": WEDNESDAY, "as": "free", "reason": "x"})
        db.session.remove()
        while run_due_jobs():
            pass
        assert ends(one)[0] == "2026-03-05"


def test_what_was_paused_and_extended_is_counted_from_where_it_went_on(app: Flask, played_county: int) -> None:
    one = start()

    def go_on() -> None:
        found = db.session.get_one(Clock, (1, one))
        case = db.session.get_one(Case, (1, found.case_id))
        pause_clocks(case, reason="appraisal", actor=SYSTEM, now=MONDAY + timedelta(days=1))
        resume_clocks(case, actor=SYSTEM, now=MONDAY + timedelta(days=14))
        extend_clock(case, "mediation", days=2, consent="both", actor=SYSTEM, now=MONDAY + timedelta(days=14))
        db.session.add(CalendarDay(county_id=1, day=date(2026, 3, 5), working=False, reason="in the pause"))
        db.session.add(CalendarDay(county_id=1, day=date(2026, 3, 8), working=True, reason="in the pause too"))

    db.session.remove()
    run_unit(go_on)
    before = ends(one)
    db.session.remove()
    assert run_unit(lambda: count_again(1, after=0, size=500, only_provisional=False, now=MONDAY))[1] == 0
    assert ends(one) == before


def test_a_year_without_data_says_so_and_bad_days_are_refused(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    admin = browser_as("admin")
    year = clock.now().year + 4
    assert national_days(year) is None
    assert "are not announced yet" in admin.get(f"{CALENDAR}?year={year}", headers=ENGLISH).text
    assert "春节" in admin.get(f"{CALENDAR}?year=2026").text
    for form, status in (
        ({"day": "tomorrow", "as": "free", "reason": "x"}, 422),
        ({"day": "2026-05-06", "as": "free", "reason": " "}, 422),
        ({"day": "1999-05-06", "as": "free", "reason": "x"}, 422),
        ({"day": f"{year + 9}-05-06", "as": "free", "reason": "x"}, 422),
        ({"day": "2026-05-06", "as": "maybe", "reason": "x"}, 422),
        ({"day": "2026-05-06", "reason": "x"}, 422),
        ({"day": "2026-05-06", "as": "national"}, 409),
    ):
        assert admin.post(f"{CALENDAR}/preview", data=form).status_code == status, form
        assert admin.post(f"{CALENDAR}/days", data=form).status_code == status, form
    assert admin.get(f"{CALENDAR}?year=99999999999").status_code == 200
    assert admin.get(f"{CALENDAR}?year=x").status_code == 200
    assert db.session.query(CalendarDay).count() == 0


def test_strangers_find_no_calendar(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    for login in ("leader", "owner", "clerk"):
        stranger = browser_as(login)
        assert stranger.get(CALENDAR).status_code == 404
        for address in ("preview", "days"):
            assert stranger.post(f"{CALENDAR}/{address}", data={"day": WEDNESDAY, "as": "free"}).status_code == 404


def test_a_sheet_of_days_is_checked_previewed_and_taken_in_whole(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    one = start()
    free = [WEDNESDAY, "休", "县庆", "County day", ""]
    with clock.freeze(MONDAY):
        admin = browser_as("admin")
        before = ends(one)
        checked = send(browser_as, "calendar", sheet(DAYS, free), "check")
        assert checked.status_code == 200
        assert "1 row is right" in checked.text
        assert "1 day later" in checked.text
        wrong = [
            ["tomorrow", "休", "x", "", ""],
            ["2026-03-05", "maybe", "x", "", ""],
            ["2026-03-06", "free", "", "", ""],
            ["2026-03-07", "worked", "x", "", "330681101201"],
            ["2026-03-09", "free", "x", "", "全国"],
            free,
        ]
        refused = send(browser_as, "calendar", sheet(DAYS, free, *wrong), "all")
        assert refused.status_code == 422
        assert "6 rows are wrong" in refused.text
        assert send(browser_as, "calendar", sheet(DAYS, free, wrong[0]), "good").status_code == 422
        assert ends(one) == before
        assert db.session.query(CalendarDay).count() == 0
        assert send(browser_as, "calendar", sheet(DAYS, free), "all").status_code == 200
        db.session.remove()
        while run_due_jobs():
            pass
        assert ends(one) == ("2026-03-10", "2026-03-06")
        assert "County day" in admin.get(f"{CALENDAR}?year=2026", headers=ENGLISH).text
        assert "县庆" in admin.get(f"{CALENDAR}?year=2026").text
        exported = table(admin.post("/administration/import/calendar/export"))
        assert exported[0] == [heading(name) for name in DAYS]
        assert [WEDNESDAY, "休", "县庆", "County day", "330681000000"] in exported
        assert ["2026-10-01", "休", "国庆节", "National Day", "全国"] in exported
        rows = [[str(cell or "") for cell in row] for row in exported[1:]]
        assert send(browser_as, "calendar", sheet(DAYS, *rows), "all").status_code == 200
        db.session.remove()
        assert db.session.query(CalendarDay).count() == 1
        back = [WEDNESDAY, "as the nation", "", "", ""]
        assert send(browser_as, "calendar", sheet(DAYS, back), "all").status_code == 200
        db.session.remove()
        while run_due_jobs():
            pass
        assert ends(one) == before


def test_the_reason_of_a_day_is_corrected(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    admin, form = browser_as("admin"), {"day": WEDNESDAY, "as": "free", "reason": "县庆"}
    assert admin.post(f"{CALENDAR}/days", data=form).status_code == 303
    assert admin.post(f"{CALENDAR}/days", data=form | {"reason": "建县纪念日"}).status_code == 303
    kept = db.session.scalars(db.select(CalendarDay)).one()
    assert (kept.working, kept.reason) == (False, "建县纪念日")
