from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from app.core import clock
from app.core.days import day_words, kept_told, last_day_words, moment_words
from app.core.errors import Refusal
from app.core.sizes import Size, size_words
from app.core.translations import words_of
from app.ui.formats import colour_words, due_tone, due_words, span_words

# 00:30 on 23 November in the county, still the 22nd in UTC.
NOW = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with clock.freeze(NOW):
        yield


@pytest.mark.parametrize(
    ("days", "working", "chinese", "english", "tone"),
    [
        (2, True, "剩 2 个工作日", "2 working days left", "calm"),
        (1, False, "剩 1 个自然日", "1 day left", "warn"),
        (0, False, "今天到期", "Due today", "warn"),
        (-1, False, "超期 1 个自然日", "1 day overdue", "bad"),
        (-3, True, "超期 3 个工作日", "3 working days overdue", "bad"),
    ],
)
def test_due_chips(app: Flask, days: int, working: bool, chinese: str, english: str, tone: str) -> None:
    with app.test_request_context("/?lang=zh"):
        assert due_words(days, working=working) == chinese
    with app.test_request_context("/?lang=en"):
        assert due_words(days, working=working) == english
    assert due_tone(days) == tone


def test_a_moment_is_told_in_county_time_with_its_distance(app: Flask) -> None:
    with app.test_request_context("/?lang=zh"):
        assert moment_words(NOW) == "11月23日 00:30（今天）"
        assert moment_words(NOW - timedelta(minutes=31)) == "11月22日 23:59（1 天前）"
        assert moment_words(datetime(2027, 1, 2, 1, 0, tzinfo=UTC)) == "2027年1月2日 09:00（40 天后）"


def test_a_day_is_told_with_its_distance(app: Flask) -> None:
    with app.test_request_context("/?lang=zh"):
        assert day_words(date(2026, 11, 25)) == "11月25日（2 天后）"
    with app.test_request_context("/?lang=en"):
        assert day_words(date(2026, 11, 22)) == "Nov 22 (1 day ago)"


def test_midnight_ends_the_day_before_it(app: Flask) -> None:
    with app.test_request_context("/?lang=zh"):
        assert last_day_words(datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) == "11月30日（7 天后）"
        assert last_day_words(datetime(2026, 11, 30, 15, 0, tzinfo=UTC)) == "11月30日（7 天后）"


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("2026-12-02", "12月2日（9 天后）"),
        ("2026-12-02 09:30", "12月2日 09:30（9 天后）"),
        ("2026-02-31", "2026-02-31"),
        ("FX-2026-12-02", "FX-2026-12-02"),
        (7, 7),
    ],
)
def test_a_day_that_a_history_keeps_is_told_in_words(app: Flask, kept: object, told: object) -> None:
    with app.test_request_context("/?lang=zh"):
        assert kept_told(kept) == told


class HeldUp(Refusal):
    """It waits until %(day)s, since %(at)s."""


def test_a_refusal_tells_days_in_words(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        refused = HeldUp(day=date(2026, 12, 2), at=NOW)
        assert words_of(refused) == "It waits until Dec 2 (in 9 days), since Nov 23 00:30 (today)."


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=20), "不到 1 分钟"),
        (timedelta(minutes=59), "59 分钟"),
        (timedelta(hours=2, minutes=5), "2 小时 5 分钟"),
        (timedelta(days=1, hours=3, minutes=9), "1 天 3 小时"),
        (timedelta(days=30, hours=3), "30 天"),
    ],
)
def test_a_span_is_told_in_two_units(app: Flask, span: timedelta, words: str) -> None:
    with app.test_request_context("/?lang=zh"):
        assert span_words(span) == words


def test_a_colour_has_its_word_and_an_unknown_one_its_own_name(app: Flask) -> None:
    with app.test_request_context("/?lang=zh"):
        assert colour_words("orange") == "橙色"
        assert colour_words("violet") == "violet"


def test_words_of_a_template_are_the_readers_and_what_is_put_into_them_is_text(app: Flask) -> None:
    page = app.jinja_env.from_string("{{ _('for %(name)s', name=who) }}")
    with app.test_request_context("/?lang=en"):
        assert page.render(who="<b>") == "for &lt;b&gt;"
    with app.test_request_context("/?lang=zh"):
        assert page.render(who="<b>") == "代 &lt;b&gt;"


def test_the_full_words_of_a_moment_are_those_of_the_county(app: Flask) -> None:
    page = app.jinja_env.from_string("{{ at | full_moment }}")
    with app.test_request_context("/?lang=zh"):
        assert page.render(at=NOW) == "2026年11月23日星期一 00:30"
    with app.test_request_context("/?lang=en"):
        assert page.render(at=NOW) == "Monday, November 23, 2026 00:30"


@pytest.mark.parametrize(
    ("count", "chinese", "english"),
    [
        (0, "0 字节", "0 bytes"),
        (1, "1 字节", "1 byte"),
        (761, "761 字节", "761 bytes"),
        (1024, "1 KB", "1 KB"),
        (3500, "3.4 KB", "3.4 KB"),
        (10_200, "10 KB", "10 KB"),
        (1_048_570, "1 MB", "1 MB"),
        (20 * 1024 * 1024, "20 MB", "20 MB"),
        (5 * 1024**4, "5120 GB", "5120 GB"),
    ],
)
def test_sizes(app: Flask, count: int, chinese: str, english: str) -> None:
    with app.test_request_context("/?lang=zh"):
        assert size_words(count) == chinese
    with app.test_request_context("/?lang=en"):
        assert size_words(count) == english


class FarTooLarge(Refusal):
    """At most %(limit)s."""


def test_a_refusal_tells_a_size_in_words(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert words_of(FarTooLarge(limit=Size(2048))) == "At most 2 KB."
