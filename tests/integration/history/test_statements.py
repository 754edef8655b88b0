"""The month as the ledger has it; a receipt that a stranger checks: true as it is, false in each change."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from tests.support.chain_world import Person, World
from tests.support.ports import free_port
from wallet_service.database.tables.members import members, tills
from wallet_service.database.tables.payments import payments, sales
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.faces.wallet.routers.statements import receipt_view
from wallet_service.history.decisions import LineKind, PaymentReceipt
from wallet_service.history.errors import ReceiptNotFound
from wallet_service.history.statements import Statements
from wallet_service.protocol.text.identifiers import new_id, new_ref, new_sale_id
from wallet_service.territory.currency import LOCAL_ZONE

pytestmark = pytest.mark.chain

SCRIPT = Path(__file__).resolve().parents[3] / "scripts/verify_payment.py"
RUN_DEADLINE_S = 30


class TradeNames:
    """MemberNames of tests."""

    def short_names(self, connection: Connection, member_ids: Iterable[str]) -> Mapping[str, str]:
        return {member_id: f"Nom {member_id[:4]}" for member_id in member_ids}


class Desk:
    """Two members over one ledger, and what the service gives them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.payer, self.payee = world.funded_pair(50_000)
        self.payer_id, self.payee_id = self._member(self.payer), self._member(self.payee)
        self.statements = Statements(
            world.engine, world.clock, TradeNames(), lambda: world.chain.deployment.domain
        )

    def _member(self, who: Person) -> str:
        member_id = new_id()
        values = {
            "id": member_id,
            "kind": "resident",
            "tier": "verified",
            "state": "active",
            "language": "fr",
        }
        with UnitOfWork(self.world.engine) as work:
            work.connection.execute(
                insert(members).values(**values, account_address=who.address, created_at_unix_ms=1)
            )
        return member_id

    def pay(self, amount_cents: int) -> str:
        payment = self.world.payment(self.payer, self.payee, amount_cents)
        self.world.store(payment)
        self.world.run_until_idle()
        return payment.message.ref

    def sell(self, amount_cents: int, tip_cents: int, label: str) -> tuple[str, str]:
        """A payment of a sale at the payee's till, as it is kept: its reference and the sale."""
        ref, now_unix_ms = self.pay(amount_cents), self.world.clock.now_unix_ms()
        till_id, sale_id = new_id(), new_sale_id()
        till = {"id": till_id, "member_id": self.payee_id, "label": "Caisse", "public_key": "0x"}
        sale = {"id": sale_id, "till_id": till_id, "member_id": self.payee_id, "client_reference": new_ref()}
        said = {"amount_cents": amount_cents, "tip_cents": tip_cents, "label": label, "state": "paid"}
        moments = {"created_at_unix_ms": now_unix_ms, "expires_at_unix_ms": now_unix_ms}
        with UnitOfWork(self.world.engine) as work:
            work.connection.execute(
                insert(tills).values(**till, state="active", paired_at_unix_ms=now_unix_ms)
            )
            work.connection.execute(insert(sales).values(**sale, **said, **moments, short_code="000000"))
        self.keep(ref, amount_cents, purpose="sale", sale_id=sale_id)
        return ref, sale_id

    def keep(self, ref: str, amount_cents: int, **values: Any) -> None:
        """What the service knows of a payment that the ledger has."""
        known = {"payer_member_id": self.payer_id, "payee_member_id": self.payee_id, "state": "paid"}
        accounts = {"from_address": self.payer.address, "to_address": self.payee.address}
        number = int(ref[2:9], 16)
        signed = {"sequence": number, "nonce": str(number), "valid_before_unix_s": 1, "signature": b""}
        with UnitOfWork(self.world.engine) as work:
            work.connection.execute(
                insert(payments).values(
                    ref=ref,
                    amount_cents=amount_cents,
                    accepted_at_unix_ms=1,
                    **known,
                    **accounts,
                    **signed,
                    **values,
                )
            )

    def month(self) -> str:
        return f"{datetime.fromtimestamp(self.world.clock.now_unix_s(), LOCAL_ZONE):%Y-%m}"


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def test_a_statement_holds_every_final_movement_and_its_sums_are_the_chains(desk: Desk) -> None:
    refs = [desk.pay(1_250), desk.pay(700)]
    redeemed = desk.world.redemption(desk.payee, 500)
    desk.world.run_until_idle()
    desk.world.queue("attestOutcome", [redeemed, False], "ATTESTER")
    desk.world.queue("returnRedemption", [redeemed, "0x" + "aa" * 32], "ISSUER")
    desk.world.run_until_idle()
    mine = desk.statements.of_month(desk.payer_id, desk.month())
    assert [(line.kind, line.amount_cents) for line in mine.lines] == [
        (LineKind.TOPUP, 50_000),
        (LineKind.PAYMENT, -1_250),
        (LineKind.PAYMENT, -700),
    ]
    assert [line.ref for line in mine.lines[1:]] == refs
    assert {line.counterparty for line in mine.lines[1:]} == {f"Nom {desk.payee_id[:4]}"}
    assert mine.closing_cents == desk.world.on_chain(desk.payer.address) == 48_050
    theirs = desk.statements.of_month(desk.payee_id, desk.month())
    assert [(line.kind, line.amount_cents) for line in theirs.lines] == [
        (LineKind.PAYMENT, 1_250),
        (LineKind.PAYMENT, 700),
        (LineKind.REDEMPTION, -500),
        (LineKind.RETURN, 500),
    ]
    assert theirs.closing_cents == desk.world.on_chain(desk.payee.address)


def test_a_sales_label_and_tip_are_on_both_statements_and_on_no_refund(desk: Desk) -> None:
    sold, sale_id = desk.sell(1_350, 100, "Table 4")
    back = desk.pay(200)
    desk.keep(back, 200, purpose="refund", refund_of_ref=sold, sale_id=sale_id)
    for member_id, tips_cents in ((desk.payer_id, 0), (desk.payee_id, 100)):
        statement = desk.statements.of_month(member_id, desk.month())
        assert {line.ref: (line.label, line.tip_cents) for line in statement.lines[-2:]} == {
            sold: ("Table 4", 100),
            back: (None, 0),
        }
        assert statement.tips_cents == tips_cents
        sheet = desk.statements.receipt_sheet(member_id, sold)
        assert (sheet.label, sheet.tip_cents) == ("Table 4", 100)


def test_a_receipt_is_for_the_payer_and_the_payee_alone(desk: Desk) -> None:
    ref = desk.pay(1_250)
    receipt = desk.statements.receipt(desk.payer_id, ref)
    assert receipt == desk.statements.receipt(desk.payee_id, ref.upper().replace("0X", "0x"))
    assert (receipt.from_address, receipt.to_address, receipt.amount_cents) == (
        desk.payer.address,
        desk.payee.address,
        1_250,
    )
    stranger = desk.world.person()
    desk.world.run_until_idle()
    for member_id, asked in ((desk._member(stranger), ref), (desk.payer_id, new_ref())):
        with pytest.raises(ReceiptNotFound):
            desk.statements.receipt(member_id, asked)


def test_a_year_is_the_sum_of_its_statements_and_ends_at_the_chains_balance(desk: Desk) -> None:
    desk.pay(1_250)
    desk.pay(700)
    redeemed = desk.world.redemption(desk.payee, 500)
    desk.world.run_until_idle()
    desk.world.queue("attestOutcome", [redeemed, False], "ATTESTER")
    desk.world.queue("returnRedemption", [redeemed, "0x" + "aa" * 32], "ISSUER")
    desk.world.run_until_idle()
    for member_id, who in ((desk.payer_id, desk.payer), (desk.payee_id, desk.payee)):
        month = desk.statements.of_month(member_id, desk.month())
        year = desk.statements.of_year(member_id, desk.month()[:4])
        assert (year.in_cents, year.out_cents) == (month.in_cents, month.out_cents)
        assert year.closing_cents == desk.world.on_chain(who.address)
        assert year.months[-1].name == desk.month()
        by_kind = {(each.kind, each.is_in): each.cents for each in year.kinds}
        for line in month.lines:
            by_kind[line.kind, line.amount_cents > 0] -= abs(line.amount_cents)
        assert set(by_kind.values()) == {0}
        assert sum(each.count for each in year.kinds) == len(month.lines)
        assert not year.is_over


def test_a_receipt_on_paper_says_each_of_the_two_who_the_other_is_and_nobody_else_anything(
    desk: Desk,
) -> None:
    ref = desk.pay(1_250)
    mine, theirs = (desk.statements.receipt_sheet(one, ref) for one in (desk.payer_id, desk.payee_id))
    assert (mine.is_in, mine.other) == (False, f"Nom {desk.payee_id[:4]}")
    assert (theirs.is_in, theirs.other) == (True, f"Nom {desk.payer_id[:4]}")
    assert mine.proof == desk.statements.receipt(desk.payer_id, ref)
    stranger = desk.world.person()
    desk.world.run_until_idle()
    with pytest.raises(ReceiptNotFound):
        desk.statements.receipt_sheet(desk._member(stranger), ref)


CHANGES: dict[str, Any] = {
    "chain_id": 1,
    "ledger": "0x" + "11" * 20,
    "ref": "0x" + "22" * 32,
    "from_address": "0x" + "33" * 20,
    "to_address": "0x" + "44" * 20,
    "amount_cents": 1_251,
    "block_number": 1,
    "transaction_hash": "0x" + "55" * 32,
}


def test_the_service_names_what_differs_and_tells_nothing_else(desk: Desk) -> None:
    receipt = desk.statements.receipt(desk.payer_id, desk.pay(1_250))
    assert desk.statements.check(receipt) == []
    assert set(CHANGES) == set(PaymentReceipt.__dataclass_fields__)
    for name, value in CHANGES.items():
        assert desk.statements.check(replace(receipt, **{name: value})) == [name]


def run(receipt: dict[str, Any] | str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Isolated (-I) and without site packages (-S): the standard library is all it has."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), "-", "--language", "en", *arguments]
    text = receipt if isinstance(receipt, str) else json.dumps(receipt)
    return subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=RUN_DEADLINE_S, check=False
    )


def kept_receipt(desk: Desk, amount_cents: int) -> dict[str, Any]:
    """The file a payer keeps of a new payment."""
    found = desk.statements.receipt(desk.payer_id, desk.pay(amount_cents))
    return receipt_view(found).model_dump(mode="json", by_alias=True)


def test_a_stranger_with_the_receipt_and_a_node_gets_true_or_false(desk: Desk) -> None:
    receipt = kept_receipt(desk, 1_250)
    assert not any("Nom" in str(value) for value in receipt.values())
    node = ("--rpc", desk.world.chain.node.url)
    answer = run(receipt, *node, "--ledger", receipt["ledger"])
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines()[-1] == "TRUE: the ledger says what this receipt says."
    assert "12.50" in answer.stdout
    names = {"from_address": "from", "to_address": "to"}
    for name, value in CHANGES.items():
        answer = run({**receipt, names.get(name, name): value}, *node)
        if name == "ledger":  # nothing lives there: nothing is confirmed either
            assert (answer.returncode, answer.stdout) == (2, "")
            continue
        assert answer.returncode == 1, (name, answer.stderr)
        assert answer.stdout.startswith("FALSE")
    other = run(receipt, *node, "--ledger", "0x" + "11" * 20)
    assert other.stdout.startswith("FALSE: this receipt names another ledger")


def test_what_cannot_be_asked_is_neither_true_nor_false(desk: Desk, tmp_path: Path) -> None:
    receipt = kept_receipt(desk, 100)
    node = ("--rpc", desk.world.chain.node.url)
    for wrong, place in (
        ("", node),
        ("[]", node),
        ({**receipt, "version": 2}, node),
        ({**receipt, "amount_cents": "100"}, node),
        ({**receipt, "amount_cents": True}, node),
        ({**receipt, "ref": "0x1"}, node),
        (receipt, ("--rpc", f"http://127.0.0.1:{free_port()}")),
        (receipt, ("--rpc", "file:///etc/passwd")),
    ):
        answer = run(wrong, *place)
        assert (answer.returncode, answer.stdout) == (2, ""), (wrong, place)
        assert answer.stderr.startswith("? ")
