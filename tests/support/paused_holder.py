"""A process that works as a second service does, holds the settler's lease, and stops in a transaction.

`python -m tests.support.paused_holder DATABASE_URL WHERE REST_S`: takes the lease, rests as long, and stops
itself by SIGSTOP where it is told. Whoever started it may let it go on.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
from collections.abc import Sequence

from sqlalchemy import Connection

from tests.support.payments_fixture import PaymentsFixture
from wallet_service.accounts.repository import take_acceptor_lock
from wallet_service.chain.ports import SignedPayment
from wallet_service.database.engine import make_engine
from wallet_service.database.leases import Lease
from wallet_service.database.unit_of_work import UnitOfWork

LEASE = "settler"


def stop_here() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def in_settling(env: PaymentsFixture, rest_s: float) -> None:
    """The lease's row and the payments are locked; bytes are about to be stored."""
    store = env.ledger.store_settlement

    def stop_first(connection: Connection, payments: Sequence[SignedPayment]) -> int:
        time.sleep(rest_s)
        stop_here()
        return store(connection, payments)

    env.ledger.store_settlement = stop_first  # type: ignore[method-assign]
    env.settler.run_once()


def in_accepting(env: PaymentsFixture, rest_s: float) -> None:
    """The acceptor's lock is held, which every acceptance and redemption waits for."""
    assert Lease(env.engine, LEASE).hold()
    time.sleep(rest_s)
    with UnitOfWork(env.engine) as work:
        take_acceptor_lock(work.connection)
        stop_here()
        take_acceptor_lock(work.connection)


WHERE = {"settling": in_settling, "accepting": in_accepting}

#: What it does when it does not end is written to standard error.
DUMP_AFTER_S = 45.0

if __name__ == "__main__":
    faulthandler.dump_traceback_later(DUMP_AFTER_S)
    url, where, rest = sys.argv[1:]
    WHERE[where](PaymentsFixture(make_engine(url)), float(rest))
