"""The tree: founded, renamed, moved, merged, closed; cases, tasks, people and counters follow."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.administration.offices import jobs, services
from app.audit.queries import entries
from app.audit.services import SYSTEM, Stream
from app.cases.models import Case
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.models import Assignment, Organisation
from app.directory.places import services as places
from app.directory.places.models import Reorganisation, ReorganisationKind, ReorganisationStatus
from app.directory.places.rules import is_division_code
from app.directory.queries import organisation_by_code
from app.scheduling.jobs import run_due_jobs, run_job
from app.scheduling.services import claim_jobs
from app.workflow.counting import fold, recount
from app.workflow.models import ItemStatus, WorkItem, WorkItemCandidate
from tests.functional.conftest import BrowserAs

OFFICES = "/administration/offices"
ENGLISH = {"Accept-Language": "en"}
LINJIANG, YUNLING = "330681101000", "330681102000"
HEPAN, SHIQIAO, ZHUSHAN = "330681101201", "330681101202", "330681102201"


def place(code: str) -> Organisation:
    db.session.remove()
    return db.session.query(Organisation).filter_by(county_id=1, code=code).one()


def page_of(code: str) -> str:
    return f"{OFFICES}/{place(code).id}"


def led_by(code: str) -> set[int]:
    return set(db.session.scalars(select(Case.id).where(Case.lead_organisation_id == place(code).id)))


def assert_everything_lies_where_it_is_led() -> None:
    """Every path is the one of its organisation, and the counters are right."""
    db.session.remove()
    paths = {one.id: one.path for one in db.session.query(Organisation)}
    for case in db.session.query(Case):
        assert case.org_path == paths[case.lead_organisation_id]
    for item in db.session.query(WorkItem).filter(WorkItem.org_id.is_not(None)):
        assert item.org_path == paths[item.org_id or 0]
    db.session.remove()
    run_unit(fold)
    assert run_unit(recount) == 0


def events_of(code: str) -> list[str]:
    return [entry.event for entry in entries(Stream.organisation(1, place(code).id))]


def test_a_village_is_founded_renamed_and_closed(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    admin, town = browser_as("admin"), place(LINJIANG).id
    form = {"parent": town, "tier": "village", "kind": "government", "code": "330681101204", "name_zh": "新桥村"}
    assert admin.post(OFFICES, data=form).status_code == 303
    assert admin.post(OFFICES, data=form).status_code == 409
    assert place("330681101204").path == "0001/0015/0004/"
    again = {"name_zh": "新桥社区", "name_en": "Xinqiao", "phone": "0571-1234567"}
    assert admin.post(page_of("330681101204"), data=again).status_code == 303
    assert "新桥社区" in admin.get(OFFICES).text
    assert admin.post(f"{page_of('330681101204')}/close").status_code == 303
    assert admin.post(f"{page_of('330681101204')}/close").status_code == 409
    assert "新桥社区" not in admin.get(OFFICES).text
    assert events_of("330681101204") == ["office.closed", "office.renamed", "office.founded"]


def test_codes_and_tiers_that_do_not_fit_are_refused(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    form = {"parent": place(LINJIANG).id, "tier": "village", "kind": "government", "name_zh": "新桥村"}
    for code, told in (
        ("330681102204", "begins like the one above"),
        ("33068110120", "12 digits"),
        ("330681101000", "12 digits"),
        ("三三〇六八一一〇一二〇四", "12 digits"),
    ):
        refused = admin.post(OFFICES, data={**form, "code": code}, headers=ENGLISH)
        assert refused.status_code == 422, code
        assert told in refused.text
    assert admin.post(OFFICES, data={**form, "code": "330681101204", "name_zh": " "}).status_code == 422
    for wrong, status, told in (
        ({"tier": "county", "code": "330681000000"}, 422, "does not lie below Linjiang Town"),
        ({"code": HEPAN}, 409, "is taken already by Hepan Village"),
    ):
        refused = admin.post(OFFICES, data=form | wrong, headers=ENGLISH)
        assert (refused.status_code, told in refused.text) == (status, True), told
    assert admin.post(OFFICES, data={**form, "tier": "galaxy", "code": "330681101204"}).status_code == 422
    assert admin.post(OFFICES, data={**form, "parent": "77", "code": "330681101204"}).status_code == 422
    assert is_division_code("330681000000", "county")
    assert not is_division_code("330600000000", "county")


def test_a_village_moves_to_another_town_with_all_that_hangs_on_it(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    admin, cases = browser_as("admin"), led_by(HEPAN)
    assert cases
    leader = browser_as("yunling.dispatcher")
    code = db.session.get_one(Case, (1, min(cases))).code
    assert leader.get(f"/cases/{code}").status_code == 404
    answer = admin.post(f"{page_of(HEPAN)}/move", data={"target": place(YUNLING).id, "reason": "区划调整"})
    assert answer.status_code == 303
    progress = answer.headers["Location"]
    assert "Waits for the worker" in admin.get(progress, headers=ENGLISH).text
    assert admin.post(f"{page_of(SHIQIAO)}/move", data={"target": place(YUNLING).id}).status_code == 409
    db.session.remove()
    run_due_jobs()
    told = admin.get(progress, headers={**ENGLISH, "HX-Request": "true"}).text
    assert "Done." in told
    assert "every 2s" not in told
    assert place(HEPAN).path.startswith(place(YUNLING).path)
    assert place(f"{HEPAN}-01").path.startswith(place(HEPAN).path)
    assert led_by(HEPAN) == cases
    assert_everything_lies_where_it_is_led()
    assert leader.get(f"/cases/{code}").status_code == 200
    assert browser_as("linjiang.leader").get(f"/cases/{code}").status_code == 404
    assert events_of(HEPAN)[0] == "office.moved"
    assert "office.took_in" in events_of(YUNLING)
    assert run_unit(lambda: services.straighten(1)) == 0


def test_a_move_counts_the_offices_that_went_along(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    asked = admin.post(f"{page_of(HEPAN)}/move", data={"target": place(YUNLING).id}).location
    db.session.remove()
    while run_due_jobs():
        pass
    page = admin.get(asked, headers=ENGLISH).text
    assert "<dt>Offices below that went along</dt><dd>2</dd>" in page


def test_a_village_goes_into_another_and_its_code_leads_there(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    admin, cases = browser_as("admin"), led_by(HEPAN)
    open_tasks = set(
        db.session.scalars(
            select(WorkItem.id).where(WorkItem.org_path == place(HEPAN).path, WorkItem.status == ItemStatus.OPEN)
        )
    )
    old = place(HEPAN).id
    answer = admin.post(f"{page_of(HEPAN)}/merge", data={"target": place(SHIQIAO).id, "reason": "并村"})
    assert answer.status_code == 303
    db.session.remove()
    run_due_jobs()
    assert place(HEPAN).closed_at is not None
    heir = organisation_by_code(1, HEPAN)
    assert heir is not None
    assert heir.code == SHIQIAO
    assert cases <= led_by(SHIQIAO)
    assert led_by(HEPAN) == set()
    assert_everything_lies_where_it_is_led()
    assert place(f"{HEPAN}-01").path.startswith(place(SHIQIAO).path)
    db.session.remove()
    held = db.session.query(Assignment).filter_by(person_id=person_named("mediator").id, to_date=None).one()
    assert held.organisation_id == place(SHIQIAO).id
    offered = set(
        db.session.scalars(
            select(WorkItemCandidate.organisation_id).where(WorkItemCandidate.work_item_id.in_(open_tasks))
        )
    )
    assert offered
    assert old not in offered
    code = db.session.get_one(Case, (1, min(cases))).code
    assert browser_as("shiqiao.mediator").get(f"/cases/{code}").status_code == 200
    page = admin.get(page_of(HEPAN), headers=ENGLISH).text
    assert "It went into" in page
    assert "Shiqiao Village" in page
    assert admin.post(f"{page_of(HEPAN)}/merge", data={"target": place(SHIQIAO).id}).status_code == 409
    told = [entry.event for entry in entries(Stream.person(1, person_named("mediator").id))]
    assert "role.moved" in told
    first = entries(Stream.case(1, min(cases)))[-1]
    assert first.event in ("case.opened", "report.received")


def test_who_is_killed_half_way_leaves_everything_as_it_was(
    app: Flask, played_county: int, browser_as: BrowserAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = browser_as("admin")
    before = {one.id: one.path for one in db.session.query(Organisation)}
    admin.post(f"{page_of(HEPAN)}/merge", data={"target": place(SHIQIAO).id})
    db.session.remove()

    def killed(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(places, "close_into", killed)
        (job,) = run_unit(lambda: claim_jobs(now=clock.now()))
        with pytest.raises(KeyboardInterrupt):
            run_job(job)
    db.session.remove()
    assert {one.id: one.path for one in db.session.query(Organisation)} == before
    assert place(HEPAN).closed_at is None
    assert_everything_lies_where_it_is_led()
    with clock.freeze(clock.now() + jobs.HELD_FOR + jobs.SETTLED_AFTER):
        run_due_jobs()
    assert place(HEPAN).closed_at is not None
    assert_everything_lies_where_it_is_led()
    asked = db.session.query(Reorganisation).one()
    assert asked.status == ReorganisationStatus.DONE


def test_what_cannot_be_is_refused_and_what_hangs_on_is_named(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    admin = browser_as("admin")
    refused = admin.post(f"{page_of(HEPAN)}/close", headers=ENGLISH)
    assert refused.status_code == 409
    assert "2 offices" in refused.text
    for address, target, told in (
        (f"{page_of(LINJIANG)}/move", HEPAN, "below or into itself"),
        (f"{page_of(HEPAN)}/move", LINJIANG, "lies there already"),
        (f"{page_of(LINJIANG)}/move", ZHUSHAN, "does not lie below"),
        (f"{page_of(HEPAN)}/merge", LINJIANG, "same tier"),
        (f"{page_of('330681000000')}/move", LINJIANG, "county itself"),
    ):
        answer = admin.post(address, data={"target": place(target).id}, headers=ENGLISH)
        assert answer.status_code in (409, 422), address
        assert told in answer.text, address
    assert admin.post(f"{page_of(HEPAN)}/move", data={"target": "x"}).status_code == 422
    assert db.session.query(Reorganisation).count() == 0


def test_a_village_closes_and_everything_goes_to_the_town(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    admin, cases = browser_as("admin"), led_by(HEPAN)
    page = admin.get(page_of(HEPAN), headers=ENGLISH).text
    assert "To which office" in page
    into_the_town = {"target": place(LINJIANG).id, "reason": "撤村"}
    refused = admin.post(f"{page_of(HEPAN)}/close", data=into_the_town, headers=ENGLISH)
    assert refused.status_code == 422, "its grids do not lie below a town"
    assert place(HEPAN).closed_at is None
    assert db.session.query(Reorganisation).count() == 0
    answer = admin.post(f"{page_of(HEPAN)}/close", data={"target": place(SHIQIAO).id, "reason": "撤村"})
    assert answer.status_code == 303
    assert place(HEPAN).closed_at is None, "the worker does it"
    db.session.remove()
    run_due_jobs()
    assert place(HEPAN).closed_at is not None
    assert cases <= led_by(SHIQIAO)
    assert_everything_lies_where_it_is_led()
    held = db.session.query(Assignment).filter_by(person_id=person_named("mediator").id, to_date=None).one()
    assert held.organisation_id == place(SHIQIAO).id
    assert events_of(HEPAN)[:2] == ["office.handed_over", "office.close_asked"]
    assert events_of(SHIQIAO)[0] == "office.took_in"
    assert "went to Shiqiao Village" in admin.get(page_of(HEPAN), headers=ENGLISH).text


def test_an_office_of_another_kind_takes_over(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    """A grid without anything below it goes to its village, which no merger allows."""
    admin, grid = browser_as("admin"), f"{HEPAN}-01"
    merged = admin.post(f"{page_of(grid)}/merge", data={"target": place(HEPAN).id}, headers=ENGLISH)
    assert merged.status_code == 422
    assert admin.post(f"{page_of(grid)}/close", data={"target": place(grid).id}).status_code == 422, "not to itself"
    assert admin.post(f"{page_of(grid)}/close", data={"target": place(HEPAN).id}).status_code == 303
    db.session.remove()
    run_due_jobs()
    assert place(grid).closed_at is not None
    assert place(grid).successor_id == place(HEPAN).id
    assert_everything_lies_where_it_is_led()


def test_a_case_opened_in_the_moment_of_a_move_is_put_right(app: Flask, played_county: int) -> None:
    case_id = min(led_by(HEPAN))

    def stale() -> None:
        db.session.get_one(Case, (1, case_id)).org_path = "0001/0099/"
        for item in db.session.query(WorkItem).filter_by(subject_id=case_id):
            item.org_path = "0001/0099/"

    db.session.remove()
    run_unit(stale)
    assert run_unit(lambda: services.straighten(1)) >= 1
    db.session.remove()
    assert db.session.get_one(Case, (1, case_id)).org_path == place(HEPAN).path


def test_strangers_find_no_tree(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    for login in ("leader", "chair", "clerk", "owner"):
        stranger = browser_as(login)
        for address in (OFFICES, f"{OFFICES}/new", page_of(HEPAN)):
            assert stranger.get(address).status_code == 404
        for address in (OFFICES, page_of(HEPAN), f"{page_of(HEPAN)}/close", f"{page_of(HEPAN)}/move"):
            assert stranger.post(address, data={}).status_code == 404
    admin = browser_as("admin")
    assert admin.get(f"{OFFICES}/77").status_code == 404
    assert admin.post(f"{page_of(HEPAN)}/explode").status_code == 404
    asked = run_unit(
        lambda: (
            services.ask_worker(
                ReorganisationKind.MOVE,
                organisation_by_code(1, HEPAN),
                organisation_by_code(1, YUNLING),
                reason="",
                actor=SYSTEM,
                now=clock.now(),
            ).id
        )
    )
    assert browser_as("leader").get(f"{OFFICES}/reorganisations/{asked}").status_code == 404


def test_closed_offices_are_found_on_wish_with_what_became_of_them(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    admin = browser_as("admin")
    admin.post(f"{page_of(HEPAN)}/merge", data={"target": place(SHIQIAO).id, "reason": "并村"})
    db.session.remove()
    run_due_jobs()
    link = f'href="{page_of(HEPAN)}"'
    assert link not in admin.get(OFFICES).text
    assert link not in admin.get(f"{OFFICES}?q=河畔村").text
    for address in (f"{OFFICES}?closed=1", f"{OFFICES}?closed=1&q=河畔村", f"{OFFICES}?closed=1&q={HEPAN}"):
        shown = admin.get(address, headers=ENGLISH).text
        assert link in shown, address
        assert "went into Shiqiao Village" in shown
    history = admin.get(page_of(HEPAN), headers=ENGLISH).text
    assert "Went into Shiqiao Village with" in history
    assert "并村" in history


def test_below_an_office_only_the_tiers_that_fit_are_offered(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    admin = browser_as("admin")
    for code, offered in ((HEPAN, ["grid", "village"]), (LINJIANG, ["village", "town"]), (f"{HEPAN}-01", ["grid"])):
        page = admin.get(f"{OFFICES}/new?parent={place(code).id}").text
        select_of_tiers = re.search(r'<select[^>]*name="tier".*?</select>', page, re.S)
        assert select_of_tiers
        assert re.findall(r'value="(\w+)"', select_of_tiers.group()) == offered, code


def test_what_was_not_chosen_is_asked_for(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    nothing = admin.post(OFFICES, data={"parent": place(LINJIANG).id, "name_zh": "新桥村"}, headers=ENGLISH)
    assert nothing.status_code == 422
    assert "Please choose the tier and the kind." in nothing.text
    nowhere = admin.post(f"{page_of(HEPAN)}/move", data={"target": ""}, headers=ENGLISH)
    assert nowhere.status_code == 422
    assert "Please choose an office from the list." in nowhere.text


def test_the_numbers_of_people_lead_to_them_each_of_whom_stands_there_once(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    admin, shiqiao = browser_as("admin"), page_of(SHIQIAO)
    assert f'href="{shiqiao}#people">2 people<' in admin.get(OFFICES, headers=ENGLISH).text
    page = admin.get(shiqiao, headers=ENGLISH).text
    assert '<dt>People with a role</dt><dd><a href="#people">2</a></dd>' in page
    assert '<dt>Offices right below</dt><dd><a href="#below">2</a></dd>' in page
    people = page[page.index('id="people"') : page.index('id="below"')]
    assert people.count("row-title") == 2
    assert re.search(r"Bai Dashan.*Mediator.*Committee chair", people, re.S)


def test_an_office_without_cases_goes_without_a_number_and_the_tree_opens_to_it(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    admin = browser_as("admin")
    into = {"target": place(HEPAN).id}
    assert admin.post(OFFICES, data={
        "parent": place(LINJIANG).id, "tier": "village", "kind": "government", "code": "330681101204",
        "name_zh": "新桥村", "name_en": "Xinqiao",
    }).status_code == 303  # fmt: skip
    asked = admin.post(f"{page_of('330681101204')}/merge", data=into).location
    assert "No case and no task goes along." in admin.get(asked, headers=ENGLISH).text
    db.session.remove()
    while run_due_jobs():
        pass
    assert "Roles that went along" in admin.get(asked, headers=ENGLISH).text
    tree = admin.get(f"{OFFICES}?closed=1", headers=ENGLISH).text
    assert re.search(r"<details open><summary>[^/]*<span class=\"office-line\"><span>Linjiang Town", tree)
