"""A redemption signed with a passkey counts only when that signed on the wallet's own site."""

from __future__ import annotations

import pytest

from tests.support.bank_fixtures import SALES_CENTS
from tests.support.bank_side import SHOP_PAYEE, SITE, BankSide
from tests.support.fake_ledger import DOMAIN
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.signing.envelope import p256_address, sign_passkey
from wallet_service.protocol.signing.typed_data import RedemptionMessage
from wallet_service.redemptions.decisions import RedemptionOrder


def by_passkey(
    side: BankSide, member_id: str, relying_party: str, origin: str
) -> tuple[RedemptionOrder, bytes]:
    """The device's key stands for the passkey's: both are P-256."""
    order, _ = side.signed(member_id, 100_00)
    key = side.keys[member_id]
    message = RedemptionMessage(
        p256_address(key),
        order.amount_cents,
        side.redemptions.quote(member_id, order.amount_cents, SHOP_PAYEE).payee_hash,
        order.ref,
        order.valid_before_unix_s,
        order.nonce,
    )
    return order, sign_passkey(key, message.digest(DOMAIN), relying_party=relying_party, origin=origin)


@pytest.mark.parametrize(
    ("relying_party", "origin"),
    [("evil.example", SITE.origin), ("localhost", "https://evil.example"), ("localhost", SITE.origin + "/")],
)
def test_a_passkey_of_another_site_redeems_nothing(
    side: BankSide, shop: str, relying_party: str, origin: str
) -> None:
    order, signature = by_passkey(side, shop, relying_party, origin)
    with pytest.raises(BadSignature) as refused:
        side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    assert refused.value.reason.startswith("the passkey signed")
    assert side.balance(shop) == (SALES_CENTS, 0)


def test_a_passkey_of_this_site_redeems(side: BankSide, shop: str) -> None:
    order, signature = by_passkey(side, shop, "localhost", SITE.origin)
    assert side.redemptions.request(shop, order, SHOP_PAYEE, signature).state == "requested"
    assert side.balance(shop) == (SALES_CENTS, 100_00)
