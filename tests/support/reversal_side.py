"""The bank's side with reversals, freezes and transfers by order: where tests of credits taken back start."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import insert, select

from tests.support.bank_side import RESERVE_IBAN, BankSide
from tests.support.fake_ledger import account_of
from wallet_service.bank.reported import References
from wallet_service.bank.statement import EntryLine
from wallet_service.database.tables.bank import bank_entries, bank_statements, topups
from wallet_service.database.tables.supervision import journal
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.oversight.freezes import FreezeService
from wallet_service.payments.models import Payment, Purpose
from wallet_service.payments.repository import insert_payments
from wallet_service.payments.states import PaymentState
from wallet_service.protocol.signing.typed_data import PaymentMessage
from wallet_service.protocol.text.identifiers import new_id, new_ref
from wallet_service.reversals import repository
from wallet_service.reversals.models import Reversal
from wallet_service.reversals.service import ReversalMeans
from wallet_service.reversals.settling import make_reversals
from wallet_service.treasury.booking.details import marked, row_of, sealed_details

GOVERNS, TREASURY = {"observe", "govern"}, {"observe", "treasury"}


@dataclass
class ReversalSide(BankSide):
    """As bootstrap wires it; `returns_id` is the association's account for what is given back."""

    returns_id: str = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.freezes = FreezeService(self.engine, self.clock, self.ledger, self.push, self.journal)
        self.freezes.register(self.ledger)
        self.returns_id = self.member("association", "professional")
        means = self.means(self.address(self.returns_id))
        self.desk = make_reversals(self.engine, self.clock, self.ledger, self.push, self.journal, means)
        self.desk.register(self.ledger)
        self.bank = self.new_bank(reversals=self.desk.cases)

    def means(self, returns_account: str) -> ReversalMeans:
        return ReversalMeans(self.topups, self.freezes, self.approvals, self.sealer, returns_account)

    def address(self, member_id: str) -> str:
        with reading(self.engine) as connection:
            return account_of(connection, member_id)

    def record(self, line: EntryLine) -> str:
        """A movement in the books, as booking records it before it decides."""
        movement = marked(self.sealer, replace(line, name=new_id()))
        row = row_of(self.sealer, RESERVE_IBAN, movement, sealed_details(self.sealer, movement))
        with UnitOfWork(self.engine) as work:
            statement_id = work.connection.execute(select(bank_statements.c.id).limit(1)).scalar_one()
            row = {**row, "bank_statement_id": statement_id, "state": "unmatched"}
            work.connection.execute(insert(bank_entries).values(row))
        return str(row["id"])

    def take_back(self, amount_cents: int, **more: Any) -> Reversal | None:
        """The bank's debit, noted; its reversal if it was tied to a top-up."""
        line = EntryLine("DBIT", amount_cents, "2026-06-01", is_reversal=True, reason="reversal", **more)
        entry_id = self.record(line)
        with UnitOfWork(self.engine) as work:
            self.desk.cases.note(work, entry_id, line)
        self.ledger.run()
        with reading(self.engine) as connection:
            return repository.of_entry(connection, entry_id)

    def loaded(self, amount_cents: int, end_to_end_id: str | None = None) -> str:
        """A resident with that much in the wallet."""
        member_id = self.member()
        reference = self.topups.reference_for(member_id)
        detail = self.credit(amount_cents, reference, end_to_end_id=end_to_end_id or f"E2E{new_id()}")
        self.receive(self.statement(self.entry(detail)))
        self.ledger.run()
        return member_id

    def reversed_load(self, amount_cents: int = 50_00) -> Reversal:
        """A resident's credit, taken back whole."""
        end_to_end_id = f"E2E{new_id()}"
        self.loaded(amount_cents, end_to_end_id)
        found = self.take_back(amount_cents, references=References(end_to_end=end_to_end_id))
        assert found is not None
        return found

    def pay(self, payer_id: str, payee_id: str, amount_cents: int) -> str:
        """A payment that ends; its reference."""
        payer, payee = self.address(payer_id), self.address(payee_id)
        self.nonces_used += 1
        lasts_until_unix_s = self.clock.now_unix_s() + 60
        message = PaymentMessage(payer, payee, amount_cents, new_ref(), lasts_until_unix_s, self.nonces_used)
        with UnitOfWork(self.engine) as work:
            state, now_unix_ms = PaymentState.PAID, self.clock.now_unix_ms()
            nothing = (None, None, None, None)
            payment = Payment(
                message, Purpose.SALE, state, payer_id, payee_id, *nothing, now_unix_ms, now_unix_ms
            )
            insert_payments(work.connection, [(payment, b"")])
        self.ledger.pay(payer, payee, amount_cents, message.ref)
        return message.ref

    def sign_asked(self, officer_id: str = "O2", rights: set[str] = GOVERNS) -> None:
        """A second officer signs what waits."""
        self.approvals.approve(self.approvals.pending()[0].id, officer_id, rights)
        self.ledger.run()

    def now(self, reversal: Reversal) -> Reversal:
        with reading(self.engine) as connection:
            found = repository.reversal(connection, reversal.id)
        assert found is not None
        return found

    def topup_states(self, member_id: str) -> list[str]:
        with reading(self.engine) as connection:
            query = select(topups.c.state).where(topups.c.member_id == member_id)
            return list(connection.execute(query.order_by(topups.c.matched_at_unix_ms)).scalars())

    def entry_state(self, entry_id: str) -> str:
        with reading(self.engine) as connection:
            query = select(bank_entries.c.state).where(bank_entries.c.id == entry_id)
            return str(connection.execute(query).scalar_one())

    def acts_on(self, reversal: Reversal) -> list[str]:
        """What the journal says of it, oldest first."""
        with reading(self.engine) as connection:
            query = select(journal.c.act).where(journal.c.subject_id == reversal.id)
            return list(connection.execute(query.order_by(journal.c.id)).scalars())
