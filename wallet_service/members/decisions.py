"""Rules about members, as pure functions and tables: states, tiers, kinds, labels. No SQL, no clock."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

from wallet_service.members.errors import MemberStateRefused, TierChangeRefused
from wallet_service.protocol.text.lines import one_line, without_marks

MAX_NAME_LENGTH = 60
MAX_PUBLIC_NAME_LENGTH = 120
MAX_DESCRIPTION_LENGTH = 200
MAX_LABEL_LENGTH = 60
#: From this balance on, and for a frozen account, a further phone is a recovery: announced, open to a veto,
#: and signed by two. Below it one officer who has seen its owner gives a code.
CODE_BELOW_CENTS = 500_00
DEFAULT_DEVICE_LABEL = "Cet appareil"
MAX_ADDRESS_LENGTH = 200
SECONDS_PER_DAY = 86_400
#: Strangers' wallets that may wait for the ledger at once: some seconds of its work. One address opens at
#: most 60 in ten minutes (faces.shell.rate_limits.WALLET_CREATION).
MAX_WAITING_ENROLMENTS = 2_000


class Kind(StrEnum):
    RESIDENT = "resident"
    MERCHANT = "merchant"
    ASSOCIATION = "association"
    TREASURY = "treasury"


class Tier(StrEnum):
    NONE = "none"
    VISITOR = "visitor"
    DECLARED = "declared"
    VERIFIED = "verified"
    PROFESSIONAL = "professional"


class MemberState(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    CLOSED = "closed"


class DeviceState(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    REVOKED = "revoked"


class TillState(StrEnum):
    ACTIVE = "active"
    REVOKED = "revoked"


#: The ledger's numbers (uint8), by word.
KIND_NUMBERS = {Kind.RESIDENT: 1, Kind.MERCHANT: 2, Kind.ASSOCIATION: 3, Kind.TREASURY: 4}
TIER_NUMBERS = {Tier.NONE: 0, Tier.VISITOR: 1, Tier.DECLARED: 2, Tier.VERIFIED: 3, Tier.PROFESSIONAL: 4}
PROFESSIONAL_KINDS = frozenset({Kind.MERCHANT, Kind.ASSOCIATION, Kind.TREASURY})

MEMBER_TRANSITIONS: dict[MemberState, frozenset[MemberState]] = {
    MemberState.PENDING: frozenset({MemberState.ACTIVE, MemberState.CLOSED}),
    MemberState.ACTIVE: frozenset({MemberState.CLOSED}),
    MemberState.CLOSED: frozenset(),
}
DEVICE_TRANSITIONS: dict[DeviceState, frozenset[DeviceState]] = {
    DeviceState.PENDING: frozenset({DeviceState.ACTIVE, DeviceState.REVOKED}),
    DeviceState.ACTIVE: frozenset({DeviceState.REVOKED}),
    DeviceState.REVOKED: frozenset(),
}
TILL_TRANSITIONS: dict[TillState, frozenset[TillState]] = {
    TillState.ACTIVE: frozenset({TillState.REVOKED}),
    TillState.REVOKED: frozenset(),
}
#: What the registrar may ask of the ledger (CMF R561-16-1 and after): up by proof, down when a proof
#: expires. `none` is an account the chain has not enrolled yet: the command queues behind its enrolment.
TIER_CHANGES: dict[Tier, frozenset[Tier]] = {
    Tier.NONE: frozenset({Tier.DECLARED, Tier.VERIFIED}),
    Tier.VISITOR: frozenset({Tier.DECLARED, Tier.VERIFIED}),
    Tier.DECLARED: frozenset({Tier.DECLARED, Tier.VERIFIED}),
    Tier.VERIFIED: frozenset({Tier.DECLARED, Tier.VERIFIED}),
    Tier.PROFESSIONAL: frozenset({Tier.PROFESSIONAL}),
}


@dataclass(frozen=True)
class PersonIdentity:
    """What a person declares. Personal: only ever kept sealed."""

    given_name: str
    family_name: str
    birth_date: str  # ISO date
    address: str
    postal_code: str
    city: str

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()

    @staticmethod
    def from_bytes(data: bytes) -> PersonIdentity:
        return PersonIdentity(**json.loads(data))

    def short_name(self) -> str:
        """``Camille R.``: first name and initial, what a counterparty may see."""
        return f"{self.given_name} {self.family_name[:1].upper()}."


@dataclass(frozen=True)
class ProfessionalIdentity:
    """What a professional proves. The representative is a person: only ever kept sealed."""

    siret: str
    representative_given_name: str
    representative_family_name: str

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()

    @staticmethod
    def from_bytes(data: bytes) -> ProfessionalIdentity:
        return ProfessionalIdentity(**json.loads(data))


def check_member_transition(state: MemberState, target: MemberState) -> None:
    """Raises MemberStateRefused for any transition not in the table."""
    if target not in MEMBER_TRANSITIONS[state]:
        raise MemberStateRefused(state=state.value)


def check_tier_change(tier: Tier, target: Tier) -> None:
    """Raises TierChangeRefused for any change not in the table."""
    if target not in TIER_CHANGES[tier]:
        raise TierChangeRefused(tier=tier.value, wanted=target.value)


def sector_number(division: str | None) -> int:
    """The ledger's uint16 for a NAF division ("47" -> 47); 0 for a person."""
    return int(division) if division else 0


def day_number(day: date) -> int:
    """Days since 1970-01-01, as on chain."""
    return (day - date(1970, 1, 1)).days


def is_expired(expires_on_day: int | None, now_unix_s: int) -> bool:
    """Expired from the first second of that day on, as the ledger has it.

    Block.timestamp / 86400 >= expiresAtDay.
    """
    return bool(expires_on_day) and now_unix_s // SECONDS_PER_DAY >= (expires_on_day or 0)


_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’\-.])*")


def clean_name(text: str) -> str | None:
    """A person's name in composed form with plain spaces, or None when it is not one.

    A name has letters and their marks, spaces, hyphens, apostrophes, points.
    """
    name = one_line(text) or ""
    is_name = _NAME.fullmatch(without_marks(name)) is not None and without_marks(name[:1]) != ""
    return name if is_name and len(name) <= MAX_NAME_LENGTH else None


def clean_line(text: str, max_length: int) -> str | None:
    """One printable line, or None when empty, too long or holding what is not seen."""
    line = one_line(text) or ""
    return line if 0 < len(line) <= max_length else None
