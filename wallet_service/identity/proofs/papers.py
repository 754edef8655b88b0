"""Papers as one provider among others: what an officer looks at (identity.service has the acts)."""

from __future__ import annotations

from wallet_service.identity.proofs.models import NEEDED_CLAIMS, AssuranceLevel, Offer, ProviderName


class Papers:
    """Always on: nobody must have an account elsewhere to be somebody here."""

    offer = Offer(
        provider=ProviderName.PAPERS,
        takes=(*NEEDED_CLAIMS, "address", "document"),
        keeps=(*NEEDED_CLAIMS, "address", "document"),
        level=AssuranceLevel.SEEN,
        is_immediate=False,
    )
