"""Diagrams as Camunda 7 and its relatives write them: what runs, and what becomes of what does not."""

from collections.abc import Mapping

import pytest

from app.engine.bpmn import lint
from app.engine.bpmn.definition import ProcessDefinition
from app.engine.bpmn.environment import ElementInfo
from app.engine.bpmn.simulation import SimulatedEnvironment
from app.engine.findings import DefinitionError
from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    chain,
    document,
    end,
    event_subprocess,
    extension,
    flow,
    mapping,
    message,
    node,
    process,
    start,
    user,
)


class Served(SimulatedEnvironment):
    """Remembers the topics, and what they were given."""

    def __init__(self, **results: object) -> None:
        super().__init__()
        self.given: dict[str, Mapping[str, object]] = {}
        self.result = results

    def perform(self, topic: str, inputs: Mapping[str, object], element: ElementInfo) -> Mapping[str, object]:
        self.given[topic] = dict(inputs)
        return self.result


def one(task: str, *more: str) -> bytes:
    return document(process(start(), task, user("Z"), end(), chain("S", "T", "Z", "E"), *more))


def told(content: bytes, severity: str = "warning") -> set[tuple[str, str]]:
    return {
        (found.code, found.element_id)
        for found in lint({"p.bpmn": content}, None)
        if found.severity == severity and not found.code.startswith(("name_", "process_name", "form_m", "nobody"))
    }


# Behaviour that is Java becomes a topic


@pytest.mark.parametrize(
    ("task", "topic"),
    [
        (node("serviceTask", "T", camunda__class="org.acme.Pay"), "class:org.acme.Pay"),
        (node("serviceTask", "T", camunda__delegateExpression="${pay}"), "delegateExpression:${pay}"),
        (node("serviceTask", "T", camunda__expression="${pay.run(sum)}"), "expression:${pay.run(sum)}"),
        (node("serviceTask", "T", camunda__expression="${pay.done}"), "expression:${pay.done}"),
        (node("serviceTask", "T", camunda__type="mail"), "type:mail"),
        (node("sendTask", "T", camunda__class="org.acme.Send"), "class:org.acme.Send"),
        (node("businessRuleTask", "T", camunda__class="org.acme.Rule"), "class:org.acme.Rule"),
        (
            node("intermediateThrowEvent", "T", '<bpmn:messageEventDefinition camunda:class="org.acme.Tell"/>'),
            "class:org.acme.Tell",
        ),
        (
            node(
                "serviceTask",
                "T",
                extension("<camunda:connector><camunda:connectorId>http</camunda:connectorId></camunda:connector>"),
            ),
            "connector:http",
        ),
    ],
)
def test_what_only_java_can_do_is_a_topic(task: str, topic: str) -> None:
    served = Served(paid=True)
    play = Play(one(task), environment=served)
    assert list(served.given) == [topic]
    assert play.value("paid") is True
    assert told(one(task)) == {("java_becomes_topic", "T")}


def test_an_end_event_that_calls_java_is_a_topic() -> None:
    served = Served()
    stop = node("endEvent", "T", '<bpmn:messageEventDefinition camunda:delegateExpression="${tell}"/>')
    assert Play(document(process(start(), stop, chain("S", "T"))), environment=served).finished
    assert list(served.given) == ["delegateExpression:${tell}"]


def test_in_a_package_with_topics_java_is_refused_unless_it_is_one_of_them() -> None:
    task = one(node("serviceTask", "T", camunda__class="org.acme.Pay"))
    errors = {found.code for found in lint({"p.bpmn": task}, None, known_topics=()) if found.severity == "error"}
    assert errors == {"java_refused"}
    known = lint({"p.bpmn": task}, None, known_topics=("class:org.acme.Pay",))
    assert not [found for found in known if found.severity == "error"]


def test_a_delegate_gets_its_fields() -> None:
    fields = extension(
        '<camunda:field name="to" stringValue="a@b"/><camunda:field name="sum"><camunda:expression>${sum + 1}'
        '</camunda:expression></camunda:field><camunda:field name="word"><camunda:string>hi</camunda:string>'
        "</camunda:field>"
    )
    served = Served()
    Play(one(node("serviceTask", "T", fields, camunda__class="Mail")), environment=served, sum=2)
    assert served.given["class:Mail"] == {"to": "a@b", "sum": 3, "word": "hi"}


def test_a_connector_has_its_own_inputs_and_outputs() -> None:
    inside = (
        "<camunda:connector><camunda:connectorId>http</camunda:connectorId>"
        + mapping({"url": "https://${host}"}, {"answer": "${response}"})
        + "</camunda:connector>"
    )
    served = Served(response="yes")
    play = Play(one(node("serviceTask", "T", extension(inside))), environment=served, host="a.b")
    assert served.given["connector:http"] == {"url": "https://a.b"}
    assert (play.value("answer"), play.value("response")) == ("yes", None)


def test_lists_and_maps_are_given_as_such() -> None:
    inputs = (
        '<camunda:inputOutput><camunda:inputParameter name="l"><camunda:list><camunda:value>a</camunda:value>'
        "<camunda:value>${n}</camunda:value></camunda:list></camunda:inputParameter>"
        '<camunda:inputParameter name="m"><camunda:map><camunda:entry key="k">${n + 1}</camunda:entry></camunda:map>'
        "</camunda:inputParameter></camunda:inputOutput>"
    )
    served = Served()
    Play(one(node("serviceTask", "T", extension(inputs), camunda__class="C")), environment=served, n=1)
    assert served.given["class:C"] == {"l": ["a", 1], "m": {"k": 2}}


@pytest.mark.parametrize(
    ("attributes", "value"),
    [
        ({"camunda__expression": "${amount * 2}", "camunda__resultVariable": "r"}, 10),
        ({"camunda__expression": "${true}", "camunda__resultVariable": "r"}, True),
        ({"camunda__expression": "${names.size()}", "camunda__resultVariable": "r"}, 2),
        ({"camunda__expression": "${true}"}, None),
    ],
)
def test_an_expression_that_needs_no_java_is_evaluated_in_place(attributes: dict[str, str], value: object) -> None:
    served = Served()
    play = Play(one(node("serviceTask", "T", **attributes)), environment=served, amount=5, names=["a", "b"])
    assert (play.value("r"), served.given) == (value, {})
    assert play.opened == ["Z"]


def test_a_juel_script_without_a_result_variable_is_not_kept() -> None:
    task = node("scriptTask", "T", "<bpmn:script>noop</bpmn:script>", scriptFormat="juel")
    assert Play(one(task)).opened == ["Z"]
    assert told(one(task)) == {("script_discarded", "T")}


# Messages and events


def test_a_receive_task_without_a_message_waits_for_its_own_id() -> None:
    play = Play(one(node("receiveTask", "T")))
    play.send("T")
    assert play.opened == ["Z"]
    assert told(one(node("receiveTask", "T"))) == {("receive_by_id", "T")}


def test_an_error_that_is_declared_nowhere_has_its_reference_for_a_code() -> None:
    throw = node("endEvent", "X", '<bpmn:errorEventDefinition errorRef="lost"/>')
    catch = event_subprocess("H", '<bpmn:errorEventDefinition errorRef="lost"/>', user("U"), chain("H_in", "U"))
    play = Play(document(process(start(), throw, chain("S", "X"), catch)))
    assert play.opened == ["U"]


def test_a_boundary_event_may_end_its_path() -> None:
    late = '<bpmn:boundaryEvent id="B" attachedToRef="T">' + message() + "</bpmn:boundaryEvent>"
    play = Play(one(user("T"), late))
    play.send("note")
    assert play.finished
    assert told(one(user("T"), late)) == {("node_without_exit", "B")}


def test_a_signal_carries_what_it_is_given() -> None:
    given = extension('<camunda:in source="a" target="b"/><camunda:in sourceExpression="x" target="c"/>')
    throw = node(
        "intermediateThrowEvent",
        "T",
        f'<bpmn:signalEventDefinition signalRef="s_alarm">{given}</bpmn:signalEventDefinition>',
    )
    catch = event_subprocess(
        "H", '<bpmn:signalEventDefinition signalRef="s_alarm"/>', user("U"), chain("H_in", "U"), interrupting=False
    )
    play = Play(one(throw, catch), a=5)
    assert play.opened == ["U", "Z"]
    carried = {name: value for values in play.environment.store.values() for name, value in values.items()}
    assert (carried["b"], carried["c"]) == (5, "x")


def test_a_source_expression_without_marks_is_a_text() -> None:
    call = node(
        "callActivity", "T", extension('<camunda:in sourceExpression="hello there" target="w"/>'), calledElement="C"
    )
    called = process(start("S2"), user("U"), chain("S2", "U"), id="C")
    play = Play({"a.bpmn": one(call), "b.bpmn": document(called)})
    assert {"w": "hello there"} in play.environment.store.values()


def test_one_place_catches_a_code_once() -> None:
    catch = "".join(
        f'<bpmn:boundaryEvent id="B{number}" attachedToRef="T"><bpmn:errorEventDefinition errorRef="e_bad"/>'
        f"</bpmn:boundaryEvent>"
        for number in range(2)
    )
    assert told(one(user("T"), catch), "error") == {("caught_twice", "B1")}


# Ids


def test_flows_without_ids_are_told_apart_at_a_join() -> None:
    bare = "".join(
        f'<bpmn:sequenceFlow sourceRef="{source}" targetRef="{target}"/>'
        for source, target in (("S", "F"), ("F", "A"), ("F", "B"), ("A", "J"), ("B", "J"), ("J", "Z"), ("Z", "E"))
    )
    gateways = node("parallelGateway", "F") + node("parallelGateway", "J")
    play = Play(document(process(start(), gateways, user("A"), user("B"), user("Z"), end(), bare)))
    play.complete("A")
    assert play.opened == ["B"]
    play.complete("B")
    assert play.opened == ["Z"]


def test_elements_without_ids_do_not_hide_each_other() -> None:
    lost = '<bpmn:userTask name="one"/><bpmn:userTask name="two"/>'
    found = lint({"p.bpmn": one(user("T"), lost)}, None)
    assert [one.element_name for one in found if one.code == "node_unreached"] == ["one", "two"]


def test_an_id_that_is_too_long_to_be_kept_is_refused() -> None:
    long = "T" * 121
    content = document(process(start(), user(long), end(), chain("S", long, "E")))
    assert told(content, "error") == {("id_too_long", long)}
    assert ("id_too_long", long) in told(document(process(start(), user("T"), chain("S", "T"), id=long)), "error")


# People and forms


def test_people_as_bpmn_itself_names_them() -> None:
    def says(tag: str, text: str) -> str:
        return (
            f"<bpmn:{tag}><bpmn:resourceAssignmentExpression><bpmn:formalExpression>{text}</bpmn:formalExpression>"
            f"</bpmn:resourceAssignmentExpression></bpmn:{tag}>"
        )

    item = Play(one(user("T", says("potentialOwner", "user(7), group(clerk), mediator")))).at("T")
    assert (item.candidate_users, item.candidate_groups) == (("7",), ("clerk", "mediator"))
    assert Play(one(user("T", says("humanPerformer", "${who}"))), who="8").at("T").assignee == "8"


FIELDS = extension(
    '<camunda:formData><camunda:formField id="sum" type="long" label="Sum" defaultValue="5"><camunda:validation>'
    '<camunda:constraint name="required"/><camunda:constraint name="max" config="9"/></camunda:validation>'
    '</camunda:formField><camunda:formField id="kind" type="enum"><camunda:value id="a" name="A"/></camunda:formField>'
    "</camunda:formData>"
)


def test_the_fields_of_a_task_are_handed_on() -> None:
    definition = ProcessDefinition.compile({"p.bpmn": one(user("T", FIELDS))}, "P")
    element = definition.element("T")
    assert element is not None
    total, kind = element.form_fields
    assert (total.id, total.type, total.label, total.default) == ("sum", "long", "Sum", "5")
    assert total.constraints == {"required": "", "max": "9"}
    assert kind.choices == (("a", "A"),)
    missing = {
        found.element_id for found in lint({"p.bpmn": one(user("T", FIELDS))}, None) if found.code == "form_missing"
    }
    assert missing == {"Z"}


def test_odd_fields_are_told() -> None:
    odd = extension(
        '<camunda:formData><camunda:formField id="a" type="cat"/><camunda:formField id="b" type="enum"/>'
        '<camunda:formField id="c" type="string"><camunda:validation><camunda:constraint name="validator"/>'
        "</camunda:validation></camunda:formField></camunda:formData>"
    )
    assert told(one(user("T", odd))) == {
        ("form_field_type", "T"),
        ("form_field_no_choices", "T"),
        ("form_constraint_ignored", "T"),
    }
    twice = FIELDS.replace('id="kind"', 'id="sum"')
    assert told(one(user("T", twice)), "error") == {("form_field_twice", "T")}


@pytest.mark.parametrize("key", ["embedded:app:forms/a.html", "camunda-forms:deployment:a.form", "pages/a.jsf"])
def test_a_form_of_another_system_is_told_and_no_error(key: str) -> None:
    content = one(user("T", camunda__formKey=key))
    assert ("form_foreign", "T") in told(content)
    assert not [found for found in lint({"p.bpmn": content}, None, known_forms=()) if found.severity == "error"]


def test_an_extension_that_nobody_reads_is_told() -> None:
    mapped = extension('<camunda:errorEventDefinition id="x" expression="${true}" errorRef="e_bad"/>')
    assert ("extension_ignored", "T") in told(one(node("serviceTask", "T", mapped, camunda__class="C")))


# Relatives


@pytest.mark.parametrize("space", ["http://activiti.org/bpmn", "http://flowable.org/bpmn"])
def test_the_relatives_of_camunda_are_read_alike(space: str) -> None:
    content = one(user("T", camunda__assignee="5", camunda__candidateGroups="g"))
    other = content.replace(b"http://camunda.org/schema/1.0/bpmn", space.encode()).replace(b"camunda:", b"x:")
    item = Play(other.replace(b"xmlns:camunda", b"xmlns:x")).at("T")
    assert (item.assignee, item.candidate_groups) == ("5", ("g",))


def test_a_diagram_of_camunda_8_is_refused_by_name() -> None:
    inside = (
        '<bpmn:extensionElements><z:userTask xmlns:z="http://camunda.org/schema/zeebe/1.0"/></bpmn:extensionElements>'
    )
    for content in (
        one(user("T", inside)),
        one(user("T")).replace(
            b' id="definitions"',
            b' id="definitions" xmlns:m="http://camunda.org/schema/modeler/1.0" m:executionPlatform="Camunda Cloud"',
        ),
    ):
        with pytest.raises(DefinitionError) as caught:
            ProcessDefinition.compile({"p.bpmn": content}, "P")
        assert caught.value.findings[0].code == "camunda_8_refused"


def test_settings_of_another_vendor_are_told() -> None:
    content = one(user("T", xmlns__d="http://www.jboss.org/drools", d__taskName="x"))
    assert ("settings_unread", "") in told(content)


# What is refused, by name


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (one(node("callActivity", "T", camunda__caseRef="c")), "case_refused"),
        (one(node("scriptTask", "T", scriptFormat="groovy", camunda__resource="a.groovy")), "script_resource_refused"),
        (
            one(node("scriptTask", "T", "<bpmn:script>print(1)</bpmn:script>", scriptFormat="javascript")),
            "language_refused",
        ),
        (one(user("T", camunda__assignee="${people.find(x)}")), "juel_call_refused"),
        (one(user("T", camunda__assignee="${execution.tenantId}")), "juel_object_refused"),
        (
            document(
                process(start(), node("exclusiveGateway", "T"), end(), end("F"), chain("S", "T"))
                .replace("</bpmn:process>", flow("T", "E", "${a.b()}") + flow("T", "F") + "</bpmn:process>")
            ),
            "juel_call_refused",
        ),
        (
            document(
                process(start(), node("callActivity", "T", calledElement="P", camunda__variableMappingClass="M"), end(),
                        chain("S", "T", "E"))
            ),
            "variable_mapping_refused",
        ),
    ],
)  # fmt: skip
def test_what_cannot_run_is_refused_by_name(content: bytes, code: str) -> None:
    assert (code, "T") in told(content, "error")
