"""Questions to the ledger, answered from memory for a short while so that pages do not load the node."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from wallet_service.accounts.models import Stops, TierLimits
from wallet_service.chain.ledger.codec import LogUnknown
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.node.client import NodeError, hex_bytes, quantity
from wallet_service.chain.ports import (
    KINDS,
    STOP_ISSUING,
    STOP_PAYMENTS,
    STOP_REDEEMING,
    TIERS,
    ChainAccount,
    Head,
    Issuance,
    Reserve,
)
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.signing.floors import PasskeyFloors
from wallet_service.protocol.signing.typed_data import Domain

ANSWER_KEPT_S = 2.0
RULES_KEPT_S = 10.0

Answer = TypeVar("Answer")


class NodeReader:
    """Implements ports.ChainReader.

    Thread-safe. All but `domain` and `ledger_address` raise ChainUnavailable.
    """

    def __init__(self, access: ChainAccess, kept_s: float = ANSWER_KEPT_S) -> None:
        self._access = access
        self._kept_s = kept_s
        self._kept: dict[str, tuple[float, Any]] = {}
        self._lock = threading.Lock()

    def domain(self) -> Domain:
        return self._access.deployment.domain

    def ledger_address(self) -> str:
        return self._access.deployment.ledger

    def forget(self) -> None:
        """Ask the node again next time: something just changed."""
        with self._lock:
            self._kept.clear()

    def head(self) -> Head:
        return self._remember("head", min(self._kept_s, 0.5), self._ask_head)

    def supply_cents(self) -> int:
        return self._remember("supply", self._kept_s, lambda: int(self._call("totalSupply")))

    def reserve(self) -> Reserve:
        return self._remember("reserve", self._kept_s, self._ask_reserve)

    def stops(self) -> Stops:
        return self._remember("stops", self._kept_s, self._ask_stops)

    def tier_limits(self) -> Mapping[str, TierLimits]:
        return self._remember("tier_limits", max(self._kept_s, RULES_KEPT_S), self._ask_tier_limits)

    def passkey_floors(self) -> Mapping[str, PasskeyFloors]:
        return self._remember("passkey_floors", max(self._kept_s, RULES_KEPT_S), self._ask_passkey_floors)

    def issuance(self) -> Issuance:
        return self._remember("issuance", self._kept_s, self._ask_issuance)

    def account(self, address: str) -> ChainAccount:
        """Never from memory: it is asked where money is decided."""
        view = self._call("accountOf", address)
        return ChainAccount(
            balance_cents=view["balance"],
            kind=_named(KINDS, view["kind"]),
            tier=_named(TIERS, view["tier"]),
            sector=view["sector"],
            expires_on_day=view["expiresAtDay"],
            frozen_incoming=view["frozenIn"],
            frozen_outgoing=view["frozenOut"],
            spent_today_cents=view["spentToday"],
            spent_in_window_cents=view["spentInWindow"],
            locked_cents=view["lockedForRedemption"],
        )

    def _ask_head(self) -> Head:
        depth = self._access.profile.finality_depth
        client = self._access.client
        number: Any = "latest" if depth == 0 else hex(max(0, client.block_number() - depth))
        block = client.request("eth_getBlockByNumber", number, False)
        if not isinstance(block, dict):
            raise ChainUnavailable("the node has no head")
        return Head(quantity(block.get("number")), quantity(block.get("timestamp")))

    def _ask_reserve(self) -> Reserve:
        last = self._call("reserve")
        return Reserve(
            amount_cents=last["amount"],
            as_of_unix_s=last["asOf"],
            attested_at_unix_s=last["attestedAt"],
            statement_hash=last["statementHash"],
            attester=last["attester"],
        )

    def _ask_stops(self) -> Stops:
        bits = int(self._call("stops"))
        return Stops(bool(bits & STOP_PAYMENTS), bool(bits & STOP_ISSUING), bool(bits & STOP_REDEEMING))

    def _ask_tier_limits(self) -> Mapping[str, TierLimits]:
        limits = {}
        for number, tier in enumerate(TIERS):
            if number == 0:
                continue
            found = self._call("tierLimits", number)
            limits[tier] = TierLimits(
                found["maxBalance"], found["maxPayment"], found["maxPerDay"], found["maxPer30Days"]
            )
        return limits

    def _ask_passkey_floors(self) -> Mapping[str, PasskeyFloors]:
        floors = {}
        for number, tier in enumerate(TIERS):
            if number == 0:
                continue
            found = self._call("passkeyFloors", number)
            floors[tier] = PasskeyFloors(found["perPayment"], found["perDay"])
        return floors

    def _ask_issuance(self) -> Issuance:
        rule = self._call("issuance")
        issuer = self._access.deployment.roles["ISSUER"]
        return Issuance(
            attestation_max_age_s=rule["attestationMaxAge"],
            daily_mint_quota_cents=rule["dailyMintQuota"],
            minted_today_cents=int(self._call("mintedToday", issuer)),
        )

    def _call(self, function: str, *arguments: Any) -> Any:
        codec = self._access.codec
        call = {
            "to": self._access.deployment.ledger,
            "data": "0x" + codec.call_data(function, arguments).hex(),
        }
        try:
            return codec.result(function, hex_bytes(self._access.client.request("eth_call", call, "latest")))
        except (NodeError, LogUnknown) as error:
            raise ChainUnavailable(f"{function}: {error}") from error

    def _remember(self, name: str, kept_s: float, ask: Callable[[], Answer]) -> Answer:
        now_s = time.monotonic()
        with self._lock:
            known = self._kept.get(name)
        if known is not None and now_s - known[0] < kept_s:
            return cast("Answer", known[1])
        answer = ask()
        with self._lock:
            self._kept[name] = (now_s, answer)
        return answer


def _named(names: Sequence[str], number: int) -> str:
    if number >= len(names):
        raise ChainUnavailable("the node answered a number that stands for nothing")
    return names[number]
