"""Members who know each other, over the payments' fixture: people with names, contacts, asks, a mailbox."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Engine, select, update

from tests.support.notice_ways import Knocks, Mailbox
from tests.support.payments_fixture import PaymentsFixture, changed
from wallet_service.asks.models import AskKind, NewAsk, NewPart, OwnAsk, SeenPart
from wallet_service.asks.service import Asks
from wallet_service.contacts.models import NamedPerson
from wallet_service.contacts.service import Contacts
from wallet_service.database.tables.members import members
from wallet_service.database.tables.push import notices, push_events
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.members.decisions import PersonIdentity
from wallet_service.members.directory import Directory
from wallet_service.members.service import identity_field
from wallet_service.notices.service import Notices
from wallet_service.payments.models import Payment, PaymentOrder
from wallet_service.protocol.text.identifiers import new_ref
from wallet_service.security.sealing import Sealer

ORIGIN = "https://alba.example"


class PeopleSide(PaymentsFixture):
    """`person` makes somebody; `ask`, `send` and `pay` do what their phones would."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.sealer = Sealer(secrets.token_bytes(32), self.clock)
        self.mailbox = Mailbox()
        self.notices = Notices(engine, self.clock, self.sealer, Knocks(), self.mailbox, is_local=True)
        self.contacts = Contacts(engine, self.clock, Directory(engine, self.sealer))
        self.asks = Asks(engine, self.clock, self.push, self.sealer, self.contacts, self.notices, ORIGIN)
        self._nonces: dict[str, int] = {}

    def person(self, given: str = "", family: str = "", *, balance_cents: int = 0, **values: Any) -> str:
        """The id of a member; with a name they have declared it, without they are a visitor."""
        tier = values.pop("tier", "declared" if given else "visitor")
        address = self.member(tier=tier, balance_cents=balance_cents, **values)
        member_id = address[-26:]
        with UnitOfWork(self.engine) as work:
            self.sealer.create_member_key(work.connection, member_id)
            if given:
                identity = PersonIdentity(given, family, "1990-01-01", "1 rue", "76000", "Rouen").to_bytes()
                sealed = self.sealer.seal_for_member(
                    work.connection, member_id, identity_field(member_id), identity
                )
                work.connection.execute(
                    update(members).where(members.c.id == member_id).values(sealed_identity=sealed)
                )
        return member_id

    def shop(self) -> str:
        """The id of a shop with a name."""
        return self.person(kind="merchant", tier="professional", public_name="Boutique fictive")

    @staticmethod
    def account(member_id: str) -> str:
        return "0x" + "0" * 14 + member_id

    def code(self, member_id: str) -> NamedPerson:
        """As somebody names them who has scanned their code."""
        return NamedPerson(code=self.contacts.own_code(member_id))

    def know(self, owner_id: str, other_id: str) -> NamedPerson:
        """The other is a contact of the owner's from now on."""
        return NamedPerson(contact_id=self.contacts.add(owner_id, self.code(other_id)).id)

    def make(self, creator_id: str, kind: AskKind, *parts: NewPart, message: str | None = None) -> OwnAsk:
        ask_id = self.asks.create(creator_id, NewAsk(new_ref(), kind, message, parts), "fr")
        return self.asks.reader.own(creator_id, ask_id)

    def ask(self, creator_id: str, *parts: NewPart, message: str | None = None) -> OwnAsk:
        return self.make(creator_id, AskKind.ASK, *parts, message=message)

    def send(self, creator_id: str, part: NewPart, message: str | None = None) -> OwnAsk:
        return self.make(creator_id, AskKind.SEND, part, message=message)

    def order_for(self, payer_id: str, part: SeenPart, **changes: Any) -> PaymentOrder:
        """The signed payment of that part, as its payer's phone makes it."""
        payer = self.account(payer_id)
        self._nonces[payer] = self._nonces.get(payer, -1) + 1
        payee = part.to_address or self.account(payer_id)
        nonce = self._nonces[payer]
        order = self.order(payer, payee, part.amount_cents, nonce, ask_part_id=part.id)
        return changed(order, **changes)

    def pay(self, payer_id: str, part: SeenPart, **changes: Any) -> Payment:
        """Raises the refusal."""
        (answer,) = self.acceptance.accept_batch([self.order_for(payer_id, part, **changes)])
        if isinstance(answer, Payment):
            return answer
        raise answer

    def told(self, member_id: str) -> list[str]:
        """Kinds of the notices a member would be woken by."""
        with self._reading() as connection:
            query = select(notices.c.kind).where(notices.c.recipient_id == member_id)
            return list(connection.execute(query).scalars())

    def heard(self, member_id: str) -> list[str]:
        """Kinds of the events that the member's open pages heard."""
        with self._reading() as connection:
            query = select(push_events.c.kind).where(push_events.c.topic == f"member:{member_id}")
            return list(connection.execute(query.order_by(push_events.c.id)).scalars())
