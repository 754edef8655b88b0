"""The life of an attempt: begun, answered once, ended once. Pure."""

from __future__ import annotations

from wallet_service.identity.proofs.models import AttemptState

#: How long somebody may be away at a provider: to find a card and its code, not to go to bed over it.
ATTEMPT_LIFETIME_S = 900
#: Where a wallet asks for the request of an attempt, and where it answers; the attempt's handle follows.
REQUESTS_PATH, ANSWERS_PATH = "/v1/identity/wallet/requests", "/v1/identity/wallet/answers"

ATTEMPT_TRANSITIONS: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.BEGUN: frozenset({AttemptState.ANSWERED, AttemptState.ENDED}),
    AttemptState.ANSWERED: frozenset({AttemptState.ENDED}),
    AttemptState.ENDED: frozenset(),
}
