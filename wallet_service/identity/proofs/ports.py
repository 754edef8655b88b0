"""What this subject asks of whoever says who somebody is. Protocols only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from wallet_service.identity.proofs.models import BegunAttempt, Offer, ProvenIdentity


class IdentityProvider(Protocol):
    """Papers, FranceConnect, a European wallet: each says what it takes and what it gives."""

    @property
    def offer(self) -> Offer: ...


class RemoteProvider(IdentityProvider, Protocol):
    """A provider the person is sent to, and whose answer is judged here. Called with no transaction open."""

    def begin(self, *, is_elsewhere: bool) -> BegunAttempt:
        """`is_elsewhere`: another device is to answer. Raises ProviderUnreachable."""
        ...

    def public_keys(self) -> list[dict[str, Any]]:
        """As JWK (RFC 7517): to be published where the provider was told; empty: it encrypts nothing."""
        ...

    def request(self, handle: str, secrets: Mapping[str, str]) -> str:
        """What a wallet asks us for before it answers. Raises ProviderOff where there is no such thing."""
        ...

    def prove(self, secrets: Mapping[str, str], answer: Mapping[str, str]) -> ProvenIdentity:
        """What the answer proves.

        Raises ProofDeclined, ProviderUnreachable, ProviderRefused, ProofSignatureInvalid, ProofNotForUs,
        ProofNonceInvalid, ProofOutOfDate, ProofLevelTooLow, ProofIncomplete.
        """
        ...
