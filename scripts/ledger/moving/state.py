"""What a ledger's events say of it, as far as a new deployment must know it. Pure: events in, state out.

Owns the meaning of each event here and the canonical text that is signed. Money in cents.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

NOBODY = "0x" + "00" * 20
OWN_KEY = 0
STOP_EVERYTHING = 1 | 2 | 4  # payments, issuing, redeeming
Event = tuple[str, dict[str, Any]]


@dataclass
class LedgerState:
    """`members` hold kind, tier, sector and the identity's last day; `signers` each key that may sign.

    `references` are those of euro credits that became money, with how much. Open is what somebody has
    still to end: proposals, and suspended keys and amounts held, which a move would let go. A state with any
    is not moved.
    """

    balances: dict[str, int] = field(default_factory=dict)
    members: dict[str, list[int]] = field(default_factory=dict)
    signers: dict[str, dict[str, int]] = field(default_factory=dict)
    freezes: dict[str, list[int]] = field(default_factory=dict)
    references: dict[str, int] = field(default_factory=dict)
    campaigns: dict[str, dict[str, Any]] = field(default_factory=dict)
    limits: dict[str, list[int]] = field(default_factory=dict)
    floors: dict[str, list[int]] = field(default_factory=dict)
    issuance: list[int] = field(default_factory=list)
    stops: int = 0
    open: dict[str, str] = field(default_factory=dict)

    @property
    def supply_cents(self) -> int:
        return sum(self.balances.values())

    def open_campaigns(self) -> dict[str, dict[str, Any]]:
        return {ref: one for ref, one in self.campaigns.items() if not one["closed"]}

    def text(self) -> str:
        """Canonical: the same state is the same bytes."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    def digest(self) -> str:
        return hashlib.sha256(self.text().encode()).hexdigest()


def fold(events: Iterable[Event]) -> LedgerState:
    """The state after these events, in their order."""
    state = LedgerState()
    for name, event in events:
        rule = _RULES.get(name)
        if rule is not None:
            rule(state, event)
    return state


def _transfer(state: LedgerState, event: dict[str, Any]) -> None:
    for account, change in ((event["from"], -event["value"]), (event["to"], event["value"])):
        if account == NOBODY:
            continue
        left = state.balances.get(account, 0) + change
        if left:
            state.balances[account] = left
        else:
            state.balances.pop(account, None)


def _enrolled(state: LedgerState, event: dict[str, Any]) -> None:
    _changed(state, event)
    state.signers[event["account"]] = {event["account"]: OWN_KEY}


def _changed(state: LedgerState, event: dict[str, Any]) -> None:
    line = [int(event[name]) for name in ("kind", "tier", "sector", "expiresAtDay")]
    state.members[event["account"]] = line


def _signer_added(state: LedgerState, event: dict[str, Any]) -> None:
    state.signers[event["account"]][event["signer"]] = int(event["signerKind"])


def _signer_removed(state: LedgerState, event: dict[str, Any]) -> None:
    state.signers[event["account"]].pop(event["signer"], None)


def _recovered(state: LedgerState, event: dict[str, Any]) -> None:
    state.signers[event["account"]] = {event["newSigner"]: int(event["signerKind"])}
    state.open.pop(f"recovery of {event['account']}", None)
    state.open.pop(f"suspended key of {event['account']}", None)


def _held(state: LedgerState, event: dict[str, Any]) -> None:
    rule = _opened if event["amount"] else _ended
    rule("amount held of", "account")(state, event)


def _frozen(state: LedgerState, event: dict[str, Any]) -> None:
    state.freezes[event["account"]] = [int(event["incoming"]), int(event["outgoing"]), int(event["until"])]


def _campaign_opened(state: LedgerState, event: dict[str, Any]) -> None:
    state.campaigns[event["ref"]] = {
        "funder": event["funder"],
        "rest": int(event["value"]),
        "closed": False,
        "halted_until": 0,
        "terms": event["terms"],
        "spent_by": {},
        "listed": [],
    }


def _benefit(state: LedgerState, event: dict[str, Any]) -> None:
    campaign = state.campaigns[event["campaign"]]
    campaign["rest"] -= event["value"]
    spent = campaign["spent_by"]
    spent[event["payer"]] = spent.get(event["payer"], 0) + event["value"]


def _campaign_closed(state: LedgerState, event: dict[str, Any]) -> None:
    state.campaigns[event["ref"]] |= {"closed": True, "rest": 0}


def _halted(state: LedgerState, event: dict[str, Any]) -> None:
    state.campaigns[event["campaign"]]["halted_until"] = int(event.get("until", 0))


def _listed(state: LedgerState, event: dict[str, Any]) -> None:
    listed, line = state.campaigns[event["campaign"]]["listed"], [event["account"], int(event["asPayer"])]
    if event["listed"] and line not in listed:
        listed.append(line)
    elif not event["listed"] and line in listed:
        listed.remove(line)


def _tier_rule(of: str, field_name: str) -> Any:
    def rule(state: LedgerState, event: dict[str, Any]) -> None:
        getattr(state, of)[str(event["tier"])] = [int(value) for value in event[field_name].values()]

    return rule


def _opened(what: str, key: str) -> Any:
    def rule(state: LedgerState, event: dict[str, Any]) -> None:
        state.open[f"{what} {event[key]}"] = str(event.get("value", ""))

    return rule


def _ended(what: str, key: str) -> Any:
    def rule(state: LedgerState, event: dict[str, Any]) -> None:
        state.open.pop(f"{what} {event[key]}", None)

    return rule


def _minted(state: LedgerState, event: dict[str, Any]) -> None:
    state.references[event["ref"]] = int(event["value"])
    state.open.pop(f"mint {event['ref']}", None)


def _issuance(state: LedgerState, event: dict[str, Any]) -> None:
    state.issuance = [int(event["attestationMaxAge"]), int(event["dailyMintQuota"])]


def _stops(state: LedgerState, event: dict[str, Any]) -> None:
    state.stops = int(event["stops"])


_RULES: dict[str, Any] = {
    "Transfer": _transfer,
    "MemberEnrolled": _enrolled,
    "MemberChanged": _changed,
    "SignerAdded": _signer_added,
    "LimitedSignerAdded": _signer_added,
    "SignerRemoved": _signer_removed,
    "RecoveryExecuted": _recovered,
    "RecoveryProposed": _opened("recovery of", "account"),
    "RecoveryVetoed": _ended("recovery of", "account"),
    "RecoveryCanceled": _ended("recovery of", "account"),
    "AmountHeld": _held,
    "KeySuspended": _opened("suspended key of", "account"),
    "KeyReleased": _ended("suspended key of", "account"),
    "Frozen": _frozen,
    "Unfrozen": lambda state, event: state.freezes.pop(event["account"], None),
    "Minted": _minted,
    "MintProposed": _opened("mint", "ref"),
    "MintWithdrawn": _ended("mint", "ref"),
    "RedemptionRequested": _opened("redemption", "ref"),
    "RedemptionCompleted": _ended("redemption", "ref"),
    "RedemptionReturned": _ended("redemption", "ref"),
    "ForcedTransferProposed": _opened("forced transfer", "number"),
    "ForcedTransferExecuted": _ended("forced transfer", "number"),
    "ForcedTransferCanceled": _ended("forced transfer", "number"),
    "CampaignOpened": _campaign_opened,
    "BenefitSpent": _benefit,
    "CampaignClosed": _campaign_closed,
    "CampaignHalted": _halted,
    "CampaignReleased": lambda state, event: _halted(state, event | {"until": 0}),
    "CampaignListed": _listed,
    "TierLimitsChanged": _tier_rule("limits", "limits"),
    "PasskeyFloorsChanged": _tier_rule("floors", "floors"),
    "IssuanceChanged": _issuance,
    "Stopped": _stops,
    "Resumed": _stops,
}
