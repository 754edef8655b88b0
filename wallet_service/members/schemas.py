"""What the API says of a member to that member, and what opens or joins an account. Never another's data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wallet_service.accounts.schemas import AccountBalance, AccountLimits, OwnCapsAnswer, PasskeyThresholds
from wallet_service.members.additions import SignedAddition
from wallet_service.members.decisions import DEFAULT_DEVICE_LABEL, DeviceState, Kind, MemberState, Tier
from wallet_service.platform.schema import (
    Address,
    Answer,
    Body,
    Cents,
    Envelope,
    KeySignature,
    Line,
    Nonce,
    PublicKey,
    UnixDay,
    UnixMs,
    UnixS,
    ValidBeforeUnixS,
)
from wallet_service.security.schemas import CredentialId

#: One that no catalogue is of is kept as French.
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$", description="ISO 639-1.")]
CsrfToken = Annotated[str, Field(description="Goes into `X-CSRF-Token` with every unsafe request.")]


class MemberAnswer(Answer):
    """A member as they see themselves, without what is sealed and without what the ledger counts."""

    id: str
    kind: Kind
    tier: Tier = Field(description="What the ledger allows this account; `none` until it knows the account.")
    state: MemberState = Field(description="`pending` until the ledger has enrolled the account.")
    account_address: Address
    public_name: str | None = Field(description="A professional's name, which anybody may see.")
    public_description: str | None
    sector: str | None = Field(description="The code of a trade, of the list the ledger knows.")
    commune_code: str | None = Field(description="The INSEE code of a commune (COG).")
    language: Language
    identity_expires_on_day: UnixDay | None = Field(
        description="Days since 1970-01-01 UTC; from that day on the identity must be shown again."
    )
    frozen_incoming: bool = Field(description="Nobody can pay this account.")
    frozen_outgoing: bool = Field(description="This account can pay nobody.")
    created_at_unix_ms: UnixMs


class NewSessionMember(MemberAnswer):
    """The member whose device is signed in from now on."""

    csrf_token: CsrfToken


class SessionAnswer(Answer):
    """Who is signed in; both null when nobody is."""

    csrf_token: CsrfToken | None
    member: MemberAnswer | None


LAST_USED = "Unix ms of its last sign-in, or of when a session it opened was last seen."


class DeviceAnswer(Answer):
    """A key that signs for the account; `pending` ones do not yet, `revoked` ones no more."""

    id: str
    label: str
    signer_address: Address
    key_kind: Literal["p256", "passkey"]
    public_key: PublicKey
    credential_id: str | None = Field(description="Of a passkey, base64url.")
    state: DeviceState
    created_at_unix_ms: UnixMs
    last_used_at_unix_ms: UnixMs | None = Field(description=LAST_USED)
    suspended_until_unix_s: UnixS | None = Field(
        description="Until then what this key signs counts for nothing: an officer has suspended it.",
    )


class DevicesAnswer(Answer):
    """Every key of the account, oldest first."""

    devices: list[DeviceAnswer]


class SessionInUse(Answer):
    """A session that is open somewhere."""

    id: str = Field(description="Names the session to its owner and opens nothing.")
    method: Literal["creation", "device", "passkey", "code"] = Field(description="How it was opened.")
    browser: str = Field(description="Family and system of the browser (`Firefox, Android`), or empty.")
    opened_at_unix_ms: UnixMs
    last_seen_at_unix_ms: UnixMs = Field(description="Unix ms, to the minute.")
    is_this: bool = Field(description="The session that asks.")


class PasskeyInUse(Answer):
    """A passkey that signs the member in."""

    credential_id: str = Field(description="base64url.")
    browser: str = Field(description="Where it was made (`Firefox, Android`), or empty.")
    created_at_unix_ms: UnixMs
    last_used_at_unix_ms: UnixMs | None = Field(description=LAST_USED)
    removed_at_unix_ms: UnixMs | None = Field(
        description="When it will be removed, where that was asked for without it; null otherwise."
    )


class PasskeyRemovalAnswer(Answer):
    """It goes by itself then, unless it is used before, or kept."""

    removed_at_unix_ms: UnixMs


class AccessAnswer(Answer):
    """Everything that opens the account, or pays for it, and is not revoked."""

    sessions: list[SessionInUse] = Field(description="Last used first.")
    passkeys: list[PasskeyInUse] = Field(description="Oldest first.")
    devices: list[DeviceAnswer] = Field(description="Oldest first.")


class OpenRecoveryAnswer(Answer):
    """Somebody says they lost the phone, and asks for new keys for this account."""

    id: str
    state: Literal["asked", "proposing", "proposed", "executing", "vetoing"] = Field(
        description="`asked` waits for an officer; from `proposed` on a signature of an old key ends it."
    )
    number: Annotated[int, Field(ge=1)] | None = Field(description="The ledger's, which a veto names.")
    asked_at_unix_ms: UnixMs
    executable_at_unix_s: Annotated[int, Field(ge=0)] | None = Field(
        description="Unix seconds; from then on the new key may replace all others."
    )


class OwnAccountAnswer(MemberAnswer):
    """The whole of a member's own account: limits and what is left of them, balance, devices, identity."""

    display_name: str | None = Field(description="Personal: the short name people who are paid see.")
    is_own_freeze: bool = Field(description="The member froze the account, and may let it go again.")
    open_recoveries: list[OpenRecoveryAnswer] = Field(description="Those nearest to their end first.")
    identity_state: Literal["none", "draft", "submitted", "approved", "refused"] = Field(
        description="Of the newest identity file; `none` when there is none."
    )
    devices: list[DeviceAnswer]
    passkey_ids: list[str] = Field(description="base64url ids of the passkeys that sign this member in.")
    passkey_floors: PasskeyThresholds
    limits: AccountLimits | None = Field(
        description="Null for a tier without any, and while the ledger's rules are not known."
    )
    own_caps: OwnCapsAnswer | None = Field(description="Null when the member chose none.")
    spent_today_cents: Cents = Field(description="Integer euro cents spent or reserved since midnight UTC.")
    left_today_cents: Cents = Field(
        description="Integer euro cents spent or converted since midnight UTC: what the day's floor counts."
    )
    spent_30_days_cents: Cents = Field(description="Integer euro cents, over exactly thirty days.")
    payments_stopped: bool = Field(description="Nobody can pay now: an officer has stopped all payments.")
    balance: AccountBalance
    terms_version: str | None = Field(description="The day of the terms last accepted, ISO; null: none yet.")
    next_nonce: int = Field(ge=0, description="The number the next signed message of this account carries.")


TermsVersion = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="A day, ISO.")]


class TermsBody(Body):
    """The member accepts the terms of that day."""

    version: TermsVersion


class WalletBody(Body):
    """A visitor's wallet: this device's key and a proof that the device holds it."""

    public_key: PublicKey
    key_kind: Literal["p256"] = "p256"
    label: Annotated[Line, Field(max_length=60)] = DEFAULT_DEVICE_LABEL
    language: Language = "fr"
    terms_version: TermsVersion | None = Field(
        default=None, description="Of the terms shown beside the button, as `/v1/config` names it."
    )
    proof: KeySignature = Field(description="By that key over `alba-wallet:` and `public_key`; base64url.")


class AdditionBody(Body):
    """The account's word for a further key: `SignerAddition` (EIP-712) without limits, by one that signs."""

    valid_before_unix_s: ValidBeforeUnixS
    nonce: Nonce = Field(description="Decimal: any number the account never used, at random.")
    signature: Envelope

    def signed(self) -> SignedAddition:
        return SignedAddition(self.valid_before_unix_s, int(self.nonce), self.signature)


class PasskeySignerBody(Body):
    """Lets a passkey sign payments, on the word of a key that does."""

    credential_id: CredentialId
    addition: AdditionBody


class DeviceKeyBody(Body):
    """A device whose key shall sign."""

    public_key: PublicKey


class VouchedDeviceBody(Body):
    """A device's key, and the word of a key of the account that signs: a passkey's, mostly."""

    public_key: PublicKey
    label: Annotated[Line, Field(max_length=60)] = DEFAULT_DEVICE_LABEL
    proof: KeySignature = Field(description="By that key over `alba-device:passkey:` and `public_key`.")
    addition: AdditionBody


class DeviceBody(Body):
    """One more device for an account, with the code the issuer gave."""

    code: Annotated[str, Field(min_length=8, max_length=40)]
    public_key: PublicKey
    label: Annotated[Line, Field(max_length=60)] = DEFAULT_DEVICE_LABEL
    proof: KeySignature = Field(
        description="By that key over `alba-device:`, `code`, `:` and `public_key`; base64url."
    )
