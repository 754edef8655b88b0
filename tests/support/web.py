"""Services for tests of members, identity and the web shell.

The real subjects on a real database, a queue of commands that is only written down, and a chain that is
played by hand (`enrol_all`, `apply_commands`).
"""

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

from tests.support.authenticator import Authenticator
from tests.support.cleaning import clean_here, frame_here
from tests.support.described_api import checked_against, described_api
from tests.support.notice_ways import Knocks, Mailbox
from wallet_service.accounts.models import NO_LIMITS, KeyLimits, Rules, Spending
from wallet_service.accounts.service import SpendableBalance
from wallet_service.chain.ports import ChainEvent, NewCommand
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.directory.service import Listings
from wallet_service.disputes.desk import DisputeMeans, Disputes, make_disputes
from wallet_service.history import printing
from wallet_service.identity.proofs.service import IdentityProofs, ProofMeans
from wallet_service.identity.service import IdentityService
from wallet_service.keyholders.projections import KeyholderFollower
from wallet_service.keyholders.service import KeyholderMeans
from wallet_service.members.access import AccessService
from wallet_service.members.additions import SIGNER_KINDS, Additions, SignedAddition
from wallet_service.members.decisions import Kind
from wallet_service.members.devices import DeviceService
from wallet_service.members.directory import Directory
from wallet_service.members.repository import Member, note_device_used
from wallet_service.members.service import MemberService, NewProfessional, NewWallet
from wallet_service.moves.service import Moves
from wallet_service.notices.service import Notices
from wallet_service.open_data.service import OpenData
from wallet_service.oversight.freezes import FreezeService
from wallet_service.oversight.service import Doors, Oversight, make_oversight
from wallet_service.platform.journal import SERVICE, Journal
from wallet_service.platform.push import Push
from wallet_service.platform.readiness import ReadinessCache
from wallet_service.platform.sandbox.pool import Sandbox
from wallet_service.platform.settings import Settings
from wallet_service.protocol.clock import VirtualClock
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.addresses import address_of_point
from wallet_service.protocol.signing.envelope import PasskeySite, sign_p256
from wallet_service.protocol.signing.floors import NO_FLOORS
from wallet_service.protocol.signing.typed_data import Domain, SignerAdditionMessage
from wallet_service.recoveries.desk import Recoveries, RecoveryMeans, make_recoveries
from wallet_service.rights.erasure import ErasureService, Holders
from wallet_service.rights.service import DataRights
from wallet_service.security.device_sign_in import DeviceSignIn
from wallet_service.security.officers import OfficerService
from wallet_service.security.passkeys import PasskeyService, RelyingParty
from wallet_service.security.sealing import Sealer
from wallet_service.security.sessions import SessionService
from wallet_service.tills.service import SignedRequest, TillService
from wallet_service.topups.standing_orders import StandingOrders
from wallet_service.wiring import People, make_people

START_UNIX_MS = 1_795_500_000_000
WALLET_ORIGIN = "http://localhost:8401"
CONSOLE_ORIGIN = "http://localhost:8403"
DOMAIN = Domain("l'alba test", "1", 61_451, "0x" + "ab" * 20)
P256_SIGNER, PASSKEY_SIGNER = SIGNER_KINDS["p256"], SIGNER_KINDS["passkey"]
#: A SIRET of a company that does not exist, with valid check digits.
FICTIONAL_SIRET = "12345678200010"


def said(
    domain: Domain,
    valid_before: int,
    member: Member,
    by: Device | Authenticator,
    signer: str,
    kind: int = P256_SIGNER,
    limits: KeyLimits = NO_LIMITS,
) -> SignedAddition:
    """The member's account takes on the key of address `signer`, on the word of `by`."""
    nonce = secrets.randbits(256)
    bounds = (limits.per_payment_cents, limits.per_day_cents, limits.expires_at_unix_s)
    message = SignerAdditionMessage(member.account_address, signer, kind, valid_before, nonce, *bounds)
    digest = message.digest(domain)
    envelope = sign_p256(by.key, digest) if isinstance(by, Device) else by.envelope(digest)
    return SignedAddition(valid_before, nonce, "0x" + envelope.hex())


def as_body(word: SignedAddition) -> dict[str, Any]:
    """A word as the API takes it."""
    return {
        "valid_before_unix_s": word.valid_before_unix_s,
        "nonce": str(word.nonce),
        "signature": word.signature,
    }


@dataclass
class WrittenCommands:
    """A command queue that keeps what it is given, once per ref."""

    by_ref: dict[str, tuple[str, list[Any], str]] = field(default_factory=dict)

    def queue_command(
        self, connection: Connection, kind: str, arguments: Sequence[Any], role: str, ref: str
    ) -> int:
        self.by_ref.setdefault(ref, (kind, list(arguments), role))
        return list(self.by_ref).index(ref) + 1

    def queue_commands(self, connection: Connection, commands: Sequence[NewCommand]) -> None:
        for each in commands:
            self.queue_command(connection, each.kind, each.arguments, each.role, each.ref)


@dataclass
class HttpFixture:
    """Everything the shell's apps need, and the hands to play the chain with."""

    engine: Engine
    clock: VirtualClock
    settings: Settings
    push: Push
    notices: Notices
    mailbox: Mailbox
    journal: Journal
    sealer: Sealer
    commands: WrittenCommands
    members: MemberService
    tills: TillService
    directory: Directory
    listings: Listings
    open_data: OpenData
    sessions: SessionService
    device_sign_in: DeviceSignIn
    passkeys: PasskeyService
    devices: DeviceService
    moves: Moves
    access: AccessService
    officers: OfficerService
    oversight: Oversight
    recoveries: Recoveries
    disputes: Disputes
    identity: IdentityService
    proofs: IdentityProofs
    standing_orders: StandingOrders
    erasure: ErasureService
    rights: DataRights
    people: People
    accounts: Any
    chain: Any
    reports: Any = field(
        default_factory=lambda: SimpleNamespace(figures=SimpleNamespace(forget=lambda: None))
    )
    watches: Any = field(
        default_factory=lambda: SimpleNamespace(progress=SimpleNamespace(last_block_unix_s=None))
    )
    readiness: ReadinessCache = field(default_factory=lambda: ReadinessCache(()))
    workers: Any = field(default_factory=lambda: SimpleNamespace(apart=None))
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
        professional = NewProfessional(
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
        member = self.members.create_professional(professional, SERVICE)
        self.apply_commands()
        return self.members.get(member.id), device

    def till(self, merchant: Member) -> tuple[str, Device]:
        device = self.new_key()
        code = self.tills.make_pairing_code(merchant.id, "Caisse 1").code
        return self.tills.pair(code, device.public_key, None).till_id, device

    def word(
        self,
        member: Member,
        by: Device | Authenticator,
        signer: str,
        kind: int = P256_SIGNER,
        limits: KeyLimits = NO_LIMITS,
    ) -> SignedAddition:
        """The account's word, said by that key, that the key of address `signer` signs from now on."""
        return said(DOMAIN, self.clock.now_unix_s() + 3_600, member, by, signer, kind, limits)

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
            elif kind == "addLimitedSigner":
                said = ("account", "signer", "signerKind", "maxPayment", "maxPerDay", "expiresAt")
                self.project("LimitedSignerAdded", dict(zip(said, arguments, strict=False)))
            elif kind == "removeSigner":
                self.project("SignerRemoved", {"account": arguments[0], "signer": arguments[1]})

    def project(self, name: str, arguments: Mapping[str, Any]) -> None:
        event = ChainEvent(name, arguments, 1, 0, "0x" + "00" * 32, self.clock.now_unix_s())
        freezes = FreezeService(self.engine, self.clock, self.commands, self.push, self.journal)
        keys = KeyholderFollower(self.clock, self.push, self.people.keyholders)
        handlers = {
            "Frozen": [freezes.project_frozen],
            "Unfrozen": [freezes.project_unfrozen],
            "SignerAdded": [self.devices.project_signer, keys.project_added],
            "LimitedSignerAdded": [keys.project_limited],
            "SignerRemoved": [self.devices.project_signer, keys.project_removed],
            "RecoveryExecuted": [keys.project_recovered],
        }
        with UnitOfWork(self.engine) as work:
            for handler in handlers.get(name, [self.members.project_membership]):
                handler(work, event)

    def acts(self) -> list[str]:
        """The journal's acts, oldest first."""
        from wallet_service.platform.journal import Filter

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

    @property
    def address(self) -> str:
        return address_of_point(p256.point_of(self.key))

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


def build_http_fixture(engine: Engine, environment: str = "test") -> HttpFixture:
    clock = VirtualClock(START_UNIX_MS)
    settings = Settings(
        environment=environment,
        wallet_origin=WALLET_ORIGIN,
        console_origin=CONSOLE_ORIGIN,
        data_directory=Path("var"),
    )
    push, mailbox, journal = Push(engine, clock), Mailbox(), Journal(clock)
    sealer = Sealer(secrets.token_bytes(32), clock)
    commands = WrittenCommands()
    members = MemberService(engine, clock, push, sealer, journal, commands)
    sessions = SessionService(engine, clock, push)
    parties = {
        "member": RelyingParty("localhost", "l'alba", WALLET_ORIGIN),
        "officer": RelyingParty("localhost", "Console", CONSOLE_ORIGIN),
    }
    passkeys = PasskeyService(engine, clock, sessions, parties, journal)  # type: ignore[arg-type]
    officers = OfficerService(engine, clock, journal, sessions)
    tills = TillService(engine, clock, push, journal)
    doors = Doors(officers, sessions, passkeys, codes_confirm=environment != "production")
    oversight = make_oversight(engine, clock, commands, push, journal, doors)
    site = PasskeySite(WALLET_ORIGIN)
    additions = Additions(clock, lambda: DOMAIN, site)
    devices = DeviceService(engine, clock, push, journal, commands, sessions, additions)
    means = RecoveryMeans(oversight, sessions, passkeys, lambda: DOMAIN, site, sealer, clean_here)
    directory = Directory(engine, sealer)
    notices = Notices(engine, clock, sealer, Knocks(), mailbox, is_local=True)
    contested = DisputeMeans(oversight.approvals, sealer, directory, clean_here)
    rules: Any = SimpleNamespace(current=lambda: Rules({}, payments_stopped=False))
    keys = KeyholderMeans(sealer, directory, commands, sessions, additions, devices)
    return HttpFixture(
        engine=engine,
        clock=clock,
        settings=settings,
        push=push,
        notices=notices,
        people=make_people(settings, engine, clock, push, sealer, notices, rules, journal, keys),
        mailbox=mailbox,
        journal=journal,
        sealer=sealer,
        commands=commands,
        members=members,
        tills=tills,
        directory=directory,
        listings=Listings(engine, clock, push, journal, frame_here),
        open_data=OpenData(engine, clock, lambda: True),
        sessions=sessions,
        device_sign_in=DeviceSignIn(engine, clock, sessions, note_device_used),
        passkeys=passkeys,
        devices=devices,
        moves=Moves(engine, clock, push, devices),
        access=AccessService(engine, clock, push, journal, commands, sessions, passkeys),
        officers=officers,
        oversight=oversight,
        recoveries=make_recoveries(engine, clock, commands, push, journal, means),
        disputes=make_disputes(engine, clock, commands, push, journal, contested),
        identity=IdentityService(engine, clock, push, sealer, journal, members, clean_here),
        proofs=IdentityProofs(engine, clock, ProofMeans(push, sealer, journal, members)),
        standing_orders=StandingOrders(engine, clock, push),
        erasure=ErasureService(
            engine, clock, push, journal, Holders(sealer, sessions, passkeys, tills, lambda: True)
        ),
        rights=DataRights(engine, clock, sealer, journal, Sandbox("papers", printing.BOUNDS)),
        accounts=_EmptyAccounts(),
        chain=SimpleNamespace(domain=lambda: DOMAIN),
    )


class _EmptyAccounts:
    """Balances are another subject's matter: everybody has nothing."""

    def view(self, member_id: str) -> Any:
        return SimpleNamespace(
            balance=SpendableBalance(0, 0, 0, 0),
            spending=Spending(0, 0),
            limits=None,
            passkey_floors=NO_FLOORS,
            next_nonce=0,
            caps=None,
            payments_stopped=False,
        )

    def limits(self) -> dict[str, Any]:
        return {}

    def payments_stopped(self) -> bool:
        return False


def client_of(app: Any) -> TestClient:
    """A browser-like client that keeps cookies and follows no redirect.

    What a route of the API answers must be what docs/openapi.json says of it, whatever the test looks at.
    """
    client = TestClient(app, base_url="http://testserver", follow_redirects=False)
    if app.state.face == "wallet":
        client.event_hooks = checked_against(described_api())
    return client


def browser_client_of(app: Any) -> TestClient:
    """The same at the wallet's own address, for pages that a browser shows."""
    client = client_of(app)
    client.base_url = WALLET_ORIGIN
    return client
