"""Members: wallets, professionals, tiers and what the chain says of them.

SQL never decides a tier: the service queues a command for the registrar's key and the projection writes
what the ledger answered. Owns the `members` and `devices` tables. Must not read or write money.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from wallet_service.accounts.errors import KeySuspended
from wallet_service.chain.ports import (
    KINDS,
    TIERS,
    ChainEvent,
    CommandQueue,
    FailedCommand,
    ProjectionRegistry,
)
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.help.documents import terms_version
from wallet_service.help.errors import TermsChanged
from wallet_service.languages.catalogues import known
from wallet_service.members import decisions, repository
from wallet_service.members.decisions import (
    DEFAULT_DEVICE_LABEL,
    KIND_NUMBERS,
    TIER_NUMBERS,
    Kind,
    MemberState,
    Tier,
)
from wallet_service.members.devices import proven_point
from wallet_service.members.errors import (
    AlreadyProfessional,
    EnrolmentsFull,
    MemberStateRefused,
    MemberUnknown,
    ProfessionalInvalid,
    WalletExists,
)
from wallet_service.members.professionals import ProfessionalDetails, checked_identity, checked_public_fields
from wallet_service.members.repository import Device, Member
from wallet_service.platform.journal import MAX_GROUND_LENGTH, SERVICE, Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import MemberChanged, to_console, to_member
from wallet_service.protocol.signing.addresses import address_of_point
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.security.public_keys import point_of_text
from wallet_service.security.sealing import SealedField, Sealer

PROOF_PREFIX = "alba-wallet:"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class NewWallet:
    """A visitor's wallet: the device's key and a proof that the device holds it."""

    public_key: str
    proof: str
    label: str = DEFAULT_DEVICE_LABEL
    language: str = "fr"
    terms_version: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewProfessional(ProfessionalDetails):
    """A professional without a wallet yet: the account comes from this key."""

    public_key: str
    language: str = "fr"


class MemberService:
    """Opens accounts and follows the ledger."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        sealer: Sealer,
        journal: Journal,
        commands: CommandQueue,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._sealer = sealer
        self._journal = journal
        self._commands = commands

    def register(self, registry: ProjectionRegistry) -> None:
        """Says what the indexer must tell this subject."""
        registry.on_event("MemberEnrolled", self.project_membership)
        registry.on_event("MemberChanged", self.project_membership)
        for kind in ("enrol", "setMember"):
            registry.on_command_failed(kind, self.note_failed_command)

    # accounts

    def create_wallet(self, requested: NewWallet) -> Member:
        """A visitor's account in one request: row, key, and the command that enrols it on chain.

        Raises KeyInvalid, ProofInvalid, WalletExists (then the device signs in instead), EnrolmentsFull.
        """
        message = f"{PROOF_PREFIX}{requested.public_key}".encode()
        proven_point(requested.public_key, requested.proof, message)
        label = decisions.clean_line(requested.label, decisions.MAX_LABEL_LENGTH) or DEFAULT_DEVICE_LABEL
        try:
            with UnitOfWork(self._engine) as work:
                member_id = self._open_account(
                    work, requested.public_key, label, requested.language, Kind.RESIDENT, {}
                )
                if repository.waiting_enrolments(work.connection) >= decisions.MAX_WAITING_ENROLMENTS:
                    raise EnrolmentsFull  # after the insert: a known device hears that it is known
                self._queue_enrolment(work.connection, member_id, Kind.RESIDENT, Tier.VISITOR, sector=None)
                if requested.terms_version == terms_version():  # an older page's reader is asked at home
                    self._accept_terms(work, member_id, requested.terms_version)
                return self._known(work.connection, member_id)
        except IntegrityError as error:
            raise WalletExists from error

    def accept_terms(self, member_id: str, version: str) -> None:
        """The member has accepted the terms of that day, ISO. Repeating changes nothing.

        Raises TermsChanged, MemberUnknown.
        """
        if version != terms_version():
            raise TermsChanged
        with UnitOfWork(self._engine) as work:
            if self._known(work.connection, member_id).terms_version != version:
                self._accept_terms(work, member_id, version)
                self._push.publish(work, to_member(member_id, MemberChanged(member_id)))

    def _accept_terms(self, work: UnitOfWork, member_id: str, version: str) -> None:
        accepted = {"terms_version": version, "terms_accepted_at_unix_ms": self._clock.now_unix_ms()}
        repository.update_member(work.connection, member_id, **accepted)
        subject, details = Subject("member", member_id), {"version": version}
        self._journal.append(
            work.connection, Actor("member", member_id), "member.terms_accepted", subject, details=details
        )

    def create_professional(self, requested: NewProfessional, actor: Actor) -> Member:
        """A professional's account, created by an officer who has seen the papers (CMF R561-16-1.

        SIRET, NAF, INSEE).

        Raises KeyInvalid, SiretInvalid, SectorUnknown, CommuneUnknown, ProfessionalInvalid, WalletExists.
        """
        public, identity = checked_public_fields(requested), checked_identity(requested)
        point_of_text(requested.public_key)
        try:
            with UnitOfWork(self._engine) as work:
                member_id = self._open_account(
                    work,
                    requested.public_key,
                    DEFAULT_DEVICE_LABEL,
                    requested.language,
                    requested.kind,
                    public,
                )
                sealed = self._seal(work.connection, member_id, identity.to_bytes())
                repository.update_member(work.connection, member_id, sealed_identity=sealed)
                self._queue_enrolment(
                    work.connection, member_id, requested.kind, Tier.PROFESSIONAL, sector=requested.sector
                )
                self._journal.append(
                    work.connection, actor, "member.professional_created", Subject("member", member_id)
                )
                return self._known(work.connection, member_id)
        except IntegrityError as error:
            raise WalletExists from error

    def register_professional(
        self, member_id: str, requested: ProfessionalDetails, ground: str, actor: Actor
    ) -> None:
        """A resident's wallet becomes a professional's.

        By an officer who has seen the papers (CMF R561-16-1). Account, balance and devices stay; kind and
        tier follow once the ledger has them.

        The professional's identity takes the place of the person's; what the person had declared stays
        sealed in their identity file. A registration the ledger refused may be asked again. The way back,
        from professional to resident, is not offered: tills, refunds and redemptions hang on the account,
        so who stops trading opens a wallet of their own.

        Raises MemberUnknown, MemberStateRefused (not enrolled yet, or closed), AlreadyProfessional,
        SiretInvalid, SectorUnknown, CommuneUnknown, ProfessionalInvalid.
        """
        public, identity = checked_public_fields(requested), checked_identity(requested)
        written_ground = decisions.clean_line(ground, MAX_GROUND_LENGTH)
        if written_ground is None:
            raise ProfessionalInvalid(field="ground")
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            member = self._known(connection, member_id, locked=True)
            if member.state is not MemberState.ACTIVE:
                raise MemberStateRefused(state=member.state.value)
            attempts = repository.registration_states(connection, member_id)
            if member.kind is not Kind.RESIDENT or any(state != "failed" for state in attempts):
                raise AlreadyProfessional
            sealed = self._seal(connection, member_id, identity.to_bytes())
            repository.update_member(connection, member_id, sealed_identity=sealed, **public)
            arguments = [
                member.account_address,
                KIND_NUMBERS[requested.kind],
                TIER_NUMBERS[Tier.PROFESSIONAL],
                decisions.sector_number(requested.sector),
                0,
            ]
            ref = f"{repository.registration_ref(member_id)}{len(attempts)}"
            self._commands.queue_command(connection, "setMember", arguments, "REGISTRAR", ref)
            self._journal.append(
                connection,
                actor,
                "member.professional_registered",
                Subject("member", member_id),
                ground=written_ground,
                details={"kind": requested.kind.value, "sector": requested.sector},
            )
            self._announce(work, member_id)

    def is_being_registered(self, member_id: str) -> bool:
        """Whether a registration as professional is on its way to the ledger."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            member = self._known(connection, member_id)
            states = repository.registration_states(connection, member_id)
            return member.kind is Kind.RESIDENT and any(state != "failed" for state in states)

    def _open_account(
        self, work: UnitOfWork, public_key: str, label: str, language: str, kind: Kind, public: dict[str, Any]
    ) -> str:
        """The account address comes from the first device's key."""
        member_id, now = new_id(), self._clock.now_unix_ms()
        account_address = address_of_point(point_of_text(public_key))
        repository.insert_member(
            work.connection,
            id=member_id,
            kind=kind.value,
            tier=Tier.NONE.value,
            state=MemberState.PENDING.value,
            account_address=account_address,
            language=known(language),
            created_at_unix_ms=now,
            **public,
        )
        self._sealer.create_member_key(work.connection, member_id)
        repository.insert_device(
            work.connection,
            id=new_id(),
            member_id=member_id,
            signer_address=account_address,
            key_kind="p256",
            public_key=public_key,
            label=label,
            state=decisions.DeviceState.ACTIVE.value,
            created_at_unix_ms=now,
        )
        return member_id

    def _queue_enrolment(
        self, connection: Connection, member_id: str, kind: Kind, tier: Tier, *, sector: str | None
    ) -> None:
        member = self._known(connection, member_id)
        number = decisions.sector_number(sector)
        arguments = [member.account_address, KIND_NUMBERS[kind], TIER_NUMBERS[tier], number, 0]
        self._commands.queue_command(connection, "enrol", arguments, "REGISTRAR", f"enrol:{member_id}")

    # tiers

    def ask_tier(
        self, connection: Connection, member_id: str, requested: Tier, *, expires_on_day: int, reason_id: str
    ) -> None:
        """Queues the change; SQL follows when the ledger has it.

        Once per `reason_id` (an identity file's id).

        Raises MemberUnknown, MemberStateRefused, TierChangeRefused, AlreadyProfessional.
        """
        member = self._known(connection, member_id, locked=True)
        if member.kind is Kind.RESIDENT and member.has_trade:
            raise AlreadyProfessional  # this change would overtake the registration and undo it
        if member.state is MemberState.CLOSED:
            decisions.check_member_transition(member.state, MemberState.ACTIVE)
        decisions.check_tier_change(member.tier, requested)
        arguments = [
            member.account_address,
            KIND_NUMBERS[member.kind],
            TIER_NUMBERS[requested],
            decisions.sector_number(member.sector),
            expires_on_day,
        ]
        ref = f"tier:{member_id}:{requested.value}:{reason_id}"
        self._commands.queue_command(connection, "setMember", arguments, "REGISTRAR", ref)

    # reading

    def get(self, member_id: str) -> Member:
        """Raises MemberUnknown."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return self._known(connection, member_id)

    def devices(self, member_id: str) -> list[Device]:
        """The member's devices, oldest first."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return repository.devices_of(connection, member_id)

    def check_opener(self, member_id: str, authenticator: str) -> None:
        """What opened a session, a device or a passkey, is not suspended. Raises KeySuspended.

        `authenticator` as in `security.sessions.OpenedWith`.
        """
        now_unix_s = self._clock.now_unix_s()
        for device in self.devices(member_id):
            is_opener = authenticator in (device.signer_address, device.credential_id)
            if is_opener and now_unix_s < (device.suspended_until_unix_s or 0):
                raise KeySuspended(until_unix_s=device.suspended_until_unix_s or 0)

    # what the chain says

    def project_membership(self, work: UnitOfWork, event: ChainEvent) -> None:
        """MemberEnrolled and MemberChanged: kind, tier, sector and expiry as the ledger now holds them."""
        member = repository.find_by_address(work.connection, event.arguments["account"])
        if member is None:
            log.warning("member.unknown_on_chain", block=event.block_number)
            return
        tier = Tier(TIERS[event.arguments["tier"]])
        values: dict[str, Any] = {
            "tier": tier.value,
            "kind": KINDS[event.arguments["kind"]],
            "identity_expires_on_day": event.arguments["expiresAtDay"] or None,
        }
        if member.state is MemberState.PENDING:
            values["state"] = MemberState.ACTIVE.value
            values["enrolled_at_unix_ms"] = event.block_timestamp_unix_s * 1000
        if all(getattr(member, name) == value for name, value in values.items()):
            return
        repository.update_member(work.connection, member.id, **values)
        self._announce(work, member.id)

    def note_failed_command(self, work: UnitOfWork, failed: FailedCommand) -> None:
        """An enrolment or tier change the ledger refused: an officer finds it in the journal."""
        member = repository.find_by_address(work.connection, str(failed.arguments[0]))
        subject = Subject("member", member.id) if member else None
        details = {"command": failed.kind, "error": failed.error_name}
        self._journal.append(work.connection, SERVICE, "member.command_failed", subject, details=details)
        log.error("member.command_failed", command=failed.kind, error=failed.error_name)

    def _announce(self, work: UnitOfWork, member_id: str) -> None:
        changed = MemberChanged(member_id)
        self._push.publish(work, to_member(member_id, changed), to_console(changed))

    def _known(self, connection: Connection, member_id: str, *, locked: bool = False) -> Member:
        member = repository.find(connection, member_id, locked=locked)
        if member is None:
            raise MemberUnknown
        return member

    def _seal(self, connection: Connection, member_id: str, plaintext: bytes) -> bytes:
        return self._sealer.seal_for_member(connection, member_id, identity_field(member_id), plaintext)


def identity_field(member_id: str) -> SealedField:
    """Where a member's sealed identity lives."""
    return SealedField("members", "sealed_identity", member_id)
