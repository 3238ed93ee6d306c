"""Function definitions and invocations (DMN 1.5, 10.3.2.8, 10.3.2.13, tables 48 and 63)."""

from app.engine.feel import syntax
from app.engine.feel.compiling.core import COMPILERS, Code, Compiler, Scope
from app.engine.feel.environment import Frame, Run
from app.engine.feel.errors import FeelError
from app.engine.feel.values import Function, as_list, kind


def _definition(compiler: Compiler, node: syntax.FunctionDefinition, scope: Scope) -> Code:
    names = [name for name, _ in node.parameters]
    types = [type_ for _, type_ in node.parameters]
    text, offset = compiler.text, node.offset
    if node.external:

        def refuse(run: Run, arguments: list[object]) -> object:
            if run.environment.strict:
                raise FeelError("feel_external_function", offset=offset, text=text)
            return None

        return lambda frame: Function(names, refuse, types=types)
    body = compiler.compile(node.body, scope.binding(*names))

    def define(frame: Frame) -> Function:
        captured, variables = frame.slots, frame.variables

        def call(run: Run, arguments: list[object]) -> object:
            try:
                return body(Frame(variables, [*captured, *arguments], run))
            except FeelError as error:
                error.locate(text, offset)
                raise

        return Function(names, call, types=types)

    return define


def _invocation(compiler: Compiler, node: syntax.Invocation, scope: Scope) -> Code:
    function = _function_of(compiler, node.function, scope)
    offset, text = node.offset, compiler.text
    if node.named:
        named = [(name, compiler.compile(argument, scope)) for name, argument in node.named]

        def call_named(frame: Frame) -> object:
            target = _callable(function(frame))
            if target is None:
                return None
            try:
                return target.invoke_named(frame.run, {name: argument(frame) for name, argument in named})
            except FeelError as error:
                error.locate(text, offset)
                raise

        return call_named
    arguments = [compiler.compile(argument, scope) for argument in node.arguments]

    def call(frame: Frame) -> object:
        target = _callable(function(frame))
        if target is None:
            return None
        try:
            return target.invoke(frame.run, [argument(frame) for argument in arguments])
        except FeelError as error:
            error.locate(text, offset)
            raise

    return call


def _function_of(compiler: Compiler, node: syntax.Node, scope: Scope) -> Code:
    if isinstance(node, syntax.Name):
        built_in = compiler.built_in(node.name, scope)
        if built_in is not None:
            return lambda frame: built_in
        return compiler.name(node, scope, called=True)
    return compiler.compile(node, scope)


def _callable(value: object) -> Function | None:
    if isinstance(value, Function):
        return value
    if kind(value) == "list":
        items = as_list(value)
        if len(items) == 1 and isinstance(items[0], Function):
            return items[0]
    return None


COMPILERS.update({syntax.FunctionDefinition: _definition, syntax.Invocation: _invocation})
