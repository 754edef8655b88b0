"""How the hot path's questions are answered on tables nobody has taken statistics of.

A deployment whose database never ran ANALYZE chose the index of states for a page of history and walked every
payment there ever was. Each question here must come by an index that narrows, on both databases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert

from tests.support.payments_fixture import START_UNIX_MS, PaymentsFixture
from wallet_service.accounts import repository as accounts
from wallet_service.database.tables.payments import payments
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.history.service import refunds_statement
from wallet_service.payments import repository
from wallet_service.protocol.text.identifiers import new_ref

PAID = 3_000
REFS = [f"0x{number:064x}" for number in range(60)]


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Thousands of paid payments between a few members, and no statistics."""
    env = PaymentsFixture(engine)
    payer, payee = env.member(balance_cents=1_000_000), env.member()
    rows = [
        {
            "ref": new_ref(),
            "sequence": number,
            "purpose": "person",
            "state": "paid",
            "payer_member_id": payer[-26:],
            "payee_member_id": payee[-26:],
            "from_address": payer,
            "to_address": payee,
            "amount_cents": 1,
            "nonce": str(number),
            "small_nonce": number,
            "valid_before_unix_s": START_UNIX_MS // 1000,
            "signature": b"signed",
            "accepted_at_unix_ms": START_UNIX_MS + number,
            "final_at_unix_ms": START_UNIX_MS + number,
            "final_block": number,
        }
        for number in range(1, PAID + 1)
    ]
    with UnitOfWork(engine) as work:
        work.connection.execute(insert(payments), rows)
    return engine


@contextmanager
def asked(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Every statement while it is open, as it went to the database."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE")):
            found.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plan_of(connection: Connection, statement: str, parameters: Any) -> str:
    """PostgreSQL walks what fits on a hundred pages, rightly: it is asked what it does when it may not."""
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    prefix = "EXPLAIN " if is_postgresql else "EXPLAIN QUERY PLAN "
    rows = connection.exec_driver_sql(prefix + statement, parameters).all()
    return "\n".join(str(row[-1]) for row in rows)


QUESTIONS: dict[str, tuple[Callable[[Connection], object], str]] = {
    "what went back of a page's payments": (
        lambda connection: connection.execute(refunds_statement(REFS)).all(),
        "ix_payments_refund_of_ref",
    ),
    "whether references are known": (
        lambda connection: repository.payments_by_ref(connection, REFS),
        "payments",
    ),
    "rows of a block's payments": (lambda connection: repository.rows_by_ref(connection, REFS), "payments"),
    "which numbers are used": (
        lambda connection: accounts.used_nonces(connection, {(f"0x{7:040x}", n) for n in range(50)}),
        "uq_payments_from_address_nonce",
    ),
    "what waits for a batch": (
        lambda connection: repository.accepted_in_order(connection, 200),
        "ix_payments_state_sequence",
    ),
    "what was spent lately": (
        lambda connection: accounts.spending(connection, ["A" * 26], START_UNIX_MS),
        "ix_payments_payer_member_id_accepted_at_unix_ms",
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_of_the_hot_path_walks_all_payments(filled: Engine, question: str) -> None:
    ask, index = QUESTIONS[question]
    with asked(filled) as statements, UnitOfWork(filled) as work:
        ask(work.connection)
    assert statements
    with reading(filled) as connection:
        plans = [plan_of(connection, *each) for each in statements]
    about_payments = [plan for plan in plans if "payments" in plan]
    assert about_payments, plans
    for plan in about_payments:
        assert "SCAN payments" not in plan, plan
        assert "Seq Scan on payments" not in plan, plan
        assert "(state=?)" not in plan or question == "what waits for a batch", plan
    assert any(index in plan for plan in about_payments), about_payments
