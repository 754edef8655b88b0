"""The console's services for tests and for looking at them: real subjects, a month, a played chain."""

from __future__ import annotations

import io
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from PIL import Image, ImageDraw
from sqlalchemy import Engine, func, insert, select, update

from tests.support.small_normandy import LEDGER, Month, write_month
from wallet_service.bank.pain001 import Debtor
from wallet_service.bank.payouts import PayoutService
from wallet_service.bank.service import BankService
from wallet_service.chain.commands import SqlCommandQueue
from wallet_service.chain.errors import ChainUnavailable
from wallet_service.chain.ports import ChainEvent, ChainReader, FailedCommand, Head, TierLimits
from wallet_service.chain.registry import Registry
from wallet_service.database.tables.bank import bank_entries, redemptions
from wallet_service.database.tables.chain import blocks, chain_commands, chain_events
from wallet_service.database.tables.identity import identity_documents, identity_files
from wallet_service.database.tables.members import person_keys
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.identity.officers import OfficerService
from wallet_service.identity.passkeys import PasskeyService, RelyingParty
from wallet_service.identity.sealing import Place, Sealer
from wallet_service.identity.service import IdentityService
from wallet_service.identity.sessions import NewSession, SessionService
from wallet_service.journal import Journal
from wallet_service.members.decisions import PersonIdentity
from wallet_service.members.service import MemberService
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.typed_data import Domain
from wallet_service.push import Push
from wallet_service.redemptions.following import RedemptionFollower
from wallet_service.redemptions.service import RedemptionService, RedemptionTerms
from wallet_service.reserve.service import ReserveService
from wallet_service.settings import Settings
from wallet_service.supervision.models import STOP_BITS
from wallet_service.supervision.service import Supervision, make_supervision
from wallet_service.topups.service import ReserveAccount, TopupService

RESERVE_IBAN = "FR7612739000010000000000154"
SHOP_IBAN = "FR7699999000010000000099928"
FIRST_NAMES = ("Camille", "Yanis", "Solveig", "Aimée", "Gaspard", "Inès", "Théophile")
LIMITS = {
    tier: TierLimits(3_000_00, 1_000_00, 1_500_00, 5_000_00)
    for tier in ("visitor", "declared", "verified", "professional")
}


class HandLedger:
    """The questions the console asks a node; `answers = False` plays a node that is away."""

    def __init__(self) -> None:
        self.answers = True
        self.height = 0

    def domain(self) -> Domain:
        return Domain("Alba, essais", "1", 61_451, LEDGER)

    def ledger_address(self) -> str:
        return LEDGER

    def head(self) -> Head:
        if not self.answers:
            raise ChainUnavailable()
        return Head(self.height, 0)

    def tier_limits(self) -> dict[str, TierLimits]:
        return LIMITS


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
    registry: Registry
    sessions: SessionService
    officers: OfficerService
    passkeys: PasskeyService
    members: MemberService
    identity: IdentityService
    topups: TopupService
    redemptions: RedemptionService
    reserve: ReserveService
    bank: BankService
    payouts: PayoutService
    supervision: Supervision
    month: Month

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
        self.supervision.figures.forget()

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
            if not refuse and (event := self._event_of(command)):
                self.emit(*event)
        return [command.kind for command in waiting]

    def _event_of(self, command: Any) -> tuple[str, dict[str, Any]] | None:
        arguments = command.arguments
        if command.kind == "freeze":
            names = ("account", "incoming", "outgoing", "groundHash", "until")
            return "Frozen", dict(zip(names, arguments, strict=True))
        if command.kind == "unfreeze":
            return "Unfrozen", dict(zip(("account", "groundHash"), arguments, strict=True))
        if command.kind in ("stop", "resume"):
            stopped = self.supervision.figures.stopped()
            bits = sum(STOP_BITS[name] for name, is_stopped in stopped.items() if is_stopped)  # type: ignore[index]
            bits = bits | arguments[0] if command.kind == "stop" else bits & ~arguments[0]
            return "Stopped" if command.kind == "stop" else "Resumed", {"what": arguments[0], "stops": bits}
        return None

    def commands(self) -> list[tuple[str, list[Any], str]]:
        with self.engine.connect() as connection:
            rows = connection.execute(select(chain_commands).order_by(chain_commands.c.id))
            return [(row.kind, row.arguments, row.role) for row in rows]


def build_console(engine: Engine, clock: Clock, outbox: Path, **settings: Any) -> ConsoleServices:
    """The month is written before anything else; what is sealed is sealed with this run's key."""
    month = write_month(engine, clock.now_unix_s())
    made = Settings(environment="test", **settings)
    push, journal, sealer = Push(engine, clock), Journal(clock), Sealer(secrets.token_bytes(32), clock)
    ledger, commands, registry = HandLedger(), SqlCommandQueue(clock), Registry()
    reader = cast(ChainReader, ledger)
    sessions = SessionService(engine, clock)
    members = MemberService(engine, clock, push, sealer, journal, commands)
    account = ReserveAccount(RESERVE_IBAN, "ALBAFR2XXXX", "Association")
    topups = TopupService(engine, clock, commands, reader, push, journal, account)
    follower = RedemptionFollower(clock, commands, push, topups)
    terms = RedemptionTerms(0, 2, 900)
    takings = RedemptionService(engine, clock, commands, reader, push, sealer, terms)
    reserve = ReserveService(engine, clock, commands)
    debtor = Debtor("Association", RESERVE_IBAN, "ALBAFR2XXXX")
    supervision = make_supervision(engine, clock, commands, push, journal)
    supervision.register(registry)
    services = ConsoleServices(
        engine=engine,
        clock=clock,
        settings=made,
        push=push,
        journal=journal,
        sealer=sealer,
        chain=ledger,
        registry=registry,
        sessions=sessions,
        officers=OfficerService(engine, clock, journal, sessions),
        passkeys=PasskeyService(
            engine, clock, sessions, {"officer": RelyingParty("localhost", "Console", made.console_origin)}
        ),
        members=members,
        identity=IdentityService(engine, clock, push, sealer, journal, members),
        topups=topups,
        redemptions=takings,
        reserve=reserve,
        bank=BankService(engine, clock, push, journal, sealer, topups, follower, reserve),
        payouts=PayoutService(engine, clock, push, journal, sealer, takings, debtor, outbox),
        supervision=supervision,
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
            place = Place("redemptions", "sealed_iban", row.ref)
            sealed = sealer.seal_for_member(connection, row.member_id, place, SHOP_IBAN.encode())
            connection.execute(
                update(redemptions).where(redemptions.c.ref == row.ref).values(sealed_iban=sealed)
            )
        for number, row in enumerate(connection.execute(select(identity_files)).all()):
            _seal_file(services, connection, row, FIRST_NAMES[number % len(FIRST_NAMES)], now)
        for number, entry_id in enumerate(("E0", "E1")):
            details = {
                "name": FIRST_NAMES[number] + " R.",
                "iban": SHOP_IBAN,
                "remittance": "pour l'alba svp",
            }
            place = Place("bank_entries", "sealed_details", entry_id)
            connection.execute(
                update(bank_entries)
                .where(bank_entries.c.id == entry_id)
                .values(sealed_details=sealer.seal_service(place, json.dumps(details).encode()))
            )


def _seal_file(services: ConsoleServices, connection: Any, row: Any, first_name: str, now: int) -> None:
    identity = PersonIdentity(first_name, "Roussel", "1990-05-17", "3 rue des Galets", "76200", "Dieppe")
    place = Place("identity_files", "sealed_declaration", row.id)
    sealed = services.sealer.seal_for_member(connection, row.member_id, place, identity.to_bytes())
    connection.execute(
        update(identity_files).where(identity_files.c.id == row.id).values(sealed_declaration=sealed)
    )
    document_id = "D" + row.id[1:]
    content = specimen()
    place = Place("identity_documents", "sealed_content", document_id)
    connection.execute(
        insert(identity_documents).values(
            id=document_id,
            identity_file_id=row.id,
            media_type="image/png",
            size_bytes=len(content),
            sealed_content=services.sealer.seal_for_member(connection, row.member_id, place, content),
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
