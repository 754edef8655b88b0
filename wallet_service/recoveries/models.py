"""A recovery: new keys for the account of somebody whose phone is lost. Frozen data, amounts in cents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RecoveryState(StrEnum):
    """asked: waits for an officer's look. proposing to vetoing: as the ledger says, or is being told.

    vetoed: an old key, or before the proposal an old device's word, contradicted it. cancelled: an officer
    withdrew, refused or halted it. lapsed: nobody pursued it in its time.
    """

    ASKED = "asked"
    PROPOSING = "proposing"
    PROPOSED = "proposed"
    EXECUTING = "executing"
    VETOING = "vetoing"
    VETOED = "vetoed"
    CANCELLED = "cancelled"
    EXECUTED = "executed"
    LAPSED = "lapsed"


class RecoveryWay(StrEnum):
    """What stands for who asks: an officer's look, a code kept on paper, or only the ledger's own word."""

    OFFICER = "officer"
    CODE = "code"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class NewRecovery:
    """What a phone without anything sends.

    `token` is made by the phone, of which only a digest is kept here: who holds it may ask how things
    stand. `proof` is by the new key over ``alba-recovery:`` + token + ``:`` + public key.
    """

    token: str
    public_key: str
    proof: str
    label: str

    def message(self) -> bytes:
        return f"alba-recovery:{self.token}:{self.public_key}".encode()


@dataclass(frozen=True, slots=True)
class AccountRecovery:
    """`number` and `executable_at_unix_s` are the ledger's, None before its event.

    `token_digest`, `public_key`: None of a proposal that nobody asked for here. `freeze_id`: the freeze it
    asked for; None when sending was stopped already, or may not be stopped again yet.
    """

    id: str
    member_id: str
    account_address: str
    token_digest: str | None
    signer_address: str
    public_key: str | None
    label: str
    way: RecoveryWay
    state: RecoveryState
    asked_at_unix_ms: int
    freeze_id: str | None
    decided_by: str | None
    ground: str | None
    number: int | None
    executable_at_unix_s: int | None
    attempts: int
    failure: str | None
    closed_at_unix_ms: int | None
    device_id: str | None
    revoked_device_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecoveryProgress:
    """What the phone that asked may know. `balance_cents` only once somebody has looked at who asks."""

    state: str
    request_number: str
    executable_at_unix_s: int | None
    balance_cents: int | None


@dataclass(frozen=True, slots=True)
class RecoveryCase:
    """One recovery as an officer sees it.

    `is_asked_for`: a second officer is to sign it. `may_object`: a key of the account is left that could.
    `is_contested`: an old key has answered within the last days. `others`: further open requests for the
    same account.
    """

    recovery: AccountRecovery
    balance_cents: int
    frozen_outgoing: bool
    takes_two: bool
    may_object: bool
    is_asked_for: bool
    is_contested: bool
    others: int
    identity_file_id: str | None
