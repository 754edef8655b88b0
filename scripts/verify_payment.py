#!/usr/bin/env python3
"""Checks a payment's receipt by asking the ledger alone. True, or false with the reason.

Stands alone: Python's standard library, nothing of this repository. Anybody who was given a receipt may run
it against any node, without an account and without asking the service:

    python3 scripts/verify_payment.py receipt.json --rpc http://127.0.0.1:8545
    python3 scripts/verify_payment.py - --rpc http://127.0.0.1:8545 < receipt.json

Give --ledger with the address that the issuer publishes: a receipt can name a ledger of its own.

Exit code 0: the ledger says what the receipt says. 1: it does not, and a sentence says what differs.
2: the question could not be asked (no node, no such ledger, no receipt).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

RPC_TIMEOUT_S = 10
MAX_ANSWER_BYTES = 10_000_000
MAX_RECEIPT_BYTES = 100_000
RECEIPT_VERSION = 1
#: keccak256 of each event's signature, as Solidity writes it into the first topic.
SETTLED = "0x59dcd7f7740501f043c7fdd2559d35e50b1c6d9cfa1c72352bbcccfc45467554"
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
TRUE, FALSE, UNKNOWN = 0, 1, 2
_WORD, _ADDRESS = re.compile(r"0x[0-9a-f]{64}"), re.compile(r"0x[0-9a-f]{40}")

SENTENCES = {
    "fr": {
        "true": "VRAI : le registre dit la même chose que ce reçu.",
        "absent": "FAUX : le registre ne connaît aucun paiement avec cette référence.",
        "chain": "FAUX : ce reçu est d'une autre chaîne ({found}).",
        "other_ledger": "FAUX : ce reçu nomme un autre registre que celui qu'on vous a donné.",
        "from": "FAUX : le compte qui a payé est {found}.",
        "to": "FAUX : le compte qui a reçu est {found}.",
        "amount_cents": "FAUX : le montant est {found}.",
        "block_number": "FAUX : le paiement est au bloc {found}.",
        "transaction_hash": "FAUX : le paiement est dans la transaction {found}.",
        "where": "Registre {ledger}, chaîne {chain_id}, bloc {block}",
        "what": "{amount} de {payer} à {payee}",
    },
    "en": {
        "true": "TRUE: the ledger says what this receipt says.",
        "absent": "FALSE: the ledger knows no payment with this reference.",
        "chain": "FALSE: this receipt is of another chain ({found}).",
        "other_ledger": "FALSE: this receipt names another ledger than the one you were given.",
        "from": "FALSE: the account that paid is {found}.",
        "to": "FALSE: the account that received is {found}.",
        "amount_cents": "FALSE: the amount is {found}.",
        "block_number": "FALSE: the payment is in block {found}.",
        "transaction_hash": "FALSE: the payment is in transaction {found}.",
        "where": "Ledger {ledger}, chain {chain_id}, block {block}",
        "what": "{amount} from {payer} to {payee}",
    },
}


class CannotAsk(Exception):
    """The receipt cannot be read, or the node does not answer; the sentence says what happened."""


class ReceiptClaim(NamedTuple):
    """What a receipt says. Cents."""

    chain_id: int
    ledger: str
    ref: str
    payer: str
    payee: str
    amount_cents: int
    block_number: int
    transaction_hash: str


def read_receipt(text: str) -> ReceiptClaim:
    """Raises CannotAsk for anything that is not a receipt of this version."""
    try:
        claim = json.loads(text)
        if claim["kind"] != "alba-receipt" or claim["version"] != RECEIPT_VERSION:
            raise CannotAsk("not a receipt of a version known here")
        numbers = [claim[name] for name in ("chain_id", "amount_cents", "block_number")]
        if any(isinstance(one, bool) or not isinstance(one, int) or one < 0 for one in numbers):
            raise CannotAsk("a number of the receipt is not one")
        return ReceiptClaim(
            chain_id=claim["chain_id"],
            ledger=_form(claim["ledger"], _ADDRESS),
            ref=_form(claim["ref"], _WORD),
            payer=_form(claim["from"], _ADDRESS),
            payee=_form(claim["to"], _ADDRESS),
            amount_cents=claim["amount_cents"],
            block_number=claim["block_number"],
            transaction_hash=_form(claim["transaction_hash"], _WORD),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotAsk(f"not a receipt: {error!r}") from error


def _form(text: Any, form: re.Pattern[str]) -> str:
    if not isinstance(text, str) or not form.fullmatch(text.lower()):
        raise CannotAsk(f"not in a receipt's form: {text!r}")
    return text.lower()


def verdict(
    claim: ReceiptClaim, rpc_url: str, trusted_ledger: str | None, words: dict[str, str]
) -> tuple[int, str]:
    """The exit code and the sentence. Raises CannotAsk."""
    if trusted_ledger is not None and trusted_ledger != claim.ledger:
        return FALSE, words["other_ledger"]
    chain_id = int(_rpc(rpc_url, "eth_chainId", []), 16)
    if chain_id != claim.chain_id:
        return FALSE, words["chain"].format(found=chain_id)
    if _rpc(rpc_url, "eth_getCode", [claim.ledger, "latest"]) in ("0x", None):
        raise CannotAsk("no ledger at that address")
    log_filter = {
        "address": claim.ledger,
        "topics": [SETTLED, claim.ref],
        "fromBlock": "0x0",
        "toBlock": "latest",
    }
    settled = _rpc(rpc_url, "eth_getLogs", [log_filter])
    if not isinstance(settled, list) or len(settled) != 1:
        return FALSE, words["absent"]
    found = _found(rpc_url, claim, settled[0])
    for name, claimed, known in (
        ("from", claim.payer, found.payer),
        ("to", claim.payee, found.payee),
        ("amount_cents", claim.amount_cents, found.amount_cents),
        ("block_number", claim.block_number, found.block_number),
        ("transaction_hash", claim.transaction_hash, found.transaction_hash),
    ):
        if claimed != known:
            shown = format_amount(found.amount_cents) if name == "amount_cents" else known
            return FALSE, words[name].format(found=shown)
    return TRUE, words["true"]


def _found(rpc_url: str, claim: ReceiptClaim, settled: dict[str, Any]) -> ReceiptClaim:
    """Payer, payee and value stand in the Transfer just before PaymentSettled, in the same transaction."""
    try:
        receipt = _rpc(rpc_url, "eth_getTransactionReceipt", [settled["transactionHash"]])
        before = int(settled["logIndex"], 16) - 1
        (moved,) = [
            log
            for log in receipt["logs"]
            if int(log["logIndex"], 16) == before
            and log["address"].lower() == claim.ledger
            and log["topics"][0] == TRANSFER
        ]
        if receipt["status"] != "0x1":
            raise CannotAsk("the node contradicts itself: a failed transaction with a payment in it")
        return ReceiptClaim(
            chain_id=claim.chain_id,
            ledger=claim.ledger,
            ref=claim.ref,
            payer="0x" + moved["topics"][1][-40:],
            payee="0x" + moved["topics"][2][-40:],
            amount_cents=int(moved["data"], 16),
            block_number=int(receipt["blockNumber"], 16),
            transaction_hash=settled["transactionHash"].lower(),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise CannotAsk(f"the node answered a payment without its transfer: {error!r}") from error


def _rpc(rpc_url: str, method: str, parameters: list[Any]) -> Any:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
    request = urllib.request.Request(rpc_url, body, {"Content-Type": "application/json"})
    try:
        # The address is the caller's own choice, on the caller's own machine.
        with urllib.request.urlopen(request, timeout=RPC_TIMEOUT_S) as answer:  # nosec B310
            response = json.loads(answer.read(MAX_ANSWER_BYTES))
    except (OSError, ValueError) as error:
        raise CannotAsk(f"{rpc_url}: {error}") from error
    if not isinstance(response, dict) or "result" not in response:
        raise CannotAsk(
            f"{method}: {response.get('error', response) if isinstance(response, dict) else response}"
        )
    return response["result"]


def format_amount(amount_cents: int) -> str:
    return f"{amount_cents // 100}.{amount_cents % 100:02d}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Does the ledger say what this receipt says?")
    parser.add_argument("receipt", help="the receipt's file, or - to read it from the input")
    parser.add_argument("--rpc", required=True, help="address of a node, e.g. http://127.0.0.1:8545")
    parser.add_argument("--ledger", help="the ledger's address as its issuer publishes it")
    parser.add_argument("--language", choices=sorted(SENTENCES), default="fr")
    chosen = parser.parse_args(arguments)
    words = SENTENCES[chosen.language]
    try:
        claim = read_receipt(_text(chosen.receipt))
        if not chosen.rpc.startswith(("http://", "https://")):
            raise CannotAsk(f"not an http address: {chosen.rpc}")
        trusted = None if chosen.ledger is None else _form(chosen.ledger, _ADDRESS)
        code, sentence = verdict(claim, chosen.rpc, trusted, words)
    except CannotAsk as error:
        print(f"? {error}", file=sys.stderr)
        return UNKNOWN
    amount = format_amount(claim.amount_cents)
    if code == TRUE:
        print(words["what"].format(amount=amount, payer=claim.payer, payee=claim.payee))
        print(words["where"].format(ledger=claim.ledger, chain_id=claim.chain_id, block=claim.block_number))
    print(sentence)
    return code


def _text(source: str) -> str:
    try:
        if source == "-":
            return sys.stdin.read(MAX_RECEIPT_BYTES)
        with Path(source).open(encoding="utf-8") as file:
            return file.read(MAX_RECEIPT_BYTES)
    except (OSError, ValueError) as error:
        raise CannotAsk(f"{source}: {error}") from error


if __name__ == "__main__":
    sys.exit(main())
