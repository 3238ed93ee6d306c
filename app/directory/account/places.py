"""What other rooms offer on the page of one's account: leave, larger type, what one may see. Filled by the factory."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """A card with a link; `label` and `text` are lazy translations."""

    endpoint: str
    label: Any
    text: Any
    icon: str


_places: dict[str, Place] = {}


def add_place(place: Place) -> None:
    _places[place.endpoint] = place


def places() -> list[Place]:
    return list(_places.values())
