"""Letting somebody pay with one's account: a code made here, read by the other phone, four words on both.

As with a move (`moves`): the code stays with the two phones, the words are made of it and of both keys, and
the holder's key signs for that one key and for its limits. A key is refused from its end's commit on,
whatever the ledger says until its removal is mined. Owns `keyholders`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection, Engine

from wallet_service.accounts.models import KeyLimits
from wallet_service.chain.ports import CommandQueue
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.keyholders import decisions, errors, repository
from wallet_service.keyholders.models import (
    EndedBy,
    InvitationAsked,
    InvitationJoined,
    Keyholder,
    KeyholderApproved,
    KeyholderState,
    KeyPayment,
    SeenInvitation,
    SeenKeyholder,
)
from wallet_service.members import repository as members
from wallet_service.members.additions import Additions, NewSigner, SignedAddition
from wallet_service.members.decisions import (
    DEFAULT_DEVICE_LABEL,
    MAX_LABEL_LENGTH,
    DeviceState,
    MemberState,
    clean_line,
)
from wallet_service.members.devices import DeviceService, proven_point
from wallet_service.members.errors import DeviceKnown, ProofInvalid
from wallet_service.members.ports import MemberNames
from wallet_service.notices.models import NoticeKind
from wallet_service.notices.service import tell
from wallet_service.platform.journal import SERVICE, Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import MemberChanged, to_member
from wallet_service.protocol.signing.addresses import address_of_point
from wallet_service.protocol.text.identifiers import is_id, new_id
from wallet_service.security.public_keys import point_of_text
from wallet_service.security.sealing import PersonErased, SealedField, Sealer
from wallet_service.security.sessions import SessionService

S = KeyholderState
ADD_LIMITED = "addLimitedSigner"
KEYHOLDER: Literal["keyholder"] = "keyholder"


@dataclass(frozen=True)
class KeyholderMeans:
    """What other subjects do for it."""

    sealer: Sealer
    names: MemberNames
    commands: CommandQueue
    sessions: SessionService
    additions: Additions
    devices: DeviceService


class Keyholders:
    """Asking and ending need a session of a moment ago: the faces see to it."""

    def __init__(
        self, engine: Engine, clock: Clock, push: Push, journal: Journal, means: KeyholderMeans
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal
        self._means = means

    # inviting

    def ask(self, member_id: str, asked: InvitationAsked) -> Keyholder:
        """The holder's phone waits for another one; its key must be one that signs.

        Raises KeyInvalid, ProofInvalid, NameMissing, KeyLimitsRefused, TooManyKeyholders, InvitationUnknown.
        """
        proven_point(asked.public_key, asked.proof, asked.message())
        name = clean_line(asked.name, decisions.MAX_NAME_LENGTH)
        if name is None:
            raise errors.NameMissing
        now_unix_ms = self._clock.now_unix_ms()
        decisions.check_wanted(asked.kind, asked.limits, now_unix_ms // 1000)
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            member = members.find(connection, member_id, locked=True)
            if member is None or member.state is not MemberState.ACTIVE:
                raise ProofInvalid
            self._means.devices.check_signs(connection, member_id, asked.public_key)
            repository.forget_stale(connection, now_unix_ms)
            decisions.check_room(repository.count_living(connection, member_id, now_unix_ms))
            if repository.by_invitation(connection, asked.invitation) is not None:
                raise errors.InvitationUnknown  # nobody's code twice, and nobody else's
            keyholder_id = new_id()
            repository.insert_keyholder(
                connection,
                asked.limits,
                id=keyholder_id,
                member_id=member_id,
                kind=asked.kind,
                state=S.INVITED,
                sealed_name=self._means.sealer.seal_for_member(
                    connection, member_id, _name_field(keyholder_id), name.encode()
                ),
                invitation=asked.invitation,
                old_public_key=asked.public_key,
                label="",
                invitation_ends_at_unix_ms=now_unix_ms + decisions.INVITATION_LIFETIME_MS,
                created_at_unix_ms=now_unix_ms,
            )
            made = repository.by_id(connection, keyholder_id)
        assert made is not None
        return made

    def join(self, joined: InvitationJoined) -> SeenInvitation:
        """The other phone answers, and asks again until the holder has said yes; the same key may.

        Raises KeyInvalid, ProofInvalid, DeviceKnown, InvitationUnknown, InvitationTaken.
        """
        point = proven_point(joined.public_key, joined.proof, joined.message())
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            known = self._living(repository.by_invitation(connection, joined.invitation, locked=True))
            if known.public_key is not None and known.public_key != joined.public_key:
                raise errors.InvitationTaken
            if known.state is S.INVITED:
                if members.device_exists(connection, address_of_point(point)):
                    raise DeviceKnown
                label = clean_line(joined.label, MAX_LABEL_LENGTH) or DEFAULT_DEVICE_LABEL
                repository.move(connection, known, S.JOINED, public_key=joined.public_key, label=label)
                known = replace(known, state=S.JOINED, public_key=joined.public_key, label=label)
                self._push.publish(work, to_member(known.member_id, MemberChanged(known.member_id)))
            names = self._means.names.short_names(connection, [known.member_id])
        return SeenInvitation(known, names.get(known.member_id))

    def approve(self, member_id: str, approved: KeyholderApproved) -> None:
        """The words are the same: that key pays from now on, once the ledger says so.

        Asked again, nothing more happens. Raises KeyholderUnknown, InvitationUnknown, InvitationNotAnswered,
        InvitationTaken, ProofInvalid, KeySuspended, DeviceKnown.
        """
        with UnitOfWork(self._engine) as work:
            known = self._of(work.connection, member_id, approved.keyholder_id)
            if known.public_key is None:
                self._living(known)
                raise errors.InvitationNotAnswered
            if known.public_key != approved.public_key:
                raise errors.InvitationTaken
            if known.state in repository.LIVING:
                return
            self._living(known)
            self._add(work, known, known.public_key, approved.addition)

    def _add(self, work: UnitOfWork, known: Keyholder, public_key: str, addition: SignedAddition) -> None:
        connection, signer = work.connection, address_of_point(point_of_text(public_key))
        now_unix_ms = self._clock.now_unix_ms()
        device_id: str | None = None
        if known.is_limited:
            # An invitation's time may have eaten up its key's.
            decisions.check_wanted(known.kind, known.limits, now_unix_ms // 1000)
            if members.device_exists(connection, signer):
                raise DeviceKnown
            self._say_to_ledger(connection, known, signer, known.limits, addition)
            tell(connection, known.member_id, NoticeKind.SECURITY, now_unix_ms)
        else:
            device_id = self._means.devices.add_beside(
                work, known.member_id, public_key, known.label, addition
            )
        values = {"signer_address": signer, "device_id": device_id, "added_at_unix_ms": now_unix_ms}
        repository.move(connection, known, S.ADDING, **values)
        self._record(work, known, "keyholder.added", Actor("member", known.member_id))

    def _say_to_ledger(
        self,
        connection: Connection,
        known: Keyholder,
        signer: str,
        limits: KeyLimits,
        addition: SignedAddition,
    ) -> None:
        """The registrar's command. Raises ProofInvalid, KeySuspended."""
        member = members.find(connection, known.member_id, locked=True)
        if member is None or member.state is not MemberState.ACTIVE:
            raise ProofInvalid
        new = NewSigner(signer, "p256")
        arguments = self._means.additions.checked(connection, member, new, addition, limits)
        ref = f"keyholder:{known.id}:{addition.nonce:x}"
        self._means.commands.queue_command(connection, ADD_LIMITED, arguments, "REGISTRAR", ref)

    # what stands

    def of_member(self, member_id: str) -> list[SeenKeyholder]:
        """Everybody the holder ever let pay, and invitations that still stand; oldest first."""
        now_unix_ms = self._clock.now_unix_ms()
        with reading(self._engine) as connection:
            found = [
                (one, sealed)
                for one, sealed in repository.of_member(connection, member_id)
                if one.state not in repository.INVITATIONS or now_unix_ms < one.invitation_ends_at_unix_ms
            ]
            spent = repository.spent_today(connection, [one.id for one, _ in found], now_unix_ms)
            last = {one.id: self.payments_of(connection, one.id, 1) for one, _ in found}
            return [
                SeenKeyholder(
                    one,
                    self._name(connection, member_id, one.id, sealed),
                    spent.get(one.id, 0),
                    next(iter(last[one.id]), None),
                )
                for one, sealed in found
            ]

    def keys_of(self, member_id: str) -> list[Keyholder]:
        """Every key to the account that is or was, oldest first, no invitation; no name is opened."""
        with reading(self._engine) as connection:
            known = [one for one, _sealed in repository.of_member(connection, member_id)]
        return [one for one in known if one.state not in repository.INVITATIONS]

    def payments_of(self, connection: Connection, keyholder_id: str, limit: int) -> list[KeyPayment]:
        """What that key paid, newest first."""
        rows = repository.payments_of(connection, keyholder_id, limit)
        names = self._means.names.short_names(connection, {row.payee_member_id for row in rows})
        return [
            KeyPayment(
                row.ref,
                row.amount_cents,
                {"accepted": "confirming", "settling": "confirming"}.get(row.state, row.state),
                row.accepted_at_unix_ms,
                names.get(row.payee_member_id),
                row.refusal_code if row.state == "refused" else None,
            )
            for row in rows
        ]

    def names_of(self, connection: Connection, member_id: str, ids: Collection[str]) -> Mapping[str, str]:
        """How that member calls them, by id; whose name can be read no more is left out."""
        if not ids:
            return {}
        sealed = repository.sealed_names(connection, ids)
        names = {one: self._name(connection, member_id, one, sealed[one]) for one in sealed}
        return {one: name for one, name in names.items() if name is not None}

    def _name(
        self, connection: Connection, member_id: str, keyholder_id: str, sealed: bytes | None
    ) -> str | None:
        if sealed is None:
            return None
        field = _name_field(keyholder_id)
        try:
            return self._means.sealer.unseal_for_member(connection, member_id, field, sealed).decode()
        except PersonErased:
            return None

    # changing and ending

    def change_limits(
        self, member_id: str, keyholder_id: str, limits: KeyLimits, addition: SignedAddition
    ) -> None:
        """Other limits, on the account's word: tighter ones at once, wider ones once the ledger says so.

        Raises KeyholderUnknown, KeyLimitsRefused, ProofInvalid, KeySuspended.
        """
        now_unix_ms = self._clock.now_unix_ms()
        with UnitOfWork(self._engine) as work:
            known = self._of(work.connection, member_id, keyholder_id)
            if known.state is not S.ACTIVE or not known.is_limited or known.signer_address is None:
                raise errors.KeyholderUnknown
            decisions.check_wanted(known.kind, limits, now_unix_ms // 1000)
            self._say_to_ledger(work.connection, known, known.signer_address, limits, addition)
            repository.set_limits(work.connection, known.id, decisions.stricter(known.limits, limits))
            tell(work.connection, member_id, NoticeKind.SECURITY, now_unix_ms)
            self._record(work, known, "keyholder.changed", Actor("member", member_id))

    def end(self, member_id: str, keyholder_id: str) -> None:
        """The key pays no more, from this commit on; an invitation is good for nothing. Once.

        Raises KeyholderUnknown.
        """
        with UnitOfWork(self._engine) as work:
            known = self._of(work.connection, member_id, keyholder_id)
            if known.state in repository.INVITATIONS:
                repository.forget_invitation(work.connection, known.id)
                self._push.publish(work, to_member(member_id, MemberChanged(member_id)))
            elif known.state is not S.ENDED:
                self.end_key(work, known, EndedBy.HOLDER, Actor("member", member_id))

    def leave(self, keyholder_id: str) -> None:
        """Whoever holds the limited key gives it back. Raises KeyholderUnknown."""
        with UnitOfWork(self._engine) as work:
            known = repository.by_id(work.connection, keyholder_id)
            if known is None:
                raise errors.KeyholderUnknown
            if known.state is not S.ENDED:
                self.end_key(work, known, EndedBy.SELF, SERVICE)

    def end_key(self, work: UnitOfWork, known: Keyholder, by: EndedBy, actor: Actor) -> None:
        """In the caller's unit of work; the ledger hears of it too."""
        member = members.find(work.connection, known.member_id)
        assert member is not None
        if known.device_id is not None:
            members.set_device_state(work.connection, known.device_id, DeviceState.REVOKED)
        arguments = [member.account_address, known.signer_address]
        ref = f"signer-removed:{known.device_id or known.id}"
        self._means.commands.queue_command(work.connection, "removeSigner", arguments, "REGISTRAR", ref)
        self.mark_ended(work, known, by, actor)

    def mark_ended(
        self, work: UnitOfWork, known: Keyholder, by: EndedBy, actor: Actor, block_number: int | None = None
    ) -> None:
        """What the ledger knows already, or hears of otherwise: the row, the sessions, the holder."""
        now_unix_ms = self._clock.now_unix_ms()
        ended = {"ended_by": by, "ended_at_unix_ms": now_unix_ms, "ended_block": block_number}
        if not repository.move(work.connection, known, S.ENDED, **ended):
            return
        self._means.sessions.close_all(work.connection, KEYHOLDER, known.id)
        if known.device_id is not None and known.signer_address is not None:
            self._means.sessions.close_opened_with(
                work.connection, "member", known.member_id, known.signer_address
            )
        tell(work.connection, known.member_id, NoticeKind.SECURITY, now_unix_ms)
        self._record(work, known, "keyholder.ended", actor)

    # a worker's round

    def expire_due(self) -> int:
        """Keys whose time is over: the ledger knows it by itself, their holders are told; how many."""
        now_unix_s = self._clock.now_unix_s()
        with reading(self._engine) as connection:
            due = repository.expired(connection, now_unix_s)
        for one in due:
            with UnitOfWork(self._engine) as work:
                self.mark_ended(work, one, EndedBy.TIME, SERVICE)
        return len(due)

    def _record(self, work: UnitOfWork, known: Keyholder, act: str, actor: Actor) -> None:
        details = {"kind": known.kind.value}
        self._journal.append(work.connection, actor, act, Subject(KEYHOLDER, known.id), details=details)
        self._push.publish(work, to_member(known.member_id, MemberChanged(known.member_id)))

    def _of(self, connection: Connection, member_id: str, keyholder_id: str) -> Keyholder:
        """Raises KeyholderUnknown, also for another member's."""
        is_one = is_id(keyholder_id)
        known = repository.find(connection, member_id, keyholder_id, locked=True) if is_one else None
        if known is None:
            raise errors.KeyholderUnknown
        return known

    def _living(self, known: Keyholder | None) -> Keyholder:
        """One whose code is still good, or was. Raises InvitationUnknown."""
        if known is None or known.state is S.ENDED:
            raise errors.InvitationUnknown
        is_over = self._clock.now_unix_ms() >= known.invitation_ends_at_unix_ms
        if known.state in repository.INVITATIONS and is_over:
            raise errors.InvitationUnknown
        return known


def _name_field(keyholder_id: str) -> SealedField:
    return SealedField("keyholders", "sealed_name", keyholder_id)
