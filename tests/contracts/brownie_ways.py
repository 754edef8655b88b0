"""Brownie as these tests need it: no undo, one connection, receipts seen at once, the clock of the node."""

from __future__ import annotations

from typing import Any

import requests
from brownie import chain, web3
from brownie.network.transaction import TransactionReceipt

RECEIPT_DEADLINE_S = 60


def wait_for_receipts() -> None:
    """Make Brownie look for a transaction's receipt only when there is one.

    Otherwise it takes a transaction for dropped when anvil already counts its nonce but does not show its
    receipt yet, which a busy machine makes likely. Brownie's clock is the node's when a transaction is there.
    """
    await_confirmation = TransactionReceipt._await_confirmation

    def await_receipt_first(self: Any, *arguments: Any, **named: Any) -> None:
        web3.eth.wait_for_transaction_receipt(self.txid, timeout=RECEIPT_DEADLINE_S, poll_latency=0.005)
        await_confirmation(self, *arguments, **named)
        chain._set_time_offset_from_block()

    TransactionReceipt._await_confirmation = await_receipt_first


def keep_no_undo() -> None:
    """Make Brownie take no snapshot after each transaction: only `chain.undo` needs it. See `undone`.

    Nor does it then look what time it is in a thread of its own, which the next question may overtake:
    `wait_for_receipts` looks.
    """
    type(chain)._add_to_undo_buffer = lambda self, *_: None


def keep_one_connection() -> None:
    """Make web3 keep its connections to the node and look for no proxy.

    By itself it does both anew in each thread, and Brownie starts one for each transaction.
    """
    session = requests.Session()
    session.trust_env = False
    web3.provider._request_session_manager._explicit_session = session


def set_the_clock() -> None:
    """The node's clock is Brownie's again: a return to a snapshot sets back the node's alone."""
    answer = web3.provider.make_request("evm_setTime", [chain.time()])
    assert "error" not in answer, answer
