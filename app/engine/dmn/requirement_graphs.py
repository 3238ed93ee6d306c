"""Requirement graphs (DMN 1.5, chapter 6): decisions, the data and knowledge they require, services, imports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.engine.dmn.boxed_expressions import compile_boxed, compile_function, conforming
from app.engine.dmn.compiler import Compiler, Use
from app.engine.dmn.errors import DecisionError
from app.engine.dmn.evaluation import Evaluation, Logic, Scope, joined
from app.engine.dmn.item_definitions import current_run, result_type
from app.engine.dmn.metamodel import (
    BusinessKnowledgeModel,
    DecisionNode,
    DecisionService,
    DecisionTable,
    Definitions,
    GraphElement,
    InputData,
    Reference,
)
from app.engine.dmn.spoken_names import spoken_names
from app.engine.dmn.trace import Decision, Trace
from app.engine.feel import Environment, Run
from app.engine.feel.values import Function, native
from app.engine.findings import EngineError, Finding, Severity


@dataclass(frozen=True, slots=True)
class Required:
    """A requirement that was found: the element, the model it stands in, and the import that leads there."""

    model: DecisionModel
    element: GraphElement
    via: str = ""


class DecisionModel:
    """The decisions of one file and of those it imports, compiled.

    Thread-safe: `decide` may run in several threads at once.
    """

    def __init__(
        self, definitions: Definitions, imports: Sequence[tuple[str, DecisionModel]] = (), version: str = ""
    ) -> None:
        """Compile `definitions`; `imports` are other models with the names under which they are imported, "" for
        names that are used as if they were the file's own (6.3.3).

        Expressions that cannot be compiled and requirements that lead nowhere are `findings`, and errors when they
        are needed.
        """
        self.definitions = definitions
        self.file = definitions.file
        self.version = version
        self.imports = tuple(imports)
        self._by_id = {element.id: element for element in definitions.elements}
        self._by_name: dict[str, GraphElement] = {}
        for element in definitions.elements:
            self._by_name.setdefault(element.name, element)
        imported_types = [(name, model.compiler.types) for name, model in imports]
        self._compiler: Compiler = Compiler(definitions, imported_types, self._spoken_names())
        self._required: dict[str, list[Required]] = {}
        self._logic: dict[str, Logic] = {}
        self.uses: dict[str, list[Use]] = {}
        for element in definitions.elements:
            self._required[element.id] = self._requirements(element)
        for element in definitions.elements:
            self._compile(element)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was wrong with expressions, types and references when the file was compiled."""
        return tuple(self._compiler.findings)

    @property
    def compiler(self) -> Compiler:
        return self._compiler

    @property
    def decisions(self) -> tuple[DecisionNode, ...]:
        """The decisions of this file, with `id`, `name` and `name_en`, in its order."""
        return tuple(element for element in self.definitions.elements if isinstance(element, DecisionNode))

    def find(self, reference: str) -> GraphElement | None:
        """The decision, decision service or other element with this id, or else with this name."""
        return self._by_id.get(reference) or self._by_name.get(reference)

    def inputs_of(self, reference: str) -> tuple[str, ...]:
        """The names that a decision may read from the given variables, directly or through what it requires, sorted.

        In a filter such as `parties[age > limit]` both names are told, though one is an entry of the items.

        :raises DecisionError: `decision_unknown`.
        """
        element = self._found(reference)
        names: set[str] = set()
        seen: set[tuple[int, str]] = set()
        try:
            self._collect_inputs(element, names, seen)
        except RecursionError:
            raise DecisionError("decision_too_deep", place=element.place, name=element.name) from None
        return tuple(sorted(names))

    def decide(
        self, reference: str, variables: Scope, environment: Environment, *, version: str | None = None
    ) -> Decision:
        """Make a decision.

        :param reference: the id or name of a decision, decision service or business knowledge model.
        :param variables: FEEL or plain Python values by name; those that the decision reads must be there in a strict
            environment, if only as None.
        :param version: what the trace calls the version of the file; by default what the model was parsed with.
        :returns: a FEEL value and the trace.
        :raises EngineError: overlap under UNIQUE (`table_overlap`), contradiction under ANY, an unknown name, a value
            outside its type, a budget used up; a `DecisionError` with the place wherever that is known.
        """
        element = self._found(reference)
        evaluation = Evaluation(environment, variables, self.version if version is None else version)
        token = current_run.set(evaluation.run)
        try:
            if isinstance(element, BusinessKnowledgeModel | DecisionService):
                return self._invoke(element, evaluation)
            value = self._value(element, evaluation, strictly=True)
            trace = evaluation.traces.get((id(self), element.id))
            return Decision(value, trace or self._trace(element, value, evaluation, ()))
        except RecursionError:
            raise DecisionError("decision_too_deep", place=element.place, name=element.name) from None
        finally:
            current_run.reset(token)

    # -- compiling

    def _spoken_names(self) -> frozenset[str]:
        """Names that FEEL could not tell from operators where they follow a dot, in this file or an imported one."""
        names = spoken_names(self.definitions)
        for _, model in self.imports:
            names |= model.compiler.spoken_names
            names |= {_name(element) for element in model.definitions.elements}
        return frozenset(name for name in names if name and not name.isidentifier())

    def _requirements(self, element: GraphElement) -> list[Required]:
        references: tuple[Reference, ...] = ()
        if isinstance(element, DecisionNode):
            references = element.information + element.knowledge
        elif isinstance(element, BusinessKnowledgeModel):
            references = element.knowledge
        elif isinstance(element, DecisionService):
            references = element.output_decisions + element.input_decisions + element.input_data
        found = []
        for reference in references:
            required = self._resolve(reference)
            if required is None:
                self._compiler.finding(
                    Severity.ERROR, "dmn_reference_missing", element.place, reference=reference.element_id
                )
            else:
                found.append(required)
        return found

    def _resolve(self, reference: Reference) -> Required | None:
        if not reference.namespace:
            element = self._by_id.get(reference.element_id)
            return Required(self, element) if element is not None else None
        for name, model in self.imports:
            if model.definitions.namespace == reference.namespace:
                element = model._by_id.get(reference.element_id)
                return Required(model, element, name) if element is not None else None
        return None

    def _compile(self, element: GraphElement) -> None:
        compiler = self._compiler
        before = len(compiler.uses)
        scope = frozenset(required.via or _name(required.element) for required in self._required[element.id])
        scope |= {name for required in self._required[element.id] for name in _output_names(required.element)}
        if isinstance(element, DecisionNode):
            self._logic[element.id] = compile_boxed(element.logic, compiler, scope)
        elif isinstance(element, BusinessKnowledgeModel) and element.logic is not None:
            self._logic[element.id] = compile_function(
                element.logic, compiler, scope | {_name(element)}, element.variable.type_ref
            )
        compiler.type(element.variable.type_ref, element.place)
        self.uses[element.id] = compiler.uses[before:]

    def _collect_inputs(self, element: GraphElement, names: set[str], seen: set[tuple[int, str]]) -> None:
        key = (id(self), element.id)
        if key in seen:
            return
        seen.add(key)
        if isinstance(element, InputData):
            names.add(_name(element))
            return
        for use in self.uses.get(element.id, ()):
            names.update(use.undeclared)
        for required in self._required[element.id]:
            required.model._collect_inputs(required.element, names, seen)

    def _found(self, reference: str) -> GraphElement:
        element = self.find(reference)
        if element is None or isinstance(element, InputData):
            raise DecisionError("decision_unknown", reference=reference, file=self.file)
        return element

    def required_by(self, element: GraphElement) -> tuple[Required, ...]:
        """What an element of this file requires directly."""
        return tuple(self._required[element.id])

    # -- evaluation

    def _value(self, element: GraphElement, evaluation: Evaluation, *, strictly: bool = False) -> object:
        """The value of an element; outside strict mode a failing requirement is null and its trace says why."""
        key = (id(self), element.id)
        values = evaluation.values
        if key in values:
            value = values[key]
            if value is _UNDER_WAY:
                raise DecisionError("decision_cycle", place=element.place, name=element.name)
            return value
        values[key] = _UNDER_WAY
        try:
            value = self._made(element, evaluation)
        except EngineError as error:
            if strictly or evaluation.strict:
                del values[key]
                raise
            value = None
            evaluation.traces[key] = self._trace(element, None, evaluation, (), error.code)
        values[key] = value
        return value

    def _made(self, element: GraphElement, evaluation: Evaluation) -> object:
        evaluation.run.charge()
        match element:
            case InputData():
                return self._input(element, evaluation)
            case DecisionNode():
                return self._decision(element, evaluation)
            case BusinessKnowledgeModel():
                return self._knowledge(element, evaluation)
            case DecisionService():
                return self._service(element, evaluation)

    def _input(self, element: InputData, evaluation: Evaluation) -> object:
        name = _name(element)
        given = evaluation.given_to(id(self))
        if name not in given and name != element.name and element.name in given:
            name = element.name
        if name not in given:
            if evaluation.strict:
                raise DecisionError("decision_input_missing", place=element.place, name=name)
            return None
        type_ref = element.variable.type_ref
        value = native(given[name])
        return conforming(value, self._compiler.types.find(type_ref), type_ref, element.place, evaluation, name)

    def _decision(self, element: DecisionNode, evaluation: Evaluation) -> object:
        required = self._required_values(element, evaluation)
        outer_tables, evaluation.tables = evaluation.tables, []
        outer_omitted, evaluation.omitted = evaluation.omitted, 0
        try:
            value = self._logic[element.id](joined(evaluation.given, required), evaluation)
            type_ref = element.variable.type_ref
            type_ = self._compiler.types.find(type_ref)
            value = conforming(value, type_, type_ref, element.place, evaluation, element.name)
            below = tuple(
                evaluation.traces[key]
                for key in ((id(one.model), one.element.id) for one in self._required[element.id])
                if key in evaluation.traces
            )
            trace = self._trace(element, value, evaluation, below)
            evaluation.traces[id(self), element.id] = trace
            return value
        finally:
            evaluation.tables, evaluation.omitted = outer_tables, outer_omitted

    def _trace(
        self, element: GraphElement, value: object, evaluation: Evaluation, below: tuple[Trace, ...], error: str = ""
    ) -> Trace:
        return Trace(
            element.id,
            element.name,
            element.name_en,
            evaluation.version,
            value,
            tuple(evaluation.tables),
            below,
            error,
            evaluation.omitted,
        )

    def _required_values(self, element: GraphElement, evaluation: Evaluation) -> dict[str, object]:
        scope: dict[str, object] = {}
        for required in self._required[element.id]:
            if not required.via:
                scope[_name(required.element)] = required.model._value(required.element, evaluation)
                continue
            evaluation.lead_to(id(required.model), id(self), required.via)
            value = required.model._value(required.element, evaluation)
            inside = scope.setdefault(required.via, {})
            if isinstance(inside, dict):
                inside[_name(required.element)] = value
        for required in self._required[element.id]:
            for name in _output_names(required.element):
                if name not in scope and name not in evaluation.given:
                    scope[name] = _output(scope.get(_name(required.element)), name)
        return scope

    def _knowledge(self, element: BusinessKnowledgeModel, evaluation: Evaluation) -> object:
        logic = self._logic.get(element.id)
        if logic is None:
            return None
        scope: dict[str, object] = {}
        function = logic(scope, evaluation)
        evaluation.values[id(self), element.id] = function
        scope[_name(element)] = function
        scope.update(self._required_values(element, evaluation))
        return function

    def _service(self, element: DecisionService, evaluation: Evaluation) -> object:
        """The service as a function: input data first, then input decisions (6.3.10 and 10.4)."""
        inputs = self._all_resolved(element.input_data)
        decisions = self._all_resolved(element.input_decisions)
        outputs = self._all_resolved(element.output_decisions)
        parameters = [_name(one.element) for one in [*inputs, *decisions]]
        types = [one.model.compiler.types.find(one.element.variable.type_ref) for one in [*inputs, *decisions]]
        type_ref = element.variable.type_ref
        result = result_type(self._compiler.types.find(type_ref))

        def call(run: Run, arguments: list[object]) -> object:
            given = dict(zip(parameters, arguments, strict=True))
            inner = evaluation.within(given)
            for one in decisions:
                inner.values[id(one.model), one.element.id] = native(given[_name(one.element)])
            results = {_name(one.element): one.model._value(one.element, inner) for one in outputs}
            evaluation.adopt(inner)
            value = next(iter(results.values())) if len(outputs) == 1 else results
            return conforming(value, result, type_ref, element.place, evaluation, element.name)

        return Function(parameters, call, types=types, name=element.name)

    def _all_resolved(self, references: tuple[Reference, ...]) -> list[Required]:
        return [required for required in map(self._resolve, references) if required is not None]

    def _invoke(self, element: BusinessKnowledgeModel | DecisionService, evaluation: Evaluation) -> Decision:
        function = self._value(element, evaluation, strictly=True)
        value = None
        if isinstance(function, Function):
            given = evaluation.given
            value = function.invoke_named(
                evaluation.run, {name: native(given[name]) if name in given else None for name in function.parameters}
            )
        below = tuple(trace for key, trace in evaluation.traces.items() if key[0] == id(self))
        return Decision(value, self._trace(element, value, evaluation, below))


_UNDER_WAY = object()


def _name(element: GraphElement) -> str:
    return element.variable.name or element.name


def _output_names(element: GraphElement) -> tuple[str, ...]:
    """The outputs of a required table, which Camunda 7 offers under their own names beside the decision's."""
    if not isinstance(element, DecisionNode) or not isinstance(element.logic, DecisionTable):
        return ()
    return tuple(clause.name for clause in element.logic.outputs if clause.name)


def _output(value: object, name: str) -> object:
    """One output of a required table's outcome: of each row, when it gives several."""
    if isinstance(value, list):
        return [_output(row, name) for row in value]
    return value.get(name) if isinstance(value, dict) else value
