"""From one ledger's state to the acts that make the new one's. Pure; refuses what cannot be moved whole.

Every reference of a euro credit is used up on the new ledger too, with one cent of what circulates, so that
none becomes money twice. The rest of each balance is issued under a reference of the moving's own. Which cent
came from which credit nobody can say, and nothing says so here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scripts.ledger.moving.state import OWN_KEY, STOP_EVERYTHING, LedgerState

SECONDS_A_DAY = 86_400
#: Account, cents, reference.
Mint = tuple[str, int, str]


class CannotMove(Exception):
    """The state cannot be moved as it is; the sentence says what has to end first."""


@dataclass
class Plan:
    """`expected` is what the new ledger must say afterwards; `told` what its people must be told."""

    enrolments: list[list[Any]] = field(default_factory=list)
    mints: list[Mint] = field(default_factory=list)
    ended_keys: list[str] = field(default_factory=list)
    freezes: dict[str, list[int]] = field(default_factory=dict)
    expected: LedgerState = field(default_factory=LedgerState)
    told: list[str] = field(default_factory=list)


def require_still(state: LedgerState) -> None:
    """Raises CannotMove unless payments, issuing and redeeming are stopped and nothing is under way."""
    if state.stops & STOP_EVERYTHING != STOP_EVERYTHING:
        raise CannotMove("payments, issuing and redeeming are not all stopped")
    if state.open:
        first = next(iter(state.open))
        raise CannotMove(f"{len(state.open)} acts are not ended yet, the first is {first}")


def make_plan(state: LedgerState, origin: str, now_unix_s: int) -> Plan:
    """`origin` names the old chain and ledger. Raises CannotMove."""
    require_still(state)
    plan = Plan()
    today = now_unix_s // SECONDS_A_DAY
    balances = {account: cents for account, cents in state.balances.items() if account in state.members}
    _give_campaigns_back(state, balances, plan)
    if sum(balances.values()) != state.supply_cents:
        raise CannotMove("money lies with somebody who is no member")
    for account, (kind, tier, sector, last_day) in sorted(state.members.items()):
        if last_day and last_day <= today:
            plan.told.append(f"identity of {account} was over: it is over from tomorrow on the new ledger")
            last_day = today + 1
        plan.enrolments.append([account, kind, tier, sector, last_day])
        _keys(account, state.signers[account], plan)

    def own_reference(account: str) -> str:
        return "0x" + hashlib.sha256(f"moved from {origin}: {account}".encode()).hexdigest()

    plan.mints = allotted(balances, state.references, own_reference)
    for account, (incoming, outgoing, until) in state.freezes.items():
        if until == 0 or until > now_unix_s:
            plan.freezes[account] = [incoming, outgoing, until]
    for account in plan.ended_keys:
        if account not in plan.freezes:
            plan.freezes[account] = [0, 1, 0]
            plan.told.append(f"{account} has lost its own key: frozen until its recovery on the new ledger")
    _expect(plan, balances, state)
    return plan


def _give_campaigns_back(state: LedgerState, balances: dict[str, int], plan: Plan) -> None:
    """Terms bind by the funder's signature, and the old one is dead on the new chain: nobody signs for it."""
    for ref, campaign in sorted(state.open_campaigns().items()):
        funder = campaign["funder"]
        balances[funder] = balances.get(funder, 0) + campaign["rest"]
        plan.told.append(
            f"campaign {ref}: its {campaign['rest']} cents are back with {funder}, "
            "who opens it again under the same reference by signing anew"
        )


def _keys(account: str, signers: Mapping[str, int], plan: Plan) -> None:
    if signers.get(account) != OWN_KEY:
        plan.ended_keys.append(account)
    for signer in sorted(set(signers) - {account}):
        plan.told.append(f"key {signer} of {account} is added again by its owner")


def allotted(
    balances: Mapping[str, int], references: Iterable[str], own_reference: Callable[[str], str]
) -> list[Mint]:
    """(account, cents, reference): one cent under each old reference, the rest of a balance under its own.

    Raises CannotMove where there are more references than cents.
    """
    left = {account: cents for account, cents in sorted(balances.items()) if cents}
    mints: list[Mint] = []
    waiting = iter(sorted(references))
    ref = next(waiting, None)
    for account, cents in left.items():
        while ref is not None and cents:
            mints.append((account, 1, ref))
            cents -= 1
            ref = next(waiting, None)
        if cents:
            mints.append((account, cents, own_reference(account)))
    if ref is not None:
        raise CannotMove("there are more references than cents in circulation")
    return mints


def parted(mints: Iterable[Mint], second_from_cents: int) -> tuple[list[Mint], list[Mint]]:
    """(what one issuer issues alone, what a second one approves), by the ledger's own rule.

    What single issuers issued to one receiver counts together; a bound of 0 is none.
    """
    alone: list[Mint] = []
    together: list[Mint] = []
    issued: dict[str, int] = {}
    for account, cents, ref in mints:
        held = issued.get(account, 0) + cents
        if second_from_cents and held >= second_from_cents:
            together.append((account, cents, ref))
        else:
            issued[account] = held
            alone.append((account, cents, ref))
    return alone, together


def _expect(plan: Plan, balances: Mapping[str, int], state: LedgerState) -> None:
    expected = plan.expected
    expected.balances = {account: cents for account, cents in balances.items() if cents}
    expected.members = {line[0]: line[1:] for line in plan.enrolments}
    ended = set(plan.ended_keys)
    expected.signers = {
        account: {} if account in ended else {account: OWN_KEY} for account in expected.members
    }
    expected.freezes = plan.freezes
    expected.references = {ref: cents for _, cents, ref in plan.mints}
    expected.limits, expected.floors, expected.issuance = state.limits, state.floors, state.issuance
