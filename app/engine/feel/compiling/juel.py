"""The nodes that only JUEL has: `empty`, subscripts counted from 0, text with expressions inside."""

from collections.abc import Mapping
from decimal import Decimal

from app.engine.feel import syntax
from app.engine.feel.compiling.collections import item_at
from app.engine.feel.compiling.core import COMPILERS, Code, Compiler, Scope
from app.engine.feel.environment import Frame
from app.engine.feel.text import string_of
from app.engine.feel.values import NUMBERS, as_list, kind, native


def _empty(compiler: Compiler, node: syntax.Empty, scope: Scope) -> Code:
    operand = compiler.compile(node.operand, scope)

    def test(frame: Frame) -> bool:
        value = operand(frame)
        return value is None or (isinstance(value, str | list | Mapping) and not value)

    return test


def _subscript(compiler: Compiler, node: syntax.Subscript, scope: Scope) -> Code:
    source, key = compiler.compile(node.source, scope), compiler.compile(node.key, scope)

    def read(frame: Frame) -> object:
        value, index = source(frame), key(frame)
        if isinstance(value, Mapping) and isinstance(index, str):
            return native(value.get(index))
        if kind(value) == "list" and isinstance(index, Decimal) and index >= 0:
            return item_at(as_list(value), NUMBERS.add(index, Decimal(1)))
        return None

    return read


def _template(compiler: Compiler, node: syntax.Template, scope: Scope) -> Code:
    parts = [compiler.compile(part, scope) for part in node.parts]

    def join(frame: Frame) -> str:
        texts = [string_of(part(frame), frame.run) or "" for part in parts]
        frame.run.characters(sum(map(len, texts)))
        return "".join(texts)

    return join


COMPILERS.update({syntax.Empty: _empty, syntax.Subscript: _subscript, syntax.Template: _template})
