"""The order of a moving: read, plan, two signatures, carry, read again, compare. Raises at the first doubt.

Nothing is sent before both signatures are there, and the new ledger stays stopped: opening it is the
governors' act, after the statement was published.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scripts.ledger.moving import statement
from scripts.ledger.moving.plan import CannotMove, Plan, make_plan, parted
from scripts.ledger.moving.state import STOP_EVERYTHING, LedgerState, fold
from scripts.ledger.moving.wire import LedgerWire, Officers

ENROLMENTS_AT_ONCE = 100
ENROL_GAS, MINT_GAS, ACT_GAS = 11_000_000, 400_000, 400_000
STOP_PAYMENTS_AND_REDEEMING = 1 | 4
STOP_ISSUING = 2
MAX_QUOTA_CENTS = 2**48 - 1
MAX_SHOWN = 10


class Differs(Exception):
    """The two states are not the same to the cent; the sentence shows the first places."""


@dataclass(frozen=True)
class Read:
    """A ledger's state as of a block, from its events, checked against its own views."""

    state: LedgerState
    block: int
    block_hash: str

    def origin(self, wire: LedgerWire) -> dict[str, Any]:
        return {
            "chain_id": wire.deployment.chain_id,
            "ledger": wire.deployment.ledger,
            "block": self.block,
            "block_hash": self.block_hash,
        }


def read(wire: LedgerWire) -> Read:
    """Raises Differs when events and views of one ledger say different things."""
    block, block_hash = wire.head()
    state = fold(wire.events(block))
    accounts = sorted(set(state.members) | set(state.balances))
    faults = [
        f"{account}: events say {state.balances.get(account, 0)} cents, the ledger {held}"
        for account, held in zip(
            accounts, wire.views("balanceOf", [[one] for one in accounts], block), strict=True
        )
        if held != state.balances.get(account, 0)
    ]
    for account, seen in zip(
        state.members,
        wire.views("accountOf", [[one] for one in state.members], block),
        strict=True,
    ):
        line = [seen["kind"], seen["tier"], seen["sector"], seen["expiresAtDay"]]
        if line != state.members[account]:
            faults.append(f"{account}: events say {state.members[account]}, the ledger {line}")
    (supply,) = wire.views("totalSupply", [[]], block)
    if supply != state.supply_cents:
        faults.append(f"events say {state.supply_cents} cents circulate, the ledger {supply}")
    _require_same(faults)
    return Read(state, block, block_hash)


def carry(plan: Plan, state: LedgerState, officers: Officers, second_from_cents: int) -> None:
    """The roles' acts on the new ledger, in the order in which each finds what it needs.

    Raises ActFailed, and CannotMove before the first act when a second issuer is needed and not there.
    """
    alone, together = parted(plan.mints, second_from_cents)
    if together and not officers.holds("SECOND_ISSUER"):
        raise CannotMove(f"{len(together)} balances take a second issuer, whose key is not here")
    lines = plan.enrolments
    batches = [
        [lines[start : start + ENROLMENTS_AT_ONCE]] for start in range(0, len(lines), ENROLMENTS_AT_ONCE)
    ]
    officers.act("PAUSER", "stop", [[STOP_PAYMENTS_AND_REDEEMING]], ACT_GAS)
    officers.act("REGISTRAR", "enrolMany", batches, ENROL_GAS)
    # Holding limits of the day a balance came about may have been others: they are set after the money.
    officers.act("GOVERNOR", "setIssuance", [[state.issuance[0], MAX_QUOTA_CENTS]], ACT_GAS)
    officers.act("GOVERNOR", "setTierLimits", [[tier, [0, 0, 0, 0]] for tier in state.limits], ACT_GAS)
    attestation = [state.supply_cents, int(time.time()) - 60, "0x" + state.digest(), 0]
    officers.act("ATTESTER", "attestReserve", [attestation], ACT_GAS)
    officers.act("ISSUER", "mint", alone, MINT_GAS)
    officers.act("ISSUER", "proposeMint", together, MINT_GAS)
    officers.act("SECOND_ISSUER", "approveMint", together, MINT_GAS)
    officers.act(
        "GOVERNOR", "setTierLimits", [[tier, one] for tier, one in sorted(state.limits.items())], ACT_GAS
    )
    officers.act(
        "GOVERNOR", "setPasskeyFloors", [[tier, one] for tier, one in sorted(state.floors.items())], ACT_GAS
    )
    officers.act("GOVERNOR", "setIssuance", [state.issuance], ACT_GAS)
    ground = "0x" + plan.expected.digest()
    officers.act(
        "COMPLIANCE",
        "freeze",
        [
            [account, bool(incoming), bool(outgoing), ground, until]
            for account, (incoming, outgoing, until) in sorted(plan.freezes.items())
        ],
        ACT_GAS,
    )
    officers.act("REGISTRAR", "removeSigner", [[one, one] for one in sorted(plan.ended_keys)], ACT_GAS)
    officers.act("PAUSER", "stop", [[STOP_ISSUING]], ACT_GAS)


def compare(expected: LedgerState, found: LedgerState) -> None:
    """Raises Differs unless the new ledger is what was signed, to the cent, and is stopped."""
    faults = []
    for part in ("balances", "members", "signers", "freezes", "references", "limits", "floors"):
        faults += _differences(part, getattr(expected, part), getattr(found, part))
    if expected.issuance != found.issuance:
        faults.append(f"issuance is {found.issuance}, {expected.issuance} was expected")
    if found.stops != STOP_EVERYTHING:
        faults.append("the new ledger is not stopped")
    if found.open:
        faults.append(f"something is under way on the new ledger: {next(iter(found.open))}")
    _require_same(faults)


def _differences(part: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    return [
        f"{part} of {key}: {expected.get(key)} expected, {found.get(key)} found"
        for key in sorted(set(expected) | set(found))
        if expected.get(key) != found.get(key)
    ]


def _require_same(faults: list[str]) -> None:
    if faults:
        raise Differs(f"{len(faults)} differences: " + "; ".join(faults[:MAX_SHOWN]))


def move(
    old: LedgerWire,
    new: LedgerWire,
    officers: Officers,
    sign: Callable[[str, dict[str, Any]], str],
    say: Callable[[str], None],
) -> tuple[dict[str, Any], LedgerState, LedgerState]:
    """The statement's content, the state before and the one after. `sign` asks an officer by role."""
    before = read(old)
    members, cents = len(before.state.members), before.state.supply_cents
    say(f"the old ledger at block {before.block}: {members} members, {cents} cents")
    origin = before.origin(old)
    plan = make_plan(before.state, f"{origin['chain_id']} {origin['ledger']}", int(time.time()))
    target = {"chain_id": new.deployment.chain_id, "ledger": new.deployment.ledger}
    order = statement.order_of(origin, target, before.state, plan)
    signatures = {role: sign(role, order) for role in statement.SIGNERS}
    statement.require_four_eyes(order, signatures, old.deployment.roles)
    say(f"two officers signed; {len(plan.mints)} mints, {len(plan.freezes)} freezes follow")
    (safeguards,) = new.views("safeguards", [[]], new.head()[0])
    carry(plan, before.state, officers, int(safeguards["secondOfficerFrom"]))
    after = read(new)
    compare(plan.expected, after.state)
    say(f"the new ledger holds the same {after.state.supply_cents} cents, account by account")
    content = {
        "order": order,
        "signatures": signatures,
        "after": after.origin(new) | {"state_sha256": after.state.digest()},
        "acts": officers.sent,
    }
    return content, before.state, after.state
