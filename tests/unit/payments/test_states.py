"""The three state machines: every transition in the table passes, every other one raises."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import cast

import pytest

from wallet_service.database.tables import payments as tables
from wallet_service.payments.states import PAYMENT_TRANSITIONS, PaymentState
from wallet_service.protocol.transitions import IllegalTransition, check_transition, sources_of
from wallet_service.sales.states import (
    REFUND_REQUEST_TRANSITIONS,
    SALE_TRANSITIONS,
    RefundRequestState,
    SaleState,
)

Table = Mapping[StrEnum, frozenset[StrEnum]]
MACHINES = (
    (PaymentState, PAYMENT_TRANSITIONS, tables.PAYMENT_STATES),
    (SaleState, SALE_TRANSITIONS, tables.SALE_STATES),
    (RefundRequestState, REFUND_REQUEST_TRANSITIONS, tables.REFUND_REQUEST_STATES),
)
PAIRS = [
    (table, source, target)
    for states, table, _ in MACHINES
    for source, target in itertools.product(states, states)
]


@pytest.mark.parametrize(("table", "source", "target"), PAIRS)
def test_only_transitions_in_the_table_pass(table: Table, source: StrEnum, target: StrEnum) -> None:
    if target in table[source]:
        check_transition(table, source, target)
        assert str(source) in sources_of(table, target)
    else:
        with pytest.raises(IllegalTransition):
            check_transition(table, source, target)


@pytest.mark.parametrize(("states", "table", "in_sql"), MACHINES)
def test_the_database_knows_the_same_states(
    states: type[StrEnum], table: Table, in_sql: Sequence[str]
) -> None:
    assert {str(state) for state in states} == set(in_sql)
    assert set(table) == set(states)


@pytest.mark.parametrize("state", [PaymentState.PAID, PaymentState.REFUSED])
def test_the_chains_word_is_the_last(state: PaymentState) -> None:
    assert not PAYMENT_TRANSITIONS[state]


def test_a_state_nothing_leads_to_has_no_sources() -> None:
    with pytest.raises(IllegalTransition):
        sources_of(SALE_TRANSITIONS, cast("SaleState", "nowhere"))
