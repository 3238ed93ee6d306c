"""Codes and kinds of places: plain values in, plain values out."""

import re

from app.core.texts import one_line
from app.core.translations import BothNames
from app.directory.models import TIERS
from app.directory.places.errors import CodeUnreadable, CodeWrong, PlaceNameMissing, TierDoesNotFit, TierMissing

GOVERNMENT = "government"

KINDS: dict[str, tuple[str, str]] = {
    "government": ("党政机关", "Government"),
    "grid": ("基础网格", "Basic grid"),
    "dedicated_grid": ("专属网格", "Dedicated grid"),
    "committee": ("专业调委会", "Mediation committee"),
    "justice": ("司法行政", "Justice"),
    "police": ("公安", "Police"),
    "court": ("法院", "Court"),
    "arbitration": ("仲裁", "Arbitration"),
    "petition": ("信访", "Petition office"),
    "labour": ("人社", "Labour"),
    "housing": ("住建", "Housing"),
    "market": ("市场监管", "Market supervision"),
    "land": ("自然资源", "Land"),
    "environment": ("生态环境", "Environment"),
    "legal_aid": ("法律援助", "Legal aid"),
    "health": ("卫生健康", "Health"),
    "education": ("教育", "Education"),
    "women": ("妇联", "Women's federation"),
    "union": ("工会", "Trade union"),
    "centre": ("综治中心", "Centre"),
    "other": ("其他", "Other"),
}

TIER_WORDS: dict[str, tuple[str, str]] = {
    "county": ("县", "County"),
    "town": ("乡镇（街道）", "Town"),
    "village": ("村（社区）", "Village"),
    "grid": ("网格", "Grid"),
}

_DIVISION = re.compile(r"[0-9]{12}")
_CODE = re.compile(r"[A-Za-z0-9_-]{2,30}")
_LEVELS = {"county": 6, "town": 9, "village": 12}
_DIGITS_OF_A_LEVEL = {"town": 3, "village": 3}


def is_division_code(code: str, tier: str) -> bool:
    """Whether `code` is a statistics code (2-2-2-3-3) of a tier: what lies below the tier is zeros, the rest is not."""
    if not _DIVISION.fullmatch(code) or tier not in _LEVELS:
        return False
    length = _LEVELS[tier]
    if any(code[at : at + 2] == "00" for at in (0, 2, 4)) or code[length:] != "0" * (12 - length):
        return False
    own = _DIGITS_OF_A_LEVEL.get(tier)
    return own is None or code[length - own : length] != "0" * own


def checked_code(code: str, *, tier: str, kind: str, parent_code: str | None) -> str:
    """The code as it is kept; CodeWrong for a division's that does not fit its level or the division above."""
    code = code.strip()
    if kind != GOVERNMENT or tier == "grid":
        if not _CODE.fullmatch(code):
            raise CodeUnreadable
        return code
    above = _LEVELS.get(_above(tier), 0)
    begins = parent_code[:above] if parent_code and _DIVISION.fullmatch(parent_code) else ""
    if not is_division_code(code, tier) or not code.startswith(begins):
        raise CodeWrong(tier=tier, example=example_code(tier, begins))
    return code


def example_code(tier: str, begins: str) -> str:
    """A code that would do."""
    own = {"county": "330681", "town": "101", "village": "201"}[tier]
    body = own if tier == "county" else (begins or "330681101"[: _LEVELS[_above(tier)]]) + own
    return body.ljust(12, "0")


def checked_place_name(name: str) -> str:
    name = one_line(name)[:80]
    if not name:
        raise PlaceNameMissing
    return name


def tiers_below(parent_tier: str) -> list[str]:
    """The tiers that something below a place of this tier may have, the one right below first."""
    level = TIERS.index(parent_tier)
    fit = [one for one in TIERS[level:] if one != "grid" or parent_tier in ("village", "grid")]
    return sorted(fit, key=lambda one: one == parent_tier)


def check_tier(tier: str, kind: str, parent_tier: str, parent_name: BothNames) -> None:
    """A government lies below the tier above its own; a department or committee hangs on its own tier or above it."""
    if tier not in TIERS or kind not in KINDS:
        raise TierMissing
    if tier not in tiers_below(parent_tier) or (kind == GOVERNMENT and tier == parent_tier):
        raise TierDoesNotFit(name=parent_name)


def _above(tier: str) -> str:
    return TIERS[max(0, TIERS.index(tier) - 1)]
