"""Reads pain.002 answers (CustomerPaymentStatusReport, ISO 20022, versions .02 to .14).

The bank's word on a payment file: whole, by payment information and by transfer, with the results of
verification of payee. No schema is demanded: banks' answers are read for what they say. Must not decide what
becomes of a payout.
"""

from __future__ import annotations

import re

from wallet_service.bank.camt.nodes import XmlNode
from wallet_service.bank.errors import AnswerUnreadable
from wallet_service.bank.reported import PaymentStatusReport, TransferStatus, named

#: The names of the message that is read.
NAME = re.compile(r"pain\.002\.001\.(0[2-9]|1[0-4])")
#: Verification of payee by the codes of the EPC's scheme and by the statuses of EBICS answers (DFÜ agreement,
#: annex 3): match, close match, no match, check not possible.
PAYEE_MATCHES = {
    "MTCH": "MTCH", "RCVC": "MTCH", "CMTC": "CMTC", "RVMC": "CMTC",
    "NMTC": "NMTC", "RVNM": "NMTC", "NOAP": "NOAP", "RVNA": "NOAP",
}  # fmt: skip
#: Those after which a bank may tell the name it knows.
NAME_IS_TOLD = ("CMTC", "NMTC")
_REASONS = ("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry")
_CODE_AHEAD = re.compile(rf"^({'|'.join(PAYEE_MATCHES)})\b[\s:;,/-]*")


def read(message: XmlNode, name: str) -> PaymentStatusReport:
    """What the message (the Document's one child) of the format `name` says.

    Raises AnswerUnreadable when it does not say of which file it speaks.
    """
    group = message.all("OrgnlGrpInfAndSts")
    original_message_id = named(message.text("OrgnlGrpInfAndSts/OrgnlMsgId"))
    if original_message_id is None:
        raise AnswerUnreadable()
    payments = message.all("OrgnlPmtInfAndSts")
    transfers = message.all("TxInfAndSts", "OrgnlPmtInfAndSts/TxInfAndSts")  # at the top in .02
    return PaymentStatusReport(
        format=name,
        message_id=message.text("GrpHdr/MsgId"),
        original_message_id=original_message_id,
        status=message.text("OrgnlGrpInfAndSts/GrpSts"),
        reason=_reason(group[0]),
        payment_informations=tuple(
            (each.text("OrgnlPmtInfId"), each.text("PmtInfSts"), _reason(each)) for each in payments
        ),
        transfers=tuple(_transfer(each) for each in transfers),
    )


def _transfer(node: XmlNode) -> TransferStatus:
    status = node.text("TxSts")
    codes = [status, *node.texts(*_REASONS)]
    payee_match = next((PAYEE_MATCHES[code] for code in codes if code in PAYEE_MATCHES), None)
    told = node.texts("StsRsnInf/AddtlInf")
    return TransferStatus(
        end_to_end=named(node.text("OrgnlEndToEndId")),
        instruction=named(node.text("OrgnlInstrId")),
        status=status,
        reason=_reason(node),
        reason_text=" ".join(told),
        payee_match=payee_match,
        payee_name=_payee_name(node) if payee_match in NAME_IS_TOLD else "",
    )


def _reason(node: XmlNode) -> str:
    """The first reason that is no result of a verification of payee, else that result."""
    codes = node.texts(*_REASONS)
    return next((code for code in codes if code not in PAYEE_MATCHES), codes[0] if codes else "")


def _payee_name(node: XmlNode) -> str:
    """What the bank adds to the result: the name alone, or behind the result's code, over several lines."""
    about = [each for each in node.all("StsRsnInf") if each.text("Rsn/Cd", "Rsn/Prtry") in PAYEE_MATCHES]
    lines = [text for each in about or node.all("StsRsnInf") for text in each.texts("AddtlInf")]
    return _CODE_AHEAD.sub("", " ".join(lines)).strip()
