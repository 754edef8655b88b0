"""Writes a bank's word on the names in a payment file (pain.002), for the demonstration. Knows no ledger."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Literal

from lxml import etree

#: Verification of payee (EPC218-23): match, close match, no match.
NameMatch = Literal["MTCH", "CMTC", "NMTC"]
VERSION = "pain.002.001.10"
_SPACE = f"urn:iso:std:iso:20022:tech:xsd:{VERSION}"


def write_name_check(
    message_id: str, written: datetime.datetime, matches: Mapping[str, tuple[NameMatch, str]]
) -> bytes:
    """`matches`: by end-to-end id, the result and the name the bank knows, "" when it does not say it."""
    root = etree.Element(f"{{{_SPACE}}}Document", nsmap={None: _SPACE})  # type: ignore[dict-item]
    report = _add(root, "CstmrPmtStsRpt")
    header = _add(report, "GrpHdr")
    _add(header, "MsgId", f"VOP-{message_id}"[:35])
    _add(header, "CreDtTm", written.isoformat(timespec="seconds"))
    group = _add(report, "OrgnlGrpInfAndSts")
    _add(group, "OrgnlMsgId", message_id)
    _add(group, "OrgnlMsgNmId", "pain.001")
    block = _add(report, "OrgnlPmtInfAndSts")
    _add(block, "OrgnlPmtInfId", message_id)
    for end_to_end_id, (match, name) in matches.items():
        transfer = _add(block, "TxInfAndSts")
        _add(transfer, "OrgnlEndToEndId", end_to_end_id)
        reason = _add(transfer, "StsRsnInf")
        _add(_add(reason, "Rsn"), "Prtry", match)
        if name:
            _add(reason, "AddtlInf", name)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _add(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    node = etree.SubElement(parent, f"{{{_SPACE}}}{name}")
    node.text = text or None
    return node
