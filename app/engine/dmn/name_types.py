"""What a package's dictionary says about a name, as far as the check of decisions needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.engine.dmn.item_definitions import DefinedType
from app.engine.feel.types import ContextType, FeelType, ListType, SimpleType

_KINDS: Mapping[str, str] = {
    "text": "string",
    "date_time": "date and time",
    "dateTime": "date and time",
    "integer": "number",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
}


@dataclass(frozen=True, slots=True)
class NameType:
    """The type of a declared name, and the FEEL values it may have (none listed: any).

    `type` is a word of the dictionary (text number boolean date date_time list context) or a type of FEEL.
    """

    type: str
    allowed: tuple[object, ...] = ()

    @property
    def kind(self) -> str:
        """The type's name in FEEL."""
        return _KINDS.get(self.type, self.type)


def kind_of_type(type_: FeelType | None) -> str:
    """The kind of value that a type holds, or "" when it holds several."""
    match type_:
        case SimpleType():
            return type_.name
        case ListType():
            return "list"
        case ContextType():
            return "context"
        case DefinedType():
            if type_.is_collection:
                return "list"
            return "context" if type_.components else kind_of_type(type_.base)
    return ""
