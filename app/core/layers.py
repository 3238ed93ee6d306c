"""Several mappings seen as one, without copying them."""

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from typing import Any, TypeVar, cast

Value = TypeVar("Value")


def layered(*layers: Mapping[str, Value]) -> Mapping[str, Value]:
    """The layers as one mapping: a name is found in the first of them that has it. Nothing is to be written to it."""
    return ChainMap(*cast("tuple[MutableMapping[str, Any], ...]", layers))
