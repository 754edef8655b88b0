"""Above a tier's floors only a passkey will do, by whatever way money leaves an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from brownie import chain
from eth_abi import encode
from eth_utils import keccak
from ledger_fixture import (
    DAY_S,
    PROFESSIONAL,
    STOP_REDEEMING,
    LedgerFixture,
    Signed,
    refusal,
    skipped,
)
from signing import P256, PASSKEY, SECP256K1, SigningKey

PER_PAYMENT, PER_DAY = 20_00, 50_00
HIGHEST_PER_DAY = 2**31 - 2
SPENT_TODAY_AT, SPENT_TODAY_WIDTH = 44, 32
AUTHORIZATION = "TransferWithAuthorization"
MEMBERS = "(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
TYPES = ["bytes32", "address", "address", "uint256", "uint256", "uint256", "bytes32"]
Call = tuple[Any, ...]


@pytest.fixture(scope="module")
def shop(onchain: LedgerFixture) -> SigningKey:
    """A merchant with a plain key and 2 000 euros, who may also redeem and fund."""
    return onchain.shop("shop", key_kind=SECP256K1, money=2_000_00)


@pytest.fixture(scope="module")
def passkey_shop(onchain: LedgerFixture) -> SigningKey:
    """A merchant whose own key signs assertions, and nobody has said that it is a passkey."""
    return onchain.shop("a shop of assertions", key_kind=PASSKEY, money=100_00)


@pytest.fixture(scope="module")
def passkey(onchain: LedgerFixture, shop: SigningKey) -> SigningKey:
    key = SigningKey("the shop's passkey", PASSKEY)
    onchain.add_signer(shop, key, PASSKEY)
    return key


@pytest.fixture(scope="module")
def device(onchain: LedgerFixture, shop: SigningKey) -> SigningKey:
    key = SigningKey("the shop's device", P256)
    onchain.add_signer(shop, key, P256)
    return key


@pytest.fixture(scope="module")
def spent_campaign(onchain: LedgerFixture) -> bytes:
    """A campaign whose share of a payment is as good as nothing: the payer's own part is all of it."""
    return onchain.open_campaign(onchain.shop("funder", money=1_00), 1_00, share_basis_points=1)


@pytest.fixture
def floors(onchain: LedgerFixture) -> None:
    """Professionals: above 20 euros, or above 50 euros a day, by passkey only."""
    set_floors(onchain, PER_PAYMENT, PER_DAY)


def set_floors(onchain: LedgerFixture, per_payment: int, per_day: int) -> None:
    onchain.ledger.setPasskeyFloors(
        PROFESSIONAL, (per_payment, per_day), {"from": onchain.officers["GOVERNOR"]}
    )


def authorized(
    onchain: LedgerFixture, shop: SigningKey, payee: Any, value: int, signer: SigningKey, kind: str
) -> Call:
    """The arguments of an authorization by bytes."""
    values = [shop.address, str(payee), value, 0, chain.time() + 3600, onchain.ref()]
    struct_hash = keccak(encode(TYPES, [keccak(text=kind + MEMBERS), *values]))
    return (*values, signer.sign(onchain.domain.digest(struct_hash)))


def by_message(method: Any, signed: Signed, onchain: LedgerFixture) -> Call:
    return method, *signed.arguments(), onchain.relay


@pytest.fixture
def ways(
    onchain: LedgerFixture, shop: SigningKey, bakery: Any, spent_campaign: bytes
) -> dict[str, Callable[..., Call]]:
    """Every signed way out of the shop's account."""
    return ways_out(onchain, shop, bakery, spent_campaign)


def ways_out(
    onchain: LedgerFixture, shop: SigningKey, bakery: Any, spent_campaign: bytes
) -> dict[str, Callable[..., Call]]:
    """Every signed way out: (method, arguments, sender) for a value and a signer."""
    ledger = onchain.ledger
    return {
        "payment": lambda value, signer: by_message(
            ledger.pay, onchain.payment(shop, bakery, value, signer), onchain
        ),
        "redemption": lambda value, signer: by_message(
            ledger.requestRedemption, onchain.redemption(shop, value, signer), onchain
        ),
        "campaign": lambda value, signer: by_message(
            ledger.openCampaign, onchain.campaign(shop, value, signer), onchain
        ),
        "benefit": lambda value, signer: by_message(
            ledger.payWithBenefit, onchain.benefit(shop, bakery, value, spent_campaign, signer), onchain
        ),
        "transfer authorization": lambda value, signer: (
            ledger.transferWithAuthorization,
            *authorized(onchain, shop, bakery.address, value, signer, AUTHORIZATION),
            onchain.relay,
        ),
        "receive authorization": lambda value, signer: (
            ledger.receiveWithAuthorization,
            *authorized(onchain, shop, bakery.address, value, signer, "ReceiveWithAuthorization"),
            bakery.address,
        ),
    }


WAYS = (
    "payment",
    "redemption",
    "campaign",
    "benefit",
    "transfer authorization",
    "receive authorization",
)


def refused(call: Call) -> tuple[Any, ...] | None:
    method, *arguments, sender = call
    return refusal(method, *arguments, sender=sender)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("key", ["own", "device"])
def test_above_the_floor_no_other_key_will_do(
    onchain: LedgerFixture,
    ways: Any,
    shop: SigningKey,
    device: SigningKey,
    passkey: SigningKey,
    floors: None,
    way: str,
    key: str,
) -> None:
    assert set(ways) == set(WAYS)
    signer = {"own": shop, "device": device}[key]
    assert refused(ways[way](PER_PAYMENT, signer)) is None
    above = PER_PAYMENT + 1
    assert refused(ways[way](above, signer)) == ("PasskeyRequired", shop.address.lower(), above, above)
    assert refused(ways[way](above, passkey)) is None


@pytest.mark.parametrize("way", WAYS)
def test_an_own_key_is_a_passkey_only_when_it_was_registered_as_one(
    onchain: LedgerFixture,
    passkey_shop: SigningKey,
    bakery: Any,
    spent_campaign: bytes,
    floors: None,
    way: str,
) -> None:
    """A device key signs bytes shaped like an assertion as easily as any others."""
    call = ways_out(onchain, passkey_shop, bakery, spent_campaign)[way]
    above = PER_PAYMENT + 1
    assert refused(call(PER_PAYMENT, passkey_shop)) is None
    found = refused(call(above, passkey_shop))
    assert found == ("PasskeyRequired", passkey_shop.address.lower(), above, above)
    onchain.add_signer(passkey_shop, passkey_shop, PASSKEY)
    assert refused(call(above, passkey_shop)) is None
    onchain.add_signer(passkey_shop, passkey_shop, P256)
    assert refused(call(above, passkey_shop)) == found


@pytest.mark.parametrize("way", WAYS)
def test_with_what_was_spent_today_it_is_asked_for_too(
    onchain: LedgerFixture,
    ways: Any,
    shop: SigningKey,
    bakery: Any,
    passkey: SigningKey,
    floors: None,
    way: str,
) -> None:
    for _ in range(2):
        onchain.pay(onchain.payment(shop, bakery, PER_PAYMENT))
    assert refused(ways[way](10_00, shop)) is None
    found = refused(ways[way](10_01, shop))
    assert found == ("PasskeyRequired", shop.address.lower(), 10_01, PER_DAY + 1)
    assert refused(ways[way](10_01, passkey)) is None


@pytest.mark.parametrize("way", ["redemption", "campaign"])
def test_another_days_spending_is_not_todays(
    onchain: LedgerFixture, ways: Any, shop: SigningKey, bakery: Any, floors: None, way: str
) -> None:
    for _ in range(2):
        onchain.pay(onchain.payment(shop, bakery, PER_PAYMENT))
    assert refused(ways[way](PER_PAYMENT, shop))[0] == "PasskeyRequired"
    chain.sleep(DAY_S)
    chain.mine()
    assert refused(ways[way](PER_PAYMENT, shop)) is None


@pytest.mark.parametrize("way", ["redemption", "campaign"])
@pytest.mark.parametrize("floor", [(PER_PAYMENT, 0), (0, PER_PAYMENT)])
def test_one_floor_alone_holds_and_none_is_none(
    onchain: LedgerFixture, ways: Any, shop: SigningKey, way: str, floor: tuple[int, int]
) -> None:
    set_floors(onchain, *floor)
    assert refused(ways[way](PER_PAYMENT, shop)) is None
    assert refused(ways[way](PER_PAYMENT + 1, shop))[0] == "PasskeyRequired"
    set_floors(onchain, 0, 0)
    assert refused(ways[way](1_900_00, shop)) is None


@pytest.mark.parametrize("first", ["redemption", "campaign"])
@pytest.mark.parametrize("way", WAYS)
def test_what_left_the_account_today_counts_whatever_its_form(
    onchain: LedgerFixture,
    ways: Any,
    shop: SigningKey,
    passkey: SigningKey,
    floors: None,
    first: str,
    way: str,
) -> None:
    """Two thousand euros a day by twenties, with a floor of fifty: pieces below it add up."""
    spent = onchain.ledger.accountOf(shop.address)["spentToday"]
    for _ in range(2):
        method, *arguments, sender = ways[first](PER_PAYMENT, shop)
        method(*arguments, {"from": sender})
    assert refused(ways[way](10_00, shop)) is None
    found = refused(ways[way](10_01, shop))
    assert found == ("PasskeyRequired", shop.address.lower(), 10_01, PER_DAY + 1)
    assert refused(ways[way](10_01, passkey)) is None
    # It is no spending: the limits of payments count it not.
    assert onchain.ledger.accountOf(shop.address)["spentToday"] == spent
    chain.sleep(DAY_S)
    chain.mine()
    assert refused(ways[way](PER_PAYMENT, shop)) is None


def test_what_left_in_every_form_adds_up_in_a_batch_too(
    onchain: LedgerFixture, shop: SigningKey, bakery: Any, floors: None
) -> None:
    onchain.redeem(onchain.redemption(shop, 15_00))
    onchain.open_campaign(shop, 15_00)
    first = onchain.ledger.nextNonce(shop.address)
    batch = [
        onchain.payment(shop, bakery, value, nonce=first + n) for n, value in enumerate((10_00, 10_01, 10_00))
    ]
    assert skipped(onchain.settle(batch)) == [(1, "PasskeyRequired")]
    assert refused((onchain.ledger.transfer, bakery.address, 1, shop.address))[0] == "PasskeyRequired"


def test_what_came_back_the_same_day_stays_counted(
    onchain: LedgerFixture, shop: SigningKey, floors: None
) -> None:
    """Otherwise an issuer's key would help a stolen device's."""
    for _ in range(2):
        signed = onchain.redemption(shop, PER_PAYMENT)
        onchain.redeem(signed)
        onchain.give_back(signed.message.ref)
    assert onchain.refused_redemption(onchain.redemption(shop, PER_PAYMENT))[0] == "PasskeyRequired"


def test_the_highest_floor_of_a_day_asks_still(onchain: LedgerFixture, shop: SigningKey, bakery: Any) -> None:
    """A day's sum stops at the end of its field: a floor there would never be passed."""
    set_floors(onchain, 0, HIGHEST_PER_DAY)
    onchain.pay(onchain.payment(shop, bakery, 1))
    onchain.change_word(shop, SPENT_TODAY_AT, SPENT_TODAY_WIDTH, HIGHEST_PER_DAY - 1)
    onchain.pay(onchain.payment(shop, bakery, 1))
    refused = onchain.refused_payment(onchain.payment(shop, bakery, 1))
    assert refused == ("PasskeyRequired", shop.address.lower(), 1, HIGHEST_PER_DAY + 1)


def test_an_allowance_and_a_transfer_are_no_passkey(
    onchain: LedgerFixture, shop: SigningKey, bakery: Any, floors: None
) -> None:
    ledger = onchain.ledger
    ledger.enrol(onchain.relay, 1, 3, 0, 0, {"from": onchain.officers["REGISTRAR"]})
    found = refusal(ledger.transfer, bakery.address, PER_PAYMENT + 1, sender=shop.address)
    assert found[0] == "PasskeyRequired"
    types = ["bytes32", "address", "address", "uint256", "uint256", "uint256"]
    permit = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    end = chain.time() + 3600
    values = [keccak(text=permit), shop.address, onchain.relay.address, 2**256 - 1, 0, end]
    vrs = shop.vrs(onchain.domain.digest(keccak(encode(types, values))))
    ledger.permit(shop.address, onchain.relay, 2**256 - 1, end, *vrs, {"from": onchain.relay})
    move = (ledger.transferFrom, shop.address, bakery.address)
    assert refusal(*move, PER_PAYMENT, sender=onchain.relay) is None
    assert refusal(*move, PER_PAYMENT + 1, sender=onchain.relay)[0] == "PasskeyRequired"


@pytest.mark.parametrize("way", ["redemption", "campaign"])
def test_a_limited_passkey_is_no_key_for_it(
    onchain: LedgerFixture, ways: Any, shop: SigningKey, floors: None, way: str
) -> None:
    """It signs payments and nothing else, whatever the amount."""
    till = SigningKey("a till's passkey", PASSKEY)
    onchain.add_limited_signer(shop, till, PASSKEY, 100_00, 0, 0)
    assert refused(ways[way](1_00, till)) == ("BadSignature", shop.address.lower())


def test_what_a_campaign_pays_alone_needs_no_passkey(
    onchain: LedgerFixture, shop: SigningKey, bakery: Any, floors: None
) -> None:
    """Nothing of one's own leaves: what was spent today is no reason to refuse a benefit."""
    campaign = onchain.open_campaign(shop, 10_00)
    for _ in range(2):
        onchain.pay(onchain.payment(shop, bakery, PER_PAYMENT))
    set_floors(onchain, PER_PAYMENT, PER_PAYMENT)
    assert onchain.refused_benefit(onchain.benefit(shop, bakery, 10_00, campaign)) is None
    assert onchain.refused_benefit(onchain.benefit(shop, bakery, 10_01, campaign))[0] == "PasskeyRequired"


def test_every_other_reason_comes_before_it(onchain: LedgerFixture, shop: SigningKey, floors: None) -> None:
    too_much = onchain.redemption(shop, 2_000_01)
    assert onchain.refused_redemption(too_much)[0] == "ERC20InsufficientBalance"
    onchain.stop(STOP_REDEEMING)
    assert onchain.refused_redemption(onchain.redemption(shop, PER_PAYMENT + 1)) == ("RedeemingStopped",)
