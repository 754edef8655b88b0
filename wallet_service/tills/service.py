"""Tills: pairing a tablet with a one-time code, checking its signed requests, taking its right away.

A till's key can open sales and ask for refunds; no code path lets it sign for money. Owns `tills`,
`pairing_codes` and `till_nonces`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from wallet_service.database.tables.members import members, pairing_codes, till_nonces, tills
from wallet_service.database.tables.payments import sales
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.members import decisions
from wallet_service.members.decisions import (
    PROFESSIONAL_KINDS,
    TILL_TRANSITIONS,
    Kind,
    MemberState,
    TillState,
)
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.event_kinds import TillPaired, TillRevoked, to_member, to_till
from wallet_service.protocol.signing import p256
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.security.public_keys import point_of_text, signature_of_text
from wallet_service.security.tokens import code_digest, new_code
from wallet_service.tills import errors

PAIRING_CODE_LIFETIME_MS = 10 * 60 * 1000
REQUEST_TIME_TOLERANCE_MS = 10 * 60 * 1000
MAX_ACTIVE_TILLS = 50
DEFAULT_TILL_LABEL = "Caisse"
#: A repeated read changes nothing, so its nonce is not remembered (docs/decisions/0011).
READING_METHODS = frozenset({"GET", "HEAD"})
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_TIME = re.compile(r"\d{13}", re.ASCII)


@dataclass(frozen=True)
class PairingCode:
    """`code` is shown once, to the merchant."""

    code: str
    label: str
    expires_at_unix_ms: int


@dataclass(frozen=True)
class TillSession:
    """A till whose request was checked."""

    till_id: str
    member_id: str
    label: str
    cashier_id: str | None = None


@dataclass(frozen=True)
class TillIdentity:
    till_id: str
    member_id: str
    member_name: str
    label: str


@dataclass(frozen=True)
class ListedTill:
    """A till in its merchant's list."""

    id: str
    label: str
    state: TillState
    paired_at_unix_ms: int
    revoked_at_unix_ms: int | None
    last_sale_at_unix_ms: int | None


@dataclass(frozen=True)
class SignedRequest:
    """A till's request as it arrived; `target` is the path with its query."""

    till_id: str
    method: str
    target: str
    time_text: str
    nonce: str
    signature: str
    body: bytes

    def message(self) -> bytes:
        """What the till signs."""
        body_digest = hashlib.sha256(self.body).hexdigest()
        return f"{self.method}\n{self.target}\n{self.time_text}\n{self.nonce}\n{body_digest}".encode()


class TillService:
    """Pairs, authenticates, lists and revokes."""

    def __init__(self, engine: Engine, clock: Clock, push: Push, journal: Journal) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal

    def make_pairing_code(
        self, member_id: str, label: str, lifetime_ms: int = PAIRING_CODE_LIFETIME_MS
    ) -> PairingCode:
        """A code good for one tablet and ten minutes. Raises NotAProfessional, TooManyTills."""
        clean = decisions.clean_line(label, decisions.MAX_LABEL_LENGTH) or DEFAULT_TILL_LABEL
        code, now = new_code(), self._clock.now_unix_ms()
        with UnitOfWork(self._engine) as work:
            self._check_may_have_tills(work.connection, member_id)
            work.connection.execute(
                insert(pairing_codes).values(
                    code_hash=code_digest(code),
                    member_id=member_id,
                    label=clean,
                    created_at_unix_ms=now,
                    expires_at_unix_ms=now + lifetime_ms,
                )
            )
        return PairingCode(code, clean, now + lifetime_ms)

    def pair(self, code: str, public_key: str, label: str | None) -> TillIdentity:
        """Registers the tablet's key.

        The same code with the same key answers the same till again (a lost answer).

        Raises KeyInvalid, PairingCodeRefused, NotAProfessional, TooManyTills.
        """
        point_of_text(public_key)
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            row = connection.execute(
                select(pairing_codes).where(pairing_codes.c.code_hash == code_digest(code)).with_for_update()
            ).one_or_none()
            if row is None or self._clock.now_unix_ms() >= row.expires_at_unix_ms:
                raise errors.PairingCodeRefused
            if row.used_at_unix_ms is not None:
                return self._paired_before(connection, row.till_id, public_key)
            self._check_may_have_tills(connection, row.member_id)
            clean = decisions.clean_line(label or row.label, decisions.MAX_LABEL_LENGTH) or row.label
            till_id = self._insert_till(connection, row.member_id, clean, public_key)
            connection.execute(
                update(pairing_codes)
                .where(pairing_codes.c.code_hash == row.code_hash)
                .values(used_at_unix_ms=self._clock.now_unix_ms(), till_id=till_id)
            )
            actor, subject = Actor("member", row.member_id), Subject("till", till_id)
            self._journal.append(connection, actor, "till.paired", subject)
            self._push.publish(work, to_member(row.member_id, TillPaired(till_id)))
            return _paired(self._row(connection, till_id))

    def authenticate(self, request: SignedRequest) -> TillSession:
        """Checks state, time and signature of one request; one that may write uses its nonce up as well.

        Raises TillUnknown, TillAccessRevoked, TillClockWrong, TillSignatureInvalid, TillRequestReplayed.
        """
        with self._engine.connect().execution_options(read_only=True) as connection:
            row = self._row(connection, request.till_id)
        if row is None or row.member_state == MemberState.CLOSED:
            raise errors.TillUnknown
        if row.state != TillState.ACTIVE:
            raise errors.TillAccessRevoked
        now = self._clock.now_unix_ms()
        if _TIME.fullmatch(request.time_text) is None or _NONCE.fullmatch(request.nonce) is None:
            raise errors.TillSignatureInvalid
        time_unix_ms = int(request.time_text)
        if abs(now - time_unix_ms) > REQUEST_TIME_TOLERANCE_MS:
            raise errors.TillClockWrong(server_time_unix_ms=now)
        try:
            signature = signature_of_text(request.signature)
            p256.verify_message(bytes.fromhex(row.public_key[2:]), signature, request.message())
        except BadSignature as error:
            raise errors.TillSignatureInvalid from error
        if request.method not in READING_METHODS:
            self._use_nonce(request.till_id, request.nonce, time_unix_ms + REQUEST_TIME_TOLERANCE_MS)
        return TillSession(request.till_id, row.member_id, row.label, row.cashier_id)

    def _use_nonce(self, till_id: str, nonce: str, expires_at_unix_ms: int) -> None:
        try:
            with UnitOfWork(self._engine) as work:
                now = self._clock.now_unix_ms()
                work.connection.execute(
                    delete(till_nonces).where(
                        till_nonces.c.till_id == till_id, till_nonces.c.expires_at_unix_ms < now
                    )
                )
                work.connection.execute(
                    insert(till_nonces).values(
                        till_id=till_id, nonce=nonce, expires_at_unix_ms=expires_at_unix_ms
                    )
                )
        except IntegrityError as error:
            raise errors.TillRequestReplayed from error

    def list_tills(self, member_id: str) -> list[ListedTill]:
        """The member's tills, newest first, revoked ones included."""
        last_sale = (
            select(func.max(sales.c.created_at_unix_ms))
            .where(sales.c.till_id == tills.c.id)
            .scalar_subquery()
        )
        query = (
            select(tills, last_sale.label("last_sale_at_unix_ms"))
            .where(tills.c.member_id == member_id)
            .order_by(tills.c.paired_at_unix_ms.desc())
        )
        with self._engine.connect().execution_options(read_only=True) as connection:
            return [
                ListedTill(
                    id=row.id,
                    label=row.label,
                    state=TillState(row.state),
                    paired_at_unix_ms=row.paired_at_unix_ms,
                    revoked_at_unix_ms=row.revoked_at_unix_ms,
                    last_sale_at_unix_ms=row.last_sale_at_unix_ms,
                )
                for row in connection.execute(query)
            ]

    def paired(self, till_id: str) -> TillIdentity:
        """What a till shows about itself. Raises TillUnknown."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return _paired(self._row(connection, till_id))

    def revoke(self, member_id: str, till_id: str) -> None:
        """Takes the till's right away at once; repeating it changes nothing. Raises TillNotFound."""
        with UnitOfWork(self._engine) as work:
            row = self._row(work.connection, till_id)
            if row is None or row.member_id != member_id:
                raise errors.TillNotFound
            if TillState.REVOKED in TILL_TRANSITIONS[TillState(row.state)]:
                self._revoke(work, member_id, till_id, Actor("member", member_id))

    def revoke_all(self, work: UnitOfWork, member_id: str, actor: Actor) -> int:
        """The same for every till of a member, in the caller's unit of work; how many could still act."""
        active = select(tills.c.id).where(
            tills.c.member_id == member_id, tills.c.state == TillState.ACTIVE.value
        )
        found = work.connection.execute(active).scalars().all()
        for till_id in found:
            self._revoke(work, member_id, till_id, actor)
        return len(found)

    def _revoke(self, work: UnitOfWork, member_id: str, till_id: str, actor: Actor) -> None:
        work.connection.execute(
            update(tills)
            .where(tills.c.id == till_id)
            .values(state=TillState.REVOKED.value, revoked_at_unix_ms=self._clock.now_unix_ms())
        )
        self._journal.append(work.connection, actor, "till.revoked", Subject("till", till_id))
        revoked = TillRevoked(till_id)
        self._push.publish(work, to_till(till_id, revoked), to_member(member_id, revoked))

    def _check_may_have_tills(self, connection: Connection, member_id: str) -> None:
        row = connection.execute(
            select(members.c.kind, members.c.state).where(members.c.id == member_id)
        ).one_or_none()
        if row is None or Kind(row.kind) not in PROFESSIONAL_KINDS or row.state == MemberState.CLOSED:
            raise errors.NotAProfessional
        active = select(func.count()).where(
            tills.c.member_id == member_id, tills.c.state == TillState.ACTIVE.value
        )
        if connection.execute(active).scalar_one() >= MAX_ACTIVE_TILLS:
            raise errors.TooManyTills(limit=MAX_ACTIVE_TILLS)

    def _insert_till(self, connection: Connection, member_id: str, label: str, public_key: str) -> str:
        till_id = new_id()
        connection.execute(
            insert(tills).values(
                id=till_id,
                member_id=member_id,
                label=label,
                public_key=public_key,
                state=TillState.ACTIVE.value,
                paired_at_unix_ms=self._clock.now_unix_ms(),
            )
        )
        return till_id

    def _paired_before(self, connection: Connection, till_id: str, public_key: str) -> TillIdentity:
        row = self._row(connection, till_id)
        if row is None or row.public_key != public_key or row.state != TillState.ACTIVE:
            raise errors.PairingCodeRefused
        return _paired(row)

    def _row(self, connection: Connection, till_id: str) -> Row[Any] | None:
        query = (
            select(tills, members.c.state.label("member_state"), members.c.public_name.label("member_name"))
            .join(members, members.c.id == tills.c.member_id)
            .where(tills.c.id == till_id)
        )
        return connection.execute(query).one_or_none()


def _paired(row: Row[Any] | None) -> TillIdentity:
    if row is None:
        raise errors.TillUnknown
    return TillIdentity(row.id, row.member_id, row.member_name or "", row.label)
