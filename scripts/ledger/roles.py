"""Which role may call which function of the ledger, and after which announcement. Owns that one table.

Deployment writes it into the AccessManager, verification reads it back, the access tests judge every
function by it. A restricted function that stands in no row belongs to GOVERNOR: AccessManager's default is
its admin role.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from eth_utils.address import is_hex_address, to_checksum_address

ZERO_ADDRESS = "0x" + "00" * 20
FURTHER = "further"


class RolesRefused(Exception):
    """The given role addresses cannot be used; the message is one sentence for the operator."""


@dataclass(frozen=True)
class Power:
    """One role of the AccessManager: its number, the functions it alone may call, and what it waits for.

    `delay` names a delay of the governance setting; `guarded` powers' announcements the PAUSER may withdraw.
    """

    label: str
    number: int
    functions: tuple[str, ...]
    delay: str | None = None
    guarded: bool = False


@dataclass(frozen=True)
class Role:
    """Who holds keys: one of the six, with one power or, the governors, several."""

    name: str
    powers: tuple[Power, ...]

    @property
    def number(self) -> int:
        """The number of the role's first power."""
        return self.powers[0].number

    @property
    def functions(self) -> tuple[str, ...]:
        """All the role may call."""
        return tuple(name for power in self.powers for name in power.functions)


def _officer(name: str, number: int, *functions: str) -> Role:
    return Role(name, (Power(name, number, functions),))


ISSUER = _officer(
    "ISSUER",
    1,
    "mint",
    "proposeMint",
    "approveMint",
    "withdrawMint",
    "completeRedemption",
    "returnRedemption",
)
ATTESTER = _officer("ATTESTER", 2, "attestReserve", "attestOutcome")
REGISTRAR = _officer(
    "REGISTRAR",
    3,
    "enrol",
    "enrolMany",
    "setMember",
    "addSigner",
    "addLimitedSigner",
    "removeSigner",
    "proposeRecovery",
    "cancelRecovery",
    "listForCampaign",
)
COMPLIANCE = _officer(
    "COMPLIANCE",
    4,
    "freeze",
    "unfreeze",
    "suspendKey",
    "releaseKey",
    "proposeForcedTransfer",
    "cancelForcedTransfer",
    "executeForcedTransfer",
    "haltCampaign",
    "releaseCampaign",
    "setFrozenTokens",
    "forcedTransfer",
)
PAUSER = _officer("PAUSER", 5, "stop", "haltRecovery", "haltForcedTransfer")
# Delays belong to a role and its holder, so what governors do at different speeds are different powers of
# theirs. Number 0 is the AccessManager's admin role: it grants and revokes every other.
ROLES_POWER = Power("GOVERNOR", 0, (), delay="code")
RULES_POWER = Power(
    "GOVERNOR_RULES",
    6,
    ("setTierLimits", "setPasskeyFloors", "setIssuance", "setSafeguards"),
    delay="rules",
    guarded=True,
)
CODE_POWER = Power("GOVERNOR_CODE", 7, ("upgradeToAndCall",), delay="code", guarded=True)
RESUME_POWER = Power("GOVERNOR_RESUME", 8, ("resume",))
GOVERNOR = Role("GOVERNOR", (ROLES_POWER, RULES_POWER, CODE_POWER, RESUME_POWER))

ROLES = (ISSUER, ATTESTER, REGISTRAR, COMPLIANCE, PAUSER, GOVERNOR)
# Of these there may be several keys: a second issuer approves large mints, governors resume together.
SEVERAL = (ISSUER.name, GOVERNOR.name)


@dataclass(frozen=True)
class Holders:
    """Who holds what: one key for each role, and further keys for some."""

    first: dict[str, str]
    further: dict[str, list[str]] = field(default_factory=dict)

    def of(self, role: str) -> list[str]:
        """Every key of a role."""
        return [self.first[role], *self.further.get(role, [])]

    def everybody(self) -> list[str]:
        """Every key of every role."""
        return [key for role in self.first for key in self.of(role)]


def read_holders(path: Path) -> Holders:
    """Return who holds which role from a JSON file.

    ``{"ISSUER": address, ... six of them, "further": {"GOVERNOR": [address, ...], "ISSUER": [...]}}``; the
    last may be left out. Raises RolesRefused when a role is missing or unknown, an address is not one, or
    two keys are the same.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise RolesRefused(f"the file of role addresses {path} cannot be read: {fault}") from fault
    if not isinstance(given, Mapping):
        raise RolesRefused(f"the file of role addresses {path} does not hold an object")
    first = checked_role_addresses({name: value for name, value in given.items() if name != FURTHER})
    return Holders(first, checked_further(given.get(FURTHER, {}), first))


def checked_role_addresses(given: Mapping[str, object]) -> dict[str, str]:
    """Return the addresses of all six roles, checksummed; raises RolesRefused with what is wrong."""
    names = {role.name for role in ROLES}
    if set(given) != names:
        differing = ", ".join(sorted(set(given) ^ names))
        raise RolesRefused(f"exactly the six roles must be given; missing or unknown: {differing}")
    addresses: dict[str, str] = {}
    for role in ROLES:
        address = _checked_address(role.name, given[role.name])
        _refuse_shared(role.name, address, addresses)
        addresses[role.name] = address
    return addresses


def checked_further(given: object, first: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the further keys by role, checksummed; raises RolesRefused with what is wrong."""
    if not isinstance(given, Mapping) or not set(given) <= set(SEVERAL):
        raise RolesRefused(f"further keys may be given for {' and '.join(SEVERAL)} only")
    taken = dict(first)
    further: dict[str, list[str]] = {}
    for role, keys in given.items():
        if not isinstance(keys, list):
            raise RolesRefused(f"the further keys of {role} are not a list")
        further[role] = []
        for index, value in enumerate(keys, start=2):
            name = f"{role} {index}"
            address = _checked_address(name, value)
            _refuse_shared(name, address, taken)
            taken[name] = address
            further[role].append(address)
    return further


def _checked_address(name: str, value: object) -> str:
    if not isinstance(value, str) or not is_hex_address(value) or int(value, 16) == 0:
        raise RolesRefused(f"{name} is not an address: {value}")
    return to_checksum_address(value)


def _refuse_shared(name: str, address: str, taken: Mapping[str, str]) -> None:
    for other, used in taken.items():
        if used == address:
            raise RolesRefused(f"{name} and {other} are the same key {address}; roles must be apart")
