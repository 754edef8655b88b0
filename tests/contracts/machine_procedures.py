"""The rarer moves on machine.py's model: recoveries, forced transfers, campaigns. For test_stateful.py.

Adds the campaigns' invariant: never more is paid out than was funded, and the escrow holds exactly the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from brownie import chain
from eth_abi import encode
from eth_utils import keccak
from hypothesis import strategies as st
from ledger_fixture import GROUND, MERCHANT, STOP_PAYMENTS, refusal
from machine import MET, PEOPLE, EverydayMoves
from signing import KINDS, SigningKey

PROCEDURE_DELAY_S = 60
CAMPAIGN_LENGTH_S = 600
PERSON_CAP = 12_00
SHARES = (10_000, 2_500)
VETO_TYPE = "RecoveryVeto(address account,uint256 number)"


@dataclass
class Campaign:
    """What the model knows of one."""

    ref: bytes
    funder: int
    funded: int
    share: int
    spent: int = 0
    closed: bool = False

    def left(self) -> int:
        """Cents still in escrow for it."""
        return 0 if self.closed else self.funded - self.spent


class Machine(EverydayMoves):
    """Every move."""

    st_share = st.sampled_from(SHARES)
    st_kind = st.sampled_from(KINDS)

    def setup(self) -> None:
        """The everyday acts, without campaigns."""
        self.campaigns: list[Campaign] = []
        self.by_person: dict[tuple[bytes, int], int] = {}
        super().setup()

    # ---- recovery

    def rule_recover(self, st_person: int, st_kind: int, st_paid: bool) -> None:
        """A lost telephone: only the new key counts after the delay, unless the old one objects."""
        if st_person not in self.enrolled:
            return
        onchain, ledger, account = self.onchain, self.onchain.ledger, self.keys[st_person].address
        old = self.signers[st_person]
        new = SigningKey(f"{old.label} again", st_kind)
        registrar = {"from": onchain.officers["REGISTRAR"]}
        proposed = ledger.proposeRecovery(account, new.address, st_kind, GROUND, registrar)
        number = proposed.events["RecoveryProposed"]["number"]
        assert refusal(ledger.executeRecovery, account, number, sender=onchain.relay)[0] == "RecoveryNotDue"
        if not st_paid:
            values = [keccak(text=VETO_TYPE), account, number]
            struct_hash = keccak(encode(["bytes32", "address", "uint256"], values))
            envelope = old.sign(onchain.domain.digest(struct_hash))
            ledger.vetoRecovery(account, number, envelope, {"from": onchain.relay})
            MET["vetoed"] += 1
        pass_time(PROCEDURE_DELAY_S)
        refused = refusal(ledger.executeRecovery, account, number, sender=onchain.relay)
        assert (refused is None) is st_paid
        if not st_paid:
            return
        ledger.executeRecovery(account, number, {"from": onchain.relay})
        self.signers[st_person] = new
        payment = onchain.payment(self.keys[st_person], self.keys[0], 1, signer=old)
        assert onchain.refused_payment(payment)[0] == "BadSignature"
        MET["recovered"] += 1

    # ---- forced transfers

    def rule_force(self, st_person: int, st_other: int, st_value: int | str, st_paid: bool) -> None:
        """A court's order moves money past freezes, or is called off, or meets what it cannot pass."""
        onchain, ledger = self.onchain, self.onchain.ledger
        value, officer = self.cents(st_person, st_value), self.onchain.officers["COMPLIANCE"]
        arguments = (self.keys[st_person].address, self.keys[st_other].address, value, GROUND)
        possible = value > 0 and st_person != st_other and {st_person, st_other} <= self.enrolled
        refused = refusal(ledger.proposeForcedTransfer, *arguments, sender=officer)
        assert (refused is None) is possible
        if not possible:
            return
        proposed = ledger.proposeForcedTransfer(*arguments, {"from": officer})
        number = proposed.events["ForcedTransferProposed"]["number"]
        refused = refusal(ledger.executeForcedTransfer, number, sender=officer)
        assert refused[0] == "ForcedTransferNotDue"
        if not st_paid:
            ledger.haltForcedTransfer(number, GROUND, {"from": onchain.officers["PAUSER"]})
        pass_time(PROCEDURE_DELAY_S)
        expected = None
        if not st_paid:
            expected = "ForcedTransferNotPending"
        elif value > self.balances[st_person]:
            expected = "ERC20InsufficientBalance"
        elif self.frozen[st_other][0]:
            expected = "FrozenIncoming"
        refused = refusal(ledger.executeForcedTransfer, number, sender=officer)
        assert (refused[0] if refused else None) == expected
        if expected is None:
            ledger.executeForcedTransfer(number, {"from": officer})
            self.move(st_person, st_other, value)
            # An order takes what is held too.
            self.held[st_person] = min(self.held[st_person], self.balances[st_person])
            MET["forced"] += 1

    # ---- campaigns

    def rule_open_campaign(self, st_person: int, st_value: int | str, st_share: int) -> None:
        """A professional puts money in escrow; anybody else, or more than one has, is refused."""
        value = self.cents(st_person, st_value)
        signed = self.onchain.campaign(
            self.keys[st_person],
            value,
            signer=self.signers[st_person],
            ends_at=chain.time() + CAMPAIGN_LENGTH_S,
            per_person_cap=PERSON_CAP,
            share_basis_points=st_share,
            nonce=self.nonces[st_person],
        )
        allowed = (
            not self.stops & STOP_PAYMENTS
            and 0 < value <= self.free(st_person)
            and st_person in self.enrolled
            and PEOPLE[st_person][1] == MERCHANT
            and not self.frozen[st_person][1]
        )
        ledger = self.onchain.ledger
        refused = refusal(ledger.openCampaign, *signed.arguments(), sender=self.onchain.relay)
        assert (refused is None) is allowed
        if allowed:
            ledger.openCampaign(*signed.arguments(), {"from": self.onchain.relay})
            self.nonces[st_person] += 1
            self.balances[st_person] -= value
            self.escrowed += value
            self.campaigns.append(Campaign(signed.message.ref, st_person, value, st_share))

    def rule_spend_benefit(self, st_person: int, st_other: int, st_value: int | str) -> None:
        """A payment takes what the youngest campaign gives, the rest from the payer; or is refused."""
        if not self.campaigns:
            return
        campaign, value = self.campaigns[-1], self.cents(st_person, st_value)
        spent = self.by_person.get((campaign.ref, st_person), 0)
        benefit = min(value * campaign.share // 10_000, PERSON_CAP - spent, campaign.left())
        expected = self.reason_against_benefit(campaign, st_person, st_other, value, benefit)
        signed = self.onchain.benefit(
            self.keys[st_person],
            self.keys[st_other],
            value,
            campaign.ref,
            signer=self.signers[st_person],
            nonce=self.nonces[st_person],
        )
        refused = self.onchain.refused_benefit(signed)
        assert (refused[0] if refused else None) == expected
        if expected is None:
            self.onchain.pay_benefit(signed)
            self.nonces[st_person] += 1
            self.move(st_person, st_other, value - benefit)
            self.balances[st_other] += benefit
            self.escrowed -= benefit
            campaign.spent += benefit
            self.by_person[(campaign.ref, st_person)] = spent + benefit
            MET["benefit" if benefit else "no benefit left"] += 1

    def reason_against_benefit(
        self, campaign: Campaign, payer: int, payee: int, value: int, benefit: int
    ) -> str | None:
        """The name of the error the model expects, in the ledger's order."""
        if value == 0:
            return "ZeroValue"
        if campaign.closed:
            return "CampaignNotOpen"
        if payee not in self.enrolled or PEOPLE[payee][1] != MERCHANT:
            return "PayeeNotEligible"
        return self.reason_to_move(payer, payee, value - benefit)

    def rule_close_campaign(self) -> None:
        """After its end the youngest open campaign gives its funder the rest, whatever is stopped; once."""
        still_open = [campaign for campaign in self.campaigns if not campaign.closed]
        if not still_open:
            return
        ledger, sender = self.onchain.ledger, self.onchain.stranger
        # All end together: time passes for each of them.
        pass_time(CAMPAIGN_LENGTH_S + 1)
        for campaign in still_open:
            left = campaign.left()
            closed = ledger.closeCampaign(campaign.ref, {"from": sender})
            assert closed.events["CampaignClosed"]["value"] == left
            campaign.closed = True
            self.balances[campaign.funder] += left
            self.escrowed -= left
            MET["campaign closed"] += 1
            assert refusal(ledger.closeCampaign, campaign.ref, sender=sender)[0] == "CampaignNotOpen"

    def invariant_no_campaign_pays_more_than_was_funded(self) -> None:
        """Each campaign paid what the model says, at most its fund; the escrow is the sum of rests."""
        for campaign in self.campaigns:
            found: Any = self.onchain.ledger.campaignOf(campaign.ref)
            assert (found["funded"], found["spent"], found["closed"]) == (
                campaign.funded,
                campaign.spent,
                campaign.closed,
            )
            assert found["spent"] <= found["funded"]
        rests = sum(campaign.left() for campaign in self.campaigns)
        assert self.onchain.balance(self.onchain.ledger.campaignEscrow()) == rests == self.escrowed


def pass_time(seconds: int) -> None:
    """A block that much later."""
    chain.sleep(seconds)
    chain.mine()
