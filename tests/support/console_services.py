"""The console's services for tests and for looking at them: real subjects, a month, a played chain."""

from __future__ import annotations

import io
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy import Engine, func, insert, select, update

from tests.support.cleaning import clean_here, frame_here
from tests.support.compliance_events import event_of
from tests.support.console_people import people_of
from tests.support.notice_ways import Knocks, Mailbox
from tests.support.seed_month import LEDGER, SeedMonth, account, write_month
from wallet_service.accounts.models import Rules, TierLimits
from wallet_service.accounts.service import Accounts
from wallet_service.assisted.service import AssistedDesk
from wallet_service.audit.service import AuditFindings
from wallet_service.bank.pain001 import Debtor, FileTerms
from wallet_service.chain.node.several.story import Judgement
from wallet_service.chain.node.several.validations import Validations
from wallet_service.chain.ports import ChainEvent, FailedCommand, Head
from wallet_service.chain.registry import Registry
from wallet_service.chain.sending.commands import SqlCommandQueue
from wallet_service.database.tables.bank import bank_entries, redemptions
from wallet_service.database.tables.chain import blocks, chain_commands, chain_events
from wallet_service.database.tables.identity import identity_documents, identity_files
from wallet_service.database.tables.members import person_keys
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.directory.service import Listings
from wallet_service.disputes.desk import DisputeMeans, Disputes, make_disputes
from wallet_service.identity.proofs.service import IdentityProofs, ProofMeans
from wallet_service.identity.service import IdentityService
from wallet_service.members.access import AccessService
from wallet_service.members.additions import Additions
from wallet_service.members.decisions import PersonIdentity
from wallet_service.members.devices import DeviceService
from wallet_service.members.directory import Directory
from wallet_service.members.service import MemberService
from wallet_service.notices.service import Notices
from wallet_service.open_data.service import OpenData
from wallet_service.oversight.service import Doors, Oversight, make_oversight
from wallet_service.platform.journal import Journal
from wallet_service.platform.push import Push
from wallet_service.platform.settings import Settings
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.signing.envelope import PasskeySite
from wallet_service.protocol.signing.typed_data import Domain
from wallet_service.recoveries.codes import RecoveryCodes
from wallet_service.redemptions.iban import Payee
from wallet_service.redemptions.projections import RedemptionFollower
from wallet_service.redemptions.service import RedemptionService, RedemptionTerms
from wallet_service.reports.service import Reports, make_reports
from wallet_service.reserve.service import ReserveService
from wallet_service.reversals.service import ReversalMeans
from wallet_service.reversals.settling import ReversalDesk, make_reversals
from wallet_service.security.officers import OfficerService
from wallet_service.security.passkeys import PasskeyService, RelyingParty
from wallet_service.security.sealing import SealedField, Sealer
from wallet_service.security.sessions import NewSession, SessionService
from wallet_service.topups.service import ReserveAccount, TopupService
from wallet_service.treasury.payouts.acts import PayoutActs
from wallet_service.treasury.payouts.models import PayoutTerms
from wallet_service.treasury.payouts.proposals import PayoutProposals
from wallet_service.treasury.payouts.service import PayoutService
from wallet_service.treasury.proposals import Proposals
from wallet_service.treasury.service import BankService
from wallet_service.treasury.statements import StatementFinder
from wallet_service.treasury.unmatched import UnmatchedEntries

RESERVE_IBAN = "FR7612739000010000000000154"
SHOP_IBAN = "FR7699999000010000000099928"
FIRST_NAMES = ("Camille", "Yanis", "Solveig", "Aimée", "Gaspard", "Inès", "Théophile")
LIMITS = {
    tier: TierLimits(3_000_00, 1_000_00, 1_500_00, 5_000_00)
    for tier in ("visitor", "declared", "verified", "professional")
}


@dataclass
class ShownNodes:
    """What a watch of several nodes found; None as where there is one only."""

    found: Judgement | None = None

    def last(self) -> Judgement | None:
        return self.found


@dataclass
class ShownEnds:
    """What a watch of the ends of validations found."""

    found: Validations | None = None

    def last(self) -> Validations | None:
        return self.found


class HandLedger:
    """The questions the console asks a node; `answers = False` plays a node that is away."""

    def __init__(self) -> None:
        self.answers = True
        self.height = 0
        self.nodes = ShownNodes()
        self.ends = ShownEnds()

    def domain(self) -> Domain:
        return Domain("Alba, essais", "1", 61_451, LEDGER)

    def ledger_address(self) -> str:
        return LEDGER

    def head(self) -> Head | None:
        return Head(self.height, 0) if self.answers else None

    def current(self) -> Rules:
        return Rules(LIMITS, payments_stopped=False)


@dataclass
class ShownAudit:
    """As far as the console asks."""

    findings: AuditFindings


@dataclass
class ConsoleServices:
    """Named like bootstrap's `Services`, as far as the console asks."""

    engine: Engine
    clock: Clock
    settings: Settings
    push: Push
    journal: Journal
    sealer: Sealer
    chain: HandLedger
    watches: Any
    accounts: Accounts
    registry: Registry
    sessions: SessionService
    officers: OfficerService
    passkeys: PasskeyService
    notices: Notices
    mailbox: Mailbox
    members: MemberService
    devices: DeviceService
    assisted: AssistedDesk
    people: Any
    access: AccessService
    listings: Listings
    open_data: OpenData
    identity: IdentityService
    proofs: IdentityProofs
    topups: TopupService
    redemptions: RedemptionService
    follower: RedemptionFollower
    reserve: ReserveService
    bank: BankService
    unmatched: UnmatchedEntries
    proposals: Proposals
    statement_finder: StatementFinder
    payouts: PayoutService
    reversals: ReversalDesk
    disputes: Disputes
    payout_acts: PayoutActs
    payout_proposals: PayoutProposals
    oversight: Oversight
    reports: Reports
    audit: ShownAudit
    month: SeedMonth

    def sign_in(self, officer_id: str) -> NewSession:
        return self.sessions.open_now("officer", officer_id, "code")

    def emit(self, name: str, arguments: dict[str, Any]) -> None:
        """One more final block with one event, projected as the indexer does."""
        with UnitOfWork(self.engine) as work:
            connection = work.connection
            number = (
                int(connection.execute(select(func.coalesce(func.max(blocks.c.number), 0))).scalar_one()) + 1
            )
            word = "0x" + secrets.token_hex(32)
            now = self.clock.now_unix_s()
            connection.execute(
                insert(blocks).values(
                    number=number,
                    hash=word,
                    parent_hash=word,
                    timestamp_unix_s=now,
                    indexed_at_unix_ms=now * 1000,
                )
            )
            connection.execute(
                insert(chain_events).values(
                    block_number=number, log_index=0, transaction_hash=word, name=name, arguments=arguments
                )
            )
            self.registry.project(work, [ChainEvent(name, arguments, number, 0, word, now)])
        self.chain.height = number
        self.reports.figures.forget()

    def refuse_to_end(self, error_name: str) -> str:
        """The ledger would not burn what the bank has paid; the redemption's reference."""
        ref = self.redemptions.list_redemptions("locked")[0].ref
        failed = FailedCommand(0, f"complete:{ref}", "completeRedemption", "ISSUER", [ref], error_name, {})
        with UnitOfWork(self.engine) as work:
            self.follower.outcome_failed(work, failed)
        return ref

    def run_commands(self, refuse: str | None = None) -> list[str]:
        """The chain does what is queued (freezes and stops), or refuses it with that error; their kinds."""
        with self.engine.connect() as connection:
            waiting = connection.execute(
                select(chain_commands).where(chain_commands.c.state == "queued").order_by(chain_commands.c.id)
            ).all()
        for command in waiting:
            with UnitOfWork(self.engine) as work:
                state = "failed" if refuse else "done"
                work.connection.execute(
                    update(chain_commands).where(chain_commands.c.id == command.id).values(state=state)
                )
                if refuse:
                    failed = FailedCommand(
                        command.id, command.ref, command.kind, command.role, command.arguments, refuse, {}
                    )
                    self.registry.command_failed(work, failed)
            if not refuse and (event := event_of(command, self.reports.figures.stopped())):
                self.emit(*event)
        return [command.kind for command in waiting]

    def commands(self) -> list[tuple[str, list[Any], str]]:
        with self.engine.connect() as connection:
            rows = connection.execute(select(chain_commands).order_by(chain_commands.c.id))
            return [(row.kind, row.arguments, row.role) for row in rows]


SITE = PasskeySite("http://localhost:8401")


def build_console(engine: Engine, clock: Clock, outbox: Path, **settings: Any) -> ConsoleServices:
    """The month is written before anything else; what is sealed is sealed with this run's key."""
    month = write_month(engine, clock.now_unix_s())
    made = Settings(environment="test", **settings)
    push, journal, sealer = Push(engine, clock), Journal(clock), Sealer(secrets.token_bytes(32), clock)
    ledger, commands, registry = HandLedger(), SqlCommandQueue(clock), Registry()
    sessions = SessionService(engine, clock, push)
    members = MemberService(engine, clock, push, sealer, journal, commands)
    bank_account = ReserveAccount(RESERVE_IBAN, "ALBAFR2XXXX", "Association")
    topups = TopupService(engine, clock, commands, ledger, push, journal, bank_account)
    follower = RedemptionFollower(clock, commands, push, topups)
    terms = RedemptionTerms(0, 2, 900)
    takings = RedemptionService(engine, clock, commands, ledger.domain, ledger, push, sealer, terms, SITE)
    reserve = ReserveService(engine, clock, commands)
    officers = OfficerService(engine, clock, journal, sessions)
    passkeys = PasskeyService(
        engine,
        clock,
        sessions,
        {"officer": RelyingParty("localhost", "Console", made.console_origin)},
        journal,
    )
    doors = Doors(officers, sessions, passkeys, codes_confirm=True)
    oversight = make_oversight(engine, clock, commands, push, journal, doors)
    two = oversight.approvals
    folders = (outbox, outbox.with_name("payee-checks"))
    payout_terms = PayoutTerms(Debtor("Association", RESERVE_IBAN, "ALBAFR2XXXX"), FileTerms(), *folders)
    payouts = PayoutService(engine, clock, push, journal, sealer, takings.payees, follower, two, payout_terms)
    reports = make_reports(engine, clock, push, journal)
    oversight.register(registry)
    returns_account = account(month.shops[-1])  # as if the association were the last of them
    means = ReversalMeans(topups, oversight.freezes, oversight.approvals, sealer, returns_account)
    reversals = make_reversals(engine, clock, commands, push, journal, means)
    reversals.register(registry)
    contested = DisputeMeans(two, sealer, Directory(engine, sealer), clean_here)
    disputes = make_disputes(engine, clock, commands, push, journal, contested)
    disputes.register(registry)
    reports.register(registry)
    mailbox = Mailbox()
    identity = IdentityService(engine, clock, push, sealer, journal, members, clean_here)
    services = ConsoleServices(
        engine=engine,
        clock=clock,
        settings=made,
        push=push,
        journal=journal,
        sealer=sealer,
        chain=ledger,
        watches=SimpleNamespace(pulse=ledger, nodes=ledger.nodes, ends=ledger.ends),
        accounts=Accounts(engine, clock, ledger),
        registry=registry,
        sessions=sessions,
        officers=officers,
        passkeys=passkeys,
        notices=Notices(engine, clock, sealer, Knocks(), mailbox, is_local=True),
        mailbox=mailbox,
        members=members,
        devices=DeviceService(
            engine, clock, push, journal, commands, sessions, Additions(clock, ledger.domain, SITE)
        ),
        assisted=AssistedDesk(
            engine, clock, push, journal, sealer, commands, RecoveryCodes(engine, clock, journal), identity
        ),
        people=people_of(engine, clock, sealer),
        access=AccessService(engine, clock, push, journal, commands, sessions, passkeys),
        listings=Listings(engine, clock, push, journal, frame_here),
        open_data=OpenData(engine, clock, lambda: True),
        identity=identity,
        proofs=IdentityProofs(engine, clock, ProofMeans(push, sealer, journal, members)),
        topups=topups,
        redemptions=takings,
        follower=follower,
        reserve=reserve,
        bank=BankService(
            engine, clock, push, journal, sealer, topups, follower, reserve, two, reversals.cases
        ),
        unmatched=UnmatchedEntries(engine, push, journal, sealer, topups, oversight.approvals),
        proposals=Proposals(engine, clock, sealer, Directory(engine, sealer)),
        statement_finder=StatementFinder(engine),
        payouts=payouts,
        payout_acts=PayoutActs(engine, push, journal, payouts, follower, topups, two),
        payout_proposals=PayoutProposals(engine, sealer),
        reversals=reversals,
        disputes=disputes,
        oversight=oversight,
        reports=reports,
        audit=ShownAudit(AuditFindings(engine)),
        month=month,
    )
    _seal(services)
    return services


def _seal(services: ConsoleServices) -> None:
    """Names, documents and accounts under real keys."""
    sealer, now = services.sealer, services.clock.now_unix_ms()
    with services.engine.begin() as connection:
        known = set(connection.execute(select(person_keys.c.member_id)).scalars())
        for member_id in {*services.month.members, *services.month.shops} - known:
            sealer.create_member_key(connection, member_id)
        for row in connection.execute(select(redemptions.c.ref, redemptions.c.member_id)).all():
            payee = Payee(SHOP_IBAN, "Élise Exemple")
            sealed = services.redemptions.payees.sealed(connection, row.member_id, row.ref, payee)
            connection.execute(update(redemptions).where(redemptions.c.ref == row.ref).values(**sealed))
        for number, row in enumerate(connection.execute(select(identity_files)).all()):
            _seal_file(services, connection, row, FIRST_NAMES[number % len(FIRST_NAMES)], now)
        for number, entry_id in enumerate(("E0", "E1")):
            details = {
                "name": FIRST_NAMES[number] + " R.",
                "iban": SHOP_IBAN,
                "remittance": "pour l'alba svp",
            }
            sealed_field = SealedField("bank_entries", "sealed_details", entry_id)
            connection.execute(
                update(bank_entries)
                .where(bank_entries.c.id == entry_id)
                .values(sealed_details=sealer.seal_service(sealed_field, json.dumps(details).encode()))
            )


def _seal_file(services: ConsoleServices, connection: Any, row: Any, first_name: str, now: int) -> None:
    identity = PersonIdentity(first_name, "Roussel", "1990-05-17", "3 rue des Galets", "76200", "Dieppe")
    sealed_field = SealedField("identity_files", "sealed_declaration", row.id)
    sealed = services.sealer.seal_for_member(connection, row.member_id, sealed_field, identity.to_bytes())
    connection.execute(
        update(identity_files).where(identity_files.c.id == row.id).values(sealed_declaration=sealed)
    )
    document_id = "D" + row.id[1:]
    content = specimen()
    sealed_field = SealedField("identity_documents", "sealed_content", document_id)
    connection.execute(
        insert(identity_documents).values(
            id=document_id,
            identity_file_id=row.id,
            media_type="image/png",
            size_bytes=len(content),
            sealed_content=services.sealer.seal_for_member(connection, row.member_id, sealed_field, content),
            uploaded_at_unix_ms=now - 3_600_000,
        )
    )


def specimen() -> bytes:
    """A picture that is clearly no real document."""
    picture = Image.new("RGB", (640, 400), "#dcedea")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((30, 90, 190, 300), fill="#9bbdb8")
    draw.text((230, 110), "SPECIMEN", fill="#16211e", font_size=44)
    draw.text((230, 180), "document fictif", fill="#4c5a55", font_size=28)
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()
