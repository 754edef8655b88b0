"""The lines of an entry: which transfers it holds for certain, and what stays a sum. Pure.

The rule: a reference counts only for the transfer it came with. The lines of an entry always make the entry,
and no line is more than its transfer's own amount, so what is credited from it never exceeds either. What is
not certain stays one line with its reason, every transfer the bank showed kept beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wallet_service.bank.reported import Entry, References, TransferDetail
from wallet_service.bank.statement import EntryLine, Reason


def lines_of(entry: Entry) -> tuple[EntryLine, ...]:
    """One line for an entry that stands alone or stays a sum, one for each transfer that is certain.

    Empty for an entry of no money: banks announce things that way.
    """
    if entry.amount_cents == 0:
        return ()
    lines = _numbered(_parted(entry))
    if entry.is_reversal:
        return tuple(replace(line, reason="reversal") for line in lines)
    return lines


def _parted(entry: Entry) -> list[EntryLine]:
    if entry.oddity is not None:
        return [_sum_line(entry, "odd")]
    if _stands_alone(entry):
        return _alone(entry)
    return _batch(entry)


def _stands_alone(entry: Entry) -> bool:
    return len(entry.transfers) <= 1 and entry.declared_transfers in (None, 0, 1)


def _alone(entry: Entry) -> list[EntryLine]:
    """All of it is the one transfer's, less what was kept. One smaller than its entry is one of several."""
    transfer = entry.transfers[0] if entry.transfers else TransferDetail()
    if transfer.direction not in (None, entry.direction):
        return [_sum_line(entry, "batch_mixed")]
    own_cents = transfer.amount_cents
    if own_cents == 0:  # whoever sent nothing is not whose the entry is
        return [_sum_line(entry, "batch_incomplete")]
    if own_cents is not None and own_cents < entry.amount_cents:
        return _certain_and_rest(entry, [(transfer, own_cents)])
    kept_cents = transfer.charges_cents or entry.charges_cents
    if own_cents is not None and own_cents > entry.amount_cents:
        kept_cents = own_cents - entry.amount_cents
    return [_transfer_line(entry, transfer, entry.amount_cents, is_alone=True, kept_cents=kept_cents)]


def _batch(entry: Entry) -> list[EntryLine]:
    transfers = entry.transfers
    if any(each.direction not in (None, entry.direction) for each in transfers):
        return [_sum_line(entry, "batch_mixed")]
    if entry.declared_transfers and entry.declared_transfers < len(transfers):
        return [_sum_line(entry, "batch_incomplete")]
    known = [(each, each.amount_cents) for each in transfers if each.amount_cents is not None]
    is_complete = len(known) == len(transfers) and entry.declared_transfers in (None, 0, len(transfers))
    total_cents = sum(cents for _, cents in known)
    if is_complete and total_cents == entry.amount_cents:
        return _transfer_lines(entry, known)
    if is_complete and (net := _less_own_charges(entry, known)):
        return net
    if total_cents > entry.amount_cents:
        return [_sum_line(entry, "batch_net_of_fees")]
    if 0 < total_cents < entry.amount_cents and (entry.direction == "DBIT" or not is_complete):
        return _certain_and_rest(entry, known)
    return [_sum_line(entry, "batch_incomplete")]


def _less_own_charges(entry: Entry, known: Sequence[tuple[TransferDetail, int]]) -> list[EntryLine]:
    """Each transfer less the charges it names, when that makes the entry exactly; else nothing."""
    net = [(each, cents - (each.charges_cents or 0)) for each, cents in known]
    if sum(cents for _, cents in net) != entry.amount_cents or any(cents < 0 for _, cents in net):
        return []
    return _transfer_lines(entry, net)


def _certain_and_rest(entry: Entry, known: Sequence[tuple[TransferDetail, int]]) -> list[EntryLine]:
    """Transfers whose own amount is known, and what is left of the sum, never matched by itself."""
    shown = {id(each) for each, _ in known}
    rest = replace(
        _sum_line(entry, "batch_incomplete"),
        amount_cents=entry.amount_cents - sum(cents for _, cents in known),
        parts=tuple(each for each in entry.transfers if id(each) not in shown),
    )
    return [*_transfer_lines(entry, known), rest]


def _transfer_lines(entry: Entry, amounts: Sequence[tuple[TransferDetail, int]]) -> list[EntryLine]:
    return [_transfer_line(entry, each, cents) for each, cents in amounts if cents > 0]


def _transfer_line(
    entry: Entry,
    transfer: TransferDetail,
    amount_cents: int,
    *,
    is_alone: bool = False,
    kept_cents: int | None = None,
) -> EntryLine:
    """`is_alone`: all the entry says is said of this transfer, `kept_cents` the charges it makes of both."""
    shared = entry.references
    if not is_alone:
        shared = References(
            servicer=shared.servicer, payment_information=shared.payment_information, message=shared.message
        )
    return EntryLine(
        direction=entry.direction,
        amount_cents=amount_cents,
        booked_on=entry.booked_on,
        references=_completed(transfer.references, shared),
        return_reason=entry.return_reason if transfer.return_reason is None else transfer.return_reason,
        is_reversal=entry.is_reversal,
        structured=transfer.structured,
        texts=(*transfer.texts, *entry.texts) if is_alone else transfer.texts,
        charges_cents=kept_cents if is_alone else transfer.charges_cents,
        counterparty_name=transfer.counterparty_name,
        counterparty_iban=transfer.counterparty_account,
        entry_cents=entry.amount_cents,
    )


def _sum_line(entry: Entry, reason: Reason) -> EntryLine:
    """The entry as a sum. Nothing of its transfers stands on it, so that nothing of them can be matched."""
    return EntryLine(
        direction=entry.direction,
        amount_cents=entry.amount_cents,
        booked_on=entry.booked_on,
        references=_completed(entry.references, _shared_by_all(entry.transfers)),
        return_reason=entry.return_reason,
        is_reversal=entry.is_reversal,
        texts=entry.texts,
        charges_cents=entry.charges_cents,
        reason=reason,
        entry_cents=entry.amount_cents,
        parts=entry.transfers,
    )


def _shared_by_all(transfers: Sequence[TransferDetail]) -> References:
    """The names of a payment file that every transfer repeats: they name the sum (a payout's debit)."""

    def shared(names: set[str | None]) -> str | None:
        return names.pop() if len(names) == 1 else None

    return References(
        payment_information=shared({each.references.payment_information for each in transfers}),
        message=shared({each.references.message for each in transfers}),
    )


def _completed(own: References, others: References) -> References:
    return References(
        servicer=own.servicer or others.servicer,
        entry=own.entry or others.entry,
        transaction=own.transaction or others.transaction,
        end_to_end=own.end_to_end or others.end_to_end,
        instruction=own.instruction or others.instruction,
        payment_information=own.payment_information or others.payment_information,
        message=own.message or others.message,
        mandate=own.mandate or others.mandate,
        cheque=own.cheque or others.cheque,
    )


def _numbered(lines: Sequence[EntryLine]) -> tuple[EntryLine, ...]:
    if len(lines) == 1:
        return tuple(lines)
    return tuple(replace(line, number=number) for number, line in enumerate(lines, 1))
