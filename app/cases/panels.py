"""Places on the case page that features fill: tabs of their own and cards on the overview."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.cases.models import Case
from app.directory.rules import Viewer


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the case page: a route `endpoint` that takes the case's code."""

    name: str
    label: Any
    endpoint: str
    order: int = 100


@dataclass(frozen=True, slots=True)
class Card:
    """A card on the overview; `render` gives None when it has nothing to say."""

    name: str
    render: Callable[[Viewer, Case], Markup | None]
    order: int = 100


IncidentAddress = Callable[[Viewer, Case, int], str | None]
"""Where an incident of the case is repaired; None for whoever does not repair it."""

_repaired_at: IncidentAddress | None = None


def use_incident_page(address: IncidentAddress) -> None:
    """Name the page where incidents are repaired, once, in the factory."""
    global _repaired_at
    _repaired_at = address


def incident_address(viewer: Viewer, case: Case, incident_id: int) -> str | None:
    """The page where this viewer repairs the incident, if they may."""
    return _repaired_at(viewer, case, incident_id) if _repaired_at is not None else None


_tabs: dict[str, Tab] = {}
_cards: dict[str, Card] = {}


def add_tab(tab: Tab) -> None:
    _tabs[tab.name] = tab


def add_card(card: Card) -> None:
    _cards[card.name] = card


def tabs() -> list[Tab]:
    return sorted(_tabs.values(), key=lambda tab: tab.order)


def cards(viewer: Viewer, case: Case) -> list[Markup]:
    """What the features have to show about this case, in their order."""
    shown = (card.render(viewer, case) for card in sorted(_cards.values(), key=lambda card: card.order))
    return [one for one in shown if one is not None]
