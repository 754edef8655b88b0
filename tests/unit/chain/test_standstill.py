"""A key whose next transaction the node has and does not mine: seen, said, and repaired on our own node."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from wallet_service.chain.sending.standstill import STANDSTILL_AFTER_S, StandstillWatch
from wallet_service.platform.errors import ChainUnavailable

RELAYER, ISSUER = "0x" + "11" * 20, "0x" + "22" * 20
LATE_S = STANDSTILL_AFTER_S + 0.1


def row(row_id: int, nonce: int, sender: str = RELAYER) -> Any:
    return SimpleNamespace(id=row_id, sender=sender, nonce=nonce, purpose="settle")


class Pool:
    """What the chain would take next, and what its pool was made to forget."""

    def __init__(self) -> None:
        self.next_nonces: dict[str, int] = {RELAYER: 0, ISSUER: 0}
        self.forgotten: list[str] = []
        self.watch = StandstillWatch(self.next_nonces.__getitem__, self.forgotten.append)


def test_what_was_just_handed_over_stands_not_still() -> None:
    pool = Pool()
    assert pool.watch.look([row(1, 0)], 0.0) == set()
    assert pool.watch.look([row(1, 0)], STANDSTILL_AFTER_S - 0.1) == set()
    assert pool.watch.is_moving()


def test_a_late_transaction_with_the_next_nonce_is_an_alarm_and_sent_again() -> None:
    pool = Pool()
    stored = [row(1, 0), row(2, 1), row(3, 0, ISSUER)]
    pool.watch.look(stored, 0.0)
    pool.next_nonces[ISSUER] = 1  # mined, and not read yet
    assert pool.watch.look(stored, LATE_S) == {RELAYER}
    assert pool.forgotten == [RELAYER]
    assert not pool.watch.is_moving()


def test_it_is_repaired_once_in_a_while_not_at_every_look() -> None:
    pool = Pool()
    for now_s in (0.0, LATE_S, LATE_S + 0.5, LATE_S + 1.0):
        pool.watch.look([row(1, 0)], now_s)
    assert pool.forgotten == [RELAYER]
    pool.watch.look([row(1, 0)], 2 * LATE_S)
    assert pool.forgotten == [RELAYER, RELAYER]


def test_the_alarm_stands_until_the_transaction_is_mined() -> None:
    pool = Pool()
    for now_s in (0.0, LATE_S, LATE_S + 0.5):
        pool.watch.look([row(1, 0), row(2, 1)], now_s)
    assert not pool.watch.is_moving()
    pool.next_nonces[RELAYER] = 1
    pool.watch.look([row(2, 1)], LATE_S + 1.0)
    assert pool.watch.is_moving()


def test_transactions_that_move_one_after_the_other_are_no_alarm() -> None:
    pool = Pool()
    for step in range(10):
        pool.next_nonces[RELAYER] = step
        pool.watch.look([row(one, one) for one in range(step, 20)], step * (STANDSTILL_AFTER_S - 0.1))
        assert pool.watch.is_moving()
    assert pool.forgotten == []


def test_a_gap_before_the_lowest_stored_one_is_an_alarm_too() -> None:
    pool = Pool()
    for now_s in (0.0, LATE_S):
        pool.watch.look([row(9, 7)], now_s)
    assert not pool.watch.is_moving()


def test_on_a_node_that_is_not_ours_it_is_said_and_nothing_dropped() -> None:
    watch = StandstillWatch(lambda sender: 0)
    watch.look([row(1, 0)], 0.0)
    assert watch.look([row(1, 0)], LATE_S) == set()
    assert not watch.is_moving()


def test_a_node_that_was_away_gets_its_time_anew() -> None:
    pool = Pool()
    pool.watch.look([row(1, 0)], 0.0)
    pool.watch.restart()
    assert pool.watch.look([row(1, 0)], LATE_S) == set()
    assert pool.watch.is_moving()


def test_a_node_that_does_not_answer_changes_nothing_that_is_known() -> None:
    def away(sender: str) -> int:
        raise ChainUnavailable("away")

    pool = Pool()
    for now_s in (0.0, LATE_S):
        pool.watch.look([row(1, 0)], now_s)
    pool.watch._next_nonce = away
    with pytest.raises(ChainUnavailable):
        pool.watch.look([row(1, 0)], 3 * LATE_S)
    assert not pool.watch.is_moving()
