"""The desk for people without a smartphone: opens their accounts, prints their cards, lends them its eyes.

An account opened here has no key: its address is the hash of a random text (`keyless_address`), so neither
the service nor an officer can spend from it, and it receives. The code on its card and an officer's look give
it to a phone later, by the way of a lost phone, with two officers (decision 0041). Owns `assisted_accounts`.
Must not keep the code, a picture or the whole number of a paper.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from wallet_service.assisted import decisions, errors, repository
from wallet_service.assisted.models import (
    AssistedAccount,
    Correction,
    HandedCard,
    NewAssisted,
    PaperKind,
    SeenAtDesk,
    SeenPapers,
)
from wallet_service.chain.ports import CommandQueue
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.identity import repository as identity_files
from wallet_service.identity.errors import IdentityUnderReview
from wallet_service.identity.service import IdentityService, declaration_field
from wallet_service.identity.states import FileState, checked_declaration
from wallet_service.languages.catalogues import known
from wallet_service.members import repository as members
from wallet_service.members.decisions import (
    KIND_NUMBERS,
    TIER_NUMBERS,
    Kind,
    MemberState,
    PersonIdentity,
    Tier,
)
from wallet_service.members.errors import MemberUnknown
from wallet_service.members.service import identity_field
from wallet_service.oversight.decisions import checked_ground
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import MemberChanged, to_console
from wallet_service.protocol.signing.addresses import ORIGIN_BYTES, keyless_address
from wallet_service.protocol.text.identifiers import is_id, new_id
from wallet_service.recoveries.codes import RecoveryCodes
from wallet_service.security.sealing import SealedField, Sealer

OPENED_ACT, CARD_ACT = "assisted.opened", "assisted.card_made"
STATEMENT_ACT = "assisted.statement_printed"
COPIED_ACT = "assisted.papers_copied"
CORRECTED_ACT, NAMESAKE_ACT = "assisted.corrected", "assisted.namesake_found"


class AssistedDesk:
    """One attribute of Services; every act with its officer in the journal, nothing personal beside it."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        journal: Journal,
        sealer: Sealer,
        commands: CommandQueue,
        codes: RecoveryCodes,
        identity: IdentityService,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal
        self._sealer = sealer
        self._commands = commands
        self._codes = codes
        self._identity_files = identity

    # opening

    def open(self, requested: NewAssisted, officer_id: str) -> HandedCard:
        """An account of tier *declared* for somebody whose papers the officer has seen.

        The same form again opens nothing more. Raises FormUsed, AlreadyOpen, PapersNotSeen, PaperInvalid,
        ConsentMissing, TermsChanged, TelephoneInvalid, DeclarationInvalid, BirthDateRefused.
        """
        kind, ending = decisions.checked_papers(requested.papers)
        telephone = decisions.checked_telephone(requested.telephone)
        identity = checked_declaration(requested.declaration, self._today())
        decisions.check_consent(requested.terms_version, has_signed=requested.has_signed)
        if not is_id(requested.member_id):
            raise errors.FormUsed()
        papers = decisions.papers_bytes(kind, ending, telephone)
        self._check_not_open(requested.member_id, identity, officer_id, is_another=requested.is_another)
        try:
            with UnitOfWork(self._engine) as work:
                connection, origin = work.connection, secrets.token_bytes(ORIGIN_BYTES)
                self._insert_member(connection, requested, keyless_address(origin))
                self._keep_declaration(connection, requested.member_id, identity)
                self._insert_account(connection, requested.member_id, origin, papers, officer_id)
                self._identity_files.keep_seen(connection, requested.member_id, identity)
                details = {"tier": Tier.DECLARED.value, "terms": requested.terms_version}
                self._record(work, OPENED_ACT, requested.member_id, officer_id, details=details)
                code = self._codes.issue(work, requested.member_id, Actor("officer", officer_id))
        except IntegrityError as error:
            # Or somebody opened one for the same person at the same moment.
            self._check_not_open(requested.member_id, identity, officer_id, is_another=False)
            raise errors.FormUsed() from error
        return HandedCard(requested.member_id, identity.short_name(), code)

    # one person, one account

    def _check_not_open(
        self, member_id: str, identity: PersonIdentity, officer_id: str, *, is_another: bool
    ) -> None:
        """Whoever was found is in the journal, whatever becomes of it: the answer says who has an account.

        Raises AlreadyOpen.
        """
        with UnitOfWork(self._engine) as work:
            others = self._identity_files.namesakes(work.connection, member_id, identity)
            for found in others:
                self._record(work, NAMESAKE_ACT, found, officer_id)
        if others and not is_another:
            raise errors.AlreadyOpen(number=f"{others[0][:4]} {others[0][4:8]}")

    # rows

    def _insert_member(self, connection: Connection, requested: NewAssisted, address: str) -> None:
        """The member, their key that seals, and the command that enrols them."""
        member_id, now_unix_ms = requested.member_id, self._clock.now_unix_ms()
        members.insert_member(
            connection,
            id=member_id,
            kind=Kind.RESIDENT.value,
            tier=Tier.NONE.value,
            state=MemberState.PENDING.value,
            account_address=address,
            language=known(requested.language),
            created_at_unix_ms=now_unix_ms,
            terms_version=requested.terms_version,
            terms_accepted_at_unix_ms=now_unix_ms,
        )
        self._sealer.create_member_key(connection, member_id)
        arguments = [address, KIND_NUMBERS[Kind.RESIDENT], TIER_NUMBERS[Tier.DECLARED], 0, 0]
        self._commands.queue_command(connection, "enrol", arguments, "REGISTRAR", f"enrol:{member_id}")

    def _keep_declaration(
        self,
        connection: Connection,
        member_id: str,
        identity: PersonIdentity,
        file: Row[Any] | None = None,
    ) -> None:
        """As what is declared from a phone: a phone that takes the account later goes on from there.

        `file`: the member's newest, gone on with while it is a draft.
        """
        told, is_draft = identity.to_bytes(), file is not None and file.state == FileState.DRAFT
        sealed = self._sealer.seal_for_member(connection, member_id, identity_field(member_id), told)
        members.update_member(connection, member_id, sealed_identity=sealed)
        file_id = str(file.id) if file is not None and is_draft else new_id()
        if not is_draft:
            identity_files.insert_file(connection, file_id, member_id, self._clock.now_unix_ms())
        sealed = self._sealer.seal_for_member(connection, member_id, declaration_field(file_id), told)
        identity_files.set_file(connection, file_id, sealed_declaration=sealed)

    def _insert_account(
        self, connection: Connection, member_id: str, origin: bytes, papers: bytes, officer_id: str
    ) -> None:
        now_unix_ms = self._clock.now_unix_ms()
        repository.insert_account(
            connection,
            member_id=member_id,
            origin="0x" + origin.hex(),
            sealed_papers=self._sealer.seal_for_member(
                connection, member_id, _papers_field(member_id), papers
            ),
            opened_at_unix_ms=now_unix_ms,
            opened_by=officer_id,
            card_made_at_unix_ms=now_unix_ms,
            card_made_by=officer_id,
            cards_count=1,
        )

    # looking

    def account(self, member_id: str) -> AssistedAccount | None:
        """None for an account that a key opened; nothing personal, hence not journaled."""
        with reading(self._engine) as connection:
            return repository.find(connection, member_id)

    def required(self, member_id: str) -> AssistedAccount:
        """Raises MemberUnknown, NotAssisted."""
        with reading(self._engine) as connection:
            return _required(connection, member_id)

    def among(self, member_ids: Iterable[str]) -> frozenset[str]:
        """Of these members, those without a phone."""
        with reading(self._engine) as connection:
            return repository.without_key(connection, member_ids)

    def seen_papers(self, member_id: str) -> SeenAtDesk | None:
        """What was seen of the person; whoever asks has written their reading in the journal.

        None for an account that a key opened, and once it is forgotten. Raises PersonErased.
        """
        with reading(self._engine) as connection:
            sealed = repository.sealed_papers(connection, member_id)
            if sealed is None:
                return None
            field = _papers_field(member_id)
            return decisions.seen_of(self._sealer.unseal_for_member(connection, member_id, field, sealed))

    # acts at the desk

    def new_card(self, member_id: str, seen: SeenPapers, ground: str, officer_id: str) -> HandedCard:
        """Another card on papers seen again; the code of the one before is dead from here on.

        Raises MemberUnknown, NotAssisted, AccountClosed, PapersNotSeen, PaperInvalid, GroundMissing,
        PersonErased.
        """
        ground = checked_ground(ground)
        kind, ending = decisions.checked_papers(seen)
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            _check_open(connection, member_id, locked=True)
            self._keep_papers(connection, member_id, kind, ending)
            self._identity_files.keep_seen(connection, member_id, self._identity(connection, member_id))
            repository.note_card(connection, member_id, officer_id, self._clock.now_unix_ms())
            self._record(work, CARD_ACT, member_id, officer_id, ground)
            code = self._codes.issue(work, member_id, Actor("officer", officer_id))
            return HandedCard(member_id, self._identity(connection, member_id).short_name(), code)

    def correct(
        self, member_id: str, typed: Correction, seen: SeenPapers, ground: str, officer_id: str
    ) -> None:
        """Another name or address, on papers seen again; what was declared before is gone.

        Raises MemberUnknown, NotAssisted, AccountClosed, PapersNotSeen, PaperInvalid, GroundMissing,
        NothingCorrected, DeclarationInvalid, IdentityUnderReview, AlreadyOpen, PersonErased.
        """
        ground = checked_ground(ground)
        kind, ending = decisions.checked_papers(seen)
        with reading(self._engine) as connection:
            _check_open(connection, member_id)
            known = self._identity(connection, member_id)
        identity = checked_declaration(decisions.corrected(known, typed), self._today())
        self._check_not_open(member_id, identity, officer_id, is_another=typed.is_another)
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            _check_open(connection, member_id, locked=True)
            file = identity_files.latest_file(connection, member_id, locked=True)
            if file is not None and file.state == FileState.SUBMITTED:
                raise IdentityUnderReview
            self._keep_declaration(connection, member_id, identity, file)
            self._keep_papers(connection, member_id, kind, ending)
            self._identity_files.keep_seen(connection, member_id, identity)
            self._record(work, CORRECTED_ACT, member_id, officer_id, ground)

    def copy_papers(
        self, member_id: str, copies: Sequence[bytes], seen: SeenPapers, ground: str, officer_id: str
    ) -> None:
        """Copies of the original an officer has in hand, for another officer to decide: tier *verified*.

        Presence, the original and a copy are what the law asks (Code monétaire et financier, R561-5-1, 3°).
        Raises MemberUnknown, NotAssisted, AccountClosed, PapersNotSeen, PaperInvalid, GroundMissing,
        IdentityUnderReview and what `IdentityService.add_document` and `submit` raise.
        """
        ground = checked_ground(ground)
        kind, ending = decisions.checked_papers(seen)
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            _check_open(connection, member_id, locked=True)
            file = identity_files.latest_file(connection, member_id, locked=True)
            if file is None or file.state != FileState.DRAFT:
                if file is not None and file.state == FileState.SUBMITTED:
                    raise IdentityUnderReview
                self._keep_declaration(connection, member_id, self._identity(connection, member_id), file)
            self._keep_papers(connection, member_id, kind, ending)
            self._identity_files.keep_seen(connection, member_id, self._identity(connection, member_id))
            self._record(work, COPIED_ACT, member_id, officer_id, ground)
        draft = self._identity_files.own_file(member_id)
        for left in draft.documents if draft else ():  # of a copy that was refused half way
            self._identity_files.remove_document(member_id, left.id)
        for copy in copies:
            self._identity_files.add_document(member_id, copy)
        self._identity_files.submit(member_id, copied_by=officer_id)

    def note_statement(self, member_id: str, period: str, ground: str, officer_id: str) -> None:
        """An officer looks at the movements of a month or year, to print them for the person.

        Raises GroundMissing, MemberUnknown, NotAssisted.
        """
        ground = checked_ground(ground)
        with UnitOfWork(self._engine) as work:
            _required(work.connection, member_id)
            self._record(work, STATEMENT_ACT, member_id, officer_id, ground, {"period": period})

    def _keep_papers(self, connection: Connection, member_id: str, kind: PaperKind, ending: str) -> None:
        """Those seen last take the place of those before; the telephone stays."""
        field, kept = _papers_field(member_id), repository.sealed_papers(connection, member_id)
        assert kept is not None  # until the person is forgotten, which a closed account is
        told = decisions.seen_of(self._sealer.unseal_for_member(connection, member_id, field, kept))
        papers = decisions.papers_bytes(kind, ending, told.telephone)
        sealed = self._sealer.seal_for_member(connection, member_id, field, papers)
        repository.note_papers(connection, member_id, sealed)

    def _identity(self, connection: Connection, member_id: str) -> PersonIdentity:
        sealed = members.sealed_identity(connection, member_id)
        assert sealed is not None  # since it was opened
        opened = self._sealer.unseal_for_member(connection, member_id, identity_field(member_id), sealed)
        return PersonIdentity.from_bytes(opened)

    def _record(
        self,
        work: UnitOfWork,
        act: str,
        member_id: str,
        officer_id: str,
        ground: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        actor, subject = Actor("officer", officer_id), Subject("member", member_id)
        self._journal.append(work.connection, actor, act, subject, ground=ground, details=details)
        self._push.publish(work, to_console(MemberChanged(member_id)))

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now_unix_s(), UTC).date()


def _check_open(connection: Connection, member_id: str, *, locked: bool = False) -> None:
    """An account without a phone that is not closed. Raises MemberUnknown, AccountClosed, NotAssisted."""
    member = members.find(connection, member_id, locked=locked)
    if member is None:
        raise MemberUnknown
    if member.state is MemberState.CLOSED:
        raise errors.AccountClosed()
    _required(connection, member_id)


def _required(connection: Connection, member_id: str) -> AssistedAccount:
    if members.find(connection, member_id) is None:
        raise MemberUnknown
    account = repository.find(connection, member_id)
    if account is None or not account.is_assisted:
        raise errors.NotAssisted()
    return account


def _papers_field(member_id: str) -> SealedField:
    return SealedField("assisted_accounts", "sealed_papers", member_id)
