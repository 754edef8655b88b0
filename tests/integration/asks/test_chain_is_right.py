"""A part follows the chain's word: rewound, refused wrongly, paid by another meanwhile, restored."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from tests.support.payments_fixture import deliver
from tests.support.people_side import PeopleSide
from wallet_service.asks.models import NewPart, SeenPart
from wallet_service.chain.ledger import mirror as copy
from wallet_service.chain.ports import ChainEvent
from wallet_service.database.tables.payments import payments
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments.models import Payment, PaymentOrder
from wallet_service.protocol.text.identifiers import new_ref


def asked(side: PeopleSide) -> tuple[str, str, SeenPart]:
    """Who asks, who is asked, and what."""
    chloe, camille = side.person("Chloé", "Val"), side.person("Camille", "Rive", balance_cents=5_000)
    side.ask(chloe, NewPart(1_000, side.code(camille)))
    (part,) = side.asks.reader.waiting_for(camille)
    return chloe, camille, part


def state(side: PeopleSide, member_id: str, part: SeenPart) -> str:
    return side.asks.reader.look(member_id, part.id).state.value


def accepted(side: PeopleSide, order: PaymentOrder) -> Payment:
    (answer,) = side.acceptance.accept_batch([order])
    assert isinstance(answer, Payment), answer
    return answer


def refused_wrongly(side: PeopleSide, order: PaymentOrder) -> None:
    """Sent, and ended here as expired although the ledger will execute it."""
    accepted(side, order)
    side.settler.run_once()
    side.clock.advance_ms(600_000)
    with UnitOfWork(side.engine) as work:
        side.ledger.block_number += 1
        side.ledger._write_block(work.connection)
    assert side.settler.refuse_expired() == 1


def on_chain(side: PeopleSide, order: PaymentOrder) -> None:
    """The ledger executes the order in a block of its own, whatever SQL believes of it."""
    side.ledger.block_number += 1
    parties = {"from": order.from_address, "to": order.to_address, "value": order.amount_cents}
    said = [("Transfer", parties), ("PaymentSettled", {**parties, "ref": order.ref, "nonce": order.nonce})]
    number, digest, now_unix_s = side.ledger.block_number, new_ref(), side.clock.now_unix_s()
    found = [
        ChainEvent(name, arguments, number, place, digest, now_unix_s)
        for place, (name, arguments) in enumerate(said)
    ]
    with UnitOfWork(side.engine) as work:
        side.ledger._write_block(work.connection)
        copy.add_events(work.connection, found)
        for event in found:
            deliver(side.projection, work, event)


def test_a_rewind_makes_a_paid_part_confirm_again(side: PeopleSide) -> None:
    chloe, camille, part = asked(side)
    side.pay(camille, part)
    side.settle_and_mine()
    assert state(side, camille, part) == "paid"
    side.ledger.rewind(side.projection, 0)
    assert state(side, camille, part) == "confirming"
    side.ledger.mine(side.projection)
    (own,) = side.asks.reader.made_by(chloe)
    assert own.parts[0].state == "paid"
    side.check_books()


def test_a_payment_refused_wrongly_is_the_parts_again(side: PeopleSide) -> None:
    _, camille, part = asked(side)
    order = side.order_for(camille, part)
    refused_wrongly(side, order)
    assert state(side, camille, part) == "open"
    on_chain(side, order)
    assert state(side, camille, part) == "paid"


def test_of_two_payments_the_chain_has_one_alone_is_the_parts(side: PeopleSide) -> None:
    """The first was refused wrongly, the part was paid again, and then the chain says that it has both."""
    _, camille, part = asked(side)
    first = side.order_for(camille, part)
    refused_wrongly(side, first)
    second = side.pay(camille, part)
    side.settle_and_mine()
    on_chain(side, first)
    rows = {row.ref: row for row in (side.payment(first.ref), side.payment(second.ref))}
    assert {ref: row.state for ref, row in rows.items()} == {first.ref: "paid", second.ref: "paid"}
    assert (rows[first.ref].ask_part_id, rows[second.ref].ask_part_id) == (None, part.id)


def test_a_rewind_keeps_refused_what_was_paid_otherwise(side: PeopleSide) -> None:
    _, camille, part = asked(side)
    first = side.order_for(camille, part)
    refused_wrongly(side, first)
    with UnitOfWork(side.engine) as work:  # as if the ledger had refused it in that block
        values = {"final_block": side.ledger.block_number}
        work.connection.execute(update(payments).where(payments.c.ref == first.ref).values(**values))
    second = side.pay(camille, part)
    with UnitOfWork(side.engine) as work:
        side.projection.on_rewind(work, 0)
    assert (side.payment(first.ref).state, side.payment(second.ref).state) == ("refused", "accepted")


def test_an_order_that_comes_back_after_a_restore_is_its_parts_again(side: PeopleSide) -> None:
    _, camille, part = asked(side)
    order = side.order_for(camille, part)
    accepted(side, order)
    with UnitOfWork(side.engine) as work:  # SQL was restored from before it
        work.connection.execute(delete(payments).where(payments.c.ref == order.ref))
    on_chain(side, order)
    assert side.payment(order.ref).ask_part_id is None, "the chain does not say what it was for"
    accepted(side, order)
    assert side.payment(order.ref).ask_part_id == part.id
    assert state(side, camille, part) == "paid"


def test_sql_itself_has_one_living_payment_for_a_part(side: PeopleSide) -> None:
    _, camille, part = asked(side)
    first = side.pay(camille, part)
    chloe = side.asks.reader.look(camille, part.id).to_address
    other = accepted(side, side.order(side.account(camille), chloe or "", 1, 7))
    statement = update(payments).where(payments.c.ref == other.ref).values(ask_part_id=first.ask_part_id)
    with UnitOfWork(side.engine) as work, pytest.raises(IntegrityError):
        work.connection.execute(statement)
