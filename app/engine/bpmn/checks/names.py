"""Expressions: do they compile, and are the names that they read and write declared?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass

from app.engine import feel
from app.engine.bpmn import expressions
from app.engine.bpmn.checks.context import Context, Known, NameUse
from app.engine.bpmn.diagram import Body, Code, Node, Process, called
from app.engine.bpmn.expressions import Expression
from app.engine.feel import syntax
from app.engine.findings import EngineError

PEOPLE = ("candidateGroups", "candidateUsers", "assignee")
ATTRIBUTES = (*PEOPLE, "formKey", "dueDate", "followUpDate", "priority", "decisionRef", "decisionRefVersion", "topic")
COUNTERS = frozenset({"loopCounter", "nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances"})


def check(context: Context) -> None:
    for node, local in _with_locals(context.process.body, frozenset()):
        _Node(context, node, local).check()
    for body, owner in context.bodies():
        local = _locals_of(owner) if owner is not None else frozenset()
        for flow in body.flows:
            if flow.condition is not None and flow.condition.text:
                source = body.nodes.get(flow.source)
                checker = _Node(context, source, local | _around(context, body))
                checker.place = "condition"
                checker.code(flow.condition, expressions.logic, **called("flow", flow))


def uses_of(process: Process) -> list[NameUse]:
    """Every name that the process reads or writes, those of its own loops and inputs left out."""
    context = Context(process, {}, Known())
    check(context)
    return context.uses


def _around(context: Context, wanted: Body) -> frozenset[str]:
    """The names that the loops around a body bring."""

    def search(body: Body, local: frozenset[str]) -> frozenset[str] | None:
        if body is wanted:
            return local
        for node in body.nodes.values():
            if node.body is not None and (found := search(node.body, local | _locals_of(node))) is not None:
                return found
        return None

    return search(context.process.body, frozenset()) or frozenset()


def _locals_of(node: Node) -> frozenset[str]:
    names = frozenset(name for name, _ in node.inputs)
    if node.loop is not None and node.loop.kind != "standard":
        names |= COUNTERS | ({node.loop.element_variable} if node.loop.element_variable else frozenset())
    return names


def _with_locals(body: Body, local: frozenset[str]) -> Iterator[tuple[Node, frozenset[str]]]:
    for node in body.nodes.values():
        yield node, local
        if node.body is not None:
            yield from _with_locals(node.body, local | _locals_of(node))


def _certain(expression: Expression) -> frozenset[str]:
    """The names that are variables for sure: in a filter a name may be an entry of the item (DMN 1.5, 10.3.2.5)."""
    if not isinstance(expression, feel.Expression):
        return expression.names
    found: set[str] = set()

    def walk(part: object) -> None:
        if isinstance(part, syntax.Name | syntax.Held):
            found.add(part.name)
        elif isinstance(part, syntax.Filter):
            walk(part.source)
        elif isinstance(part, tuple):
            for one in part:
                walk(one)
        elif is_dataclass(part):
            for entry in fields(part):
                walk(getattr(part, entry.name))

    walk(expression.tree)
    return expression.names & found


class _Node:
    """The expressions of one node; `outer` are the names around it, beside the dictionary."""

    def __init__(self, context: Context, node: Node | None, outer: frozenset[str]) -> None:
        self.context = context
        self.node = node
        self.outer = outer
        self.inner = outer | (_locals_of(node) if node is not None else frozenset())
        self.place = "attribute"
        self.own_input = ""

    def check(self) -> None:
        node = self.node
        assert node is not None  # noqa: S101 - only conditions of loose flows have none
        for name in ATTRIBUTES:
            if value := node.attributes.get(name):
                self.text(value, node.line)
        for name, value in node.properties.items():
            if (name != "outputElement" and value.startswith("=")) or "${" in value:
                self.place = "title" if name in ("title", "title.en") else "property"
                self.text(value, node.line)
        self.place = "input"
        for name, parameter in node.inputs:
            self.own_input = name
            self.compiled(lambda parameter=parameter: expressions.parameter(parameter), node.line, self.inner)  # type: ignore[misc]
            if not name:
                self.context.error("parameter_without_name", node)
        self.own_input = ""
        self.place = "output"
        for name, parameter in node.outputs:
            # results of a service may be called anything
            loose = self.inner if node.type not in ("serviceTask", "sendTask", "businessRuleTask") else None
            self.compiled(lambda parameter=parameter: expressions.parameter(parameter), node.line, loose)  # type: ignore[misc]
            self.writes(name, node.line)
        self.place = "script" if node.type == "scriptTask" else "result"
        if variable := node.attributes.get("resultVariable"):
            self.writes(variable, node.line)
        if node.script is not None and node.script.text:
            self.script(node.script, bool(node.attributes.get("resultVariable")))
        if expressions.in_place(node) is not None:
            self.text(node.attributes["expression"], node.line)
        event = node.event
        self.place = "event"
        for name in (event.code_variable, event.message_variable, node.attributes.get("initiator", "")):
            if name:
                self.writes(name, event.line)
        if event.code is not None and event.code.text:
            self.place = "timer" if event.kind == "timer" else "condition"
            if event.kind == "conditional":
                self.code(event.code, expressions.logic)
            else:
                self.text(event.code.text, event.code.line)
        self.place = "condition"
        if node.completion is not None and node.completion.text:
            self.code(node.completion, expressions.logic)
        self.place = "call"
        if node.called is not None and node.called.text:
            self.text(node.called.text, node.line)
        self.transfers(node)
        self.loop(node)

    def transfers(self, node: Node) -> None:
        for transfer in (*node.ins, *node.outs):
            if transfer.expression is not None:
                self.text(transfer.expression.text, transfer.line)
            elif source := transfer.source:
                self.compiled(lambda source=source: expressions.name_or_expression(source), transfer.line, self.inner)  # type: ignore[misc]
            if transfer.target and node.type == "callActivity":
                self.writes(transfer.target, transfer.line)

    def loop(self, node: Node) -> None:
        loop = node.loop
        if loop is None:
            return
        self.place = "loop"
        if loop.collection is not None:
            source = loop.collection.text
            self.compiled(lambda: expressions.name_or_expression(source), loop.line, self.outer)
        if loop.cardinality is not None and loop.cardinality.text:
            self.text(loop.cardinality.text, loop.line, self.outer)
        if loop.completion is not None and loop.completion.text:
            self.code(loop.completion, expressions.logic)
        if loop.output_element is not None:
            self.text(loop.output_element.text, loop.line)
        if loop.output_collection:
            self.writes(loop.output_collection, loop.line)

    def text(self, source: str, line: int, names: frozenset[str] | None = None) -> None:
        self.compiled(lambda: expressions.attribute(source), line, self.inner if names is None else names)

    def code(self, code: Code, make: Callable[[Code], Expression], **params: object) -> None:
        self.compiled(lambda: make(code), code.line, self.inner, **params)

    def script(self, code: Code, named: bool) -> None:
        compiled = self.compiled(lambda: expressions.logic(code), code.line, self.inner)
        if "juel" in code.language.lower():
            if not named:
                self.context.warn("script_discarded", self.node, code.line)
            return
        tree = compiled.tree if isinstance(compiled, feel.Expression) else None
        if named or tree is None:
            return
        if isinstance(tree, syntax.ContextLiteral):
            for name, _ in tree.entries:
                self.writes(name, code.line)
        elif isinstance(tree, syntax.Literal | syntax.ListLiteral | syntax.Comparison | syntax.Arithmetic):
            self.context.error("script_writes_nothing", self.node, code.line)

    def compiled(
        self, make: Callable[[], Expression], line: int, names: frozenset[str] | None, **params: object
    ) -> Expression | None:
        """Compile and look at the names; `names` None: any name may be read."""
        try:
            expression = make()
        except EngineError as error:
            inside = error.params.get("line")
            shift = inside - 1 if isinstance(inside, int) else 0
            self.context.error(error.code, self.node, line + shift, **error.params, **params)
            return None
        dictionary = self.context.known.dictionary
        if names is None:
            return expression
        for name in sorted(_certain(expression)):
            if name not in names or (name == self.own_input and name not in self.outer):
                self.used(name, line, written=False)
            if name not in names and dictionary is not None and name not in dictionary:
                self.context.error("name_undeclared", self.node, line, name=name)
        return expression

    def writes(self, name: str, line: int) -> None:
        dictionary = self.context.known.dictionary
        if name not in self.outer:
            self.used(name, line, written=True)
            if dictionary is not None and name not in dictionary:
                self.context.error("name_undeclared", self.node, line, name=name)

    def used(self, name: str, line: int, *, written: bool) -> None:
        element = (self.node.id, self.node.name) if self.node is not None else ("", "")
        self.context.uses.append(NameUse(name, written, self.place, self.context.process.id, *element, line))
