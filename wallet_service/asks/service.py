"""Asking for money and sending some: made, claimed, declined, cancelled, blocked; never paid here.

Whoever pays signs an ordinary payment that names the part (`payments.accept`), which is the only way money
moves. A send is made first, so that its payer reads the payee's name from the service before signing, and so
that its message is sealed here and never on chain. Owns `asks` and `ask_parts`.

Somebody at a telephone number or mail address is not looked up among members: what is answered, and when, is
the same whether they are one. The service writes to mail addresses; numbers are the sender's to write to.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from wallet_service.accounts import repository as accounts
from wallet_service.asks import decisions, errors, repository
from wallet_service.asks.events import ask_changed
from wallet_service.asks.models import AskKind, NewAsk, NewPart, PartWay
from wallet_service.asks.reading import AskReader, message_field, word_field
from wallet_service.asks.states import PartState
from wallet_service.contacts import repository as contact_rows
from wallet_service.contacts.errors import PersonUnknown
from wallet_service.contacts.models import Known
from wallet_service.contacts.service import Contacts
from wallet_service.database.tables.people import ask_parts
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.notices.messages import invitation_mail
from wallet_service.notices.models import NoticeKind
from wallet_service.notices.service import Notices, tell
from wallet_service.platform.push import Push
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import is_id, new_id, normal_word
from wallet_service.security.sealing import SealedField, Sealer

LINK_PATH = "/R/"
CODE_PATH = "/C/"


def code_link(origin: str, code: str) -> str:
    """What a member shows, or gives, to be paid: an opaque code."""
    return f"{origin}{CODE_PATH}{code}"


def link_of(origin: str, ask_or_part_id: str) -> str:
    """What is given to people: an opaque id and nothing else."""
    return f"{origin}{LINK_PATH}{ask_or_part_id}"


class Asks:
    """`reader` shows what is here made. Addresses never leave but to a mail server and to who wrote them."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        sealer: Sealer,
        contacts: Contacts,
        notices: Notices,
        origin: str,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._sealer = sealer
        self._contacts = contacts
        self._notices = notices
        self._origin = origin
        self.reader = AskReader(engine, clock, sealer, contacts)

    # made

    def create(self, member_id: str, ask: NewAsk, language: str) -> str:
        """The ask's id. The same reference gives the same ask, whatever else is said with it.

        Raises WordInvalid, AskShapeWrong, TooManyParts, AddressUnreadable, PersonUnknown, PersonIsYourself,
        VisitorsPayShops, IdentityNeeded, TooManyOpenParts, TooManyToday, TooManyOfOne, AskReferenceReused.
        """
        reference = normal_word(ask.client_reference)
        decisions.check_shape(ask)
        addresses = [
            None if part.address is None else decisions.normal_address(part.address) for part in ask.parts
        ]
        try:
            with UnitOfWork(self._engine) as work:
                known = repository.ask_by_reference(work.connection, reference)
                if known is not None:
                    if known.creator_member_id != member_id:
                        raise errors.AskReferenceReused
                    return str(known.id)
                ask_id, mails = self._create(work, member_id, ask, reference, addresses)
        except IntegrityError:  # the same reference at the same moment, elsewhere
            return self.create(member_id, ask, language)
        self._mail(member_id, ask.kind, mails, language)
        return ask_id

    def _create(
        self, work: UnitOfWork, member_id: str, ask: NewAsk, reference: str, addresses: list[str | None]
    ) -> tuple[str, dict[str, str]]:
        """The ask's id, and part id -> mail address of those to write to."""
        connection, now_unix_ms, ask_id = work.connection, self._clock.now_unix_ms(), new_id()
        people = [self._person(connection, member_id, part) for part in ask.parts]
        self._check(connection, member_id, ask, people, now_unix_ms)
        sealed = ask.message and self._sealer.seal_for_member(
            connection, member_id, message_field(ask_id), ask.message.encode()
        )
        repository.insert_ask(
            connection,
            id=ask_id,
            client_reference=reference,
            kind=ask.kind.value,
            creator_member_id=member_id,
            sealed_message=sealed or None,
            created_at_unix_ms=now_unix_ms,
            expires_at_unix_ms=now_unix_ms + decisions.lifetime_ms(ask),
        )
        rows, mails = [], {}
        for part, person, address in zip(ask.parts, people, addresses, strict=True):
            part_id, other_id = new_id(), None if person is None else person.member_id
            is_send = ask.kind is AskKind.SEND
            mark = None if address is None else self._sealer.mark("ask_address", address)
            if address is not None and decisions.is_mail(address):
                since_unix_ms = now_unix_ms - MS_PER_DAY
                if (
                    repository.mails_to(connection, mark or "", since_unix_ms)
                    < decisions.MAX_MAILS_TO_ONE_A_DAY
                ):
                    mails[part_id] = address
            rows.append(
                {
                    "id": part_id,
                    "ask_id": ask_id,
                    "way": decisions.way_of(part).value,
                    "payer_member_id": member_id if is_send else other_id,
                    "payee_member_id": other_id if is_send else member_id,
                    "amount_cents": part.amount_cents,
                    "state": (PartState.WAITING if is_send and other_id is None else PartState.OPEN).value,
                    "sealed_address": None
                    if address is None
                    else self._sealed_address(connection, member_id, part_id, address),
                    "address_mark": mark,
                    "mailed_at_unix_ms": now_unix_ms if part_id in mails else None,
                }
            )
        repository.insert_parts(connection, rows)
        if ask.kind is AskKind.ASK:
            self._tell_asked(work, ask_id, member_id, [one.member_id for one in people if one is not None])
        return ask_id, mails

    def _person(self, connection: Connection, member_id: str, part: NewPart) -> Known | None:
        return None if part.person is None else self._contacts.found(connection, member_id, part.person)

    def _check(
        self,
        connection: Connection,
        member_id: str,
        ask: NewAsk,
        people: list[Known | None],
        now_unix_ms: int,
    ) -> None:
        party = accounts.party_by_id(connection, member_id)
        if party is None:
            raise PersonUnknown
        named = [one.member_id for one in people if one is not None]
        if len(set(named)) != len(named):
            raise errors.AskShapeWrong
        today, to_addresses = repository.parts_made_since(connection, member_id, now_unix_ms - MS_PER_DAY)
        waiting = repository.open_parts_of(connection, member_id, now_unix_ms)
        to_persons = any(one is None or not one.is_professional for one in people)
        creator = decisions.Creator(party.tier, waiting, today, to_addresses)
        decisions.check_may_create(ask, creator, to_persons=to_persons)
        if ask.kind is not AskKind.ASK:
            return
        for other_id in named:
            if (
                repository.open_between(connection, member_id, other_id, now_unix_ms)
                >= decisions.MAX_OPEN_OF_ONE
            ):
                raise errors.TooManyOfOne(limit=decisions.MAX_OPEN_OF_ONE)

    def _tell_asked(self, work: UnitOfWork, ask_id: str, creator_id: str, asked_ids: list[str]) -> None:
        """Open pages look again. Only who knows the creator is told while away; who blocked them, never."""
        for asked_id in asked_ids:
            if contact_rows.has_blocked(work.connection, asked_id, creator_id):
                continue
            self._push.publish(work, *ask_changed(ask_id, asked_id))
            if contact_rows.knows(work.connection, asked_id, creator_id):
                tell(work.connection, asked_id, NoticeKind.ASKED, self._clock.now_unix_ms())

    def _sealed_address(self, connection: Connection, member_id: str, part_id: str, address: str) -> bytes:
        field = SealedField(ask_parts.name, "sealed_address", part_id)
        return self._sealer.seal_for_member(connection, member_id, field, address.encode())

    def _mail(self, member_id: str, kind: AskKind, mails: dict[str, str], language: str) -> None:
        """After the commit, and never the reason for a refusal: the link is there to be given otherwise."""
        if not mails:
            return
        with reading(self._engine) as connection:
            name = self._contacts.seen(connection, [member_id])[member_id].name or ""
        for part_id, address in mails.items():
            link = link_of(self._origin, part_id)
            self._notices.send_once(
                invitation_mail(address, name, link, language, is_send=kind is AskKind.SEND)
            )

    # answered

    def claim(self, member_id: str, part_id: str) -> None:
        """The member says that it is they who shall receive; the sender reads their name, and may sign.

        Again, nothing more happens. Raises AskNotFound, OwnAskPart, PartAlreadyClaimed, PartOver.
        """
        with UnitOfWork(self._engine) as work:
            row = self._locked(work.connection, part_id)
            part = repository.payable_of(row)
            if part.kind is not AskKind.SEND or row.way != PartWay.ADDRESS.value:
                raise errors.AskNotFound
            if part.creator_member_id == member_id:
                raise errors.OwnAskPart
            if part.payee_member_id == member_id:
                return
            if part.payee_member_id is not None:
                raise errors.PartAlreadyClaimed
            now_unix_ms = self._clock.now_unix_ms()
            state = part.state_at(now_unix_ms)
            if state is not PartState.WAITING:
                raise errors.PartOver(state=state.value)
            repository.move_part(work.connection, part_id, PartState.OPEN, payee_member_id=member_id)
            self._push.publish(work, *ask_changed(part.ask_id, part.creator_member_id, member_id))
            tell(work.connection, part.creator_member_id, NoticeKind.ASKED, now_unix_ms)

    def decline(self, member_id: str, part_id: str, said: str | None) -> None:
        """The asked says no, with a word or without; the asker reads it. Again, nothing more happens.

        Raises AskNotFound, PartAlreadyPaid, PartOver.
        """
        with UnitOfWork(self._engine) as work:
            row = self._locked(work.connection, part_id)
            part = repository.payable_of(row)
            if not decisions.may_decline(part, PartWay(row.way), member_id):
                raise errors.AskNotFound
            if part.state is PartState.DECLINED:
                return
            sealed = said and self._sealer.seal_for_member(
                work.connection, member_id, word_field(part_id), said.encode()
            )
            self._end(work, row, PartState.DECLINED, payer_member_id=member_id, sealed_word=sealed or None)

    def cancel(self, member_id: str, ask_id: str) -> None:
        """Its creator takes back what is not paid, nor being paid. Raises AskNotFound."""
        with UnitOfWork(self._engine) as work:
            ask = repository.ask(work.connection, ask_id)
            if ask is None or ask.creator_member_id != member_id:
                raise errors.AskNotFound
            now_unix_ms, told = self._clock.now_unix_ms(), [member_id]
            for row in repository.parts_of(work.connection, [ask_id], locked=True):
                values = {"decided_at_unix_ms": now_unix_ms}
                if row.state in (PartState.WAITING, PartState.OPEN) and repository.move_part(
                    work.connection, row.id, PartState.CANCELLED, **values
                ):
                    told += [one for one in (row.payer_member_id, row.payee_member_id) if one]
            self._push.publish(work, *ask_changed(ask_id, *told))

    def block(self, member_id: str, part_or_ask_id: str) -> None:
        """Nothing of its creator is shown to the member any more; the creator is not told.

        Raises AskNotFound, OwnAskPart.
        """
        with UnitOfWork(self._engine) as work:
            creator_id = self.reader.creator_for(work.connection, member_id, part_or_ask_id)
            if creator_id == member_id:
                raise errors.OwnAskPart
            self._contacts.block(work.connection, member_id, creator_id)
            self._push.publish(work, *ask_changed(part_or_ask_id, member_id))

    def expire_due(self) -> int:
        """How many parts' time was over; their addresses are forgotten with them."""
        with UnitOfWork(self._engine) as work:
            now_unix_ms = self._clock.now_unix_ms()
            repository.forget_served_addresses(work.connection, now_unix_ms)
            return repository.expire(work.connection, now_unix_ms)

    def _locked(self, connection: Connection, part_id: str) -> Row[object]:
        row = repository.part(connection, part_id, locked=True) if is_id(part_id) else None
        if row is None:
            raise errors.AskNotFound
        return row

    def _end(self, work: UnitOfWork, row: Row[object], target: PartState, **values: object) -> None:
        now_unix_ms = self._clock.now_unix_ms()
        living = repository.living_payments(work.connection, [row.id])
        if living:
            raise errors.PartAlreadyPaid
        state = repository.payable_of(row).state_at(now_unix_ms)
        if state is not PartState.OPEN:
            raise errors.PartOver(state=state.value)
        repository.move_part(work.connection, row.id, target, decided_at_unix_ms=now_unix_ms, **values)
        self._push.publish(work, *ask_changed(row.ask_id, row.creator_member_id, *_ids(values)))


def _ids(values: dict[str, object]) -> list[str]:
    return [str(value) for name, value in values.items() if name == "payer_member_id"]
