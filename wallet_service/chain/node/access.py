"""What speaks for one deployment on one chain, handed to whoever sends to it or reads from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wallet_service.chain.ledger.codec import LedgerCodec
from wallet_service.chain.ledger.deployment import Deployment
from wallet_service.chain.node.client import NodeClient
from wallet_service.chain.node.profile import ChainProfile


@dataclass(frozen=True, slots=True)
class ChainAccess:
    """What speaks for one deployment on one chain.

    `forget_transactions` drops an address's transactions from the node's pool, where the node is our own.
    """

    client: NodeClient
    codec: LedgerCodec
    deployment: Deployment
    profile: ChainProfile
    forget_transactions: Callable[[str], None] | None = None
