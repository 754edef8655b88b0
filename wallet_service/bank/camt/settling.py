"""Joins the pages of a report and checks it by its balances: what was booked leads from opening to closing.

The sums also settle what an entry alone leaves open: an amount that cannot be read is what is missing, and a
reversal is written one way or the other. Standards disagree on the latter: today CdtDbtInd is how the balance
feels it; before, banks wrote the direction of the entry that is undone (ISO 20022 message definition report,
camt.053, RvslInd).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from wallet_service.bank.camt.entries import Draft, turned
from wallet_service.bank.camt.pages import CLOSING, INTERIM, OPENING, PREVIOUS_CLOSING, Page, PageBalance
from wallet_service.bank.errors import AmountUnreadable, SumMismatch
from wallet_service.bank.reported import AccountReport, Balance, Direction, Entry

#: Pages of a report are missing, so its balances prove nothing of those that came.
PAGES_MISSING = "bank.pages_missing"
#: A balance taken during the day that the entries do not lead to: they are not all of the day's.
INTERIM_UNEXPLAINED = "bank.interim_balance"
#: An entry of a notification or of the day so far that could not be read; the statement will say it again.
ENTRY_LEFT_OUT = "bank.entry_left_out"
#: Which way a reversal went cannot be told without both balances.
REVERSAL_DIRECTION = "bank.reversal_direction"


@dataclass(frozen=True)
class _Ends:
    """The balances between which the entries lie; `is_proof` when a difference condemns the file."""

    opening: Balance | None
    closing: Balance | None
    start_cents: int | None
    end_cents: int | None
    is_proof: bool

    @property
    def moved_cents(self) -> int | None:
        if self.start_cents is None or self.end_cents is None:
            return None
        return self.end_cents - self.start_cents


def settled_reports(pages: Sequence[Page], iban: str) -> tuple[AccountReport, ...]:
    """The reports of those pages, in order. Raises SumMismatch or AmountUnreadable."""
    return tuple(_report(group, iban) for group in joined(pages))


def joined(pages: Sequence[Page]) -> list[tuple[Page, ...]]:
    """Pages by report. A report of one page stands alone; the same page twice counts once."""
    groups = [(page,) for page in pages if page.is_alone]
    paged = dict.fromkeys(page for page in pages if not page.is_alone)
    return [*_interim_joined(groups), *_numbered(sorted(paged, key=_page_order))]


def _page_order(page: Page) -> tuple[str, str, str, int]:
    day = max((each.day for each in page.balances), default="")
    return page.kind, page.report_id, day, page.number


def _numbered(pages: Sequence[Page]) -> Iterator[tuple[Page, ...]]:
    group: list[Page] = []
    for page in pages:
        if group and not (
            (page.kind, page.report_id) == (group[-1].kind, group[-1].report_id)
            and page.number == group[-1].number + 1
        ):
            yield tuple(group)
            group = []
        group.append(page)
    if group:
        yield tuple(group)


def _interim_joined(groups: Sequence[tuple[Page, ...]]) -> list[tuple[Page, ...]]:
    """Pages without numbers: one ends with the interim balance that the next of its id begins with."""
    found: list[tuple[Page, ...]] = []
    for group in groups:
        page, before = group[0], found[-1][-1] if found else None
        if before is not None and _continues(before, page):
            found[-1] = (*found[-1], page)
        else:
            found.append(group)
    return found


def _continues(before: Page, page: Page) -> bool:
    if (before.kind, before.report_id) != (page.kind, page.report_id):
        return False
    ends, begins = _of(before.balances, INTERIM), _of(page.balances, INTERIM)
    return bool(
        ends
        and begins
        and not _of(before.balances, CLOSING)
        and not _of(page.balances, OPENING, PREVIOUS_CLOSING)
        and ends[-1].balance.amount_cents == begins[0].balance.amount_cents
    )


def _of(balances: Sequence[PageBalance], *codes: str) -> list[PageBalance]:
    """Those of the first of these codes that there is, by day."""
    for code in codes:
        found = sorted((each for each in balances if each.code == code), key=lambda each: each.day)
        if found:
            return found
    return []


def _ends(pages: Sequence[Page]) -> _Ends:
    """From the first opening to the last closing balance; an interim one stands in where a page lacks it."""
    balances = [each for page in pages for each in page.balances]
    openings, closings = _of(balances, OPENING, PREVIOUS_CLOSING), _of(balances, CLOSING)
    interim = _of(balances, INTERIM)
    opening = openings[0].balance if openings else None
    closing = closings[-1].balance if closings else None
    start = opening or (interim[0].balance if interim and closing else None)
    end = closing or (interim[-1].balance if interim and opening else None)
    return _Ends(
        opening,
        closing,
        None if start is None else start.amount_cents,
        None if end is None else end.amount_cents,
        is_proof=opening is not None and closing is not None,
    )


def _report(pages: tuple[Page, ...], iban: str) -> AccountReport:
    first, last = pages[0], pages[-1]
    drafts = [draft for page in pages for draft in page.drafts]
    warnings = list(dict.fromkeys(warning for page in pages for warning in page.warnings))
    ends = _ends(pages)
    entries = _settled(drafts, ends.moved_cents)
    if entries is None:
        is_whole = first.number == 1 and last.is_last
        if ends.is_proof and is_whole:
            raise _mismatch(drafts, ends)
        if not is_whole:
            warnings.append(PAGES_MISSING)
        elif ends.moved_cents is not None:
            warnings.append(INTERIM_UNEXPLAINED)
        if ends.is_proof:
            ends = replace(ends, opening=None, closing=None)
        if first.kind == "statement" and any(draft.is_open for draft in drafts):
            raise AmountUnreadable()
        entries = _unproven(drafts)
    if len(entries) < len(drafts):
        warnings.append(ENTRY_LEFT_OUT)
    from_on, to_on = _period(pages, entries)
    return AccountReport(
        kind=first.kind,
        format=first.format,
        message_id=first.message_id,
        report_id=first.report_id,
        iban=iban,
        opening=ends.opening,
        closing=ends.closing,
        from_on=from_on,
        to_on=to_on,
        created_unix_s=max(page.created_unix_s for page in pages),
        entries=entries,
        warnings=tuple(warnings),
    )


def _settled(drafts: Sequence[Draft], moved_cents: int | None) -> tuple[Entry, ...] | None:
    """The entries as they must be for `moved_cents` to have moved; None when they cannot be."""
    if moved_cents is None:
        return None if any(draft.is_open for draft in drafts) else _unproven(drafts)
    missing_cents = moved_cents - sum(draft.entry.signed_cents for draft in drafts if not draft.is_open)
    opened = [draft for draft in drafts if draft.is_open]
    if opened:
        return _with_what_is_missing(drafts, missing_cents) if len(opened) == 1 else None
    reversed_cents = sum(draft.entry.signed_cents for draft in drafts if draft.entry.is_reversal)
    if missing_cents == 0:
        return tuple(draft.entry for draft in drafts) if reversed_cents else _unproven(drafts)
    if missing_cents == -2 * reversed_cents:
        return tuple(turned(draft.entry) if draft.entry.is_reversal else draft.entry for draft in drafts)
    return None


def _unproven(drafts: Sequence[Draft]) -> tuple[Entry, ...]:
    """The entries that can be read, without sums: which way a reversal went stays in doubt."""
    return tuple(
        replace(draft.entry, oddity=draft.entry.oddity or REVERSAL_DIRECTION)
        if draft.entry.is_reversal
        else draft.entry
        for draft in drafts
        if not draft.is_open
    )


def _with_what_is_missing(drafts: Sequence[Draft], missing_cents: int) -> tuple[Entry, ...] | None:
    """The one open entry is what the others lack; it stays odd. None when it says otherwise itself."""
    direction: Direction = "CRDT" if missing_cents > 0 else "DBIT"
    entries: list[Entry] = []
    for draft in drafts:
        entry = draft.entry
        if draft.is_open:
            is_other_amount = draft.is_amount_known and entry.amount_cents != abs(missing_cents)
            is_other_way = draft.is_direction_known and entry.direction != direction and missing_cents != 0
            if is_other_amount or (is_other_way and not entry.is_reversal):
                return None
            entry = replace(entry, amount_cents=abs(missing_cents), direction=direction)
        if entry.amount_cents:
            entries.append(entry)
    return tuple(entries)


def _mismatch(drafts: Sequence[Draft], ends: _Ends) -> SumMismatch | AmountUnreadable:
    if any(draft.is_open for draft in drafts):
        return AmountUnreadable()
    moved_cents = sum(draft.entry.signed_cents for draft in drafts)
    return SumMismatch(
        expected_cents=(ends.start_cents or 0) + moved_cents, closing_cents=ends.end_cents or 0
    )


def _period(pages: Sequence[Page], entries: Sequence[Entry]) -> tuple[str, str]:
    """The days covered: as the bank says, else those of the entries, else that of the last balance."""
    booked = sorted(entry.booked_on for entry in entries if entry.booked_on)
    days = booked or sorted(each.day for page in pages for each in page.balances)[-1:]
    starts = sorted(page.from_on for page in pages if page.from_on) or days
    ends = sorted(page.to_on for page in pages if page.to_on) or days
    return (starts[0] if starts else ""), (ends[-1] if ends else "")
