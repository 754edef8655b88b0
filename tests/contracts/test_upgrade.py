"""Upgrading with money inside; nothing is set up twice; the storage stays where it is documented."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import (
    Administration,
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
from signing import P256, SigningKey
from town import BARE_REVERT, GROUND, PROFESSIONAL, Town, mine_at, packed, refusal
from web3 import Web3

ERC1967_SLOT = int.from_bytes(keccak(text="eip1967.proxy.implementation"), "big") - 1


@pytest.fixture(scope="module")
def next_code(town: Town) -> Any:
    """A later implementation over the same second half."""
    return NextLedger.deploy(town.deployment["administration"], {"from": accounts[0]})


def snapshot(town: Town, *people: Any) -> list[Any]:
    """What must survive."""
    ledger = town.ledger
    rows: list[Any] = [tuple(ledger.accountOf(person.address)) for person in people]
    rows += [ledger.totalSupply(), ledger.mintedTotal(), ledger.reserve(), ledger.stops(), ledger.issuance()]
    rows += [tuple(ledger.tierLimits(PROFESSIONAL)), ledger.name(), ledger.authority(), ledger.eip712Domain()]
    return rows


def test_an_upgrade_keeps_everybodys_money_and_what_they_signed(
    town: Town, next_code: Any, alice: Any, bakery: Any
) -> None:
    town.pay(town.payment(alice, bakery, 12_50))
    shop = town.shop("shop", money=50_00)
    town.redeem(town.redemption(shop, 20_00))
    signed_before = town.payment(alice, bakery, 3_00)
    before = snapshot(town, alice, bakery, shop)
    town.ledger.upgradeToAndCall(next_code, b"", {"from": town.officers["GOVERNOR"]})
    assert snapshot(town, alice, bakery, shop) == before
    later = Contract.from_abi("Next", town.ledger.address, NextLedger.abi, persist=False)
    assert later.generation() == 2
    town.pay(signed_before)
    assert town.balance(bakery) == 15_50


def test_what_was_under_way_goes_on_after_an_upgrade(
    town: Town, next_code: Any, alice: Any, bakery: Any
) -> None:
    """Escrowed money, a waiting recovery, an announced transfer, a locked redemption: none is lost."""
    ledger, officers = town.ledger, town.officers
    shop = town.shop("a shop that funds", money=100_00)
    campaign = town.open_campaign(shop, 60_00, ends_at=chain.time() + 1_000)
    town.pay_benefit(town.benefit(alice, bakery, 10_00, campaign))
    phone = SigningKey("after the upgrade", P256)
    recovery = ledger.proposeRecovery(
        alice.address, phone.address, P256, GROUND, {"from": officers["REGISTRAR"]}
    )
    number = recovery.events["RecoveryProposed"]["number"]
    order = (alice.address, bakery.address, 5_00, GROUND)
    announced = ledger.proposeForcedTransfer(*order, {"from": officers["COMPLIANCE"]})
    before = (snapshot(town, alice, bakery, shop), tuple(ledger.campaignOf(campaign)), ledger.safeguards())
    ledger.upgradeToAndCall(next_code, b"", {"from": officers["GOVERNOR"]})
    assert (
        snapshot(town, alice, bakery, shop),
        tuple(ledger.campaignOf(campaign)),
        ledger.safeguards(),
    ) == before
    mine_at(chain.time() + 1_000)
    ledger.executeRecovery(alice.address, number, {"from": town.relay})
    forced = announced.events["ForcedTransferProposed"]["number"]
    ledger.executeForcedTransfer(forced, {"from": officers["COMPLIANCE"]})
    ledger.closeCampaign(campaign, {"from": town.relay})
    assert town.balance(shop) == 90_00
    assert town.refused_payment(town.payment(alice, bakery, 1, signer=phone)) is None
    assert town.ledger.totalSupply() == sum(town.balance(one) for one in (alice, bakery, shop))


def test_only_a_governor_upgrades(town: Town, next_code: Any) -> None:
    for name, account in town.officers.items():
        refused = refusal(town.ledger.upgradeToAndCall, next_code, b"", sender=account)
        expected = ("AccessManagedUnauthorized", account.address.lower())
        assert refused == (None if name == "GOVERNOR" else expected)


def test_what_is_no_implementation_is_refused(town: Town) -> None:
    governor = town.officers["GOVERNOR"]
    wrong = WordHarness.deploy({"from": accounts[0]})
    upgrade = town.ledger.upgradeToAndCall
    refused = refusal(upgrade, wrong, b"", sender=governor)
    assert refused == ("ERC1967InvalidImplementation", wrong.address.lower())
    # An address without code, and the ledger itself, which answers for no implementation through its proxy.
    assert refusal(upgrade, town.stranger, b"", sender=governor) == BARE_REVERT
    refused = refusal(upgrade, town.ledger, b"", sender=governor)
    assert refused == ("ERC1967InvalidImplementation", town.ledger.address.lower())


def test_nothing_is_initialized_a_second_time(town: Town, next_code: Any) -> None:
    governor = town.officers["GOVERNOR"]
    arguments = (town.stranger.address, "Fausse", "FX")
    assert refusal(town.ledger.initialize, *arguments, sender=governor) == ("InvalidInitialization",)
    call = town.ledger.initialize.encode_input(*arguments)
    refused = refusal(town.ledger.upgradeToAndCall, next_code, call, sender=governor)
    assert refused == ("InvalidInitialization",)
    town.ledger.upgradeToAndCall(next_code, b"", {"from": governor})
    assert refusal(town.ledger.initialize, *arguments, sender=governor) == ("InvalidInitialization",)


def test_the_implementation_is_where_explorers_look(town: Town) -> None:
    stored = web3.eth.get_storage_at(town.ledger.address, ERC1967_SLOT)
    assert Web3.to_checksum_address(stored[-20:]) == town.deployment["implementation"]


def test_an_account_word_is_where_the_readme_says(town: Town, alice: Any) -> None:
    """ERC-7201 namespace alba.ledger, the words first: an upgrade that moved them would show here."""
    inner = int.from_bytes(keccak(text="alba.ledger"), "big") - 1
    base = int.from_bytes(keccak(inner.to_bytes(32, "big")), "big") & ~0xFF
    key = bytes(12) + bytes.fromhex(alice.address[2:]) + base.to_bytes(32, "big")
    raw = int.from_bytes(
        web3.eth.get_storage_at(town.ledger.address, int.from_bytes(keccak(key), "big")), "big"
    )
    assert raw & (2**44 - 1) == town.balance(alice) > 0
    assert (raw >> 234) & 7 == town.ledger.accountOf(alice.address)["tier"]


def test_a_domain_name_must_fit_in_the_code(town: Town) -> None:
    name = "a name of thirty-two bytes is too"[:32]
    data = Administration.deploy.encode_input(name, town.deployment["procedures"])
    answer = web3.provider.make_request("eth_call", [{"from": accounts[0].address, "data": data}, "latest"])
    assert answer["error"]["data"].startswith("0x" + keccak(text="StringTooLong(string)")[:4].hex())


# ---- the payment path that the proxy carries


def carried(town: Town, alice: Any, bakery: Any) -> dict[str, Any]:
    """One call of each function that the proxy carries itself."""
    nonce = town.ledger.nextNonce(alice.address)
    return {
        "transfer": (town.ledger.transfer, (bakery.address, 1)),
        "pay": (town.ledger.pay, town.payment(alice, bakery, 1, nonce=nonce).arguments()),
        "settlePacked": (
            town.ledger.settlePacked,
            (packed([town.payment(alice, bakery, 1, nonce=nonce + 1)]),),
        ),
    }


def test_the_first_path_is_dead_after_an_upgrade(town: Town, alice: Any, bakery: Any) -> None:
    """Every function follows the new code, those that the proxy carries too, for members and strangers."""
    silent = SilentLedger.deploy(town.deployment["administration"], {"from": accounts[0]})
    payer = accounts[10]
    town.ledger.enrol(payer, 1, 3, 0, 0, {"from": town.officers["REGISTRAR"]})
    town.fund(payer, 10_00)
    calls = carried(town, alice, bakery)
    for method, arguments in calls.values():
        assert refusal(method, *arguments, sender=payer) is None
    town.ledger.upgradeToAndCall(silent, b"", {"from": town.officers["GOVERNOR"]})
    for name, (method, arguments) in calls.items():
        for sender in (payer, town.stranger):
            assert refusal(method, *arguments, sender=sender) == ("PaymentsStopped",), name


def test_nothing_brings_the_first_path_back(town: Town, alice: Any, bakery: Any) -> None:
    """Neither new limits nor a stop, which write the words anew; nor the first code, which then runs."""
    silent = SilentLedger.deploy(town.deployment["administration"], {"from": accounts[0]})
    governor = {"from": town.officers["GOVERNOR"]}
    calls = carried(town, alice, bakery)
    town.ledger.upgradeToAndCall(silent, b"", governor)
    town.lift_limits(1, 2, 3, 4)
    town.stop(7)
    town.ledger.resume(7, governor)
    town.ledger.setPasskeyFloors(3, (1, 1), governor)
    for name, (method, arguments) in calls.items():
        assert refusal(method, *arguments, sender=town.stranger) == ("PaymentsStopped",), name
    town.ledger.setPasskeyFloors(3, (0, 0), governor)
    town.ledger.upgradeToAndCall(town.deployment["implementation"], b"", governor)
    gas = town.pay(town.payment(alice, bakery, 1)).gas_used
    town.ledger.upgradeToAndCall(silent, b"", governor)
    assert refusal(*flat(calls["pay"]), sender=town.stranger) == ("PaymentsStopped",)
    assert gas > 0


def flat(call: tuple[Any, tuple[Any, ...]]) -> tuple[Any, ...]:
    """A method and its arguments in one row."""
    return (call[0], *call[1])


def test_the_implementations_own_path_pays_the_same(
    town: Town, next_code: Any, alice: Any, bakery: Any
) -> None:
    """After an upgrade that changed nothing else, a payment costs the way to the code and no more."""
    first = town.pay(town.payment(alice, bakery, 1)).gas_used
    before = town.pay(town.payment(alice, bakery, 1)).gas_used
    town.ledger.upgradeToAndCall(next_code, b"", {"from": town.officers["GOVERNOR"]})
    after = town.pay(town.payment(alice, bakery, 1)).gas_used
    assert town.balance(bakery) == 3
    assert 4_000 < after - before < 7_500, (first, before, after)


def test_a_ledger_nobody_set_up_is_not_deployed(town: Town) -> None:
    data = LedgerProxy.deploy.encode_input(town.deployment["implementation"], b"")
    answer = web3.provider.make_request("eth_call", [{"from": accounts[0].address, "data": data}, "latest"])
    assert answer["error"]["data"] == "0x" + keccak(text="InitializationMissing()")[:4].hex()
