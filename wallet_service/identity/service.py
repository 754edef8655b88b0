"""Identity files: what a person declares and shows, what an officer decides.

Everything personal is sealed.

A declaration alone makes the tier *declared*; an officer's approval makes it *verified* with an expiry.
Every read by an officer goes to the journal in the same unit of work as the read. Owns `identity_files` and
`identity_documents`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select

from wallet_service.database.tables.identity import identity_documents, identity_files
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.identity import errors
from wallet_service.identity import repository as files
from wallet_service.identity.documents import CleanDocument, media_type_of, with_pages
from wallet_service.identity.models import DocumentSummary, FileSummary, OpenedFile
from wallet_service.identity.proofs import repository as proofs
from wallet_service.identity.proofs.decisions import person_mark
from wallet_service.identity.proofs.models import AssuranceLevel, ProviderName
from wallet_service.identity.states import (
    Declaration,
    FileState,
    check_file_transition,
    check_other_officer,
    checked_declaration,
    default_expiry,
)
from wallet_service.members import repository
from wallet_service.members.decisions import Kind, PersonIdentity, Tier, clean_line, day_number
from wallet_service.members.errors import MemberUnknown
from wallet_service.members.service import MemberService, identity_field
from wallet_service.platform.journal import MAX_GROUND_LENGTH, Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import (
    IdentityDecided,
    IdentitySubmitted,
    MemberChanged,
    to_console,
    to_member,
)
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.security.sealing import SealedField, Sealer

MAX_DOCUMENTS_PER_FILE = 6
MAX_QUEUE_LENGTH = 200


class IdentityService:
    """The person's side (declare, add, submit) and the officer's (queue, open, approve, refuse)."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        sealer: Sealer,
        journal: Journal,
        members: MemberService,
        clean: Callable[[str, bytes], CleanDocument],
    ) -> None:
        """`clean` makes a member's document safe to keep; it is called with no transaction open."""
        self._engine = engine
        self._clock = clock
        self._push = push
        self._sealer = sealer
        self._journal = journal
        self._members = members
        self._clean = clean

    # the person's side

    def latest(self, member_id: str) -> FileSummary | None:
        """The member's newest file, None when there never was one."""
        with self._reading() as connection:
            row = files.latest_file(connection, member_id)
            return files.summary_of(connection, row) if row else None

    def own_file(self, member_id: str) -> OpenedFile | None:
        """What the person declared and showed, for the person alone (GDPR article 15), so not journaled."""
        with self._reading() as connection:
            row = files.latest_file(connection, member_id)
            return self._opened(connection, row) if row else None

    def declare(self, member_id: str, declared: Declaration) -> FileSummary:
        """Keeps the declaration sealed and asks the ledger for tier *declared* when the member is below it.

        Raises DeclarationInvalid, IdentityUnderReview, IdentityNotForProfessionals, MemberUnknown.
        """
        identity = checked_declaration(declared, self._today())
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            files.latest_file(connection, member_id, locked=True)  # the file before the member, as deciding
            member = repository.find(connection, member_id, locked=True)
            if member is None:
                raise MemberUnknown
            if member.kind is not Kind.RESIDENT or member.has_trade:
                raise errors.IdentityNotForProfessionals
            row = self._draft(connection, member_id)
            sealed = self._sealer.seal_for_member(
                connection, member_id, declaration_field(row.id), identity.to_bytes()
            )
            files.set_file(connection, row.id, sealed_declaration=sealed)
            if member.tier is not Tier.VERIFIED:
                self._keep_identity(connection, member_id, identity)
            if member.tier in (Tier.NONE, Tier.VISITOR):
                self._members.ask_tier(
                    connection, member_id, Tier.DECLARED, expires_on_day=0, reason_id="declaration"
                )
            subject = Subject("identity_file", row.id)
            self._journal.append(connection, Actor("member", member_id), "identity.declared", subject)
            return files.summary_of(connection, files.file_by_id(connection, row.id))

    def add_document(self, member_id: str, content: bytes) -> DocumentSummary:
        """Cleans, seals and keeps one document.

        Cleaning costs more than all else, so what can refuse the document is asked before it, and again when
        it is kept: others may have been added meanwhile. Raises what `clean` raises, IdentityUnderReview,
        IdentityFileIncomplete without a declaration, TooManyDocuments.
        """
        media_type_of(content)
        with self._reading() as connection:
            self._file_with_room(connection, member_id)
        cleaned = self._clean(member_id, content)
        with UnitOfWork(self._engine) as work:
            row = self._file_with_room(work.connection, member_id, locked=True)
            return self._insert_document(work.connection, row, cleaned)

    def remove_document(self, member_id: str, document_id: str) -> None:
        """A wrong page leaves the draft. Raises DocumentUnknown, IdentityUnderReview."""
        with UnitOfWork(self._engine) as work:
            row = files.latest_file(work.connection, member_id, locked=True)
            if row is not None and row.state == FileState.SUBMITTED:
                raise errors.IdentityUnderReview
            is_draft = row is not None and row.state == FileState.DRAFT
            if row is None or not is_draft or not files.remove(work.connection, row.id, document_id):
                raise errors.DocumentUnknown

    def submit(self, member_id: str, copied_by: str | None = None) -> FileSummary:
        """Hands the file to the officers' queue; `copied_by`: the officer at a desk, none of a phone's.

        Raises IdentityFileIncomplete, IdentityFileTransition.
        """
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            row = files.latest_file(connection, member_id, locked=True)
            if row is None or row.sealed_declaration is None or not files.document_count(connection, row.id):
                raise errors.IdentityFileIncomplete
            check_file_transition(FileState(row.state), FileState.SUBMITTED)
            files.set_file(
                connection,
                row.id,
                state=FileState.SUBMITTED.value,
                submitted_at_unix_ms=self._clock.now_unix_ms(),
                copied_by=copied_by,
            )
            subject = Subject("identity_file", row.id)
            actor = Actor("officer", copied_by) if copied_by else Actor("member", member_id)
            self._journal.append(connection, actor, "identity.submitted", subject)
            self._push.publish(
                work, to_console(IdentitySubmitted(row.id)), to_member(member_id, MemberChanged(member_id))
            )
            return files.summary_of(connection, files.file_by_id(connection, row.id))

    # the officer's side

    def queue(self, state: FileState = FileState.SUBMITTED, limit: int = 50) -> list[FileSummary]:
        """Files in `state`, oldest first. Nothing personal, hence not journaled."""
        query = (
            select(identity_files)
            .where(identity_files.c.state == state.value)
            .order_by(identity_files.c.submitted_at_unix_ms, identity_files.c.id)
            .limit(min(limit, MAX_QUEUE_LENGTH))
        )
        with self._reading() as connection:
            return [files.summary_of(connection, row) for row in connection.execute(query)]

    def open_file(self, file_id: str, officer_id: str) -> OpenedFile:
        """The declaration and the list of documents; journaled. Raises IdentityFileUnknown, PersonErased."""
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            row = files.file_by_id(connection, file_id)
            self._note_read(connection, officer_id, "identity.file_read", Subject("identity_file", file_id))
            opened = self._opened(connection, row)
            counted = [
                with_pages(each, partial(self._document, connection, row, each.id))
                for each in opened.documents
            ]
            return replace(opened, documents=counted)

    def next_waiting(self, after_file_id: str | None = None) -> FileSummary | None:
        """The queue's next file after that one, from its start again at its end; None when no other waits."""
        with self._reading() as connection:
            after = files.file_by_id(connection, after_file_id) if after_file_id else None
            row = files.next_submitted(connection, after)
            return None if row is None else files.summary_of(connection, row)

    def open_document(self, file_id: str, document_id: str, officer_id: str) -> CleanDocument:
        """One document's content; journaled. Raises DocumentUnknown, IdentityFileUnknown, PersonErased."""
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            row = files.file_by_id(connection, file_id)
            document = self._document(connection, row, document_id)
            subject = Subject("identity_document", document_id)
            self._note_read(connection, officer_id, "identity.document_read", subject)
            return document

    def read_member_identity(self, member_id: str, officer_id: str, ground: str) -> PersonIdentity | None:
        """A resident's identity outside the queue, for a stated ground; journaled.

        None when nothing is known.
        """
        with UnitOfWork(self._engine) as work:
            member = repository.find(work.connection, member_id)
            if member is None:
                raise MemberUnknown
            subject = Subject("member", member_id)
            self._note_read(work.connection, officer_id, "identity.member_read", subject, ground)
            sealed = repository.sealed_identity(work.connection, member_id)
            if sealed is None or member.kind is not Kind.RESIDENT or member.has_trade:
                return None
            opened = self._sealer.unseal_for_member(
                work.connection, member_id, identity_field(member_id), sealed
            )
            return PersonIdentity.from_bytes(opened)

    def approve(self, file_id: str, officer_id: str, ground: str, expires_on: date | None = None) -> None:
        """The identity is proved: tier *verified* until `expires_on` (five years when not given).

        Raises IdentityFileUnknown, IdentityFileTransition, TierChangeRefused, AlreadyProfessional,
        DeclarationInvalid (ground, expiry).
        """
        until = expires_on or default_expiry(self._today())
        if until <= self._today():
            raise errors.DeclarationInvalid(field="expires_on")
        with UnitOfWork(self._engine) as work:
            row = self._decide(work, file_id, officer_id, FileState.APPROVED, ground)
            identity = self._declaration(work.connection, row)
            if identity is None:
                raise errors.IdentityFileIncomplete
            self._keep_identity(work.connection, row.member_id, identity)
            self.keep_seen(work.connection, row.member_id, identity)
            self._members.ask_tier(
                work.connection,
                row.member_id,
                Tier.VERIFIED,
                expires_on_day=day_number(until),
                reason_id=file_id,
            )

    def refuse(self, file_id: str, officer_id: str, reason: str) -> None:
        """The person may start a new file. Raises as `approve`."""
        with UnitOfWork(self._engine) as work:
            self._decide(work, file_id, officer_id, FileState.REFUSED, reason)

    def _decide(
        self, work: UnitOfWork, file_id: str, officer_id: str, target: FileState, reason: str
    ) -> Row[Any]:
        clean = clean_line(reason, MAX_GROUND_LENGTH)
        if clean is None:
            raise errors.DeclarationInvalid(field="reason")
        connection = work.connection
        row = files.file_by_id(connection, file_id, locked=True)
        check_file_transition(FileState(row.state), target)
        check_other_officer(row.copied_by, officer_id)
        files.set_file(
            connection,
            file_id,
            state=target.value,
            decided_at_unix_ms=self._clock.now_unix_ms(),
            decided_by=officer_id,
            decision_reason=clean,
        )
        act = "identity.approved" if target is FileState.APPROVED else "identity.refused"
        self._journal.append(
            connection, Actor("officer", officer_id), act, Subject("identity_file", file_id), ground=clean
        )
        changed = MemberChanged(row.member_id)
        self._push.publish(work, to_console(IdentityDecided(file_id)), to_member(row.member_id, changed))
        return row

    # rows

    def _draft(self, connection: Connection, member_id: str) -> Row[Any]:
        """The open draft, or a new file when the last one was decided."""
        row = files.latest_file(connection, member_id, locked=True)
        if row is not None and row.state == FileState.SUBMITTED:
            raise errors.IdentityUnderReview
        if row is not None and row.state == FileState.DRAFT:
            return row
        file_id = new_id()
        files.insert_file(connection, file_id, member_id, self._clock.now_unix_ms())
        return files.file_by_id(connection, file_id)

    def _file_with_room(self, connection: Connection, member_id: str, *, locked: bool = False) -> Row[Any]:
        """The draft that takes one more document. Raises as `add_document`."""
        row = files.latest_file(connection, member_id, locked=locked)
        if row is None or row.state in (FileState.APPROVED, FileState.REFUSED):
            raise errors.IdentityFileIncomplete
        if row.state != FileState.DRAFT:
            raise errors.IdentityUnderReview
        if files.document_count(connection, row.id) >= MAX_DOCUMENTS_PER_FILE:
            raise errors.TooManyDocuments(limit=MAX_DOCUMENTS_PER_FILE)
        return row

    def _insert_document(
        self, connection: Connection, file: Row[Any], cleaned: CleanDocument
    ) -> DocumentSummary:
        document_id, now = new_id(), self._clock.now_unix_ms()
        sealed = self._sealer.seal_for_member(
            connection, file.member_id, _document_field(document_id), cleaned.content
        )
        connection.execute(
            insert(identity_documents).values(
                id=document_id,
                identity_file_id=file.id,
                media_type=cleaned.media_type,
                size_bytes=len(cleaned.content),
                sealed_content=sealed,
                uploaded_at_unix_ms=now,
            )
        )
        return DocumentSummary(document_id, cleaned.media_type, len(cleaned.content), now)

    def _keep_identity(self, connection: Connection, member_id: str, identity: PersonIdentity) -> None:
        sealed = self._sealer.seal_for_member(
            connection, member_id, identity_field(member_id), identity.to_bytes()
        )
        repository.update_member(connection, member_id, sealed_identity=sealed)

    def namesakes(self, connection: Connection, member_id: str, identity: PersonIdentity) -> list[str]:
        """Other members, not closed, of the same first name, name and birth date, where it is proved."""
        return proofs.others_with(connection, member_id, [person_mark(self._sealer.mark, identity)])

    def keep_seen(self, connection: Connection, member_id: str, identity: PersonIdentity) -> None:
        """Papers an officer has seen. Of namesakes born the same day the first one keeps the mark."""
        mark = person_mark(self._sealer.mark, identity)
        has_namesake = bool(self.namesakes(connection, member_id, identity))
        if not has_namesake:
            proofs.release_closed(connection, [mark])
        proofs.keep_proof(
            connection,
            member_id,
            provider=ProviderName.PAPERS.value,
            level=AssuranceLevel.SEEN.value,
            subject_mark=None,
            person_mark=None if has_namesake else mark,
            proved_at_unix_ms=self._clock.now_unix_ms(),
        )

    def _opened(self, connection: Connection, row: Row[Any]) -> OpenedFile:
        listed = files.documents_of(connection, row.id)
        identity = self._declaration(connection, row)
        has_namesake = bool(identity and self.namesakes(connection, row.member_id, identity))
        return OpenedFile(files.summary_of(connection, row), identity, listed, row.decided_by, has_namesake)

    def _document(self, connection: Connection, row: Row[Any], document_id: str) -> CleanDocument:
        found = files.sealed_document(connection, row.id, document_id)
        content = self._sealer.unseal_for_member(
            connection, row.member_id, _document_field(document_id), found.sealed_content
        )
        return CleanDocument(found.media_type, content)

    def _declaration(self, connection: Connection, row: Row[Any]) -> PersonIdentity | None:
        if row.sealed_declaration is None:
            return None
        opened = self._sealer.unseal_for_member(
            connection, row.member_id, declaration_field(row.id), row.sealed_declaration
        )
        return PersonIdentity.from_bytes(opened)

    def _note_read(
        self, connection: Connection, officer_id: str, act: str, subject: Subject, ground: str | None = None
    ) -> None:
        self._journal.append(connection, Actor("officer", officer_id), act, subject, ground=ground)

    def _reading(self) -> Connection:
        return self._engine.connect().execution_options(read_only=True)

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now_unix_s(), UTC).date()


def declaration_field(file_id: str) -> SealedField:
    """Where what a person declared lives."""
    return SealedField("identity_files", "sealed_declaration", file_id)


def _document_field(document_id: str) -> SealedField:
    return SealedField("identity_documents", "sealed_content", document_id)
