"""Commands wait for what they must and for nothing else."""

from __future__ import annotations

import itertools

import pytest

from wallet_service.chain.sending.lanes import (
    ACCOUNT_KINDS,
    AFTER,
    ENROLMENTS_PER_TRANSACTION,
    LANES,
    MAX_COMMANDS_PER_RUN,
    PLACES_FOR_URGENT,
    Unfinished,
    runs_of,
)
from wallet_service.security.roles import ROLES

MAX_INFLIGHT = 64
ROLE_OF = {
    "enrol": "REGISTRAR",
    "setMember": "REGISTRAR",
    "addSigner": "REGISTRAR",
    "removeSigner": "REGISTRAR",
    "freeze": "COMPLIANCE",
    "unfreeze": "COMPLIANCE",
    "suspendKey": "COMPLIANCE",
    "releaseKey": "COMPLIANCE",
    "mint": "ISSUER",
    "completeRedemption": "ISSUER",
    "returnRedemption": "ISSUER",
    "attestReserve": "ATTESTER",
    "attestOutcome": "ATTESTER",
    "stop": "PAUSER",
    "resume": "GOVERNOR",
    "requestRedemption": "RELAYER",
    "executeRecovery": "RELAYER",
    "vetoRecovery": "RELAYER",
}


def queue(*wanted: tuple[str, str | None], sent: int = 0) -> list[Unfinished]:
    """(kind, account) in order, ids from 1; the first `sent` are on their way."""
    return [
        Unfinished(
            number,
            kind,
            ROLE_OF[kind],
            account if kind in ACCOUNT_KINDS else None,
            number if number <= sent else None,
        )
        for number, (kind, account) in enumerate(wanted, 1)
    ]


def free(unfinished: list[Unfinished], *kept_back: str) -> list[int]:
    """The ids that may travel now, over all lanes, in the order in which they are sent."""
    runs = (runs_of(role, unfinished, MAX_INFLIGHT, kept_back) for role in LANES)
    return [number for run in itertools.chain.from_iterable(runs) for number in run.ids]


def test_every_role_has_its_lane_and_stops_come_first() -> None:
    assert sorted(LANES) == sorted(ROLES)
    assert LANES[:2] == ("PAUSER", "COMPLIANCE")
    assert LANES[-1] == "REGISTRAR"


def test_a_flood_of_enrolments_holds_up_no_stop_no_freeze_and_no_mint() -> None:
    strangers = [("enrol", f"stranger {number}") for number in range(300)]
    flood = queue(*strangers, ("freeze", "thief"), ("mint", "known"), ("stop", None), sent=5)
    assert free(flood)[:3] == [303, 301, 302]


def test_a_release_waits_for_its_own_accounts_suspension_alone() -> None:
    waiting = queue(("suspendKey", "a"), ("releaseKey", "a"), ("releaseKey", "b"), ("suspendKey", "b"))
    assert sorted(free(waiting)) == [1, 3]


def test_strangers_who_declare_hold_up_neither_each_other_nor_a_known_member() -> None:
    flood = queue(
        ("enrol", "a"), ("setMember", "a"), ("enrol", "b"), ("setMember", "b"), ("setMember", "known")
    )
    assert sorted(free(flood)) == [1, 3, 5]


def test_a_change_waits_until_its_account_is_enrolled() -> None:
    waits = queue(("enrol", "a"), ("setMember", "a"), sent=1)
    assert free(waits) == []
    assert free(queue(("enrol", "b"), ("setMember", "a"), sent=1)) == [2]


def test_the_changes_of_an_account_keep_their_order() -> None:
    assert free(queue(("setMember", "a"), ("addSigner", "a"), ("setMember", "a"))) == [1]


def test_a_mint_waits_for_the_attestation_before_it_and_for_no_later_one() -> None:
    assert free(queue(("attestReserve", None), ("mint", "a"))) == [1]
    assert free(queue(("mint", "a"), ("attestReserve", None))) == [2, 1]
    assert free(queue(("attestReserve", None), ("mint", "a"), sent=1)) == []


def test_a_mint_waits_for_its_own_member_only() -> None:
    assert free(queue(("enrol", "a"), ("mint", "a"), ("mint", "b"))) == [3, 1]


def test_of_a_stop_and_a_resumption_the_last_asked_for_is_the_last_mined() -> None:
    assert free(queue(("resume", None), ("stop", None))) == [1]
    assert free(queue(("stop", None), ("resume", None))) == [1]


def test_kinds_without_an_account_keep_the_order_of_their_lane() -> None:
    assert free(queue(("mint", "a"), ("completeRedemption", None), ("mint", "b"))) == [1]
    assert free(queue(("mint", "a"), ("mint", "b"), ("completeRedemption", None))) == [1, 2]


@pytest.mark.parametrize("end", ["completeRedemption", "returnRedemption"])
def test_a_redemption_ends_after_the_attesters_word_and_not_after_a_later_ones(end: str) -> None:
    assert free(queue(("attestOutcome", None), (end, None))) == [1]
    assert free(queue(("attestOutcome", None), (end, None), sent=1)) == []
    assert free(queue((end, None), ("attestOutcome", None))) == [2, 1]


def test_what_is_kept_back_holds_up_nobody() -> None:
    lane = queue(("mint", "a"), ("completeRedemption", None))
    assert free(lane, "mint") == [2]


def test_a_lane_is_never_fuller_than_the_node_takes_and_urgent_ones_find_a_place() -> None:
    changes = [("setMember", f"member {number}") for number in range(MAX_COMMANDS_PER_RUN)]
    assert len(free(queue(*changes, sent=10))) + 10 < MAX_INFLIGHT
    full = queue(*changes, ("removeSigner", "robbed"), sent=10)
    found = free(full)
    assert found[0] == MAX_COMMANDS_PER_RUN + 1
    assert len(found) == MAX_INFLIGHT - 10 - PLACES_FOR_URGENT
    busy = queue(*changes, ("removeSigner", "robbed"), sent=MAX_INFLIGHT - 1)
    assert free(busy) == [MAX_COMMANDS_PER_RUN + 1]


def test_a_veto_goes_before_strangers_and_finds_a_place_in_a_full_lane() -> None:
    due = [("executeRecovery", f"member {number}") for number in range(MAX_COMMANDS_PER_RUN)]
    assert free(queue(*due, ("vetoRecovery", "robbed")))[0] == MAX_COMMANDS_PER_RUN + 1
    busy = queue(*due, ("vetoRecovery", "robbed"), sent=MAX_INFLIGHT - 1)
    assert free(busy) == [MAX_COMMANDS_PER_RUN + 1]


def test_enrolments_share_a_transaction_and_what_was_refused_with_others_travels_alone() -> None:
    crowd = queue(*(("enrol", f"stranger {number}") for number in range(ENROLMENTS_PER_TRANSACTION + 50)))
    refused = [Unfinished(one.id, one.kind, one.role, one.account, None, True) for one in crowd[:2]]
    runs = list(runs_of("REGISTRAR", refused + crowd[2:], MAX_INFLIGHT))
    assert [len(run.ids) for run in runs] == [1, 1, ENROLMENTS_PER_TRANSACTION]


def test_commands_that_share_a_transaction_take_one_place() -> None:
    crowd = [("enrol", f"stranger {number}") for number in range(MAX_INFLIGHT)]
    on_their_way = [
        Unfinished(one.id, one.kind, one.role, one.account, 7) for one in queue(*crowd, sent=MAX_INFLIGHT)
    ]
    late = Unfinished(999, "setMember", "REGISTRAR", "known")
    assert free([*on_their_way, late]) == [999]


def test_what_comes_after_another_kind_is_named_by_real_kinds() -> None:
    assert {kind for pair in AFTER.items() for kind in (pair[0], *pair[1])} <= ROLE_OF.keys()
