"""A service that is paused (SIGSTOP) inside a transaction, with the lease: another takes over within 10 s.

One pause a run. Twenty, with their figures, in about four minutes:
``ALBA_PAUSES=20 .venv/bin/pytest -s tests/chaos/test_paused_holder.py``
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, select

from tests.support.databases import FIXTURES, postgresql_engine, postgresql_url
from tests.support.paused_holder import WHERE
from tests.support.payments_fixture import PaymentsFixture
from wallet_service.database.tables.chain import chain_transactions, leases
from wallet_service.payments.models import Payment
from wallet_service.platform.workers import Worker, WorkerSet

__all__ = ["FIXTURES", "postgresql_engine", "postgresql_url"]

ROOT = Path(__file__).resolve().parents[2]
PAUSES = int(os.environ.get("ALBA_PAUSES", "1"))
TAKEOVER_S = 10.0
SETTLE_INTERVAL_S = 0.2
#: Below a third of a lease's duration: the holder is paused at any moment between two renewals.
MAX_REST_S = 2.6
START_DEADLINE_S = 60.0

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(90 + 30 * PAUSES)]


@contextmanager
def paused(url: str, where: str, rest_s: float, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A holder that has stopped; killed at the end if it is still there."""
    command = [sys.executable, "-m", "tests.support.paused_holder", url, where, str(rest_s)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stderr=output, cwd=ROOT)
    try:
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        assert process.poll() is None, "it ended instead of stopping"
        yield process
    finally:
        process.kill()
        process.wait(START_DEADLINE_S)


def goes_on(holder: subprocess.Popen[bytes], log: Path) -> None:
    """It hears that its transaction is gone, and ends of it."""
    holder.send_signal(signal.SIGCONT)
    try:
        assert holder.wait(START_DEADLINE_S) != 0
    except subprocess.TimeoutExpired:
        system = Path(f"/proc/{holder.pid}")
        seen = "".join((system / name).read_text() for name in ("wchan", "status"))
        pytest.fail(f"it neither went on nor ended: {seen}\n{log.read_text()[-3000:]}", pytrace=False)
    assert "idle-in-transaction timeout" in log.read_text()


def stored(env: PaymentsFixture) -> int:
    with env.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(chain_transactions)).scalar_one())


def test_a_paused_holder_is_replaced_and_what_it_had_begun_happens_once(
    postgresql_engine: Engine, postgresql_url: str, tmp_path: Path
) -> None:
    choices = random.Random(7)
    env = PaymentsFixture(postgresql_engine)
    payer, (shop, _) = env.member(balance_cents=100_000), env.merchant()
    took_s: list[float] = []
    for number in range(PAUSES):
        where = list(WHERE)[number % len(WHERE)]
        rest_s = choices.uniform(0, MAX_REST_S) if number else 0.0
        with postgresql_engine.begin() as connection:
            connection.execute(delete(leases))
        (first,) = env.acceptance.accept_batch([env.order(payer, shop, 10, 2 * number)])
        assert isinstance(first, Payment)
        with paused(postgresql_url, where, rest_s, tmp_path / "holder.log") as holder:
            paused_at_s = time.monotonic()
            before = stored(env)
            standby = WorkerSet([Worker("settler", env.new_settler().run_once, SETTLE_INTERVAL_S)])
            standby.start()
            try:
                (second,) = env.acceptance.accept_batch([env.order(payer, shop, 10, 2 * number + 1)])
                accepted_s = time.monotonic() - paused_at_s
                assert isinstance(second, Payment), second
                while env.payment(first.ref).state != "settling":
                    assert time.monotonic() - paused_at_s < TAKEOVER_S, "nobody took over"
                    time.sleep(0.02)
                took_s.append(time.monotonic() - paused_at_s)
                goes_on(holder, tmp_path / "holder.log")
                while env.payment(second.ref).state != "settling":
                    assert time.monotonic() - paused_at_s < 2 * TAKEOVER_S
                    time.sleep(0.02)
            finally:
                standby.stop()
            assert accepted_s < TAKEOVER_S
        assert 1 <= stored(env) - before <= 2  # the first one's bytes once, with or before the second's
        env.ledger.mine(env.projection)
        assert [env.payment(one.ref).state for one in (first, second)] == ["paid", "paid"]
        print(f"{where:9} rested {rest_s:.1f} s, accepted {accepted_s:.1f} s, taken over {took_s[-1]:.1f} s")
    median_s = statistics.median(took_s)
    print(f"{len(took_s)} of {PAUSES} taken over; median {median_s:.1f} s, most {max(took_s):.1f} s")
    env.check_books()
