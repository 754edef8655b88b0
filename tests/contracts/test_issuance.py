"""Issuing: never more than the reserve that was attested lately by another key, once per reference."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import accounts, chain
from eth_utils import keccak
from ledger_fixture import DAY_S, STOP_ISSUING, VERIFIED, VISITOR, LedgerFixture, mine_at, refusal

STATEMENT = keccak(text="a statement")
REF = keccak(text="a euro credit")
DEFAULT_MAX_AGE_S = 4 * DAY_S
DEFAULT_QUOTA = 500_000_00
MAX_CLOCK_LEAD_S = 300
MAX_SUPPLY = 2**44 - 1


def mint_refusal(onchain: LedgerFixture, person: Any, value: int, ref: bytes = REF) -> tuple[Any, ...] | None:
    """Why a mint would be refused, or None."""
    return refusal(onchain.ledger.mint, person.address, value, ref, sender=onchain.officers["ISSUER"])


def test_a_mint_adds_to_the_receiver_and_the_supply(onchain: LedgerFixture, bakery: Any) -> None:
    onchain.attest(1_000_00)
    transaction = onchain.ledger.mint(bakery.address, 400_00, REF, {"from": onchain.officers["ISSUER"]})
    zero = "0x" + "00" * 20
    assert transaction.events["Transfer"] == {"from": zero, "to": bakery.address, "value": 400_00}
    assert transaction.events["Minted"] == {
        "to": bakery.address,
        "ref": "0x" + REF.hex(),
        "value": 400_00,
        "issuer": onchain.officers["ISSUER"],
    }
    assert (onchain.balance(bakery), onchain.ledger.totalSupply(), onchain.ledger.mintedTotal()) == (
        400_00,
    ) * 3
    assert onchain.ledger.mintRefUsed(REF) is True
    assert onchain.ledger.mintedToday(onchain.officers["ISSUER"]) == 400_00


def test_a_reference_is_minted_once_whatever_the_amount_or_receiver(
    onchain: LedgerFixture, bakery: Any, bob: Any
) -> None:
    onchain.attest(1_000_00)
    onchain.ledger.mint(bakery.address, 400_00, REF, {"from": onchain.officers["ISSUER"]})
    expected = ("ReferenceUsed", REF)
    assert mint_refusal(onchain, bakery, 400_00) == expected
    assert mint_refusal(onchain, bob, 1) == expected


def test_nothing_is_minted_before_the_first_attestation(onchain: LedgerFixture, bakery: Any) -> None:
    assert mint_refusal(onchain, bakery, 1) == ("AttestationStale", 0, DEFAULT_MAX_AGE_S)


def test_supply_stops_exactly_at_the_reserve(onchain: LedgerFixture, bakery: Any) -> None:
    onchain.attest(1_000_00)
    assert mint_refusal(onchain, bakery, 1_000_01) == ("ReserveExceeded", 1_000_01, 1_000_00)
    onchain.ledger.mint(bakery.address, 1_000_00, REF, {"from": onchain.officers["ISSUER"]})
    assert mint_refusal(onchain, bakery, 1, STATEMENT) == ("ReserveExceeded", 1_000_01, 1_000_00)


def test_a_shortfall_can_be_told_and_stops_minting(onchain: LedgerFixture, bakery: Any) -> None:
    onchain.fund(bakery, 1_000_00)
    transaction = onchain.attest(900_00)
    assert transaction.events["ReserveAttested"]["supply"] == 1_000_00
    assert mint_refusal(onchain, bakery, 1) == ("ReserveExceeded", 1_000_01, 900_00)


def test_an_attestation_ages_from_the_moment_it_speaks_of(onchain: LedgerFixture, bakery: Any) -> None:
    as_of = chain.time() - DEFAULT_MAX_AGE_S + 100
    attester = {"from": onchain.officers["ATTESTER"]}
    onchain.ledger.attestReserve(1_000_00, as_of, STATEMENT, 0, attester)
    assert mint_refusal(onchain, bakery, 1) is None
    chain.sleep(200)
    chain.mine()
    assert mint_refusal(onchain, bakery, 1) == ("AttestationStale", as_of, DEFAULT_MAX_AGE_S)
    onchain.ledger.setIssuance(
        DEFAULT_MAX_AGE_S + DAY_S, DEFAULT_QUOTA, {"from": onchain.officers["GOVERNOR"]}
    )
    assert mint_refusal(onchain, bakery, 1) is None


def test_the_reserve_says_what_when_and_by_whom(onchain: LedgerFixture) -> None:
    as_of = chain.time() - 5_000
    transaction = onchain.ledger.attestReserve(
        1_000_00, as_of, STATEMENT, 0, {"from": onchain.officers["ATTESTER"]}
    )
    amount, found_as_of, attested_at, statement, attester = onchain.ledger.reserve()
    assert (amount, found_as_of, attested_at) == (1_000_00, as_of, transaction.timestamp)
    assert (str(statement), attester) == ("0x" + STATEMENT.hex(), onchain.officers["ATTESTER"])
    event = transaction.events["ReserveAttested"]
    assert (event["amount"], event["asOf"], event["supply"]) == (1_000_00, as_of, 0)


def test_attestations_go_forward_in_time_and_not_into_the_future(onchain: LedgerFixture) -> None:
    now = chain.time()
    attester = onchain.officers["ATTESTER"]
    onchain.ledger.attestReserve(1_000_00, now, STATEMENT, 0, {"from": attester})
    attest = onchain.ledger.attestReserve
    assert refusal(attest, 1, now - 1, STATEMENT, 0, sender=attester) == (
        "AttestationOutOfOrder",
        now - 1,
        now,
    )
    assert refusal(attest, 1, now, STATEMENT, 0, sender=attester) is None
    refused = refusal(attest, 1, now + MAX_CLOCK_LEAD_S + 1000, STATEMENT, 0, sender=attester)
    assert refused is not None
    assert refused[0] == "AttestationInFuture"


def test_whoever_may_mint_does_not_attest(onchain: LedgerFixture) -> None:
    """Even a governor's mistake that gives one key both roles does not let it print money alone."""
    issuer = onchain.officers["ISSUER"]
    onchain.grant("ATTESTER", issuer)
    refused = refusal(onchain.ledger.attestReserve, 1_000_00, chain.time(), STATEMENT, 0, sender=issuer)
    assert refused == ("IssuerMayNotAttest", issuer.address.lower())


def test_nobody_mints_on_the_word_of_one_who_became_an_issuer(onchain: LedgerFixture, bakery: Any) -> None:
    onchain.attest(1_000_00)
    attester = onchain.officers["ATTESTER"]
    onchain.grant("ISSUER", attester)
    assert mint_refusal(onchain, bakery, 1) == ("AttesterMayNotMint", attester.address.lower())


def test_nobody_mints_on_the_word_of_one_who_attests_no_more(onchain: LedgerFixture, bakery: Any) -> None:
    """A stolen attester's last word dies with its role, and counts again with another's."""
    onchain.attest(1_000_00)
    stolen, governor = onchain.officers["ATTESTER"], {"from": onchain.officers["GOVERNOR"]}
    onchain.manager.grantRole(2, stolen, DAY_S, governor)
    assert mint_refusal(onchain, bakery, 1) is None
    onchain.manager.revokeRole(2, stolen, governor)
    assert mint_refusal(onchain, bakery, 1) == ("AttesterRevoked", stolen.address.lower())
    other = onchain.grant("ATTESTER", accounts[9])
    onchain.ledger.attestReserve(1_000_00, chain[-1].timestamp, STATEMENT, 0, {"from": other})
    assert mint_refusal(onchain, bakery, 1) is None


def test_the_daily_quota_declines_and_starts_anew_the_next_day(onchain: LedgerFixture, bakery: Any) -> None:
    issuer = onchain.officers["ISSUER"]
    onchain.ledger.setIssuance(DEFAULT_MAX_AGE_S, 500_00, {"from": onchain.officers["GOVERNOR"]})
    onchain.attest(10_000_00)
    onchain.ledger.mint(bakery.address, 300_00, REF, {"from": issuer})
    refused = mint_refusal(onchain, bakery, 200_01, STATEMENT)
    assert refused == ("MintQuotaExceeded", issuer.address.lower(), 500_01, 500_00)
    assert mint_refusal(onchain, bakery, 200_00, STATEMENT) is None
    chain.sleep(DAY_S)
    chain.mine()
    assert onchain.ledger.mintedToday(issuer) == 0
    assert mint_refusal(onchain, bakery, 500_00, STATEMENT) is None


def test_the_supply_has_an_end(onchain: LedgerFixture, bakery: Any) -> None:
    onchain.safeguard(second_officer_from=0)
    onchain.ledger.setIssuance(DEFAULT_MAX_AGE_S, 2**64 - 1, {"from": onchain.officers["GOVERNOR"]})
    onchain.attest(2**60)
    assert mint_refusal(onchain, bakery, MAX_SUPPLY + 1) == ("SupplyTooLarge", MAX_SUPPLY + 1, MAX_SUPPLY)
    assert mint_refusal(onchain, bakery, 2**256 - 1) is not None
    assert mint_refusal(onchain, bakery, MAX_SUPPLY) is None


def test_no_mint_of_nothing_and_none_while_stopped(onchain: LedgerFixture, bakery: Any) -> None:
    onchain.attest(1_000_00)
    assert mint_refusal(onchain, bakery, 0) == ("ZeroValue",)
    onchain.stop(STOP_ISSUING)
    assert mint_refusal(onchain, bakery, 1) == ("IssuingStopped",)


@pytest.mark.parametrize("state", ["stranger", "expired", "frozen", "full"])
def test_only_a_member_in_order_receives_a_mint(onchain: LedgerFixture, state: str) -> None:
    onchain.attest(1_000_00)
    if state == "stranger":
        assert mint_refusal(onchain, onchain.stranger, 1) == ("NotMember", onchain.stranger.address.lower())
        return
    person = onchain.person(state, tier=VISITOR if state == "full" else VERIFIED)
    address = person.address.lower()
    if state == "expired":
        onchain.expire(person)
        assert mint_refusal(onchain, person, 1) == ("IdentityExpired", address)
    elif state == "frozen":
        onchain.freeze(person, True, False)
        assert mint_refusal(onchain, person, 1) == ("FrozenIncoming", address)
    else:
        assert mint_refusal(onchain, person, 150_01) == ("HoldingLimit", address, 150_01, 150_00)


def test_the_settings_are_told(onchain: LedgerFixture) -> None:
    assert onchain.ledger.issuance() == (DEFAULT_MAX_AGE_S, DEFAULT_QUOTA)
    transaction = onchain.ledger.setIssuance(1, 2, {"from": onchain.officers["GOVERNOR"]})
    assert transaction.events["IssuanceChanged"] == {"attestationMaxAge": 1, "dailyMintQuota": 2}
    assert onchain.ledger.issuance() == (1, 2)


THRESHOLD = 100_000_00


@pytest.fixture
def second(onchain: LedgerFixture) -> Any:
    """A second issuer."""
    return onchain.grant("ISSUER", accounts[9])


def propose(onchain: LedgerFixture, person: Any, value: int = THRESHOLD) -> Any:
    """The first issuer proposes a large mint."""
    onchain.attest(1_000_000_00)
    return onchain.ledger.proposeMint(person.address, value, REF, {"from": onchain.officers["ISSUER"]})


def test_a_large_mint_takes_two_issuers(onchain: LedgerFixture, bakery: Any, second: Any) -> None:
    first = onchain.officers["ISSUER"]
    onchain.attest(1_000_000_00)
    assert mint_refusal(onchain, bakery, THRESHOLD) == ("SecondOfficerNeeded", THRESHOLD, THRESHOLD)
    assert mint_refusal(onchain, bakery, THRESHOLD - 1) is None
    proposed = propose(onchain, bakery)
    expires_at = proposed.timestamp + DAY_S
    assert proposed.events["MintProposed"] == {
        "to": bakery.address,
        "ref": "0x" + REF.hex(),
        "value": THRESHOLD,
        "issuer": first,
        "expiresAt": expires_at,
    }
    assert onchain.ledger.mintProposalOf(REF) == (first, bakery.address, THRESHOLD, expires_at)
    assert onchain.balance(bakery) == 0
    approved = onchain.ledger.approveMint(bakery.address, THRESHOLD, REF, {"from": second})
    assert approved.events["Minted"]["issuer"] == second
    assert onchain.balance(bakery) == THRESHOLD
    assert onchain.ledger.mintedToday(first) == onchain.ledger.mintedToday(second) == THRESHOLD
    assert onchain.ledger.mintProposalOf(REF)[0] == "0x" + "00" * 20


def test_a_threshold_is_not_passed_by_pieces(
    onchain: LedgerFixture, bakery: Any, bob: Any, second: Any
) -> None:
    """It counts what single issuers minted to one receiver in whatever twenty-four hours."""
    onchain.lift_limits(VERIFIED)
    onchain.attest(1_000_000_00)
    first, mint = onchain.officers["ISSUER"], onchain.ledger.mint
    mine_at((chain[-1].timestamp // DAY_S + 1) * DAY_S + DAY_S - 3_000)
    for issuer in (first, second):
        mint(bakery.address, THRESHOLD // 2 - 1, onchain.ref(), {"from": issuer})
    assert mint_refusal(onchain, bakery, 1) is None
    assert mint_refusal(onchain, bakery, 2) == ("SecondOfficerNeeded", THRESHOLD, THRESHOLD)
    assert mint_refusal(onchain, bob, THRESHOLD - 1) is None
    propose = onchain.ledger.proposeMint
    assert refusal(propose, bakery.address, 2, REF, sender=first) is None
    assert refusal(propose, bakery.address, 1, REF, sender=first) == (
        "SecondOfficerNotNeeded",
        THRESHOLD - 1,
        THRESHOLD,
    )
    # What two have seen is no piece.
    propose(bakery.address, 2, REF, {"from": first})
    onchain.ledger.approveMint(bakery.address, 2, REF, {"from": second})
    assert mint_refusal(onchain, bakery, 1, STATEMENT) is None
    midnight = (chain[-1].timestamp // DAY_S + 1) * DAY_S
    for moment, refused in ((midnight, True), (midnight + DAY_S - 1, True), (midnight + DAY_S, False)):
        mine_at(moment)
        found = refusal(mint, bakery.address, 2, STATEMENT, sender=first, block="latest")
        assert (found is not None) is refused, moment
    mint(bakery.address, 2, STATEMENT, {"from": first})
    assert mint_refusal(onchain, bakery, THRESHOLD - 3, onchain.ref()) is None
    assert mint_refusal(onchain, bakery, THRESHOLD - 2, onchain.ref())[0] == "SecondOfficerNeeded"


def test_what_is_approved_is_what_was_proposed_by_another(
    onchain: LedgerFixture, bakery: Any, bob: Any, second: Any
) -> None:
    first, approve = onchain.officers["ISSUER"], onchain.ledger.approveMint
    nothing = refusal(approve, bakery.address, THRESHOLD, REF, sender=second)
    assert nothing == ("MintNotProposed", REF, bakery.address.lower(), THRESHOLD)
    propose(onchain, bakery)
    refused = refusal(approve, bakery.address, THRESHOLD, REF, sender=first)
    assert refused == ("SecondOfficerIsFirst", first.address.lower())
    assert refusal(approve, bob.address, THRESHOLD, REF, sender=second)[0] == "MintNotProposed"
    assert refusal(approve, bakery.address, THRESHOLD + 1, REF, sender=second)[0] == "MintNotProposed"
    assert refusal(approve, bakery.address, THRESHOLD, REF, sender=second) is None


def test_a_proposal_waits_a_day(onchain: LedgerFixture, bakery: Any, second: Any) -> None:
    expires_at = propose(onchain, bakery).timestamp + DAY_S
    again = refusal(
        onchain.ledger.proposeMint, bakery.address, THRESHOLD, REF, sender=onchain.officers["ISSUER"]
    )
    assert again == ("MintProposalPending", REF, expires_at)
    mine_at(expires_at)
    refused = refusal(onchain.ledger.approveMint, bakery.address, THRESHOLD, REF, sender=second)
    assert refused == ("MintProposalExpired", REF, expires_at)
    propose(onchain, bakery)
    assert refusal(onchain.ledger.approveMint, bakery.address, THRESHOLD, REF, sender=second) is None


def test_an_issuer_takes_a_proposal_back(onchain: LedgerFixture, bakery: Any, second: Any) -> None:
    propose(onchain, bakery)
    withdrawn = onchain.ledger.withdrawMint(REF, {"from": second})
    assert withdrawn.events["MintWithdrawn"]["issuer"] == second
    assert (
        refusal(onchain.ledger.approveMint, bakery.address, THRESHOLD, REF, sender=second)[0]
        == "MintNotProposed"
    )
    assert refusal(onchain.ledger.withdrawMint, REF, sender=second)[0] == "MintNotProposed"


def test_a_proposal_dies_with_its_issuers_role(onchain: LedgerFixture, bakery: Any, second: Any) -> None:
    propose(onchain, bakery)
    onchain.manager.revokeRole(1, onchain.officers["ISSUER"], {"from": onchain.officers["GOVERNOR"]})
    assert (
        refusal(onchain.ledger.approveMint, bakery.address, THRESHOLD, REF, sender=second)[0]
        == "MintNotProposed"
    )


def test_all_rules_of_a_mint_hold_when_it_is_approved(
    onchain: LedgerFixture, bakery: Any, second: Any
) -> None:
    propose(onchain, bakery)
    arguments = (bakery.address, THRESHOLD, REF)
    approve = onchain.ledger.approveMint
    onchain.attest(THRESHOLD - 1)
    assert refusal(approve, *arguments, sender=second) == ("ReserveExceeded", THRESHOLD, THRESHOLD - 1)
    onchain.attest(THRESHOLD)
    onchain.stop(STOP_ISSUING)
    assert refusal(approve, *arguments, sender=second) == ("IssuingStopped",)
    onchain.ledger.resume(STOP_ISSUING, {"from": onchain.officers["GOVERNOR"]})
    onchain.ledger.setIssuance(DEFAULT_MAX_AGE_S, THRESHOLD - 1, {"from": onchain.officers["GOVERNOR"]})
    assert refusal(approve, *arguments, sender=second)[0] == "MintQuotaExceeded"
    onchain.ledger.setIssuance(DEFAULT_MAX_AGE_S, THRESHOLD, {"from": onchain.officers["GOVERNOR"]})
    onchain.freeze(bakery, True, False)
    assert refusal(approve, *arguments, sender=second) == ("FrozenIncoming", bakery.address.lower())


def test_a_small_mint_is_not_proposed(onchain: LedgerFixture, bakery: Any) -> None:
    issuer = onchain.officers["ISSUER"]
    refused = refusal(onchain.ledger.proposeMint, bakery.address, THRESHOLD - 1, REF, sender=issuer)
    assert refused == ("SecondOfficerNotNeeded", THRESHOLD - 1, THRESHOLD)
    onchain.attest(1_000_00)
    onchain.ledger.mint(bakery.address, 1, REF, {"from": issuer})
    refused = refusal(onchain.ledger.proposeMint, bakery.address, THRESHOLD, REF, sender=issuer)
    assert refused == ("ReferenceUsed", REF)
    refused = refusal(onchain.ledger.proposeMint, bakery.address, MAX_SUPPLY + 1, STATEMENT, sender=issuer)
    assert refused == ("SupplyTooLarge", MAX_SUPPLY + 1, MAX_SUPPLY)
