"""Reports as any bank's format gives them, built without a file: for tests of what becomes of them."""

from __future__ import annotations

import datetime
from typing import Any

from tests.support.bank_side import RESERVE_IBAN
from wallet_service.bank.reported import (
    AccountReport,
    Balance,
    BankFile,
    Direction,
    Entry,
    References,
    ReportKind,
    TransferDetail,
)
from wallet_service.territory.currency import LOCAL_ZONE

DAY = "2026-05-28"
NEXT_DAY = "2026-05-29"
PAYER_IBAN = "FR7699999000010000000099928"


def transfer(amount_cents: int | None = None, reference: str = "", **more: Any) -> TransferDetail:
    """`reference`: a creditor reference. `more`: names (end_to_end ...) or fields of a detail."""
    names = {key: more.pop(key) for key in list(more) if key in References.__dataclass_fields__}
    return TransferDetail(
        amount_cents=amount_cents,
        structured=(reference,) if reference else (),
        references=References(**names),
        counterparty_account=more.pop("account", PAYER_IBAN),
        **more,
    )


def entry(amount_cents: int, *transfers: TransferDetail, bank: str | None = None, **more: Any) -> Entry:
    """`bank`: the bank's own reference."""
    direction: Direction = more.pop("direction", "CRDT")
    booked_on = more.pop("on", DAY)
    names = {key: more.pop(key) for key in list(more) if key in References.__dataclass_fields__}
    references = References(servicer=bank, **names)
    return Entry(direction, amount_cents, booked_on, references, transfers=transfers, **more)


def credit(amount_cents: int, reference: str = "", bank: str | None = None, **more: Any) -> Entry:
    """One transfer alone; `on`: its day."""
    on = more.pop("on", DAY)
    return entry(amount_cents, transfer(amount_cents, reference, **more), bank=bank, on=on)


def report(
    *entries: Entry,
    opening_cents: int | None = 1000_00,
    name: str = "S1",
    on: str = DAY,
    kind: ReportKind = "statement",
    at: str = "23:30:00",
    is_closed: bool = True,
    closing_cents: int | None = None,
) -> AccountReport:
    """A day's report; a statement's closing balance is what its entries lead to."""
    moment = datetime.datetime.fromisoformat(f"{on}T{at}").replace(tzinfo=LOCAL_ZONE)
    as_of_unix_s = int(moment.timestamp())
    if closing_cents is None and opening_cents is not None:
        closing_cents = opening_cents + sum(each.signed_cents for each in entries)
    has_balances = kind == "statement"
    opening = None if opening_cents is None or not has_balances else Balance(opening_cents, as_of_unix_s)
    closing = None
    if has_balances and is_closed and closing_cents is not None:
        closing = Balance(closing_cents, as_of_unix_s)
    days = sorted(each.booked_on for each in entries if each.booked_on) or [on]
    return AccountReport(
        kind=kind,
        format={"statement": "camt.053.001.08", "report": "camt.052.001.08"}.get(kind, "camt.054.001.08"),
        message_id=f"M-{name}",
        report_id=name,
        iban=RESERVE_IBAN,
        opening=opening,
        closing=closing,
        from_on=days[0],
        to_on=days[-1],
        created_unix_s=as_of_unix_s,
        entries=entries,
    )


def notification(*entries: Entry, name: str = "N1", at: str = "10:00:00", on: str = DAY) -> AccountReport:
    """Movements told one by one (camt.054)."""
    return report(*entries, name=name, kind="notification", at=at, on=on)


def file_of(*reports: AccountReport) -> BankFile:
    return BankFile(reports=reports)
