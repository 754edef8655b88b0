"""The door for signed payments: reads what a phone sent, checks the signature, hands it to the acceptor.

Owns no rule about money (see `decisions`) and no transaction (see `accept`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from wallet_service.payments import errors, repository
from wallet_service.payments.group_commit import GroupCommit
from wallet_service.payments.models import Payment, PaymentOrder
from wallet_service.protocol.addresses import normal_address
from wallet_service.protocol.envelope import (
    MAX_ENVELOPE_BYTES,
    EnvelopeKind,
    parse_envelope,
    signer_address,
)
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.identifiers import normal_word
from wallet_service.protocol.money import MAX_AMOUNT_CENTS
from wallet_service.protocol.typed_data import MAX_UINT256, Domain, PaymentMessage


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """A signed payment as texts and numbers, as it came over HTTP. `signature` is 0x hex of an envelope."""

    from_address: str
    to_address: str
    amount_cents: int
    ref: str
    valid_before_unix_s: int
    nonce: str
    signature: str
    sale_id: str | None = None
    refund_request_id: str | None = None


class Payments:
    def __init__(self, engine: Engine, domain: Callable[[], Domain], acceptor: GroupCommit) -> None:
        self._engine = engine
        self._domain = domain
        self._acceptor = acceptor

    def pay(self, member_id: str, request: PaymentRequest) -> Payment:
        """Records a signed payment of `member_id`, once, whatever number of times it is sent.

        Raises BadSignature, AddressInvalid, WordInvalid, NotYourAccount, and every refusal of `decisions`.
        """
        order = signed_order(request, self._domain())
        with repository.reading(self._engine) as connection:
            party = repository.party_by_id(connection, member_id)
        if party is None or party.account_address != order.from_address:
            raise errors.NotYourAccount()
        return self._acceptor.accept(order)

    def find(self, member_id: str, ref: str) -> Payment:
        """The payment with that reference, for its payer or payee. Raises PaymentNotFound, WordInvalid."""
        with repository.reading(self._engine) as connection:
            payment = repository.payment_by_ref(connection, normal_word(ref))
        if payment is None or member_id not in (payment.payer_member_id, payment.payee_member_id):
            raise errors.PaymentNotFound()
        return payment


def signed_order(request: PaymentRequest, domain: Domain) -> PaymentOrder:
    """The order, with who signed it. Raises BadSignature, AddressInvalid, WordInvalid, AmountNotAllowed."""
    if not 0 < request.amount_cents <= MAX_AMOUNT_CENTS:
        raise errors.AmountNotAllowed(amount_cents=request.amount_cents)
    if not request.nonce.isascii() or not request.nonce.isdecimal() or int(request.nonce) > MAX_UINT256:
        raise errors.NonceInvalid()
    message = PaymentMessage(
        from_address=normal_address(request.from_address),
        to_address=normal_address(request.to_address),
        value=request.amount_cents,
        ref=normal_word(request.ref),
        valid_before=request.valid_before_unix_s,
        nonce=int(request.nonce),
    )
    signature = _envelope_bytes(request.signature)
    envelope = parse_envelope(signature)
    return PaymentOrder(
        from_address=message.from_address,
        to_address=message.to_address,
        amount_cents=message.value,
        ref=message.ref,
        valid_before_unix_s=message.valid_before,
        nonce=message.nonce,
        signature=signature,
        signer_address=signer_address(envelope, message.digest(domain)),
        by_passkey=envelope.kind is EnvelopeKind.PASSKEY,
        sale_id=request.sale_id,
        refund_request_id=request.refund_request_id,
    )


def _envelope_bytes(text: str) -> bytes:
    if not text.startswith("0x") or len(text) > 2 + 2 * MAX_ENVELOPE_BYTES:
        raise BadSignature("not 0x hex, or too long")
    try:
        return bytes.fromhex(text[2:])
    except ValueError:
        raise BadSignature("not hex") from None
