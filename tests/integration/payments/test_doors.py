"""What never reaches the acceptor: names without form, passkeys of other sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.support.web import WALLET_ORIGIN
from wallet_service.payments.accept import Answer
from wallet_service.payments.errors import NotYourAccount
from wallet_service.payments.models import PaymentOrder
from wallet_service.payments.schemas import PaymentBody
from wallet_service.payments.service import GroupCommit, Payments
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.envelope import PasskeySite, p256_address, sign_p256, sign_passkey
from wallet_service.protocol.signing.typed_data import Domain, PaymentMessage
from wallet_service.protocol.text.identifiers import new_id, new_ref, new_sale_id
from wallet_service.sales.errors import RefundNotFound, SaleNotFound

DOMAIN = Domain("l'alba test", "1", 61_451, "0x" + "ab" * 20)
KEY = p256.private_key_of(7)


def sent(order: PaymentMessage, envelope: bytes, **names: Any) -> PaymentBody:
    """As it came over HTTP, its names unchecked."""
    return PaymentBody.model_construct(
        from_address=order.from_address,
        to_address=order.to_address,
        amount_cents=order.value,
        ref=order.ref,
        valid_before_unix_s=order.valid_before,
        nonce=str(order.nonce),
        signature="0x" + envelope.hex(),
        **names,
    )


def never(orders: Sequence[PaymentOrder]) -> list[Answer]:
    raise AssertionError("nothing here is anybody's account: no batch is made")


@pytest.fixture
def payments(sqlite_engine: Engine) -> Payments:
    site = PasskeySite(WALLET_ORIGIN)
    return Payments(sqlite_engine, lambda: DOMAIN, GroupCommit(never), site)


def message() -> PaymentMessage:
    return PaymentMessage(p256_address(KEY), "0x" + "cd" * 20, 1250, new_ref(), 1_795_500_100, 0)


def answer(payments: Payments, body: PaymentBody) -> type[Refusal] | type[BadSignature]:
    with pytest.raises((Refusal, BadSignature)) as refused:
        payments.pay("NOBODY", body)
    return refused.type


@pytest.mark.parametrize("name", ["\0" * 16, "", "X", "0" * 15 + "\n", "O" * 16, "é" * 16])
def test_a_sale_or_refund_whose_name_has_no_form_fails_no_batch(payments: Payments, name: str) -> None:
    """PostgreSQL holds no NUL: one order with one failed everybody's three times over."""
    order = message()
    signed = sign_p256(KEY, order.digest(DOMAIN))
    assert answer(payments, sent(order, signed, sale_id=name)) is SaleNotFound
    assert answer(payments, sent(order, signed, refund_request_id=name)) is RefundNotFound
    well_formed = sent(order, signed, sale_id=new_sale_id(), refund_request_id=new_id())
    assert answer(payments, well_formed) is NotYourAccount  # asked of the database


@pytest.mark.parametrize(
    ("relying_party", "origin", "refusal"),
    [
        ("localhost", WALLET_ORIGIN, NotYourAccount),
        ("evil.example", WALLET_ORIGIN, BadSignature),
        ("localhost", "https://evil.example", BadSignature),
    ],
)
def test_a_payment_is_signed_by_a_passkey_of_this_site(
    payments: Payments, relying_party: str, origin: str, refusal: type[Exception]
) -> None:
    order = message()
    signed = sign_passkey(KEY, order.digest(DOMAIN), relying_party=relying_party, origin=origin)
    assert answer(payments, sent(order, signed)) is refusal
