"""Proofs of identity by a provider: begun by a member, answered by the provider, judged and kept.

A proof of level substantial or high makes the tier *verified* at once (Code monétaire et financier, R561-5-1,
1°); papers stay what an officer decides. Owns `identity_proofs` and `identity_attempts`. Providers are called
with no transaction open. Must not log or return anything of a person.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.identity.errors import IdentityNotForProfessionals
from wallet_service.identity.proofs import errors, repository
from wallet_service.identity.proofs.decisions import SUBJECT_MARK, kept_identity, person_mark
from wallet_service.identity.proofs.models import (
    ATTEMPT_LIFETIME_S,
    AttemptState,
    EndedAttempt,
    Offer,
    ProofSummary,
    ProvenIdentity,
    ProviderName,
    StartedAttempt,
)
from wallet_service.identity.proofs.papers import Papers
from wallet_service.identity.proofs.ports import RemoteProvider
from wallet_service.identity.states import default_expiry
from wallet_service.members import repository as members_repository
from wallet_service.members.decisions import Kind, PersonIdentity, Tier, day_number
from wallet_service.members.errors import MemberUnknown
from wallet_service.members.repository import Member
from wallet_service.members.service import MemberService, identity_field
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import MemberChanged, to_console, to_member
from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.security.sealing import SealedField, Sealer
from wallet_service.security.tokens import digest, new_token

#: Ended and expired attempts hold nothing of anybody; a day of them answers who asks what went wrong.
ATTEMPTS_KEPT_MS = 86_400_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ProofMeans:
    """What keeps and tells of proofs."""

    push: Push
    sealer: Sealer
    journal: Journal
    members: MemberService


class IdentityProofs:
    """`start`, then `receive` what the provider sends, then `finish` by the member who began."""

    def __init__(
        self, engine: Engine, clock: Clock, means: ProofMeans, providers: Sequence[RemoteProvider] = ()
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._means = means
        self._remote = {provider.offer.provider: provider for provider in providers}

    def offers(self) -> list[Offer]:
        """The ways offered here, papers last: they are always there."""
        return [*(provider.offer for provider in self._remote.values()), Papers.offer]

    def public_keys(self) -> list[dict[str, Any]]:
        """With which providers encrypt for us; none where nobody does."""
        return [key for provider in self._remote.values() for key in provider.public_keys()]

    def proof_of(self, member_id: str) -> ProofSummary | None:
        """How the member's identity was proved last; None when nobody wrote it down."""
        with reading(self._engine) as connection:
            return repository.proof_of(connection, member_id)

    def start(self, member_id: str, name: ProviderName, *, is_elsewhere: bool = False) -> StartedAttempt:
        """An attempt; what the member began before it waits for no answer any more.

        Raises ProviderOff, ProviderUnreachable, IdentityNotForProfessionals, MemberUnknown, PersonErased.
        """
        provider = self._provider(name)
        with reading(self._engine) as connection:
            self._resident(connection, member_id)
        begun = provider.begin(is_elsewhere=is_elsewhere)
        attempt_id, browser_token, now_unix_ms = new_id(), new_token(), self._clock.now_unix_ms()
        expires_at_unix_ms = now_unix_ms + ATTEMPT_LIFETIME_S * 1000
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            self._resident(connection, member_id, locked=True)
            repository.end_attempts(connection, member_id)
            secrets = {**begun.secrets, "is_elsewhere": "yes" if is_elsewhere else ""}
            repository.insert_attempt(
                connection,
                id=attempt_id,
                member_id=member_id,
                provider=name.value,
                handle_hash=digest(begun.handle),
                browser_hash=digest(browser_token),
                sealed_secrets=self._sealed(connection, member_id, "sealed_secrets", attempt_id, secrets),
                begun_at_unix_ms=now_unix_ms,
                expires_at_unix_ms=expires_at_unix_ms,
            )
            self._note(connection, member_id, "identity.proof_begun", {"provider": name.value})
        return StartedAttempt(name, begun.address, browser_token, expires_at_unix_ms)

    def wallet_request(self, handle: str) -> str:
        """The signed request of an attempt, for the wallet that was shown its address.

        Raises ProofUnknown, ProofUsed, ProofAttemptExpired, ProviderOff.
        """
        with reading(self._engine) as connection:
            row = self._waiting(connection, handle, ProviderName.EUROPEAN_WALLET)
            secrets = self._unsealed(connection, row.member_id, "sealed_secrets", row.id, row.sealed_secrets)
        return self._provider(ProviderName.EUROPEAN_WALLET).request(handle, secrets)

    def receive_from_wallet(self, handle: str, answer: Mapping[str, str]) -> str | None:
        """Keeps what a wallet sent, sealed. On the phone that began, the wallet leads the browser back.

        Answers with the word that names the attempt from now on, for that way back; None when another device
        answers, whose wallet cannot: then the page that waits is told.

        Raises ProofUnknown, ProofUsed, ProofAttemptExpired.
        """
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            row = self._waiting(connection, handle, ProviderName.EUROPEAN_WALLET)
            if row.sealed_answer is not None:
                raise errors.ProofUsed
            member_id = row.member_id
            secrets = self._unsealed(connection, member_id, "sealed_secrets", row.id, row.sealed_secrets)
            sealed = self._sealed(connection, member_id, "sealed_answer", row.id, answer)
            if secrets["is_elsewhere"]:
                if not repository.take_attempt(
                    connection, row.id, AttemptState.ANSWERED, sealed_answer=sealed
                ):
                    raise errors.ProofUsed
                self._means.push.publish(work, to_member(member_id, MemberChanged(member_id)))
                return None
            back = new_token()
            if not repository.rename_attempt(connection, row.id, digest(handle), digest(back), sealed):
                raise errors.ProofUsed
            return back

    def receive(
        self, name: ProviderName, handle: str, browser_token: str | None, answer: Mapping[str, str]
    ) -> None:
        """Keeps the answer, sealed, for the member who began; it is judged in `finish`.

        The browser that began must bring it: whoever is led here by somebody else's link proves nothing for
        that somebody. A wallet's answer came before (`receive_from_wallet`): `answer` then counts nothing.

        Raises ProofUnknown, ProofUsed, ProofAttemptExpired.
        """
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            row = self._waiting(connection, handle, name)
            if browser_token is None or digest(browser_token) != row.browser_hash:
                raise errors.ProofUnknown
            sealed = row.sealed_answer
            if name is not ProviderName.EUROPEAN_WALLET:
                sealed = self._sealed(connection, row.member_id, "sealed_answer", row.id, answer)
            if sealed is None or not repository.take_attempt(
                connection, row.id, AttemptState.ANSWERED, sealed_answer=sealed
            ):
                raise errors.ProofUsed

    def finish(self, member_id: str) -> EndedAttempt:
        """Judges what was received for the member, once, and keeps what it proves.

        Raises ProofUnknown, ProofUsed, ProofAttemptExpired, what `RemoteProvider.prove` and `kept_identity`
        raise, IdentityInUse, IdentityNotForProfessionals, and as `members.ask_tier`.
        """
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            row = repository.newest_attempt(connection, member_id)
            if row is None or row.state == AttemptState.BEGUN:
                raise errors.ProofUnknown
            is_late = row.expires_at_unix_ms <= self._clock.now_unix_ms()
            if row.state == AttemptState.ENDED:
                raise errors.ProofAttemptExpired if is_late else errors.ProofUsed
            secrets = self._unsealed(connection, member_id, "sealed_secrets", row.id, row.sealed_secrets)
            answer = self._unsealed(connection, member_id, "sealed_answer", row.id, row.sealed_answer)
            emptied = {"sealed_secrets": None, "sealed_answer": None}
            if not repository.take_attempt(connection, row.id, AttemptState.ENDED, **emptied):
                raise errors.ProofUsed
        name = ProviderName(row.provider)
        try:
            if is_late:
                raise errors.ProofAttemptExpired
            return self._keep(member_id, row.id, self._provider(name).prove(secrets, answer))
        except Refusal as refusal:
            with UnitOfWork(self._engine) as work:
                details = {"provider": name.value, "code": refusal.code}
                self._note(work.connection, member_id, "identity.proof_failed", details)
            raise

    def forget_old(self) -> int:
        """How many attempts of days ago were taken away."""
        with UnitOfWork(self._engine) as work:
            before_unix_ms = self._clock.now_unix_ms() - ATTEMPTS_KEPT_MS
            return repository.forget_attempts(work.connection, before_unix_ms)

    def _keep(self, member_id: str, attempt_id: str, proven: ProvenIdentity) -> EndedAttempt:
        """The identity, how it was proved, and the tier asked of the ledger, in one unit of work."""
        now_unix_ms, today = self._clock.now_unix_ms(), self._today()
        until = default_expiry(today)
        try:
            with UnitOfWork(self._engine) as work:
                connection = work.connection
                self._resident(connection, member_id, locked=True)
                identity = kept_identity(proven, self._known(connection, member_id), today)
                marks = {"person_mark": person_mark(self._means.sealer.mark, identity)}
                if proven.subject is not None:
                    subject = f"{proven.provider.value}\0{proven.subject}"
                    marks["subject_mark"] = self._means.sealer.mark(SUBJECT_MARK, subject)
                if repository.others_with(connection, member_id, list(marks.values())):
                    raise errors.IdentityInUse
                repository.release_closed(connection, list(marks.values()))
                summary = ProofSummary(proven.provider, proven.level, now_unix_ms)
                repository.keep_proof(
                    connection,
                    member_id,
                    provider=summary.provider.value,
                    level=summary.level.value,
                    proved_at_unix_ms=now_unix_ms,
                    **marks,
                )
                sealed = self._means.sealer.seal_for_member(
                    connection, member_id, identity_field(member_id), identity.to_bytes()
                )
                members_repository.update_member(connection, member_id, sealed_identity=sealed)
                self._means.members.ask_tier(
                    connection,
                    member_id,
                    Tier.VERIFIED,
                    expires_on_day=day_number(until),
                    reason_id=attempt_id,
                )
                details = {"provider": proven.provider.value, "level": proven.level.value}
                self._note(connection, member_id, "identity.proved", details)
                changed = MemberChanged(member_id)
                self._means.push.publish(work, to_member(member_id, changed), to_console(changed))
        except IntegrityError as error:
            raise errors.IdentityInUse from error  # another account of the same person, at the same moment
        return EndedAttempt(summary, until.isoformat(), proven.session_end_address)

    def _waiting(self, connection: Connection, handle: str, name: ProviderName) -> Row[Any]:
        """The attempt of that handle, at that provider, that still waits for its answer."""
        row = repository.attempt_by_handle(connection, digest(handle))
        if row is None or row.provider != name.value:
            raise errors.ProofUnknown
        if row.state != AttemptState.BEGUN:
            raise errors.ProofUsed
        if row.expires_at_unix_ms <= self._clock.now_unix_ms():
            raise errors.ProofAttemptExpired
        return row

    def _provider(self, name: ProviderName) -> RemoteProvider:
        if name not in self._remote:
            raise errors.ProviderOff
        return self._remote[name]

    def _resident(self, connection: Connection, member_id: str, *, locked: bool = False) -> Member:
        member = members_repository.find(connection, member_id, locked=locked)
        if member is None:
            raise MemberUnknown
        if member.kind is not Kind.RESIDENT or member.has_trade:
            raise IdentityNotForProfessionals
        return member

    def _known(self, connection: Connection, member_id: str) -> PersonIdentity | None:
        sealed = members_repository.sealed_identity(connection, member_id)
        if sealed is None:
            return None
        field = identity_field(member_id)
        return PersonIdentity.from_bytes(
            self._means.sealer.unseal_for_member(connection, member_id, field, sealed)
        )

    def _sealed(
        self, connection: Connection, member_id: str, column: str, attempt_id: str, values: Mapping[str, str]
    ) -> bytes:
        field = SealedField("identity_attempts", column, attempt_id)
        plain = json.dumps(dict(values)).encode()
        return self._means.sealer.seal_for_member(connection, member_id, field, plain)

    def _unsealed(
        self, connection: Connection, member_id: str, column: str, attempt_id: str, sealed: bytes
    ) -> dict[str, str]:
        field = SealedField("identity_attempts", column, attempt_id)
        values: dict[str, str] = json.loads(
            self._means.sealer.unseal_for_member(connection, member_id, field, sealed)
        )
        return values

    def _note(self, connection: Connection, member_id: str, act: str, details: dict[str, str]) -> None:
        actor, subject = Actor("member", member_id), Subject("member", member_id)
        self._means.journal.append(connection, actor, act, subject, details=details)

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now_unix_s(), UTC).date()
