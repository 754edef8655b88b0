"""The statement of a moving: both states, what differs and why, and the words of two officers on it.

Two keys sign the same digest before anything is sent, the governor's and the attester's: who governs and who
attests the euros are different people. Signatures are EIP-191 over the digest's text, so anybody checks them.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct

from scripts.ledger.moving.plan import Plan
from scripts.ledger.moving.state import LedgerState

SIGNERS = ("GOVERNOR", "ATTESTER")
ORDER_FIELDS = ("from", "to", "state_sha256", "expected_sha256", "supply_cents", "told")


class NotSigned(Exception):
    """Two officers' words are missing or are not theirs; the sentence says whose."""


def order_of(
    origin: dict[str, Any], target: dict[str, Any], state: LedgerState, plan: Plan
) -> dict[str, Any]:
    """What is signed. `origin` and `target` name chain, ledger and block."""
    return {
        "from": origin,
        "to": target,
        "state_sha256": state.digest(),
        "expected_sha256": plan.expected.digest(),
        "supply_cents": state.supply_cents,
        "told": plan.told,
    }


def words_of(order: dict[str, Any]) -> str:
    """The text an officer signs: the order itself, canonical, so that it can be read before it is signed."""
    return json.dumps({name: order[name] for name in ORDER_FIELDS}, sort_keys=True, separators=(",", ":"))


def require_four_eyes(order: dict[str, Any], signatures: dict[str, str], roles: dict[str, str]) -> None:
    """Raises NotSigned unless the governor and the attester of the old ledger signed just this order."""
    message = encode_defunct(text=words_of(order))
    for role in SIGNERS:
        try:
            signer = Account.recover_message(message, signature=signatures.get(role, ""))
        except Exception:  # the library raises nearly anything at what is no signature
            raise NotSigned(f"the {role} has not signed this order") from None
        if str(signer).lower() != roles[role].lower():
            raise NotSigned(f"what is there for the {role} was signed by {signer}")


def write(folder: Path, content: dict[str, Any], before: LedgerState, after: LedgerState) -> Path:
    """`statement.json` with everything, beside the two states it speaks of."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, state in (("before.json", before), ("after.json", after)):
        (folder / name).write_text(json.dumps(asdict(state), indent=1, sort_keys=True) + "\n", "utf-8")
    file = folder / "statement.json"
    file.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return file
