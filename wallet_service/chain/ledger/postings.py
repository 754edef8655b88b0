"""Double entry from the ledger's own events: every Transfer is two legs that sum to zero. Pure.

The zero address stands for the issuer, the ledger's own address for units locked by redemptions. The
event that explains a Transfer (PaymentSettled, Minted, ...) directly follows it in the same transaction;
a Transfer without one is a plain ERC-20 or EIP-3009 transfer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wallet_service.chain.ports import ChainEvent
from wallet_service.protocol.signing.addresses import ZERO_ADDRESS

#: The explaining event's name, and the kind of posting it makes of the Transfer before it.
_EXPLAINED_BY = {
    "PaymentSettled": "payment",
    "Minted": "mint",
    "RedemptionRequested": "lock",
    "RedemptionCompleted": "burn",
    "RedemptionReturned": "return",
}


@dataclass(frozen=True, slots=True)
class Posting:
    block_number: int
    log_index: int
    leg: int
    account: str
    amount_cents: int
    kind: str
    ref: str | None
    block_timestamp_unix_s: int


def postings_of(events: Sequence[ChainEvent]) -> list[Posting]:
    """`events` must be whole blocks, in order."""
    postings: list[Posting] = []
    for index, event in enumerate(events):
        if event.name != "Transfer":
            continue
        following = events[index + 1] if index + 1 < len(events) else None
        kind, ref = _explanation(event, following)
        value_cents = int(event.arguments["value"])
        for leg, account, amount_cents in (
            (0, event.arguments["from"], -value_cents),
            (1, event.arguments["to"], value_cents),
        ):
            postings.append(
                Posting(
                    event.block_number,
                    event.log_index,
                    leg,
                    account,
                    amount_cents,
                    kind,
                    ref,
                    event.block_timestamp_unix_s,
                )
            )
    return postings


def _explanation(transfer: ChainEvent, following: ChainEvent | None) -> tuple[str, str | None]:
    if (
        following is not None
        and following.name in _EXPLAINED_BY
        and following.transaction_hash == transfer.transaction_hash
        and following.log_index == transfer.log_index + 1
        and following.arguments["value"] == transfer.arguments["value"]
    ):
        return _EXPLAINED_BY[following.name], str(following.arguments["ref"])
    if transfer.arguments["from"] == ZERO_ADDRESS:
        return "mint", None
    if transfer.arguments["to"] == ZERO_ADDRESS:
        return "burn", None
    return "transfer", None


def changes_by_account(postings: Iterable[Posting]) -> dict[str, int]:
    """Net cents per account, sorted by account so that two writers lock rows in one order.

    Zero sums left out.
    """
    sums: defaultdict[str, int] = defaultdict(int)
    for posting in postings:
        sums[posting.account] += posting.amount_cents
    return {account: sums[account] for account in sorted(sums) if sums[account] != 0}
