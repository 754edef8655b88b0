"""What a bank reports of payouts, format-free: for tests of every way a conversion ends."""

from __future__ import annotations

from typing import Any

from tests.support.bank_side import RESERVE_IBAN, BankSide
from wallet_service.bank.reported import (
    AccountReport,
    Balance,
    BankFile,
    Entry,
    PaymentStatusReport,
    References,
    TransferDetail,
    TransferStatus,
)
from wallet_service.treasury.booking.deciding import BookedCounts
from wallet_service.treasury.payouts.models import PayoutFile

DAY = "2026-06-02"


def moved(
    direction: str,
    amount_cents: int,
    *,
    servicer: str | None = None,
    transfers: int | None = None,
    is_reversal: bool = False,
    reason: str | None = None,
    texts: tuple[str, ...] = (),
    **names: Any,
) -> Entry:
    """One entry; with `transfers`, a sum of so many without their details. `names`: its references."""
    references = References(servicer=servicer, **names)
    detail = TransferDetail(amount_cents, references=References(**names), return_reason=reason, texts=texts)
    return Entry(
        "CRDT" if direction == "CRDT" else "DBIT",
        amount_cents,
        DAY,
        references=references,
        is_reversal=is_reversal,
        return_reason=reason,
        declared_transfers=transfers,
        transfers=() if transfers else (detail,),
    )


def books(side: BankSide, *entries: Entry, is_final: bool = True) -> BookedCounts:
    """The next statement, with those entries; the ledger runs after it unless it is not to be final yet."""
    side.clock.advance_ms(600_000)
    side.statements_made += 1
    opening_cents = side.balance_cents
    side.balance_cents += sum(entry.signed_cents for entry in entries)
    now_unix_s = side.clock.now_unix_s()
    report = AccountReport(
        kind="statement",
        format="camt.053.001.08",
        message_id=f"M{side.statements_made}",
        report_id=f"R{side.statements_made}",
        iban=RESERVE_IBAN,
        opening=Balance(opening_cents, now_unix_s),
        closing=Balance(side.balance_cents, now_unix_s),
        from_on=DAY,
        to_on=DAY,
        created_unix_s=now_unix_s,
        entries=entries,
    )
    booked = side.bank.receive(BankFile(reports=(report,)), f"{side.statements_made:064x}", "releve.xml")
    if is_final:
        side.ledger.run()
    return booked


def answers(
    side: BankSide,
    message_id: str,
    status: str = "",
    reason: str = "",
    *,
    blocks: tuple[tuple[str, str, str], ...] = (),
    transfers: tuple[TransferStatus, ...] = (),
) -> None:
    """The bank's word on a payment file, as the inbox hands it over."""
    report = PaymentStatusReport("pain.002.001.10", "W1", message_id, status, reason, blocks, transfers)
    side.bank.receive(BankFile(answers=(report,)), "ab" * 32, "reponse.xml")


def at_bank(side: BankSide, shop: str, *amounts_cents: int) -> tuple[PayoutFile, list[str], list[str]]:
    """An approved file of conversions of those amounts: the file, their references, their end-to-end ids."""
    refs = []
    for amount_cents in amounts_cents:
        refs.append(side.redeem(shop, amount_cents).ref)
        side.clock.advance_ms(1_000)
    ids = list(side.pay_out())
    return side.payouts.list_payout_files(1)[0], refs, ids


def signed(side: BankSide, approval_id: str, officer: str = "officer-2") -> None:
    """A second officer signs what the first asked for; the ledger runs after it."""
    side.approvals.approve(approval_id, officer, {"treasury"})
    side.ledger.run()
