"""Writes docs/payment-path.md: what may follow what, drawn from the tables the code itself obeys.

`python -m scripts.docs.payment_path` writes the page, `--check` fails when it is out of date. Owns the page's
words; states and transitions belong to their subjects.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from scripts.docs.written import DOCS, bring
from wallet_service.payments.states import PAYMENT_TRANSITIONS
from wallet_service.redemptions.decisions import TRANSITIONS as REDEMPTION_TRANSITIONS
from wallet_service.sales.states import REFUND_REQUEST_TRANSITIONS, SALE_TRANSITIONS

PAGE = DOCS / "payment-path.md"
COMMAND = ".venv/bin/python -m scripts.docs.payment_path"

HEAD = """# The path of a payment

Written by `{command}` from the tables of transitions the code obeys: every
UPDATE of a state takes the states it may come from out of these tables, so an arrow that is not drawn can
happen nowhere, but for the one door that is named below. Tests try each of those. Who carries the amount
through them: [architecture.md](architecture.md), *A payment's life*.

```mermaid
sequenceDiagram
    participant phone as phone
    participant accept as accept
    participant sql as SQL
    participant settle as settle
    participant chain as chain
    participant project as project
    participant till as till
    phone->>phone: makes the reference, signs, stores
    phone->>accept: the signed order, again until it is answered
    accept->>sql: one commit for many: payment accepted, money reserved, sale accepted, event
    sql-->>till: confirming
    accept-->>phone: accepted
    settle->>sql: one commit: nonce taken, bytes signed and stored, payments settling
    settle->>chain: stored bytes, and nothing else, again until mined or displaced
    chain->>project: final blocks, whole and agreeing
    project->>sql: one commit for a range: postings, balances, payment paid, sale paid, event
    sql-->>till: paid
    sql-->>phone: paid
```

What is there when a stage dies anywhere (`tests/integration/payments`, `tests/chaos`):

| dies | what is there | who goes on |
|---|---|---|
| before the commit of accept | nothing; the phone has no answer | the phone sends the same bytes again |
| after it, before the answer | an accepted payment | its next try is answered from the row; settle takes it |
| before the commit of settle | the payment is accepted, no nonce is taken | the next round of the settler |
| after it, before sending | stored bytes | the sender sends what is stored |
| after sending | stored bytes, perhaps mined | the indexer finds them; *already known* is no error |
| before the commit of project | the cursor stands before the block | the range is read again |
"""

DRAWINGS: Sequence[tuple[str, str, Mapping[Any, frozenset[Any]]]] = (
    (
        "Payment",
        """*accepted* and *settling* are shown as *confirming*. *accepted* to *paid* and to *refused*: anybody
may relay a signed payment, and one that was never sent may expire here. *settling* to *accepted*: its
transaction was mined and reverted as a whole. *refused* is left by one door, `payments/mending.py`: the
chain has it after all, and the journal keeps what people were told.""",
        PAYMENT_TRANSITIONS,
    ),
    ("Sale", "*accepted* to *open* or *expired*: the ledger refused its payment.", SALE_TRANSITIONS),
    (
        "Refund request",
        "*accepted* to *requested*: the ledger refused the signed refund; it is signed again or refused.",
        REFUND_REQUEST_TRANSITIONS,
    ),
    (
        "Redemption",
        """The ledger's word wins over ours, hence *refused* to *locked*. Nobody but the bank, or two officers
for it, takes an exported one back.""",
        REDEMPTION_TRANSITIONS,
    ),
)


def drawing(transitions: Mapping[Any, frozenset[Any]]) -> str:
    """A Mermaid state diagram, in the table's order."""
    order = list(transitions)
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {order[0]}"]
    for source in order:
        lines += [f"    {source} --> {target}" for target in order if target in transitions[source]]
        if not transitions[source]:
            lines.append(f"    {source} --> [*]")
    return "\n".join([*lines, "```"])


def page() -> str:
    parts = [HEAD.format(command=COMMAND)]
    for name, words, transitions in DRAWINGS:
        parts.append(f"## {name}\n\n{words}\n\n{drawing(transitions)}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(bring(PAGE, page(), sys.argv[1:], COMMAND))
