"""The cases that a search shows, a page at a time: who bears the very name first, then the newest.

The index knows what cases are about and where they are led. Who sees those of some offices has them from there, and
beside them those elsewhere in which they have a part. The index knows no age: to learn which of a county's hundred
thousand are the newest, each would be fetched. So for who sees the county the `NEWEST` cases are looked through one by
one before. Where the words are common among them, so are those before them. The index answers for what is older.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, desc, false, or_, select, union
from sqlalchemy.orm import aliased

from app.cases.models import Case
from app.cases.queries import recused_from, seen_elsewhere, ways_to_see
from app.cases.search.models import CaseSearch
from app.cases.search.queries import meant_in_any, meant_in_offices
from app.cases.search.rules import Way
from app.core.database import db, is_one_of
from app.core.paging import LARGEST_ID
from app.core.reads import Question, answers
from app.directory.rules import CASE_ROLES, Viewer

NEWEST, EARLIER = 2_000, 20_000
"""How many cases are looked through one by one, and how many before them, at most, where the words are common."""
COMMON = 3
"""Words that so many of the newest have are common."""
NEARBY = 2_000
"""How many of what the index knows are asked for at once."""
MOST_ELSEWHERE = 2_000
"""How many cases somebody may have a part in, beside those of their offices, to be asked for beforehand."""


class Rank(NamedTuple):
    """Where a case stands in what is found, the greatest first: whether somebody in it bears the very name; its id."""

    named: bool
    id: int


FIRST = Rank(named=True, id=LARGEST_ID)


@dataclass(frozen=True, slots=True)
class FoundCase:
    """What is shown of a case that was found."""

    named: bool
    id: int
    code: str
    title: str
    summary: str
    place: str
    status: str
    risk_colour: str
    opened_at: datetime

    @property
    def rank(self) -> Rank:
        return Rank(self.named, self.id)


_SHOWN = (Case.id, Case.code, Case.title, Case.summary, Case.place, Case.status, Case.risk_colour, Case.opened_at)

_EDGE = (
    select(CaseSearch.case_id)
    .where(CaseSearch.county_id == bindparam("county"), CaseSearch.case_id < bindparam("below"))
    .order_by(CaseSearch.case_id.desc())
    .offset(bindparam("before", type_=BigInteger()))
    .limit(1)
)


@lru_cache(maxsize=256)
def _elsewhere(viewer: Viewer) -> Question:
    return seen_elsewhere(viewer, bindparam("most", type_=BigInteger()))


_Look = tuple[Sequence[Rank], int]
"""Those that have the words, the newest first, and the oldest that was looked at; 0: none is older."""


@dataclass(frozen=True, slots=True)
class _Meant:
    """What is looked for: cases meant in one of the ways `wanted`, and not in one of `but_not`.

    `named` are the ways in which somebody of a case bears the very name that was typed.
    """

    county_id: int
    wanted: Sequence[Way]
    named: Sequence[Way] = ()
    but_not: Sequence[Way] = ()

    def is_so(self, row: Any = CaseSearch) -> ColumnElement[bool]:
        """A condition on rows of `CaseSearch`, or of what stands for it."""
        meant = meant_in_any(self.county_id, self.wanted, row)
        return and_(meant, ~meant_in_any(self.county_id, self.but_not, row)) if self.but_not else meant

    def by_name(self, row: Any = CaseSearch) -> ColumnElement[bool]:
        return meant_in_any(self.county_id, self.named, row).label("named")


class Ranking:
    """What `viewer` finds among the cases that are meant in one of the ways `wanted`; `named` are narrower."""

    def __init__(self, viewer: Viewer, wanted: Sequence[Way], named: Sequence[Way] = ()) -> None:
        self._viewer = viewer
        self._everywhere = viewer.has_county_role(*CASE_ROLES)
        """Whether nearly all cases are the viewer's to see."""
        self._dialect = db.session.get_bind().dialect.name
        self._all = _Meant(viewer.county_id, wanted, named)
        self._bearers = _Meant(viewer.county_id, named, named) if named else None
        self._others = _Meant(viewer.county_id, wanted, but_not=named)

    def after(self, last: Rank, most: int) -> Sequence[FoundCase]:
        """So many of the cases that stand behind one."""
        return self._in_county(last, most) if self._everywhere else self._in_offices(last, most)

    def _in_offices(self, last: Rank, most: int) -> list[FoundCase]:
        """For who sees the cases of some offices, and those elsewhere in which they have a part."""
        nearby = min(NEARBY, 10 * most)
        known = self._known(meant_in_offices(self._viewer, self._all.wanted), self._all, last, nearby)
        elsewhere = [one.id for one in answers(_elsewhere(self._viewer), {"most": MOST_ELSEWHERE})]
        if len(elsewhere) == MOST_ELSEWHERE:
            return self._farther(self._all, last, most)
        beside = self._among(self._all, elsewhere)
        ranks = sorted({*known, *(one for one in beside if one < last)}, reverse=True)
        if len(known) < nearby:
            return self._seen(ranks, most)
        seen = self._seen([one for one in ranks if one >= known[-1]], most)
        return seen + self._farther(self._all, known[-1], most - len(seen)) if len(seen) < most else seen

    def _in_county(self, last: Rank, most: int) -> list[FoundCase]:
        """For who sees nearly all cases."""
        newest, edge = self._looked_through(self._all, NEWEST, LARGEST_ID)
        if not edge or len(newest) < COMMON:
            return self._rare(self._all, newest, edge, last, most)
        found: list[FoundCase] = []
        if last.named and self._bearers:
            near = [one for one in newest if one.named]
            if len(near) < COMMON:
                found += self._rare(self._bearers, near, edge, last, most)
            else:
                found += self._common(self._bearers, (near, edge) if last == FIRST else None, last.id, most)
        if len(found) < most:
            near = [one for one in newest if not one.named]
            below = LARGEST_ID if last.named else last.id
            found += self._common(self._others, (near, edge) if last.named else None, below, most - len(found))
        return found

    def _rare(self, meant: _Meant, newest: Sequence[Rank], edge: int, last: Rank, most: int) -> list[FoundCase]:
        """From words that few cases have: those among the newest, and before them those that the index knows."""
        nearby = min(NEARBY, 4 * most)
        older = self._by_index(meant, edge, last, nearby) if edge else ()
        ranks = sorted((one for one in (*newest, *older) if one < last), reverse=True)
        if len(older) < nearby:
            return self._seen(ranks, most)
        seen = self._seen([one for one in ranks if one >= older[-1]], most)
        return seen + self._farther(meant, older[-1], most - len(seen)) if len(seen) < most else seen

    def _common(self, meant: _Meant, newest: _Look | None, below: int, most: int) -> list[FoundCase]:
        """From words that many cases have: the newest before one; `newest` is the first look, where it is known."""
        near, edge = newest or self._looked_through(meant, NEWEST, below)
        if edge and len(near) < most:
            likely = 2 * most * NEWEST // max(1, len(near))
            earlier, edge = self._looked_through(meant, min(likely, EARLIER), edge)
            near = [*near, *earlier]
        found = self._seen(near, most)
        return (
            found if len(found) == most or not edge else found + self._rare(meant, (), edge, FIRST, most - len(found))
        )

    def _looked_through(self, meant: _Meant, size: int, below: int) -> _Look:
        """So many cases before one, without the index."""
        older = select(CaseSearch).where(CaseSearch.county_id == self._viewer.county_id, CaseSearch.case_id < below)
        some = older.order_by(CaseSearch.case_id.desc())
        edge = answers(_EDGE, {"county": self._viewer.county_id, "below": below, "before": size - 1})
        return self._with_words(meant, some.limit(size)), edge[0].case_id if edge else 0

    def _among(self, meant: _Meant, ids: Sequence[int]) -> Sequence[Rank]:
        """Those of some cases that are meant."""
        if not ids:
            return []
        some = select(CaseSearch).where(
            CaseSearch.county_id == self._viewer.county_id, is_one_of(CaseSearch.case_id, ids, self._dialect)
        )
        return self._with_words(meant, some.limit(len(ids)))

    def _with_words(self, meant: _Meant, some: Select[CaseSearch]) -> Sequence[Rank]:
        """Those of some rows that are meant. They are limited, so that the database takes them before the words."""
        row = aliased(CaseSearch, some.subquery())
        return _ranks(select(meant.by_name(row), row.case_id).where(meant.is_so(row)).order_by(row.case_id.desc()))

    def _by_index(self, meant: _Meant, below: int, last: Rank, most: int) -> Sequence[Rank]:
        """The first of those that stand behind one and are older than another."""
        return self._known(and_(CaseSearch.case_id < below, meant.is_so()), meant, last, most)

    def _known(self, found: ColumnElement[bool], meant: _Meant, last: Rank, most: int) -> Sequence[Rank]:
        """The first of what the index finds that stand behind one."""
        key = CaseSearch.case_id
        query = (
            select(meant.by_name(), key)
            .where(CaseSearch.county_id == self._viewer.county_id, found, _stands_behind(last, meant.by_name(), key))
            .order_by(desc("named"), (key + 0).desc())
        )
        return _ranks(query.limit(most))

    def _farther(self, meant: _Meant, last: Rank, most: int) -> list[FoundCase]:
        """So many of those that stand behind one, beginning at what the viewer may see."""
        query = (
            select(meant.by_name(), Case.id)
            .join(CaseSearch, (CaseSearch.county_id == Case.county_id) & (CaseSearch.case_id == Case.id))
            .where(CaseSearch.county_id == self._viewer.county_id, meant.is_so())
            .where(_stands_behind(last, meant.by_name(), Case.id))
        )
        return self._shown(query, most)

    def _seen(self, ranks: Sequence[Rank], most: int) -> list[FoundCase]:
        """The first of these that the viewer may see; most of them are."""
        at, seen = 0, list[FoundCase]()
        for size in (2 * most, len(ranks)):
            some = ranks[at : at + size]
            if some and len(seen) < most:
                bearers = [one.id for one in some if one.named]
                named = is_one_of(Case.id, bearers, self._dialect) if bearers else false()
                here = is_one_of(Case.id, [one.id for one in some], self._dialect)
                seen += self._shown(select(named.label("named"), Case.id).where(here), most - len(seen))
            at += size
        return seen

    def _shown(self, asked: Select[bool, int], most: int) -> list[FoundCase]:
        """The first of some cases that the viewer may see; each way of seeing is asked by itself, for all at once would
        be answered by reading a table through.

        A sum stands in the order, so that nobody walks through all cases from the newest on in the hope to meet some.
        """
        county_id, ways = self._viewer.county_id, ways_to_see(self._viewer, ordinary_seen=self._everywhere)
        own = asked.where(Case.county_id == county_id, ~recused_from(self._viewer, Case.county_id, Case.id)).order_by(
            desc("named"), (Case.id + 0).desc()
        )
        asked_ways = [ways["office"]] if self._viewer.sees_the_county else ways.values()
        found = union(*(select(own.where(way).limit(most).subquery()) for way in asked_ways)).subquery()
        query = (
            select(found.c.named, *_SHOWN)
            .join(Case, (Case.county_id == county_id) & (Case.id == found.c.id))
            .order_by(found.c.named.desc(), found.c.id.desc())
        )
        return [FoundCase(*row) for row in db.session.execute(query.limit(most))]


def _stands_behind(last: Rank, named: ColumnElement[bool], key: Any) -> ColumnElement[bool]:
    """Whether a case stands behind one in rank."""
    return or_(~named, key < last.id) if last.named else and_(~named, key < last.id)


def _ranks(query: Select[bool, int]) -> Sequence[Rank]:
    return [Rank(bool(named), key) for named, key in db.session.execute(query)]
