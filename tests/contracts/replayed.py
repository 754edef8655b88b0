"""The ledger's state from its events alone, as an indexer would have it. Used by test_events.py.

Owns a second writing of what each event means; asks the ledger nothing but its logs.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import eth_abi
from brownie import web3
from eth_utils import keccak, to_checksum_address

from scripts.ledger.build import canonical_type, merged_abi, signature_of

NOBODY = "0x" + "00" * 20
EVENTS = {keccak(text=signature_of(entry)): entry for entry in merged_abi() if entry["type"] == "event"}


def events_of(ledger: str, first_block: int) -> list[tuple[str, dict[str, Any]]]:
    """(name, arguments) of every log of the ledger since that block. Raises KeyError for an unknown event."""
    logs = web3.eth.get_logs({"address": ledger, "fromBlock": first_block, "toBlock": "latest"})
    return [_decoded(log) for log in sorted(logs, key=lambda log: (log["blockNumber"], log["logIndex"]))]


def _decoded(log: Any) -> tuple[str, dict[str, Any]]:
    entry = EVENTS[bytes(log["topics"][0])]
    indexed = [part for part in entry["inputs"] if part["indexed"]]
    plain = [part for part in entry["inputs"] if not part["indexed"]]
    values = {
        part["name"]: _plain(part, eth_abi.decode([part["type"]], bytes(topic))[0])
        for part, topic in zip(indexed, log["topics"][1:], strict=True)
    }
    found = eth_abi.decode([canonical_type(part) for part in plain], bytes(log["data"]))
    values |= {part["name"]: _plain(part, value) for part, value in zip(plain, found, strict=True)}
    return name_of(entry), values


def name_of(entry: dict[str, Any]) -> str:
    """An event's name; ERC-7943 calls two things by one."""
    return "AmountHeld" if signature_of(entry) == "Frozen(address,uint256)" else str(entry["name"])


def _plain(part: dict[str, Any], value: Any) -> Any:
    return to_checksum_address(value) if part["type"] == "address" else value


class Replayed:
    """What the events say. Money in cents."""

    def __init__(self, ledger: str) -> None:
        self.ledger = ledger
        self.balances: defaultdict[str, int] = defaultdict(int)
        self.minted = self.burned = 0
        self.mint_refs: set[bytes] = set()
        self.members: dict[str, tuple[int, int, int, int]] = {}
        self.signers: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self.freezes: dict[str, tuple[bool, bool, int]] = {}
        self.held: dict[str, int] = {}
        self.stops = 0
        self.limits: dict[int, tuple[int, ...]] = {}
        self.floors: dict[int, tuple[int, ...]] = {}
        self.issuance: tuple[int, int] = (0, 0)
        self.safeguards: tuple[int, ...] = ()
        self.reserve: tuple[int, int, bytes, str] = (0, 0, b"", NOBODY)
        self.paid_out = 0
        self.redemptions: dict[bytes, tuple[str, int, int]] = {}
        self.suspensions: dict[str, tuple[str, int]] = {}
        self.outcomes: dict[bytes, tuple[str, bool]] = {}
        self.recoveries: dict[str, tuple[int, str, int, int]] = {}
        self.forced: dict[int, tuple[str, str, int, int, int]] = {}
        self.campaigns: dict[bytes, dict[str, Any]] = {}
        self.benefits: defaultdict[tuple[bytes, str], int] = defaultdict(int)
        self.lists: dict[tuple[bytes, str, bool], bool] = {}
        self.halts: dict[bytes, int] = {}
        self.proposals: dict[bytes, tuple[str, str, int, int]] = {}

    def apply(self, name: str, event: dict[str, Any]) -> None:
        """One event; those without a method change nothing that another has not said."""
        method = getattr(self, f"on_{name}", None)
        if method is not None:
            method(**{_python_name(argument): value for argument, value in event.items()})

    def on_AmountHeld(self, account: str, amount: int) -> None:
        self.held[account] = amount

    def on_Transfer(self, from_: str, to: str, value: int) -> None:
        self.balances[from_] -= value
        self.balances[to] += value
        self.minted += value if from_ == NOBODY else 0
        self.burned += value if to == NOBODY else 0

    def on_Minted(self, ref: bytes, **_: Any) -> None:
        self.mint_refs.add(ref)
        self.proposals.pop(ref, None)

    def on_MintProposed(self, to: str, ref: bytes, value: int, issuer: str, expiresAt: int) -> None:
        self.proposals[ref] = (issuer, to, value, expiresAt)

    def on_MintWithdrawn(self, ref: bytes, issuer: str) -> None:
        del self.proposals[ref]

    def on_MemberEnrolled(self, account: str, kind: int, tier: int, sector: int, expiresAtDay: int) -> None:
        self.members[account] = (kind, tier, sector, expiresAtDay)
        self.signers[account][account] = 0

    def on_MemberChanged(self, account: str, kind: int, tier: int, sector: int, expiresAtDay: int) -> None:
        self.members[account] = (kind, tier, sector, expiresAtDay)

    def on_SignerAdded(self, account: str, signer: str, signerKind: int, **_: Any) -> None:
        self.signers[account][signer] = signerKind

    def on_LimitedSignerAdded(self, account: str, signer: str, signerKind: int, **_: Any) -> None:
        self.signers[account][signer] = signerKind

    def on_SignerRemoved(self, account: str, signer: str) -> None:
        del self.signers[account][signer]

    def on_RecoveryExecuted(self, account: str, number: int, newSigner: str, signerKind: int) -> None:
        self.signers[account] = {newSigner: signerKind}
        self.suspensions[account] = (NOBODY, 0)
        del self.recoveries[account]

    def on_RecoveryProposed(
        self, account: str, number: int, newSigner: str, signerKind: int, executableAt: int, **_: Any
    ) -> None:
        self.recoveries[account] = (number, newSigner, signerKind, executableAt)

    def on_RecoveryVetoed(self, account: str, **_: Any) -> None:
        del self.recoveries[account]

    def on_RecoveryCanceled(self, account: str, **_: Any) -> None:
        del self.recoveries[account]

    def on_Frozen(self, account: str, incoming: bool, outgoing: bool, until: int, **_: Any) -> None:
        self.freezes[account] = (incoming, outgoing, until)

    def on_Unfrozen(self, account: str, **_: Any) -> None:
        self.freezes.pop(account, None)

    def on_KeySuspended(self, account: str, signer: str, until: int, **_: Any) -> None:
        self.suspensions[account] = (signer, until)

    def on_KeyReleased(self, account: str, **_: Any) -> None:
        self.suspensions[account] = (NOBODY, 0)

    def on_Stopped(self, what: int, stops: int) -> None:
        self.stops = stops

    def on_Resumed(self, what: int, stops: int) -> None:
        self.stops = stops

    def on_TierLimitsChanged(self, tier: int, limits: tuple[int, ...]) -> None:
        self.limits[tier] = limits

    def on_PasskeyFloorsChanged(self, tier: int, floors: tuple[int, ...]) -> None:
        self.floors[tier] = floors

    def on_IssuanceChanged(self, attestationMaxAge: int, dailyMintQuota: int) -> None:
        self.issuance = (attestationMaxAge, dailyMintQuota)

    def on_SafeguardsChanged(self, settings: tuple[int, ...]) -> None:
        self.safeguards = settings

    def on_ReserveAttested(
        self, amount: int, asOf: int, statementHash: bytes, attester: str, **_: Any
    ) -> None:
        self.reserve = (amount, asOf, statementHash, attester)

    def on_PayoutsAttested(self, paidOut: int) -> None:
        self.paid_out = paidOut

    def on_RedemptionRequested(self, account: str, ref: bytes, value: int, **_: Any) -> None:
        self.redemptions[ref] = (account, value, 1)

    def on_OutcomeAttested(self, ref: bytes, paid: bool, attester: str) -> None:
        self.outcomes[ref] = (attester, paid)

    def on_RedemptionCompleted(self, ref: bytes, account: str, value: int) -> None:
        self.redemptions[ref] = (account, value, 2)

    def on_RedemptionReturned(self, ref: bytes, account: str, value: int, **_: Any) -> None:
        self.redemptions[ref] = (account, value, 3)

    def on_ForcedTransferProposed(
        self, number: int, from_: str, to: str, value: int, executableAt: int, **_: Any
    ) -> None:
        self.forced[number] = (from_, to, value, executableAt, 1)

    def on_ForcedTransferExecuted(self, number: int, **_: Any) -> None:
        self.forced[number] = (*self.forced[number][:4], 2)

    def on_ForcedTransferCanceled(self, number: int, **_: Any) -> None:
        self.forced[number] = (*self.forced[number][:4], 3)

    def on_CampaignOpened(self, ref: bytes, funder: str, value: int, terms: tuple[Any, ...]) -> None:
        self.campaigns[ref] = {"funder": funder, "funded": value, "spent": 0, "closed": False, "terms": terms}

    def on_CampaignListed(self, campaign: bytes, account: str, asPayer: bool, listed: bool) -> None:
        self.lists[(campaign, account, asPayer)] = listed

    def on_BenefitSpent(self, campaign: bytes, payer: str, value: int, **_: Any) -> None:
        self.campaigns[campaign]["spent"] += value
        self.benefits[(campaign, payer)] += value

    def on_CampaignHalted(self, campaign: bytes, until: int, **_: Any) -> None:
        self.halts[bytes(campaign)] = until

    def on_CampaignReleased(self, campaign: bytes, **_: Any) -> None:
        self.halts[bytes(campaign)] = 0

    def on_CampaignClosed(self, ref: bytes, **_: Any) -> None:
        self.campaigns[ref]["closed"] = True


def _python_name(argument: str) -> str:
    return "from_" if argument == "from" else argument
