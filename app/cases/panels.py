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
