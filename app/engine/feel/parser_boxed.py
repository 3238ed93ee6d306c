"""`if`, `for`, `some`, `every`, `function` and contexts: rules 44 to 46 and 55 to 59 of DMN 1.5, 10.3.1.2."""

from abc import ABC, abstractmethod

from app.engine.feel import syntax
from app.engine.feel.lexer import Kind, Token, unescape
from app.engine.feel.parser_types import TypeGrammar
from app.engine.feel.types import FeelType


class BoxedGrammar(TypeGrammar, ABC):
    """The part of the parser that reads them."""

    @abstractmethod
    def expression(self) -> syntax.Node: ...

    def context(self, token: Token) -> syntax.Node:
        self.position += 1
        entries: list[tuple[str, syntax.Node]] = []
        while not self.at_symbol("}"):
            key_token = self.token
            if key_token.kind is Kind.STRING:
                self.position += 1
                key = unescape(key_token.text)
            else:
                found = self.key_before_colon()
                if found is None:
                    self.refuse("feel_key_expected", found=self.found())
                key = found
            self.expect(":")
            entries.append((key, self.expression()))
            self.names.add(key)
            if not self.accept(","):
                break
        self.expect("}")
        return syntax.ContextLiteral(token.start, tuple(entries))

    def condition(self) -> syntax.Node:
        offset = self.token.start
        branches = []
        while self.accept_word("if"):
            condition = self.expression()
            self.expect("then")
            branches.append((condition, self.expression()))
            self.expect("else")
        return syntax.If(offset, tuple(branches), self.expression())

    def _iterators(self) -> tuple[tuple[syntax.Iterator, ...], list[str]]:
        iterators = []
        added = []
        while True:
            name = self.name_before("in")
            self.expect("in")
            source = self.expression()
            end = self.expression() if self.accept("..") else None
            iterators.append(syntax.Iterator(name, source, end))
            if self.names.add(name):
                added.append(name)
            if not self.accept(","):
                return tuple(iterators), added

    def loop(self) -> syntax.Node:
        offset = self.token.start
        self.position += 1
        iterators, added = self._iterators()
        self.expect("return")
        body = self.expression()
        self._forget(added)
        return syntax.For(offset, iterators, body)

    def quantified(self) -> syntax.Node:
        token = self.token
        self.position += 1
        iterators, added = self._iterators()
        self.expect("satisfies")
        condition = self.expression()
        self._forget(added)
        return syntax.Quantified(token.start, token.text == "every", iterators, condition)

    def _forget(self, names: list[str]) -> None:
        for name in names:
            self.names.remove(name)

    def function(self) -> syntax.Node:
        offset = self.token.start
        self.position += 1
        self.expect("(")
        parameters: list[tuple[str, FeelType | None]] = []
        added = []
        while not self.at_symbol(")"):
            name = self.key_before_colon()
            if name is not None:
                self.expect(":")
                parameters.append((name, self.type()))
            else:
                name = self.name_before(")")
                parameters.append((name, None))
            if self.names.add(name):
                added.append(name)
            if not self.accept(","):
                break
        self.expect(")")
        external = self.accept_word("external")
        body = self.expression()
        self._forget(added)
        return syntax.FunctionDefinition(offset, tuple(parameters), body, external)
