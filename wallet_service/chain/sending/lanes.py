"""Which queued commands may travel now: a lane for each role, and in it only the order that matters. Pure.

Every role has a key and nonces of its own, so no command waits for another role's, but for the few pairs of
`AFTER`. Within a lane neighbours of one kind travel together. Another kind waits until what was queued
before it is mined, unless the two concern different accounts: a thousand strangers' enrolments hold up
neither each other nor anybody's change. Lanes are looked at in the order of `LANES`: stops first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from wallet_service.security.roles import Role

#: Stops and freezes first, strangers' business last.
LANES: tuple[Role, ...] = (
    "PAUSER",
    "COMPLIANCE",
    "GOVERNOR",
    "ATTESTER",
    "ISSUER",
    "SECOND_ISSUER",
    "RELAYER",
    "REGISTRAR",
)
#: Kinds whose first argument is the account they concern.
ACCOUNT_KINDS = frozenset(
    {
        "enrol",
        "setMember",
        "addSigner",
        "addLimitedSigner",
        "removeSigner",
        "freeze",
        "unfreeze",
        "suspendKey",
        "releaseKey",
        "mint",
        "proposeRecovery",
        "cancelRecovery",
        "haltRecovery",
        "vetoRecovery",
        "executeRecovery",
    }
)
#: What must be mined before a kind of another role: a mint needs the attestation and, of its own account, the
#: membership; a redemption's end the attester's word; of a stop and a resumption the one asked for last must
#: be the last word.
AFTER: dict[str, tuple[str, ...]] = {
    "mint": ("attestReserve", "enrol", "setMember"),
    "completeRedemption": ("attestOutcome",),
    "returnRedemption": ("attestOutcome",),
    "freeze": ("enrol",),
    "stop": ("resume",),
    "resume": ("stop",),
}
#: Go first in their lane, and find a place in it however many others are on their way.
URGENT_KINDS = frozenset({"removeSigner", "vetoRecovery"})
#: Whose lanes they travel in.
ROLES_WITH_URGENT = frozenset({"REGISTRAR", "RELAYER"})
PLACES_FOR_URGENT = 8
#: What travels as one `enrolMany`: half of the contract's MAX_ENROLMENTS, well within a batch's gas.
ENROLMENTS_PER_TRANSACTION = 100
ENROL, ENROL_MANY = "enrol", "enrolMany"
MAX_COMMANDS_PER_RUN = 100


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A command queued, or sent and not mined. `account` is set for ACCOUNT_KINDS only.

    `travels_alone`: it shared a transaction that was refused whole, which must not happen to it twice.
    """

    id: int
    kind: str
    role: str
    account: str | None
    transaction_id: int | None = None
    travels_alone: bool = False

    @property
    def is_sent(self) -> bool:
        return self.transaction_id is not None


@dataclass(frozen=True, slots=True)
class Run:
    """Commands of one kind and role that travel together, in order. Enrolments share one transaction."""

    role: str
    kind: str
    ids: tuple[int, ...]


@dataclass
class _Earlier:
    """What was queued before the command that is looked at, and is not mined."""

    kinds: set[str] = field(default_factory=set)
    of_account: defaultdict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    of_role: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    of_whole_role: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    kinds_of_account: set[tuple[str, str]] = field(default_factory=set)

    def add(self, one: Unfinished) -> None:
        self.kinds.add(one.kind)
        self.of_role[one.role].add(one.kind)
        if one.account is None:
            self.of_whole_role[one.role].add(one.kind)
        else:
            self.of_account[one.role, one.account].add(one.kind)
            self.kinds_of_account.add((one.kind, one.account))

    def holds_up(self, one: Unfinished) -> bool:
        if one.account is None:
            before = self.of_role[one.role]
        else:
            before = self.of_whole_role[one.role] | self.of_account[one.role, one.account]
        return bool(before - {one.kind}) or any(
            self._is_before(kind, one) for kind in AFTER.get(one.kind, ())
        )

    def _is_before(self, kind: str, one: Unfinished) -> bool:
        if kind in ACCOUNT_KINDS:
            return one.account is not None and (kind, one.account) in self.kinds_of_account
        return kind in self.kinds


def runs_of(
    role: str, unfinished: Iterable[Unfinished], max_inflight: int, kept_back: Collection[str] = ()
) -> Iterator[Run]:
    """This role's runs, the most urgent first; `unfinished` in the order of their ids.

    `kept_back` are kinds that must not travel now; while queued they hold up nobody.
    """
    earlier, by_kind = _Earlier(), defaultdict[str, list[Unfinished]](list)
    transactions: set[int] = set()
    for one in unfinished:
        if one.transaction_id is not None:
            if one.role == role:
                transactions.add(one.transaction_id)
        elif one.kind in kept_back:
            continue
        elif one.role == role and not earlier.holds_up(one):
            by_kind[one.kind].append(one)
        earlier.add(one)
    room = max_inflight - len(transactions)
    kept_free = min(PLACES_FOR_URGENT, max_inflight // 4) if role in ROLES_WITH_URGENT else 0
    for kind in sorted(by_kind, key=lambda kind: (kind not in URGENT_KINDS, by_kind[kind][0].id)):
        places = room if kind in URGENT_KINDS else room - kept_free
        for run in _runs_of_kind(role, kind, by_kind[kind], places):
            room -= 1 if kind == ENROL else len(run.ids)
            yield run


def _runs_of_kind(role: str, kind: str, free: list[Unfinished], places: int) -> Iterator[Run]:
    if places <= 0:
        return
    if kind != ENROL:
        yield Run(role, kind, tuple(one.id for one in free[: min(places, MAX_COMMANDS_PER_RUN)]))
        return
    alone = [one.id for one in free if one.travels_alone][: min(places, MAX_COMMANDS_PER_RUN)]
    yield from (Run(role, kind, (one,)) for one in alone)
    together = tuple(one.id for one in free if not one.travels_alone)[:ENROLMENTS_PER_TRANSACTION]
    if together and places > len(alone):
        yield Run(role, kind, together)
