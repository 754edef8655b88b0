"""Lost phones over a real ledger: members with devices, officers, and the recoveries between them."""

from __future__ import annotations

import base64
import io
import secrets
from dataclasses import dataclass, field

from PIL import Image
from sqlalchemy import insert, select

from tests.support.authenticator import Authenticator
from tests.support.chain_world import World
from tests.support.cleaning import clean_here
from tests.support.web import P256_SIGNER, Device, said
from wallet_service.database.tables.identity import passkeys
from wallet_service.database.tables.members import devices, members
from wallet_service.database.tables.supervision import journal
from wallet_service.database.unit_of_work import reading
from wallet_service.members.additions import Additions, SignedAddition
from wallet_service.members.devices import DeviceService
from wallet_service.members.repository import Member
from wallet_service.members.service import MemberService, NewWallet
from wallet_service.oversight.service import Doors, make_oversight
from wallet_service.platform.journal import Journal
from wallet_service.platform.push import Push
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.addresses import address_of_point
from wallet_service.protocol.signing.envelope import PasskeySite, sign_p256
from wallet_service.protocol.signing.typed_data import RecoveryVetoMessage
from wallet_service.recoveries.desk import RecoveryMeans, make_recoveries
from wallet_service.recoveries.models import AccountRecovery, NewRecovery, RecoveryProgress
from wallet_service.recoveries.repository import open_of_member
from wallet_service.security.officers import OfficerService
from wallet_service.security.passkeys import PasskeyService
from wallet_service.security.sealing import Sealer
from wallet_service.security.sessions import SessionService

ORIGIN = "https://wallet.example"
DELAY_S = 2
GROUND = "Vue au guichet, pièce d’identité"


def picture(shade: int = 120) -> bytes:
    """A paper, as far as anybody here looks at it."""
    made = io.BytesIO()
    Image.new("RGB", (60, 40), (shade, shade, shade)).save(made, "JPEG")
    return made.getvalue()


def pdf(pages: int) -> bytes:
    """The same on so many pages; the first is the narrowest."""
    first, *others = [Image.new("RGB", (60 + number, 40), "white") for number in range(pages)]
    made = io.BytesIO()
    first.save(made, "PDF", save_all=True, append_images=others)
    return made.getvalue()


@dataclass
class NewPhone:
    """A browser with nothing in it but what it has just made."""

    device: Device = field(default_factory=lambda: Device(p256.new_private_key()))
    token: str = field(
        default_factory=lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    )

    @property
    def address(self) -> str:
        return address_of_point(p256.point_of(self.device.key))

    def request(self) -> NewRecovery:
        key = self.device.public_key
        return NewRecovery(self.token, key, self.device.sign(f"alba-recovery:{self.token}:{key}"), "Nouveau")


class RecoverySide:
    """As bootstrap wires it, over one `World`."""

    def __init__(self, world: World) -> None:
        self.world, engine, clock = world, world.engine, world.clock
        self.push, self.journal = Push(engine, clock), Journal(clock)
        self.sealer = Sealer(secrets.token_bytes(32), clock)
        self.sessions = SessionService(engine, clock, self.push)
        self.passkeys = PasskeyService(engine, clock, self.sessions, {}, self.journal)
        officers = OfficerService(engine, clock, self.journal, self.sessions)
        doors = Doors(officers, self.sessions, self.passkeys, codes_confirm=True)
        self.oversight = make_oversight(engine, clock, world.commands, self.push, self.journal, doors)
        self.members = MemberService(engine, clock, self.push, self.sealer, self.journal, world.commands)
        domain = world.chain.reader().domain
        site = PasskeySite(ORIGIN)
        self.devices = DeviceService(
            engine,
            clock,
            self.push,
            self.journal,
            world.commands,
            self.sessions,
            Additions(clock, domain, site),
        )
        means = RecoveryMeans(
            self.oversight, self.sessions, self.passkeys, domain, site, self.sealer, clean_here
        )
        self.recoveries = make_recoveries(engine, clock, world.commands, self.push, self.journal, means)
        for subject in (self.members, self.devices, self.oversight, self.recoveries):
            subject.register(world.registry)
        world.chain.send("GOVERNOR", "setSafeguards", [[100_000_00, DELAY_S, DELAY_S, 1]])

    # people

    def visitor(self) -> tuple[Member, Device]:
        """Enrolled, with the phone that opened the wallet."""
        device = Device(p256.new_private_key())
        member = self.members.create_wallet(NewWallet(device.public_key, device.proof()))
        self.world.run_until_idle()
        return self.members.get(member.id), device

    def give_passkey(self, member: Member) -> None:
        """One that opens: its key is of no matter here."""
        with self.world.engine.begin() as connection:
            connection.execute(
                insert(passkeys).values(
                    credential_id=f"passkey-of-{member.id}",
                    subject_kind="member",
                    subject_id=member.id,
                    public_key=b"",
                    sign_count=0,
                    created_at_unix_ms=0,
                )
            )

    def fund(self, member: Member, amount_cents: int) -> None:
        self.world.attest(10_000_000)
        ref = "0x" + secrets.token_hex(32)
        self.world.queue("mint", [member.account_address, amount_cents, ref], "ISSUER", ref)
        self.world.run_until_idle()

    # what they do

    def ask(self, member: Member, phone: NewPhone | None = None) -> NewPhone:
        """From a browser without anything, by the member number."""
        phone = phone or NewPhone()
        self.recoveries.phones.ask(phone.request(), f"{member.id[:4]} {member.id[4:8].lower()}")
        return phone

    def announce(self, member: Member, phone: NewPhone | None = None) -> AccountRecovery:
        """Asked, looked at by an officer, and announced by the ledger."""
        self.ask(member, phone)
        asked = self.open_one(member)
        assert self.recoveries.desk.propose(asked.id, GROUND, "O1")
        self.world.run_until_idle()
        return self.open_one(member)

    def veto(self, member: Member, device: Device) -> None:
        """One tap on a phone that still has its key."""
        announced = self.open_one(member)
        assert announced.number is not None
        message = RecoveryVetoMessage(member.account_address, announced.number)
        digest = message.digest(self.world.chain.deployment.domain)
        envelope = "0x" + sign_p256(device.key, digest).hex()
        self.recoveries.phones.veto(member.id, announced.id, envelope)

    def execute_when_due(self) -> None:
        """The worker's rounds until the delay is over and the ledger has executed."""

        def pump() -> None:
            self.recoveries.follower.run_due()
            self.world.pump()

        self.world.until(lambda: self._is_over(), pump)
        self.world.run_until_idle()

    def _is_over(self) -> bool:
        with reading(self.world.engine) as connection:
            found = connection.execute(select(members.c.id)).scalars()
            return not any(each.number for one in found for each in open_of_member(connection, one))

    def word(
        self, member: Member, by: Device | Authenticator, signer: str, kind: int = P256_SIGNER
    ) -> SignedAddition:
        """The account's word for a further key, as the ledger asks for it."""
        valid_before = self.world.clock.now_unix_s() + 3_600
        return said(self.world.chain.deployment.domain, valid_before, member, by, signer, kind)

    # how things stand

    def open_one(self, member: Member) -> AccountRecovery:
        (found,) = self.recoveries.phones.of_member(member.id)
        return found

    def progress(self, phone: NewPhone) -> RecoveryProgress:
        return self.recoveries.phones.progress(phone.token)

    def is_frozen(self, member: Member) -> bool:
        return self.members.get(member.id).frozen_outgoing

    def is_frozen_on_chain(self, member: Member) -> bool:
        return self.world.chain.reader().account(member.account_address).frozen_outgoing

    def device_states(self, member: Member) -> dict[str, str]:
        """Signer address -> state."""
        with reading(self.world.engine) as connection:
            query = select(devices.c.signer_address, devices.c.state).where(devices.c.member_id == member.id)
            return {row.signer_address: row.state for row in connection.execute(query)}

    def acts(self) -> list[str]:
        with reading(self.world.engine) as connection:
            query = select(journal.c.act).where(journal.c.act.startswith("recovery."))
            return list(connection.execute(query.order_by(journal.c.id)).scalars())
