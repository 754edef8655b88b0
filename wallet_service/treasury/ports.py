"""What booking asks of others: acts that take two officers, reversals, answers about payment files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import Connection

from wallet_service.bank.reported import PaymentStatusReport
from wallet_service.bank.statement import EntryLine
from wallet_service.database.unit_of_work import UnitOfWork


class AskedAct(Protocol):
    """An act as its first officer asked for it."""

    @property
    def details(self) -> Mapping[str, Any]: ...

    @property
    def ground(self) -> str: ...

    @property
    def asked_by(self) -> str: ...

    @property
    def subject_id(self) -> str | None: ...


class TwoOfficers(Protocol):
    """One officer asks, another decides."""

    def on_approved(self, act: str, prepare: Callable[[], Callable[[UnitOfWork, Any], None]]) -> None:
        """What an approved act does: `prepare` runs before the decision's unit of work, its answer in it."""
        ...

    def ask(
        self,
        work: UnitOfWork,
        act: str,
        details: Mapping[str, Any],
        ground: str,
        officer_id: str,
        subject_id: str | None = None,
    ) -> str: ...

    def waiting_subjects(self, connection: Connection, act: str) -> set[str]:
        """The subjects this act is asked for and not yet decided, nor too old."""
        ...


class Reversals(Protocol):
    """Ties what the bank undoes to what was done with it."""

    def note(self, work: UnitOfWork, entry_id: str, line: EntryLine) -> None:
        """A reversal has been recorded as `entry_id` (unmatched, reason "reversal"), in this unit of work.

        A DBIT undoes a credit, a CRDT a debit. Called once for each: for lines with `is_reversal`, and for
        debits with a return's reason.
        """
        ...

    def look_again(self, work: UnitOfWork) -> None:
        """Further credits are decided: what waits may be tied to one of them."""
        ...


class PaymentAnswers(Protocol):
    """Takes the bank's word on payment files of ours (pain.002)."""

    def take(self, work: UnitOfWork, report: PaymentStatusReport) -> None:
        """In the inbox's unit of work; taking the same report again changes nothing."""
        ...


class NoReversals:
    """Where nothing follows reversals up: they wait with their reason like any movement."""

    def note(self, work: UnitOfWork, entry_id: str, line: EntryLine) -> None:
        del work, entry_id, line

    def look_again(self, work: UnitOfWork) -> None:
        del work


class NoPaymentAnswers:
    """Where nothing follows payment files up."""

    def take(self, work: UnitOfWork, report: PaymentStatusReport) -> None:
        del work, report
