"""A stop of issuing that is on its way to the ledger keeps credits from being minted."""

from __future__ import annotations

from sqlalchemy import update

from tests.support.bank_side import BankSide
from wallet_service.accounts.stops import ISSUING_BIT
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.unit_of_work import UnitOfWork


def test_no_mint_is_asked_for_while_a_stop_is_on_its_way(side: BankSide) -> None:
    member = side.member()
    with UnitOfWork(side.engine) as work:
        stop = side.ledger.queue_command(work.connection, "stop", [ISSUING_BIT], "PAUSER", "stop:1")
        work.connection.execute(
            update(chain_commands).where(chain_commands.c.id == stop).values(state="sent")
        )
    side.load(member, 10_00)
    (held,) = side.topups.list_held()
    assert (held.held_reason, held.attempts) == ("ledger.IssuingStopped", 0)
    with UnitOfWork(side.engine) as work:
        work.connection.execute(
            update(chain_commands).where(chain_commands.c.id == stop).values(state="failed")
        )
    side.clock.advance_ms(3_600_000)
    assert side.topups.retry_due() == 1
