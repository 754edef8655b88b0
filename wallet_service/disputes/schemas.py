"""What the API takes and says of contested payments. Cents and unix times throughout."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wallet_service.disputes.decisions import MAX_WORDS_CHARACTERS
from wallet_service.disputes.models import DisputeReason, DisputeRole, DisputeState
from wallet_service.disputes.reading import SeenDispute
from wallet_service.platform.schema import Answer, Body, Cents, UnixMs, Word

#: More than may be said, so that one character too many is refused in words.
MOST_WORDS_READ = 4 * MAX_WORDS_CHARACTERS
Words = Annotated[
    str, Field(max_length=MOST_WORDS_READ, description="Personal, sealed; the other side reads it.")
]


class ContestBody(Body):
    """Contests a payment, once per payment."""

    payment_ref: Annotated[str, Field(max_length=66, description="The payment's reference.")]
    reason: DisputeReason
    words: Words = ""


class DisputeAnswerBody(Body):
    """The payee's side, once."""

    agrees: bool = Field(strict=True, description="It is to go back.")
    words: Words = ""


class DisputeAnswer(Answer):
    """A contested payment, as one member sees it."""

    id: str
    payment_ref: Word | None = Field(description="Null for whoever the money was only passed on to.")
    role: DisputeRole
    state: DisputeState
    reason: DisputeReason | None = Field(description="Null for whoever the money was only passed on to.")
    amount_cents: Cents | None = Field(description="Null for whoever the money was only passed on to.")
    held_cents: Cents = Field(
        description="Integer euro cents held now: in all for the payer, of the member's own for others."
    )
    returned_cents: Cents = Field(description="Integer euro cents that came back to the payer.")
    other_name: str | None = Field(description="Personal: how the other side is called.")
    words: str | None = Field(description="Personal: what the payer wrote.")
    answer: str | None = Field(description="Personal: what the payee answered.")
    agrees: bool | None = Field(description="Whether the payee says that it is to go back.")
    ground: str | None = Field(description="Why an officer decided so.")
    own_papers: int = Field(description="How many documents the member has shown.")
    may_answer: bool
    opened_at_unix_ms: UnixMs
    decide_by_unix_ms: UnixMs
    closed_at_unix_ms: UnixMs | None


class DisputesAnswer(Answer):
    """A member's disputes, and what bounds new ones."""

    disputes: list[DisputeAnswer]
    contest_days: int = Field(description="For so long after it is final a payment may be contested.")
    least_cents: Cents = Field(description="Integer euro cents: smaller sums are not contested.")


def shown(seen: SeenDispute) -> DisputeAnswer:
    """As HTTP answers it: whoever holds it reads nothing of whom it is between."""
    each, is_holder = seen.dispute, seen.role is DisputeRole.HOLDER
    may_answer = seen.role is DisputeRole.PAYEE and each.state is DisputeState.OPEN
    return DisputeAnswer(
        id=each.id,
        payment_ref=None if is_holder else each.payment_ref,
        role=seen.role,
        state=each.state,
        reason=None if is_holder else each.reason,
        amount_cents=None if is_holder else each.amount_cents,
        held_cents=seen.held_cents,
        returned_cents=0 if is_holder else each.returned_cents,
        other_name=seen.other_name,
        words=seen.said.words,
        answer=seen.said.answer,
        agrees=None if is_holder else each.agrees,
        ground=None if is_holder else each.ground,
        own_papers=seen.own_papers,
        may_answer=may_answer and each.answered_at_unix_ms is None,
        opened_at_unix_ms=each.opened_at_unix_ms,
        decide_by_unix_ms=each.decide_by_unix_ms,
        closed_at_unix_ms=each.closed_at_unix_ms,
    )
