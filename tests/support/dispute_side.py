"""Members who pay each other, contest and answer, and officers who decide: where tests of disputes start."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select

from tests.support.bank_side import BankSide
from tests.support.cleaning import clean_here
from tests.support.fake_ledger import account_of
from wallet_service.accounts import repository as accounts
from wallet_service.accounts.service import Accounts, SpendableBalance
from wallet_service.database.tables.chain import postings
from wallet_service.database.tables.disputes import account_holds
from wallet_service.database.tables.push import push_events
from wallet_service.database.tables.supervision import journal
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.disputes import repository
from wallet_service.disputes.desk import DisputeMeans, make_disputes
from wallet_service.disputes.models import Dispute, DisputeReason
from wallet_service.disputes.service import Contest
from wallet_service.members.directory import Directory
from wallet_service.payments.models import Payment, Purpose
from wallet_service.payments.repository import insert_payments
from wallet_service.payments.states import PaymentState
from wallet_service.protocol.signing.typed_data import PaymentMessage
from wallet_service.protocol.text.identifiers import new_ref

COMPLIANCE, GOVERNS = {"observe", "compliance"}, {"observe", "govern"}
GROUND = "Les deux parties entendues"


@dataclass
class DisputeSide(BankSide):
    """As bootstrap wires it, on a ledger played by hand."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.directory = Directory(self.engine, self.sealer)
        means = DisputeMeans(self.approvals, self.sealer, self.directory, clean_here)
        self.disputes = make_disputes(self.engine, self.clock, self.ledger, self.push, self.journal, means)
        self.disputes.register(self.ledger)
        self.accounts = Accounts(self.engine, self.clock, self.ledger)

    def address(self, member_id: str) -> str:
        with reading(self.engine) as connection:
            return account_of(connection, member_id)

    def person(self, cents: int = 0) -> str:
        """A resident with that much."""
        member_id = self.member()
        self.give(member_id, cents)
        return member_id

    def give(self, member_id: str, cents: int) -> None:
        """Units out of nowhere, as the ledger says them."""
        self.ledger.held[self.address(member_id)] += cents
        self.ledger.tell("Nothing", {})

    def pay(self, payer_id: str, payee_id: str, cents: int, *, refund_of: str | None = None) -> str:
        """A payment that ends, with its postings; its reference."""
        payer, payee = self.address(payer_id), self.address(payee_id)
        self.nonces_used += 1
        message = PaymentMessage(
            payer, payee, cents, new_ref(), self.clock.now_unix_s() + 60, self.nonces_used
        )
        purpose = Purpose.PERSON if refund_of is None else Purpose.REFUND
        now_unix_ms = self.clock.now_unix_ms()
        payment = Payment(
            message,
            purpose,
            PaymentState.PAID,
            payer_id,
            payee_id,
            None,
            refund_of,
            None,
            None,
            now_unix_ms,
            now_unix_ms,
        )
        legs = [(0, payer, -cents), (1, payee, cents)]
        with UnitOfWork(self.engine) as work:
            insert_payments(work.connection, [(payment, b"")])
            work.connection.execute(
                insert(postings),
                [
                    {
                        "block_number": self.ledger.block + 1,
                        "log_index": 0,
                        "leg": leg,
                        "account": account,
                        "amount_cents": amount,
                        "kind": "payment",
                        "ref": message.ref,
                        "block_timestamp_unix_s": self.clock.now_unix_s(),
                    }
                    for leg, account, amount in legs
                ],
            )
        self.ledger.pay(payer, payee, cents, message.ref)
        return message.ref

    def contested(self, cents: int = 50_00, spent: int = 0) -> tuple[Dispute, str, str]:
        """A payment contested by its payer, after the payee has spent some of it; payer and payee."""
        payer, payee = self.person(cents), self.person()
        ref = self.pay(payer, payee, cents)
        if spent:
            self.pay(payee, self.person(), spent)
        return self.contest(payer, ref), payer, payee

    def contest(self, payer_id: str, ref: str, words: str = "Rien reçu") -> Dispute:
        asked = Contest(ref, DisputeReason.NOT_RECEIVED, words)
        dispute_id = self.disputes.members.contest(payer_id, asked)
        self.ledger.run()
        return self.now(dispute_id)

    def now(self, dispute_id: str) -> Dispute:
        with reading(self.engine) as connection:
            found = repository.dispute(connection, dispute_id)
        assert found is not None
        return found

    def decide(self, act: str, dispute_id: str, officer_id: str = "O1") -> bool:
        is_done = self.disputes.desk.decide(act, dispute_id, GROUND, officer_id)
        self.ledger.run()
        return is_done

    def sign_asked(self, officer_id: str = "O2", rights: set[str] = GOVERNS) -> None:
        """A second officer signs what waits."""
        self.approvals.approve(self.approvals.pending()[0].id, officer_id, rights)
        self.ledger.run()

    def on_ledger(self, member_id: str) -> int:
        """What the ledger holds of theirs."""
        return self.ledger.held_back.get(self.address(member_id), 0)

    def balance_of(self, member_id: str) -> SpendableBalance:
        return self.accounts.view(member_id).balance

    def disputed_cents(self, member_id: str) -> int:
        with reading(self.engine) as connection:
            party = accounts.party_by_id(connection, member_id)
        assert party is not None
        return party.disputed_cents

    def seen_cents(self, member_id: str) -> int | None:
        with reading(self.engine) as connection:
            query = select(account_holds.c.seen_cents)
            found = connection.execute(
                query.where(account_holds.c.account_address == self.address(member_id))
            )
            return found.scalar_one_or_none()

    def told(self, member_id: str) -> list[str]:
        """The states a member's pages heard of, oldest first."""
        with reading(self.engine) as connection:
            query = select(push_events.c.data).where(
                push_events.c.topic == f"member:{member_id}", push_events.c.kind == "dispute.changed"
            )
            return [row["state"] for row in connection.execute(query.order_by(push_events.c.id)).scalars()]

    def acts_on(self, dispute_id: str) -> list[str]:
        """What the journal says of it, oldest first."""
        with reading(self.engine) as connection:
            query = select(journal.c.act).where(journal.c.subject_id == dispute_id)
            return list(connection.execute(query.order_by(journal.c.id)).scalars())
