"""Services for tests of members, identity and the web shell: the real subjects on a real database, a queue
of commands that
is only written down, and a chain that is played by hand (`enrol_all`, `apply_commands`)."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Engine

from wallet_service.chain.ports import ChainEvent
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.identity.device_sign_in import DeviceSignIn
from wallet_service.identity.officers import OfficerService
from wallet_service.identity.passkeys import PasskeyService, RelyingParty
from wallet_service.identity.sealing import Sealer
from wallet_service.identity.service import IdentityService
from wallet_service.identity.sessions import SessionService
from wallet_service.journal import SERVICE, Journal
from wallet_service.members.decisions import Kind
from wallet_service.members.devices import DeviceService
from wallet_service.members.directory import Directory
from wallet_service.members.repository import Member
from wallet_service.members.service import MemberService, NewProfessional, NewWallet
from wallet_service.members.tills import SignedRequest, TillService
from wallet_service.payments.models import Balance, Spending
from wallet_service.protocol import p256
from wallet_service.protocol.clock import VirtualClock
from wallet_service.protocol.floors import NO_FLOORS
from wallet_service.protocol.typed_data import Domain
from wallet_service.push import Push
from wallet_service.settings import Settings

START_UNIX_MS = 1_795_500_000_000
WALLET_ORIGIN = "http://localhost:8401"
CONSOLE_ORIGIN = "http://localhost:8403"
#: A SIRET of a company that does not exist, with valid check digits.
FICTIONAL_SIRET = "12345678200010"


@dataclass
class WrittenCommands:
    """A command queue that keeps what it is given, once per ref."""

    by_ref: dict[str, tuple[str, list[Any], str]] = field(default_factory=dict)

    def queue_command(
        self, connection: Connection, kind: str, arguments: Sequence[Any], role: str, ref: str
    ) -> int:
        self.by_ref.setdefault(ref, (kind, list(arguments), role))
        return list(self.by_ref).index(ref) + 1


@dataclass
class Town:
    """Everything the shell's apps need, and the hands to play the chain with."""

    engine: Engine
    clock: VirtualClock
    settings: Settings
    push: Push
    journal: Journal
    sealer: Sealer
    commands: WrittenCommands
    members: MemberService
    tills: TillService
    directory: Directory
    sessions: SessionService
    device_sign_in: DeviceSignIn
    passkeys: PasskeyService
    devices: DeviceService
    officers: OfficerService
    identity: IdentityService
    accounts: Any
    chain: Any
    supervision: Any = field(default_factory=lambda: SimpleNamespace(figures=_NoFigures()))
    _applied: int = 0

    def new_key(self) -> Device:
        return Device(p256.new_private_key())

    def visitor(self) -> tuple[Member, Device]:
        """A visitor's account the chain has enrolled."""
        device = self.new_key()
        member = self.members.create_wallet(NewWallet(device.public_key, device.proof()))
        self.apply_commands()
        return self.members.get(member.id), device

    def merchant(self) -> tuple[Member, Device]:
        device = self.new_key()
        wanted = NewProfessional(
            public_key=device.public_key,
            kind=Kind.MERCHANT,
            public_name="Fournil des Deux Rives",
            description="Boulangerie",
            siret=FICTIONAL_SIRET,
            sector="10",
            commune_code="76540",
            representative_given_name="Solveig",
            representative_family_name="Lemarchand",
        )
        member = self.members.create_professional(wanted, SERVICE)
        self.apply_commands()
        return self.members.get(member.id), device

    def till(self, merchant: Member) -> tuple[str, Device]:
        device = self.new_key()
        code = self.tills.make_pairing_code(merchant.id, "Caisse 1").code
        return self.tills.pair(code, device.public_key, None).till_id, device

    def apply_commands(self) -> None:
        """The chain does what was queued, in order, and the projections hear of it."""
        waiting = list(self.commands.by_ref.values())[self._applied :]
        self._applied += len(waiting)
        for kind, arguments, _ in waiting:
            if kind in ("enrol", "setMember"):
                names = ("account", "kind", "tier", "sector", "expiresAtDay")
                event = "MemberEnrolled" if kind == "enrol" else "MemberChanged"
                self.project(event, dict(zip(names, arguments, strict=True)))
            elif kind == "addSigner":
                self.project("SignerAdded", {"account": arguments[0], "signer": arguments[1]})

    def project(self, name: str, arguments: Mapping[str, Any]) -> None:
        event = ChainEvent(name, arguments, 1, 0, "0x" + "00" * 32, self.clock.now_unix_s())
        handler = self.members.project_freeze if "rozen" in name else self.members.project_membership
        if name.startswith("Signer"):
            handler = self.devices.project_signer
        with UnitOfWork(self.engine) as work:
            handler(work, event)

    def acts(self) -> list[str]:
        """The journal's acts, oldest first."""
        from wallet_service.journal import Filter

        with self.engine.connect() as connection:
            return [entry.act for entry in reversed(self.journal.entries(connection, Filter(), 200))]


@dataclass(frozen=True)
class Device:
    """A phone's or a tablet's key."""

    key: ec.EllipticCurvePrivateKey

    @property
    def public_key(self) -> str:
        return "0x" + p256.point_of(self.key).hex()

    def sign(self, text: str | bytes) -> str:
        message = text.encode() if isinstance(text, str) else text
        return base64.urlsafe_b64encode(p256.sign_message(self.key, message)).rstrip(b"=").decode()

    def proof(self) -> str:
        return self.sign(f"alba-wallet:{self.public_key}")

    def signed_request(
        self, till_id: str, method: str, target: str, time_unix_ms: int, body: bytes = b""
    ) -> SignedRequest:
        unsigned = SignedRequest(till_id, method, target, str(time_unix_ms), secrets.token_hex(8), "", body)
        return SignedRequest(
            till_id, method, target, unsigned.time_text, unsigned.nonce, self.sign(unsigned.message()), body
        )

    def till_headers(
        self, till_id: str, method: str, target: str, time_unix_ms: int, body: bytes = b""
    ) -> dict[str, str]:
        request = self.signed_request(till_id, method, target, time_unix_ms, body)
        return {
            "Alba-Till": till_id,
            "Alba-Time": request.time_text,
            "Alba-Nonce": request.nonce,
            "Alba-Signature": request.signature,
        }


def build_town(engine: Engine, environment: str = "test") -> Town:
    clock = VirtualClock(START_UNIX_MS)
    settings = Settings(
        environment=environment,  # type: ignore[arg-type]
        wallet_origin=WALLET_ORIGIN,
        console_origin=CONSOLE_ORIGIN,
        data_directory=Path("var"),
    )
    push = Push(engine, clock)
    journal = Journal(clock)
    sealer = Sealer(secrets.token_bytes(32), clock)
    commands = WrittenCommands()
    members = MemberService(engine, clock, push, sealer, journal, commands)
    sessions = SessionService(engine, clock)
    parties = {
        "member": RelyingParty("localhost", "l'alba", WALLET_ORIGIN),
        "officer": RelyingParty("localhost", "Console", CONSOLE_ORIGIN),
    }
    return Town(
        engine=engine,
        clock=clock,
        settings=settings,
        push=push,
        journal=journal,
        sealer=sealer,
        commands=commands,
        members=members,
        tills=TillService(engine, clock, push, journal),
        directory=Directory(engine, sealer),
        sessions=sessions,
        device_sign_in=DeviceSignIn(engine, clock, sessions),
        passkeys=PasskeyService(engine, clock, sessions, parties),  # type: ignore[arg-type]
        devices=DeviceService(engine, clock, push, journal, commands, sessions),
        officers=OfficerService(engine, clock, journal, sessions),
        identity=IdentityService(engine, clock, push, sealer, journal, members),
        accounts=_EmptyAccounts(),
        chain=SimpleNamespace(domain=lambda: Domain("l'alba test", "1", 61_451, "0x" + "ab" * 20)),
    )


class _NoFigures:
    """No block was read yet."""

    def last_block(self) -> None:
        return None


class _EmptyAccounts:
    """Balances are another subject's matter: everybody has nothing."""

    def view(self, member_id: str) -> Any:
        return SimpleNamespace(
            balance=Balance(0, 0),
            spending=Spending(0, 0),
            limits=None,
            passkey_floors=NO_FLOORS,
            next_nonce=0,
        )

    def limits(self) -> dict[str, Any]:
        return {}


def client_of(app: Any) -> TestClient:
    """A browser-like client that keeps cookies and follows no redirect."""
    return TestClient(app, base_url="http://testserver", follow_redirects=False)
