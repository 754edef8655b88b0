"""Calls, results, events and errors in bytes, checked against eth_abi.

And the books that follow from events.
"""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from wallet_service.chain.ledger.codec import ArgumentsInvalid, LedgerCodec, LogUnknown
from wallet_service.chain.ledger.postings import changes_by_account, postings_of
from wallet_service.chain.ports import ChainEvent, SignedPayment
from wallet_service.chain.sending.commands import SqlCommandQueue
from wallet_service.protocol.clock import VirtualClock
from wallet_service.protocol.signing.addresses import ZERO_ADDRESS
from wallet_service.protocol.signing.typed_data import PaymentMessage

A, B = "0x" + "aa" * 20, "0x" + "bb" * 20
REF = "0x" + "12" * 32
_PAYMENT = [
    {"name": "from", "type": "address"},
    {"name": "to", "type": "address"},
    {"name": "value", "type": "uint256"},
    {"name": "ref", "type": "bytes32"},
    {"name": "validBefore", "type": "uint256"},
    {"name": "nonce", "type": "uint256"},
]
ABI: list[dict[str, Any]] = [
    {
        "type": "function",
        "name": "settle",
        "inputs": [
            {"name": "payments", "type": "tuple[]", "components": _PAYMENT},
            {"name": "signatures", "type": "bytes[]"},
        ],
        "outputs": [{"name": "settledCount", "type": "uint256"}],
    },
    {
        "type": "function",
        "name": "settlePacked",
        "inputs": [{"name": "batch", "type": "bytes"}],
        "outputs": [{"name": "settledCount", "type": "uint256"}],
    },
    {
        "type": "function",
        "name": "mint",
        "inputs": [
            {"name": "to", "type": "address"},
            {"name": "value", "type": "uint256"},
            {"name": "ref", "type": "bytes32"},
        ],
        "outputs": [],
    },
    {
        "type": "function",
        "name": "reserve",
        "inputs": [],
        "outputs": [{"name": "amount", "type": "uint256"}, {"name": "attester", "type": "address"}],
    },
    {
        "type": "event",
        "name": "Transfer",
        "inputs": [
            {"name": "from", "type": "address", "indexed": True},
            {"name": "to", "type": "address", "indexed": True},
            {"name": "value", "type": "uint256", "indexed": False},
        ],
    },
    {
        "type": "event",
        "name": "TierLimitsChanged",
        "inputs": [
            {"name": "tier", "type": "uint8", "indexed": True},
            {
                "name": "limits",
                "type": "tuple",
                "indexed": False,
                "components": [
                    {"name": "maxBalance", "type": "uint64"},
                    {"name": "maxPayment", "type": "uint64"},
                ],
            },
        ],
    },
    {
        "type": "event",
        "name": "Frozen",
        "inputs": [
            {"name": "account", "type": "address", "indexed": True},
            {"name": "incoming", "type": "bool", "indexed": False},
            {"name": "reason", "type": "bytes4", "indexed": False},
        ],
    },
    {
        "type": "error",
        "name": "NonceUsed",
        "inputs": [{"name": "account", "type": "address"}, {"name": "nonce", "type": "uint256"}],
    },
]
CODEC = LedgerCodec(ABI)


def _topic(signature: str) -> str:
    return "0x" + keccak(text=signature).hex()


def _word(address: str) -> str:
    return "0x" + "00" * 12 + address[2:]


def _signed(value: int, nonce: int, valid_before: int = 10**9, payee: str = B) -> SignedPayment:
    return SignedPayment(
        PaymentMessage(A, payee, value, REF, valid_before, nonce), b"\x02" + bytes([nonce % 256]) * 128
    )


def test_a_settlement_is_the_short_form_field_by_field() -> None:
    """Written out by hand after contracts/PackedBatch.sol: a payee stands once, whoever pays it."""
    payments = [_signed(1, 0), _signed(2**48 - 1, 2**40 - 1, 2**40 - 1, payee=A), _signed(3, 7)]

    def item(place: str, value: str, valid_before: str, nonce: str, signature: bytes) -> str:
        return place + A[2:] + value + valid_before + REF[2:] + nonce + "0081" + signature.hex()

    batch = "010302" + B[2:] + A[2:]
    batch += item("00", "000000000001", "003b9aca00", "0000000000", payments[0].signature)
    batch += item("01", "ff" * 6, "ff" * 5, "ff" * 5, payments[1].signature)
    batch += item("00", "000000000003", "003b9aca00", "0000000007", payments[2].signature)
    assert CODEC.settle_data(payments) == CODEC.call_data("settlePacked", ["0x" + batch])


@pytest.mark.parametrize(
    "wide", [_signed(2**48, 1), _signed(1, 2**40), _signed(1, 2**255), _signed(1, 1, valid_before=2**40)]
)
def test_a_settlement_with_a_wide_number_takes_the_general_form(wide: SignedPayment) -> None:
    payments = [_signed(1, 0), wide]
    arguments = [
        [[A, B, one.message.value, REF, one.message.valid_before, one.message.nonce] for one in payments],
        [one.signature for one in payments],
    ]
    assert CODEC.settle_data(payments) == CODEC.call_data("settle", arguments)


def test_no_batch_is_larger_than_the_sum_of_its_payments_says() -> None:
    for payments in (
        [_signed(1, nonce) for nonce in range(40)],
        [_signed(1, 2**40 + one) for one in range(40)],
    ):
        bound = sum(CODEC.settle_bytes_of(one) for one in payments)
        assert len(CODEC.settle_data(payments)) <= bound + 300


def test_a_call_takes_json_values() -> None:
    expected = keccak(text="mint(address,uint256,bytes32)")[:4] + encode(
        ["address", "uint256", "bytes32"], [A, 2**60, bytes.fromhex(REF[2:])]
    )
    assert CODEC.call_data("mint", [A, str(2**60), REF]) == expected


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("burnEverything", []),
        ("mint", [A, 1]),
        ("mint", ["nobody", 1, REF]),
        ("mint", [A, -1, REF]),
        ("mint", [A, True, REF]),
        ("mint", [A, 1.5, REF]),
        ("mint", [A, 1, "0xzz"]),
        ("settle", [[[A, B, 1]], [b""]]),
        ("settle", [5, []]),
    ],
)
def test_arguments_that_do_not_fit_are_refused(function: str, arguments: list[Any]) -> None:
    with pytest.raises(ArgumentsInvalid):
        CODEC.call_data(function, arguments)


def test_results_come_as_a_value_or_by_names() -> None:
    assert CODEC.result("settle", "0x" + encode(["uint256"], [7]).hex()) == 7
    both = "0x" + encode(["uint256", "address"], [9, A]).hex()
    assert CODEC.result("reserve", both) == {"amount": 9, "attester": A}
    with pytest.raises(LogUnknown):
        CODEC.result("reserve", "0x")


def test_events_are_decoded_by_names_in_the_abis_order() -> None:
    topics = [_topic("Transfer(address,address,uint256)"), _word(A), _word(B)]
    assert CODEC.event(topics, "0x" + encode(["uint256"], [2**200]).hex()) == (
        "Transfer",
        {"from": A, "to": B, "value": 2**200},
    )
    topics = [_topic("TierLimitsChanged(uint8,(uint64,uint64))"), "0x" + "00" * 31 + "02"]
    assert CODEC.event(topics, "0x" + encode(["(uint64,uint64)"], [(5, 6)]).hex()) == (
        "TierLimitsChanged",
        {"tier": 2, "limits": {"maxBalance": 5, "maxPayment": 6}},
    )
    topics = [_topic("Frozen(address,bool,bytes4)"), _word(A)]
    assert CODEC.event(topics, "0x" + encode(["bool", "bytes4"], [True, b"\x01\x02\x03\x04"]).hex())[1] == {
        "account": A,
        "incoming": True,
        "reason": "0x01020304",
    }


@pytest.mark.parametrize(
    ("topics", "data"),
    [
        ([], "0x"),
        (["0x" + "00" * 32], "0x"),
        ([_topic("Transfer(address,address,uint256)"), _word(A)], "0x" + "00" * 32),
        ([_topic("Transfer(address,address,uint256)"), _word(A), _word(B)], "0x" + "00" * 31),
        ([_topic("Transfer(address,address,uint256)"), _word(A), "0x01"], "0x" + "00" * 32),
        ([_topic("TierLimitsChanged(uint8,(uint64,uint64))"), "0x" + "00" * 32], "0x00"),
    ],
)
def test_logs_that_are_not_the_ledgers_are_refused(topics: list[str], data: str) -> None:
    with pytest.raises(LogUnknown):
        CODEC.event(topics, data)


def test_errors_are_named_with_their_values() -> None:
    selector = keccak(text="NonceUsed(address,uint256)")[:4]
    found = CODEC.error("0x" + (selector + encode(["address", "uint256"], [A, 3])).hex())
    assert (found.name, found.values) == ("NonceUsed", {"account": A, "nonce": 3})
    assert str(found) == f"NonceUsed(account={A}, nonce=3)"
    assert CODEC.error_name("0x" + selector.hex()) == "NonceUsed"
    assert CODEC.error_name("0x00000000") == "unknown"
    reason = keccak(text="Error(string)")[:4] + encode(["string"], ["no"])
    assert CODEC.error("0x" + reason.hex()).values == {"message": "no"}
    panic = keccak(text="Panic(uint256)")[:4] + encode(["uint256"], [0x11])
    assert CODEC.error("0x" + panic.hex()).name == "Panic"
    for broken in ("", "0x", "0x1234", "0xdeadbeef", "0x" + selector.hex() + "00"):
        assert CODEC.error(broken).name == "unknown"


def _event(name: str, log_index: int, transaction: str = "0x01", **arguments: Any) -> ChainEvent:
    return ChainEvent(name, arguments, 5, log_index, transaction, 1_000)


def _transfer(
    log_index: int, sender: str, receiver: str, value: int, transaction: str = "0x01"
) -> ChainEvent:
    return _event("Transfer", log_index, transaction, **{"from": sender, "to": receiver, "value": value})


def test_a_transfer_takes_its_kind_from_the_event_right_behind_it() -> None:
    events = [
        _transfer(0, ZERO_ADDRESS, A, 100),
        _event("Minted", 1, to=A, ref=REF, value=100),
        _transfer(2, A, B, 30, "0x02"),
        _event("PaymentSettled", 3, "0x02", ref=REF, value=30),
        _transfer(4, A, B, 5, "0x03"),
        _transfer(5, A, B, 5, "0x04"),
        _event("PaymentSettled", 7, "0x04", ref=REF, value=5),  # not right behind
        _transfer(8, B, ZERO_ADDRESS, 1, "0x05"),
    ]
    postings = postings_of(events)
    assert [(one.kind, one.ref) for one in postings if one.leg == 1] == [
        ("mint", REF),
        ("payment", REF),
        ("transfer", None),
        ("transfer", None),
        ("burn", None),
    ]
    assert sum(one.amount_cents for one in postings) == 0
    assert changes_by_account(postings) == {ZERO_ADDRESS: -99, A: 60, B: 39}


def test_an_explanation_with_another_amount_or_transaction_explains_nothing() -> None:
    for other in (
        _event("PaymentSettled", 1, ref=REF, value=31),
        _event("PaymentSettled", 1, "0x02", ref=REF, value=30),
    ):
        (debit, _) = postings_of([_transfer(0, A, B, 30), other])
        assert (debit.kind, debit.ref) == ("transfer", None)


def test_a_command_refuses_what_json_would_change() -> None:
    queue = SqlCommandQueue(VirtualClock(0))
    for arguments in ([1.5], [{"a": 1}], [object()]):
        with pytest.raises(TypeError):
            queue.queue_command(None, "mint", arguments, "ISSUER", "ref")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="known role"):
        queue.queue_command(None, "mint", [], "NOBODY", "ref")  # type: ignore[arg-type]
