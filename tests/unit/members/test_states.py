"""State machines of members, devices, tills, tiers and identity files.

Their tables, and nothing beside them.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from itertools import product

import pytest

from wallet_service.chain.ports import KINDS, TIERS
from wallet_service.database.tables import identity as identity_tables
from wallet_service.database.tables import members as member_tables
from wallet_service.identity.errors import IdentityFileTransition
from wallet_service.identity.states import (
    FILE_TRANSITIONS,
    FileState,
    age_years,
    check_file_transition,
    default_expiry,
)
from wallet_service.members import decisions
from wallet_service.members.decisions import (
    DEVICE_TRANSITIONS,
    KIND_NUMBERS,
    MEMBER_TRANSITIONS,
    TIER_CHANGES,
    TIER_NUMBERS,
    TILL_TRANSITIONS,
    DeviceState,
    Kind,
    MemberState,
    PersonIdentity,
    Tier,
    TillState,
)
from wallet_service.members.errors import MemberStateRefused, TierChangeRefused


@pytest.mark.parametrize(
    ("states", "listed"),
    [
        (MemberState, member_tables.MEMBER_STATES),
        (DeviceState, member_tables.DEVICE_STATES),
        (TillState, member_tables.TILL_STATES),
        (Kind, member_tables.MEMBER_KINDS),
        (Tier, member_tables.MEMBER_TIERS),
        (FileState, identity_tables.IDENTITY_FILE_STATES),
    ],
)
def test_the_enum_the_sql_check_and_the_table_name_the_same_states(
    states: type[StrEnum], listed: tuple[str, ...]
) -> None:
    assert sorted(state.value for state in states) == sorted(listed)


@pytest.mark.parametrize(
    "table", [MEMBER_TRANSITIONS, DEVICE_TRANSITIONS, TILL_TRANSITIONS, FILE_TRANSITIONS]
)
def test_every_state_has_its_line_in_the_table(table: dict[StrEnum, frozenset[StrEnum]]) -> None:
    states = type(next(iter(table)))
    assert set(table) == set(states)


@pytest.mark.parametrize(("state", "wanted"), list(product(MemberState, MemberState)))
def test_a_member_moves_only_along_the_table(state: MemberState, wanted: MemberState) -> None:
    if wanted in MEMBER_TRANSITIONS[state]:
        decisions.check_member_transition(state, wanted)
    else:
        with pytest.raises(MemberStateRefused):
            decisions.check_member_transition(state, wanted)


@pytest.mark.parametrize(("state", "wanted"), list(product(FileState, FileState)))
def test_an_identity_file_moves_only_along_the_table(state: FileState, wanted: FileState) -> None:
    if wanted in FILE_TRANSITIONS[state]:
        check_file_transition(state, wanted)
    else:
        with pytest.raises(IdentityFileTransition):
            check_file_transition(state, wanted)


@pytest.mark.parametrize(("tier", "wanted"), list(product(Tier, Tier)))
def test_a_tier_changes_only_along_the_table(tier: Tier, wanted: Tier) -> None:
    if wanted in TIER_CHANGES[tier]:
        decisions.check_tier_change(tier, wanted)
    else:
        with pytest.raises(TierChangeRefused):
            decisions.check_tier_change(tier, wanted)


def test_nobody_becomes_professional_by_a_change_of_tier() -> None:
    assert [tier for tier in Tier if Tier.PROFESSIONAL in TIER_CHANGES[tier]] == [Tier.PROFESSIONAL]


def test_words_have_the_ledgers_numbers() -> None:
    assert {TIERS[number]: number for number in TIER_NUMBERS.values()} == {
        tier.value: number for tier, number in TIER_NUMBERS.items()
    }
    assert all(KINDS[number] == kind.value for kind, number in KIND_NUMBERS.items())


def test_an_identity_expires_at_the_first_second_of_its_day() -> None:
    day = decisions.day_number(date(2030, 6, 1))
    assert not decisions.is_expired(day, day * 86_400 - 1)
    assert decisions.is_expired(day, day * 86_400)
    assert not decisions.is_expired(None, 10**12)
    assert not decisions.is_expired(0, 10**12)


def test_a_short_name_is_a_first_name_and_an_initial() -> None:
    assert PersonIdentity("Zoé", "émery", "1990-01-01", "a", "76000", "b").short_name() == "Zoé É."


@pytest.mark.parametrize("name", ["Anne-Lise", "d’Harcourt", "O'Brien", "Nguyễn", "Le Goff", "É."])
def test_names_of_people_are_accepted(name: str) -> None:
    assert decisions.clean_name(f"  {name} ") == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Jose\u0301", "José"), ("E\u0301mile", "Émile"), ("Ng\u0303uye\u0303n", "Ng\u0303uyẽn")],
)
def test_a_name_is_accepted_however_its_accents_are_written(typed: str, kept: str) -> None:
    """Some keyboards write the accent after its letter; not every pair has one composed letter."""
    assert decisions.clean_name(typed) == kept


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "-x",
        "a1",
        "a<b",
        "x" * 61,
        "a\x00b",
        "a@b",
        "\u0301a",
        "a\u202eb",
        "a\u200bb",
        "e" + "\u0301" * 5,
    ],
)
def test_what_is_not_a_name_is_not_one(name: str) -> None:
    assert decisions.clean_name(name) is None


def test_ages_and_expiries_know_leap_years() -> None:
    assert age_years(date(2004, 2, 29), date(2020, 2, 28)) == 15
    assert age_years(date(2004, 2, 29), date(2020, 2, 29)) == 16
    assert default_expiry(date(2028, 2, 29)) == date(2033, 2, 28)
