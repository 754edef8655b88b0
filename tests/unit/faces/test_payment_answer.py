"""Sending a payment answers by hand what its model says: the one answer FastAPI does not check."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.web import WALLET_ORIGIN, client_of
from wallet_service.faces.apps import wallet_app
from wallet_service.faces.shell.security import MEMBER_COOKIE
from wallet_service.payments.models import Payment, Purpose
from wallet_service.payments.schemas import PaymentAnswer
from wallet_service.payments.states import PaymentState
from wallet_service.platform.settings import Settings
from wallet_service.protocol.clock import SystemClock
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.signing.typed_data import PaymentMessage

REF = "0x" + "ab" * 32
ACCEPTED = Payment(
    PaymentMessage("0x" + "11" * 20, "0x" + "22" * 20, 1_250, REF, 1_795_500_000, 7),
    purpose=Purpose.SALE,
    state=PaymentState.ACCEPTED,
    payer_member_id="PAYER",
    payee_member_id="PAYEE",
    sale_id="0123456789ABCDEF",
    refund_of_ref=None,
    refund_request_id=None,
    refusal_code=None,
    accepted_at_unix_ms=1_795_499_990_000,
    final_at_unix_ms=None,
)
ORDER = {
    "from": ACCEPTED.from_address,
    "to": ACCEPTED.to_address,
    "amount_cents": 1_250,
    "ref": REF,
    "valid_before_unix_s": 1_795_500_000,
    "nonce": "7",
    "signature": "0x" + "ab" * 129,
    "sale_id": "0123456789ABCDEF",
}
REFUSED = replace(ACCEPTED, state=PaymentState.REFUSED, refusal_code="payment.balance_too_low")


class Door:
    """Payments that come whole, or that the route itself must answer."""

    def __init__(self, payment: Payment, *, is_whole: bool) -> None:
        self._payment, self._is_whole = payment, is_whole

    def read(self, sent: object) -> object:
        if not self._is_whole:
            raise BadSignature("left to the route")
        return sent

    async def pay_asked(self, asker: object, order: object) -> Payment:
        return self._payment

    def pay(self, member_id: str, sent: object) -> Payment:
        assert not self._is_whole
        return self._payment


@pytest.mark.parametrize("is_whole", [True, False], ids=["by the door", "by the route"])
@pytest.mark.parametrize("payment", [ACCEPTED, REFUSED], ids=["accepted", "refused"])
def test_a_payment_is_answered_as_its_model_says(payment: Payment, is_whole: bool) -> None:
    session = SimpleNamespace(
        id="S",
        subject_kind="member",
        subject_id="PAYER",
        csrf_token="token",
        method="device",
        opened_at_unix_ms=0,
        authenticator="",
    )
    services: Any = SimpleNamespace(
        settings=Settings(environment="test", wallet_origin=WALLET_ORIGIN),
        clock=SystemClock(),
        sessions=SimpleNamespace(find=lambda token: session),
        payments=Door(payment, is_whole=is_whole),
    )
    client = client_of(wallet_app(services))  # checks the answer against docs/openapi.json
    client.cookies.set(MEMBER_COOKIE, "token")
    answer = client.post("/v1/payments", json=ORDER, headers={"X-CSRF-Token": "token"})
    assert (answer.status_code, answer.headers["content-type"]) == (202, "application/json")
    shown = PaymentAnswer.model_validate(answer.json())
    assert set(answer.json()) == set(PaymentAnswer.model_fields)
    assert (shown.ref, shown.amount_cents) == (REF, 1_250)
    assert (shown.refusal_detail is None) == (payment.refusal_code is None)
