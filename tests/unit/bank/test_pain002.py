"""The bank's word on a payment file: whole, by payment information, by transfer; whose the accounts are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wallet_service.bank import errors, pain002
from wallet_service.bank.camt.nodes import XmlNode
from wallet_service.bank.opening.documents import decoded, iso_documents, pieces
from wallet_service.bank.reported import PaymentStatusReport, TransferStatus

VERSIONS = [f"pain.002.001.{number:02d}" for number in range(3, 15)]
GROUP = "<OrgnlMsgId>ALBA1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"


def document(body: str, name: str = "pain.002.001.10", root: str = "CstmrPmtStsRpt") -> str:
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{name}"><{root}>'
        f"<GrpHdr><MsgId>R1</MsgId><CreDtTm>2026-05-29T10:00:00</CreDtTm></GrpHdr>{body}</{root}></Document>"
    )


def group(inside: str = "") -> str:
    return f"<OrgnlGrpInfAndSts>{GROUP}{inside}</OrgnlGrpInfAndSts>"


def because(code: str, *told: str, choice: str = "Cd") -> str:
    lines = "".join(f"<AddtlInf>{line}</AddtlInf>" for line in told)
    return f"<StsRsnInf><Rsn><{choice}>{code}</{choice}></Rsn>{lines}</StsRsnInf>"


def transfer(status: str, inside: str = "", end_to_end: str = "E1") -> str:
    return (
        f"<TxInfAndSts><OrgnlInstrId>NOTPROVIDED</OrgnlInstrId><OrgnlEndToEndId>{end_to_end}</OrgnlEndToEndId>"
        f"<TxSts>{status}</TxSts>{inside}"
        "<OrgnlTxRef><Cdtr><Nm>Epicerie du Port</Nm></Cdtr></OrgnlTxRef></TxInfAndSts>"
    )


def read(content: bytes) -> PaymentStatusReport:
    text, _warnings = decoded(content)
    (piece,), _trailing = pieces(text)
    (found,) = iso_documents(piece)
    assert pain002.NAME.fullmatch(found.name)
    return pain002.read(XmlNode(found.element[0]), found.name)


def only(*transfers: str) -> TransferStatus:
    body = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId>{''.join(transfers)}</OrgnlPmtInfAndSts>"
    (found,) = read(document(group() + body).encode()).transfers
    return found


@pytest.mark.parametrize("name", VERSIONS)
def test_a_file_rejected_whole(name: str) -> None:
    report = read(document(group(f"<GrpSts>RJCT</GrpSts>{because('FF01')}"), name).encode())
    assert report == PaymentStatusReport(name, "R1", "ALBA1", "RJCT", "FF01")


def test_by_payment_information_and_by_transfer() -> None:
    body = (
        group("<GrpSts>PART</GrpSts>")
        + f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId><PmtInfSts>PART</PmtInfSts>{transfer('ACSP')}"
        + transfer("RJCT", because("AC04", "Compte", "clos"), end_to_end="E2")
        + "</OrgnlPmtInfAndSts>"
        + "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P2</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>"
        + because("DT01", choice="Prtry")
        + "</OrgnlPmtInfAndSts>"
    )
    report = read(document(body).encode())
    assert (report.status, report.reason) == ("PART", "")
    assert report.payment_informations == (("P1", "PART", ""), ("P2", "RJCT", "DT01"))
    assert report.transfers == (
        TransferStatus("E1", None, "ACSP"),
        TransferStatus("E2", None, "RJCT", "AC04", "Compte clos"),
    )


def test_transfers_of_the_oldest_version_stand_at_the_top() -> None:
    report = read(document(group() + transfer("RJCT"), "pain.002.001.02", "pain.002.001.02").encode())
    assert [each.end_to_end for each in report.transfers] == ["E1"]


@pytest.mark.parametrize(
    ("status", "inside", "match", "name"),
    [
        ("RCVC", "", "MTCH", ""),
        ("RVMC", because("NARR", "Epicerie du Port SARL"), "CMTC", "Epicerie du Port SARL"),
        ("RVNM", "", "NMTC", ""),
        ("RVNA", because("AB01", "delai"), "NOAP", ""),
        ("ACTC", because("MTCH"), "MTCH", ""),
        ("PDNG", because("CMTC", "Epicerie", "du Port SARL"), "CMTC", "Epicerie du Port SARL"),
        (
            "PDNG",
            because("CMTC", "CMTC: Epicerie du Port SARL", choice="Prtry"),
            "CMTC",
            "Epicerie du Port SARL",
        ),
        ("PDNG", because("NMTC"), "NMTC", ""),
        ("PDNG", because("NOAP"), "NOAP", ""),
        ("ACSP", "", None, ""),
        ("RJCT", because("AC04", "Compte clos"), None, ""),
    ],
)
def test_whom_the_account_belongs_to(status: str, inside: str, match: str | None, name: str) -> None:
    found = only(transfer(status, inside))
    assert (found.payee_match, found.payee_name, found.status) == (match, name, status)


def test_a_rejection_says_its_reason_beside_the_result() -> None:
    found = only(transfer("RJCT", because("NMTC") + because("AC01", "Numero inconnu")))
    assert (found.reason, found.payee_match) == ("AC01", "NMTC")


@pytest.mark.parametrize(
    "body",
    ["", "<OrgnlGrpInfAndSts><GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts>", group().replace("ALBA1", "NONREF")],
)
def test_an_answer_about_no_file_is_refused(body: str) -> None:
    with pytest.raises(errors.AnswerUnreadable):
        read(document(body).encode())


WHOLE = document(
    group("<GrpSts>PART</GrpSts>") + transfer("RJCT", because("AC04", "x")) + transfer("RVMC")
).encode()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_gives_an_answer_about_some_file_or_a_refusal(data: st.DataObject) -> None:
    damaged = bytearray(WHOLE)
    for place in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=3)):
        damaged[place] = data.draw(st.integers(0, 255))
    try:
        text, _warnings = decoded(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))
        answers = [
            pain002.read(XmlNode(message), found.name)
            for piece in pieces(text)[0]
            for found in iso_documents(piece)
            for message in found.element
        ]
    except errors.BankFileRefusal:
        return
    assert all(answer.original_message_id for answer in answers)
