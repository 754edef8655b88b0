"""Writes credit transfer files (ISO 20022 pain.001, versions 001.001.03 and .09) and checks them.

The file says exactly what it is given: ids are ours, so that the bank can refuse a repetition and its
statement can be matched. Two checks come last: the standard's schema, and the banks' character set. Must not
choose what is paid.
"""

from __future__ import annotations

import datetime
import importlib.resources
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lxml import etree
from sepaxml import SepaTransfer

from wallet_service.bank import epc217, target2
from wallet_service.bank.errors import PayoutContentInvalid
from wallet_service.territory.currency import LOCAL_ZONE as BANK_TIME_ZONE

Version = Literal["pain.001.001.03", "pain.001.001.09"]
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True)
class Transfer:
    """One credit transfer. `end_to_end_id` comes back in the bank's statement.

    `name` is the holder's of the account it goes to, in writable characters.
    """

    end_to_end_id: str
    amount_cents: int
    name: str
    iban: str
    text: str


@dataclass(frozen=True)
class Debtor:
    """The account that pays. An empty `bic` leaves it to the bank, which knows its own."""

    name: str
    iban: str
    bic: str


@dataclass(frozen=True)
class FileTerms:
    """How the bank's contract wants its files.

    `books_as_one_sum` (BtchBookg): the bank debits the file's sum instead of each transfer.
    """

    version: Version = "pain.001.001.09"
    books_as_one_sum: bool = False


def execution_day(unix_s: int) -> datetime.date:
    """The day asked for transfers approved at that time: the bank's next open one, today included."""
    today = datetime.datetime.fromtimestamp(unix_s, BANK_TIME_ZONE).date()
    return target2.open_on_or_after(today)


def write(
    message_id: str,
    approved_at_unix_s: int,
    debtor: Debtor,
    transfers: Sequence[Transfer],
    terms: FileTerms,
) -> bytes:
    """The file's bytes, asking for execution on the first open day from the approval on.

    `message_id` at most 35 characters; it names the file's one block of transfers too (PmtInfId). Raises
    PayoutContentInvalid when the schema says no, or a character would leave that banks refuse.
    """
    approved = datetime.datetime.fromtimestamp(approved_at_unix_s, BANK_TIME_ZONE)
    config = {
        "name": epc217.writable(debtor.name, epc217.MAX_NAME_CHARACTERS),
        "IBAN": debtor.iban,
        "batch": True,
        "currency": "EUR",
    }
    if debtor.bic:
        config["BIC"] = debtor.bic
    file = SepaTransfer(config, schema=terms.version, clean=False)
    for transfer in transfers:
        file.add_payment(
            {
                "name": transfer.name,
                "IBAN": transfer.iban,
                "amount": transfer.amount_cents,
                "execution_date": execution_day(approved_at_unix_s),
                "description": epc217.writable(transfer.text, epc217.MAX_TEXT_CHARACTERS),
                "endtoend_id": transfer.end_to_end_id,
            }
        )
    root = etree.fromstring(file.export(validate=False))
    # The library draws its own ids and clock; ours must be the ones the bank sees.
    _set(root, "GrpHdr/MsgId", message_id)
    _set(root, "GrpHdr/CreDtTm", approved.strftime("%Y-%m-%dT%H:%M:%S"))
    _set(root, "PmtInf/PmtInfId", message_id)
    _set(root, "PmtInf/BtchBookg", "true" if terms.books_as_one_sum else "false")
    if not debtor.bic:
        _name_no_bank(root)
    if not schema(terms.version).validate(root) or not _leaves_clean(root):
        raise PayoutContentInvalid()
    return DECLARATION + etree.tostring(root)


def _found(root: etree._Element, path: str) -> etree._Element:
    namespace = etree.QName(root).namespace
    steps = "/".join(f"{{{namespace}}}{step}" for step in f"CstmrCdtTrfInitn/{path}".split("/"))
    found = root.findall(steps)
    if len(found) != 1:
        raise PayoutContentInvalid()
    return found[0]


def _set(root: etree._Element, path: str, value: str) -> None:
    _found(root, path).text = value


def _name_no_bank(root: etree._Element) -> None:
    """The schema wants a bank named, and lets it be said that none is (SEPA guidelines, DbtrAgt)."""
    bank = _found(root, "PmtInf/DbtrAgt/FinInstnId")
    namespace = etree.QName(root).namespace
    other = etree.SubElement(bank, f"{{{namespace}}}Othr")
    etree.SubElement(other, f"{{{namespace}}}Id").text = "NOTPROVIDED"


def _leaves_clean(root: etree._Element) -> bool:
    """The last look: no text of the file holds what a bank may refuse, no name is too long."""
    texts = [str(text) for text in root.itertext()]
    names = root.iterfind(".//{*}Nm")
    short = all(len(name.text or "") <= epc217.MAX_NAME_CHARACTERS for name in names)
    return short and all(epc217.is_writable(text) for text in texts)


@lru_cache(maxsize=2)
def schema(version: Version) -> etree.XMLSchema:
    """The standard's own schema, shipped with sepaxml."""
    with importlib.resources.as_file(
        importlib.resources.files("sepaxml") / "schemas" / f"{version}.xsd"
    ) as path:
        return etree.XMLSchema(etree.parse(str(path)))
