"""Registers: words, order and days of what the package's rules know; channels that are closed or need a number."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from app.administration.registers.queries import tag_words
from app.cases.queries import active_contents, value_label
from app.core.database import db
from app.definitions.registered import arranged
from app.directory.registers.models import RegisterEntry
from app.directory.registers.queries import forget, register_of
from tests.functional.conftest import ApiToken, BrowserAs
from tests.functional.days import county_day

REGISTERS = "/administration/registers"
ENGLISH = {"Accept-Language": "en"}
KNOWN = {"known": "1"}
"""Stands in the form of an entry that was chosen in the list."""
HOUSING = {"code": "housing", "name_zh": "宅基地房屋", "name_en": "Homes", **KNOWN}

ELDERS = {"code": "elder", "name_zh": "老人", "name_en": "Elders"}


@pytest.fixture(autouse=True)
def fresh_registers() -> Iterator[None]:
    """What a process keeps of registers lasts no longer than a test's tables."""
    forget()
    yield
    forget()


def read_anew() -> None:
    db.session.remove()
    forget()


def offered(name: str) -> list[str]:
    read_anew()
    dictionary = arranged(1, active_contents(1).dictionary, county_day())
    assert dictionary is not None
    return [str(one.value) for one in dictionary[name].values]


def test_a_register_begins_with_the_package_and_then_names_orders_and_dates(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    admin, today = browser_as("admin"), county_day()
    types = f"{REGISTERS}/dispute_type"
    before = offered("dispute_type")
    assert "Nobody keeps this register yet" in admin.get(types, headers=ENGLISH).text
    assert admin.post(f"{types}/fill").status_code == 303
    assert admin.post(f"{types}/fill").status_code == 303
    assert offered("dispute_type") == before
    assert db.session.query(RegisterEntry).count() == len(before)
    assert admin.post(types, data=HOUSING).status_code == 303
    read_anew()
    assert value_label(1, "dispute_type", "housing") == ("宅基地房屋", "Homes")
    assert admin.post(f"{types}/housing/up").status_code == 303
    moved = offered("dispute_type")
    assert moved.index("housing") == before.index("housing") - 1
    over = {"code": "tourism", "name_zh": "旅游", "name_en": "Tourism", "to": (today - timedelta(days=2)).isoformat()}
    assert admin.post(types, data=over | KNOWN).status_code == 303
    assert "tourism" not in offered("dispute_type")
    assert value_label(1, "dispute_type", "tourism") == ("旅游", "Tourism")
    below = {"code": "fences", "name_zh": "院墙", "name_en": "Fences", "parent": "neighbour"}
    assert admin.post(types, data=below).status_code == 303
    page = admin.get(types, headers=ENGLISH).text
    assert "no rule knows it" in page
    assert "depth-1" in page
    circle = {"code": "neighbour", "name_zh": "邻里", "name_en": "Neighbours", "parent": "fences"}
    assert admin.post(types, data=circle | KNOWN).status_code == 422
    assert "Dispute types: Fences was added" in page
    assert "Chinese name: 宅基地房屋; Name in English: Homes" in page
    assert "Move Fences up" in page
    assert ">in force<" in page
    assert ">有效<" in admin.get(types).text
    assert ">current<" not in page


def test_a_new_entry_takes_no_code_of_another_one(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    assert admin.post(f"{REGISTERS}/tag", data=ELDERS).status_code == 303
    again = {"code": "elder", "name_zh": "别的", "name_en": "Else"}
    refused = admin.post(f"{REGISTERS}/tag", data=again, headers=ENGLISH)
    assert refused.status_code == 409
    assert "The code elder is that of Elders already" in refused.text
    read_anew()
    assert tag_words(1) == {"elder": "老人"}


def test_to_begin_with_the_package_again_changes_nothing_that_was_written(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    admin, types = browser_as("admin"), f"{REGISTERS}/dispute_type"
    admin.post(types, data=HOUSING)
    admin.post(f"{types}/fill")
    read_anew()
    assert value_label(1, "dispute_type", "housing") == ("宅基地房屋", "Homes")
    assert offered("dispute_type")[0] == "housing"


def test_each_register_tells_its_own_history_only(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    admin.post(f"{REGISTERS}/tag", data=ELDERS)
    assert "Elders was added" in admin.get(f"{REGISTERS}/tag", headers=ENGLISH).text
    assert "Elders was added" not in admin.get(f"{REGISTERS}/channel", headers=ENGLISH).text


def test_what_changed_is_told_in_words(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    admin.post(f"{REGISTERS}/tag", data=ELDERS)
    admin.post(f"{REGISTERS}/tag", data=ELDERS | KNOWN | {"icon": "home", "to": "2026-12-31"})
    page = admin.get(f"{REGISTERS}/tag", headers=ENGLISH).text
    assert "Icon: House; Last day: Dec 31, 2026" in page or "Icon: House; Last day: Dec 31 (" in page


def test_the_ends_of_a_list_go_no_further(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    admin, tags = browser_as("admin"), f"{REGISTERS}/tag"
    for code in ("a", "b", "c"):
        admin.post(tags, data={"code": code, "name_zh": code, "name_en": code})
    rows = admin.get(tags).text.split('id="entry-')[1:4]
    assert [row.split("row-moves")[1].count(" disabled") for row in rows] == [1, 0, 1]
    moved = admin.post(f"{tags}/c/up")
    assert moved.location.endswith("#entry-c")


def test_bad_entries_are_refused(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    good = {"code": "a", "name_zh": "甲", "name_en": "A"}
    for register, wrong in (
        ("dispute_type", {"code": "Ä B"}),
        ("dispute_type", {"name_en": ""}),
        ("dispute_type", {"icon": '"><script>'}),
        ("dispute_type", {"icon": "paw"}),
        ("dispute_type", {"parent": "nobody"}),
        ("dispute_type", {"from": "2026-02-02", "to": "2026-02-01"}),
        ("dispute_type", {"from": "soon"}),
        ("risk_colour", {"code": "purple"}),
    ):
        assert admin.post(f"{REGISTERS}/{register}", data=good | wrong).status_code == 422, wrong
    assert admin.get(f"{REGISTERS}/salaries").status_code == 404
    assert admin.post(f"{REGISTERS}/salaries", data=good).status_code == 404
    assert db.session.query(RegisterEntry).count() == 0
    assert admin.post(f"{REGISTERS}/tag", data=good | {"name_zh": "<b>甲</b>"}).status_code == 303
    assert "<b>甲</b>" not in admin.get(f"{REGISTERS}/tag").text
    read_anew()
    assert tag_words(1) == {"a": "<b>甲</b>"}


def test_a_channel_is_closed_or_needs_its_number(
    app: Flask, dispute_county: int, browser_as: BrowserAs, api_token: ApiToken
) -> None:
    admin, today = browser_as("admin"), county_day()
    headers = api_token("clerk", ["reports:write"])
    closed = {"code": "12345", "name_zh": "12345", "name_en": "12345", "to": (today - timedelta(days=2)).isoformat()}
    numbered = {"code": "110", "name_zh": "110", "name_en": "110", "needs_number": "true"}
    for entry in (closed, numbered):
        assert admin.post(f"{REGISTERS}/channel", data=entry).status_code == 303

    def report(**given: str) -> int:
        return app.test_client().post("/api/v1/reports", json={"text": "漏水", **given}, headers=headers).status_code

    assert report(channel="12345", number="1") == 422
    assert report(channel="110") == 422
    assert report(channel="110", number="7") == 201
    assert report(channel="window") == 201


def test_a_colour_is_called_as_the_county_calls_it_and_never_stands_without_a_word(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    entry = {"code": "red", "name_zh": "红色预警", "name_en": "Red alert"}
    assert browser_as("admin").post(f"{REGISTERS}/risk_colour", data=entry).status_code == 303
    read_anew()
    cases = browser_as("leader").get("/cases/").text
    assert "红色预警" in cases
    assert "risk-red" in cases


def test_the_lowest_level_may_be_blue_from_a_day_on(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    """Red, orange, yellow, blue: the palette of many counties, without code."""
    admin, leader = browser_as("admin"), browser_as("leader")
    blue = {"code": "green", "name_zh": "蓝色", "name_en": "Blue", "tone": "blue"}
    tomorrow = (county_day() + timedelta(days=2)).isoformat()
    assert admin.post(f"{REGISTERS}/risk_colour", data=blue | {"from": tomorrow}).status_code == 303
    read_anew()
    for address in ("/cases/", "/tasks/?tab=team"):
        page = leader.get(address).text
        assert "risk-green" in page, address
        assert "risk-blue" not in page, address
    assert admin.post(f"{REGISTERS}/risk_colour", data=blue | KNOWN).status_code == 303
    read_anew()
    for address in ("/cases/", "/tasks/?tab=team"):
        page = leader.get(address).text
        assert "risk-blue" in page, address
        assert "bar-blue" in page, address
        assert "蓝色" in page, address
        assert "risk-green" not in page, address
    assert 'value="blue" selected' in admin.get(f"{REGISTERS}/risk_colour?code=green").text


def test_a_tone_that_cannot_be_read_is_refused(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    pink = {"code": "green", "name_zh": "粉", "name_en": "Pink", "tone": "pink"}
    assert admin.post(f"{REGISTERS}/risk_colour", data=pink).status_code == 422
    assert admin.post(f"{REGISTERS}/channel", data={**pink, "tone": "blue", "code": "window"}).status_code == 422
    assert db.session.query(RegisterEntry).count() == 0


def test_strangers_find_no_registers(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    for login in ("leader", "owner", "clerk"):
        stranger = browser_as(login)
        assert stranger.get(f"{REGISTERS}/channel").status_code == 404
        for address in ("channel", "channel/fill", "channel/110/up"):
            assert stranger.post(f"{REGISTERS}/{address}", data={"code": "x"}).status_code == 404
    assert register_of(1, "channel") == {}
