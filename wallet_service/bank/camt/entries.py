"""Reads one entry (Ntry) of a camt message, of any version. Never refuses: what is odd is said of the entry.

What cannot be known from the entry alone (an amount in another currency, which way a reversal went) is left
open in a Draft; `settling` closes it by the report's sums.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from wallet_service.bank.camt.nodes import XmlNode
from wallet_service.bank.camt.values import (
    cents_of,
    day_of,
    direction_of,
    is_foreign,
)
from wallet_service.bank.reported import Direction, Entry, References, TransferDetail, named
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS

#: Bank transaction codes (sub-family) of transfers that come back: returned by the other bank, and given back
#: because the payer asked for it (ISO 20022 external code set).
RETURN_CODES = frozenset({"RRTN", "RPCR"})
BOOKED = "BOOK"
#: Not booked: pending, for information, to be booked later.
NOT_BOOKED = frozenset({"PDNG", "INFO", "FUTR"})
MAX_TRANSFERS_DECLARED = 1_000_000
MAX_TEXTS = 100
#: The standard's references are of 35 or 36 characters; longer ones are cut.
MAX_REFERENCE_CHARACTERS = 140
#: A code is of four characters, a bank's own words for it of 35.
MAX_REASON_CHARACTERS = 35
#: Version 01 has details and batch in the entry itself.
DETAIL_PATHS = ("NtryDtls/TxDtls", "TxDtls")
BATCH_PATHS = ("NtryDtls/Btch", "Btch")

#: Oddities, in the order in which one hides the next.
FOREIGN_CURRENCY = "bank.entry_currency"
AMOUNT_UNREADABLE = "bank.entry_amount"
DIRECTION_UNREADABLE = "bank.entry_direction"
STATUS_UNKNOWN = "bank.entry_status"
DAY_UNREADABLE = "bank.entry_date"
REVERSAL_UNREADABLE = "bank.entry_reversal"
BATCH_UNREADABLE = "bank.entry_batch"


@dataclass(frozen=True)
class Draft:
    """An entry as written; what is not known of it means nothing in `entry`."""

    entry: Entry
    is_amount_known: bool = True
    is_direction_known: bool = True

    @property
    def is_open(self) -> bool:
        return not (self.is_amount_known and self.is_direction_known)


def read_entry(node: XmlNode, our_account: str) -> Draft | None:
    """The entry if it is booked and moves money, else None. `our_account` is never the counterparty's."""
    status = node.text("Sts/Cd", "Sts/Prtry", "Sts").upper()
    if status in NOT_BOOKED:
        return None
    amount = node.only("Amt")
    amount_cents, direction = cents_of(amount), direction_of(node)
    details = node.all(*DETAIL_PATHS)
    if amount_cents == 0:
        return None  # banks announce things with empty entries
    is_reversal, is_reversal_sound = _reversal(node)
    booked_text = node.text("BookgDt/Dt", "BookgDt/DtTm")
    declared, is_batch_sound = _declared(node)
    booked_on = day_of(booked_text)
    oddities = (
        (FOREIGN_CURRENCY, is_foreign(amount)),
        (AMOUNT_UNREADABLE, amount_cents is None or amount_cents > MAX_AMOUNT_CENTS),
        (DIRECTION_UNREADABLE, direction is None),
        (STATUS_UNKNOWN, status != BOOKED),
        (DAY_UNREADABLE, bool(booked_text) and not booked_on),
        (REVERSAL_UNREADABLE, not is_reversal_sound),
        (BATCH_UNREADABLE, not is_batch_sound),
    )
    entry = Entry(
        direction=direction or "CRDT",
        amount_cents=amount_cents or 0,
        booked_on=booked_on,
        references=References(
            servicer=_reference(node.text("AcctSvcrRef")),
            entry=_reference(node.text("NtryRef")),
            payment_information=_shared(node, "PmtInfId"),
            message=_shared(node, "MsgId"),
        ),
        is_reversal=is_reversal,
        return_reason=_returned(node),
        declared_transfers=declared,
        charges_cents=_charges(node),
        texts=tuple(node.texts("AddtlNtryInf")[:MAX_TEXTS]),
        transfers=tuple(_transfer(detail, direction, our_account) for detail in details),
        oddity=next((code for code, is_odd in oddities if is_odd), None),
    )
    return Draft(entry, amount_cents is not None, direction is not None)


def turned(entry: Entry) -> Entry:
    """The same entry and its details the other way round."""
    return replace(
        entry,
        direction=_other(entry.direction),
        transfers=tuple(
            each if each.direction is None else replace(each, direction=_other(each.direction))
            for each in entry.transfers
        ),
    )


def _other(direction: Direction) -> Direction:
    return "DBIT" if direction == "CRDT" else "CRDT"


def _reversal(node: XmlNode) -> tuple[bool, bool]:
    """Whether the bank undoes an entry, and whether it said so in a word of the standard's."""
    indicators = {text.lower() for text in node.texts("RvslInd")}
    is_sound = len(indicators) <= 1 and indicators <= {"false", "0", "true", "1"}
    return bool(indicators - {"false", "0"}), is_sound


def _declared(node: XmlNode) -> tuple[int | None, bool]:
    """How many transfers the bank says there are (over all its batches), and whether that can be read."""
    written = node.texts(*(f"{path}/NbOfTxs" for path in BATCH_PATHS))
    if not written:
        return None, True
    if not all(text.isascii() and text.isdigit() and len(text) <= 15 for text in written):
        return None, False
    declared = sum(int(text) for text in written)
    return (declared, True) if declared <= MAX_TRANSFERS_DECLARED else (None, False)


def _shared(node: XmlNode, name: str) -> str | None:
    """What all batches of the entry say under that name, None when they disagree."""
    found = {_reference(text) for text in node.texts(*(f"{path}/{name}" for path in BATCH_PATHS))}
    return found.pop() if len(found) == 1 else None


def _charges(node: XmlNode) -> int | None:
    """What the bank kept: the total it says, else the sum of its records; None when some is not euro cents.

    Version 04 and later keep records under Rcrd, earlier ones repeat Chrgs. Without a direction it was kept.
    """
    totals = node.all("Chrgs/TtlChrgsAndTaxAmt")
    if totals:
        amounts = [cents_of(total) for total in totals]
    else:
        records = node.all("Chrgs/Rcrd") or node.all("Chrgs")
        amounts = [
            cents if direction_of(record) != "CRDT" or cents is None else -cents
            for record in records
            for cents in [cents_of(record.only("Amt"))]
        ]
    if not amounts or None in amounts:
        return None
    kept_cents = sum(cents for cents in amounts if cents is not None)
    return kept_cents if kept_cents >= 0 else None


def _returned(node: XmlNode) -> str | None:
    """The reason of a transfer that came back: a code, "" without one; None when it is no return."""
    information = node.all("RtrInf")
    if information:
        reason = information[0].text("Rsn/Cd", "Rsn/Prtry", "RtrRsn/Cd", "RtrRsn/Prtry")
        return reason[:MAX_REASON_CHARACTERS]
    return "" if node.text("BkTxCd/Domn/Fmly/SubFmlyCd") in RETURN_CODES else None


def _transfer(node: XmlNode, entry_direction: Direction | None, our_account: str) -> TransferDetail:
    returned = _returned(node)
    direction = direction_of(node)
    name, account = _counterparty(node, direction or entry_direction, returned is not None, our_account)
    refs = "Refs/" if node.all("Refs") else ""
    return TransferDetail(
        amount_cents=_detail_cents(node),
        direction=direction,
        charges_cents=_charges(node),
        references=References(
            servicer=_reference(node.text(f"{refs}AcctSvcrRef")),
            transaction=_first_named(node, f"{refs}TxId", f"{refs}UETR", f"{refs}ClrSysRef"),
            end_to_end=_reference(node.text(f"{refs}EndToEndId")),
            instruction=_reference(node.text(f"{refs}InstrId")),
            payment_information=_reference(node.text(f"{refs}PmtInfId")),
            message=_reference(node.text(f"{refs}MsgId")),
            mandate=_reference(node.text(f"{refs}MndtId")),
            cheque=_reference(node.text(f"{refs}ChqNb")),
        ),
        return_reason=returned,
        structured=tuple(_structured(node)[:MAX_TEXTS]),
        texts=tuple(
            node.texts("RmtInf/Ustrd", "RmtInf/Strd/AddtlRmtInf", "AddtlTxInf", "RtrInf/AddtlInf")[:MAX_TEXTS]
        ),
        counterparty_name=name,
        counterparty_account=account,
    )


def _reference(text: str) -> str | None:
    return named(text[:MAX_REFERENCE_CHARACTERS]) if text else None


def _first_named(node: XmlNode, *names: str) -> str | None:
    return next((found for name in names if (found := _reference(node.text(name)))), None)


def _structured(node: XmlNode) -> list[str]:
    return node.texts(
        "RmtInf/Strd/CdtrRefInf/Ref",
        "RmtInf/Strd/CdtrRefInf/CdtrRef",
        "RmtInf/Strd/RfrdDocInf/Nb",
        "RmtInf/Strd/RfrdDocInf/RfrdDocNb",
    )


def _detail_cents(node: XmlNode) -> int | None:
    """Its euro cents: the first that is in euros of its own amount, the transfer's, and its equivalent."""
    for amount in node.all("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt"):
        if not is_foreign(amount):
            return cents_of(amount)
    return None


def _counterparty(
    node: XmlNode, direction: Direction | None, is_returned: bool, our_account: str
) -> tuple[str, str]:
    """Name and account of the other side: who pays us, or whom we pay.

    A returned transfer may still name its parties as when it was sent, so the one that is not us is taken.
    """
    sides = ["Dbtr", "Cdtr"] if direction == "CRDT" else ["Cdtr", "Dbtr"]
    for side in sides if is_returned else sides[:1]:
        parties = node.all("RltdPties")
        if not parties:
            break
        # From version 08 on a name stands inside Pty, or Agt for a bank.
        name = parties[0].text(f"{side}/Pty/Nm", f"{side}/Nm", f"{side}/Agt/FinInstnId/Nm")
        account = parties[0].text(
            f"{side}Acct/Id/IBAN",
            f"{side}Acct/Id/Othr/Id",
            f"{side}Acct/Id/BBAN",
            f"{side}Acct/Id/PrtryAcct/Id",
        )
        if (name or account) and account.replace(" ", "").upper() != our_account:
            return name, account
    return "", ""
