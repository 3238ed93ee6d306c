"""A flow is lit when a token went along it, not because both of its ends were visited."""

from datetime import UTC, datetime, timedelta

from app.engine.bpmn.reader import read
from app.workflow.paths import taken_flows
from app.workflow.visits import Stay

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
SHORT_CUT = [
    ("startEvent", "start"),
    ("exclusiveGateway", "choice"),
    ("task", "detour"),
    ("exclusiveGateway", "merge"),
    ("endEvent", "end"),
]


def body_of(nodes: list[tuple[str, str]], flows: list[str]) -> object:
    drawn = "".join(f'<{kind} id="{name}"/>' for kind, name in nodes)
    drawn += "".join(
        f'<sequenceFlow id="{flow}" sourceRef="{flow.split("-")[0]}" targetRef="{flow.split("-")[1]}"/>'
        for flow in flows
    )
    xml = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'
        f'<process id="p" isExecutable="true">{drawn}</process></definitions>'
    )
    return read(xml.encode(), "p.bpmn").processes[0].body


def stay(element: str, entered: int, left: int, how: str = "completed") -> Stay:
    return Stay(element, "p", NINE + timedelta(minutes=entered), NINE + timedelta(minutes=left), how)


def taken(nodes: list[tuple[str, str]], flows: list[str], stays: list[Stay], *active: tuple[str, int]) -> set[str]:
    body = body_of(nodes, flows)
    return taken_flows(body, stays, [(one, NINE + timedelta(minutes=at)) for one, at in active])  # type: ignore[arg-type]


FLOWS = ["start-choice", "choice-detour", "choice-merge", "detour-merge", "merge-end"]


def test_the_short_cut_is_dark_when_the_detour_was_taken() -> None:
    stays = [stay("start", 0, 0), stay("choice", 0, 0), stay("detour", 0, 5), stay("merge", 5, 5), stay("end", 5, 5)]
    assert taken(SHORT_CUT, FLOWS, stays) == {"start-choice", "choice-detour", "detour-merge", "merge-end"}


def test_also_when_everything_happens_in_one_moment() -> None:
    stays = [stay(one, 0, 0) for one in ("start", "choice", "detour", "merge", "end")]
    assert taken(SHORT_CUT, FLOWS, stays) == {"start-choice", "choice-detour", "detour-merge", "merge-end"}
    straight = [stay(one, 0, 0) for one in ("start", "choice", "merge", "end")]
    assert taken(SHORT_CUT, FLOWS, straight) == {"start-choice", "choice-merge", "merge-end"}


def test_where_the_token_stands_it_came_by_a_flow_too() -> None:
    stays = [stay("start", 0, 0), stay("choice", 0, 0)]
    assert taken(SHORT_CUT, FLOWS, stays, ("detour", 0)) == {"start-choice", "choice-detour"}


def test_what_was_cancelled_or_placed_by_hand_came_from_nowhere() -> None:
    stays = [stay("start", 0, 0), stay("choice", 0, 0), stay("detour", 0, 5, "cancelled"), stay("end", 9, 9)]
    assert taken(SHORT_CUT, FLOWS, stays) == {"start-choice", "choice-detour"}


def test_a_join_is_reached_by_every_branch_and_a_loop_by_its_way_back() -> None:
    nodes = [("parallelGateway", "fork"), ("task", "a"), ("task", "b"), ("parallelGateway", "join"), ("task", "last")]
    flows = ["fork-a", "fork-b", "a-join", "b-join", "join-last", "last-fork"]
    stays = [stay("fork", 0, 0), stay("a", 0, 1), stay("b", 0, 7), stay("join", 1, 7)]
    assert taken(nodes, flows, stays, ("last", 7)) == set(flows) - {"last-fork"}
    again = [*stays, stay("last", 7, 8)]
    assert taken(nodes, flows, again, ("fork", 8)) == set(flows)
