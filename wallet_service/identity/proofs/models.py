"""What a provider of identities asks and gives, and what is known of an identity that was proved."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ProviderName(StrEnum):
    PAPERS = "papers"
    FRANCE_CONNECT = "france_connect"
    EUROPEAN_WALLET = "european_wallet"


class AssuranceLevel(StrEnum):
    """How sure it is: papers an officer saw; eIDAS substantial or high (Regulation (EU) 910/2014, art. 8)."""

    SEEN = "seen"
    SUBSTANTIAL = "substantial"
    HIGH = "high"


class AttemptState(StrEnum):
    BEGUN = "begun"
    ANSWERED = "answered"
    ENDED = "ended"


#: What a tier needs to know of a person, whoever says it.
NEEDED_CLAIMS = ("given_name", "family_name", "birth_date")


@dataclass(frozen=True)
class Offer:
    """What a person is told before they begin.

    Attributes:
        takes: what they hand over or let be handed over, by name.
        keeps: what of it stays with us, sealed.
        level: how sure the proof is.
        is_immediate: the tier rises at once; otherwise an officer decides first.
        can_show_code: another device may answer, by a code this one shows.
    """

    provider: ProviderName
    takes: tuple[str, ...]
    keeps: tuple[str, ...]
    level: AssuranceLevel
    is_immediate: bool
    can_show_code: bool = False


@dataclass(frozen=True)
class BegunAttempt:
    """Where the person goes now, and what must be remembered until the answer comes.

    `handle` is how the answer names the attempt: secret until then. `secrets` are kept sealed.
    """

    handle: str = field(repr=False)
    address: str = field(repr=False)
    secrets: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class ProvenIdentity:
    """What a provider says of a person. Personal.

    `subject` is the provider's own name for the person, its issuer's with it, None where it has none.
    `session_end_address` is where the provider's session is ended; it holds
    the provider's token, so it goes to that person alone.
    """

    provider: ProviderName
    level: AssuranceLevel
    subject: str | None
    given_names: str
    family_name: str
    birth_date: str
    session_end_address: str | None = None


@dataclass(frozen=True)
class ProofSummary:
    """How a member's identity was proved last. Nothing personal."""

    provider: ProviderName
    level: AssuranceLevel
    proved_at_unix_ms: int


@dataclass(frozen=True)
class StartedAttempt:
    """What the page needs to send somebody on; `browser_token` goes into that browser's cookie alone."""

    provider: ProviderName
    address: str
    browser_token: str = field(repr=False)
    expires_at_unix_ms: int = 0


@dataclass(frozen=True)
class EndedAttempt:
    """What became of it for who was proved."""

    summary: ProofSummary
    expires_on: str
    session_end_address: str | None


#: How long somebody may be away at a provider: to find a card and its code, not to go to bed over it.
ATTEMPT_LIFETIME_S = 900
#: Where a wallet asks for the request of an attempt, and where it answers; the attempt's handle follows.
REQUESTS_PATH, ANSWERS_PATH = "/v1/identity/wallet/requests", "/v1/identity/wallet/answers"
#: The life of an attempt: begun, answered once, ended once.
ATTEMPT_TRANSITIONS: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.BEGUN: frozenset({AttemptState.ANSWERED, AttemptState.ENDED}),
    AttemptState.ANSWERED: frozenset({AttemptState.ENDED}),
    AttemptState.ENDED: frozenset(),
}
