"""A reference counts only for the transfer it came with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_service.bank.reported import Direction, Entry, References, TransferDetail
from wallet_service.bank.splitting import lines_of

A, B = "RF66A1B2C3D4E5", "RF25F6G7H8J9K0"
#: (cents, structured references, reason) of each line.
Lines = list[tuple[int, tuple[str, ...], str | None]]


def transfer(amount_cents: int | None = None, reference: str | None = None, **more: Any) -> TransferDetail:
    structured = () if reference is None else (reference,)
    return TransferDetail(amount_cents=amount_cents, structured=structured, **more)


def entry(amount_cents: int, *transfers: TransferDetail, **more: Any) -> Entry:
    direction: Direction = more.pop("direction", "CRDT")
    return Entry(direction, amount_cents, "2026-05-28", transfers=transfers, **more)


CASES: dict[str, tuple[Entry, Lines]] = {
    "no detail at all": (entry(20_00), [(20_00, (), None)]),
    "one transfer without amount": (entry(20_00, transfer(None, A)), [(20_00, (A,), None)]),
    "one transfer, announced as one": (
        entry(20_00, transfer(20_00, A), declared_transfers=1),
        [(20_00, (A,), None)],
    ),
    "no amounts, one reference, two announced": (
        entry(100_00, transfer(None, A), transfer(None), declared_transfers=2),
        [(100_00, (), "batch_incomplete")],
    ),
    "no amounts, one reference, none announced": (
        entry(100_00, transfer(None, A), transfer(None)),
        [(100_00, (), "batch_incomplete")],
    ),
    "two announced, one shown": (
        entry(100_00, transfer(40_00, A), declared_transfers=2),
        [(40_00, (A,), None), (60_00, (), "batch_incomplete")],
    ),
    "two announced, one shown without its amount": (
        entry(100_00, transfer(None, A), declared_transfers=2),
        [(100_00, (), "batch_incomplete")],
    ),
    "86 announced, one shown for all of it": (
        entry(100_00, transfer(100_00, A), declared_transfers=86),
        [(100_00, (), "batch_incomplete")],
    ),
    "one transfer smaller than its entry": (
        entry(100_00, transfer(40_00, A)),
        [(40_00, (A,), None), (60_00, (), "batch_incomplete")],
    ),
    "fees taken from the sum": (
        entry(97_00, transfer(60_00, A), transfer(40_00, B)),
        [(97_00, (), "batch_net_of_fees")],
    ),
    "fees taken from the sum, told for all of it": (
        entry(97_00, transfer(60_00, A), transfer(40_00, None), charges_cents=3_00),
        [(97_00, (), "batch_net_of_fees")],
    ),
    "each transfer less its own charges": (
        entry(97_00, transfer(60_00, A, charges_cents=2_00), transfer(40_00, B, charges_cents=1_00)),
        [(58_00, (A,), None), (39_00, (B,), None)],
    ),
    "mixed directions": (
        entry(70_00, transfer(100_00, A, direction="CRDT"), transfer(30_00, direction="DBIT")),
        [(70_00, (), "batch_mixed")],
    ),
    "one transfer of the other direction": (
        entry(70_00, transfer(70_00, A, direction="DBIT")),
        [(70_00, (), "batch_mixed")],
    ),
    "one transfer, charges deducted": (entry(49_00, transfer(50_00, A)), [(49_00, (A,), None)]),
    "two references with amounts": (
        entry(100_00, transfer(60_00, A), transfer(40_00, B)),
        [(60_00, (A,), None), (40_00, (B,), None)],
    ),
    "more shown than announced": (
        entry(100_00, transfer(60_00, A), transfer(40_00, B), declared_transfers=1),
        [(100_00, (), "batch_incomplete")],
    ),
    "all shown, and yet less than the entry": (
        entry(100_00, transfer(60_00, A), transfer(30_00, B), declared_transfers=2),
        [(100_00, (), "batch_incomplete")],
    ),
    "one of two without a readable amount": (
        entry(100_00, transfer(60_00, A), transfer(None, B)),
        [(60_00, (A,), None), (40_00, (), "batch_incomplete")],
    ),
    "a transfer of nothing": (
        entry(60_00, transfer(60_00, A), transfer(0, B)),
        [(60_00, (A,), None)],
    ),
    "an odd entry": (entry(60_00, transfer(60_00, A), oddity="bank.entry_currency"), [(60_00, (), "odd")]),
    "a reversal": (entry(50_00, transfer(50_00, A), is_reversal=True), [(50_00, (A,), "reversal")]),
    "an announcement of no money": (entry(0, transfer(None, A)), []),
    "a payout's debit with the bank's fee on it": (
        entry(101_00, transfer(100_00), direction="DBIT"),
        [(100_00, (), None), (1_00, (), "batch_incomplete")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_lines_of_an_entry(case: str) -> None:
    given_entry, expected = CASES[case]
    found = [(line.amount_cents, line.structured, line.reason) for line in lines_of(given_entry)]
    assert found == expected


def test_a_sum_keeps_every_transfer_for_the_officer_and_nothing_of_them_on_itself() -> None:
    shown = (transfer(None, A, texts=("loyer",)), transfer(None, B))
    (line,) = lines_of(entry(100_00, *shown, texts=("VIR SEPA",)))
    assert line.parts == shown
    assert (line.structured, line.texts, line.counterparty_iban) == ((), ("VIR SEPA",), "")


def test_the_rest_of_a_sum_keeps_what_was_not_certain() -> None:
    shown, hidden = transfer(60_00, A), transfer(None, B)
    rest = lines_of(entry(100_00, shown, hidden))[1]
    assert rest.parts == (hidden,)


def test_a_transfer_alone_takes_its_entrys_names_and_texts() -> None:
    alone = transfer(20_00, A, references=References(end_to_end="E1"), texts=("merci",))
    bank = References(servicer="BQ1", message="M1")
    (line,) = lines_of(entry(20_00, alone, references=bank, texts=("VIR INST",)))
    assert line.references == References(servicer="BQ1", end_to_end="E1", message="M1")
    assert line.texts == ("merci", "VIR INST")


def test_a_transfer_of_a_batch_takes_nothing_of_the_others() -> None:
    bank = References(servicer="BQ1", end_to_end="OF THE ENTRY", transaction="T1", payment_information="P1")
    lines = lines_of(entry(100_00, transfer(60_00, A), transfer(40_00), references=bank, texts=(B,)))
    assert {line.references for line in lines} == {References(servicer="BQ1", payment_information="P1")}
    assert lines[1].texts == ()


def test_the_names_of_a_payment_file_that_all_transfers_repeat_name_their_sum() -> None:
    ours = References(message="OURS-1")
    (line,) = lines_of(
        entry(150_00, *(replace(transfer(None), references=ours) for _ in range(3)), direction="DBIT")
    )
    assert line.references.message == "OURS-1"


def test_what_was_kept_from_a_single_transfer_is_told() -> None:
    (line,) = lines_of(entry(49_00, transfer(50_00, A)))
    assert (line.amount_cents, line.charges_cents) == (49_00, 1_00)


AMOUNTS = st.one_of(st.none(), st.integers(0, 120_00))
TRANSFERS = st.builds(
    TransferDetail,
    amount_cents=AMOUNTS,
    direction=st.sampled_from([None, "CRDT", "DBIT"]),
    charges_cents=st.one_of(st.none(), st.integers(0, 5_00)),
    structured=st.just((A,)),
)


@given(
    amount_cents=st.integers(0, 200_00),
    transfers=st.lists(TRANSFERS, max_size=4),
    declared=st.one_of(st.none(), st.integers(0, 5)),
    direction=st.sampled_from(["CRDT", "DBIT"]),
    charges_cents=st.one_of(st.none(), st.integers(0, 5_00)),
)
def test_lines_make_their_entry_and_none_is_more_than_its_transfer(
    amount_cents: int,
    transfers: list[TransferDetail],
    declared: int | None,
    direction: Direction,
    charges_cents: int | None,
) -> None:
    lines = lines_of(
        Entry(
            direction,
            amount_cents,
            "2026-05-28",
            transfers=tuple(transfers),
            declared_transfers=declared,
            charges_cents=charges_cents,
        )
    )
    assert sum(line.amount_cents for line in lines) == amount_cents
    assert all(line.amount_cents > 0 for line in lines)
    own = [each.amount_cents for each in transfers if each.amount_cents is not None]
    for line in lines:
        if line.reason is None and line.structured and len(own) == len(transfers):
            assert any(line.amount_cents <= cents for cents in own)
