"""What the modeller offers instead of typed keys, and what its menus leave out."""

import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from app.authoring.modeller.queries import REFUSED
from app.engine.bpmn.lint import lint
from app.workflow import topics

BrowserAs = Callable[[str], FlaskClient]
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">'
    '<bpmn:process id="p" isExecutable="true">'
)
TAIL = "</bpmn:process></bpmn:definitions>"


def _page(owner: FlaskClient, path: str = "processes/triage.bpmn") -> dict[str, Any]:
    opened = owner.post("/authoring/dispute/drafts", data={"path": path})
    page = owner.get(opened.headers["Location"]).text
    found: dict[str, Any] = orjson.loads(page.split("data-modeller>", 1)[1].split("</script>", 1)[0])
    return found


def test_lists_hold_what_the_package_has(dispute_county: int, browser_as: BrowserAs) -> None:
    owner = browser_as("owner")
    offered = _page(owner)["offered"]
    values = {
        name: {one["value"] for one in offered[name]} for name in ("forms", "tables", "processes", "groups", "names")
    }
    assert "dispute/appointment" in values["forms"]
    assert {"route", "lead_tier"} <= values["tables"]
    assert {"triage", "dispute"} <= values["processes"]
    assert "dispatcher@parent" in values["groups"]
    assert "risk_colour" in values["names"]
    assert {"triage", "mediation"} <= {one["value"] for one in offered["stages"]}


def test_every_piece_of_work_has_its_template_in_both_languages(dispute_county: int, browser_as: BrowserAs) -> None:
    owner = browser_as("owner")
    chinese = _page(owner)["offered"]
    assert {one["value"] for one in chinese["topics"]} >= {"cases.route", "matching.rank", "documents.make"}
    assert all(topics.registered(one["topic"]) for one in chinese["templates"])
    owner.post("/language", data={"language": "en"})
    english = _page(owner)
    assert not re.search("[一-鿿]", " ".join(one["label"] for one in english["offered"]["topics"]))
    assert not re.search("[一-鿿]", orjson.dumps(english["words"]).decode())
    assert not re.search("[一-鿿]", " ".join(one["label"] for one in english["offered"]["groups"]))
    assert not re.search("[一-鿿]", orjson.dumps(english["offered"]["templates"]).decode())


@pytest.mark.parametrize(
    ("kind", "drawn"),
    [
        (
            "complex-gateway",
            '<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="g"/>'
            '<bpmn:complexGateway id="g"/>',
        ),
        (
            "conditional-start",
            '<bpmn:startEvent id="s"><bpmn:conditionalEventDefinition><bpmn:condition>= a</bpmn:condition>'
            "</bpmn:conditionalEventDefinition></bpmn:startEvent>",
        ),
        (
            "none-boundary-event",
            '<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t"/>'
            '<bpmn:userTask id="t"/><bpmn:boundaryEvent id="b" attachedToRef="t"/>',
        ),
    ],
)
def test_menus_leave_out_what_the_check_refuses(kind: str, drawn: str) -> None:
    assert kind in REFUSED
    findings = lint({"p.bpmn": (HEAD + drawn + TAIL).encode()}, None)
    assert [one for one in findings if one.severity == "error"], kind


def test_two_versions_stand_side_by_side(dispute_county: int, browser_as: BrowserAs) -> None:
    owner = browser_as("owner")
    opened = owner.post("/authoring/dispute/drafts", data={"path": "processes/triage.bpmn"})
    address = str(opened.headers["Location"]).rsplit("/", 1)[0]
    draft = owner.get(address).json
    assert draft is not None
    kept = owner.put(
        address, json={"content": draft["content"].replace("确认分流", "再看一遍"), "revision": draft["revision"]}
    ).json
    assert kept is not None
    where = f"/authoring/dispute/paths/comparison?path=processes/triage.bpmn&old={draft['hash']}&new={kept['hash']}"
    page = owner.get(where).text
    data = orjson.loads(page.split("data-comparison>", 1)[1].split('json">', 1)[1].split("</script>", 1)[0])
    assert "确认分流" in data["old"]
    assert "再看一遍" in data["new"]
    assert owner.get(where.replace(draft["hash"], "0" * 64)).status_code == 404
    assert browser_as("clerk").get(where).status_code == 404
