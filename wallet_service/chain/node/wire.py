"""How JSON-RPC calls travel to a node: a wire carries calls there and the raw answers back, in order.

Owns no retry, no meaning and no check of what was answered: that is `client`'s. `HttpWire` goes to a node
somewhere; the embedded node's own ways are in `private_wire` and `block_order`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from requests.exceptions import RequestException
from web3 import HTTPProvider
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from wallet_service.platform.errors import ChainUnavailable

Call = tuple[str, Sequence[Any]]


class Wire(Protocol):
    """Thread-safe."""

    def send(self, calls: Sequence[Call], timeout_s: float) -> list[Any]:
        """The JSON-RPC answers (objects with "result" or "error") in the order of the calls.

        Raises ChainUnavailable when there is no answer within `timeout_s` seconds.
        """
        ...


class HttpWire:
    """A node's HTTP address."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._provider = HTTPProvider(
            url, request_kwargs={"timeout": timeout_s}, exception_retry_configuration=None
        )

    def send(self, calls: Sequence[Call], timeout_s: float) -> list[Any]:
        """See Wire; the provider has its time-out from the start."""
        try:
            if len(calls) == 1:
                method, params = calls[0]
                return [self._provider.make_request(RPCEndpoint(method), list(params))]
            answers: Any = self._provider.make_batch_request(
                [(RPCEndpoint(method), list(params)) for method, params in calls]
            )
        except (RequestException, Web3Exception, ValueError, OSError) as error:
            raise ChainUnavailable(type(error).__name__) from error
        if not isinstance(answers, list):
            raise ChainUnavailable("no list of answers")
        return answers
