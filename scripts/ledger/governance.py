"""How slowly the dangerous is done: the named settings of delays, second officers and approvals.

Owns the table; deployment writes it into the AccessManager and the ledger, verification reads it back.

The demonstration must show a whole recovery while somebody watches; an environment with people's money must
leave them days to object.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

HOUR_S = 3_600
DAY_S = 24 * HOUR_S
# Chains nobody but the operator reaches: a laptop, a test, validators that share one machine.
DEMONSTRATION_NETWORKS = ("embedded", "development", "rehearsal")


class GovernanceRefused(Exception):
    """The named setting cannot be used here; the message is one sentence for the operator."""


@dataclass(frozen=True)
class Governance:
    """One named setting. `rules_delay_s` and `code_delay_s` are the governors' announcement times."""

    name: str
    rules_delay_s: int  # tier limits, issuance, safeguards
    code_delay_s: int  # upgrades, roles, everything else of the AccessManager
    second_officer_from_cents: int
    recovery_delay_s: int
    forced_transfer_delay_s: int
    resume_approvals: int

    def delay_s(self, which: str | None) -> int:
        """The delay a power names: "rules", "code" or None for none."""
        return {"rules": self.rules_delay_s, "code": self.code_delay_s, None: 0}[which]

    def safeguards(self) -> tuple[int, int, int, int]:
        """The struct `setSafeguards` takes."""
        return (
            self.second_officer_from_cents,
            self.recovery_delay_s,
            self.forced_transfer_delay_s,
            self.resume_approvals,
        )

    def as_json(self) -> dict[str, object]:
        """What the deployment file keeps."""
        return asdict(self)


DEMONSTRATION = Governance(
    name="demonstration",
    rules_delay_s=0,
    code_delay_s=0,
    second_officer_from_cents=100_000_00,
    recovery_delay_s=60,
    forced_transfer_delay_s=60,
    resume_approvals=1,
)
PRODUCTION = Governance(
    name="production",
    rules_delay_s=2 * DAY_S,
    code_delay_s=7 * DAY_S,
    second_officer_from_cents=100_000_00,
    recovery_delay_s=3 * DAY_S,
    forced_transfer_delay_s=3 * DAY_S,
    resume_approvals=2,
)
SETTINGS = {setting.name: setting for setting in (DEMONSTRATION, PRODUCTION)}


def governance_for(network_name: str, requested: str) -> Governance:
    """Return the setting named `requested`, or the network's own when it is empty.

    Raises GovernanceRefused for an unknown name, and for the demonstration's on a network others reach.
    """
    name = requested or (DEMONSTRATION if network_name in DEMONSTRATION_NETWORKS else PRODUCTION).name
    setting = SETTINGS.get(name)
    if setting is None:
        raise GovernanceRefused(f"there is no governance setting {name}: {', '.join(SETTINGS)}")
    if setting is DEMONSTRATION and network_name not in DEMONSTRATION_NETWORKS:
        raise GovernanceRefused(f"the demonstration's delays are not for the network {network_name}")
    return setting
