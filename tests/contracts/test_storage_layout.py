"""The namespace lies where it was recorded: an upgrade that moved a field would read one thing as another."""

from __future__ import annotations

import copy

import pytest
from brownie import StorageHarness, accounts
from eth_utils import keccak

from scripts.ledger.storage_layout import Layout, moved_fields, read_layout, read_record


@pytest.fixture(autouse=True)
def isolated() -> None:
    """Only the last test sends a transaction, to a contract of its own."""


@pytest.fixture(scope="module")
def found() -> Layout:
    """What the compiler says of these sources."""
    return read_layout()


def test_the_sources_lie_where_the_record_says(found: Layout) -> None:
    """New fields are recorded with `python -m scripts.ledger.storage_layout write`."""
    assert moved_fields(read_record(), found) == []
    assert found == read_record()


def test_the_account_words_come_first_and_the_end_is_free_to_grow(found: Layout) -> None:
    ledger = next(fields for name, fields in found.items() if name.endswith("Ledger"))
    assert (ledger[0]["name"], ledger[0]["slot"]) == ("words", 0)
    places = [(field["slot"], field["byte"]) for field in ledger]
    assert places == sorted(places)


def test_behind_the_rule_words_nothing_is_stored(found: Layout) -> None:
    """An upgrade marks as many words as an account word can name tiers: three places of mappings too."""
    ledger = next(fields for name, fields in found.items() if name.endswith("Ledger"))
    rules = next(field["slot"] for field in ledger if field["name"] == "rules")
    marked = [field for field in ledger if rules < field["slot"] < rules + 8]
    assert [field["slot"] for field in marked] == [rules + 5, rules + 6, rules + 7]
    assert all(field["type"].startswith("mapping(") for field in marked)


def test_a_moved_a_narrowed_and_a_lost_field_are_seen(found: Layout) -> None:
    struct = next(name for name in found if name.endswith("Ledger"))
    for change in ({"slot": 99}, {"type": "uint8"}, {"name": "renamed"}):
        other = copy.deepcopy(found)
        other[struct][3] |= change
        assert len(moved_fields(found, other)) == 1
    grown = copy.deepcopy(found)
    grown[struct].append({"name": "more", "slot": 99, "byte": 0, "type": "uint256"})
    assert moved_fields(found, grown) == []


def test_the_namespace_is_erc7201s_for_its_name() -> None:
    inner = int.from_bytes(keccak(text="alba.ledger"), "big") - 1
    expected = int.from_bytes(keccak(inner.to_bytes(32, "big")), "big") & ~0xFF
    assert StorageHarness.deploy({"from": accounts[0]}).namespaceSlot() == expected
