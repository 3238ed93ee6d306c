"""Places on the case page that features fill: tabs of their own and cards on the overview."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import ColumnElement

from app.cases.models import Case
from app.directory.rules import Viewer
from app.ui.tabs import Tab


@dataclass(frozen=True, slots=True)
class Card:
    """A card on the overview, in the middle or on its right; `render` gives None when it has nothing to say.

    `present`, a condition on the columns of Case, is asked together with the case itself: a card for which it does not
    hold is not rendered, and costs no statement.
    """

    name: str
    render: Callable[[Viewer, Case], Markup | None]
    order: int = 100
    present: Callable[[], ColumnElement[bool]] | None = None
    on_the_right: bool = False


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


_tabs: list[Tab] = []
_cards: dict[str, Card] = {}


def set_tabs(*tabs: Tab) -> None:
    """All tabs, in their order."""
    _tabs[:] = tabs


def add_card(card: Card) -> None:
    _cards[card.name] = card


def tabs() -> list[Tab]:
    return list(_tabs)


def conditions() -> dict[str, ColumnElement[bool]]:
    """When a card has something to say, by its name, for those that can tell by a condition."""
    return {name: card.present() for name, card in _cards.items() if card.present is not None}


def cards(
    viewer: Viewer,
    case: Case,
    present: Collection[str],
    *,
    on_the_right: bool = False,
    instead: Mapping[str, Markup] | None = None,
) -> list[Markup]:
    """What the features have to show about this case, in their order.

    `present` names the conditions that hold; `instead` holds cards that were rendered already, by name.
    """
    silent = conditions().keys() - set(present)
    rendered = instead or {}
    shown = (
        rendered.get(card.name) or card.render(viewer, case)
        for card in sorted(_cards.values(), key=lambda card: card.order)
        if card.on_the_right == on_the_right and card.name not in silent
    )
    return [one for one in shown if one is not None]
