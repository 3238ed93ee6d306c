"""Context functions (DMN 1.5, 10.3.4.10)."""

from collections.abc import Mapping

from app.engine.feel.builtins.standard import STANDARD
from app.engine.feel.environment import Run
from app.engine.feel.values import kind, native

Context = Mapping[str, object]


@STANDARD.function("get value", "m: context", "key: string")
@STANDARD.function("get value", "context: context", "key: string")
def get_value(run: Run, context: Context, key: str) -> object:
    return native(context.get(key))


@STANDARD.function("get value", "m: context", "keys: list")
@STANDARD.function("get value", "context: context", "keys: list")
def get_value_at(run: Run, context: Context, keys: list[object]) -> object:
    """The entry at a path of keys."""
    value: object = context
    for key in keys:
        run.charge()
        if not isinstance(value, Mapping) or not isinstance(key, str):
            return None
        value = native(value.get(key))
    return value if keys else None


@STANDARD.function("get entries", "m: context")
@STANDARD.function("get entries", "context: context")
def get_entries(run: Run, context: Context) -> list[object]:
    run.items(len(context))
    return [{"key": key, "value": native(value)} for key, value in context.items()]


@STANDARD.function("context", "entries: list")
def context_of(run: Run, entries: list[object]) -> dict[str, object] | None:
    """A context from its entries, each with `key` and `value`; null when one is incomplete or a key comes twice."""
    run.items(len(entries))
    result: dict[str, object] = {}
    for entry in entries:
        if not isinstance(entry, Mapping) or "key" not in entry or "value" not in entry:
            return None
        key = entry["key"]
        if not isinstance(key, str) or key in result:
            return None
        result[key] = native(entry["value"])
    return result


@STANDARD.function("context put", "context: context", "key: string", "value: any")
def context_put(run: Run, context: Context, key: str, value: object) -> dict[str, object]:
    run.items(len(context) + 1)
    return {**context, key: value}


@STANDARD.function("context put", "context: context", "keys: list", "value: any")
def context_put_at(run: Run, context: Context, keys: list[object], value: object) -> dict[str, object] | None:
    """The context with the entry at a path of keys set; null when the path leaves the contexts that exist."""
    if not keys:
        return None
    key, rest = keys[0], keys[1:]
    if not isinstance(key, str):
        return None
    if not rest:
        return context_put(run, context, key, value)
    inner = native(context.get(key))
    if not isinstance(inner, Mapping):
        return None
    changed = context_put_at(run, inner, rest, value)
    return None if changed is None else context_put(run, context, key, changed)


@STANDARD.function("context merge", "contexts: list")
def context_merge(run: Run, contexts: list[object]) -> dict[str, object] | None:
    """One context of all the entries, later ones winning."""
    result: dict[str, object] = {}
    for context in contexts:
        if kind(context) != "context" or not isinstance(context, Mapping):
            return None
        run.items(len(result) + len(context))
        result.update(context)
    return result
