"""The bytes of a packed batch: read as documented, or refused at the place where they stop making sense.

`reading` is a second, independent reading of contracts/PackedBatch.sol. Bytes it can read leave what `settle`
leaves of the same payments (outcomes.py compares all the ledger stores); all others revert with its verdict.
"""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from eth_utils import to_checksum_address
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_fixture import BARE_REVERT, LedgerFixture, Signed, packed, refused_call
from outcomes import packed_call, send, skips_of, stored, together, together_as_arrays, undone
from signing import KINDS, P256, SECP256K1, Payment, SigningKey

VERSION, MAX_ITEMS = 1, 200
HEAD_BYTES, ADDRESS_BYTES, FIXED_BYTES = 3, 20, 71
VALUE_AT, VALID_BEFORE_AT, REF_AT, NONCE_AT, LENGTH_AT = 21, 27, 32, 64, 69
MAX_ENVELOPE_BYTES = 2_048
EXAMPLES = 30
Verdict = tuple[Any, ...]


class Unreadable(Exception):
    """The error the ledger must give: its name and values."""

    def __init__(self, *verdict: Any) -> None:
        super().__init__(*verdict)
        self.verdict: Verdict = verdict


def reading(batch: bytes) -> list[Signed]:
    """The payments these bytes hold. Raises Unreadable."""
    if len(batch) < HEAD_BYTES or batch[0] != VERSION:
        raise Unreadable("BatchMalformed", 0)
    items, payees = batch[1], batch[2]
    position = HEAD_BYTES + ADDRESS_BYTES * payees
    if items > MAX_ITEMS:
        raise Unreadable("TooManyItems", items, MAX_ITEMS)
    if position > len(batch):
        raise Unreadable("BatchMalformed", HEAD_BYTES)
    found = []
    for _ in range(items):
        head = batch[position : position + FIXED_BYTES]
        envelope_at = position + FIXED_BYTES
        length = number(head, LENGTH_AT, FIXED_BYTES)
        if len(head) < FIXED_BYTES or head[0] >= payees or envelope_at + length > len(batch):
            raise Unreadable("BatchMalformed", position)
        payee_at = HEAD_BYTES + ADDRESS_BYTES * head[0]
        message = Payment(
            payer=to_checksum_address(head[1:VALUE_AT]),
            payee=to_checksum_address(batch[payee_at : payee_at + ADDRESS_BYTES]),
            value=number(head, VALUE_AT, VALID_BEFORE_AT),
            ref=head[REF_AT:NONCE_AT],
            valid_before=number(head, VALID_BEFORE_AT, REF_AT),
            nonce=number(head, NONCE_AT, LENGTH_AT),
        )
        found.append(Signed(message, batch[envelope_at : envelope_at + length]))
        position = envelope_at + length
    if position != len(batch):
        raise Unreadable("BatchMalformed", position)
    return found


def number(field: bytes, start: int, end: int) -> int:
    """A big-endian number."""
    return int.from_bytes(field[start:end], "big")


def expectation(batch: bytes) -> tuple[Verdict | None, list[Signed]]:
    """How these bytes must be refused, or None and what they hold."""
    try:
        return None, reading(batch)
    except Unreadable as unreadable:
        return unreadable.verdict, []


def verdict(onchain: LedgerFixture, batch: bytes) -> Verdict | None:
    """How the ledger refuses these bytes, or None."""
    return refused_call(onchain.ledger.address, packed_call(onchain, batch), onchain.relay)


def check(onchain: LedgerFixture, batch: bytes) -> str:
    """The ledger judges the bytes as `reading` does; which way, for the tests that want to know."""
    expected, payments = expectation(batch)
    if expected is not None:
        assert verdict(onchain, batch) == expected, batch.hex()
        return str(expected[0])
    assert together(onchain, packed_call(onchain, batch)) == together_as_arrays(onchain, payments), (
        batch.hex()
    )
    return "read"


@pytest.fixture(scope="module")
def payers(onchain: LedgerFixture) -> list[SigningKey]:
    """One for each kind of key, 500 euros each."""
    return [onchain.person(f"payer {kind}", key_kind=kind, money=500_00) for kind in KINDS]


@pytest.fixture(scope="module")
def small(onchain: LedgerFixture, payers: list[SigningKey], bakery: Any, bob: Any) -> bytes:
    """Two items to two payees: the shortest batch in which everything occurs."""
    for_a_day = chain.time() + 86_400
    return packed(
        [
            onchain.payment(payers[0], bakery, 3_20, valid_before=for_a_day),
            onchain.payment(payers[1], bob, 4_50, valid_before=for_a_day),
        ]
    )


def test_the_documented_batch_is_read(onchain: LedgerFixture, small: bytes) -> None:
    assert check(onchain, small) == "read"
    with undone():
        assert skips_of(send(onchain, onchain.relay, onchain.ledger.settlePacked, small)) == []


def test_a_batch_cut_anywhere_is_refused_whole(onchain: LedgerFixture, small: bytes) -> None:
    before = stored(onchain)
    for length in range(len(small)):
        assert check(onchain, small[:length]) == "BatchMalformed", length
    assert stored(onchain) == before


def test_a_batch_with_anything_behind_it_is_refused_whole(onchain: LedgerFixture, small: bytes) -> None:
    for more in (b"\x00", b"\x01", bytes(FIXED_BYTES), small, small[HEAD_BYTES:]):
        assert verdict(onchain, small + more) == ("BatchMalformed", len(small))


def test_what_is_cut_off_does_not_come_back_from_behind_the_bytes(
    onchain: LedgerFixture, small: bytes
) -> None:
    """The calldata may hold more than the bytes it declares: that is none of the batch."""
    selector = bytes.fromhex(onchain.ledger.settlePacked.signature[2:])
    for missing in (1, 32, 129, 200, len(small) - 2):
        declared = len(small) - missing
        call = selector + (32).to_bytes(32, "big") + declared.to_bytes(32, "big") + small
        found = refused_call(onchain.ledger.address, "0x" + call.hex(), onchain.relay)
        assert found is not None
        assert found == expectation(small[:declared])[0]


@pytest.mark.parametrize("wrong", ["length", "offset", "no length"])
def test_calldata_that_holds_no_bytes_is_refused(onchain: LedgerFixture, small: bytes, wrong: str) -> None:
    selector = bytes.fromhex(onchain.ledger.settlePacked.signature[2:])
    offset = 2**255 if wrong == "offset" else 32
    length = 2**64 if wrong == "length" else len(small) + 1
    call = selector + offset.to_bytes(32, "big")
    if wrong != "no length":
        call += length.to_bytes(32, "big") + small
    assert refused_call(onchain.ledger.address, "0x" + call.hex(), onchain.relay) == BARE_REVERT


@pytest.mark.parametrize("place", range(HEAD_BYTES), ids=["version", "items", "payees"])
def test_every_value_of_the_head(onchain: LedgerFixture, small: bytes, place: int) -> None:
    verdicts = set()
    for value in range(256):
        verdicts.add(check(onchain, small[:place] + bytes([value]) + small[place + 1 :]))
    assert verdicts == {"read", "BatchMalformed"} | ({"TooManyItems"} if place == 1 else set())


def test_every_payees_place_and_every_length(onchain: LedgerFixture, small: bytes) -> None:
    first = HEAD_BYTES + 2 * ADDRESS_BYTES
    for place in range(256):
        met = check(onchain, small[:first] + bytes([place]) + small[first + 1 :])
        assert met == ("read" if place < 2 else "BatchMalformed")
    length_at = first + LENGTH_AT
    proper = number(small, length_at, length_at + 2)
    for length in {*range(0, 400), 2**15, 2**16 - 1, proper}:
        changed = small[:length_at] + length.to_bytes(2, "big") + small[length_at + 2 :]
        assert check(onchain, changed) == ("read" if length == proper else "BatchMalformed")


@pytest.mark.parametrize(
    "batch",
    [b"\x01\x00\x00", b"\x01\x00\x01" + bytes(20), b"\x01\x00\xff" + bytes(255 * 20)],
    ids=["nobody", "one payee", "most payees"],
)
def test_a_batch_of_nothing_settles_nothing(onchain: LedgerFixture, batch: bytes) -> None:
    assert check(onchain, batch) == "read"
    assert verdict(onchain, batch + b"\x00") == ("BatchMalformed", len(batch))


def test_items_without_payees_are_refused(onchain: LedgerFixture) -> None:
    assert verdict(onchain, b"\x01\x01\x00" + bytes(FIXED_BYTES)) == ("BatchMalformed", HEAD_BYTES)


def test_a_batch_takes_two_hundred_and_no_more(onchain: LedgerFixture) -> None:
    item = bytes(FIXED_BYTES)
    most = bytes([VERSION, MAX_ITEMS, 1]) + bytes(20) + item * MAX_ITEMS
    assert check(onchain, most) == "read"
    for items in (MAX_ITEMS + 1, 255):
        too_many = bytes([VERSION, items, 1]) + bytes(20) + item * items
        assert verdict(onchain, too_many) == ("TooManyItems", items, MAX_ITEMS)
    assert verdict(onchain, bytes([VERSION, MAX_ITEMS + 1, 0])) == ("TooManyItems", MAX_ITEMS + 1, MAX_ITEMS)


@pytest.mark.parametrize(
    "change",
    [
        {"value": 0},
        {"value": 2**48 - 1},
        {"valid_before": 0},
        {"valid_before": 2**40 - 1},
        {"nonce": 2**40 - 1},
        {"ref": bytes(32)},
        {"ref": b"\xff" * 32},
        {"payee": "0x" + "00" * 20},
        {"payee": "0x" + "fF" * 20},
        {"payer": "0x" + "00" * 20},
        {"payer": "0x" + "fF" * 20},
    ],
    ids=str,
)
def test_every_field_at_its_bounds_means_the_same_number(
    onchain: LedgerFixture, payers: list[SigningKey], bakery: Any, change: dict[str, Any]
) -> None:
    """Signed as it is, so that a field read wrongly is a bad signature and a skip."""
    for payer in payers:
        message = onchain.payment(payer, bakery, 1_00).message.changed(**change)
        signed = Signed(message, payer.sign(onchain.domain.digest(message.struct_hash())))
        good = onchain.payment(payer, bakery, 1_00, nonce=3)
        assert check(onchain, packed([good, signed, good])) == "read"


def test_payees_may_be_listed_twice_or_for_nothing(
    onchain: LedgerFixture, payers: list[SigningKey], bakery: Any
) -> None:
    """They are a table: what counts is the place an item names."""
    signed = onchain.payment(payers[0], bakery, 1_00)
    usual = packed([signed])
    payee = usual[HEAD_BYTES : HEAD_BYTES + ADDRESS_BYTES]
    table = bytes(20) + payee + b"\xff" * 20 + payee
    item = usual[HEAD_BYTES + ADDRESS_BYTES + 1 :]
    for place in (1, 3):
        batch = bytes([VERSION, 1, 4]) + table + bytes([place]) + item
        assert check(onchain, batch) == "read"
        with undone():
            assert skips_of(send(onchain, onchain.relay, onchain.ledger.settlePacked, batch)) == []
    for place, reason in ((0, "BadSignature"), (2, "BadSignature"), (4, "BatchMalformed")):
        batch = bytes([VERSION, 1, 4]) + table + bytes([place]) + item
        if reason == "BatchMalformed":
            assert verdict(onchain, batch) == (reason, HEAD_BYTES + len(table))
            continue
        with undone():
            assert skips_of(send(onchain, onchain.relay, onchain.ledger.settlePacked, batch)) == [(0, reason)]


@pytest.mark.parametrize("length", [0, 1, 65, 67, MAX_ENVELOPE_BYTES, MAX_ENVELOPE_BYTES + 1, 2**16 - 1])
def test_an_envelope_of_any_length_hurts_only_its_item(
    onchain: LedgerFixture, payers: list[SigningKey], bakery: Any, length: int
) -> None:
    neighbours = [onchain.payment(payers[1], bakery, 1_00, nonce=nonce) for nonce in range(2)]
    for kind in (0, *KINDS, 4, 255):
        long = Signed(onchain.payment(payers[0], bakery, 1_00).message, bytes([kind]) * length)
        batch = packed([neighbours[0], long, neighbours[1]])
        assert check(onchain, batch) == "read"
        with undone():
            found = skips_of(send(onchain, onchain.relay, onchain.ledger.settlePacked, batch))
        assert found == [(1, "BadSignature")]


PROPERTY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["change", "insert", "remove", "double"]),
        st.integers(0, 400),
        st.one_of(st.sampled_from([0, 1, 2, 255]), st.integers(0, 255)),
    ),
    min_size=1,
    max_size=4,
)


@PROPERTY
@given(edits=EDITS)
def test_an_edited_batch_is_what_can_be_read_of_it(
    onchain: LedgerFixture, small: bytes, edits: list[Any]
) -> None:
    batch = bytearray(small)
    for what, at, byte in edits:
        place = at % (len(batch) + 1)
        if what == "change" and place < len(batch):
            batch[place] = byte
        elif what == "insert":
            batch[place:place] = bytes([byte])
        elif what == "remove":
            del batch[place : place + byte]
        elif what == "double":
            batch[place:place] = batch[place : place + byte]
    check(onchain, bytes(batch))


@PROPERTY
@given(
    head=st.tuples(st.sampled_from([1, 1, 1, 0, 2]), st.integers(0, 4), st.integers(0, 3)),
    rest=st.binary(max_size=400),
)
def test_random_bytes_are_what_can_be_read_of_them(
    onchain: LedgerFixture, head: tuple[int, ...], rest: bytes
) -> None:
    check(onchain, bytes(head) + rest)


@PROPERTY
@given(
    places=st.lists(st.integers(0, 255), max_size=4),
    envelopes=st.lists(st.binary(max_size=140), max_size=4),
    payees=st.integers(0, 3),
)
def test_well_formed_nonsense_is_read_and_skipped(
    onchain: LedgerFixture, places: list[int], envelopes: list[bytes], payees: int
) -> None:
    """The right shape around random signatures: most of it is read to its end."""
    items = list(zip(places, envelopes, strict=False))
    batch = bytes([VERSION, len(items), payees]) + bytes(range(20)) * payees
    for place, envelope in items:
        fixed = bytes([place % 3]) + bytes(range(LENGTH_AT - 1))
        batch += fixed + len(envelope).to_bytes(2, "big") + envelope
    check(onchain, batch)


def test_both_short_kinds_of_envelope_are_in_the_small_batch(small: bytes) -> None:
    assert [signed.envelope[0] for signed in reading(small)] == [SECP256K1, P256]
