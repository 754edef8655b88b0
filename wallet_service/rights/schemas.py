"""What the API says of what is held of a person, and of the end of their account."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from wallet_service.platform.schema import Answer, Body, Cents, UnixMs

#: As `open_matters` names them; a page has its words for each.
OpenMatter = Literal["payment", "top-up", "redemption", "refund", "reversal", "recovery", "freeze", "ledger"]


class HeldSectionAnswer(Answer):
    """One heading of what is held, in the language of the page."""

    section: str
    title: str
    purpose: str
    kept: str
    count: Annotated[int, Field(ge=0, description="Rows.")]


class HeldAnswer(Answer):
    """All headings, and what is never given."""

    sections: list[HeldSectionAnswer]
    left_out: str


class HeldRowsAnswer(Answer):
    """Rows of one table, newest first, what is sealed opened; a table's columns are what they are there."""

    section: str
    table: str
    count: Annotated[int, Field(ge=0, description="Of all there are; `rows` may have fewer.")]
    rows: list[dict[str, JsonValue]]


class PersonalDataAnswer(Answer):
    """Everything that is held of a member."""

    kind: Literal["alba-personal-data"]
    version: Literal[1]
    member_id: str
    written_at_unix_ms: UnixMs
    left_out: str
    sections: list[HeldRowsAnswer]


class ClosingAnswer(Answer):
    """What keeps the account open; nothing does when it is empty and `open_matters` is."""

    balance_cents: Cents
    open_matters: list[OpenMatter]
    kept_until_unix_ms: UnixMs | None


class ClosingBody(Body):
    """`is_understood`: the person has read that nobody brings an account back."""

    is_understood: Literal[True]


class RemovedAnswer(Answer):
    """How much of what went, never what it said."""

    what: str
    count: Annotated[int, Field(ge=0)]


class CertificateAnswer(Answer):
    """What was taken away when, with the journal's entry that says so.

    `erased_from_unix_ms`: from when on the person's key is destroyed; in the past when it is already.
    """

    member_id: str
    closed_at_unix_ms: UnixMs
    erased_from_unix_ms: UnixMs
    removed: list[RemovedAnswer]
    journal_entry: int
    journal_hash: str
