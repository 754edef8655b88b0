"""The bank's side of the service on a database, with a ledger in memory: where tests of euros start."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Engine, insert, select, update

from scripts.camt053_writer import BANK_TIME_ZONE, Detail, Entry, StatementFacts, write_statement
from tests.support.fake_ledger import DOMAIN, FakeLedger
from wallet_service.bank import files
from wallet_service.bank.pain001 import Debtor, FileTerms
from wallet_service.database.tables.chain import balances
from wallet_service.database.tables.members import devices, members
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.members.directory import Directory
from wallet_service.oversight.approvals import ApprovalService
from wallet_service.platform.journal import Journal
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import VirtualClock
from wallet_service.protocol.signing.envelope import PasskeySite, p256_address, sign_p256
from wallet_service.protocol.signing.typed_data import RedemptionMessage
from wallet_service.protocol.text.identifiers import new_id, new_own_ref
from wallet_service.redemptions import repository
from wallet_service.redemptions.decisions import RedemptionOrder
from wallet_service.redemptions.iban import Payee
from wallet_service.redemptions.models import RedemptionView
from wallet_service.redemptions.projections import RedemptionFollower
from wallet_service.redemptions.service import RedemptionService, RedemptionTerms
from wallet_service.reserve.service import ReserveService
from wallet_service.security.sealing import Sealer
from wallet_service.topups.service import ReserveAccount, TopupService
from wallet_service.treasury.booking.deciding import BookedCounts
from wallet_service.treasury.inbox import Inbox
from wallet_service.treasury.payouts.acts import PayoutActs
from wallet_service.treasury.payouts.answers import PayoutAnswers
from wallet_service.treasury.payouts.models import PayoutTerms
from wallet_service.treasury.payouts.payee_checks import PayeeChecks
from wallet_service.treasury.payouts.proposals import PayoutProposals
from wallet_service.treasury.payouts.service import PayoutService
from wallet_service.treasury.proposals import Proposals
from wallet_service.treasury.service import BankService
from wallet_service.treasury.statements import StatementFinder, StatementView
from wallet_service.treasury.unmatched import UnmatchedEntries

RESERVE_IBAN = "FR7699999000010000000015441"
SHOP_IBAN = "FR7699999000010000000099928"
SHOP_PAYEE = Payee(SHOP_IBAN, "Élise Exemple & fils")
START = datetime.datetime(2026, 6, 1, 9, 0, tzinfo=BANK_TIME_ZONE)
SITE = PasskeySite("http://localhost:8401")
TERMS = RedemptionTerms(fee_basis_points=0, delay_days=2, lifetime_s=900)


@dataclass
class BankSide:
    """Services wired as bootstrap does, plus short words for what tests do all the time."""

    engine: Engine
    folder: Path
    terms: RedemptionTerms = TERMS
    visitors_once_from: datetime.date | None = None
    statements_made: int = 0
    balance_cents: int = 0
    nonces_used: int = 0
    keys: dict[str, ec.EllipticCurvePrivateKey] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = VirtualClock(int(START.timestamp()) * 1000)
        self.ledger = FakeLedger(self.engine, self.clock)
        self.push, self.journal = Push(self.engine, self.clock), Journal(self.clock)
        self.sealer = Sealer(bytes(32), self.clock)
        account = ReserveAccount(RESERVE_IBAN, "ALBAFR2XXXX", "Association L'alba")
        self.topups = TopupService(
            self.engine,
            self.clock,
            self.ledger,
            self.ledger,
            self.push,
            self.journal,
            account,
            visitors_once_from=self.visitors_once_from,
        )
        self.follower = RedemptionFollower(self.clock, self.ledger, self.push, self.topups)
        self.redemptions = RedemptionService(
            self.engine,
            self.clock,
            self.ledger,
            self.ledger.domain,
            self.ledger,
            self.push,
            self.sealer,
            self.terms,
            SITE,
        )
        self.reserve = ReserveService(self.engine, self.clock, self.ledger)
        self.answers = PayoutAnswers(
            self.clock,
            self.push,
            self.journal,
            PayeeChecks(self.redemptions.payees, self.sealer),
            self.follower,
        )
        self.approvals = ApprovalService(self.engine, self.clock, self.push, self.journal)
        self.bank = self.new_bank()
        self.unmatched = UnmatchedEntries(
            self.engine, self.push, self.journal, self.sealer, self.topups, self.approvals
        )
        self.proposals = Proposals(self.engine, self.clock, self.sealer, Directory(self.engine, self.sealer))
        self.payouts = PayoutService(
            self.engine,
            self.clock,
            self.push,
            self.journal,
            self.sealer,
            self.redemptions.payees,
            self.follower,
            self.approvals,
            PayoutTerms(
                Debtor("Association L'alba", RESERVE_IBAN, "ALBAFR2XXXX"),
                FileTerms(),
                self.folder / "outbox",
                self.folder / "payee-checks",
            ),
        )
        self.acts = PayoutActs(
            self.engine, self.push, self.journal, self.payouts, self.follower, self.topups, self.approvals
        )
        self.payout_proposals = PayoutProposals(self.engine, self.sealer)
        self.inbox = Inbox(self.folder / "inbox", RESERVE_IBAN, self.bank)
        for service in (self.topups, self.follower, self.reserve):
            service.register(self.ledger)

    def new_bank(self, **ports: Any) -> BankService:
        """The books' door; `ports`: what follows reversals up, or answers about payment files."""
        return BankService(
            self.engine,
            self.clock,
            self.push,
            self.journal,
            self.sealer,
            self.topups,
            self.follower,
            self.reserve,
            self.approvals,
            **{"answers": self.answers, **ports},
        )

    def member(self, kind: str = "resident", tier: str = "verified", **values: object) -> str:
        """A new active member with a P-256 device; its id."""
        member_id, key = new_id(), ec.generate_private_key(ec.SECP256R1())
        address = p256_address(key)
        self.keys[member_id] = key
        row: dict[str, object] = {
            "id": member_id,
            "kind": kind,
            "tier": tier,
            "state": "active",
            "account_address": address,
            "language": "fr",
            "created_at_unix_ms": self.clock.now_unix_ms(),
            "public_name": "Boulangerie du Pont" if kind == "merchant" else None,
        }
        with UnitOfWork(self.engine) as work:
            work.connection.execute(insert(members).values({**row, **values}))
            work.connection.execute(
                insert(devices).values(
                    id=new_id(),
                    member_id=member_id,
                    signer_address=address,
                    key_kind="p256",
                    public_key="0x",
                    label="téléphone",
                    state="active",
                    created_at_unix_ms=self.clock.now_unix_ms(),
                )
            )
            self.sealer.create_member_key(work.connection, member_id)
        return member_id

    def merchant(self) -> str:
        return self.member("merchant", "professional")

    def credit(self, amount_cents: int, reference: str | None = None, text: str = "", **more: str) -> Detail:
        return Detail(
            amount_cents, "Camille R.", SHOP_IBAN, structured_reference=reference, text=text, **more
        )

    def entry(self, *details: Detail, reference: str | None = None, direction: str = "CRDT") -> Entry:
        return Entry(reference or f"BQ{new_id()[:12]}", direction, self._now().date(), details)

    def statement(self, *entries: Entry, version: str = "camt.053.001.08") -> bytes:
        """The next statement of the day, continuing the balance; ten minutes pass."""
        self.clock.advance_ms(600_000)
        self.statements_made += 1
        opening_cents = self.balance_cents
        self.balance_cents += sum(entry.signed_cents for entry in entries if entry.status == "BOOK")
        facts = StatementFacts(
            RESERVE_IBAN,
            f"RELEVE-{self.statements_made:04d}",
            self.statements_made,
            self._now(),
            opening_cents,
            self.balance_cents,
            entries,
        )
        return write_statement(facts, version)

    def receive(self, content: bytes, name: str = "releve.xml") -> BookedCounts:
        return self.bank.receive(files.read(content, RESERVE_IBAN), "00" * 32, name)

    def statements(self) -> Sequence[StatementView]:
        """As the console shows them, newest first."""
        return StatementFinder(self.engine).page().statements

    def load(self, member_id: str, amount_cents: int) -> None:
        """A top-up that goes all the way."""
        reference = self.topups.reference_for(member_id)
        self.receive(self.statement(self.entry(self.credit(amount_cents, reference))))
        self.ledger.run()

    def signed(
        self, member_id: str, amount_cents: int, payee: Payee = SHOP_PAYEE, **changes: object
    ) -> tuple[RedemptionOrder, bytes]:
        """An order for euros, signed by the member's device."""
        payee_hash = self.redemptions.quote(member_id, amount_cents, payee).payee_hash
        self.nonces_used += 1
        ref = new_own_ref(p256_address(self.keys[member_id]))
        order = RedemptionOrder(amount_cents, ref, self.nonces_used, self.clock.now_unix_s() + 600)
        order = RedemptionOrder(**{**order.__dict__, **changes})
        message = RedemptionMessage(
            p256_address(self.keys[member_id]),
            order.amount_cents,
            payee_hash,
            order.ref,
            order.valid_before_unix_s,
            order.nonce,
        )
        return order, sign_p256(self.keys[member_id], message.digest(DOMAIN))

    def redeem(self, member_id: str, amount_cents: int) -> RedemptionView:
        """A redemption up to locked."""
        order, signature = self.signed(member_id, amount_cents)
        view = self.redemptions.request(member_id, order, SHOP_PAYEE, signature)
        self.ledger.run()
        return view

    def pay_out(self) -> Sequence[str]:
        """Prepares and approves a payout file; the end-to-end ids in it."""

        file = self.payouts.prepare_payout("officer-1")
        self.payouts.approve_payout(file.id, "officer-2")
        with self.engine.connect().execution_options(read_only=True) as connection:
            return [each.end_to_end_id for each in repository.of_payout_file(connection, file.id)]

    def end_to_end_id(self, ref: str) -> str:
        """What the redemption's transfer is called at the bank."""
        with self.engine.connect().execution_options(read_only=True) as connection:
            redemption = repository.by_ref(connection, ref)
        assert redemption is not None
        return redemption.end_to_end_id

    def balance(self, member_id: str) -> tuple[int, int]:
        """posted, reserved in cents."""
        with self.engine.connect().execution_options(read_only=True) as connection:
            row = connection.execute(
                select(balances)
                .join(members, members.c.account_address == balances.c.account)
                .where(members.c.id == member_id)
            ).first()
        return (0, 0) if row is None else (row.posted_cents, row.reserved_cents)

    def spend_all(self, member_id: str) -> None:
        """Everything paid away, as if to shops."""
        address = p256_address(self.keys[member_id])
        self.ledger.held["0xshops"] += self.ledger.held[address]
        self.ledger.held[address] = 0
        with UnitOfWork(self.engine) as work:
            work.connection.execute(
                update(balances).where(balances.c.account == address).values(posted_cents=0)
            )

    def redemption(self, ref: str) -> RedemptionView:
        return next(view for view in self.redemptions.list_redemptions() if view.ref == ref)

    def _now(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.clock.now_unix_s(), BANK_TIME_ZONE)
