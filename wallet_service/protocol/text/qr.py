"""What QR codes say: a sale, its receipt, and the SEPA transfer of a top-up (EPC069-12).

A sale's text is ``{ORIGIN}/P/1{SALE_ID}{CHECK}``, all upper case, so that it fits QR's alphanumeric mode in
25 x 25 modules. "1" is the version. CHECK is four base32 characters (Crockford's alphabet, like the id) of
SHA-256(version + id): a misread or altered code is caught before any network. It proves nothing else: amount
and payee always come from the server. The receipt of a paid sale has the same token under ``/T/``.
"""

from __future__ import annotations

import hashlib

from wallet_service.protocol.errors import (
    AmountOutOfRange,
    QrForeign,
    QrTampered,
    QrVersionUnknown,
    TopupReferenceInvalid,
)
from wallet_service.protocol.text.identifiers import SALE_ID_CHARACTERS, base32, is_sale_id
from wallet_service.protocol.text.money import decimal_amount
from wallet_service.protocol.text.references import normal_topup_reference

SALE_PATH = "/P/"
RECEIPT_PATH = "/T/"
SALE_QR_VERSION = "1"
CHECK_CHARACTERS = 4
SALE_TOKEN_CHARACTERS = 1 + SALE_ID_CHARACTERS + CHECK_CHARACTERS
MAX_QR_CHARACTERS = 300

EPC_MAX_NAME_CHARACTERS = 70
EPC_MAX_AMOUNT_CENTS = 999_999_999_99
EPC_MAX_BYTES = 331


def sale_token(sale_id: str) -> str:
    """Version, id and check: the last part of the address."""
    return SALE_QR_VERSION + sale_id + _check(SALE_QR_VERSION + sale_id)


def sale_url(wallet_origin: str, sale_id: str) -> str:
    """The text of a sale's QR."""
    return f"{wallet_origin.upper()}{SALE_PATH}{sale_token(sale_id)}"


def receipt_url(wallet_origin: str, sale_id: str) -> str:
    """The text of the QR that shows a paid sale's receipt to anybody who has it."""
    return f"{wallet_origin.upper()}{RECEIPT_PATH}{sale_token(sale_id)}"


def parse_sale_token(token: str) -> str:
    """The sale id. Raises QrVersionUnknown, QrTampered."""
    token = token.upper()
    if token[:1] != SALE_QR_VERSION:
        raise QrVersionUnknown() if token else QrTampered()
    sale_id = token[1 : 1 + SALE_ID_CHARACTERS]
    if len(token) != SALE_TOKEN_CHARACTERS or not is_sale_id(sale_id) or token != sale_token(sale_id):
        raise QrTampered()
    return sale_id


def parse_sale_qr(text: str, wallet_origin: str) -> str:
    """The sale id in a scanned text.

    Raises QrForeign (another origin or path), QrVersionUnknown, QrTampered.
    """
    scanned = text.strip()
    prefix = f"{wallet_origin}{SALE_PATH}".upper()
    if len(scanned) > MAX_QR_CHARACTERS or not scanned.upper().startswith(prefix):
        raise QrForeign()
    return parse_sale_token(scanned[len(prefix) :])


def _check(text: str) -> str:
    return base32(hashlib.sha256(text.encode("ascii", "replace")).digest(), CHECK_CHARACTERS)


def epc_payload(*, holder: str, iban: str, bic: str, reference: str, amount_cents: int | None = None) -> str:
    """A SEPA credit transfer for a bank's app (EPC069-12, version 002, UTF-8, structured reference).

    `amount_cents` None leaves the amount to the person. Raises AmountOutOfRange, TopupReferenceInvalid.
    """
    if amount_cents is not None and not 1 <= amount_cents <= EPC_MAX_AMOUNT_CENTS:
        raise AmountOutOfRange()
    if "\n" in holder or "\n" in bic:
        raise ValueError("a line break inside an EPC field would forge the next one")
    lines = [
        "BCD",
        "002",
        "1",
        "SCT",
        bic,
        holder[:EPC_MAX_NAME_CHARACTERS],
        "".join(iban.split()),
        "" if amount_cents is None else f"EUR{decimal_amount(amount_cents)}",
        "",  # purpose code
        normal_topup_reference(reference),
    ]
    payload = "\n".join(lines)
    if len(payload.encode()) > EPC_MAX_BYTES:
        raise TopupReferenceInvalid()
    return payload
