"""People: taken on, changed, given roles, noted on leave; what strangers and the person themselves may not."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask_babel import force_locale

from app.administration import words
from app.audit.queries import entries
from app.audit.services import Stream
from app.core.database import db
from app.core.translations import LOCALES
from app.core.unit_of_work import run_unit
from app.devdata.county import SINCE, person_named
from app.directory.models import Assignment, Organisation, Person
from app.directory.queries import organisation_by_code
from app.directory.services import assign_role, create_county, create_person
from tests.functional.conftest import BrowserAs
from tests.functional.days import county_day

PEOPLE = "/administration/people"
HEPAN = "330681101201"


def place(code: str) -> Organisation:
    found = organisation_by_code(1, code)
    assert found is not None
    return found


def events_of(login: str) -> list[str]:
    db.session.remove()
    return [entry.event for entry in entries(Stream.person(1, person_named(login).id))]


def page_of(login: str) -> str:
    return f"{PEOPLE}/{person_named(login).id}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_administrator_takes_somebody_on_and_gives_a_role(
    app: Flask, dispute_county: int, browser_as: BrowserAs, language: str
) -> None:
    admin, headers = browser_as("admin"), {"Accept-Language": language}
    form = {
        "login": "lin.mei",
        "name": "林梅",
        "phone": "0571-8888 1234",
        "languages": ["zh", "wu"],
        "tags": ["land", "x"],
    }
    made = admin.post(PEOPLE, data=form, headers=headers)
    assert made.status_code == 200
    password = re.search(r"<dd>([\w-]{12})</dd>", made.text)
    assert password is not None
    assert app.test_client().post("/sign-in", data={"login": "lin.mei", "password": password[1]}).status_code == 302
    person = person_named("lin.mei")
    assert (person.tags, person.languages, person.phone) == (["land"], ["zh", "wu"], "0571-8888 1234")
    today = county_day().isoformat()
    role = {"role": "mediator", "office": place(HEPAN).id, "from": today, "to": ""}
    given = admin.post(f"{PEOPLE}/{person.id}/roles", data=role)
    assert given.status_code == 303
    page = admin.get(f"{PEOPLE}/{person.id}", headers=headers)
    assert {"zh": "调解员 · 河畔村", "en": "Mediator · Hepan Village"}[language] in page.text
    twice = admin.post(f"{PEOPLE}/{person.id}/roles", data=role)
    assert twice.status_code == 409
    assert admin.post(PEOPLE, data=form).status_code == 409
    assert events_of("lin.mei")[:1] == ["role.given"]


def test_what_is_no_account_no_phone_and_no_day_is_refused_with_the_reason(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    admin = browser_as("admin")
    english = {"Accept-Language": "en"}
    for form, told in (
        ({"login": "林", "name": "林梅"}, "An account has"),
        ({"login": "lin", "name": " "}, "The name is missing"),
        ({"login": "lin", "name": "林梅", "phone": "<script>"}, "This is no phone number"),
    ):
        refused = admin.post(PEOPLE, data=form, headers=english)
        assert refused.status_code == 422
        assert told in refused.text
    roles = f"{page_of('elder')}/roles"
    office = str(place(HEPAN).id)
    for form, told in (
        ({"role": "king", "office": office, "from": "2026-01-01"}, "There is no such role"),
        ({"role": "clerk", "office": "9" * 30, "from": "2026-01-01"}, "There is no such office"),
        ({"role": "clerk", "office": office, "from": "soon"}, "A day is missing"),
        ({"role": "clerk", "office": office, "from": "2026-02-02", "to": "2026-02-01"}, "The last day of the role"),
    ):
        refused = admin.post(roles, data=form, headers=english)
        assert refused.status_code == 422
        assert told in refused.text
    assert events_of("elder") == []


def test_nobody_gives_themselves_a_role_or_notes_their_own_leaving(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    admin = browser_as("admin")
    form = {"role": "leader", "office": place(HEPAN).id, "from": "2026-01-01"}
    assert admin.post(f"{page_of('admin')}/roles", data=form).status_code == 403
    assert admin.post(f"{page_of('admin')}/departure").status_code == 403
    held = db.session.query(Assignment).filter_by(person_id=person_named("admin").id).all()
    assert [one.role for one in held] == ["administrator"]
    assert admin.get("/cases/").status_code in (200, 404)


def test_a_role_that_ends_is_over_the_day_after_and_a_planned_one_never_begins(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    admin, today = browser_as("admin"), county_day()
    held = db.session.query(Assignment).filter_by(person_id=person_named("elder").id).one()
    end = f"{page_of('elder')}/roles/{held.id}/end"
    assert admin.post(end, data={"last": (today - timedelta(days=1)).isoformat()}).status_code == 303
    assert browser_as("elder").get("/tasks/").status_code in (200, 404)
    assert admin.post(end, data={"last": today.isoformat()}).status_code == 409
    planned = {"role": "mediator", "office": place(HEPAN).id, "from": (today + timedelta(days=9)).isoformat()}
    assert admin.post(f"{page_of('elder')}/roles", data=planned).status_code == 303
    db.session.remove()
    new = db.session.query(Assignment).filter_by(person_id=person_named("elder").id, to_date=None).one()
    assert admin.post(f"{page_of('elder')}/roles/{new.id}/end", data={"last": today.isoformat()}).status_code == 303
    db.session.remove()
    assert db.session.query(Assignment).filter_by(person_id=person_named("elder").id).count() == 1
    other = f"{page_of('grid')}/roles/{held.id}/end"
    assert admin.post(other, data={"last": today.isoformat()}).status_code == 404


def test_what_is_known_of_a_person_is_corrected_and_told(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    admin = browser_as("admin")
    form = {"name": "朱有福", "name_en": "Zhu Youfu", "phone": "13800000000", "tags": ["land"], "languages": ["wu"]}
    assert admin.post(page_of("elder"), data=form).status_code == 303
    assert admin.post(page_of("elder"), data=form).status_code == 303
    assert events_of("elder") == ["person.changed"]
    assert "13800000000" in admin.get(page_of("elder")).text
    assert admin.post(page_of("elder"), data={**form, "phone": "12"}).status_code == 422


def test_the_head_of_an_office_notes_the_leave_of_their_own_people_only(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    chair, today = browser_as("chair"), county_day()
    listed = chair.get(PEOPLE).text
    assert "王桂兰" in listed
    assert "柏大山" not in listed
    form = {
        "from": today.isoformat(),
        "to": (today + timedelta(days=3)).isoformat(),
        "deputy": person_named("elder").id,
    }
    assert chair.post(f"{page_of('mediator')}/leaves", data=form).status_code == 303
    twice = chair.post(f"{page_of('mediator')}/leaves", data=form)
    assert twice.status_code == 409
    words = re.sub(r"<[^>]+>", "", twice.text[twice.text.index("<main") :])
    assert words.count("（3 天后）") == 3, "in the list, in the refusal and in the history"
    assert not re.search(r"\d{4}-\d\d-\d\d", words)
    assert "王桂兰请假，由您代理" in browser_as("elder").get("/notices/").text
    assert chair.post(f"{page_of('shiqiao.mediator')}/leaves", data=form).status_code == 404
    assert chair.post(f"{page_of('mediator')}/roles", data={}).status_code == 404
    assert chair.get(f"{page_of('mediator')}/departure").status_code == 404
    leave = re.search(r"/leaves/(\d+)/end", chair.get(page_of("mediator")).text)
    assert leave is not None
    assert chair.post(f"{page_of('elder')}/leaves/{leave[1]}/end").status_code == 404
    assert chair.post(f"{page_of('mediator')}/leaves/{leave[1]}/end").status_code == 303
    assert events_of("mediator") == ["leave.ended", "leave.taken"]


def test_a_head_names_no_deputy_for_work_beyond_their_offices(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    """Zhu works in the village and for the county: the chair of the village hands nobody the county's work."""

    def give_the_second_role() -> None:
        assign_role(person_named("elder"), "mediator", place("330681000000"), from_date=SINCE)

    run_unit(give_the_second_role)
    chair, today = browser_as("chair"), county_day()
    form = {"from": today.isoformat(), "to": (today + timedelta(days=3)).isoformat()}
    deputy = {"deputy": str(person_named("mediator").id)}
    refused = chair.post(f"{page_of('elder')}/leaves", data=form | deputy)
    assert (refused.status_code, "还在别的单位任职" in refused.text) == (403, True)
    assert events_of("elder") == []
    assert chair.post(f"{page_of('elder')}/leaves", data=form).status_code == 303
    later = {"from": (today + timedelta(days=5)).isoformat(), "to": (today + timedelta(days=6)).isoformat()}
    assert browser_as("elder").post("/account/leave", data=later | deputy).status_code == 303


def test_others_and_other_counties_find_nothing(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    for login in ("clerk", "mediator", "owner", "resident"):
        stranger = browser_as(login)
        for address in (PEOPLE, f"{PEOPLE}/new", page_of("elder"), "/administration/access"):
            assert stranger.get(address).status_code == 404, (login, address)
        assert stranger.post(PEOPLE, data={"login": "me", "name": "me"}).status_code == 404

    def elsewhere() -> int:
        create_county(county_id=2, code="330682", name_zh="邻县", name_en="Next", prefix="LX")
        return create_person(2, login="far", name="邻县人").id

    db.session.remove()
    far = run_unit(elsewhere)
    admin = browser_as("admin")
    assert admin.get(f"{PEOPLE}/{far}").status_code == 404
    assert admin.post(f"{PEOPLE}/{far}/leaves", data={}).status_code == 404
    assert "邻县人" not in admin.get(PEOPLE).text


def test_who_administers_a_town_administers_no_county(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    def give_the_town_away() -> None:
        town = organisation_by_code(1, "330681102000")
        assign_role(person_named("elder"), "administrator", town, from_date=SINCE)

    db.session.remove()
    run_unit(give_the_town_away)
    elder = browser_as("elder")
    account = f"{page_of('mediator')}/account"
    for address in (PEOPLE, page_of("mediator"), account, "/administration/offices", "/administration/access"):
        assert elder.get(address).status_code == 404, address
    assert elder.post(f"{page_of('mediator')}/roles", data={"role": "leader"}).status_code == 404
    assert elder.post(f"{account}/first-password").status_code == 404


def test_how_somebody_signs_in_is_a_part_of_their_page(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    """For who keeps the county; a head of the office sees roles and leave alone."""
    mediator, admin = page_of("mediator"), browser_as("admin")
    assert f'href="{mediator}/account"' in admin.get(mediator).text
    assert "从未登录" in admin.get(f"{PEOPLE}?q=mediator").text
    browser_as("mediator")
    assert "上次登录" in admin.get(f"{PEOPLE}?q=mediator").text
    account = admin.get(f"{mediator}/account").text
    assert f'href="{mediator}"' in account
    here = re.compile(r'href="/administration/people"[^>]* aria-current="page"[^>]*>\s*<i[^>]*></i>\s*<span[^>]*>管理')
    assert all(here.search(admin.get(page).text) for page in (f"{mediator}/account", "/administration/offices"))
    assert all(words in account for words in ("设置初始密码", "全部退出登录", "账户动态"))
    leader = browser_as("leader")
    assert leader.get(mediator).status_code == 200
    assert f"{mediator}/account" not in leader.get(mediator).text
    assert "上次登录" not in leader.get(f"{PEOPLE}?q=mediator").text
    assert leader.get(f"{mediator}/account").status_code == 404
    assert admin.post(f"{page_of('admin')}/account/sign-ins/end").status_code == 409
    assert admin.post(f"{mediator}/account/sign-ins/end").status_code == 303


def test_the_account_of_who_has_left_is_read_alone(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    browser_as("elder")
    elder, admin = page_of("elder"), browser_as("admin")
    assert admin.post(f"{elder}/departure", data={"reason": "退休"}).status_code in (302, 303)
    account = admin.get(f"{elder}/account").text
    assert "登录" in account
    assert f'action="{elder}/account' not in account
    for what in ("first-password", "password-link", "sign-ins/end"):
        refused = admin.post(f"{elder}/account/{what}", headers={"Accept-Language": "en"})
        assert refused.status_code == 409, what
        assert "Zhu Youfu" in refused.text, what


def test_the_list_is_found_by_name_role_office_and_state(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    admin = browser_as("admin")

    def found(**asked: str) -> set[str]:
        text = admin.get(PEOPLE, query_string=asked).text
        logins = {one.login for one in db.session.query(Person)}
        return {login for login in logins if f"<span>{login}</span>" in text}

    assert found(q="王桂") == {"mediator"}
    assert found(q="100%") == set()
    assert found(role="mediator", office=HEPAN) == {"mediator", "elder"}
    assert found(office="nowhere") == set()
    assert found(state="left") == found(state="away") == set()
    assert {"admin", "resident"} <= found()


def test_a_name_with_a_script_is_text_everywhere(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    name = "<script>alert(1)</script>"
    admin.post(PEOPLE, data={"login": "evil", "name": name})
    for address in (PEOPLE, page_of("evil"), f"{page_of('evil')}/edit", f"{page_of('evil')}/departure"):
        text = admin.get(address).text
        assert name not in text
        assert "&lt;script&gt;" in text


def test_every_event_has_its_words_in_both_languages(app: Flask) -> None:
    for language, locale in LOCALES.items():
        with app.test_request_context(), force_locale(locale):
            for event, sentence in words.EVENTS.items():
                assert bool(re.search("[\u4e00-\u9fff]", str(sentence))) == (language == "zh"), event


def test_who_has_left_holds_no_present_role(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    admin, person = browser_as("admin"), person_named("shiqiao.mediator").id
    page = f"/administration/people/{person}"
    assert ">current<" in admin.get(page, headers={"Accept-Language": "en"}).text
    assert admin.post(f"{page}/departure", data={"reason": "调离"}).status_code == 303
    gone = admin.get(page, headers={"Accept-Language": "en"}).text
    assert ">current<" not in gone
    assert ">past<" in gone
