"""The moves by API: documented, scoped, with the same refusals as on the pages."""

from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.workflow.models import WorkItem
from tests.functional.conftest import ApiToken
from tests.functional.tasks.moves.scene import as_it_is, history, id_of, task_of_zhu


def test_each_move_has_an_operation(app: Flask, played_county: int, api_token: ApiToken) -> None:
    item, client = task_of_zhu(), app.test_client()
    zhu = api_token("elder", ["tasks:read", "tasks:write"])
    wang = api_token("mediator", ["tasks:read", "tasks:write"])
    base = f"/api/v1/tasks/{item.id}"
    receivers = client.get(f"{base}/receivers", headers=zhu).json
    assert receivers is not None
    assert str(id_of("mediator")) in {one["person"] for one in receivers["people"]}
    assert {one["role"] for one in receivers["pools"]} == {"mediator"}
    person, why = {"person": str(id_of("mediator"))}, {"reason": "轮岗"}
    steps = [
        (zhu, "handover", person | why),
        (wang, "return", why),
        (zhu, "delegation", person | why),
        (wang, "handback", {}),
        (zhu, "handover", person | why),
        (zhu, "recall", why),
        (wang, "reminder", why),
        (zhu, "co-workers", {"person": str(id_of("labour"))} | why),
        (zhu, "copies", {"person": str(id_of("justice"))} | why),
        (zhu, "follow-up", {"day": "2099-01-01"}),
    ]
    for header, path, body in steps:
        answer = client.post(f"{base}/{path}", json=body, headers=header)
        assert answer.status_code == 200, (path, answer.text)
    assert client.delete(f"{base}/follow-up", headers=zhu).status_code == 200
    assert client.delete(f"{base}/co-workers/{id_of('labour')}", headers=zhu).status_code == 200
    assert as_it_is(item).assignee_id == id_of("elder")
    assert [one.event for one in history(item)[:3]] == ["co_worker.ended", "task.taken_up", "task.put_off"]


def test_bad_bodies_strangers_and_missing_scopes_change_nothing(
    app: Flask, played_county: int, api_token: ApiToken
) -> None:
    item, client = task_of_zhu(), app.test_client()
    zhu, reads = api_token("elder", ["tasks:write"]), api_token("elder", ["tasks:read"])
    stranger = api_token("shiqiao.mediator", ["tasks:write"])
    base = f"/api/v1/tasks/{item.id}"
    right = {"person": str(id_of("mediator")), "reason": "轮岗"}
    wrong = (
        {},
        {"reason": "轮岗"},
        right | {"reason": ""},
        right | {"role": "mediator", "organisation": "1"},
        {"role": "mediator", "reason": "x"},
        right | {"person": "9" * 19},
        right | {"person": "zhu"},
        right | {"role": "administrator"},
        right | {"extra": 1},
    )
    for body in wrong:
        assert client.post(f"{base}/handover", json=body, headers=zhu).status_code == 422, body
    assert client.post(f"{base}/handover", json=right, headers=reads).status_code == 403
    assert client.post(f"{base}/handover", json=right, headers=stranger).status_code == 404
    assert client.post(f"{base}/handover", json=right).status_code == 401
    assert as_it_is(item).assignee_id == id_of("elder")


def test_many_at_once_have_a_result_each(app: Flask, played_county: int, api_token: ApiToken) -> None:
    client, dispatcher = app.test_client(), api_token("dispatcher", ["tasks:write"])
    db.session.remove()
    waiting = [
        str(one) for one in db.session.scalars(select(WorkItem.id).where(WorkItem.element_id == "confirm_triage"))
    ]
    db.session.remove()
    claimed = client.post("/api/v1/tasks/bulk/claims", json={"tasks": [*waiting, "17"]}, headers=dispatcher).json
    assert claimed is not None
    assert [one["moved"] for one in claimed["results"]][-1] is False
    assert claimed["results"][-1]["refusal"]
    body = {"tasks": ["17"] * 101}
    assert client.post("/api/v1/tasks/bulk/claims", json=body, headers=dispatcher).status_code == 422
