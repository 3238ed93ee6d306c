"""The grammar of types: rule 52 of DMN 1.5, 10.3.1.2."""

from collections.abc import Iterable, Mapping

from app.engine.feel.cursor import Cursor
from app.engine.feel.lexer import NameIndex
from app.engine.feel.types import (
    NAMED_TYPES,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    RangeType,
    UnknownType,
)

_LONG_TYPES = NameIndex(name for name in NAMED_TYPES if " " in name)


_GENERIC = frozenset({"list", "context", "range", "function"})


class TypeGrammar(Cursor):
    """The part of the parser that reads a type; `types` are the named ones beside the built-in types."""

    def __init__(
        self,
        text: str,
        names: Iterable[str] = (),
        functions: NameIndex | None = None,
        types: Mapping[str, FeelType] | None = None,
    ) -> None:
        super().__init__(text, names, functions)
        self.types = types or {}

    def type_to_check(self) -> FeelType:
        """A type behind `instance of`: without its parameters a list, context, range or function is no type."""
        bare = self.token.text in _GENERIC and self.tokens[self.position + 1].text != "<"
        type_ = self.type()
        return UnknownType(str(type_)) if bare else type_

    def type(self) -> FeelType:
        with self.deeper():
            if self.accept_word("function"):
                return self._function_type() if self.at_symbol("<") else FunctionType()
            long = _LONG_TYPES.longest(self.tokens, self.position)
            if long is not None:
                self.position = long[1]
                return NAMED_TYPES[long[0]]
            name = self.name()
            if self.at_symbol("<"):
                match name:
                    case "list":
                        return ListType(self._only_argument())
                    case "range":
                        return RangeType(self._only_argument())
                    case "context":
                        return self._context_type()
            while self.accept("."):
                name = f"{name}.{self.name()}"
            return self.types.get(name) or NAMED_TYPES.get(name) or UnknownType(name)

    def _only_argument(self) -> FeelType:
        self.expect("<")
        argument = self.type()
        self.expect(">")
        return argument

    def _context_type(self) -> FeelType:
        self.expect("<")
        entries = []
        while not self.at_symbol(">"):
            name = self.name()
            self.expect(":")
            entries.append((name, self.type()))
            if not self.accept(","):
                break
        self.expect(">")
        return ContextType(tuple(entries))

    def _function_type(self) -> FeelType:
        self.expect("<")
        parameters = []
        while not self.at_symbol(">"):
            parameters.append(self.type())
            if not self.accept(","):
                break
        self.expect(">")
        self.expect("->")
        return FunctionType(tuple(parameters), self.type())
