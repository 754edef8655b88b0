"""A batch of payments as the bytes `settlePacked` takes (contracts/PackedBatch.sol). Pure.

Nothing stands in it twice and nothing is padded, which spares 1 400 gas a payment of the ABI's form.
"""

from __future__ import annotations

from collections.abc import Sequence

from wallet_service.chain.ports import SignedPayment
from wallet_service.protocol.signing.addresses import address_bytes
from wallet_service.protocol.signing.envelope import compacted

VERSION = 1
PAYEE_INDEX_BYTES, VALUE_BYTES, VALID_BEFORE_BYTES, NONCE_BYTES, LENGTH_BYTES = 1, 6, 5, 5, 2
MAX_ITEMS = 255


def fits(payment: SignedPayment) -> bool:
    """Whether the payment's numbers are as narrow as the form's fields; wallets never make wider ones."""
    message = payment.message
    return (
        message.value < 1 << 8 * VALUE_BYTES
        and message.valid_before < 1 << 8 * VALID_BEFORE_BYTES
        and message.nonce < 1 << 8 * NONCE_BYTES
        and len(payment.signature) < 1 << 8 * LENGTH_BYTES
    )


def pack(payments: Sequence[SignedPayment]) -> bytes:
    """The batch; every payment must fit. Payees stand once, in the order of their first payment."""
    if len(payments) > MAX_ITEMS:
        raise ValueError("a batch has at most 255 items")
    payee_indexes: dict[str, int] = {}
    items = []
    for payment in payments:
        message, signature = payment.message, compacted(payment.signature)
        payee_index = payee_indexes.setdefault(message.to_address, len(payee_indexes))
        items += [
            payee_index.to_bytes(PAYEE_INDEX_BYTES, "big"),
            address_bytes(message.from_address),
            message.value.to_bytes(VALUE_BYTES, "big"),
            message.valid_before.to_bytes(VALID_BEFORE_BYTES, "big"),
            bytes.fromhex(message.ref[2:]),
            message.nonce.to_bytes(NONCE_BYTES, "big"),
            len(signature).to_bytes(LENGTH_BYTES, "big"),
            signature,
        ]
    head = bytes([VERSION, len(payments), len(payee_indexes)])
    return head + b"".join(map(address_bytes, payee_indexes)) + b"".join(items)
