"""Words of what a member is; the chain's numbers for them stand in chain.ports."""

from __future__ import annotations

#: Those who sell in public: visitors may pay only these (CMF R561-16-1), and only these redeem (L311-5).
PROFESSIONAL_KINDS = frozenset({"merchant", "association", "treasury"})
