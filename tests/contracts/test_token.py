"""ERC-20 under the members' rules: both sides are checked on every movement."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import accounts, chain
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_fixture import (
    ASSOCIATION,
    DAY_S,
    DECLARED,
    GROUND,
    MERCHANT,
    PROFESSIONAL,
    RESIDENT,
    STOP_PAYMENTS,
    TREASURY,
    VERIFIED,
    VISITOR,
    LedgerFixture,
    refusal,
)
from signing import P256, SECP256K1, SigningKey

from scripts.ledger.build import merged_abi

ZERO = "0x" + "00" * 20


@pytest.fixture(scope="module")
def people(onchain: LedgerFixture) -> dict[str, Any]:
    """Members whose keys the test node holds, so that they can send plain ERC-20 calls."""
    registrar = {"from": onchain.officers["REGISTRAR"]}
    rows = {
        "rose": (RESIDENT, VERIFIED, 500_00),
        "sam": (RESIDENT, VERIFIED, 0),
        "tourist": (RESIDENT, VISITOR, 100_00),
        "declared": (RESIDENT, DECLARED, 900_00),
        "grocer": (MERCHANT, PROFESSIONAL, 1_000_00),
        "choir": (ASSOCIATION, PROFESSIONAL, 0),
        "town hall": (TREASURY, PROFESSIONAL, 0),
    }
    found = {}
    for account, (name, (kind, tier, money)) in zip(accounts[10:], rows.items(), strict=False):
        onchain.ledger.enrol(account, kind, tier, 0, 0, registrar)
        if money:
            onchain.fund(account, money)
        found[name] = account
    return found


def test_it_presents_itself(onchain: LedgerFixture) -> None:
    ledger = onchain.ledger
    assert (ledger.name(), ledger.symbol(), ledger.decimals()) == ("Alba", "ALB", 2)


@pytest.mark.parametrize(
    ("interface", "supported"),
    [
        ("0x01ffc9a7", True),  # ERC-165
        ("0x36372b07", True),  # ERC-20
        ("0xa219a025", True),  # ERC-20 metadata
        ("0x84b0196e", True),  # ERC-5267
        ("0x3edbb4c4", True),  # ERC-7943
        ("0xffffffff", False),
    ],
)
def test_it_says_which_interfaces_it_has(onchain: LedgerFixture, interface: str, supported: bool) -> None:
    assert onchain.ledger.supportsInterface(interface) is supported


def test_a_transfer_moves_cents_and_says_so(onchain: LedgerFixture, people: dict[str, Any]) -> None:
    rose, grocer = people["rose"], people["grocer"]
    supply = onchain.ledger.totalSupply()
    transaction = onchain.ledger.transfer(grocer, 12_50, {"from": rose})
    assert transaction.events["Transfer"] == {"from": rose, "to": grocer, "value": 12_50}
    assert (onchain.balance(rose), onchain.balance(grocer)) == (487_50, 1_012_50)
    assert onchain.ledger.totalSupply() == supply


def test_a_transfer_of_nothing_is_an_ordinary_transfer(
    onchain: LedgerFixture, people: dict[str, Any]
) -> None:
    transaction = onchain.ledger.transfer(people["grocer"], 0, {"from": people["rose"]})
    assert transaction.events["Transfer"]["value"] == 0


def test_the_whole_balance_can_leave_and_not_a_cent_more(
    onchain: LedgerFixture, people: dict[str, Any]
) -> None:
    rose, grocer = people["rose"], people["grocer"]
    refused = refusal(onchain.ledger.transfer, grocer, 500_01, sender=rose)
    assert refused == ("ERC20InsufficientBalance", rose.address.lower(), 500_00, 500_01)
    onchain.ledger.transfer(grocer, 500_00, {"from": rose})
    assert onchain.balance(rose) == 0


def test_nobody_pays_themselves_nobody_or_the_ledger(onchain: LedgerFixture, people: dict[str, Any]) -> None:
    rose, transfer = people["rose"], onchain.ledger.transfer
    assert refusal(transfer, rose, 1, sender=rose) == ("SamePayerPayee", rose.address.lower())
    assert refusal(transfer, ZERO, 1, sender=rose) == ("ERC20InvalidReceiver", ZERO)
    assert refusal(transfer, onchain.ledger, 1, sender=rose) == (
        "ERC20InvalidReceiver",
        onchain.ledger.address.lower(),
    )


def test_strangers_neither_pay_nor_receive(onchain: LedgerFixture, people: dict[str, Any]) -> None:
    rose, stranger = people["rose"], onchain.stranger
    expected = ("NotMember", stranger.address.lower())
    assert refusal(onchain.ledger.transfer, stranger, 1, sender=rose) == expected
    assert refusal(onchain.ledger.transfer, rose, 0, sender=stranger) == expected


def test_a_visitor_buys_but_does_not_pay_people(onchain: LedgerFixture, people: dict[str, Any]) -> None:
    tourist = people["tourist"]
    for shop in ("grocer", "choir", "town hall"):
        assert refusal(onchain.ledger.transfer, people[shop], 10_00, sender=tourist) is None
    refused = refusal(onchain.ledger.transfer, people["sam"], 10_00, sender=tourist)
    assert refused == ("VisitorToPerson", tourist.address.lower(), people["sam"].address.lower())


def test_an_identity_that_ends_today_neither_pays_nor_receives(
    onchain: LedgerFixture, people: dict[str, Any]
) -> None:
    rose, grocer = people["rose"], people["grocer"]
    today = chain.time() // DAY_S
    registrar = {"from": onchain.officers["REGISTRAR"]}
    onchain.expire(rose, today)
    expected = ("IdentityExpired", rose.address.lower())
    assert refusal(onchain.ledger.transfer, grocer, 1, sender=rose) == expected
    assert refusal(onchain.ledger.transfer, rose, 1, sender=grocer) == expected
    onchain.ledger.setMember(rose, RESIDENT, VERIFIED, 0, today + 1, registrar)
    assert refusal(onchain.ledger.transfer, grocer, 1, sender=rose) is None


def test_the_payment_limit_is_the_payers(onchain: LedgerFixture, people: dict[str, Any]) -> None:
    declared = people["declared"]
    refused = refusal(onchain.ledger.transfer, people["grocer"], 250_01, sender=declared)
    assert refused == ("PaymentLimit", declared.address.lower(), 250_01, 250_00)
    assert refusal(onchain.ledger.transfer, people["grocer"], 250_00, sender=declared) is None


def test_the_daily_limit_counts_a_day_and_starts_anew(onchain: LedgerFixture, people: dict[str, Any]) -> None:
    declared, grocer = people["declared"], people["grocer"]
    for _ in range(2):
        onchain.ledger.transfer(grocer, 250_00, {"from": declared})
    refused = refusal(onchain.ledger.transfer, grocer, 1, sender=declared)
    assert refused == ("DailyLimit", declared.address.lower(), 500_01, 500_00)
    chain.sleep(DAY_S)
    chain.mine()
    assert refusal(onchain.ledger.transfer, grocer, 250_00, sender=declared) is None


def test_the_thirty_day_limit_counts_from_the_first_spending(
    onchain: LedgerFixture, people: dict[str, Any]
) -> None:
    declared, grocer = people["declared"], people["grocer"]
    onchain.ledger.transfer(declared, 100_00, {"from": grocer})
    for _ in range(4):
        onchain.ledger.transfer(grocer, 250_00, {"from": declared})
        chain.sleep(DAY_S)
    chain.sleep(25 * DAY_S)
    chain.mine()
    onchain.fund(declared, 1_00)
    refused = refusal(onchain.ledger.transfer, grocer, 1, sender=declared)
    assert refused == ("WindowLimit", declared.address.lower(), 1_000_01, 1_000_00)
    chain.sleep(DAY_S)
    chain.mine()
    assert refusal(onchain.ledger.transfer, grocer, 1, sender=declared) is None


def test_the_holding_limit_is_the_payees(onchain: LedgerFixture, people: dict[str, Any]) -> None:
    tourist = people["tourist"]
    refused = refusal(onchain.ledger.transfer, tourist, 50_01, sender=people["grocer"])
    assert refused == ("HoldingLimit", tourist.address.lower(), 150_01, 150_00)
    assert refusal(onchain.ledger.transfer, tourist, 50_00, sender=people["grocer"]) is None


def test_an_allowance_is_spent_and_not_exceeded(onchain: LedgerFixture, people: dict[str, Any]) -> None:
    rose, sam, grocer = people["rose"], people["sam"], people["grocer"]
    onchain.ledger.approve(sam, 20_00, {"from": rose})
    onchain.ledger.transferFrom(rose, grocer, 15_00, {"from": sam})
    assert onchain.ledger.allowance(rose, sam) == 5_00
    refused = refusal(onchain.ledger.transferFrom, rose, grocer, 5_01, sender=sam)
    assert refused == ("ERC20InsufficientAllowance", sam.address.lower(), 5_00, 5_01)


def test_nobody_at_all_is_allowed_nothing(onchain: LedgerFixture, people: dict[str, Any]) -> None:
    nobody = "0x" + "00" * 20
    refused = refusal(onchain.ledger.approve, nobody, 1, sender=people["rose"])
    assert refused == ("ERC20InvalidSpender", nobody)


#: What ERC-6093 names of an ERC-20's refusals, and we have the case of. There is no other sender or approver
#: than one with a reason of its own (not a member, frozen, key taken away), which says more.
ERC6093 = {
    "ERC20InsufficientBalance": ["address", "uint256", "uint256"],
    "ERC20InvalidReceiver": ["address"],
    "ERC20InsufficientAllowance": ["address", "uint256", "uint256"],
    "ERC20InvalidSpender": ["address"],
}


def test_the_standards_errors_are_the_standards() -> None:
    errors = {entry["name"]: entry["inputs"] for entry in merged_abi() if entry["type"] == "error"}
    found = {name: [each["type"] for each in inputs] for name, inputs in errors.items() if "ERC20" in name}
    assert found == ERC6093
    assert not {name for name in errors if "Insufficient" in name and not name.startswith("ERC")}


def test_the_highest_allowance_does_not_shrink(onchain: LedgerFixture, people: dict[str, Any]) -> None:
    rose, sam, grocer = people["rose"], people["sam"], people["grocer"]
    onchain.ledger.approve(sam, 2**256 - 1, {"from": rose})
    onchain.ledger.transferFrom(rose, grocer, 15_00, {"from": sam})
    assert onchain.ledger.allowance(rose, sam) == 2**256 - 1


def test_a_key_that_was_taken_away_moves_nothing_any_more(
    onchain: LedgerFixture, people: dict[str, Any]
) -> None:
    rose, sam, grocer = people["rose"], people["sam"], people["grocer"]
    onchain.ledger.approve(sam, 20_00, {"from": rose})
    onchain.ledger.removeSigner(rose, rose, {"from": onchain.officers["REGISTRAR"]})
    expected = ("KeyRevoked", rose.address.lower())
    assert refusal(onchain.ledger.transfer, grocer, 1, sender=rose) == expected
    assert refusal(onchain.ledger.transferFrom, rose, grocer, 1, sender=sam) == expected
    assert refusal(onchain.ledger.approve, sam, 1, sender=rose) == expected
    assert onchain.ledger.canTransfer(rose, grocer, 1) is False


def test_what_a_key_allowed_before_it_was_taken_away_stays_dead(
    onchain: LedgerFixture, people: dict[str, Any]
) -> None:
    """Registered again, it allows anew; nobody it once trusted, or a thief made it trust, comes back."""
    rose, sam, grocer, ledger = people["rose"], people["sam"], people["grocer"], onchain.ledger
    registrar = {"from": onchain.officers["REGISTRAR"]}
    tablet = SigningKey("rose's tablet", P256)
    onchain.add_signer(rose, tablet, P256)
    for allowed in (20_00, 2**256 - 1):
        ledger.approve(sam, allowed, {"from": rose})
        ledger.removeSigner(rose, rose, registrar)
        assert ledger.allowance(rose, sam) == 0
        onchain.add_signer(rose, rose, SECP256K1, by=tablet)
        assert ledger.allowance(rose, sam) == 0
        refused = refusal(ledger.transferFrom, rose, grocer, 1, sender=sam)
        assert refused == ("ERC20InsufficientAllowance", sam.address.lower(), 0, 1)
    ledger.approve(sam, 3, {"from": rose})
    onchain.add_signer(rose, rose, SECP256K1)
    ledger.transferFrom(rose, grocer, 2, {"from": sam})
    assert ledger.allowance(rose, sam) == 1


@pytest.mark.parametrize("state", ["frozen", "expired", "stranger", "key taken away", "frozen inwards"])
def test_who_spends_an_allowance_is_a_member_in_order(
    onchain: LedgerFixture, people: dict[str, Any], state: str
) -> None:
    rose, grocer = people["rose"], people["grocer"]
    spender = onchain.stranger if state == "stranger" else people["sam"]
    onchain.ledger.approve(spender, 20_00, {"from": rose})
    registrar, officer = ({"from": onchain.officers[name]} for name in ("REGISTRAR", "COMPLIANCE"))
    error: str | None = None
    if state == "frozen":
        onchain.ledger.freeze(spender, False, True, GROUND, 0, officer)
        error = "FrozenOutgoing"
    elif state == "frozen inwards":
        onchain.ledger.freeze(spender, True, False, GROUND, 0, officer)
    elif state == "expired":
        onchain.ledger.setMember(spender, RESIDENT, VERIFIED, 0, chain.time() // DAY_S + 1, registrar)
        chain.sleep(DAY_S)
        chain.mine()
        error = "IdentityExpired"
    elif state == "stranger":
        error = "NotMember"
    else:
        onchain.ledger.removeSigner(spender, spender, registrar)
        error = "KeyRevoked"
    refused = refusal(onchain.ledger.transferFrom, rose, grocer, 1, sender=spender)
    assert refused == (error and (error, spender.address.lower()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    payer=st.sampled_from(["rose", "sam", "tourist", "declared", "grocer", "nobody"]),
    payee=st.sampled_from(["rose", "sam", "tourist", "choir", "town hall", "nobody", "ledger"]),
    value=st.one_of(
        st.sampled_from([0, 1, 50_00, 100_00, 250_00, 250_01, 500_01]), st.integers(0, 2**256 - 1)
    ),
    frozen=st.sampled_from(["", "rose", "tourist", "choir"]),
    stopped=st.booleans(),
)
def test_can_transfer_says_what_transfer_does(
    onchain: LedgerFixture,
    people: dict[str, Any],
    payer: str,
    payee: str,
    value: int,
    frozen: str,
    stopped: bool,
) -> None:
    """The ERC-7943 views and the movement agree, whatever stands in the way."""
    everybody = people | {"nobody": onchain.stranger, "ledger": onchain.ledger}
    source, target = everybody[payer], everybody[payee]
    chain.snapshot()
    if frozen:
        onchain.freeze(people[frozen], True, True)
    if stopped:
        onchain.stop(STOP_PAYMENTS)
    refused = refusal(onchain.ledger.transfer, target, value, sender=source)
    assert onchain.ledger.canTransfer(source, target, value) is (refused is None)
    if refused is None:
        assert onchain.ledger.canSend(source)
        assert onchain.ledger.canReceive(target)
    frozen_here = bool(frozen) and everybody[payer] == people[frozen]
    assert onchain.ledger.getFrozenTokens(source) == (onchain.balance(source) if frozen_here else 0)
    chain.revert()
