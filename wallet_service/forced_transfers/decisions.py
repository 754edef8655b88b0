"""What may follow what in a transfer by order, and when it is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from wallet_service.forced_transfers.models import ForcedTransfer, ForcedTransferState

F = ForcedTransferState
#: The ledger's word wins over ours, hence failed -> proposed and proposed -> executed; back by a rewind only.
FORCED_TRANSITIONS: Mapping[ForcedTransferState, frozenset[ForcedTransferState]] = {
    F.ASKED: frozenset({F.PROPOSED, F.FAILED}),
    F.FAILED: frozenset({F.PROPOSED}),
    F.PROPOSED: frozenset({F.EXECUTING, F.EXECUTED, F.CANCELLED, F.ASKED}),
    F.EXECUTING: frozenset({F.EXECUTED, F.CANCELLED, F.PROPOSED, F.ASKED}),
    F.EXECUTED: frozenset({F.EXECUTING}),
    F.CANCELLED: frozenset(),
}
#: Those that may still take something.
UNDER_WAY = (F.ASKED, F.PROPOSED, F.EXECUTING)


def is_due(transfer: ForcedTransfer, now_unix_s: int) -> bool:
    """Whether the ledger would execute it now: it is announced, and its delay has passed."""
    due_unix_s = transfer.executable_at_unix_s
    return transfer.state is F.PROPOSED and due_unix_s is not None and due_unix_s <= now_unix_s
