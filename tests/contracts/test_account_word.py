"""The packed account word: every field at its bounds, no field leaking into another.

A Python model unpacks the word by the documented layout and each operation is compared with it on random
words.
"""

from __future__ import annotations

from typing import Any

import pytest
from brownie import WordHarness, accounts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LAYOUT = {
    "balance": (0, 44),
    "spent_today": (44, 32),
    "spent_in_window": (76, 32),
    "last_spend_day": (108, 16),
    "window_age": (124, 5),
    "nonce_bits": (129, 32),
    "nonce_next": (161, 41),
    "expires_at_day": (202, 16),
    "sector": (218, 16),
    "tier": (234, 3),
    "kind": (237, 3),
    "frozen_in": (240, 1),
    "frozen_out": (241, 1),
    "key_revoked": (242, 1),
    "generation": (243, 8),
    "own_passkey": (251, 1),
    "held": (252, 1),
    "key_suspended": (253, 1),
    "spare": (254, 2),
}
MAX_KEY_SPENT = 2**32 - 1
NONCE_WINDOW = 32
EXAMPLES = 60
PROPERTY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def unpack(raw: int) -> dict[str, int]:
    """The fields of a word."""
    return {name: (raw >> start) & (2**width - 1) for name, (start, width) in LAYOUT.items()}


def pack(fields: dict[str, int]) -> int:
    """A word from its fields."""
    raw = 0
    for name, (start, width) in LAYOUT.items():
        assert 0 <= fields[name] < 2**width, name
        raw |= fields[name] << start
    return raw


def at_edges(width: int) -> Any:
    """Values of a field: the two bounds often, anything else otherwise."""
    highest = 2**width - 1
    return st.one_of(st.sampled_from([0, 1, highest - 1, highest]), st.integers(0, highest))


words = st.fixed_dictionaries({name: at_edges(width) for name, (_, width) in LAYOUT.items()})


@pytest.fixture(scope="module")
def harness(module_isolation: None) -> Any:
    return WordHarness.deploy({"from": accounts[0]})


def test_the_layout_covers_the_word_exactly() -> None:
    position = 0
    for start, width in LAYOUT.values():
        assert start == position
        position += width
    assert position == 256


@PROPERTY
@given(fields=words)
def test_every_field_reads_back(harness: Any, fields: dict[str, int]) -> None:
    assert harness.fields(pack(fields)) == (
        fields["balance"],
        fields["nonce_next"],
        fields["expires_at_day"],
        fields["sector"],
        fields["tier"],
        fields["kind"],
        bool(fields["frozen_in"]),
        bool(fields["frozen_out"]),
        bool(fields["key_revoked"]),
        fields["generation"],
        bool(fields["own_passkey"]),
        bool(fields["key_suspended"]),
    )


@PROPERTY
@given(fields=words)
def test_a_recovery_changes_the_keys_only(harness: Any, fields: dict[str, int]) -> None:
    fields |= {"generation": min(fields["generation"], 254)}
    expected = fields | {"generation": fields["generation"] + 1, "key_revoked": 1, "key_suspended": 0}
    assert harness.withNextGeneration(pack(fields)) == pack(expected)


@PROPERTY
@given(fields=words, passkey=st.booleans())
def test_what_the_own_key_is_touches_nothing_else(
    harness: Any, fields: dict[str, int], passkey: bool
) -> None:
    changed = harness.withOwnPasskey(pack(fields), passkey)
    assert changed == pack(fields | {"own_passkey": int(passkey)})


@PROPERTY
@given(fields=words, data=st.data())
def test_debit_and_credit_touch_the_balance_only(harness: Any, fields: dict[str, int], data: Any) -> None:
    value = data.draw(st.integers(0, fields["balance"]))
    less = pack(fields | {"balance": fields["balance"] - value})
    assert harness.debit(pack(fields), value) == less
    assert harness.credit(less, value) == pack(fields)


@PROPERTY
@given(fields=words, day=at_edges(16))
def test_expiry_is_the_first_day_without_identity(harness: Any, fields: dict[str, int], day: int) -> None:
    expiry = fields["expires_at_day"]
    assert harness.expiredOn(pack(fields), day) is (expiry != 0 and day >= expiry)


@PROPERTY
@given(fields=words, membership=st.tuples(at_edges(3), at_edges(3), at_edges(16), at_edges(16)))
def test_membership_touches_its_four_fields_only(
    harness: Any, fields: dict[str, int], membership: tuple[int, int, int, int]
) -> None:
    kind, tier, sector, expires_at_day = membership
    expected = fields | {"kind": kind, "tier": tier, "sector": sector, "expires_at_day": expires_at_day}
    assert unpack(harness.withMembership(pack(fields), *membership)) == expected


@PROPERTY
@given(fields=words, incoming=st.booleans(), outgoing=st.booleans(), revoked=st.booleans())
def test_flags_touch_themselves_only(
    harness: Any, fields: dict[str, int], incoming: bool, outgoing: bool, revoked: bool
) -> None:
    frozen = fields | {"frozen_in": int(incoming), "frozen_out": int(outgoing)}
    assert unpack(harness.withFreeze(pack(fields), incoming, outgoing)) == frozen
    assert unpack(harness.withKeyRevoked(pack(fields), revoked)) == fields | {"key_revoked": int(revoked)}
    suspended = fields | {"key_suspended": int(revoked)}
    assert unpack(harness.withKeySuspended(pack(fields), revoked)) == suspended


# Around both edges of the window, where an error by one hides, and far away.
edges = [-NONCE_WINDOW - 2, -NONCE_WINDOW - 1, -NONCE_WINDOW, -1, 0, 1, NONCE_WINDOW - 1, NONCE_WINDOW]
nonce_steps = st.one_of(st.sampled_from(edges), st.integers(-40, 40), st.integers(-(2**40), 2**40))


@PROPERTY
@given(fields=words, step=nonce_steps)
def test_nonces_follow_the_model(harness: Any, fields: dict[str, int], step: int) -> None:
    fields |= {"nonce_next": min(fields["nonce_next"], 2**40)}
    upper = fields["nonce_next"]
    nonce = min(max(upper + step, 0), 2**40 - 1)
    back = upper - 1 - nonce
    used = nonce < upper and (back >= NONCE_WINDOW or bool(fields["nonce_bits"] >> back & 1))
    assert harness.smallNonceUsed(pack(fields), nonce) is used
    if used:
        return
    if nonce < upper:
        expected = fields | {"nonce_bits": fields["nonce_bits"] | 1 << back}
    else:
        slide = nonce + 1 - upper
        # Bounded before shifting: a slide can be 2^40 bits wide.
        bits = (fields["nonce_bits"] << min(slide, NONCE_WINDOW) | 1) & (2**NONCE_WINDOW - 1)
        expected = fields | {"nonce_bits": bits, "nonce_next": nonce + 1}
    after = harness.useSmallNonce(pack(fields), nonce)
    assert unpack(after) == expected
    assert harness.smallNonceUsed(after, nonce) is True


SUPERSEDED_AT = 254
holding = at_edges(40)
spending = at_edges(31)
tier_limits = st.tuples(holding, spending, spending, spending)


@PROPERTY
@given(
    before=at_edges(256),
    limits=st.lists(tier_limits, min_size=4, max_size=4),
    stops=st.integers(0, 7),
    floors=st.booleans(),
)
def test_a_rule_word_says_what_it_was_compiled_from_and_keeps_the_upgrades_mark(
    harness: Any, before: int, limits: list[tuple[int, int, int, int]], stops: int, floors: bool
) -> None:
    table = [(0, 0, 0, 0), *limits]
    for tier in (1, 2, 3, 4):
        raw = harness.recompiled(before, table, tier, stops, floors)
        assert harness.marks(raw) == (bool(before >> SUPERSEDED_AT & 1), floors)
        assert harness.withSuperseded(raw) == raw | 1 << SUPERSEDED_AT
        for payee_tier in (1, 2, 3, 4):
            spending_limits = (limit or 2**31 - 1 for limit in table[tier][1:])
            expected = (table[payee_tier][0] or 2**40 - 1, *spending_limits, bool(stops & 1))
            assert harness.rules(raw, payee_tier) == expected


@PROPERTY
@given(
    kind=at_edges(8),
    generation=at_edges(8),
    payment=spending,
    day_limit=spending,
    expires_at=at_edges(40),
    spendings=st.lists(st.tuples(at_edges(44), at_edges(16)), max_size=3),
    now=at_edges(40),
)
def test_a_signer_word_keeps_its_fields_apart(
    harness: Any,
    kind: int,
    generation: int,
    payment: int,
    day_limit: int,
    expires_at: int,
    spendings: list[tuple[int, int]],
    now: int,
) -> None:
    raw = harness.signer(kind, generation, payment, day_limit, expires_at)
    limited = bool(payment or day_limit or expires_at)
    spent, last_day = 0, 0
    for value, day in spendings if limited else ():  # nothing is recorded for a key without limits
        spent = min((spent if day == last_day else 0) + value, MAX_KEY_SPENT)
        last_day = day
        raw = harness.signerSpends(raw, value, day)
    ended = bool(expires_at) and now >= expires_at
    expected = (kind, generation, payment, day_limit, expires_at, spent, limited, ended)
    assert harness.signerFields(raw, now, last_day) == expected
    another_day = last_day ^ 1
    assert harness.signerFields(raw, now, another_day)[5] == 0
    assert raw < 2**166
