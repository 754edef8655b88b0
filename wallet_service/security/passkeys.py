"""Passkeys (WebAuthn): registering, signing in, confirming an act, and removing.

For members on the wallet's origin and officers on the console's.

User verification is always required. Owns the `passkeys` table; the cryptography is the `webauthn` library's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import decode_credential_public_key
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import DecodedEC2PublicKey
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from wallet_service.database.tables.identity import officers, passkeys
from wallet_service.database.tables.members import members
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.protocol.clock import Clock
from wallet_service.security import challenges, tokens
from wallet_service.security.device_sign_in import SignedIn
from wallet_service.security.errors import (
    ChallengeUnknown,
    PasskeyCannotSign,
    PasskeyInvalid,
    PasskeyNeeded,
    PasskeyRefused,
    PasskeyUnknown,
    TooManyPasskeys,
)
from wallet_service.security.public_keys import challenge_of, may_be_synced, user_handle
from wallet_service.security.sessions import OpenedWith, SessionService, SubjectKind

MAX_PASSKEYS = 10
MAX_REMOVALS_A_ROUND = 100
TIMEOUT_MS = 120_000
#: ES256 first, the only one the ledger checks; RS256 for authenticators without it, which then only open.
ALGORITHMS = [COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256]


@dataclass(frozen=True)
class RelyingParty:
    """Where passkeys of one kind of subject are good: the host and the exact origin."""

    identifier: str
    name: str
    origin: str


@dataclass(frozen=True)
class KeptPasskey:
    """A passkey as its owner sees it; `browser` is where it was made, "" when that is not known."""

    credential_id: str
    browser: str
    created_at_unix_ms: int
    last_used_at_unix_ms: int | None
    removed_at_unix_ms: int | None = None  # when it will be, where that was asked for without it


class PasskeyService:
    """Registering, signing in, and confirming an act: ceremonies of two steps each."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        sessions: SessionService,
        relying_parties: dict[SubjectKind, RelyingParty],
        journal: Journal,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._sessions = sessions
        self._relying_parties = relying_parties
        self._journal = journal

    def registration_options(self, kind: SubjectKind, subject_id: str, user_name: str) -> dict[str, Any]:
        """What `navigator.credentials.create` wants.

        `user_name` is what the device shows; it is not kept here.

        Raises TooManyPasskeys.
        """
        party = self._relying_parties[kind]
        with UnitOfWork(self._engine) as work:
            known = self._credential_ids(work.connection, kind, subject_id)
            if len(known) >= MAX_PASSKEYS:
                raise TooManyPasskeys(limit=MAX_PASSKEYS)
            challenge = challenges.give(work.connection, self._clock, "register", kind, subject_id)
        options = generate_registration_options(
            rp_id=party.identifier,
            rp_name=party.name,
            user_name=user_name,
            user_id=subject_id.encode(),
            challenge=tokens.decode(challenge),
            timeout=TIMEOUT_MS,
            supported_pub_key_algs=ALGORITHMS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=tokens.decode(item)) for item in known],
        )
        return _as_json(options)

    def register(
        self,
        kind: SubjectKind,
        subject_id: str,
        credential: dict[str, Any],
        browser: str = "",
        also: Callable[[Connection], None] | None = None,
    ) -> str:
        """Checks the answer and keeps the public key; returns the credential's id.

        `also` is done in the same commit. Raises ChallengeUnknown, PasskeyInvalid.
        """
        challenge = challenge_of(credential, PasskeyInvalid())
        self._take_challenge(challenge, "register", kind, subject_id)
        party = self._relying_parties[kind]
        try:
            verified = verify_registration_response(
                credential=credential,
                expected_challenge=tokens.decode(challenge),
                expected_rp_id=party.identifier,
                expected_origin=party.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise PasskeyInvalid from error
        credential_id = tokens.encode(verified.credential_id)
        try:
            with UnitOfWork(self._engine) as work:
                work.connection.execute(
                    insert(passkeys).values(
                        credential_id=credential_id,
                        subject_kind=kind,
                        subject_id=subject_id,
                        public_key=verified.credential_public_key,
                        sign_count=verified.sign_count,
                        browser=browser or None,
                        created_at_unix_ms=self._clock.now_unix_ms(),
                    )
                )
                if also is not None:
                    also(work.connection)
        except IntegrityError as error:
            raise PasskeyInvalid from error
        return credential_id

    def sign_in_options(self, kind: SubjectKind) -> dict[str, Any]:
        """What `navigator.credentials.get` wants. Names no credential: the device offers what it holds."""
        with UnitOfWork(self._engine) as work:
            challenge = challenges.give(work.connection, self._clock, "sign_in", kind, None)
        options = generate_authentication_options(
            rp_id=self._relying_parties[kind].identifier,
            challenge=tokens.decode(challenge),
            timeout=TIMEOUT_MS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return _as_json(options)

    def sign_in(self, kind: SubjectKind, credential: dict[str, Any], browser: str = "") -> SignedIn:
        """Raises ChallengeUnknown, PasskeyRefused."""
        challenge = challenge_of(credential, PasskeyRefused())
        self._take_challenge(challenge, "sign_in", kind, None)
        row, sign_count = self._verified(kind, credential, challenge)
        with UnitOfWork(self._engine) as work:
            if not _may_sign_in(work.connection, kind, row.subject_id):
                raise PasskeyRefused
            self._note_used(work.connection, row.credential_id, sign_count)
            opened_with = OpenedWith(row.credential_id, browser)
            session = self._sessions.open(work.connection, kind, row.subject_id, "passkey", opened_with)
            return SignedIn(row.subject_id, session)

    def confirmation_options(
        self, kind: SubjectKind, subject_id: str, act_hash: str, lifetime_ms: int
    ) -> dict[str, Any]:
        """What `navigator.credentials.get` wants, to confirm one act with a passkey of the subject."""
        with UnitOfWork(self._engine) as work:
            known = self._credential_ids(work.connection, kind, subject_id)
            challenge = challenges.give(
                work.connection, self._clock, "confirm", kind, act_hash, lifetime_ms=lifetime_ms
            )
        options = generate_authentication_options(
            rp_id=self._relying_parties[kind].identifier,
            challenge=tokens.decode(challenge),
            timeout=lifetime_ms,
            allow_credentials=[PublicKeyCredentialDescriptor(id=tokens.decode(item)) for item in known],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return _as_json(options)

    def confirmed_act(self, kind: SubjectKind, subject_id: str, credential: dict[str, Any]) -> str:
        """The hash of the act this answer confirms. Raises ChallengeUnknown, PasskeyRefused."""
        challenge = challenge_of(credential, PasskeyRefused())
        with UnitOfWork(self._engine) as work:
            act_hash = challenges.take(work.connection, self._clock, challenge, "confirm", kind)
        row, sign_count = self._verified(kind, credential, challenge)
        if row.subject_id != subject_id or act_hash is None:
            raise PasskeyRefused
        with UnitOfWork(self._engine) as work:
            self._note_used(work.connection, row.credential_id, sign_count)
        return act_hash

    def list_kept(self, kind: SubjectKind, subject_id: str) -> list[KeptPasskey]:
        """The subject's passkeys, oldest first."""
        query = select(passkeys).where(*_of(kind, subject_id)).order_by(passkeys.c.created_at_unix_ms)
        with self._engine.connect().execution_options(read_only=True) as connection:
            return [
                KeptPasskey(
                    row.credential_id,
                    row.browser or "",
                    row.created_at_unix_ms,
                    row.last_used_at_unix_ms,
                    row.removed_at_unix_ms,
                )
                for row in connection.execute(query)
            ]

    def list_ids(self, connection: Connection, kind: SubjectKind, subject_id: str) -> list[str]:
        """The subject's passkeys in the caller's unit of work, base64url."""
        return self._credential_ids(connection, kind, subject_id)

    def remove(self, connection: Connection, kind: SubjectKind, subject_id: str, credential_id: str) -> None:
        """It opens nothing any more; what it had opened is the caller's to end. Raises PasskeyUnknown."""
        removed = connection.execute(
            delete(passkeys).where(*_of(kind, subject_id), passkeys.c.credential_id == credential_id)
        )
        if removed.rowcount != 1:
            raise PasskeyUnknown

    def ask_removal(
        self, connection: Connection, member_id: str, credential_id: str, at_unix_ms: int | None
    ) -> None:
        """It is to be removed then, or to stay (None). Using it meanwhile says that it is not lost.

        Raises PasskeyUnknown.
        """
        changed = connection.execute(
            update(passkeys)
            .where(*_of("member", member_id), passkeys.c.credential_id == credential_id)
            .values(removed_at_unix_ms=at_unix_ms)
        )
        if changed.rowcount != 1:
            raise PasskeyUnknown

    def list_removals(self, connection: Connection) -> list[tuple[str, str]]:
        """(member, credential) of those whose time has come, the first one first; so many at most."""
        query = (
            select(passkeys.c.subject_id, passkeys.c.credential_id)
            .where(passkeys.c.removed_at_unix_ms <= self._clock.now_unix_ms())
            .order_by(passkeys.c.removed_at_unix_ms)
            .limit(MAX_REMOVALS_A_ROUND)
        )
        return [(row.subject_id, row.credential_id) for row in connection.execute(query)]

    def credential_ids(self, kind: SubjectKind, subject_id: str) -> list[str]:
        """The subject's passkeys, base64url."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return self._credential_ids(connection, kind, subject_id)

    def signing_point(self, kind: SubjectKind, subject_id: str, credential_id: str) -> bytes:
        """x ‖ y of the subject's passkey. Raises PasskeyUnknown, and PasskeyCannotSign unless it is ES256."""
        row = self._find(kind, credential_id)
        if row is None or row.subject_id != subject_id:
            raise PasskeyUnknown
        key = decode_credential_public_key(row.public_key)
        if not isinstance(key, DecodedEC2PublicKey) or key.alg != COSEAlgorithmIdentifier.ECDSA_SHA_256:
            raise PasskeyCannotSign
        return key.x + key.y

    def _verified(
        self, kind: SubjectKind, credential: dict[str, Any], challenge: str
    ) -> tuple[Row[Any], int]:
        """(the passkey's row, its new count of signatures). Raises PasskeyRefused."""
        row = self._find(kind, str(credential.get("id", "")))
        if row is None or user_handle(credential) != row.subject_id.encode():
            raise PasskeyRefused
        party = self._relying_parties[kind]
        try:
            verified = verify_authentication_response(
                credential=credential,
                expected_challenge=tokens.decode(challenge),
                expected_rp_id=party.identifier,
                expected_origin=party.origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=0 if may_be_synced(credential) else row.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise PasskeyRefused from error
        if verified.new_sign_count < row.sign_count:
            self._note_lower_count(row)
        return row, verified.new_sign_count

    def _note_lower_count(self, row: Row[Any]) -> None:
        """Kept on several devices, or restored on one: each counts for itself."""
        with UnitOfWork(self._engine) as work:
            self._journal.append(
                work.connection,
                Actor(row.subject_kind, row.subject_id),
                "passkey.lower_count",
                Subject(row.subject_kind, row.subject_id),
            )

    def _note_used(self, connection: Connection, credential_id: str, sign_count: int) -> None:
        """Raises PasskeyRefused when it was removed meanwhile."""
        changed = connection.execute(
            update(passkeys)
            .where(passkeys.c.credential_id == credential_id)
            .values(
                sign_count=sign_count,
                last_used_at_unix_ms=self._clock.now_unix_ms(),
                removed_at_unix_ms=None,
            )
        )
        if changed.rowcount != 1:
            raise PasskeyRefused

    def _take_challenge(
        self, challenge: str, purpose: challenges.Purpose, kind: SubjectKind, subject_id: str | None
    ) -> None:
        """Committed on its own: a wrong answer uses its challenge up."""
        with UnitOfWork(self._engine) as work:
            given_to = challenges.take(work.connection, self._clock, challenge, purpose, kind)
        if given_to != subject_id:
            raise ChallengeUnknown

    def _find(self, kind: SubjectKind, credential_id: str) -> Row[Any] | None:
        query = select(passkeys).where(
            passkeys.c.credential_id == credential_id, passkeys.c.subject_kind == kind
        )
        with self._engine.connect().execution_options(read_only=True) as connection:
            return connection.execute(query).one_or_none()

    def _credential_ids(self, connection: Connection, kind: SubjectKind, subject_id: str) -> list[str]:
        return _ids(connection, kind, subject_id)


def check_shown(
    connection: Connection,
    member_id: str,
    by_passkey: bool,
    refusal: type[PasskeyNeeded],
    but: Set[str] = frozenset(),
) -> None:
    """The one rule of what a phone in other hands must not do: who has a passkey, `but` these, shows it.

    A phone signs in by itself, whoever holds it; `by_passkey`: the session that asks was opened with a
    passkey. Raises `refusal`.
    """
    if not by_passkey and not set(_ids(connection, "member", member_id)) <= but:
        raise refusal


def _ids(connection: Connection, kind: SubjectKind, subject_id: str) -> list[str]:
    query = select(passkeys.c.credential_id).where(*_of(kind, subject_id))
    return list(connection.execute(query).scalars())


def _of(kind: SubjectKind, subject_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return passkeys.c.subject_kind == kind, passkeys.c.subject_id == subject_id


def _may_sign_in(connection: Connection, kind: SubjectKind, subject_id: str) -> bool:
    """Not for a closed member or a revoked officer."""
    if kind == "member":
        known = select(members.c.id).where(members.c.id == subject_id, members.c.state != "closed")
    else:
        known = select(officers.c.id).where(officers.c.id == subject_id, officers.c.state == "active")
    return connection.execute(known).first() is not None


def _as_json(options: Any) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(options_to_json(options))
    return parsed
