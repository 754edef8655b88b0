"""What the API says of notices: of what kind, how many, and what their recipient wants."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wallet_service.notices.decisions import MAX_ADDRESS_CHARACTERS, MAX_ENDPOINT_CHARACTERS
from wallet_service.notices.models import NoticeKind
from wallet_service.platform.schema import Answer, Body, UnixMs

Endpoint = Annotated[
    str,
    Field(
        max_length=MAX_ENDPOINT_CHARACTERS,
        description="The address a browser's push service gave (RFC 8030); https and public.",
    ),
]


class ToldAnswer(Answer):
    """What happened of one kind and was not in front of its recipient yet."""

    kind: NoticeKind
    count: int = Field(ge=1)
    last_at_unix_ms: UnixMs


class UnseenAnswer(Answer):
    """What a page says when it is woken by a push, whose own content is empty."""

    title: str = Field(
        description="One sentence of all of it, in the language of the request; empty: nothing."
    )
    told: list[ToldAnswer]


class SeenBody(Body):
    """Everything until then was in front of the recipient."""

    until_unix_ms: Annotated[
        int, Field(ge=0, le=2**53, strict=True, description="Unix ms, by the service's clock.")
    ]


class WaysAnswer(Answer):
    kind: NoticeKind
    by_push: bool
    by_mail: bool


class NoticeSettingsAnswer(Answer):
    """By which ways the recipient is told of each kind."""

    ways: list[WaysAnswer]
    push_key: str = Field(description="The application server key browsers subscribe with, base64url.")
    push_stand_in: str = Field(
        description="Of a demonstration: the origin that plays the browsers' push service; else empty."
    )
    endpoint_count: int = Field(ge=0, description="How many browsers take notices for this recipient.")
    has_mail: bool = Field(description="Whether the service sends mail at all.")
    mail_address: str | None = Field(description="Personal: the recipient's own.")
    is_mail_confirmed: bool


class ChoiceBody(Body):
    """`security` is always told by every way."""

    kind: NoticeKind
    by_push: Annotated[bool, Field(strict=True)]
    by_mail: Annotated[bool, Field(strict=True)]


class EndpointBody(Body):
    """A browser that takes notices, or no longer does."""

    endpoint: Endpoint


class MailBody(Body):
    """Where to send a code."""

    address: Annotated[str, Field(max_length=MAX_ADDRESS_CHARACTERS)]
    language: str = Field(pattern=r"^[a-z]{2}$", description="ISO 639-1.")


class MailCodeBody(Body):
    """What stood in the mail."""

    code: Annotated[str, Field(pattern=r"^\d{6}$")]
