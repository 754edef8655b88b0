"""How the engine treats transactions: gaps, repetitions, receipts, logs. The sender relies on its words."""

from __future__ import annotations

from scripts.conformance.bench import Bench, CannotTell, Refused
from scripts.conformance.verdicts import Outcome, Verdict
from wallet_service.chain.node.client import quantity
from wallet_service.chain.sending.sender import KNOWN_ALREADY, NONCE_TOO_LOW

TRANSFER_GAS = 21_000
UNMINED_FOR_S = 1.0
RECEIPTS_AT_ONCE = 50
UNKNOWN_HASH = "0x" + "ab" * 32


def nonce_gap(bench: Bench) -> Verdict:
    """A transaction ahead of its turn waits or is refused; it is never lost without a word."""
    question = "a gap of nonces"
    account = bench.keys.deployer
    nonce = bench.nonce(account)
    ahead, ahead_hash = bench.signed(account, nonce + 1, account.address, b"", TRANSFER_GAS)
    first, first_hash = bench.signed(account, nonce, account.address, b"", TRANSFER_GAS)
    refused = ""
    try:
        bench.node.ask("eth_sendRawTransaction", ahead)
    except Refused as refusal:
        refused = refusal.message
    if not refused and bench.wait(ahead_hash, UNMINED_FOR_S) is not None:
        return Verdict(question, Outcome.FAIL, "a transaction was mined before its predecessor")
    bench.node.ask("eth_sendRawTransaction", first)
    if bench.wait(first_hash) is None:
        return Verdict(question, Outcome.FAIL, "what filled the gap was not mined")
    if refused:
        bench.node.ask("eth_sendRawTransaction", ahead)
    if bench.wait(ahead_hash) is None:
        return Verdict(question, Outcome.FAIL, "what was ahead of its turn was lost without a word")
    how = f"refused ({refused}) and taken later" if refused else "waited and followed"
    return Verdict(question, Outcome.PASS, f"the transaction ahead {how}")


def replacement(bench: Bench) -> Verdict:
    """Of two transactions with one nonce exactly one is mined."""
    question = "two transactions with one nonce"
    account = bench.keys.deployer
    nonce = bench.nonce(account)
    one, one_hash = bench.signed(account, nonce + 1, account.address, b"", TRANSFER_GAS)
    two, two_hash = bench.signed(account, nonce + 1, account.address, b"\x01", TRANSFER_GAS + 1_000)
    words = ""
    for raw in (one, two):
        try:
            bench.node.ask("eth_sendRawTransaction", raw)
        except Refused as refusal:
            words = refusal.message
    first, first_hash = bench.signed(account, nonce, account.address, b"", TRANSFER_GAS)
    bench.node.ask("eth_sendRawTransaction", first)
    if bench.wait(first_hash) is None:
        raise CannotTell("the transaction before them was not mined")
    mined = [bench.wait(one_hash), bench.wait(two_hash, UNMINED_FOR_S)]
    if sum(receipt is not None for receipt in mined) != 1:
        return Verdict(question, Outcome.FAIL, "not exactly one of the two was mined")
    second = f"refused: {words}" if words else "taken in the first one's place"
    return Verdict(question, Outcome.PASS, f"exactly one was mined; the second was {second}")


def known_already(bench: Bench) -> Verdict:
    """The same bytes again: taken, or refused in words the sender knows."""
    question = "the same bytes sent again"
    account = bench.keys.deployer
    nonce = bench.nonce(account)
    ahead, ahead_hash = bench.signed(account, nonce + 1, account.address, b"", TRANSFER_GAS)
    words = _words(bench, ahead), _words(bench, ahead)
    waiting = words[1].lower()
    if waiting and not words[0] and not any(known in waiting for known in KNOWN_ALREADY):
        return Verdict(question, Outcome.FAIL, f"words the sender does not know: {waiting!r}")
    first, first_hash = bench.signed(account, nonce, account.address, b"", TRANSFER_GAS)
    bench.node.ask("eth_sendRawTransaction", first)
    if words[0]:
        bench.wait(first_hash)
        bench.node.ask("eth_sendRawTransaction", ahead)
    if bench.wait(ahead_hash) is None:
        raise CannotTell("the transaction was not mined")
    mined = _words(bench, ahead).lower()
    if mined and NONCE_TOO_LOW not in mined and not any(known in mined for known in KNOWN_ALREADY):
        return Verdict(
            question, Outcome.FAIL, f"after it was mined, words the sender does not know: {mined!r}"
        )
    return Verdict(question, Outcome.PASS, f"waiting: {waiting or 'taken'!r}; mined: {mined or 'taken'!r}")


def _words(bench: Bench, raw: str) -> str:
    try:
        bench.node.ask("eth_sendRawTransaction", raw)
    except Refused as refusal:
        return refusal.message
    return ""


def receipts(bench: Bench) -> Verdict:
    """Many in one message, in order; null for what the chain does not have."""
    question = "receipts"
    known = bench.require_ledger().receipts
    if not known:
        raise CannotTell("no transaction to the ledger was mined")
    hashes = ([str(one["transactionHash"]) for one in known] * RECEIPTS_AT_ONCE)[:RECEIPTS_AT_ONCE]
    answers = bench.node.ask_all([("eth_getTransactionReceipt", (one,)) for one in (*hashes, UNKNOWN_HASH)])
    if answers[-1] is not None:
        return Verdict(question, Outcome.FAIL, "a receipt came for a transaction nobody sent")
    for wanted, answer in zip(hashes, answers, strict=False):
        if not isinstance(answer, dict) or answer["transactionHash"] != wanted:
            return Verdict(question, Outcome.FAIL, "receipts came in another order, or were left out")
    return Verdict(question, Outcome.PASS, f"{len(hashes)} in one message; null for an unknown one")


def logs_by_range(bench: Bench) -> Verdict:
    """A range gives every log the receipts hold, and nothing else."""
    question = "logs by range"
    ledger = bench.require_ledger()
    wanted = [
        (str(log["transactionHash"]), quantity(log["logIndex"]))
        for receipt in ledger.receipts
        for log in receipt["logs"]
        if str(log["address"]).lower() == ledger.address
    ]
    head = bench.node.height()
    first = min(quantity(receipt["blockNumber"]) for receipt in ledger.receipts)
    if head - first > bench.profile.max_block_range:
        raise CannotTell("the questions took more blocks than one range may hold")
    found = bench.node.ask(
        "eth_getLogs", {"address": ledger.address, "fromBlock": hex(first), "toBlock": hex(head)}
    )
    given = [(str(log["transactionHash"]), quantity(log["logIndex"])) for log in found]
    missing = set(wanted) - set(given)
    if missing:
        return Verdict(question, Outcome.FAIL, f"{len(missing)} of {len(wanted)} logs were left out")
    wide = {"address": ledger.address, "fromBlock": hex(max(0, head - bench.profile.max_block_range + 1))}
    bench.node.ask("eth_getLogs", {**wide, "toBlock": hex(head)})
    return Verdict(
        question, Outcome.PASS, f"{len(wanted)} logs of {head - first + 1} blocks, as in the receipts"
    )
