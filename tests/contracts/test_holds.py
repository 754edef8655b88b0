"""A part of a balance is held (ERC-7943): it leaves by no way but a court's order, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from brownie import accounts, chain
from eth_abi import encode
from eth_utils import keccak
from ledger_fixture import GROUND, VERIFIED, LedgerFixture, mine_at, refusal, skipped
from signing import SECP256K1, SigningKey

HELD_BIT_AT = 252
ERROR = "ERC7943InsufficientUnfrozenBalance"
TRANSFER_TYPE = (
    "TransferWithAuthorization(address from,address to,uint256 value,"
    "uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)
BALANCE, HELD = 100_00, 60_00
FREE = BALANCE - HELD
WAYS = ("pay", "transfer", "allowance", "authorization", "redemption", "campaign", "benefit")


def hold(onchain: LedgerFixture, account: Any, cents: int) -> Any:
    """The compliance officer holds so much."""
    officer = {"from": onchain.officers["COMPLIANCE"]}
    return onchain.ledger.setFrozenTokens(getattr(account, "address", account), cents, officer)


@pytest.fixture
def shop(onchain: LedgerFixture) -> Any:
    """A professional whose key the node has, so that every way out is open: 100 euros, 60 of them held."""
    account = accounts[13]
    onchain.ledger.enrol(account, 2, 4, 0, 0, {"from": onchain.officers["REGISTRAR"]})
    onchain.fund(account, BALANCE)
    hold(onchain, account, HELD)
    return account


@pytest.fixture
def key(onchain: LedgerFixture, shop: Any) -> SigningKey:
    """A further key of the shop, with all its power."""
    further = SigningKey("the held shop's key", SECP256K1)
    onchain.add_signer(shop, further, SECP256K1)
    return further


def ways(onchain: LedgerFixture, shop: Any, key: SigningKey, bakery: Any) -> dict[str, Callable[..., Any]]:
    """By name: why so many cents would be refused to leave by that way, or None."""
    ledger, relay = onchain.ledger, onchain.relay
    shares: list[bytes] = []

    def signed(made: Any, **changed: Any) -> Any:
        message = made.message.changed(**changed)
        return message.fields(), key.sign(onchain.domain.digest(message.struct_hash()))

    def pay(cents: int) -> Any:
        made = onchain.payment(key, bakery, cents, nonce=7)
        return refusal(ledger.pay, *signed(made, payer=shop.address), sender=relay)

    def allowance(cents: int) -> Any:
        spender = accounts[14]
        if ledger.accountOf(spender)["tier"] == 0:
            ledger.enrol(spender, 2, 4, 0, 0, {"from": onchain.officers["REGISTRAR"]})
            ledger.approve(spender, 2**256 - 1, {"from": shop})
        return refusal(ledger.transferFrom, shop, bakery.address, cents, sender=spender)

    def authorization(cents: int) -> Any:
        values = [shop.address, bakery.address, cents, 0, chain.time() + 3600, keccak(text="held")]
        types = ["bytes32", "address", "address", "uint256", "uint256", "uint256", "bytes32"]
        envelope = key.sign(
            onchain.domain.digest(keccak(encode(types, [keccak(text=TRANSFER_TYPE), *values])))
        )
        return refusal(ledger.transferWithAuthorization, *values, envelope, sender=relay)

    def redemption(cents: int) -> Any:
        made = onchain.redemption(key, cents, nonce=7)
        ref = bytes.fromhex(shop.address[2:]) + bytes(12)
        return refusal(ledger.requestRedemption, *signed(made, account=shop.address, ref=ref), sender=relay)

    def campaign(cents: int) -> Any:
        ref = bytes.fromhex(shop.address[2:]) + bytes(12)
        made = onchain.campaign(key, cents, nonce=7)
        return refusal(ledger.openCampaign, *signed(made, funder=shop.address, ref=ref), sender=relay)

    def benefit(cents: int) -> Any:
        if not shares:
            funder = onchain.shop("who funds a benefit", money=1_00)
            shares.append(onchain.open_campaign(funder, 1_00, share_basis_points=1))
        # The campaign's share of so little is nothing: all of it is the payer's own.
        made = onchain.benefit(key, bakery, cents, shares[0], nonce=7)
        return refusal(ledger.payWithBenefit, *signed(made, payer=shop.address), sender=relay)

    return {
        "pay": pay,
        "transfer": lambda cents: refusal(ledger.transfer, bakery.address, cents, sender=shop),
        "allowance": allowance,
        "authorization": authorization,
        "redemption": redemption,
        "campaign": campaign,
        "benefit": benefit,
    }


@pytest.mark.parametrize("way", WAYS)
def test_what_is_held_leaves_by_no_way(
    onchain: LedgerFixture, shop: Any, key: SigningKey, bakery: Any, way: str
) -> None:
    leave = ways(onchain, shop, key, bakery)[way]
    assert leave(FREE - 10) is None
    if way != "benefit":  # its campaign pays a cent of some amounts
        assert leave(FREE) is None
        assert leave(FREE + 1) == (ERROR, shop.address.lower(), FREE + 1, FREE)
    assert leave(FREE + 1_00)[0] == ERROR
    assert leave(BALANCE + 1_00)[0] == "ERC20InsufficientBalance", "what is not there is named first"
    hold(onchain, shop, 0)
    assert leave(FREE + 1_00) is None


def test_in_a_batch_it_is_left_out_and_the_others_settle(onchain: LedgerFixture, bakery: Any) -> None:
    payer = onchain.person("somebody held", tier=VERIFIED, money=BALANCE)
    hold(onchain, payer, HELD)
    batch = [
        onchain.payment(payer, bakery, cents, nonce=place) for place, cents in enumerate((FREE + 1, FREE, 1))
    ]
    for settle in (onchain.settle, onchain.settle_arrays):
        before = chain._take_snapshot()
        assert skipped(settle(batch)) == [(0, ERROR), (2, ERROR)]
        assert onchain.balance(payer) == HELD
        chain._revert(before)


def test_what_arrives_beyond_it_goes_on_and_the_views_say_so(onchain: LedgerFixture, bakery: Any) -> None:
    payer = onchain.person("held for more than there is", tier=VERIFIED, money=10_00)
    ledger = onchain.ledger
    event = hold(onchain, payer, 50_00).events["Frozen"]
    assert event == {"account": payer.address, "amount": 50_00}
    assert ledger.getFrozenTokens(payer.address) == 50_00, "more than there is"
    assert ledger.canTransfer(payer.address, bakery.address, 1) is False
    assert ledger.canSend(payer.address) is True
    refused = onchain.refused_payment(onchain.payment(payer, bakery, 1))
    assert refused == (ERROR, payer.address.lower(), 1, 0)
    onchain.fund(payer, 45_00)
    assert ledger.canTransfer(payer.address, bakery.address, 5_00) is True
    assert ledger.canTransfer(payer.address, bakery.address, 5_01) is False
    onchain.freeze(payer, False, True)
    assert ledger.getFrozenTokens(payer.address) == 55_00, "all of it"
    ledger.unfreeze(payer.address, GROUND, {"from": onchain.officers["COMPLIANCE"]})
    assert ledger.getFrozenTokens(payer.address) == 50_00
    hold(onchain, payer, 0)
    assert ledger.getFrozenTokens(payer.address) == 0
    onchain.pay(onchain.payment(payer, bakery, 55_00))


def test_a_stranger_is_not_held(onchain: LedgerFixture) -> None:
    officer = onchain.officers["COMPLIANCE"]
    refused = refusal(onchain.ledger.setFrozenTokens, onchain.stranger, 1, sender=officer)
    assert refused == ("NotMember", onchain.stranger.address.lower())


@pytest.mark.parametrize(
    ("taken", "left_held"), [(FREE, HELD), (FREE + 1, HELD - 1), (BALANCE, 0)], ids=["free", "a cent", "all"]
)
def test_an_order_takes_what_is_held_and_says_what_stays_so(
    onchain: LedgerFixture, bakery: Any, taken: int, left_held: int
) -> None:
    payer, ledger = onchain.person("ordered", tier=VERIFIED, money=BALANCE), onchain.ledger
    officer = {"from": onchain.officers["COMPLIANCE"]}
    hold(onchain, payer, HELD)
    proposed = ledger.proposeForcedTransfer(payer.address, bakery.address, taken, GROUND, officer)
    mine_at(proposed.timestamp + 60)
    executed = ledger.forcedTransfer(payer.address, bakery.address, taken, officer)
    assert executed.events["ForcedTransfer"]["amount"] == taken
    assert ledger.getFrozenTokens(payer.address) == left_held
    if left_held == HELD:
        assert "Frozen" not in executed.events
    else:
        assert executed.events["Frozen"] == {"account": payer.address, "amount": left_held}
        names = [event.name for event in executed.events]
        assert names.index("Frozen") < names.index("Transfer")
    if left_held == 0:
        onchain.fund(payer, 5)
        assert onchain.refused_payment(onchain.payment(payer, bakery, 5)) is None


def test_the_standards_way_moves_nothing_unannounced(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    ledger, officer = onchain.ledger, onchain.officers["COMPLIANCE"]
    order = (alice.address, bakery.address, 10_00)
    assert refusal(ledger.forcedTransfer, *order, sender=officer) == ("ForcedTransferNotPending", 0, 0)
    proposed = ledger.proposeForcedTransfer(*order, GROUND, {"from": officer})
    number = proposed.events["ForcedTransferProposed"]["number"]
    assert refusal(ledger.forcedTransfer, *order, sender=officer)[0] == "ForcedTransferNotDue"
    mine_at(proposed.timestamp + 60)
    other = (*order[:2], 10_01)
    assert refusal(ledger.forcedTransfer, *other, sender=officer)[0] == "ForcedTransferNotPending"
    ledger.forcedTransfer(*order, {"from": officer})
    assert refusal(ledger.forcedTransfer, *order, sender=officer) == ("ForcedTransferNotPending", number, 2)


def test_the_merged_abi_is_the_whole_standard() -> None:
    """Each function of the id is there, under its own selector."""
    from scripts.ledger.build import merged_abi, selector_of, signature_of

    wanted = (
        "forcedTransfer(address,address,uint256)",
        "setFrozenTokens(address,uint256)",
        "canSend(address)",
        "canReceive(address)",
        "getFrozenTokens(address)",
        "canTransfer(address,address,uint256)",
    )
    known = {signature_of(entry): selector_of(entry) for entry in merged_abi() if entry["type"] == "function"}
    found = 0
    for signature in wanted:
        found ^= int(known[signature], 16)
    assert found == 0x3EDBB4C4
    events = {signature_of(entry) for entry in merged_abi() if entry["type"] == "event"}
    assert {"Frozen(address,uint256)", "ForcedTransfer(address,address,uint256)"} <= events
