"""What the API takes and says of keys of further people: to an account's holder, to who pays by one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wallet_service.accounts.models import MAX_EXPIRES_AT_UNIX_S, MAX_LIMIT_CENTS, KeyLimits
from wallet_service.keyholders.decisions import MAX_NAME_LENGTH, SHOWN_PAYMENTS, left_today_cents
from wallet_service.keyholders.models import (
    HeldAccount,
    InvitationAsked,
    InvitationJoined,
    Keyholder,
    KeyholderKind,
    KeyholderState,
    KeyPayment,
    SeenInvitation,
    SeenKeyholder,
)
from wallet_service.members.decisions import DEFAULT_DEVICE_LABEL
from wallet_service.members.schemas import AdditionBody, CsrfToken
from wallet_service.platform.schema import (
    Address,
    Answer,
    Body,
    Cents,
    KeySignature,
    Line,
    ProofCode,
    PublicKey,
    RefusalCode,
    UnixMs,
    Word,
)
from wallet_service.protocol.text.references import proof_code

InvitationId = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 of `alba-keyholder:` and the code the two phones know.",
    ),
]
LimitCents = Annotated[
    int,
    Field(ge=0, le=MAX_LIMIT_CENTS, strict=True, description="Integer euro cents; 0: no such limit."),
]
KeyEndUnixS = Annotated[
    int,
    Field(ge=0, le=MAX_EXPIRES_AT_UNIX_S, strict=True, description="Unix seconds; 0: without an end."),
]


class KeyLimitsBody(Body):
    """What a key may: not all three are 0, but for a joint holder's."""

    per_payment_cents: LimitCents
    per_day_cents: LimitCents
    expires_at_unix_s: KeyEndUnixS

    def limits(self) -> KeyLimits:
        """As the service asks for them."""
        return KeyLimits(self.per_payment_cents, self.per_day_cents, self.expires_at_unix_s)


class InvitationBody(Body):
    """Whom the holder lets pay, how they call them, and within what."""

    invitation: InvitationId
    public_key: PublicKey
    proof: KeySignature = Field(
        description="By that key of the account over `alba-keyholder:open:` and `invitation`; base64url."
    )
    kind: KeyholderKind
    name: Annotated[Line, Field(max_length=MAX_NAME_LENGTH, description="Personal; only the holder sees it.")]
    limits: KeyLimitsBody

    def asked(self) -> InvitationAsked:
        """As the service asks for it."""
        return InvitationAsked(
            self.invitation, self.public_key, self.proof, self.kind, self.name, self.limits.limits()
        )


class InvitationJoinBody(Body):
    """The phone that is to pay."""

    invitation: InvitationId
    public_key: PublicKey
    label: Annotated[Line, Field(max_length=60)] = DEFAULT_DEVICE_LABEL
    proof: KeySignature = Field(
        description="By that key over `alba-keyholder:join:`, `invitation`, `:`, `public_key`; base64url."
    )

    def joined(self) -> InvitationJoined:
        """As the service asks for it."""
        return InvitationJoined(self.invitation, self.public_key, self.proof, self.label)


class KeyholderApproveBody(Body):
    """The words were the same on both phones; `addition` is signed with the limits of the invitation."""

    public_key: PublicKey
    addition: AdditionBody


class KeyholderLimitsBody(Body):
    """Other limits for a key, signed for as a new one's are."""

    limits: KeyLimitsBody
    addition: AdditionBody


class KeyLimitsAnswer(Answer):
    """0 is no such limit."""

    per_payment_cents: Cents
    per_day_cents: Cents = Field(description="Integer euro cents of one day, UTC as on the ledger.")
    expires_at_unix_s: int = Field(ge=0, description="Unix seconds; 0: without an end.")


class KeyPaymentAnswer(Answer):
    """What a key paid."""

    ref: Word
    amount_cents: Cents
    state: Literal["confirming", "paid", "refused"]
    at_unix_ms: UnixMs
    payee_name: str | None = Field(description="Personal: the payee's shown name.")
    proof_code: ProofCode
    refusal_code: RefusalCode | None


class KeyholderAnswer(Answer):
    """Somebody with a key to the account, or an invitation, as the account's holder sees it."""

    id: str
    kind: KeyholderKind
    state: KeyholderState
    name: str | None = Field(description="Personal: as the holder calls them.")
    limits: KeyLimitsAnswer
    invitation: str = Field(description="Names it while it is one; worthless afterwards.")
    public_key: str | None = Field(description="The other phone's key once it has answered, 0x hex.")
    signer_address: Address | None = Field(description="The key as the ledger names it.")
    label: str = Field(description="The other phone's browser, in words.")
    invitation_ends_at_unix_ms: UnixMs
    added_at_unix_ms: UnixMs | None
    ended_at_unix_ms: UnixMs | None
    ended_by: Literal["holder", "self", "time", "recovery", "closing", "ledger"] | None
    spent_today_cents: Cents = Field(description="Integer euro cents, since midnight UTC.")
    last_payment: KeyPaymentAnswer | None
    refused_at_unix_ms: UnixMs | None = Field(description="Of the last refusal the holder was told of.")
    refused_code: RefusalCode | None
    refused_cents: Cents | None

    @staticmethod
    def of(seen: SeenKeyholder) -> KeyholderAnswer:
        """As the service says it."""
        return _keyholder(seen.keyholder, seen.name, seen.spent_today_cents, seen.last_payment)


class KeyholdersAnswer(Answer):
    """Everybody who could ever pay with the account, oldest first."""

    keyholders: list[KeyholderAnswer]


class SeenInvitationAnswer(Answer):
    """What the other phone is shown: whose account, and what it would be allowed."""

    state: KeyholderState
    kind: KeyholderKind
    limits: KeyLimitsAnswer
    holder_name: str | None = Field(description="Personal: the account holder's shown name.")
    old_public_key: PublicKey
    new_public_key: PublicKey
    invitation_ends_at_unix_ms: UnixMs

    @staticmethod
    def of(seen: SeenInvitation) -> SeenInvitationAnswer:
        """As the service says it."""
        known = seen.keyholder
        assert known.public_key is not None
        return SeenInvitationAnswer(
            state=known.state,
            kind=known.kind,
            limits=KeyLimitsAnswer.model_validate(known.limits),
            holder_name=seen.holder_name,
            old_public_key=known.old_public_key,
            new_public_key=known.public_key,
            invitation_ends_at_unix_ms=known.invitation_ends_at_unix_ms,
        )


class HeldAccountAnswer(Answer):
    """Somebody else's account, as who holds a limited key to it sees it."""

    keyholder_id: str
    account_address: Address
    holder_name: str | None = Field(description="Personal: the account holder's shown name.")
    kind: KeyholderKind
    limits: KeyLimitsAnswer
    spent_today_cents: Cents = Field(description="Integer euro cents by this key, since midnight UTC.")
    left_today_cents: Cents | None = Field(description="Null: this key has no limit of a day.")
    can_spend_cents: Cents = Field(
        description="Integer euro cents: the largest payment that would pass now, whatever bounds it."
    )
    next_nonce: int = Field(ge=0, description="The number the next signed message of this account carries.")
    payments_stopped: bool
    is_frozen: bool
    payments: list[KeyPaymentAnswer] = Field(
        max_length=SHOWN_PAYMENTS, description="This key's own, newest first."
    )

    @staticmethod
    def of(held: HeldAccount) -> HeldAccountAnswer:
        """As the service says it."""
        return HeldAccountAnswer(
            keyholder_id=held.keyholder_id,
            account_address=held.account_address,
            holder_name=held.holder_name,
            kind=held.kind,
            limits=KeyLimitsAnswer.model_validate(held.limits),
            spent_today_cents=held.spent_today_cents,
            left_today_cents=left_today_cents(held.limits, held.spent_today_cents),
            can_spend_cents=held.can_spend_cents,
            next_nonce=held.next_nonce,
            payments_stopped=held.payments_stopped,
            is_frozen=held.is_frozen,
            payments=[_payment(one) for one in held.payments],
        )


class HeldSessionAnswer(Answer):
    """Who pays by a limited key is signed in; both null when nobody is."""

    csrf_token: CsrfToken | None
    account: HeldAccountAnswer | None


def _payment(paid: KeyPayment) -> KeyPaymentAnswer:
    return KeyPaymentAnswer(
        ref=paid.ref,
        amount_cents=paid.amount_cents,
        state=paid.state,
        at_unix_ms=paid.at_unix_ms,
        payee_name=paid.payee_name,
        proof_code=proof_code(paid.ref),
        refusal_code=paid.refusal_code,
    )


def _keyholder(
    known: Keyholder, name: str | None, spent_cents: int, last: KeyPayment | None
) -> KeyholderAnswer:
    return KeyholderAnswer(
        id=known.id,
        kind=known.kind,
        state=known.state,
        name=name,
        limits=KeyLimitsAnswer.model_validate(known.limits),
        invitation=known.invitation,
        public_key=known.public_key,
        signer_address=known.signer_address,
        label=known.label,
        invitation_ends_at_unix_ms=known.invitation_ends_at_unix_ms,
        added_at_unix_ms=known.added_at_unix_ms,
        ended_at_unix_ms=known.ended_at_unix_ms,
        ended_by=None if known.ended_by is None else known.ended_by.value,
        spent_today_cents=spent_cents,
        last_payment=None if last is None else _payment(last),
        refused_at_unix_ms=known.refused_at_unix_ms,
        refused_code=known.refused_code,
        refused_cents=known.refused_cents,
    )
