"""Chain engines are data: one small JSON file each. The service does not know which one it talks to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

PROFILES = Path(__file__).parent / "profiles"
#: Kinds of validators' lists: `validations` of a profile.
NO_END, PLATFORM_LIST = "", "platform"
GAS_PER_SETTLEMENT = 200_000  # the transaction itself, calldata of a few items, and slack


class ProfileInvalid(Exception):
    """A profile is missing or says something impossible; the sentence names it."""


@dataclass(frozen=True, slots=True)
class ChainProfile:
    """What differs between engines.

    `finality_depth` is how many blocks must stand above one before it counts: 0 where the latest block is
    final. `gas_per_payment` is a cautious budget per kind of signature: a batch that runs out of gas
    reverts whole. `validations` names the kind of list that says until when each node validates, NO_END
    where validations do not end.
    """

    name: str
    rpc_urls: tuple[str, ...]
    chain_id: int
    gas_price_wei: int
    max_batch_gas: int
    finality_depth: int
    max_inflight_per_sender: int
    receipt_timeout_s: int
    request_timeout_s: float
    max_block_range: int
    gas_per_payment: dict[str, int] = field(hash=False)
    validations: str = NO_END

    def __post_init__(self) -> None:
        if not self.rpc_urls:
            raise ProfileInvalid(f"chain profile {self.name}: no node address; set ALBA_RPC_URL")
        for name in ("chain_id", "max_batch_gas", "max_inflight_per_sender", "max_block_range"):
            if getattr(self, name) < 1:
                raise ProfileInvalid(f"chain profile {self.name}: {name} must be positive")
        if self.gas_price_wei < 0 or self.finality_depth < 0 or self.request_timeout_s <= 0:
            raise ProfileInvalid(f"chain profile {self.name}: a number is below its minimum")
        if set(self.gas_per_payment) != {"secp256k1", "p256", "passkey"}:
            raise ProfileInvalid(f"chain profile {self.name}: gas_per_payment lacks a kind of signature")
        if self.validations not in (NO_END, PLATFORM_LIST):
            raise ProfileInvalid(f"chain profile {self.name}: no such list of validations")


def load_profile(name: str, rpc_url: str = "") -> ChainProfile:
    """Read ``profiles/<name>.json``, or the file itself when `name` ends in .json.

    `rpc_url` (one, or several with commas) stands in where the profile names no node. Raises ProfileInvalid.
    """
    path = Path(name) if name.endswith(".json") else PROFILES / f"{name}.json"
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProfileInvalid(f"chain profile {name} cannot be read: {error}") from error
    known = {part.name for part in fields(ChainProfile)}
    if set(content) != known:
        raise ProfileInvalid(f"chain profile {name}: wrong fields {sorted(set(content) ^ known)}")
    urls = content["rpc_urls"] or [url.strip() for url in rpc_url.split(",") if url.strip()]
    return ChainProfile(**{**content, "rpc_urls": tuple(urls)})
