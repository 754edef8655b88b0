"""Credits of a bank's report, decided together: what each member may receive is read once for all of them.

The same rules as for one (topups.service): each credit is minted once or waits with its reason. Adds one:
euros that were told and not yet shown by a statement are minted only within what is attested already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wallet_service.accounts.stops import stops_in_force
from wallet_service.bank.statement import EntryLine
from wallet_service.chain.ports import CommandQueue, NewCommand
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.push import Push
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import TopupHeld, to_console, to_member
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.protocol.text.references import derived_ref
from wallet_service.topups import decisions, repository
from wallet_service.topups.decisions import LoadLimits, Receiver

#: Why told euros wait: the bank has them, its statement has not shown them yet.
AWAITING_STATEMENT = "awaiting_statement"
#: As when the ledger has refused a mint because of a stop: this one is not even asked for.
ISSUING_STOPPED = "ledger.IssuingStopped"


@dataclass(frozen=True)
class ArrivedCredit:
    """Euros in the account for a member. `is_shown`: a statement shows them; else they were only told."""

    entry_id: str
    entry_key: str
    member_id: str
    amount_cents: int
    is_shown: bool = True


class ArrivedCredits:
    """Inside the bank's unit of work. `credit_minted`: credits a top-up whose units the ledger has made."""

    def __init__(
        self,
        clock: Clock,
        commands: CommandQueue,
        push: Push,
        may_issue: Callable[[], bool],
        credit_minted: Callable[[UnitOfWork, str], None],
    ) -> None:
        self._clock = clock
        self._commands = commands
        self._push = push
        self._may_issue = may_issue
        self._credit_minted = credit_minted

    def members_for(self, work: UnitOfWork, lines: Sequence[EntryLine]) -> list[set[str]]:
        """For each line, the members whose references came with it."""
        references = [decisions.references_in(line) for line in lines]
        known = repository.members_by_reference(
            work.connection, (each for found in references for each in found)
        )
        return [{known[each] for each in found if each in known} for found in references]

    def take(
        self, work: UnitOfWork, credits: Sequence[ArrivedCredit], limits: Mapping[str, LoadLimits]
    ) -> None:
        """Records every credit for its member and queues its mint, or holds it."""
        connection, now_unix_ms = work.connection, self._clock.now_unix_ms()
        member_ids = {credit.member_id for credit in credits}
        receivers = repository.receivers(connection, member_ids, now_unix_ms)
        addresses = repository.account_addresses(connection, member_ids)
        mint_refs = [derived_ref("mint", credit.entry_key) for credit in credits]
        minted = repository.already_minted(connection, mint_refs)
        general = self._general_reason(work, limits)
        slack_cents = 0 if all(credit.is_shown for credit in credits) else repository.slack_cents(connection)
        rows: list[dict[str, Any]] = []
        for credit, mint_ref in zip(credits, mint_refs, strict=True):
            receiver = receivers[credit.member_id]
            limit = limits.get(receiver.tier)
            reason = (
                decisions.hold_reason(receiver, limit, credit.amount_cents, now_unix_ms // MS_PER_DAY)
                or general
            )
            if reason is None and not credit.is_shown and credit.amount_cents > slack_cents:
                reason = AWAITING_STATEMENT
            if mint_ref in minted:
                reason = reason or AWAITING_STATEMENT  # overwritten at once, below
            elif reason is None:
                receivers[credit.member_id] = _with_minting(receiver, credit.amount_cents)
                slack_cents -= credit.amount_cents
            rows.append(_row(credit, mint_ref, reason if limits else "ledger_unavailable", now_unix_ms))
        repository.insert_topups(connection, rows)
        self._commands.queue_commands(
            connection, [_mint(row, addresses) for row in rows if row["state"] == "minting"]
        )
        for row in rows:
            if row["mint_ref"] in minted:
                self._credit_minted(work, row["mint_ref"])
        self._tell_held(
            work, [row for row in rows if row["state"] == "held" and row["mint_ref"] not in minted]
        )

    def _general_reason(self, work: UnitOfWork, limits: Mapping[str, LoadLimits]) -> str | None:
        """What holds every credit at the moment."""
        if not limits:
            return "ledger_unavailable"
        if stops_in_force(work.connection).issuing:
            return ISSUING_STOPPED
        return None if self._may_issue() else "ledger_unexplained"

    def _tell_held(self, work: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
        events = []
        for row in rows:
            held = TopupHeld(row["id"], row["amount_cents"], row["held_reason"])
            events += [to_member(row["member_id"], held), to_console(held)]
        self._push.publish(work, *events)


def is_covered(work: UnitOfWork, topup: repository.Topup) -> bool:
    """Its euros have been shown by a statement, or what is attested covers them already."""
    return (
        repository.is_shown_by_a_statement(work.connection, topup)
        or repository.slack_cents(work.connection) >= topup.amount_cents
    )


def command_ref(mint_ref: str, attempt: int) -> str:
    """A mint command's name: one for each attempt."""
    return f"mint:{mint_ref}:{attempt}"


def _with_minting(receiver: Receiver, amount_cents: int) -> Receiver:
    return replace(
        receiver,
        minting_cents=receiver.minting_cents + amount_cents,
        loaded_30_days_cents=receiver.loaded_30_days_cents + amount_cents,
        was_loaded=True,
    )


def _mint(row: Mapping[str, Any], addresses: Mapping[str, str]) -> NewCommand:
    arguments = [addresses[row["member_id"]], row["amount_cents"], row["mint_ref"]]
    return NewCommand("mint", arguments, "ISSUER", command_ref(row["mint_ref"], row["attempts"]))


def _row(credit: ArrivedCredit, mint_ref: str, reason: str | None, now_unix_ms: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "bank_entry_id": credit.entry_id,
        "member_id": credit.member_id,
        "amount_cents": credit.amount_cents,
        "mint_ref": mint_ref,
        "state": "minting" if reason is None else "held",
        "held_reason": reason,
        "attempts": 1 if reason is None else 0,
        "retry_at_unix_ms": None if reason is None else now_unix_ms + decisions.FIRST_RETRY_S * 1000,
        "matched_at_unix_ms": now_unix_ms,
    }
