"""k-anonymity: told at k, not at k - 1; not by subtraction either."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wallet_service.open_data.decisions import (
    K_ANONYMITY,
    MAX_SHARE_PERCENT,
    may_be_told,
    tellable_areas,
    together,
    told_count,
)
from wallet_service.open_data.models import Flow, Received


def flow(payers: int, payees: int, name: str = "", first_cents: int = 1_000) -> Flow:
    received = {f"{name}shop {number}": Received(1, 1_000) for number in range(payees)}
    if received:
        received[f"{name}shop 0"] = Received(1, first_cents)
    return Flow(frozenset(f"{name}person {number}" for number in range(payers)), received)


def test_a_number_is_told_at_k_and_not_below() -> None:
    assert may_be_told(flow(K_ANONYMITY, K_ANONYMITY))
    assert not may_be_told(flow(K_ANONYMITY - 1, K_ANONYMITY))
    assert not may_be_told(flow(K_ANONYMITY, K_ANONYMITY - 1))
    assert K_ANONYMITY >= 5


def test_a_number_that_is_one_shops_takings_is_not_told() -> None:
    others_cents = (K_ANONYMITY - 1) * 1_000
    at_most = MAX_SHARE_PERCENT * others_cents // (100 - MAX_SHARE_PERCENT)
    assert may_be_told(flow(50, K_ANONYMITY, first_cents=at_most))
    assert not may_be_told(flow(50, K_ANONYMITY, first_cents=at_most + 100))


def test_a_day_without_payments_is_told() -> None:
    assert may_be_told(Flow())
    assert tellable_areas({"14": Flow(), "76": flow(2, 2)}, ["14", "76"]) == {"14"}


def test_people_in_two_areas_count_once() -> None:
    both = together([flow(4, 2), flow(4, 2)])
    assert len(both.payers) == 4
    assert both.received["shop 0"] == Received(2, 2_000)


def test_what_subtraction_would_tell_is_left_out_too() -> None:
    flows = {"14": flow(40, 20, "a"), "76": flow(60, 30, "b"), "61": flow(1, 1, "c")}
    # 61 alone would be the total less 14 and 76: the smaller of the two goes as well.
    assert tellable_areas(flows, flows) == {"76"}


def test_two_small_areas_that_make_a_crowd_cost_no_third() -> None:
    flows = {"14": flow(40, 20, "a"), "27": flow(3, 3, "b"), "61": flow(3, 3, "c")}
    assert tellable_areas(flows, flows) == {"14"}


def test_an_area_that_is_not_offered_is_what_is_left_out() -> None:
    flows = {"14": flow(40, 20, "a"), "76": flow(60, 30, "b"), "99": flow(1, 1, "c")}
    assert tellable_areas(flows, ["14", "76"]) == {"76"}


def test_nothing_is_told_of_areas_when_the_total_may_not_be() -> None:
    flows = {"14": flow(2, 2, "a"), "76": flow(2, 2, "b")}
    assert tellable_areas(flows, flows) == frozenset()


def test_few_members_are_not_counted_aloud() -> None:
    assert told_count(K_ANONYMITY - 1) is None
    assert told_count(K_ANONYMITY) == K_ANONYMITY
    assert told_count(0) == 0


@given(
    st.dictionaries(
        st.sampled_from(["14", "27", "50", "61", "76"]), st.tuples(st.integers(0, 9), st.integers(0, 9))
    )
)
def test_whatever_is_told_and_whatever_is_left_is_a_crowd(sizes: dict[str, tuple[int, int]]) -> None:
    flows = {area: flow(*size, area) for area, size in sizes.items()}
    told = tellable_areas(flows, flows)
    assert all(may_be_told(flows[area]) for area in told)
    left_out = together(flows[area] for area in flows if area not in told)
    total_is_told = may_be_told(together(flows.values()))
    if total_is_told and any(flows[area].received for area in told):
        assert may_be_told(left_out)
