"""A drafted path cannot keep a web process busy: a play ends after so many steps, a step after so much work."""

import time

import pytest
from flask import Flask

from tests.functional.authoring.conftest import errand
from tests.functional.conftest import BrowserAs

__all__ = ["errand"]

PATH = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn"><process id="burn" isExecutable="true">
<startEvent id="begin"/><sequenceFlow id="a" sourceRef="begin" targetRef="work"/>{work}
<sequenceFlow id="b" sourceRef="work" targetRef="end"/><endEvent id="end"/></process></definitions>"""

SECONDS = """<userTask id="work"/><boundaryEvent id="tick" attachedToRef="work" cancelActivity="false">
<timerEventDefinition><timeCycle>R/PT1S</timeCycle></timerEventDefinition></boundaryEvent>
<sequenceFlow id="c" sourceRef="tick" targetRef="ticked"/><endEvent id="ticked"/>"""

THOUSANDS = """<subProcess id="work"><multiInstanceLoopCharacteristics isSequential="true">
<loopCardinality>1000</loopCardinality></multiInstanceLoopCharacteristics>
<startEvent id="in"/><sequenceFlow id="d" sourceRef="in" targetRef="count"/>
<scriptTask id="count" scriptFormat="feel" camunda:resultVariable="what"><script>string(count(for i in 1..90000
return i))</script></scriptTask><sequenceFlow id="e" sourceRef="count" targetRef="out"/>
<endEvent id="out"/></subProcess>"""


@pytest.mark.parametrize(("work", "span"), [(SECONDS, "P365D"), (THOUSANDS, "")], ids=["timers", "items"])
def test_a_play_that_does_not_end(
    app: Flask, errand: int, browser_as: BrowserAs, monkeypatch: pytest.MonkeyPatch, work: str, span: str
) -> None:
    monkeypatch.setattr("app.engine.bpmn.execution.MAX_SECONDS", 0.5)
    owner = browser_as("owner")
    made = owner.post("/authoring/errand/files", data={"kind": "process", "name": "burn"})
    own = "/authoring/errand/drafts/" + made.headers["Location"].split("/drafts/")[1].split("/")[0]
    revision = owner.get(own).get_json()["revision"]
    owner.put(own, json={"content": PATH.replace("{work}", work), "revision": revision})
    began = time.thread_time()
    posted = {"script": '[test]\nprocess = "burn"', "move": "wait" if span else "", "span": span}
    answer = owner.post("/authoring/errand/simulation", data=posted)
    assert answer.status_code == 200
    assert 'class="notice tone-bad"' in answer.text
    assert time.thread_time() - began < 8
