"""A plain Python model of the ledger and the everyday moves on both. Used by test_stateful.py.

Holds invariants 1, 2, 3, 6 and 7: sum of balances = supply = minted - burned; the supply, with what was
burned and is not shown as paid out, <= attested reserve; each reference mints once; nobody frozen or
unenrolled sends or receives; a batch does what its payments do one by one.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from brownie import chain
from hypothesis import strategies as st
from ledger_fixture import (
    DECLARED,
    GROUND,
    MERCHANT,
    PROFESSIONAL,
    RESIDENT,
    STOP_ISSUING,
    STOP_PAYMENTS,
    STOP_REDEEMING,
    VERIFIED,
    LedgerFixture,
    Signed,
    refusal,
    skipped,
)
from signing import P256, PASSKEY, SECP256K1, SigningKey

DECLARED_HOLDING = 300_00
PEOPLE = (
    ("ada", RESIDENT, VERIFIED, P256),
    ("ben", RESIDENT, VERIFIED, SECP256K1),
    ("cleo", RESIDENT, DECLARED, P256),
    ("dora", RESIDENT, VERIFIED, PASSKEY),
    ("bakery", MERCHANT, PROFESSIONAL, P256),
    ("market", MERCHANT, PROFESSIONAL, SECP256K1),
)
START_MONEY = 250_00
START_RESERVE = 3_000_00
# Longer than any day here lasts: an old payment is refused for its nonce or its key.
SIGNED_FOR_S = 30 * 86_400
# Everybody but one is a member from the start, or most moves would only meet strangers.
FOUNDERS = (0, 1, 2, 3, 4)

# How often the payments of all runs together met each outcome.
MET: Counter[str] = Counter()


class EverydayMoves:
    """A model of the ledger and the moves of every day."""

    st_person = st.integers(0, len(PEOPLE) - 1)
    st_other = st.integers(0, len(PEOPLE) - 1)
    # A share of what the payer holds: none, a little, all, one cent too much; or any value.
    st_value = st.one_of(st.sampled_from(["nothing", "all", "one more"]), st.integers(1, 400_00))
    st_change = st.integers(-200_00, 2_000_00)
    st_batch = st.lists(
        st.tuples(st.integers(0, len(PEOPLE) - 1), st.integers(0, len(PEOPLE) - 1), st_value),
        min_size=1,
        max_size=4,
    )
    st_flags = st.sampled_from([(True, False), (False, True), (True, True)])
    st_what = st.integers(1, 7)
    st_paid = st.booleans()

    def __init__(cls, onchain: LedgerFixture) -> None:
        cls.onchain = onchain
        cls.keys = [SigningKey(f"machine {name}", key_kind) for name, _, _, key_kind in PEOPLE]

    def setup(self) -> None:
        """Limits that the model also knows: only what declared people may hold."""
        governor = {"from": self.onchain.officers["GOVERNOR"]}
        self.onchain.lift_limits(VERIFIED, PROFESSIONAL)
        self.onchain.ledger.setTierLimits(DECLARED, (DECLARED_HOLDING, 0, 0, 0), governor)
        self.enrolled: set[int] = set()
        self.balances: dict[int, int] = defaultdict(int)
        self.locked: dict[int, int] = defaultdict(int)
        self.open_redemptions: list[tuple[bytes, int, int]] = []
        self.frozen: dict[int, tuple[bool, bool]] = defaultdict(lambda: (False, False))
        self.held: dict[int, int] = defaultdict(int)
        self.stops = 0
        self.reserve = 0
        self.ceiling = 0
        self.paid_out = 0
        self.minted = 0
        self.burned = 0
        self.refs: list[bytes] = []
        self.settled: list[tuple[Signed, int, SigningKey]] = []
        self.escrowed = 0
        self.signers = dict(enumerate(self.keys))
        self.nonces: dict[int, int] = defaultdict(int)
        for person in FOUNDERS:
            self.rule_enrol(person)
        self.rule_attest(START_RESERVE, True)
        for person in FOUNDERS:
            self.rule_mint(person, START_MONEY)

    def cents(self, person: int, value: int | str) -> int:
        """What a drawn value means for that person now."""
        shares = {"nothing": 0, "all": self.balances[person], "one more": self.balances[person] + 1}
        return shares[value] if isinstance(value, str) else value

    # ---- what the model expects

    def reason(self, payer: int, payee: int, value: int) -> str | None:
        """The name of the error the model expects for a payment, in the ledger's order."""
        return "ZeroValue" if value == 0 else self.reason_to_move(payer, payee, value)

    def reason_to_move(self, payer: int, payee: int, value: int) -> str | None:
        """The same for a movement, which may be of nothing."""
        if payer == payee:
            return "SamePayerPayee"
        if payer not in self.enrolled or payee not in self.enrolled:
            return "NotMember"
        if self.stops & STOP_PAYMENTS:
            return "PaymentsStopped"
        if self.frozen[payer][1]:
            return "FrozenOutgoing"
        if self.frozen[payee][0]:
            return "FrozenIncoming"
        if value > self.balances[payer]:
            return "ERC20InsufficientBalance"
        if value > self.free(payer):
            return "ERC7943InsufficientUnfrozenBalance"
        if PEOPLE[payee][2] == DECLARED and self.balances[payee] + value > DECLARED_HOLDING:
            return "HoldingLimit"
        return None

    def free(self, person: int) -> int:
        """What of the balance is not held."""
        return max(0, self.balances[person] - self.held[person])

    def move(self, payer: int, payee: int, value: int) -> None:
        """The model's payment."""
        self.balances[payer] -= value
        self.balances[payee] += value

    def sign(self, payer: int, payee: int, value: int, nonce: int) -> Signed:
        """A signed payment between two of the members."""
        return self.onchain.payment(
            self.keys[payer],
            self.keys[payee],
            value,
            signer=self.signers[payer],
            nonce=nonce,
            valid_before=chain.time() + SIGNED_FOR_S,
        )

    # ---- moves

    def rule_enrol(self, st_person: int) -> None:
        """The registrar enrols somebody, or is told that they already are."""
        name, kind, tier, _ = PEOPLE[st_person]
        officer = self.onchain.officers["REGISTRAR"]
        arguments = (self.keys[st_person].address, kind, tier, 0, 0)
        if st_person in self.enrolled:
            assert refusal(self.onchain.ledger.enrol, *arguments, sender=officer)[0] == "AlreadyMember", name
            return
        self.onchain.ledger.enrol(*arguments, {"from": officer})
        self.enrolled.add(st_person)

    def needed(self) -> int:
        """What is held against the reserve: the supply, and what is burned and not shown as paid out."""
        return self.minted - min(self.burned, self.paid_out)

    def rule_attest(self, st_change: int, st_paid: bool) -> None:
        """The attester says another amount, sometimes less than circulates: a visible shortfall.

        The statement shows what was burned as paid out, or is from before that.
        """
        self.reserve = max(0, self.reserve + st_change)
        if st_paid:
            self.paid_out = self.burned
        self.onchain.attest(self.reserve, self.paid_out)
        self.ceiling = max(self.reserve, self.needed())

    def rule_mint(self, st_person: int, st_value: int | str) -> None:
        """The issuer mints within the reserve to a member who may receive, or is refused.

        Of a mint, "all" and "one more" are of what the reserve still covers.
        """
        room = max(0, self.reserve - self.needed())
        shares = {"nothing": 0, "all": room, "one more": room + 1}
        value = shares[st_value] if isinstance(st_value, str) else st_value
        ref, issuer = self.onchain.ref(), self.onchain.officers["ISSUER"]
        declared_full = (
            PEOPLE[st_person][2] == DECLARED and self.balances[st_person] + value > DECLARED_HOLDING
        )
        allowed = (
            not self.stops & STOP_ISSUING
            and value > 0
            and self.needed() + value <= self.reserve
            and st_person in self.enrolled
            and not self.frozen[st_person][0]
            and not declared_full
        )
        arguments = (self.keys[st_person].address, value, ref)
        assert (refusal(self.onchain.ledger.mint, *arguments, sender=issuer) is None) is allowed
        if allowed:
            self.onchain.ledger.mint(*arguments, {"from": issuer})
            self.balances[st_person] += value
            self.minted += value
            self.refs.append(ref)

    def rule_mint_again(self, st_person: int) -> None:
        """A reference that was minted is never minted again."""
        if self.refs:
            issuer = self.onchain.officers["ISSUER"]
            refused = refusal(
                self.onchain.ledger.mint, self.keys[st_person].address, 1, self.refs[-1], sender=issuer
            )
            assert refused[0] in ("ReferenceUsed", "IssuingStopped")

    def rule_pay(self, st_person: int, st_other: int, st_value: int | str) -> None:
        """One signed payment is made, or refused for the reason the model expects."""
        value = self.cents(st_person, st_value)
        signed = self.sign(st_person, st_other, value, self.nonces[st_person])
        expected = self.reason(st_person, st_other, value)
        MET[expected or "paid"] += 1
        refused = self.onchain.refused_payment(signed)
        assert (refused[0] if refused else None) == expected
        if expected is None:
            self.onchain.pay(signed)
            self.move(st_person, st_other, value)
            self.nonces[st_person] += 1
            self.settled.append((signed, st_person, self.signers[st_person]))

    def rule_settle(self, st_batch: list[tuple[int, int, int | str]]) -> None:
        """A batch, with an old payment put in, does what the model does one by one and reports the rest."""
        batch, expected = [], []
        if self.settled:
            old, payer, signer = self.settled[-1]
            batch.append(old)
            expected.append((0, "NonceUsed" if self.signers[payer] is signer else "BadSignature"))
        for payer, payee, drawn in st_batch:
            value = self.cents(payer, drawn)
            signed = self.sign(payer, payee, value, self.nonces[payer])
            reason = self.reason(payer, payee, value)
            MET[reason or "paid"] += 1
            if reason is None:
                self.move(payer, payee, value)
                self.nonces[payer] += 1
                self.settled.append((signed, payer, self.signers[payer]))
            else:
                expected.append((len(batch), reason))
                # What was signed and left out never happens: its number is used up.
                self.nonces[payer] += payer in self.enrolled
            batch.append(signed)
        assert skipped(self.onchain.settle(batch)) == expected

    def rule_freeze(self, st_person: int, st_flags: tuple[bool, bool]) -> None:
        """The compliance officer freezes a member."""
        if st_person in self.enrolled:
            self.onchain.freeze(self.keys[st_person], *st_flags)
            self.frozen[st_person] = st_flags

    def rule_hold(self, st_person: int, st_value: int | str) -> None:
        """The compliance officer holds an amount of a member, at times more than there is, or nothing."""
        if st_person in self.enrolled:
            officer = {"from": self.onchain.officers["COMPLIANCE"]}
            self.held[st_person] = self.cents(st_person, st_value)
            account = self.keys[st_person].address
            self.onchain.ledger.setFrozenTokens(account, self.held[st_person], officer)

    def rule_unfreeze(self, st_person: int) -> None:
        """The compliance officer lifts the freezes of a member."""
        if st_person in self.enrolled:
            officer = {"from": self.onchain.officers["COMPLIANCE"]}
            self.onchain.ledger.unfreeze(self.keys[st_person].address, GROUND, officer)
            self.frozen[st_person] = (False, False)

    def rule_stop(self, st_what: int, st_batch: list[tuple[int, int, int | str]], st_paid: bool) -> None:
        """The pauser stops something, a batch meets it; mostly a governor resumes before the next move."""
        self.onchain.stop(st_what)
        self.stops |= st_what
        self.rule_settle(st_batch)
        if st_paid or self.stops & STOP_PAYMENTS:
            self.rule_resume()

    def rule_resume(self) -> None:
        """A governor resumes everything, or is told that nothing is stopped."""
        governor = self.onchain.officers["GOVERNOR"]
        if self.stops == 0:
            assert refusal(self.onchain.ledger.resume, 7, sender=governor)[0] == "NotStopped"
            return
        self.onchain.ledger.resume(7, {"from": governor})
        self.stops = 0

    def rule_redeem(self, st_person: int, st_value: int | str) -> None:
        """A professional asks for euros back, anybody else is refused."""
        value = self.cents(st_person, st_value)
        person, signer = self.keys[st_person], self.signers[st_person]
        signed = self.onchain.redemption(person, value, signer=signer, nonce=self.nonces[st_person])
        allowed = (
            not self.stops & STOP_REDEEMING
            and 0 < value <= self.free(st_person)
            and st_person in self.enrolled
            and PEOPLE[st_person][1] == MERCHANT
            and not self.frozen[st_person][1]
        )
        assert (self.onchain.refused_redemption(signed) is None) is allowed
        if allowed:
            self.onchain.redeem(signed)
            self.balances[st_person] -= value
            self.locked[st_person] += value
            self.nonces[st_person] += 1
            self.open_redemptions.append((signed.message.ref, st_person, value))

    def rule_end_redemption(self, st_paid: bool) -> None:
        """The oldest open redemption is burned or returned, whatever is stopped or frozen."""
        if not self.open_redemptions:
            return
        ref, person, value = self.open_redemptions.pop(0)
        self.locked[person] -= value
        if st_paid:
            self.onchain.burn(ref)
            self.burned += value
        else:
            self.onchain.give_back(ref)
            self.balances[person] += value

    # ---- what always holds

    def invariant_balances_are_the_models_and_add_up_to_the_supply(self) -> None:
        """Invariant 1: every balance and lock is known; all together are the supply, minted minus burned."""
        ledger = self.onchain.ledger
        found = [ledger.accountOf(key.address) for key in self.keys]
        people = range(len(PEOPLE))
        assert [account["balance"] for account in found] == [self.balances[person] for person in people]
        frozen = [
            self.held[p] if not self.frozen[p][1] else max(self.held[p], self.balances[p]) for p in people
        ]
        assert [ledger.getFrozenTokens(key.address) for key in self.keys] == frozen
        assert [account["lockedForRedemption"] for account in found] == [self.locked[p] for p in people]
        held = self.onchain.balance(ledger)
        assert held == sum(self.locked.values())
        escrow = self.onchain.balance(ledger.campaignEscrow())
        assert escrow == self.escrowed
        assert sum(account["balance"] for account in found) + held + escrow == ledger.totalSupply()
        assert (ledger.mintedTotal(), ledger.burnedTotal()) == (self.minted, self.burned)
        assert ledger.totalSupply() == self.minted - self.burned

    def invariant_the_supply_is_covered(self) -> None:
        """Invariant 2: nothing is minted above the reserve; only the attester's word can show a shortfall."""
        assert self.minted - self.burned <= self.needed() <= self.ceiling
        assert self.onchain.ledger.burnedUnshown() == self.needed() - (self.minted - self.burned)
        assert self.onchain.ledger.reserve()[0] == self.reserve
