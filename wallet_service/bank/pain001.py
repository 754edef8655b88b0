"""Writes pain.001 credit transfer files (ISO 20022, version 001.001.09) and checks them against the schema.

The file says exactly what it is given: ids are ours, so that the bank can refuse a repetition and its
statement can be matched. Must not choose what is paid.
"""

from __future__ import annotations

import datetime
import importlib.resources
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree
from sepaxml import SepaTransfer

from wallet_service.bank.camt053 import BANK_TIME_ZONE
from wallet_service.bank.errors import PayoutContentInvalid

VERSION = "pain.001.001.09"
NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{VERSION}"
#: SEPA rulebook: 70 characters for a name, 140 for the remittance text.
MAX_NAME_CHARACTERS = 70
MAX_TEXT_CHARACTERS = 140


@dataclass(frozen=True)
class Transfer:
    """One credit transfer. `end_to_end_id` comes back in the bank's statement."""

    end_to_end_id: str
    amount_cents: int
    name: str
    iban: str
    text: str


@dataclass(frozen=True)
class Debtor:
    """The account that pays."""

    name: str
    iban: str
    bic: str


def write(message_id: str, created_at_unix_s: int, debtor: Debtor, transfers: Sequence[Transfer]) -> bytes:
    """The file's bytes. `message_id` at most 35 characters. Raises PayoutContentInvalid when the schema says
    no.
    """
    created = datetime.datetime.fromtimestamp(created_at_unix_s, BANK_TIME_ZONE)
    config = {
        "name": debtor.name[:MAX_NAME_CHARACTERS],
        "IBAN": debtor.iban,
        "BIC": debtor.bic,
        "batch": True,
        "currency": "EUR",
    }
    file = SepaTransfer(config, schema=VERSION, clean=True)
    for transfer in transfers:
        file.add_payment(
            {
                "name": transfer.name[:MAX_NAME_CHARACTERS],
                "IBAN": transfer.iban,
                "amount": transfer.amount_cents,
                "execution_date": created.date(),
                "description": transfer.text[:MAX_TEXT_CHARACTERS],
                "endtoend_id": transfer.end_to_end_id,
            }
        )
    root = etree.fromstring(file.export(validate=False))
    # The library draws its own ids and clock; ours must be the ones the bank sees.
    _set(root, "CstmrCdtTrfInitn/GrpHdr/MsgId", message_id)
    _set(root, "CstmrCdtTrfInitn/GrpHdr/CreDtTm", created.strftime("%Y-%m-%dT%H:%M:%S"))
    _set(root, "CstmrCdtTrfInitn/PmtInf/PmtInfId", message_id)
    if not schema().validate(root):
        raise PayoutContentInvalid()
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _set(root: etree._Element, path: str, value: str) -> None:
    found = root.findall("/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/")))
    if len(found) != 1:
        raise PayoutContentInvalid()
    found[0].text = value


@lru_cache(maxsize=1)
def schema() -> etree.XMLSchema:
    """The standard's own schema, shipped with sepaxml."""
    with importlib.resources.as_file(
        importlib.resources.files("sepaxml") / "schemas" / f"{VERSION}.xsd"
    ) as path:
        return etree.XMLSchema(etree.parse(str(path)))
