"""What a folder would do: told as the inbox would do it, and nothing of it stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, select
from structlog.testing import capture_logs

from scripts.camt053_writer import Detail
from tests.support.bank_side import RESERVE_IBAN, SHOP_IBAN, BankSide
from wallet_service.treasury.doctor import BankDoctor, Shown

ANSWER = (
    b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
    b"<GrpHdr><MsgId>R1</MsgId><CreDtTm>2026-05-29T10:00:00</CreDtTm></GrpHdr>"
    b"<OrgnlGrpInfAndSts><OrgnlMsgId>ALBA1</OrgnlMsgId><GrpSts>RJCT</GrpSts>"
    b"<StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts>"
    b"</CstmrPmtStsRpt></Document>"
)
MT940 = (
    ":20:REL1\r\n:25:{iban}\r\n:28C:1/1\r\n:60F:C260527EUR0,\r\n:61:260528C20,NTRFNONREF//BQ1\r\n"
    ":86:VIR DE CAMILLE {reference}\r\n:61:260528RC5,NTRFNONREF//BQ2\r\n:86:ANNULATION\r\n"
    ":62F:C260528EUR15,\r\n-\r\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "from-the-bank"
    folder.mkdir()
    return folder


def told(side: BankSide, folder: Path, *, personal: bool = False) -> list[str]:
    return list(
        BankDoctor(RESERVE_IBAN, Shown(personal), (side.engine, side.bank, side.sealer)).examine(folder)
    )


def everything(engine: Engine) -> dict[str, list[Any]]:
    """Every row of every table."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect().execution_options(read_only=True) as connection:
        return {
            name: sorted(map(repr, connection.execute(select(table)).all()))
            for name, table in tables.tables.items()
        }


def test_each_entry_has_its_fate_and_nothing_stays(side: BankSide, shop: str, folder: Path) -> None:
    side.load(shop, 100_00)
    ref = side.redeem(shop, 30_00).ref
    (end_to_end_id,) = side.pay_out()
    member = side.member()
    known = side.statement(side.entry(side.credit(1_00, side.topups.reference_for(member))))
    side.receive(known)
    (folder / "1-known.xml").write_bytes(known)
    (folder / "2-new.xml").write_bytes(
        side.statement(
            side.entry(side.credit(20_00, side.topups.reference_for(member))),
            side.entry(side.credit(5_00, text="bonjour")),
            side.entry(Detail(30_00, "Shop", SHOP_IBAN, end_to_end_id=end_to_end_id), direction="DBIT"),
        )
    )
    (folder / "3-odd.xml").write_bytes(b"<Document/>")
    (folder / "4-answer.xml").write_bytes(ANSWER)
    before, files_before = everything(side.engine), sorted(folder.iterdir())
    lines = told(side, folder)
    assert everything(side.engine) == before
    assert sorted(folder.iterdir()) == files_before
    text = "\n".join(lines)
    assert "known already: changes nothing" in lines[2]
    assert "20.00  C… R… FR76 … 9928  RF" in text
    assert f"credited to member {member[:8]} by its reference" in text
    assert "5.00  C… R… FR76 … 9928: waits for an officer: no member known by it" in text
    assert f"pays 1 conversion ({ref[:10]})" in text
    assert "3-odd.xml: would be refused (bank." in text
    assert "answer about payout file ALBA1: RJCT FF01" in text
    assert "Camille" not in text
    assert SHOP_IBAN not in text


def test_a_file_is_seen_after_those_before_it(side: BankSide, folder: Path) -> None:
    reference = side.topups.reference_for(side.member())
    content = side.statement(side.entry(side.credit(20_00, reference)))
    (folder / "1.xml").write_bytes(content)
    (folder / "2.xml").write_bytes(content)
    assert [line for line in told(side, folder) if "known already" in line or "credited" in line] == [
        next(line for line in told(side, folder) if "credited" in line),
        "    known already: changes nothing",
    ]


def test_a_break_it_only_rehearses_alarms_nobody(side: BankSide, folder: Path) -> None:
    side.receive(side.statement())
    side.balance_cents += 7_00
    broken = side.statement(side.entry(side.credit(1_00)))
    (folder / "1.xml").write_bytes(broken)
    with capture_logs() as logs:
        assert any("ALARM" in line for line in told(side, folder))
    assert logs == []
    with capture_logs() as logs:
        side.receive(broken)
    assert [each["event"] for each in logs] == ["bank.balances_broken"]


def test_people_are_shown_when_they_are_asked_for(side: BankSide, folder: Path) -> None:
    reference = side.topups.reference_for(side.member())
    (folder / "1.xml").write_bytes(side.statement(side.entry(side.credit(20_00, reference, text="juin"))))
    text = "\n".join(told(side, folder, personal=True))
    assert f"Camille R. {SHOP_IBAN}" in text
    assert reference in text
    assert reference not in "\n".join(told(side, folder))


def test_without_a_database_a_file_says_what_it_can(side: BankSide, folder: Path) -> None:
    reference = side.topups.reference_for(side.member())
    (folder / "1.sta").write_text(MT940.format(iban=RESERVE_IBAN, reference=reference))
    lines = list(BankDoctor(RESERVE_IBAN, Shown()).examine(folder))
    assert lines[0] == "1.sta: mt940: 1 reports, 0 answers"
    assert lines[2].endswith(": goes to the member whose reference it is")
    assert lines[3].endswith(": waits for an officer: the bank undoes an entry")
