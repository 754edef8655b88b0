"""The ledger's roles that this service may hold keys of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Role = Literal[
    "ISSUER",
    "ATTESTER",
    "REGISTRAR",
    "COMPLIANCE",
    "PAUSER",
    "GOVERNOR",
    "RELAYER",
    "SECOND_ISSUER",
]


ROLES: tuple[Role, ...] = (
    "ISSUER",
    "ATTESTER",
    "REGISTRAR",
    "COMPLIANCE",
    "PAUSER",
    "GOVERNOR",
    "RELAYER",
    "SECOND_ISSUER",
)
#: Has no role on the ledger.
UNPRIVILEGED = "RELAYER"
#: A further key of the ledger's role: it approves the mints the first one proposes.
FURTHER = {"SECOND_ISSUER": "ISSUER"}


def ledger_holders(addresses: Mapping[str, str]) -> dict[str, object]:
    """Who holds what, as the deployment reads it: one key for each role, and the further ones."""
    apart = {UNPRIVILEGED, *FURTHER}
    further: dict[str, list[str]] = {}
    for name, role in FURTHER.items():
        if name in addresses:
            further.setdefault(role, []).append(addresses[name])
    return {**{role: address for role, address in addresses.items() if role not in apart}, "further": further}
