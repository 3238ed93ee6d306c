"""What is corrected in SpiffWorkflow 3.2.0 about activities, loops, tasks and tokens; see `test_corrections`."""

import pytest
from SpiffWorkflow.bpmn.exceptions import WorkflowDataException
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.util.task import TaskState

from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    chain,
    document,
    end,
    error,
    escalation,
    event_subprocess,
    flow,
    items,
    message,
    node,
    process,
    script,
    start,
    user,
)
from tests.unit.engine.bpmn.stock import Stock


def line(*nodes: str, ids: str, more: str = "") -> bytes:
    return document(process(start(), *nodes, end(), chain("S", *ids.split(), "E"), more))


# Activities with a life inside: specs/frames.py


def watching(event: str, *, interrupting: bool) -> bytes:
    own = event_subprocess("ES", event, user("X"), end("EO"), chain("ES_in", "X", "EO"), interrupting=interrupting)
    return line(user("T"), ids="T", more=own)


@pytest.mark.parametrize("event", [error(), escalation()])
def test_an_event_sub_process_does_not_begin_by_itself(event: str) -> None:
    assert Stock(watching(event, interrupting=True)).opened == ["T", "X"], "at once"
    assert Play(watching(event, interrupting=True)).opened == ["T"]


def test_an_event_sub_process_interrupts_when_it_says_so() -> None:
    stock = Stock(watching(message(), interrupting=True))
    stock.message("note")
    assert stock.opened == ["T", "X"], "the work around it goes on"
    play = Play(watching(message(), interrupting=True))
    play.send("note")
    assert play.opened == ["X"]


def test_what_an_event_sub_process_waits_for_is_known_outside() -> None:
    stock = Stock(watching(message(), interrupting=False))
    assert stock.workflow.waiting_events() == []
    play = Play(watching(message(), interrupting=False))
    assert [one.name for one in play.last.waiting_for] == ["note"]


def test_a_called_process_that_is_computed_is_looked_up_when_it_is_called() -> None:
    xml = line(node("callActivity", "H", calledElement="= &quot;Q&quot;"), ids="H")
    with pytest.raises(ValidationException, match="was not found"):
        Stock(xml)
    play = Play(xml)
    assert play.failed == ["H"]
    assert play.last.incidents[0].code == "called_process_missing"


def test_an_ad_hoc_sub_process_without_condition_is_a_menu() -> None:
    with pytest.raises(TypeError):
        Stock(line(node("adHocSubProcess", "M", user("X")), ids="M"))
    play = Play(line(user("T"), node("adHocSubProcess", "M", user("X")), ids="T"))
    assert [one.element_id for one in play.last.optional] == ["X"]
    assert play.opened == ["T"]


# Loops: specs/loops.py


def many(variable: str = "party") -> bytes:
    """Written as both engines read it."""
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="parties" camunda:elementVariable="party">'
        "<bpmn:loopDataInputRef>parties</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>out</bpmn:loopDataOutputRef>"
        '<bpmn:inputDataItem id="party" name="party"/><bpmn:outputDataItem id="answer" name="answer"/>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    return line(user("T", loop), user("Z"), ids="T Z")


def test_results_of_items_stand_in_the_order_of_the_items() -> None:
    stock = Stock(many(), parties=["a", "b", "c"])
    for wanted in ("c", "a", "b"):
        task = next(one for one in stock.ready if one.data["party"] == wanted)
        task.data["answer"] = wanted.upper()
        task.run()
        stock.settle()
    assert stock.ready[0].data["out"] == ["C", "A", "B"], "in the order of completion"
    play = Play(many(), parties=["a", "b", "c"])
    for index, wanted in ((2, "C"), (0, "A"), (0, "B")):
        play.complete("T", index, answer=wanted)
    assert play.value("out") == ["A", "B", "C"]


def test_what_is_local_to_an_item_does_not_leave_it() -> None:
    xml = many().replace(b"<bpmn:loopDataOutputRef>out</bpmn:loopDataOutputRef>", b"")
    xml = xml.replace(b'<bpmn:outputDataItem id="answer" name="answer"/>', b"")
    stock = Stock(xml, parties=["a", "b"])
    for free in (1, 2):
        stock.complete("T [child]", free=free)
    assert stock.ready[0].data["free"] in (1, 2), "one of them has won"
    play = Play(xml, parties=["a", "b"])
    for free in (1, 2):
        play.complete("T", free=free)
    assert play.value("free") is None


def test_an_item_may_be_called_like_a_variable_that_exists() -> None:
    with pytest.raises(WorkflowDataException, match="already exists"):
        Stock(many(), parties=["a"], party="outside")
    assert Play(many(), parties=["a"], party="outside").opened == ["T"]


# Tasks: specs/tasks.py


def test_a_service_task_that_nobody_serves_is_told() -> None:
    task = node("serviceTask", "T", camunda__type="external", camunda__topic="call")
    stock = Stock(line(task, user("N"), ids="T N"))
    waiting = [one for one in stock.workflow.get_tasks() if one.task_spec.name == "T"]
    assert [TaskState.get_name(one.state) for one in waiting] == ["STARTED"], "it stands still without a word"
    assert stock.workflow.waiting_events() == []
    from app.engine.bpmn.simulation import SimulatedEnvironment

    environment = SimulatedEnvironment(served=lambda topic: False)
    assert Play(line(task, user("N"), ids="T N"), environment=environment).failed == ["T"]


def test_a_script_is_never_python() -> None:
    python = "import os; got = os.getcwd()"
    stock = Stock(line(node("scriptTask", "T", f"<bpmn:script>{python}</bpmn:script>"), user("N"), ids="T N"))
    assert stock.ready[0].data["got"], "whoever draws a diagram runs anything"
    from app.engine.findings import DefinitionError

    with pytest.raises(DefinitionError):
        Play(line(node("scriptTask", "T", f"<bpmn:script>{python}</bpmn:script>"), user("N"), ids="T N"))
    with pytest.raises(DefinitionError):
        Play(line(script("T", python), user("N"), ids="T N"))


# Tokens: tokens.py


def test_no_value_is_lost_where_branches_meet() -> None:
    xml = line(
        node("parallelGateway", "F"), user("A"), user("B"), node("parallelGateway", "J"), user("Z"), ids="F A J Z",
        more=chain("F", "B", "J"),
    )  # fmt: skip
    stock = Stock(xml, n=0)
    stock.complete("A", n=1)
    stock.complete("B")
    assert stock.ready[0].data["n"] == 0, "the copy of the branch that came last"
    play = Play(xml, n=0)
    play.complete("A", n=1)
    play.complete("B")
    assert play.value("n") == 1


def test_branches_do_not_share_the_inside_of_a_value() -> None:
    """Stock branches have copies, but shallow ones."""
    change = node("scriptTask", "A", "<bpmn:script>deep['list'].append(1)</bpmn:script>")
    stock = Stock(
        line(node("parallelGateway", "F"), change, user("B"), ids="F A", more=chain("F", "B", "E")), deep={"list": [0]}
    )
    assert stock.ready[0].data["deep"] == {"list": [0, 1]}, "B sees what A did to its own copy"
    ours = line(user("T", items("list", "one")), ids="T")
    given = {"inside": [0]}
    play = Play(ours, list=[given, given])
    scopes = [play.environment.variables(play.at("T", index).scope)["one"] for index in (0, 1)]
    assert scopes == [given, given]
    assert play.value("list") == [given, given]


def test_a_loop_does_not_die_of_its_own_length() -> None:
    def looping(add: str, enough: str) -> bytes:
        turn = node("scriptTask", "T", f"<bpmn:script>{add}</bpmn:script>", scriptFormat="feel")
        return document(
            process(
                start(), node("exclusiveGateway", "M"), turn, node("exclusiveGateway", "G", default="G_M"), user("Z"),
                end(), chain("S", "M", "T", "G"), flow("G", "M"), flow("G", "Z", enough), chain("Z", "E"),
            )
        )  # fmt: skip

    stock = Stock(looping("n = n + 1", "n &gt; 400"), n=0)
    assert (stock.opened, stock.workflow.completed) == ([], False), "no task, no error, not finished"
    assert len(stock.workflow.tasks) > 1000
    play = Play(looping("= {n: n + 1}", "= n &gt; 400"), n=0)
    assert play.opened == ["Z"]
    assert len(play.last.active) == 1


def test_nothing_is_predicted() -> None:
    names = [f"T{number}" for number in range(20)]
    xml = line(
        node("parallelGateway", "F"), *(user(name) for name in names), ids=f"F {names[0]}",
        more="".join(chain("F", name, "E") for name in names[1:]),
    )  # fmt: skip
    assert len(Stock(xml).workflow.tasks) == 83
    assert len(Play(xml).last.active) == 20


@pytest.mark.parametrize("name", ["Start", "End"])
def test_an_element_may_have_the_name_of_a_built_in_one(name: str) -> None:
    xml = document(process(start(name), user("T"), end(), chain(name, "T", "E")))
    with pytest.raises(WorkflowException):
        Stock(xml)
    assert Play(xml).opened == ["T"]


def test_a_form_field_may_have_any_name() -> None:
    xml = line(user("T"), user("N"), ids="T N")
    form = {"typename": "timedelta", "x": 1}
    stock = Stock(xml)
    stock.complete("T", form=form)
    serializer = BpmnWorkflowSerializer()
    with pytest.raises(TypeError):
        serializer.deserialize_json(serializer.serialize_json(stock.workflow))
    play = Play(xml)
    play.complete("T", form=form)
    play.complete("N")
    assert play.value("form") == form
