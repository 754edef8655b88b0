"""Who is told what, by which way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

RecipientKind = Literal["member", "officer"]


class NoticeKind(StrEnum):
    """All that a notice says. What happened is asked for by the page, behind a session."""

    MONEY = "money"  # something came, or a payment on its way did not go
    ASKED = "asked"  # somebody known asks for money, or is ready to receive what the member sends
    SALE = "sale"  # a sale of the member's tills was paid
    REFUND_ASKED = "refund_asked"  # a till asks the merchant to sign
    DISPUTE = "dispute"  # a payment of theirs is contested, or that was answered or decided
    KEYHOLDER = "keyholder"  # somebody who may pay with their account did, or was refused for a limit
    BANK = "bank"  # euros that came or went wait, or have arrived
    SECURITY = "security"  # what opens the account changed, or somebody asks to change it
    WAITING = "waiting"  # something waits for officers


#: Sent even when a page of its recipient's was open: it may have been the page of whoever did it.
SENT_ANYWAY = (NoticeKind.SECURITY,)


@dataclass(frozen=True)
class Recipient:
    """A member, or an officer."""

    kind: RecipientKind
    id: str


@dataclass(frozen=True)
class Ways:
    """By which ways somebody is told of a kind."""

    by_push: bool
    by_mail: bool


@dataclass(frozen=True)
class Told:
    """How often something of a kind happened that its recipient has not seen, and when last."""

    kind: NoticeKind
    count: int
    last_at_unix_ms: int


@dataclass(frozen=True)
class DueNotice:
    """One row that is to be sent."""

    id: int
    recipient: Recipient
    kind: NoticeKind
    attempts: int
    is_mailed: bool


@dataclass(frozen=True)
class Mail:
    """What goes to a mail server; one line for the subject, plain text for the rest."""

    to: str
    subject: str
    text: str
