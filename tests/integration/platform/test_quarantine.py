"""Rows planted in SQL that the code cannot read: each is set aside and reported, and stops nobody else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine, insert, select, text, update
from typer.testing import CliRunner

from tests.support.bank_side import BankSide
from tests.support.payments_fixture import PaymentsFixture
from wallet_service.bank import files
from wallet_service.bank.reported import BankFile
from wallet_service.command_line import application
from wallet_service.database.leases import Lease
from wallet_service.database.tables.bank import bank_entries, payout_files, redemptions, topups
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.tables.payments import payments
from wallet_service.database.tables.push import push_events
from wallet_service.database.tables.quarantine import quarantined_rows
from wallet_service.database.tables.supervision import journal
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments.models import Payment
from wallet_service.platform import quarantine
from wallet_service.platform.quarantine import RowKind
from wallet_service.protocol.event_kinds import CONSOLE_TOPIC
from wallet_service.protocol.text.identifiers import new_ref
from wallet_service.topups.arrived import command_ref
from wallet_service.treasury.inbox import BankRound


@pytest.fixture
def env(engine: Engine) -> PaymentsFixture:
    return PaymentsFixture(engine)


@pytest.fixture
def side(engine: Engine, tmp_path: Path) -> BankSide:
    return BankSide(engine, tmp_path)


def set_aside(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(select(quarantined_rows.c.kind, quarantined_rows.c.row_key))
        return sorted((row.kind, row.row_key) for row in rows)


def alarms(engine: Engine) -> list[Any]:
    """What the console was told of rows set aside."""
    with engine.connect() as connection:
        rows = connection.execute(
            select(push_events.c.data).where(
                push_events.c.topic == CONSOLE_TOPIC, push_events.c.kind == "row.quarantined"
            )
        )
        return [row.data["row_kind"] for row in rows]


def counted(kind: RowKind) -> float:
    return REGISTRY.get_sample_value("alba_quarantined_rows_total", {"kind": kind}) or 0.0


def change(engine: Engine, table: Any, condition: Any, **values: Any) -> None:
    with UnitOfWork(engine) as work:
        assert work.connection.execute(update(table).where(condition).values(**values)).rowcount == 1


def accepted(env: PaymentsFixture, payer: str, payee: str, nonce: int) -> str:
    (answer,) = env.acceptance.accept_batch([env.order(payer, payee, 100, nonce)])
    assert isinstance(answer, Payment), answer
    return answer.ref


@pytest.mark.parametrize(
    "poison", [{"nonce": "seven"}, {"to_address": "0xnobody"}, {"signature": b"s" * (1 << 16)}]
)
def test_a_payment_that_cannot_be_written_leaves_its_batch_and_the_others_are_paid(
    env: PaymentsFixture, poison: dict[str, Any]
) -> None:
    payer, (shop, _) = env.member(balance_cents=5_000), env.merchant()
    refs = [accepted(env, payer, shop, nonce) for nonce in range(3)]
    before = counted(RowKind.PAYMENT_SENDING)
    change(env.engine, payments, payments.c.ref == refs[1], **poison)
    env.settle_and_mine()
    assert [env.payment(ref).state for ref in refs] == ["paid", "accepted", "paid"]
    assert set_aside(env.engine) == [("payment.sending", refs[1])]
    assert alarms(env.engine) == ["payment.sending"]
    assert counted(RowKind.PAYMENT_SENDING) == before + 1
    assert env.balance(payer) == (4_800, 100)  # what it holds stays reserved

    env.settle_and_mine()
    assert alarms(env.engine) == ["payment.sending"]  # said once


def test_a_mended_row_that_is_released_goes_its_way(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5_000), env.merchant()
    ref = accepted(env, payer, shop, 0)
    change(env.engine, payments, payments.c.ref == ref, nonce="seven")
    env.settle_and_mine()
    change(env.engine, payments, payments.c.ref == ref, nonce="0")
    env.settle_and_mine()
    assert env.payment(ref).state == "accepted"
    with UnitOfWork(env.engine) as work:
        assert quarantine.release(work, RowKind.PAYMENT_SENDING, ref)
        assert not quarantine.release(work, RowKind.PAYMENT_SENDING, ref)
    env.settle_and_mine()
    assert env.payment(ref).state == "paid"


def test_the_command_that_releases_a_row_writes_who_answers_for_it(
    sqlite_engine: Engine, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALBA_DATABASE_URL", sqlite_url)
    env = PaymentsFixture(sqlite_engine)
    env.push.quarantine.put_alone(RowKind.COMMAND, 7, ValueError())
    words = ["release-row", "command", "7", "--ground", "octet perdu, comparé à la sauvegarde"]
    first, second = (CliRunner().invoke(application, words) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 1), first.output + second.output
    assert set_aside(env.engine) == []
    with env.engine.connect() as connection:
        (entry,) = connection.execute(select(journal)).all()
    assert (entry.act, entry.subject_kind, entry.subject_id) == ("row.released", "command", "7")
    assert entry.ground == words[-1]


def test_a_fault_that_is_no_payments_own_sets_nothing_aside(
    env: PaymentsFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer, (shop, _) = env.member(balance_cents=5_000), env.merchant()
    accepted(env, payer, shop, 0)
    monkeypatch.setattr(env.ledger, "fitting", lambda given: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        env.settler.run_once()
    assert set_aside(env.engine) == []


def test_a_payment_that_cannot_be_ended_keeps_no_other_from_ending(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5_000), env.merchant()
    refs = [accepted(env, payer, shop, nonce) for nonce in range(2)]
    change(env.engine, payments, payments.c.ref == refs[0], nonce="seven")
    env.clock.advance_ms(121_000)
    env.settler.refuse_expired()
    assert [env.payment(ref).state for ref in refs] == ["accepted", "refused"]
    assert set_aside(env.engine) == [("payment.ending", refs[0])]
    assert env.settler.refuse_expired() == 0


def test_a_skip_of_a_payment_that_cannot_be_read_does_not_stop_the_projection(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5_000), env.merchant()
    refs = [accepted(env, payer, shop, nonce) for nonce in range(2)]
    env.ledger.used.add((payer, 0))
    env.settler.run_once()
    change(env.engine, payments, payments.c.ref == refs[0], nonce="seven")
    env.ledger.mine(env.projection)
    assert [env.payment(ref).state for ref in refs] == ["settling", "paid"]
    assert set_aside(env.engine) == [("payment.ending", refs[0])]


@pytest.mark.parametrize("poison", ["[]", "null", "7"])
def test_a_pushed_row_that_says_no_event_is_passed_over(env: PaymentsFixture, poison: str) -> None:
    _plant_event(env.engine, poison)
    assert env.push.look() == 1
    assert [kind for kind, _ in set_aside(env.engine)] == ["push_event"]
    assert env.push.look() == 1, "the alarm itself"
    assert env.push.look() == 0


def test_a_pushed_row_that_is_no_json_is_passed_over(sqlite_engine: Engine) -> None:
    """PostgreSQL keeps such text out of a JSON column by itself."""
    env = PaymentsFixture(sqlite_engine)
    _plant_event(env.engine, "{not json")
    assert env.push.look() == 1
    assert [kind for kind, _ in set_aside(env.engine)] == ["push_event"]


def _plant_event(engine: Engine, data: str) -> None:
    with UnitOfWork(engine) as work:
        work.connection.execute(
            text(
                "insert into push_events (topic, kind, data, created_at_unix_ms)"
                " values ('public', 'figures.changed', :data, 0)"
            ),
            {"data": data},
        )


def test_a_payout_file_that_does_not_open_keeps_no_other_from_the_outbox(side: BankSide) -> None:
    shop = side.merchant()
    side.load(shop, 500_00)
    ids = []
    for _ in range(2):
        side.redeem(shop, 100_00)
        side.pay_out()
    with side.engine.connect() as connection:
        ids = list(connection.execute(select(payout_files.c.id).order_by(payout_files.c.id)).scalars())
    written = sorted((side.folder / "outbox").iterdir())
    for path in written:
        path.unlink()
    for each in ids:
        change(side.engine, payout_files, payout_files.c.id == each, written_at_unix_ms=None)
    change(side.engine, payout_files, payout_files.c.id == ids[0], sealed_content=b"\x01" + b"0" * 60)
    assert side.payouts.write_approved() == 1
    assert len(list((side.folder / "outbox").iterdir())) == 1
    assert set_aside(side.engine) == [("payout_file", ids[0])]
    assert alarms(side.engine) == ["payout_file"]
    assert side.payouts.write_approved() == 0


def test_a_redemption_whose_account_does_not_open_keeps_no_other_from_its_file(side: BankSide) -> None:
    shop = side.merchant()
    side.load(shop, 500_00)
    spoilt, sound = side.redeem(shop, 100_00), side.redeem(shop, 50_00)
    change(side.engine, redemptions, redemptions.c.ref == spoilt.ref, sealed_iban=b"\x01" + b"0" * 60)
    file = side.payouts.prepare_payout("officer-1")
    assert [line.redemption_ref for line in file.lines] == [sound.ref]
    assert set_aside(side.engine) == [("redemption", spoilt.ref)]


def test_a_held_credit_that_cannot_be_tried_again_keeps_no_other_from_its_mint(side: BankSide) -> None:
    members = [side.member(frozen_incoming=True) for _ in range(2)]
    for member in members:
        reference = side.topups.reference_for(member)
        side.receive(side.statement(side.entry(side.credit(10_00, reference))))
    with side.engine.connect() as connection:
        held = connection.execute(select(topups).order_by(topups.c.matched_at_unix_ms)).all()
    with UnitOfWork(side.engine) as work:  # the reference of its next mint stands for something else
        work.connection.execute(
            insert(chain_commands).values(
                ref=command_ref(held[0].mint_ref, 1),
                kind="mint",
                role="ISSUER",
                arguments=["0x" + "99" * 20, 1, new_ref()],
                state="done",
                queued_at_unix_ms=0,
            )
        )
        for member in members:
            work.connection.execute(
                text("update members set frozen_incoming = :no where id = :id"), {"no": False, "id": member}
            )
    side.clock.advance_ms(3_600_000)
    assert side.topups.retry_due() == 1
    side.ledger.run()
    assert [side.balance(member)[0] for member in members] == [0, 10_00]
    assert set_aside(side.engine) == [("topup", held[0].id)]
    with side.engine.connect() as connection:
        states = select(topups.c.state).where(topups.c.id == held[0].id)
        assert connection.execute(states).scalar_one() == "held", "its half-done writes are undone"
    side.clock.advance_ms(3_600_000)
    assert not side.topups.has_due()


def test_an_entry_whose_details_do_not_open_is_shown_without_them(side: BankSide) -> None:
    side.receive(side.statement(side.entry(side.credit(10_00)), side.entry(side.credit(20_00))))
    with side.engine.connect() as connection:
        spoilt = connection.execute(
            select(bank_entries.c.id).where(bank_entries.c.amount_cents == 10_00)
        ).scalar_one()
    change(side.engine, bank_entries, bank_entries.c.id == spoilt, sealed_details=b"\x01" + b"0" * 60)
    for _ in range(2):
        shown = {each.amount_cents: each.details.counterparty_name for each in side.unmatched.list_waiting()}
        assert shown == {10_00: "", 20_00: "Camille R."}
    assert alarms(side.engine) == ["bank_entry"]


def test_a_file_the_reader_breaks_on_is_refused_and_the_next_ones_are_read(
    side: BankSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = side.folder / "inbox"
    folder.mkdir()
    member = side.member()
    content = side.statement(side.entry(side.credit(10_00, side.topups.reference_for(member))))
    (folder / "1.xml").write_bytes(b"<poison/>")
    (folder / "2.xml").write_bytes(content)
    reads = files.read

    def read(given: bytes, iban: str) -> BankFile:
        if b"poison" in given:
            raise KeyError("missing")
        return reads(given, iban)

    monkeypatch.setattr(files, "read", read)
    assert side.inbox.take_all() == 2
    side.ledger.run()
    assert side.balance(member)[0] == 10_00
    (reason,) = (folder / "refused").glob("*.txt")
    assert reason.read_text().startswith("bank.file_unreadable")


def test_trouble_with_the_inbox_keeps_neither_payouts_nor_held_credits(
    side: BankSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    work = BankRound(side.bank, side.inbox, side.payouts, side.topups, Lease(side.engine, "bank"))

    def away() -> int:
        raise OSError("the folder is away")

    monkeypatch.setattr(side.inbox, "look", away)
    monkeypatch.setattr(side.payouts, "write_approved", lambda: done.append("payouts"))
    monkeypatch.setattr(side.topups, "has_due", lambda: done.append("topups"))
    with pytest.raises(OSError, match="away"):
        work.run_once()
    assert sorted(done) == ["payouts", "topups"]


def test_what_is_logged_and_kept_never_repeats_the_row(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5_000), env.merchant()
    ref = accepted(env, payer, shop, 0)
    change(env.engine, payments, payments.c.ref == ref, nonce="a secret of somebody's")
    env.settler.run_once()
    with env.engine.connect() as connection:
        (row,) = connection.execute(select(quarantined_rows)).all()
    assert "secret" not in json.dumps(list(row), default=str)
    assert row.error == "ValueError"
