"""What the API takes and says of asks and sends. Cents and unix times throughout."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wallet_service.asks.decisions import MAX_ADDRESS_CHARACTERS, MAX_MESSAGE_CHARACTERS
from wallet_service.asks.models import AskKind, NewAsk, NewPart, PartWay, Role
from wallet_service.asks.states import ShownPartState
from wallet_service.contacts.schemas import PersonBody, PersonName
from wallet_service.platform.schema import Address, AmountCents, Answer, Body, Cents, Line, UnixMs, Word

Message = Annotated[
    Line, Field(max_length=MAX_MESSAGE_CHARACTERS, description="Personal, sealed; never on the ledger.")
]
#: More than an ask may have (`asks.decisions.MAX_PARTS`), so that one too many is refused in words.
MOST_PARTS_READ = 100


class PartBody(Body):
    """What one person is to pay, or to be sent: exactly one of `person`, `address`, `is_link`."""

    amount_cents: AmountCents
    person: PersonBody | None = None
    address: Annotated[Line, Field(max_length=MAX_ADDRESS_CHARACTERS)] | None = Field(
        default=None,
        description="Personal: a telephone number or mail address; sealed, forgotten when it has served.",
    )
    is_link: bool = Field(default=False, description="Whoever is given the link, once.")


class AskBody(Body):
    """An ask or a send, once per `client_reference`. A send has one part, which its creator pays."""

    client_reference: Annotated[
        str, Field(max_length=66, description="32 random bytes, 0x hex, made before the first attempt.")
    ]
    kind: AskKind
    message: Message | None = None
    parts: Annotated[list[PartBody], Field(max_length=MOST_PARTS_READ)]

    def new_ask(self) -> NewAsk:
        """As the service asks for it."""
        parts = tuple(
            NewPart(
                part.amount_cents,
                part.person.named() if part.person else None,
                part.address or None,
                part.is_link,
            )
            for part in self.parts
        )
        return NewAsk(self.client_reference, self.kind, self.message or None, parts)


class OwnPartAnswer(Answer):
    """A part as the ask's creator sees it."""

    id: str
    way: PartWay
    amount_cents: Cents
    state: ShownPartState
    name: PersonName | None = Field(description="Of who pays or receives, once that is known.")
    is_professional: bool
    address: str | None = Field(description="Personal: as its creator wrote it, while it waits.")
    word: Message | None = Field(description="Of who declined.")
    payment_ref: Word | None
    is_to_sign: bool = Field(description="A send whose payee is there: the creator may sign it now.")
    link: str = Field(
        description="Leads to this part; of a share anybody may pay, the ask's own link is given."
    )


class OwnAskAnswer(Answer):
    """An ask as its creator sees it."""

    id: str
    kind: AskKind
    message: Message | None
    created_at_unix_ms: UnixMs
    expires_at_unix_ms: UnixMs
    total_cents: Cents = Field(description="Integer euro cents, without parts that are declined or over.")
    paid_cents: Cents
    link: str | None = Field(description="Leads each who opens it to a share of their own; null without any.")
    parts: list[OwnPartAnswer]


class SeenPartAnswer(Answer):
    """A part as who pays it, or is to receive it, sees it."""

    id: str
    ask_id: str | None = Field(description="When the ask is the caller's own.")
    kind: AskKind
    role: Role
    state: ShownPartState
    name: PersonName | None = Field(description="Of the other, from the service: never from a link.")
    is_professional: bool
    is_known: bool = Field(description="A contact, or somebody the caller has paid before.")
    may_decline: bool = Field(description="A share of a link is left alone instead: others may take it.")
    amount_cents: Cents
    message: Message | None
    to_address: Address | None = Field(description="Where to pay; null while nobody is there to be paid.")
    payment_ref: Word | None
    created_at_unix_ms: UnixMs
    expires_at_unix_ms: UnixMs


class AsksAnswer(Answer):
    """What waits for the caller's signature, and what they have asked for or sent. Newest first."""

    waiting: list[SeenPartAnswer]
    made: list[OwnAskAnswer]


class DeclineBody(Body):
    word: Message | None = None
