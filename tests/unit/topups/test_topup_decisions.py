"""Which member a transfer is for, and when its units must wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wallet_service.bank.reported import References
from wallet_service.bank.statement import EntryLine
from wallet_service.protocol.text.identifiers import BASE32_ALPHABET
from wallet_service.protocol.text.references import topup_reference, topup_reference_view
from wallet_service.topups.decisions import (
    LoadLimits,
    Receiver,
    hold_reason,
    references_in,
    retry_delay_s,
    starts_unix_ms,
)

REFERENCE = topup_reference("0A1B2C3D4E")
OTHER = topup_reference("ZZZZZZZZZZ")
ONES = topup_reference("11A1B2C3D4")
TODAY = 20_600
LIMITS = LoadLimits(max_balance_cents=1_000_00, load_30_days_cents=150_00)
RECEIVER = Receiver("active", "verified", False, None, 0, 0, 0)


def line(structured: tuple[str, ...], texts: tuple[str, ...]) -> EntryLine:
    return EntryLine("CRDT", 20_00, "2026-05-28", structured=structured, texts=texts)


@pytest.mark.parametrize(
    ("structured", "text", "found"),
    [
        ((REFERENCE,), "", [REFERENCE]),
        ((topup_reference_view(REFERENCE),), "", [REFERENCE]),
        ((REFERENCE.lower(),), "", [REFERENCE]),
        ((), f"VIREMENT {topup_reference_view(REFERENCE)} MERCI", [REFERENCE]),
        ((), f"ref:{REFERENCE}/juin", [REFERENCE]),
        ((), f"{REFERENCE[:7]}-{REFERENCE[7:]}merci", [REFERENCE]),
        ((REFERENCE,), REFERENCE, [REFERENCE]),
        ((REFERENCE,), OTHER, [REFERENCE, OTHER]),
        ((), f"RF{OTHER} RFRF", [OTHER]),
        ((), REFERENCE[:-1], []),
        ((), "RF00" + REFERENCE[4:], []),
        ((), "", []),
    ],
)
def test_references_are_found_wherever_people_and_banks_put_them(
    structured: tuple[str, ...], text: str, found: list[str]
) -> None:
    assert references_in(line(structured, (text,))) == found


@pytest.mark.parametrize(
    ("came_with", "found"),
    [
        ({"end_to_end": REFERENCE}, [REFERENCE]),
        ({"texts": (REFERENCE[:8], f"{REFERENCE[8:]} MERCI")}, [REFERENCE]),
        ({"texts": (REFERENCE.replace("0", "O").lower(),)}, [REFERENCE]),
        ({"texts": (ONES.replace("1", "I"),)}, [ONES]),
        ({"texts": (ONES.replace("1", "l"),)}, [ONES]),
        ({"texts": (REFERENCE,), "end_to_end": OTHER}, [OTHER, REFERENCE]),
        ({"structured": (REFERENCE,), "texts": (OTHER,)}, [REFERENCE, OTHER]),
    ],
    ids=["end-to-end id", "cut over two lines", "O for 0", "I for 1", "l for 1", "two places", "two members"],
)
def test_references_are_read_as_they_were_meant(came_with: dict[str, Any], found: list[str]) -> None:
    names = References(end_to_end=came_with.pop("end_to_end", None))
    assert references_in(replace(line((), ()), references=names, **came_with)) == found


@given(
    serial=st.text(BASE32_ALPHABET, min_size=10, max_size=10),
    place=st.integers(2, 13),
    character=st.sampled_from(BASE32_ALPHABET),
)
def test_one_wrong_character_of_the_same_kind_is_always_seen(serial: str, place: int, character: str) -> None:
    """Modulo 97 sees every wrong digit among digits and every wrong letter among letters (ISO 7064).

    A letter for a digit changes how many digits are checked and passes about once in 97 times; then no member
    has that reference but by a chance of one in 2^50.
    """
    right = topup_reference(serial)
    assume(character != right[place] and character.isdigit() == right[place].isdigit())
    wrong = right[:place] + character + right[place + 1 :]
    assert references_in(line((), (wrong,))) == []


@pytest.mark.parametrize(
    ("receiver", "amount_cents", "reason"),
    [
        (RECEIVER, 1_000_00, None),
        (RECEIVER, 1_000_01, "holding_limit"),
        (replace(RECEIVER, balance_cents=600_00, minting_cents=300_00), 100_01, "holding_limit"),
        (replace(RECEIVER, state="closed"), 1, "member_closed"),
        (replace(RECEIVER, state="pending"), 1, "member_pending"),
        (replace(RECEIVER, frozen_incoming=True), 1, "member_frozen"),
        (replace(RECEIVER, identity_expires_on_day=TODAY), 1, "identity_expired"),
        (replace(RECEIVER, identity_expires_on_day=TODAY + 1), 1, None),
        (replace(RECEIVER, identity_expires_on_day=0), 1, None),
        (replace(RECEIVER, tier="visitor"), 150_00, None),
        (replace(RECEIVER, tier="visitor", loaded_30_days_cents=100_00), 50_01, "visitor_load_limit"),
        (replace(RECEIVER, loaded_30_days_cents=900_00), 100_00, None),
    ],
)
def test_a_credit_waits_for_a_named_reason(receiver: Receiver, amount_cents: int, reason: str | None) -> None:
    assert hold_reason(receiver, LIMITS, amount_cents, TODAY) == reason


ONCE = replace(LIMITS, is_once=True)


@pytest.mark.parametrize(
    ("receiver", "limits", "reason"),
    [
        (replace(RECEIVER, tier="visitor", was_loaded=True), ONCE, "visitor_loaded_once"),
        (replace(RECEIVER, tier="visitor", was_loaded=True), LIMITS, None),
        (replace(RECEIVER, tier="visitor"), ONCE, None),
        (replace(RECEIVER, was_loaded=True), ONCE, None),
    ],
)
def test_only_a_visitor_who_was_loaded_is_loaded_no_more(
    receiver: Receiver, limits: LoadLimits, reason: str | None
) -> None:
    assert hold_reason(receiver, limits, 10_00, TODAY) == reason


def test_a_day_begins_at_midnight_in_the_region() -> None:
    assert starts_unix_ms(date(2027, 7, 10)) == 1_815_170_400_000, "22:00 UTC of the day before"


def test_a_tier_the_ledger_does_not_know_yet_waits() -> None:
    assert hold_reason(RECEIVER, None, 1, TODAY) == "member_pending"


def test_a_limit_of_zero_is_no_limit() -> None:
    assert hold_reason(RECEIVER, LoadLimits(0, 0), 10**12, TODAY) is None


def test_retries_slow_down_to_an_hour_and_no_further() -> None:
    delays = [retry_delay_s(attempt) for attempt in range(0, 200)]
    assert delays[0] == 30
    assert delays == sorted(delays)
    assert delays[-1] == 3600
