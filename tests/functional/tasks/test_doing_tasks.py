"""Claim, give back, complete: the right person once, everybody else with a clear word."""

import threading
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.audit.queries import entries
from app.audit.services import Stream
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import viewer
from app.devdata.county import SINCE, person_named
from app.directory import queries, services
from app.tasks.errors import SecondPersonNeeded
from app.tasks.filters import Filter
from app.tasks.listing import inbox_page
from app.tasks.queries import task_for
from app.tasks.services import complete_task
from app.workflow.models import ItemStatus, WorkItem, WorkItemCandidate
from tests.functional.conftest import ApiToken, BrowserAs

EN = {"Accept-Language": "en"}


def offered(login: str) -> WorkItem:
    """A triage task that waits in this person's pool."""
    db.session.remove()
    who = viewer(login, now=clock.now())
    rows = inbox_page(who, Filter("available")).rows
    return task_for(who, next(row.item.id for row in rows if row.item.element_id == "confirm_triage"))


def as_it_is(item: WorkItem) -> WorkItem:
    db.session.remove()
    found = db.session.get(WorkItem, (item.county_id, item.id))
    assert found is not None
    return found


def events(item: WorkItem) -> list[str]:
    assert item.subject_id is not None
    db.session.remove()
    return [entry.event for entry in entries(Stream.case(item.county_id, item.subject_id))]


def test_the_dispatcher_claims_and_gives_back(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item = offered("dispatcher")
    browser = browser_as("dispatcher")
    assert browser.post(f"/tasks/{item.id}/claim").status_code == 302
    assert as_it_is(item).assignee_id == person_named("dispatcher").id
    assert browser.post(f"/tasks/{item.id}/claim").status_code == 302
    assert events(item).count("task.claimed") == 1
    assert browser.post(f"/tasks/{item.id}/release", data={"reason": "明天休假"}).status_code == 302
    assert as_it_is(item).assignee_id is None
    assert events(item)[0] == "task.released"
    assert browser.post(f"/tasks/{item.id}/release").status_code == 409


def test_the_question_stands_before_why_it_came_here(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, browser = offered("dispatcher"), browser_as("dispatcher")
    offer = browser.get(f"/tasks/{item.id}").text
    own = browser.post(f"/tasks/{item.id}/claim", follow_redirects=True).text
    for page, asks in ((offer, "data-claim"), (own, 'class="task-form"')):
        assert page.index(asks) < page.index('<details class="task-case task-why">') < page.index('class="decision"')


def test_of_two_who_claim_at_once_one_is_told_who_was_faster(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item = offered("dispatcher")
    rivals = {"dispatcher": "Zhou Jianguo", "linjiang.dispatcher": "Wei Guoqiang"}

    def share() -> None:
        office = queries.organisation_by_code(1, "330681000000")
        assert office is not None
        services.assign_role(person_named("linjiang.dispatcher"), "dispatcher", office, from_date=SINCE)

    db.session.remove()
    run_unit(share)
    browsers = {login: browser_as(login) for login in rivals}
    answers: dict[str, tuple[int, str]] = {}
    start = threading.Barrier(2)

    def claim(login: str) -> None:
        start.wait()
        answer = browsers[login].post(f"/tasks/{item.id}/claim", headers=EN)
        answers[login] = (answer.status_code, answer.text)

    threads = [threading.Thread(target=claim, args=(login,)) for login in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers.values()) == [302, 409]
    winner = next(login for login, (status, _) in answers.items() if status == 302)
    loser = next(login for login in rivals if login != winner)
    assert rivals[winner] in answers[loser][1]
    assert as_it_is(item).assignee_id == person_named(winner).id
    assert events(item).count("task.claimed") == 1


def test_who_was_too_late_is_at_the_same_list_with_what_was_typed(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, browser = offered("dispatcher"), browser_as("dispatcher")
    typed = {"triage_decision": "override", "override_reason": "<b>转给镇里</b>办", "_draft": "1", "then": "next"}
    assert browser.post(f"/tasks/{item.id}/completion", data={"triage_decision": "confirm"}).status_code == 302
    late = browser.post(f"/tasks/{item.id}/completion?tab=available&sort=age", data=typed)
    assert late.status_code == 409
    assert "周建国" in late.text
    assert "（今天）" in late.text
    assert "您填写的内容没有提交" in late.text
    assert "&lt;b&gt;转给镇里&lt;/b&gt;办" in late.text
    assert f'data-address="/tasks/{item.id}?tab=available&amp;sort=age"' in late.text
    assert 'class="rows task-rows"' in late.text
    assert 'value="age" selected' in late.text
    json = browser.post(f"/tasks/{item.id}/completion", data=typed, headers={"Accept": "application/json"})
    assert (json.status_code, json.mimetype) == (409, "application/problem+json")
    part = browser.post(f"/tasks/{item.id}/claim", headers={"HX-Request": "true"})
    assert "<html" not in part.text


def test_a_lost_claim_names_who_was_faster_beside_the_list(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, browser = offered("dispatcher"), browser_as("dispatcher")
    db.session.remove()
    faster = person_named("clerk2").id
    db.session.remove()
    run_unit(lambda: db.session.execute(update(WorkItem).where(WorkItem.id == item.id).values(assignee_id=faster)))
    lost = browser.post(f"/tasks/{item.id}/claim?tab=available&sort=due", headers=EN)
    assert lost.status_code == 409
    assert "Fang Zhiyuan was faster" in lost.text
    assert "Nothing was changed by you" in lost.text
    assert 'value="due" selected' in lost.text
    assert f'id="row-{item.id}"' not in lost.text


def test_whom_it_is_not_offered_to_may_look_but_not_take(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item = offered("dispatcher")
    leader = browser_as("leader")
    page = leader.get(f"/tasks/{item.id}", headers=EN)
    assert page.status_code == 200
    assert "doing it belongs to somebody else" in page.text
    assert leader.post(f"/tasks/{item.id}/claim").status_code == 403
    assert leader.post(f"/tasks/{item.id}/completion", data={"triage_decision": "confirm"}).status_code == 403
    assert as_it_is(item).status == ItemStatus.OPEN
    assert leader.get(f"/tasks/{item.id}/completion").status_code == 405


def test_anothers_task_is_not_completed(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item = offered("dispatcher")
    db.session.remove()
    clerk = person_named("clerk2").id
    db.session.remove()
    run_unit(lambda: db.session.execute(update(WorkItem).where(WorkItem.id == item.id).values(assignee_id=clerk)))
    browser = browser_as("dispatcher")
    answer = browser.post(f"/tasks/{item.id}/completion", data={"triage_decision": "confirm"}, headers=EN)
    assert answer.status_code == 409
    assert "Fang Zhiyuan" in answer.text
    assert browser.post(f"/tasks/{item.id}/claim", headers=EN).status_code == 409
    assert as_it_is(item).status == ItemStatus.OPEN


def test_a_second_click_is_one_completion_and_a_clear_word(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item = offered("dispatcher")
    browser = browser_as("dispatcher")
    first = browser.post(f"/tasks/{item.id}/completion", data={"triage_decision": "confirm"})
    assert first.status_code == 302
    second = browser.post(f"/tasks/{item.id}/completion", data={"triage_decision": "confirm"}, headers=EN)
    assert second.status_code == 409
    assert "Zhou Jianguo" in second.text
    closed = as_it_is(item).closed_at
    assert closed is not None
    assert f"{closed.astimezone(ZoneInfo('Asia/Shanghai')):%H:%M} (today)" in second.text
    assert events(item).count("task.completed") == 1
    assert browser.post(f"/tasks/{item.id}/claim", headers=EN).status_code == 409
    assert browser.post(f"/tasks/{item.id}/release", headers=EN).status_code == 409
    assert "Completed by Zhou Jianguo" in browser.get(f"/tasks/{item.id}", headers=EN).text


def test_two_clicks_at_the_same_moment_are_one_completion(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item = offered("dispatcher")
    browsers = [browser_as("dispatcher") for _ in range(3)]
    statuses: list[int] = []
    start = threading.Barrier(3)

    def click(number: int) -> None:
        start.wait()
        answer = browsers[number].post(f"/tasks/{item.id}/completion", data={"triage_decision": "confirm"})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=click, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [302, 409, 409]
    assert events(item).count("task.completed") == 1


def test_a_wrong_answer_is_the_page_again_and_changes_nothing(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item = offered("dispatcher")
    browser = browser_as("dispatcher")
    browser.post(f"/tasks/{item.id}/claim")
    answer = browser.post(
        f"/tasks/{item.id}/completion", data={"triage_decision": "perhaps", "triage_reason": "再看看"}
    )
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert as_it_is(item).status == ItemStatus.OPEN
    assert "task.completed" not in events(item)[:1]


def test_a_task_given_by_name_has_no_pool_to_go_back_to(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item = offered("dispatcher")
    browser = browser_as("dispatcher")
    browser.post(f"/tasks/{item.id}/claim")
    db.session.remove()
    run_unit(lambda: db.session.query(WorkItemCandidate).filter_by(work_item_id=item.id).delete())
    assert browser.post(f"/tasks/{item.id}/release").status_code == 409
    assert as_it_is(item).assignee_id is not None


def test_nobody_lifts_the_safety_work_that_they_planned(app: Flask, played_county: int) -> None:
    """The diagram's `other_person_than` needs two people."""
    now = clock.now()
    item = db.session.scalars(
        select(WorkItem).where(WorkItem.element_id == "call_police", WorkItem.status == "open")
    ).one()
    subject = item.subject_id
    db.session.remove()

    def do(element: str, login: str, **values: object) -> None:
        found = db.session.scalars(
            select(WorkItem).where(
                WorkItem.element_id == element, WorkItem.status == "open", WorkItem.subject_id == subject
            )
        ).first()
        assert found is not None, element
        who = viewer(login, now=now)
        found.assignee_id = who.person_id
        complete_task(found, values, viewer=who, now=now)

    keeper = str(person_named("chair").id)
    db.session.remove()
    run_unit(lambda: do("call_police", "clerk", police_called_by="陈晓梅"))
    run_unit(lambda: do("confirm_police_receipt", "police", police_receipt_number="J-1"))
    run_unit(lambda: do("plan_measures", "leader", safety_keeper=keeper))
    with pytest.raises(SecondPersonNeeded):
        run_unit(lambda: do("lift_safety", "leader", safety_lifted=True, lift_reason="已平息"))
    run_unit(lambda: do("lift_safety", "head", safety_lifted=True, lift_reason="已平息"))


def test_by_api_the_same_rules_hold(app: Flask, played_county: int, api_token: ApiToken) -> None:
    item = offered("dispatcher")
    client = app.test_client()
    reader = api_token("dispatcher", ["tasks:read"])
    token = api_token("dispatcher", ["tasks:read", "tasks:write"])
    url = f"/api/v1/tasks/{item.id}"
    opened = client.get(url, headers=reader).json
    assert opened is not None
    assert opened["element"] == "confirm_triage"
    assert "triage_decision" in [one["name"] for one in opened["fields"]]
    assert client.post(f"{url}/claim", headers=reader).status_code == 403
    claimed = client.post(f"{url}/claim", headers=token).json
    assert claimed is not None
    assert claimed["assignee"] == str(person_named("dispatcher").id)
    assert client.delete(f"{url}/claim", headers=token).status_code == 200
    wrong = client.post(f"{url}/completion", json={"values": {"triage_decision": "perhaps"}}, headers=token)
    assert (wrong.status_code, wrong.mimetype) == (422, "application/problem+json")
    assert wrong.json is not None
    assert "triage_decision" in wrong.json["fields"]
    unknown = client.post(f"{url}/completion", json={"values": {"nonsense": 1}}, headers=token)
    assert unknown.status_code == 422
    done = client.post(f"{url}/completion", json={"values": {"triage_decision": "confirm"}}, headers=token)
    assert done.status_code == 200
    assert done.json is not None
    assert done.json["opened"]
    again = client.post(f"{url}/completion", json={"values": {"triage_decision": "confirm"}}, headers=token)
    assert (again.status_code, again.mimetype) == (409, "application/problem+json")
    stranger = api_token("shiqiao.mediator", ["tasks:read", "tasks:write"])
    assert client.get(url, headers=stranger).status_code in (200, 404)
    assert client.get(url, headers=api_token("owner", ["tasks:read"])).status_code == 404
