#!/usr/bin/env python3
"""Checks, by asking the ledger alone, that what circulates is covered by a fresh attestation of the reserve.

Stands alone: Python's standard library, nothing of this repository. Anybody may run it against any node:

    python3 scripts/verify_reserve.py --rpc http://127.0.0.1:8545 --ledger 0x...
    python3 scripts/verify_reserve.py --rpc http://127.0.0.1:8545 --deployment deployments/embedded.json

Exit code 0: supply <= reserve, and the attestation is still fresh. 1: it is not, and a sentence says why.
2: the question could not be asked (no node, no such ledger, wrong arguments). What was burned counts with the
supply until a statement shows that its euros were paid out.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

RPC_TIMEOUT_S = 10
MAX_ANSWER_BYTES = 1_000_000
WORD_HEX_DIGITS = 64
#: The first four bytes of keccak256 of each function's signature, as Solidity calls it.
SELECTORS = {
    "totalSupply()": "18160ddd",
    "burnedUnshown()": "dfcb5c12",
    "reserve()": "cd3293de",
    "issuance()": "863623bb",
}
COVERED, NOT_COVERED, UNKNOWN = 0, 1, 2


class CannotAsk(Exception):
    """The node or the ledger did not answer the question; the sentence says what happened."""


class Found(NamedTuple):
    """What the ledger says. Amounts in cents, moments in unix seconds."""

    chain_id: int
    supply_cents: int
    burned_unshown_cents: int
    reserve_cents: int
    as_of_unix_s: int
    attested_at_unix_s: int
    max_age_s: int
    block_number: int

    @property
    def fresh_until_unix_s(self) -> int:
        """Freshness counts from the moment the bank statement speaks of, as the contract counts it."""
        return self.as_of_unix_s + self.max_age_s

    def verdict(self, now_unix_s: int, language: str) -> tuple[int, str]:
        """The exit code and the sentence that explains it."""
        needed_cents = self.supply_cents + self.burned_unshown_cents
        covered, fresh = needed_cents <= self.reserve_cents, now_unix_s <= self.fresh_until_unix_s
        if covered and fresh:
            return COVERED, SENTENCES[language]["covered"]
        if not covered:
            missing = format_amount(needed_cents - self.reserve_cents, language)
            return NOT_COVERED, SENTENCES[language]["short"].format(missing=missing)
        if self.as_of_unix_s == 0:
            return NOT_COVERED, SENTENCES[language]["never"]
        return NOT_COVERED, SENTENCES[language]["stale"]


SENTENCES = {
    "fr": {
        "covered": "OK : chaque unité est couverte par un euro attesté, et l'attestation est fraîche.",
        "short": "NON : il manque {missing} euros dans la dernière attestation.",
        "never": "NON : la réserve n'a jamais été attestée.",
        "stale": "NON : la dernière attestation est trop ancienne.",
        "supply": "En circulation",
        "burned": "Détruites, paiement pas encore relevé",
        "reserve": "Réserve attestée",
        "as_of": "Relevé du",
        "attested_at": "Attestée le",
        "fresh_until": "Fraîche jusqu'au",
        "where": "Registre {ledger}, chaîne {chain_id}, bloc {block}",
    },
    "en": {
        "covered": "OK: every unit is backed by an attested euro, and the attestation is fresh.",
        "short": "NO: {missing} euros are missing in the last attestation.",
        "never": "NO: the reserve was never attested.",
        "stale": "NO: the last attestation is too old.",
        "supply": "In circulation",
        "burned": "Burned, payout not yet in a statement",
        "reserve": "Attested reserve",
        "as_of": "Statement of",
        "attested_at": "Attested on",
        "fresh_until": "Fresh until",
        "where": "Ledger {ledger}, chain {chain_id}, block {block}",
    },
}


def ask(rpc_url: str, ledger: str) -> Found:
    """Every question at one and the same block. Raises CannotAsk."""
    block = _quantity(_rpc(rpc_url, "eth_blockNumber", []))
    chain_id = _quantity(_rpc(rpc_url, "eth_chainId", []))

    def call(function: str, words: int) -> list[int]:
        question = {"to": ledger, "data": "0x" + SELECTORS[function]}
        return _words(_rpc(rpc_url, "eth_call", [question, hex(block)]), words)

    (supply_cents,), (unshown_cents,) = call("totalSupply()", 1), call("burnedUnshown()", 1)
    reserve_cents, as_of_unix_s, attested_at_unix_s, _statement, _attester = call("reserve()", 5)
    max_age_s, _quota = call("issuance()", 2)
    return Found(
        chain_id,
        supply_cents,
        unshown_cents,
        reserve_cents,
        as_of_unix_s,
        attested_at_unix_s,
        max_age_s,
        block,
    )


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


def _quantity(text: Any) -> int:
    try:
        return int(text, 16)
    except (TypeError, ValueError) as error:
        raise CannotAsk(f"not a number: {text!r}") from error


def _words(text: Any, count: int) -> list[int]:
    """The 32-byte words of an answer, as integers; an empty one means that no contract lives there."""
    if not isinstance(text, str) or not re.fullmatch(rf"0x[0-9a-fA-F]{{{WORD_HEX_DIGITS * count}}}", text):
        raise CannotAsk("no ledger of this kind at that address")
    digits = text[2:]
    return [int(digits[at : at + WORD_HEX_DIGITS], 16) for at in range(0, len(digits), WORD_HEX_DIGITS)]


def format_amount(amount_cents: int, language: str) -> str:
    """``1 234,50`` or ``1,234.50``."""
    grouped = f"{amount_cents // 100:,}"
    if language == "fr":
        return f"{grouped.replace(',', ' ')},{amount_cents % 100:02d}"
    return f"{grouped}.{amount_cents % 100:02d}"


def format_moment(unix_s: int) -> str:
    if unix_s == 0:
        return "-"
    return datetime.datetime.fromtimestamp(unix_s).astimezone().isoformat(sep=" ", timespec="minutes")


def report(found: Found, ledger: str, now_unix_s: int, language: str) -> tuple[int, str]:
    """The exit code and everything that is printed."""
    words = SENTENCES[language]
    code, sentence = found.verdict(now_unix_s, language)
    lines = [
        (words["supply"], format_amount(found.supply_cents, language)),
        *(
            [(words["burned"], format_amount(found.burned_unshown_cents, language))]
            * (found.burned_unshown_cents > 0)
        ),
        (words["reserve"], format_amount(found.reserve_cents, language) + " EUR"),
        (words["as_of"], format_moment(found.as_of_unix_s)),
        (words["attested_at"], format_moment(found.attested_at_unix_s)),
        (words["fresh_until"], format_moment(found.fresh_until_unix_s) if found.as_of_unix_s else "-"),
    ]
    width = max(len(name) for name, _value in lines)
    shown = [f"{name.ljust(width)}  {value}" for name, value in lines]
    where = words["where"].format(ledger=ledger, chain_id=found.chain_id, block=found.block_number)
    return code, "\n".join([*shown, where, sentence])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Is every unit in circulation backed by an attested euro?")
    parser.add_argument(
        "--rpc", required=True, help="address of a node of the chain, e.g. http://127.0.0.1:8545"
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--ledger", help="address of the ledger (0x and 40 digits)")
    which.add_argument("--deployment", type=Path, help="a deployments/<network>.json that names the ledger")
    parser.add_argument("--language", choices=sorted(SENTENCES), default="fr")
    chosen = parser.parse_args(arguments)
    try:
        ledger = chosen.ledger or _ledger_of(chosen.deployment)
        if not re.fullmatch(r"0x[0-9a-fA-F]{40}", ledger):
            raise CannotAsk(f"not an address: {ledger}")
        if not chosen.rpc.startswith(("http://", "https://")):
            raise CannotAsk(f"not an http address: {chosen.rpc}")
        found = ask(chosen.rpc, ledger)
    except CannotAsk as error:
        print(f"? {error}", file=sys.stderr)
        return UNKNOWN
    now_unix_s = int(datetime.datetime.now(datetime.UTC).timestamp())
    code, text = report(found, ledger, now_unix_s, chosen.language)
    print(text)
    return code


def _ledger_of(path: Path) -> str:
    try:
        return str(json.loads(path.read_text("utf-8"))["ledger"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotAsk(f"{path}: {error!r}") from error


if __name__ == "__main__":
    sys.exit(main())
