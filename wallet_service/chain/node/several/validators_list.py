"""Asks the network's nodes who validates the chain and until when: the kind of list Subnet-EVM's nodes keep.

Owns their two addresses beside the chain's own and what they answer; judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from wallet_service.chain.node.several.validations import Account
from wallet_service.chain.node.wire import HttpWire, Wire
from wallet_service.platform.errors import ChainUnavailable

MAX_ASKED_AT_ONCE = 8
IDENTITY_PATH, LIST_PATH = "/ext/info", "/ext/bc/P"
_CHAIN = re.compile(r"(?P<node>.*)/ext/bc/(?P<chain>[1-9A-Za-z]+)/rpc/?")


class ValidatorsList(Protocol):
    """Of one chain."""

    def ask_all(self) -> list[Account | None]:
        """What each node says, in the profile's order; None of one that does not answer. Never raises."""
        ...


class PlatformList:
    """Through the addresses of the chain itself: the list's stands beside them on every node."""

    def __init__(self, rpc_urls: Sequence[str], timeout_s: float) -> None:
        self._nodes = [_Node.at(url, timeout_s) for url in rpc_urls]

    def ask_all(self) -> list[Account | None]:
        """See ValidatorsList."""
        with ThreadPoolExecutor(min(MAX_ASKED_AT_ONCE, len(self._nodes))) as pool:
            return list(pool.map(lambda node: node.account() if node else None, self._nodes))


class _Node:
    def __init__(self, chain: str, identity: Wire, validators: Wire, timeout_s: float) -> None:
        self._chain, self._timeout_s = chain, timeout_s
        self._identity, self._validators = identity, validators
        self._list_id = ""

    @classmethod
    def at(cls, url: str, timeout_s: float) -> _Node | None:
        """None for an address that is no chain's of such a node."""
        found = _CHAIN.fullmatch(url)
        if found is None:
            return None
        identity, validators = (found["node"] + path for path in (IDENTITY_PATH, LIST_PATH))
        return cls(found["chain"], HttpWire(identity, timeout_s), HttpWire(validators, timeout_s), timeout_s)

    def account(self) -> Account | None:
        try:
            identity = self._ask(self._identity, "info.getNodeID", {})["nodeID"]
            if not self._list_id:
                answer = self._ask(self._validators, "platform.validatedBy", {"blockchainID": self._chain})
                self._list_id = str(answer["subnetID"])
            listed = self._ask(
                self._validators, "platform.getCurrentValidators", {"subnetID": self._list_id}
            )["validators"]
            return Account(str(identity), {str(one["nodeID"]): int(one["endTime"]) for one in listed})
        except (ChainUnavailable, KeyError, TypeError, ValueError):
            return None

    def _ask(self, wire: Wire, method: str, params: dict[str, Any]) -> Any:
        (answer,) = wire.send([(method, (params,))], self._timeout_s)
        return answer["result"]
