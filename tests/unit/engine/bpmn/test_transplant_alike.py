"""Moving to a version that is drawn the same changes nothing of what happens, whatever is drawn."""

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.bpmn import Instance, ProcessDefinition
from app.engine.bpmn.instance import Transplanted
from app.engine.bpmn.simulation import SimulatedEnvironment
from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    document,
    end,
    flow,
    items,
    message,
    node,
    process,
    start,
    timer,
    user,
)

SHAPES = ["task", "task", "reminded", "parallel", "inclusive", "choice", "sub", "each", "event"]
Block = tuple[str, list[list["Block"]]]


def blocks(depth: int) -> st.SearchStrategy[list[Block]]:
    inner = blocks(depth - 1) if depth else st.just([("task", [])])
    return st.lists(st.tuples(st.sampled_from(SHAPES), st.lists(inner, min_size=2, max_size=2)), min_size=1, max_size=3)


@dataclass
class Drawing:
    parts: list[str] = field(default_factory=list)
    count: int = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def draw(self, given: list[Block]) -> list[tuple[str, str]]:
        """Draw the blocks; returns the first and the last element of each."""
        ends = [self.block(*one) for one in given]
        self.parts += [flow(one[1], other[0]) for one, other in pairwise(ends)]
        return ends

    def block(self, shape: str, inner: list[list[Block]]) -> tuple[str, str]:
        if shape in ("parallel", "inclusive", "choice"):
            kind = {"parallel": "parallelGateway", "inclusive": "inclusiveGateway", "choice": "exclusiveGateway"}[shape]
            split, join = self.name("G"), self.name("J")
            self.parts += [node(kind, split), node(kind, join)]
            for number, one in enumerate(inner):
                ends = self.draw(one)
                test = f"= n &gt; {number - 1}" if shape == "choice" else "= true" if shape == "inclusive" else ""
                self.parts += [flow(split, ends[0][0], test), flow(ends[-1][1], join)]
            return split, join
        if shape == "sub":
            body = Drawing(count=self.count)
            ends = body.draw(inner[0])
            first, last = body.name("s"), body.name("e")
            body.parts += [start(first), end(last), flow(first, ends[0][0]), flow(ends[-1][1], last)]
            self.count = body.count
            name = self.name("B")
            self.parts.append(node("subProcess", name, "".join(body.parts)))
            return name, name
        if shape == "event":
            gateway, join = self.name("V"), self.name("X")
            note, late = self.name("M"), self.name("T")
            self.parts += [
                node("eventBasedGateway", gateway),
                node("exclusiveGateway", join),
                node("intermediateCatchEvent", note, message()),
                node("intermediateCatchEvent", late, timer("timeDuration", "PT5H")),
                chain(gateway, note, join),
                chain(gateway, late, join),
            ]
            return gateway, join
        name = self.name("U")
        self.parts.append(user(name, items("list") if shape == "each" else ""))
        if shape == "reminded":
            due, told = self.name("R"), self.name("D")
            self.parts += [boundary(due, name, timer("timeCycle", "R2/PT3H"), interrupting=False), end(told)]
            self.parts.append(flow(due, told))
        return name, name


def drawn(given: list[Block]) -> bytes:
    drawing = Drawing()
    ends = drawing.draw(given)
    parts = [start(), *drawing.parts, end(), flow("S", ends[0][0]), flow(ends[-1][1], "E")]
    return document(process(*parts))


def played(data: bytes, moves: list[int], *, moving: bool) -> list[object]:
    play = Play(data, environment=SimulatedEnvironment(), n=0, list=["a", "b"])
    again = ProcessDefinition.compile(
        {"p.bpmn": data.replace(b"<bpmn:definitions", b"<!-- again --><bpmn:definitions")}, "P"
    )
    told: list[object] = []
    for number, chosen in enumerate(moves):
        if play.finished:
            break
        if moving:
            instance = Instance.restore(play.definition, play.state, play.environment)
            moved = instance.transplant(again if number % 2 == 0 else play.definition, {}, play.now)
            assert isinstance(moved, Transplanted), moved
            assert moved.step.updated == ()
            play.definition = moved.instance.definition
            play._keep(moved.instance, moved.step)
        names = play.opened
        if chosen % 4 == 0 or not names:
            play.wait(hours=chosen % 7 + 1)
        elif chosen % 4 == 1 and play.last.waiting_for:
            play.send("note")
        else:
            play.complete(names[chosen % len(names)])
        step = play.last
        waits = [(one.name, one.element_id) for one in step.waiting_for]
        stand = sorted((one.element_id, one.since, one.path) for one in step.active)
        told.append((play.opened, play.visited, step.due_at, waits, stand, play.finished))
    return told


@settings(max_examples=60, deadline=None)
@given(blocks(2), st.lists(st.integers(0, 40), max_size=12))
def test_what_happens_is_the_same(given_: list[Block], moves: list[int]) -> None:
    data = drawn(given_)
    assert played(data, moves, moving=True) == played(data, moves, moving=False)
