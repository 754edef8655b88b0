"""What people are shown of asks: names from the directory, messages and words opened. Reads only.

Whoever is nothing to a part learns that there is none. A name or text that does not open is left out, and
hides nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row

from wallet_service.accounts import repository as accounts
from wallet_service.asks import decisions, errors, repository
from wallet_service.asks.models import (
    AskKind,
    OwnAsk,
    OwnPart,
    PartPayment,
    PartWay,
    Role,
    SeenPart,
)
from wallet_service.asks.states import ShownPartState
from wallet_service.contacts import repository as contact_rows
from wallet_service.contacts.models import Known
from wallet_service.contacts.service import Contacts
from wallet_service.database.tables.people import ask_parts, asks
from wallet_service.database.unit_of_work import reading
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import is_id
from wallet_service.security.sealing import PersonErased, SealBroken, SealedField, Sealer

MAX_WAITING = 50
MAX_MADE = 30

log = structlog.get_logger(__name__)


def message_field(ask_id: str) -> SealedField:
    """Where an ask's message lives, under its creator's key."""
    return SealedField(asks.name, "sealed_message", ask_id)


def word_field(part_id: str) -> SealedField:
    """Where the word of who declined lives, under their own key."""
    return SealedField(ask_parts.name, "sealed_word", part_id)


class AskReader:
    def __init__(self, engine: Engine, clock: Clock, sealer: Sealer, contacts: Contacts) -> None:
        self._engine = engine
        self._clock = clock
        self._sealer = sealer
        self._contacts = contacts

    def waiting_for(self, member_id: str) -> list[SeenPart]:
        """What waits for the member's signature, newest first."""
        with reading(self._engine) as connection:
            now_unix_ms = self._clock.now_unix_ms()
            rows = repository.parts_to_pay(connection, member_id, now_unix_ms, MAX_WAITING)
            known = self._contacts.seen(connection, [row.payee_member_id for row in rows])
            return [
                self._seen(connection, row, None, Role.PAYS, member_id, known.get(row.payee_member_id))
                for row in rows
            ]

    def made_by(self, member_id: str) -> list[OwnAsk]:
        """What the member has asked for, or sent to an address, newest first."""
        with reading(self._engine) as connection:
            rows = repository.asks_made_by(connection, member_id, MAX_MADE)
            return self._own(connection, rows)

    def own(self, member_id: str, ask_id: str) -> OwnAsk:
        """One of the member's own. Raises AskNotFound."""
        with reading(self._engine) as connection:
            row = repository.ask(connection, ask_id) if is_id(ask_id) else None
            if row is None or row.creator_member_id != member_id:
                raise errors.AskNotFound
            return self._own(connection, [row])[0]

    def look(self, member_id: str, part_or_ask_id: str) -> SeenPart:
        """What a link leads to, for this member: the part it names, or a share of the ask it names.

        Raises AskNotFound, NoShareLeft.
        """
        with reading(self._engine) as connection:
            row, payment = self._part_for(connection, member_id, part_or_ask_id)
            role = _role(row, payment, member_id)
            other_id = row.payee_member_id if role is Role.PAYS else row.creator_member_id
            known = self._contacts.seen(connection, [other_id] if other_id else [])
            return self._seen(connection, row, payment, role, member_id, known.get(other_id))

    def creator_for(self, connection: Connection, member_id: str, part_or_ask_id: str) -> str:
        """Whose ask it is that the member may see. Raises AskNotFound."""
        try:
            row, _ = self._part_for(connection, member_id, part_or_ask_id)
        except errors.NoShareLeft:
            raise errors.AskNotFound from None
        return str(row.creator_member_id)

    def messages(self, connection: Connection, member_id: str, part_ids: Collection[str]) -> dict[str, str]:
        """Part id -> the message that came with it, for who pays and who is paid."""
        found = {}
        for part_id in sorted(set(part_ids)):
            row = repository.part(connection, part_id)
            if row is None or contact_rows.has_blocked(connection, member_id, row.creator_member_id):
                continue
            if (message := self._message(connection, row)) is not None:
                found[part_id] = message
        return found

    def _part_for(
        self, connection: Connection, member_id: str, part_or_ask_id: str
    ) -> tuple[Row[Any], PartPayment | None]:
        given = part_or_ask_id.upper()
        row = repository.part(connection, given) if is_id(given) else None
        if row is not None:
            payment = repository.living_payments(connection, [row.id]).get(row.id)
            rows = [row] if _concerns(row, payment, member_id) else []
        else:
            rows, payment = self._share(connection, member_id, given)
        if not rows or contact_rows.has_blocked(connection, member_id, rows[0].creator_member_id):
            raise errors.AskNotFound
        return rows[0], payment

    def _share(
        self, connection: Connection, member_id: str, ask_id: str
    ) -> tuple[list[Row[Any]], PartPayment | None]:
        """Of the shares anybody may pay: the member's own, if they pay one, or a free one."""
        every = [row for row in repository.parts_of(connection, [ask_id]) if row.way == PartWay.LINK.value]
        living = repository.living_payments(connection, [row.id for row in every])
        if not every:
            return [], None
        if every[0].creator_member_id == member_id:
            return [every[0]], living.get(every[0].id)
        for row in every:
            payment = living.get(row.id)
            if payment is not None and payment.payer_member_id == member_id:
                return [row], payment
        by_id = {row.id: row for row in every}
        share = decisions.share_for(
            [repository.payable_of(row, living.get(row.id)) for row in every], member_id
        )
        if share is None:
            raise errors.NoShareLeft
        return [by_id[share.id]], None

    def _own(self, connection: Connection, rows: Any) -> list[OwnAsk]:
        parts = defaultdict(list)
        for part in repository.parts_of(connection, [row.id for row in rows]):
            parts[part.ask_id].append(part)
        every = [part for found in parts.values() for part in found]
        living = repository.living_payments(connection, [part.id for part in every])
        others = {part.id: _other(part, living.get(part.id)) for part in every}
        known = self._contacts.seen(connection, [one for one in others.values() if one])
        return [
            OwnAsk(
                row.id,
                AskKind(row.kind),
                self._message(connection, parts[row.id][0]) if parts[row.id] else None,
                row.created_at_unix_ms,
                row.expires_at_unix_ms,
                tuple(
                    self._own_part(connection, part, living.get(part.id), known.get(others[part.id] or ""))
                    for part in parts[row.id]
                ),
            )
            for row in rows
        ]

    def _own_part(
        self, connection: Connection, row: Row[Any], payment: PartPayment | None, known: Known | None
    ) -> OwnPart:
        state = decisions.shown_state(repository.payable_of(row, payment), payment, self._clock.now_unix_ms())
        address_field = SealedField(ask_parts.name, "sealed_address", row.id)
        return OwnPart(
            id=row.id,
            way=PartWay(row.way),
            amount_cents=row.amount_cents,
            state=state,
            name=None if known is None else known.name,
            is_professional=known is not None and known.is_professional,
            address=self._opened(connection, row.creator_member_id, address_field, row.sealed_address),
            word=self._opened(connection, row.payer_member_id, word_field(row.id), row.sealed_word),
            payment_ref=None if payment is None else payment.ref,
            is_to_sign=row.kind == AskKind.SEND.value and state is ShownPartState.OPEN,
        )

    def _seen(
        self,
        connection: Connection,
        row: Row[Any],
        payment: PartPayment | None,
        role: Role,
        member_id: str,
        known: Known | None,
    ) -> SeenPart:
        """`known`: the other. Without one to be paid (closed, or nobody yet) there is no account either."""
        is_own = row.creator_member_id == member_id
        payee = (
            accounts.party_by_id(connection, row.payee_member_id) if row.payee_member_id and known else None
        )
        return SeenPart(
            id=row.id,
            ask_id=row.ask_id if is_own else None,
            kind=AskKind(row.kind),
            role=role,
            state=decisions.shown_state(
                repository.payable_of(row, payment), payment, self._clock.now_unix_ms()
            ),
            name=None if known is None else known.name,
            is_professional=known is not None and known.is_professional,
            is_known=is_own or contact_rows.knows(connection, member_id, row.creator_member_id),
            may_decline=decisions.may_decline(repository.payable_of(row), PartWay(row.way), member_id),
            amount_cents=row.amount_cents,
            message=self._message(connection, row),
            to_address=payee.account_address if payee is not None and role is Role.PAYS else None,
            payment_ref=None if payment is None else payment.ref,
            created_at_unix_ms=row.created_at_unix_ms,
            expires_at_unix_ms=row.expires_at_unix_ms,
        )

    def _message(self, connection: Connection, row: Row[Any]) -> str | None:
        field = message_field(row.ask_id)
        return self._opened(connection, row.creator_member_id, field, row.sealed_message)

    def _opened(
        self, connection: Connection, member_id: str | None, field: SealedField, sealed: bytes | None
    ) -> str | None:
        if sealed is None or member_id is None:
            return None
        try:
            return self._sealer.unseal_for_member(connection, member_id, field, bytes(sealed)).decode()
        except PersonErased:
            return None
        except (SealBroken, ValueError) as error:
            log.error(
                "ask.text_unreadable", table=field.table, column=field.column, error=type(error).__name__
            )
            return None


def _role(row: Row[Any], payment: PartPayment | None, member_id: str) -> Role:
    if row.kind == AskKind.SEND.value:
        return Role.PAYS if row.payer_member_id == member_id else Role.RECEIVES
    return Role.MADE if row.creator_member_id == member_id else Role.PAYS


def _concerns(row: Row[Any], payment: PartPayment | None, member_id: str) -> bool:
    """Whether the member may see the part: it is theirs, or open to whoever was given its link."""
    if member_id == row.creator_member_id:
        return True
    if row.kind == AskKind.SEND.value:
        if row.way == PartWay.MEMBER.value:
            return False  # nobody hears of a send before it is signed
        return row.payee_member_id in (None, member_id)
    payer_id = payment.payer_member_id if payment is not None else row.payer_member_id
    return payer_id in (None, member_id)


def _other(row: Row[Any], payment: PartPayment | None) -> str | None:
    """Whom its creator shall read the name of."""
    if row.kind == AskKind.SEND.value:
        return str(row.payee_member_id) if row.payee_member_id else None
    return payment.payer_member_id if payment is not None else row.payer_member_id
