"""A redemption ends by two keys of two roles: the attester says what the bank did, the issuer ends it so."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import accounts, chain
from ledger_fixture import DAY_S, GROUND, LedgerFixture, refusal

from scripts.ledger.roles import ATTESTER, ISSUER

LIFE_S = 45 * DAY_S
ANNOUNCED_S = 3_600


@pytest.fixture
def locked(onchain: LedgerFixture) -> bytes:
    """The reference of what a shop with 500 euros has asked back of them."""
    signed = onchain.redemption(onchain.shop("shop", money=500_00), 400_00)
    onchain.redeem(signed)
    ref: bytes = signed.message.ref
    return ref


def refused_burn(onchain: LedgerFixture, ref: bytes, sender: Any = None) -> tuple[Any, ...] | None:
    return refusal(
        onchain.ledger.completeRedemption, ref, sender=sender or onchain.officers["ISSUER"], block="latest"
    )


def refused_return(onchain: LedgerFixture, ref: bytes, sender: Any = None) -> tuple[Any, ...] | None:
    sender = sender or onchain.officers["ISSUER"]
    return refusal(onchain.ledger.returnRedemption, ref, GROUND, sender=sender, block="latest")


def refused_lapse(onchain: LedgerFixture, ref: bytes) -> tuple[Any, ...] | None:
    return refusal(onchain.ledger.lapseRedemption, ref, sender=onchain.stranger, block="latest")


def after_its_life() -> None:
    chain.sleep(LIFE_S + 60)
    chain.mine()


def test_an_issuers_key_alone_ends_nothing(onchain: LedgerFixture, locked: bytes) -> None:
    assert refused_burn(onchain, locked) == ("OutcomeNotAttested", locked, True)
    assert refused_return(onchain, locked) == ("OutcomeNotAttested", locked, False)


def test_nor_does_an_attesters(onchain: LedgerFixture, locked: bytes) -> None:
    attester = onchain.officers["ATTESTER"]
    for paid in (True, False):
        onchain.attest_outcome(locked, paid)
        for refused in (refused_burn(onchain, locked, attester), refused_return(onchain, locked, attester)):
            assert refused is not None
            assert refused[0] == "AccessManagedUnauthorized"
    assert onchain.ledger.redemptionOf(locked)[2] == 1


@pytest.mark.parametrize("paid", [True, False], ids=["paid", "unpaid"])
def test_it_ends_as_the_attesters_last_word_says_and_not_otherwise(
    onchain: LedgerFixture, locked: bytes, paid: bool
) -> None:
    attester = onchain.officers["ATTESTER"]
    assert onchain.ledger.outcomeOf(locked) == ("0x" + "00" * 20, False)
    onchain.attest_outcome(locked, not paid)
    said = onchain.attest_outcome(locked, paid).events["OutcomeAttested"]
    assert said == {"ref": "0x" + locked.hex(), "paid": paid, "attester": attester.address}
    assert onchain.ledger.outcomeOf(locked) == (attester.address, paid)
    as_said, otherwise = (refused_burn, refused_return) if paid else (refused_return, refused_burn)
    assert otherwise(onchain, locked) == ("OutcomeNotAttested", locked, not paid)
    assert as_said(onchain, locked) is None


@pytest.mark.parametrize("paid", [True, False], ids=["paid", "unpaid"])
def test_a_revoked_attesters_word_counts_no_more(onchain: LedgerFixture, locked: bytes, paid: bool) -> None:
    onchain.attest_outcome(locked, paid)
    governor = {"from": onchain.officers["GOVERNOR"]}
    onchain.manager.revokeRole(ATTESTER.number, onchain.officers["ATTESTER"], governor)
    refused = (refused_burn if paid else refused_return)(onchain, locked)
    assert refused == ("OutcomeNotAttested", locked, paid)
    # The next one's does; and what a thief called paid does not stay locked for that.
    onchain.ledger.attestOutcome(locked, paid, {"from": onchain.grant("ATTESTER", accounts[9])})
    assert (refused_burn if paid else refused_return)(onchain, locked) is None


def test_an_attester_who_must_announce_is_believed_still(onchain: LedgerFixture, locked: bytes) -> None:
    onchain.attest_outcome(locked, True)
    attester, governor = onchain.officers["ATTESTER"], {"from": onchain.officers["GOVERNOR"]}
    onchain.manager.grantRole(ATTESTER.number, attester, ANNOUNCED_S, governor)
    assert refused_burn(onchain, locked) is None


@pytest.mark.parametrize("paid", [True, False], ids=["paid", "unpaid"])
def test_a_key_that_was_given_both_roles_does_not_count_as_two(
    onchain: LedgerFixture, locked: bytes, paid: bool
) -> None:
    both = onchain.grant("ISSUER", onchain.grant("ATTESTER", accounts[9]))
    onchain.ledger.attestOutcome(locked, paid, {"from": both})
    refused_end = refused_burn if paid else refused_return
    assert refused_end(onchain, locked, both) == ("SecondOfficerIsFirst", both.address.lower())
    assert refused_end(onchain, locked) is None


def test_what_was_paid_does_not_lapse_and_what_was_not_does(onchain: LedgerFixture, locked: bytes) -> None:
    onchain.attest_outcome(locked, True)
    after_its_life()
    assert refused_lapse(onchain, locked) == ("RedemptionPaid", locked)
    onchain.attest_outcome(locked, False)
    assert refused_lapse(onchain, locked) is None


def test_what_a_revoked_attester_called_paid_lapses(onchain: LedgerFixture, locked: bytes) -> None:
    onchain.attest_outcome(locked, True)
    after_its_life()
    governor = {"from": onchain.officers["GOVERNOR"]}
    onchain.manager.revokeRole(ATTESTER.number, onchain.officers["ATTESTER"], governor)
    assert refused_lapse(onchain, locked) is None


def test_with_the_attester_away_for_good_the_units_come_back(onchain: LedgerFixture, locked: bytes) -> None:
    after_its_life()
    assert refused_lapse(onchain, locked) is None


def test_with_the_issuer_away_another_ends_it(onchain: LedgerFixture, locked: bytes) -> None:
    onchain.attest_outcome(locked, True)
    governor = {"from": onchain.officers["GOVERNOR"]}
    onchain.manager.revokeRole(ISSUER.number, onchain.officers["ISSUER"], governor)
    assert refused_burn(onchain, locked, onchain.grant("ISSUER", accounts[9])) is None


def test_nothing_is_said_of_what_is_not_locked(onchain: LedgerFixture, locked: bytes) -> None:
    attester, unknown = onchain.officers["ATTESTER"], bytes(32)
    refused = refusal(onchain.ledger.attestOutcome, unknown, True, sender=attester)
    assert refused == ("RedemptionNotLocked", unknown, 0)
    onchain.burn(locked)
    refused = refusal(onchain.ledger.attestOutcome, locked, False, sender=attester)
    assert refused == ("RedemptionNotLocked", locked, 2)


def test_what_the_bank_paid_burns_though_the_shop_is_a_member_no_more(
    onchain: LedgerFixture, locked: bytes
) -> None:
    """A payout that was made must burn: no freeze, no end of an identity stands in its way."""
    account = onchain.ledger.redemptionOf(locked)[0]
    onchain.ledger.freeze(account, True, True, GROUND, 0, {"from": onchain.officers["COMPLIANCE"]})
    onchain.expire(account)
    supply = onchain.ledger.totalSupply()
    onchain.burn(locked)
    assert onchain.ledger.totalSupply() == supply - 400_00
