"""Upgrading with money inside; nothing is set up twice; the storage stays where it is documented."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import (
    AdministrationFacet,
    Contract,
    LedgerProxy,
    NextLedger,
    SilentLedger,
    WordHarness,
    accounts,
    chain,
    web3,
)
from eth_utils import keccak
from ledger_fixture import BARE_REVERT, GROUND, PROFESSIONAL, LedgerFixture, mine_at, packed, refusal
from signing import P256, SigningKey
from web3 import Web3

ERC1967_SLOT = int.from_bytes(keccak(text="eip1967.proxy.implementation"), "big") - 1


@pytest.fixture(scope="module")
def next_code(onchain: LedgerFixture) -> Any:
    """A later implementation over the same second half."""
    return NextLedger.deploy(onchain.deployment["administration"], {"from": accounts[0]})


def snapshot(onchain: LedgerFixture, *people: Any) -> list[Any]:
    """What must survive."""
    ledger = onchain.ledger
    rows: list[Any] = [tuple(ledger.accountOf(person.address)) for person in people]
    rows += [ledger.totalSupply(), ledger.mintedTotal(), ledger.reserve(), ledger.stops(), ledger.issuance()]
    rows += [tuple(ledger.tierLimits(PROFESSIONAL)), ledger.name(), ledger.authority(), ledger.eip712Domain()]
    return rows


def test_an_upgrade_keeps_everybodys_money_and_what_they_signed(
    onchain: LedgerFixture, next_code: Any, alice: Any, bakery: Any
) -> None:
    onchain.pay(onchain.payment(alice, bakery, 12_50))
    shop = onchain.shop("shop", money=50_00)
    onchain.redeem(onchain.redemption(shop, 20_00))
    signed_before = onchain.payment(alice, bakery, 3_00)
    before = snapshot(onchain, alice, bakery, shop)
    onchain.ledger.upgradeToAndCall(next_code, b"", {"from": onchain.officers["GOVERNOR"]})
    assert snapshot(onchain, alice, bakery, shop) == before
    later = Contract.from_abi("Next", onchain.ledger.address, NextLedger.abi, persist=False)
    assert later.generation() == 2
    onchain.pay(signed_before)
    assert onchain.balance(bakery) == 15_50


def test_what_was_under_way_goes_on_after_an_upgrade(
    onchain: LedgerFixture, next_code: Any, alice: Any, bakery: Any
) -> None:
    """Escrowed money, a waiting recovery, an announced transfer, a locked redemption: none is lost."""
    ledger, officers = onchain.ledger, onchain.officers
    shop = onchain.shop("a shop that funds", money=100_00)
    campaign = onchain.open_campaign(shop, 60_00, ends_at=chain.time() + 1_000)
    onchain.pay_benefit(onchain.benefit(alice, bakery, 10_00, campaign))
    phone = SigningKey("after the upgrade", P256)
    recovery = ledger.proposeRecovery(
        alice.address, phone.address, P256, GROUND, {"from": officers["REGISTRAR"]}
    )
    number = recovery.events["RecoveryProposed"]["number"]
    order = (alice.address, bakery.address, 5_00, GROUND)
    announced = ledger.proposeForcedTransfer(*order, {"from": officers["COMPLIANCE"]})
    paid, unpaid = onchain.redemption(shop, 10_00), onchain.redemption(shop, 5_00, nonce=2)
    for locked in (paid, unpaid):
        onchain.redeem(locked)
    onchain.attest_outcome(paid.message.ref, True)
    before = (snapshot(onchain, alice, bakery, shop), tuple(ledger.campaignOf(campaign)), ledger.safeguards())
    ledger.upgradeToAndCall(next_code, b"", {"from": officers["GOVERNOR"]})
    assert (
        snapshot(onchain, alice, bakery, shop),
        tuple(ledger.campaignOf(campaign)),
        ledger.safeguards(),
    ) == before
    mine_at(chain.time() + 1_000)
    ledger.executeRecovery(alice.address, number, {"from": onchain.relay})
    forced = announced.events["ForcedTransferProposed"]["number"]
    ledger.executeForcedTransfer(forced, {"from": officers["COMPLIANCE"]})
    ledger.closeCampaign(campaign, {"from": onchain.relay})
    ledger.completeRedemption(paid.message.ref, {"from": officers["ISSUER"]})
    onchain.give_back(unpaid.message.ref)
    assert onchain.balance(shop) == 80_00
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=phone)) is None
    assert onchain.ledger.totalSupply() == sum(onchain.balance(one) for one in (alice, bakery, shop))


def test_only_a_governor_upgrades(onchain: LedgerFixture, next_code: Any) -> None:
    for name, account in onchain.officers.items():
        refused = refusal(onchain.ledger.upgradeToAndCall, next_code, b"", sender=account)
        expected = ("AccessManagedUnauthorized", account.address.lower())
        assert refused == (None if name == "GOVERNOR" else expected)


def test_what_is_no_implementation_is_refused(onchain: LedgerFixture) -> None:
    governor = onchain.officers["GOVERNOR"]
    wrong = WordHarness.deploy({"from": accounts[0]})
    upgrade = onchain.ledger.upgradeToAndCall
    refused = refusal(upgrade, wrong, b"", sender=governor)
    assert refused == ("ERC1967InvalidImplementation", wrong.address.lower())
    # An address without code, and the ledger itself, which answers for no implementation through its proxy.
    assert refusal(upgrade, onchain.stranger, b"", sender=governor) == BARE_REVERT
    refused = refusal(upgrade, onchain.ledger, b"", sender=governor)
    assert refused == ("ERC1967InvalidImplementation", onchain.ledger.address.lower())


def test_nothing_is_initialized_a_second_time(onchain: LedgerFixture, next_code: Any) -> None:
    governor = onchain.officers["GOVERNOR"]
    arguments = (onchain.stranger.address, "Fausse", "FX")
    assert refusal(onchain.ledger.initialize, *arguments, sender=governor) == ("InvalidInitialization",)
    call = onchain.ledger.initialize.encode_input(*arguments)
    refused = refusal(onchain.ledger.upgradeToAndCall, next_code, call, sender=governor)
    assert refused == ("InvalidInitialization",)
    onchain.ledger.upgradeToAndCall(next_code, b"", {"from": governor})
    assert refusal(onchain.ledger.initialize, *arguments, sender=governor) == ("InvalidInitialization",)


def test_the_implementation_is_where_explorers_look(onchain: LedgerFixture) -> None:
    stored = web3.eth.get_storage_at(onchain.ledger.address, ERC1967_SLOT)
    assert Web3.to_checksum_address(stored[-20:]) == onchain.deployment["implementation"]


def test_an_account_word_is_where_the_readme_says(onchain: LedgerFixture, alice: Any) -> None:
    """ERC-7201 namespace alba.ledger, the words first: an upgrade that moved them would show here."""
    inner = int.from_bytes(keccak(text="alba.ledger"), "big") - 1
    base = int.from_bytes(keccak(inner.to_bytes(32, "big")), "big") & ~0xFF
    key = bytes(12) + bytes.fromhex(alice.address[2:]) + base.to_bytes(32, "big")
    raw = int.from_bytes(
        web3.eth.get_storage_at(onchain.ledger.address, int.from_bytes(keccak(key), "big")), "big"
    )
    assert raw & (2**44 - 1) == onchain.balance(alice) > 0
    assert (raw >> 234) & 7 == onchain.ledger.accountOf(alice.address)["tier"]


def test_a_domain_name_must_fit_in_the_code(onchain: LedgerFixture) -> None:
    name = "a name of thirty-two bytes is too"[:32]
    data = AdministrationFacet.deploy.encode_input(name, onchain.deployment["issuance"])
    answer = web3.provider.make_request("eth_call", [{"from": accounts[0].address, "data": data}, "latest"])
    assert answer["error"]["data"].startswith("0x" + keccak(text="StringTooLong(string)")[:4].hex())


# ---- the payment path that the proxy carries


def carried(onchain: LedgerFixture, alice: Any, bakery: Any) -> dict[str, Any]:
    """One call of each function that the proxy carries itself."""
    nonce = onchain.ledger.nextNonce(alice.address)
    return {
        "transfer": (onchain.ledger.transfer, (bakery.address, 1)),
        "pay": (onchain.ledger.pay, onchain.payment(alice, bakery, 1, nonce=nonce).arguments()),
        "settlePacked": (
            onchain.ledger.settlePacked,
            (packed([onchain.payment(alice, bakery, 1, nonce=nonce + 1)]),),
        ),
    }


def test_the_first_path_is_dead_after_an_upgrade(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    """Every function follows the new code, those that the proxy carries too, for members and strangers."""
    silent = SilentLedger.deploy(onchain.deployment["administration"], {"from": accounts[0]})
    payer = accounts[10]
    onchain.ledger.enrol(payer, 1, 3, 0, 0, {"from": onchain.officers["REGISTRAR"]})
    onchain.fund(payer, 10_00)
    calls = carried(onchain, alice, bakery)
    for method, arguments in calls.values():
        assert refusal(method, *arguments, sender=payer) is None
    onchain.ledger.upgradeToAndCall(silent, b"", {"from": onchain.officers["GOVERNOR"]})
    for name, (method, arguments) in calls.items():
        for sender in (payer, onchain.stranger):
            assert refusal(method, *arguments, sender=sender) == ("PaymentsStopped",), name


def test_a_payer_of_a_later_tier_is_no_business_of_the_first_path(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    """The word behind the last rule word is something else: it neither judges nor makes the proxy panic."""
    silent = SilentLedger.deploy(onchain.deployment["administration"], {"from": accounts[0]})
    payer = accounts[10]
    onchain.ledger.enrol(payer, 1, 3, 0, 0, {"from": onchain.officers["REGISTRAR"]})
    onchain.fund(payer, 10_00)
    calls = carried(onchain, alice, bakery)
    onchain.ledger.upgradeToAndCall(silent, b"", {"from": onchain.officers["GOVERNOR"]})
    later = Contract.from_abi("Silent", onchain.ledger.address, SilentLedger.abi, persist=False)
    for account in (payer.address, alice.address):
        later.lift(account, {"from": onchain.stranger})
    for name, (method, arguments) in calls.items():
        assert refusal(method, *arguments, sender=payer) == ("PaymentsStopped",), name


def test_nothing_brings_the_first_path_back(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    """Neither new limits nor a stop, which write the words anew; nor the first code, which then runs."""
    silent = SilentLedger.deploy(onchain.deployment["administration"], {"from": accounts[0]})
    governor = {"from": onchain.officers["GOVERNOR"]}
    calls = carried(onchain, alice, bakery)
    onchain.ledger.upgradeToAndCall(silent, b"", governor)
    onchain.lift_limits(1, 2, 3, 4)
    onchain.stop(7)
    onchain.ledger.resume(7, governor)
    onchain.ledger.setPasskeyFloors(3, (1, 1), governor)
    for name, (method, arguments) in calls.items():
        assert refusal(method, *arguments, sender=onchain.stranger) == ("PaymentsStopped",), name
    onchain.ledger.setPasskeyFloors(3, (0, 0), governor)
    onchain.ledger.upgradeToAndCall(onchain.deployment["implementation"], b"", governor)
    gas = onchain.pay(onchain.payment(alice, bakery, 1)).gas_used
    onchain.ledger.upgradeToAndCall(silent, b"", governor)
    assert refusal(*flat(calls["pay"]), sender=onchain.stranger) == ("PaymentsStopped",)
    assert gas > 0


def flat(call: tuple[Any, tuple[Any, ...]]) -> tuple[Any, ...]:
    """A method and its arguments in one row."""
    return (call[0], *call[1])


def test_the_implementations_own_path_pays_the_same(
    onchain: LedgerFixture, next_code: Any, alice: Any, bakery: Any
) -> None:
    """After an upgrade that changed nothing else, a payment costs the way to the code and no more."""
    first = onchain.pay(onchain.payment(alice, bakery, 1)).gas_used
    before = onchain.pay(onchain.payment(alice, bakery, 1)).gas_used
    onchain.ledger.upgradeToAndCall(next_code, b"", {"from": onchain.officers["GOVERNOR"]})
    after = onchain.pay(onchain.payment(alice, bakery, 1)).gas_used
    assert onchain.balance(bakery) == 3
    assert 4_000 < after - before < 7_500, (first, before, after)


def test_a_ledger_nobody_set_up_is_not_deployed(onchain: LedgerFixture) -> None:
    data = LedgerProxy.deploy.encode_input(onchain.deployment["implementation"], b"")
    answer = web3.provider.make_request("eth_call", [{"from": accounts[0].address, "data": data}, "latest"])
    assert answer["error"]["data"] == "0x" + keccak(text="InitializationMissing()")[:4].hex()
