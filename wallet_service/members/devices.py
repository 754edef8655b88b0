"""Further keys of an account.

A device, tied to it with a one-time code the issuer gives after checking who asks, or by a key that signs; a
passkey.

A new key becomes a signer on the ledger when a key that is one has signed for it (`additions`); until the
ledger says so it is pending and may only look. Where no key signs any more, `recoveries` is the way. Owns
`device_codes`, and the life of a `devices` row after its first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from wallet_service.accounts.repository import balance_of
from wallet_service.chain.ports import ChainEvent, CommandQueue, ProjectionRegistry
from wallet_service.database.tables.members import device_codes, devices
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.members import decisions, errors, repository
from wallet_service.members.additions import Additions, NewSigner, SignedAddition
from wallet_service.members.decisions import DEFAULT_DEVICE_LABEL, DEVICE_TRANSITIONS, DeviceState
from wallet_service.notices.models import NoticeKind
from wallet_service.notices.service import tell
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.event_kinds import MemberChanged, to_member
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.addresses import address_of_point
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.security.device_sign_in import SignedIn
from wallet_service.security.public_keys import point_of_text, signature_of_text
from wallet_service.security.sessions import OpenedWith, SessionService
from wallet_service.security.tokens import code_digest, new_long_code

DEVICE_CODE_LIFETIME_MS = 24 * 3_600_000
LINK_PROOF_PREFIX = "alba-device:"
VOUCHED_PROOF_PREFIX = "alba-device:passkey:"
PASSKEY_LABEL = "Clé d’accès"


@dataclass(frozen=True)
class NewDevice:
    """`proof` is base64url r ‖ s by the device's key over ``alba-device:`` + code + public key."""

    code: str
    public_key: str
    proof: str
    label: str = DEFAULT_DEVICE_LABEL
    browser: str = ""

    def message(self) -> bytes:
        return f"{LINK_PROOF_PREFIX}{self.code}:{self.public_key}".encode()


@dataclass(frozen=True)
class NewPasskey:
    """`point` is x ‖ y. `addition`: a session alone gives nobody the power to pay."""

    credential_id: str
    point: bytes
    addition: SignedAddition


@dataclass(frozen=True)
class VouchedDevice:
    """A device's key, and the word of a key that signs, a passkey's mostly.

    `proof` is base64url r ‖ s by the device's key over ``alba-device:passkey:`` + public key: nobody ties a
    key that is another's.
    """

    public_key: str
    proof: str
    label: str
    addition: SignedAddition

    def message(self) -> bytes:
        return f"{VOUCHED_PROOF_PREFIX}{self.public_key}".encode()


def proven_point(public_key: str, proof: str, message: bytes) -> bytes:
    """x ‖ y of a key whose holder has signed `message`. Raises KeyInvalid, ProofInvalid."""
    point = point_of_text(public_key)
    try:
        p256.verify_message(point, signature_of_text(proof), message)
    except BadSignature as error:
        raise errors.ProofInvalid from error
    return point


class DeviceService:
    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        journal: Journal,
        commands: CommandQueue,
        sessions: SessionService,
        additions: Additions,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal
        self._commands = commands
        self._sessions = sessions
        self._additions = additions

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("SignerAdded", self.project_signer)
        registry.on_event("SignerRemoved", self.project_signer)

    def give_code(self, member_id: str, officer_id: str, ground: str) -> str:
        """A code for a further phone of somebody an officer has seen, who is told at once by every way.

        Raises MemberUnknown, DeviceCodeTooMuch.
        """
        with UnitOfWork(self._engine) as work:
            member = repository.find(work.connection, member_id)
            if member is None or member.state is not decisions.MemberState.ACTIVE:
                raise errors.MemberUnknown
            held_cents = balance_of(work.connection, member.account_address).posted_cents
            signs = repository.has_active_key(work.connection, member_id)
            if member.frozen_outgoing or held_cents >= decisions.CODE_BELOW_CENTS or not signs:
                raise errors.DeviceCodeTooMuch(least_cents=decisions.CODE_BELOW_CENTS)
            tell(work.connection, member_id, NoticeKind.SECURITY, self._clock.now_unix_ms())
            return self._make_code(work, member_id, Actor("officer", officer_id), ground)

    def make_code(self, member_id: str, actor: Actor, ground: str) -> str:
        """A code good for one device and one day. Raises MemberUnknown."""
        with UnitOfWork(self._engine) as work:
            if repository.find(work.connection, member_id) is None:
                raise errors.MemberUnknown
            return self._make_code(work, member_id, actor, ground)

    def _make_code(self, work: UnitOfWork, member_id: str, actor: Actor, ground: str) -> str:
        code = new_long_code()
        work.connection.execute(
            insert(device_codes).values(
                code_hash=code_digest(code),
                member_id=member_id,
                expires_at_unix_ms=self._clock.now_unix_ms() + DEVICE_CODE_LIFETIME_MS,
            )
        )
        subject = Subject("member", member_id)
        self._journal.append(work.connection, actor, "device.code_made", subject, ground=ground)
        return code

    def link(self, requested: NewDevice) -> SignedIn:
        """Ties the device to the code's account and opens a session; it pays once another key signs for it.

        Raises KeyInvalid, ProofInvalid, DeviceCodeRefused.

        The same code with the same key answers again (a lost answer); with another key it is refused.
        """
        point = proven_point(requested.public_key, requested.proof, requested.message())
        signer = address_of_point(point)
        with UnitOfWork(self._engine) as work:
            member_id = self._take_code(work.connection, requested, signer)
            self._push.publish(work, to_member(member_id, MemberChanged(member_id)))
            opened_with = OpenedWith(signer, requested.browser)
            session = self._sessions.open(work.connection, "member", member_id, "device", opened_with)
        return SignedIn(member_id, session)

    def _take_code(self, connection: Connection, requested: NewDevice, signer: str) -> str:
        row = connection.execute(
            select(device_codes)
            .where(device_codes.c.code_hash == code_digest(requested.code))
            .with_for_update()
        ).one_or_none()
        if row is None or self._clock.now_unix_ms() >= row.expires_at_unix_ms:
            raise errors.DeviceCodeRefused
        member = repository.find(connection, row.member_id)
        if member is None or member.state is decisions.MemberState.CLOSED:
            raise errors.DeviceCodeRefused
        if row.used_at_unix_ms is not None:
            if not self._is_device(connection, row.device_id, signer):
                raise errors.DeviceCodeRefused
            return member.id
        if repository.device_exists(connection, signer):
            raise errors.DeviceKnown
        label = decisions.clean_line(requested.label, decisions.MAX_LABEL_LENGTH) or DEFAULT_DEVICE_LABEL
        device_id = self._insert(connection, member, "p256", requested.public_key, label=label)
        connection.execute(
            update(device_codes)
            .where(device_codes.c.code_hash == row.code_hash)
            .values(used_at_unix_ms=self._clock.now_unix_ms(), device_id=device_id)
        )
        return member.id

    def add_passkey(self, member_id: str, requested: NewPasskey) -> None:
        """Lets a passkey sign for the account, once however often it is asked.

        Raises ProofInvalid, DeviceKnown.
        """
        signer = address_of_point(requested.point)
        with UnitOfWork(self._engine) as work:
            member = repository.find(work.connection, member_id)
            known = repository.devices_of(work.connection, member_id)
            if member is None:
                raise errors.ProofInvalid
            if any(row.signer_address == signer for row in known):
                return
            if repository.device_exists(work.connection, signer):
                raise errors.DeviceKnown
            public_key = "0x" + requested.point.hex()
            device_id = self._insert(
                work.connection,
                member,
                "passkey",
                public_key,
                label=PASSKEY_LABEL,
                credential_id=requested.credential_id,
            )
            new = NewSigner(signer, "passkey")
            self._add_signer(work.connection, member, device_id, new, requested.addition)
            self._push.publish(work, to_member(member_id, MemberChanged(member_id)))

    def check_new(self, public_key: str) -> None:
        """Before a person is asked to sign for it. Raises KeyInvalid, DeviceKnown."""
        signer = address_of_point(point_of_text(public_key))
        with self._engine.connect().execution_options(read_only=True) as connection:
            if repository.device_exists(connection, signer):
                raise errors.DeviceKnown

    def add_vouched(self, member_id: str, requested: VouchedDevice) -> None:
        """Ties a device to the account on the word of a key that signs for it, once.

        That key must be a signer on the ledger: a session, or a passkey registered in one, gives nobody the
        power to pay. Raises KeyInvalid, ProofInvalid, DeviceKnown.
        """
        point = proven_point(requested.public_key, requested.proof, requested.message())
        signer = address_of_point(point)
        label = decisions.clean_line(requested.label, decisions.MAX_LABEL_LENGTH) or DEFAULT_DEVICE_LABEL
        with UnitOfWork(self._engine) as work:
            member = repository.find(work.connection, member_id, locked=True)
            known = repository.devices_of(work.connection, member_id)
            if member is None:
                raise errors.ProofInvalid
            if any(row.signer_address == signer for row in known):
                return
            if repository.device_exists(work.connection, signer):
                raise errors.DeviceKnown
            device_id = self._insert(work.connection, member, "p256", requested.public_key, label=label)
            self._add_signer(
                work.connection, member, device_id, NewSigner(signer, "p256"), requested.addition
            )
            self._push.publish(work, to_member(member_id, MemberChanged(member_id)))

    def check_signs(self, connection: Connection, member_id: str, public_key: str) -> None:
        """That key may sign for the account now. Raises KeyInvalid, ProofInvalid."""
        signer = address_of_point(point_of_text(public_key))
        known = repository.devices_of(connection, member_id)
        if all(row.signer_address != signer or row.state != DeviceState.ACTIVE.value for row in known):
            raise errors.ProofInvalid

    def let_sign(self, member_id: str, device_id: str, addition: SignedAddition) -> None:
        """A device that only looks, tied by the issuer's code, signs on the word of one that does.

        Asked again, it is said to the ledger again. Raises DeviceNotFound, ProofInvalid.
        """
        with UnitOfWork(self._engine) as work:
            member = repository.find(work.connection, member_id, locked=True)
            known = repository.devices_of(work.connection, member_id)
            device = next((one for one in known if one.id == device_id), None)
            if member is None or member.state is decisions.MemberState.CLOSED:
                raise errors.DeviceNotFound
            if device is None or device.state is not DeviceState.PENDING:
                raise errors.DeviceNotFound
            new = NewSigner(device.signer_address, device.key_kind)
            self._add_signer(work.connection, member, device_id, new, addition)
            self._push.publish(work, to_member(member_id, MemberChanged(member_id)))

    def add_beside(
        self, work: UnitOfWork, member_id: str, public_key: str, label: str, addition: SignedAddition
    ) -> str:
        """A further key, on the word of one that signs; its device's id. Raises ProofInvalid, DeviceKnown."""
        member = repository.find(work.connection, member_id, locked=True)
        if member is None or member.state is decisions.MemberState.CLOSED:
            raise errors.ProofInvalid
        signer = address_of_point(point_of_text(public_key))
        if repository.device_exists(work.connection, signer):
            raise errors.DeviceKnown
        cleaned = decisions.clean_line(label, decisions.MAX_LABEL_LENGTH) or DEFAULT_DEVICE_LABEL
        device_id = self._insert(work.connection, member, "p256", public_key, label=cleaned)
        self._add_signer(work.connection, member, device_id, NewSigner(signer, "p256"), addition)
        self._push.publish(work, to_member(member_id, MemberChanged(member_id)))
        return device_id

    def _insert(
        self,
        connection: Connection,
        member: repository.Member,
        key_kind: str,
        public_key: str,
        *,
        label: str,
        credential_id: str | None = None,
    ) -> str:
        """The device's id. It is pending, and no signer yet.

        Whatever vouched for it, the member is told by every way there is: it may not have been them.
        """
        device_id, signer = new_id(), address_of_point(bytes.fromhex(public_key[2:]))
        now_unix_ms = self._clock.now_unix_ms()
        repository.insert_device(
            connection,
            id=device_id,
            member_id=member.id,
            signer_address=signer,
            key_kind=key_kind,
            public_key=public_key,
            credential_id=credential_id,
            label=label,
            state=DeviceState.PENDING.value,
            created_at_unix_ms=now_unix_ms,
        )
        actor, subject = Actor("member", member.id), Subject("device", device_id)
        self._journal.append(connection, actor, "device.linked", subject)
        tell(connection, member.id, NoticeKind.SECURITY, now_unix_ms)
        return device_id

    def _add_signer(
        self,
        connection: Connection,
        member: repository.Member,
        device_id: str,
        new: NewSigner,
        addition: SignedAddition,
    ) -> None:
        """The registrar's command makes it a signer on the ledger. Raises ProofInvalid."""
        arguments = self._additions.checked(connection, member, new, addition)
        ref = f"{repository.signer_ref(device_id)}{addition.nonce:x}"
        self._commands.queue_command(connection, "addSigner", arguments, "REGISTRAR", ref)

    def _is_device(self, connection: Connection, device_id: str, signer: str) -> bool:
        query = select(devices.c.signer_address).where(devices.c.id == device_id)
        return bool(connection.execute(query).scalar_one_or_none() == signer)

    def project_signer(self, work: UnitOfWork, event: ChainEvent) -> None:
        """SignerAdded makes a device active, SignerRemoved revokes it."""
        requested = DeviceState.ACTIVE if event.name == "SignerAdded" else DeviceState.REVOKED
        row: Any = work.connection.execute(
            select(devices).where(devices.c.signer_address == event.arguments["signer"])
        ).one_or_none()
        if row is None or requested not in DEVICE_TRANSITIONS[DeviceState(row.state)]:
            return
        work.connection.execute(update(devices).where(devices.c.id == row.id).values(state=requested.value))
        self._push.publish(work, to_member(row.member_id, MemberChanged(row.member_id)))
