"""Item definitions as types of FEEL (DMN 1.5, 7.3.2 and 7.3.3): bases, components, collections, allowed values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar

from app.engine.dmn.metamodel import ItemDefinition, Text
from app.engine.feel import UnaryTests
from app.engine.feel.environment import Run
from app.engine.feel.types import ANY, NAMED_TYPES, NUMBER, STRING, ContextType, FeelType, FunctionType
from app.engine.feel.values import as_list, kind, native

current_run: ContextVar[Run] = ContextVar("current_run")
"""The evaluation under way: allowed values may ask for today's date, and they cost steps like everything else."""

OTHER_NAMES: Mapping[str, FeelType] = {
    "integer": NUMBER,
    "long": NUMBER,
    "double": NUMBER,
    "float": NUMBER,
    "decimal": NUMBER,
    "text": STRING,
}
"""Names that modellers write beside those of the standard (Camunda 7: integer, long, double)."""

CompileTests = Callable[[Text], UnaryTests | None]


class ItemTypes:
    """The types of one file: those of FEEL, its own, and imported ones as `import.type`."""

    def __init__(
        self,
        definitions: Mapping[str, ItemDefinition],
        imported: Sequence[tuple[str, ItemTypes]],
        compile_tests: CompileTests,
    ) -> None:
        self._definitions = definitions
        self._imported = imported
        self._compile_tests = compile_tests
        self._known: dict[str, FeelType] = {}
        self.circular = frozenset(name for name in definitions if self._leads_back(name))

    def _leads_back(self, name: str) -> bool:
        """Whether a type stands, by its bases alone, for itself."""
        seen: set[str] = set()
        definition = self._definitions.get(name)
        while definition is not None and not definition.components:
            if definition.type_ref in seen or definition.type_ref == definition.name:
                return True
            seen.add(definition.name)
            definition = self._definitions.get(definition.type_ref)
        return False

    def find(self, reference: str) -> FeelType | None:
        """The type that `reference` names, or None when there is no such type. "" is Any."""
        if not reference:
            return ANY
        known = self._known.get(reference)
        if known is not None:
            return known
        definition = self._definitions.get(reference)
        if reference in self.circular:
            return ANY
        if definition is not None:
            made = self._known[reference] = DefinedType(definition, self)
            return made
        if reference in NAMED_TYPES:
            return NAMED_TYPES[reference]
        if reference in OTHER_NAMES:
            return OTHER_NAMES[reference]
        for name, types in self._imported:
            local = reference.removeprefix(name + ".") if name else reference
            if (local != reference or not name) and (found := types.find(local)) is not None:
                return found
        return None

    def tests(self, text: Text | None) -> UnaryTests | None:
        return self._compile_tests(text) if text is not None else None

    def allowed_text(self, reference: str, depth: int = 0) -> Text | None:
        """The allowed values that a type declares itself or by its base."""
        definition = self._definitions.get(reference)
        if definition is None or depth > 20:
            return None
        return definition.allowed_values or self.allowed_text(definition.type_ref, depth + 1)

    def named(self) -> Mapping[str, FeelType]:
        """All types by the names that expressions use, those of imported files as `import.type`."""
        found: dict[str, FeelType] = {}
        for name in self._definitions:
            type_ = self.find(name)
            if type_ is not None:
                found[name] = type_
        for prefix, types in self._imported:
            before = f"{prefix}." if prefix else ""
            found.update({before + name: type_ for name, type_ in types.named().items()})
        return found

    def __iter__(self) -> Iterator[ItemDefinition]:
        return iter(self._definitions.values())


class DefinedType:
    """An item definition, seen by FEEL as a type."""

    def __init__(self, definition: ItemDefinition, types: ItemTypes) -> None:
        self.name = definition.name
        self._definition = definition
        self._types = types
        self._parts: _Parts | None = None

    def accepts(self, value: object) -> bool:
        """Whether the value is an instance, whatever its allowed values are (10.3.2.9.1); null is not."""
        return self.fits(value, constrained=False)

    def fits(self, value: object, *, constrained: bool) -> bool:
        """Whether the value has the type's shape and, if `constrained`, is among its allowed values."""
        if value is None:
            return False
        parts = self._resolved()
        if not self._definition.is_collection:
            return parts.item_fits(value, constrained) and parts.whole_fits(value, constrained)
        if kind(value) != "list":
            return False
        items = all(item is None or parts.item_fits(native(item), constrained) for item in as_list(value))
        return items and parts.whole_fits(value, constrained)

    def converted(self, value: object) -> object:
        """The value after the implicit conversions of 10.3.2.9.4, or null when it does not conform."""
        value = native(value)
        if value is None or self.fits(value, constrained=True):
            return value
        if self._definition.is_collection:
            return [value] if kind(value) != "list" and self.fits([value], constrained=True) else None
        if kind(value) == "list":
            items = as_list(value)
            return self.converted(items[0]) if len(items) == 1 else None
        base = self._resolved().base
        changed = base.converted(value) if base is not None else None
        return changed if changed is not None and self.fits(changed, constrained=True) else None

    def _resolved(self) -> _Parts:
        if self._parts is None:
            self._parts = _Parts(self._definition, self._types)
        return self._parts

    @property
    def base(self) -> FeelType | None:
        """The type below this one, for an alias or a constrained type."""
        return self._resolved().base

    @property
    def is_collection(self) -> bool:
        return self._definition.is_collection

    @property
    def components(self) -> Mapping[str, FeelType]:
        return dict(self._resolved().components)


class _Parts:
    """A definition with its references resolved; made when first needed, since types may refer to each other."""

    def __init__(self, definition: ItemDefinition, types: ItemTypes) -> None:
        self.base: FeelType | None = types.find(definition.type_ref) if definition.type_ref else None
        if definition.function_result is not None:
            self.base = FunctionType(
                tuple(types.find(type_ref) or ANY for _, type_ref in definition.function_parameters),
                types.find(definition.function_result) or ANY,
            )
        self.components = tuple((part.name, DefinedType(part, types)) for part in definition.components)
        if self.components and self.base is None:
            self.base = ContextType()
        self.allowed = types.tests(definition.allowed_values)
        self.constraint = types.tests(definition.type_constraint)

    def item_fits(self, value: object, constrained: bool) -> bool:
        if not _fits(self.base, value, constrained):
            return False
        if self.components:
            if not isinstance(value, Mapping):
                return False
            for name, type_ in self.components:
                if name not in value:
                    return False
                part = native(value[name])
                if part is not None and not type_.fits(part, constrained=constrained):
                    return False
        return not constrained or self.allowed is None or holds(self.allowed, value)

    def whole_fits(self, value: object, constrained: bool) -> bool:
        return not constrained or self.constraint is None or holds(self.constraint, value)


def _fits(type_: FeelType | None, value: object, constrained: bool) -> bool:
    if type_ is None:
        return True
    return type_.fits(value, constrained=constrained) if isinstance(type_, DefinedType) else type_.accepts(value)


def result_type(type_: FeelType | None) -> FeelType | None:
    """What calling a function of this type gives; any other type stands for itself, None for anything."""
    while isinstance(type_, DefinedType):
        base = type_.base
        if not isinstance(base, DefinedType | FunctionType) or type_.is_collection:
            return type_
        type_ = base
    if isinstance(type_, FunctionType):
        return None if type_.result is ANY else type_.result
    return None if type_ is ANY else type_


def holds(tests: UnaryTests, value: object) -> bool:
    """Whether a constraint accepts the value, in the surroundings of the evaluation under way."""
    return tests.matches_within(value, {}, current_run.get())
