"""What a form is shown: the nearest scope first, then outwards, as the engine itself reads."""

from app.audit.services import Actor
from app.core.unit_of_work import run_unit
from app.definitions import queries as definitions
from app.definitions.services import files_of, publish
from app.workflow import queries, services
from tests.functional.workflow.errands import NOW, Errands

NESTED = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
  <bpmn:process id="shopping" name="采买" isExecutable="true">
    <bpmn:startEvent id="begin"/>
    <bpmn:subProcess id="shops" name="各店">
      <bpmn:multiInstanceLoopCharacteristics camunda:collection="=[1, 2]" camunda:elementVariable="shop"/>
      <bpmn:startEvent id="in"/>
      <bpmn:callActivity id="call" name="逐件" calledElement="buying">
        <bpmn:extensionElements><camunda:in sourceExpression="=price * 10" target="price"/></bpmn:extensionElements>
      </bpmn:callActivity>
      <bpmn:endEvent id="out"/>
      <bpmn:sequenceFlow id="f3" sourceRef="in" targetRef="call"/>
      <bpmn:sequenceFlow id="f4" sourceRef="call" targetRef="out"/>
    </bpmn:subProcess>
    <bpmn:endEvent id="done"/>
    <bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="shops"/>
    <bpmn:sequenceFlow id="f2" sourceRef="shops" targetRef="done"/>
  </bpmn:process>
  <bpmn:process id="buying" name="买" isExecutable="true">
    <bpmn:startEvent id="b_in"/>
    <bpmn:userTask id="buy" name="买" camunda:candidateGroups="clerk" camunda:formKey="errand/ask">
      <bpmn:extensionElements><camunda:inputOutput>
        <camunda:inputParameter name="hint">=size</camunda:inputParameter>
      </camunda:inputOutput></bpmn:extensionElements>
      <bpmn:multiInstanceLoopCharacteristics camunda:collection='=["tea", "rice"]' camunda:elementVariable="thing"/>
    </bpmn:userTask>
    <bpmn:endEvent id="b_out"/>
    <bpmn:sequenceFlow id="g1" sourceRef="b_in" targetRef="buy"/>
    <bpmn:sequenceFlow id="g2" sourceRef="buy" targetRef="b_out"/>
  </bpmn:process>
</bpmn:definitions>"""


NAMES = "".join(
    f'\n[{name}]\ntype = "{type_}"\nlabel = {{ zh = "{name}", en = "{name}" }}\n'
    for name, type_ in (("shop", "number"), ("thing", "text"), ("hint", "text"))
)


def test_a_form_reads_outwards_from_its_item(errands: Errands) -> None:
    files = files_of(definitions.active_release(errands.county_id, "errand"))
    files |= {"processes/shopping.bpmn": NESTED.encode()}
    files["processes/data.toml"] += NAMES.encode()
    actor = Actor("person", 5, "周芳")
    run_unit(lambda: publish(errands.county_id, "errand", files, actor=actor, approved_by=6, note="", now=NOW))
    outcome = errands.start("shopping", price=7, what="茶会", size="small")
    items = queries.open_items(errands.county_id, instance_id=outcome.instance_id)
    assert len(items) == 4
    seen = [services.form_values(item) for item in items]
    asked = ("thing", "loopCounter", "price", "shop", "what", "hint")
    assert sorted(tuple(one[name] for name in asked) for one in seen) == [
        ("rice", 1, 70, 1, "茶会", "small"),
        ("rice", 1, 70, 2, "茶会", "small"),
        ("tea", 0, 70, 1, "茶会", "small"),
        ("tea", 0, 70, 2, "茶会", "small"),
    ]
    held = services.hold(errands.county_id, outcome.instance_id)
    assert [services.form_values(item, held) for item in items] == seen
    # what one item changes in the scope around it, the other item of that scope sees, and nobody else
    errands.complete(outcome, price=5)
    shop = seen[0]["shop"]
    now = [services.form_values(item) for item in items[1:]]
    assert [one["price"] for one in now] == [5 if one["shop"] == shop else 70 for one in now]
