"""Whatever an indexer must know can be rebuilt from the events since block 0."""

from __future__ import annotations

import inspect
import random
from typing import Any

import pytest
from brownie import chain
from ledger_fixture import DAY_S, GROUND, TREASURY, LedgerFixture
from machine import PEOPLE
from machine_procedures import Machine
from replayed import EVENTS, NOBODY, Replayed, events_of, name_of
from test_stateful import WEIGHTS, drawn

MOVES = 60
SEED = 7
# Said by other events too, or about something that changed nothing. An allowance shrinks without an event, as
# ERC-20 has it: it is asked for, not copied.
WITHOUT_STATE = {
    "StopsRefused",
    "Approval",
    "AuthorizationCanceled",
    "AuthorizationUsed",
    "AuthorityUpdated",
    "BenefitPaymentSettled",
    "BenefitSkipped",
    "EIP712DomainChanged",
    "ForcedTransfer",
    "Initialized",
    "PaymentSettled",
    "PaymentSkipped",
    "ResumeApproved",
    "Upgraded",
}


@pytest.fixture(autouse=True)
def isolated(fn_isolation: None) -> None:
    """Each test starts from the module's ledger."""


@pytest.fixture
def after_a_day(onchain: LedgerFixture) -> tuple[Machine, Replayed]:
    """A long day of everything, and what its events alone say of it."""
    rng = random.Random(SEED)
    machine = Machine.__new__(Machine)
    Machine.__init__(machine, onchain)
    machine.setup()
    begin_with_one_of_each(machine)
    for name in rng.choices(list(WEIGHTS), weights=list(WEIGHTS.values()), k=MOVES):
        rule = getattr(machine, f"rule_{name}")
        rule(**{parameter: drawn(rng, parameter) for parameter in inspect.signature(rule).parameters})
    leave_things_open(onchain, machine)
    replayed = Replayed(onchain.ledger.address)
    for name, event in events_of(onchain.ledger.address, onchain.deployment["deployed_at_block"]):
        replayed.apply(name, event)
    return machine, replayed


def begin_with_one_of_each(machine: Machine) -> None:
    """What rng might leave out: redemptions burned, returned and open; a campaign spent from; a recovery."""
    for cents in (50_00, 10_00, 5_00):
        machine.rule_redeem(4, cents)
    machine.rule_end_redemption(True)
    machine.rule_end_redemption(False)
    machine.rule_open_campaign(4, 30_00, 10_000)
    machine.rule_spend_benefit(0, 4, 5_00)
    machine.rule_recover(1, 2, True)
    machine.rule_force(0, 1, 1_00, True)


def leave_things_open(onchain: LedgerFixture, machine: Machine) -> None:
    """One of everything that waits, and a changed member and setting."""
    ledger, ada, ben = onchain.ledger, machine.keys[0], machine.keys[1]
    registrar, issuer = {"from": onchain.officers["REGISTRAR"]}, {"from": onchain.officers["ISSUER"]}
    ledger.setMember(ada.address, TREASURY, 4, 7, 30_000, registrar)
    onchain.add_signer(ada, ben, 1, by=machine.signers[0])
    ledger.proposeRecovery(ada.address, ben.address, 1, GROUND, registrar)
    order = (ada.address, ben.address, 1, GROUND)
    ledger.proposeForcedTransfer(*order, {"from": onchain.officers["COMPLIANCE"]})
    ledger.proposeMint(ada.address, 200_000_00, GROUND, issuer)
    campaign = machine.campaigns[-1].ref
    for listed in (True, False):
        ledger.listForCampaign(campaign, [ada.address, ben.address], True, listed, registrar)
    ledger.listForCampaign(campaign, [ada.address], False, True, registrar)
    for person in range(6):
        machine.rule_hold(person, "nothing")
        machine.rule_unfreeze(person)
    machine.rule_resume()
    machine.rule_mint(4, 1)
    machine.rule_open_campaign(4, 1, 10_000)
    compliance = {"from": onchain.officers["COMPLIANCE"]}
    until = chain[-1].timestamp + 60 * DAY_S
    for one in (ben, ada):
        ledger.suspendKey(one.address, one.address, until, GROUND, compliance)
    ledger.releaseKey(ben.address, GROUND, compliance)
    for one in machine.campaigns:
        if not ledger.campaignOf(one.ref)["closed"]:
            ledger.haltCampaign(one.ref, chain[-1].timestamp + DAY_S, GROUND, compliance)
            ledger.releaseCampaign(one.ref, GROUND, compliance)
            ledger.haltCampaign(one.ref, chain[-1].timestamp + DAY_S, GROUND, compliance)
    onchain.safeguard(resume_approvals=2)
    ledger.setIssuance(DAY_S, 1_000_000_00, {"from": onchain.officers["GOVERNOR"]})
    onchain.stop(2)


def test_every_event_is_read_or_needs_no_reading() -> None:
    read = {name.removeprefix("on_") for name in dir(Replayed) if name.startswith("on_")}
    assert {name_of(entry) for entry in EVENTS.values()} == read | WITHOUT_STATE


def test_the_events_alone_give_the_ledgers_state(
    onchain: LedgerFixture, after_a_day: tuple[Machine, Replayed]
) -> None:
    machine, replayed = after_a_day
    check_money(onchain, replayed)
    check_people(onchain, machine, replayed)
    check_rules(onchain, replayed)
    check_procedures(onchain, replayed)


def check_money(onchain: LedgerFixture, replayed: Replayed) -> None:
    ledger = onchain.ledger
    assert (replayed.minted, replayed.burned) == (ledger.mintedTotal(), ledger.burnedTotal())
    for account, cents in replayed.balances.items():
        if int(account, 16):
            assert onchain.balance(account) == cents
    assert sum(replayed.balances.values()) == 0
    assert all(ledger.mintRefUsed(ref) for ref in replayed.mint_refs)
    assert replayed.redemptions
    for ref, (account, value, state) in replayed.redemptions.items():
        assert ledger.redemptionOf(ref)[:3] == (account, value, state)
    assert replayed.outcomes
    for ref, said in replayed.outcomes.items():
        assert ledger.outcomeOf(ref) == said


def check_people(onchain: LedgerFixture, machine: Machine, replayed: Replayed) -> None:
    ledger, now = onchain.ledger, chain.time()
    assert len(replayed.members) in (len(PEOPLE), len(PEOPLE) - 1)
    for account, member in replayed.members.items():
        found = ledger.accountOf(account)
        assert (found["kind"], found["tier"], found["sector"], found["expiresAtDay"]) == member
        incoming, outgoing, until = replayed.freezes.get(account, (False, False, 0))
        over = until != 0 and until <= now
        assert (found["frozenIn"], found["frozenOut"]) == (incoming and not over, outgoing and not over)
    known = {key.address for key in (*machine.keys, *machine.signers.values())}
    assert len(replayed.suspensions) > 1
    for account, signers in replayed.signers.items():
        suspended = replayed.suspensions.get(account, (NOBODY, 0))
        assert ledger.suspendedKeyOf(account) == suspended
        for key in known | set(signers):
            assert ledger.isSigner(account, key) is (key in signers and key != suspended[0])


def check_rules(onchain: LedgerFixture, replayed: Replayed) -> None:
    ledger = onchain.ledger
    assert ledger.stops() == replayed.stops != 0
    assert {tier: tuple(ledger.tierLimits(tier)) for tier in range(1, 5)} == replayed.limits
    assert ledger.issuance() == replayed.issuance
    assert ledger.safeguards() == replayed.safeguards
    assert ledger.paidOutTotal() == replayed.paid_out
    amount, as_of, _, statement, attester = ledger.reserve()
    assert (amount, as_of, bytes(statement), attester) == replayed.reserve


def check_procedures(onchain: LedgerFixture, replayed: Replayed) -> None:
    ledger = onchain.ledger
    assert all((replayed.recoveries, replayed.forced, replayed.campaigns, replayed.proposals))
    for account, record in replayed.recoveries.items():
        assert ledger.recoveryOf(account) == record
    for number, transfer in replayed.forced.items():
        assert ledger.forcedTransferOf(number)[:5] == transfer
    for ref, proposal in replayed.proposals.items():
        assert ledger.mintProposalOf(ref) == proposal
    for ref, campaign in replayed.campaigns.items():
        found: Any = ledger.campaignOf(ref)
        for name in ("funder", "funded", "spent", "closed"):
            assert found[name] == campaign[name], name
        assert found["perPersonCap"] == campaign["terms"][5]
    assert replayed.halts
    for ref, until in replayed.halts.items():
        assert ledger.campaignHaltedUntil(ref) == until
    assert len(replayed.lists) == 3
    for (ref, account, as_payer), listed in replayed.lists.items():
        assert ledger.campaignListing(ref, account)[0 if as_payer else 1] is listed
    for (ref, payer), cents in replayed.benefits.items():
        assert ledger.benefitSpentBy(ref, payer) == cents
