"""The ranking of mediators: near, able, successful and not overloaded, with the score taken apart."""

from hypothesis import given
from hypothesis import strategies as st

from app.matching.rules import CAP, Applicant, rank

HOME = "0001/0003/0002/"


def one(person: int, path: str = HOME, tags: tuple[str, ...] = (), open_cases: int = 0, settled: int = 0) -> Applicant:
    return Applicant(person, f"p{person:03d}", path, frozenset(tags), open_cases, settled)


def order(*applicants: Applicant, tags: tuple[str, ...] = ()) -> list[int]:
    return [ranked.applicant.person for ranked in rank(applicants, tags=tags, home=HOME)]


def test_ones_own_village_comes_before_the_town_and_the_county() -> None:
    assert order(one(1, "0001/"), one(2, "0001/0003/"), one(3)) == [3, 2, 1]


def test_the_field_may_outweigh_a_level() -> None:
    assert order(one(1), one(2, "0001/0003/", tags=("land",)), tags=("land",)) == [2, 1]


def test_a_full_desk_is_not_proposed_and_a_fuller_one_comes_later() -> None:
    assert order(one(1, open_cases=CAP), one(2, open_cases=1), one(3)) == [3, 2]


def test_what_was_settled_counts_up_to_a_limit() -> None:
    (first, second) = rank([one(1, settled=10), one(2, settled=500)], tags=(), home=HOME)
    assert first.score == second.score


applicants = st.builds(
    one,
    st.integers(1, 999),
    st.sampled_from(["0001/", "0001/0003/", HOME, HOME + "0001/", "0001/0004/"]),
    st.sampled_from([(), ("land",), ("wages",)]),
    st.integers(0, 12),
    st.integers(0, 50),
)


@given(st.lists(applicants, max_size=15))
def test_best_first_at_most_five_and_the_parts_are_the_score(found: list[Applicant]) -> None:
    ranked = rank(found, tags=["land"], home=HOME)
    assert len(ranked) == min(5, sum(one.open_cases < CAP for one in found))
    scores = [one.score for one in ranked]
    assert scores == sorted(scores, reverse=True)
    for one_ranked in ranked:
        assert one_ranked.score == sum(points for _, points in one_ranked.parts)
        assert [what for what, _ in one_ranked.parts] == ["field", "nearness", "history", "load"]
