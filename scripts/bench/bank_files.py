"""Measures how long a month's bank file takes to be booked, and what payments wait meanwhile.

Run by hand: `python -m scripts.bench.bank_files`; never part of the checks. On an empty database of each kind
a statement of `--entries` credits of members comes into the inbox while PAYMENTS_PER_S payments fall due each
second, whatever becomes of those before, in the same process, as the service's workers and its requests share
one. A payment's time counts from when it was due. Ends with 1 when the file took longer than
BOOKED_BOUND_S or one payment in a hundred longer than PAYMENT_BOUND_S. `--write` writes the results under
docs/bench.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from scripts.bench.till_latency import RESULTS, machine, side_by_side
from tests.support.bank_side import BankSide
from tests.support.databases import postgresql_cluster
from tests.support.payments_fixture import PaymentsFixture
from wallet_service.database.engine import make_engine
from wallet_service.database.migrate import upgrade
from wallet_service.database.tables.bank import topups

ENTRIES = 3_000
MEMBERS = 200
BOOKED_BOUND_S = 3.0
PAYMENT_BOUND_S = 0.3
DATABASES = ("sqlite", "postgresql")
PAYER_CENTS = 100_000
#: A hundred shops in their busiest minutes, one payment every five seconds each.
PAYMENTS_PER_S = 20


class SteadyPayments(threading.Thread):
    """Payments of a cent, one due every 1/PAYMENTS_PER_S s until told to end; `took_s` from due."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(daemon=True)
        self.took_s: list[float] = []
        self._fixture = PaymentsFixture(engine)
        self._payer = self._fixture.member(tier="verified", balance_cents=PAYER_CENTS)
        self._payee = self._fixture.merchant()[0]
        self._ended = threading.Event()

    def run(self) -> None:
        nonce, due_s = 0, time.monotonic()
        while not self._ended.wait(max(0.0, due_s - time.monotonic())):
            order = self._fixture.order(self._payer, self._payee, 1, nonce)
            (answer,) = self._fixture.acceptance.accept_batch([order])
            assert not isinstance(answer, Exception), answer
            self.took_s.append(time.monotonic() - due_s)
            nonce, due_s = nonce + 1, due_s + 1 / PAYMENTS_PER_S

    def end(self) -> None:
        self._ended.set()
        self.join()


@contextmanager
def _engine(database: str, folder: Path) -> Iterator[Engine]:
    if database == "sqlite":
        made = make_engine(f"sqlite:///{folder / 'alba.db'}")
        upgrade(made)
        yield made
        made.dispose()
        return
    cluster = postgresql_cluster()
    name = cluster.create_database()
    made = make_engine(cluster.url(name))
    yield made
    made.dispose()
    cluster.drop_database(name)


def measure(engine: Engine, folder: Path, entries: int) -> dict[str, Any]:
    side = BankSide(engine, folder)
    references = [side.topups.reference_for(side.member()) for _ in range(MEMBERS)]
    credits = [side.credit(1_00 + number % 9, references[number % MEMBERS]) for number in range(entries)]
    content = side.statement(*(side.entry(each) for each in credits))
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / "mois.xml").write_bytes(content)
    payments = SteadyPayments(engine)
    payments.start()
    time.sleep(0.5)  # it is under way
    before = len(payments.took_s)
    started_s = time.monotonic()
    side.inbox.take_all()
    booked_s = time.monotonic() - started_s
    meanwhile_s = payments.took_s[before:]
    payments.end()
    with engine.connect() as connection:
        decided = connection.execute(select(func.count()).select_from(topups)).scalar_one()
    assert decided == entries, decided
    return {
        "entries": entries,
        "file_kilobytes": len(content) // 1000,
        "booked_s": round(booked_s, 2),
        "payments_meanwhile": len(meanwhile_s),
        "payment_median_ms": round(1000 * statistics.median(meanwhile_s), 1),
        "payment_p99_ms": round(1000 * statistics.quantiles(meanwhile_s, n=100)[98], 1),
        "payment_slowest_ms": round(1000 * max(meanwhile_s), 1),
    }


def holds(found: dict[str, Any]) -> bool:
    return bool(found["booked_s"] <= BOOKED_BOUND_S and found["payment_p99_ms"] <= 1000 * PAYMENT_BOUND_S)


def as_markdown(results: dict[str, dict[str, Any]]) -> str:
    lines = [
        "# A month's bank file, and payments meanwhile",
        "",
        "Written by `python -m scripts.bench.bank_files --write`. One statement is read, booked and all its",
        f"credits are decided while {PAYMENTS_PER_S} payments a second fall due in the same process. Bounds:",
        f"{BOOKED_BOUND_S:.0f} s for the file, {1000 * PAYMENT_BOUND_S:.0f} ms for 99 of 100 payments.",
        "",
        *side_by_side(results),
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="a month's bank file, and what payments wait meanwhile")
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--write", action="store_true", help="write the results under docs/bench")
    given = parser.parse_args(arguments)
    results: dict[str, dict[str, Any]] = {}
    for database in given.database or DATABASES:
        with tempfile.TemporaryDirectory() as name, _engine(database, Path(name)) as engine:
            results[database] = measure(engine, Path(name), given.entries)
        print(database, results[database], flush=True)
    if given.write:
        (RESULTS / "bank_files.md").write_text(as_markdown(results), encoding="utf-8")
        kept = {"results": results, "machine": machine()}
        (RESULTS / "bank_files.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    return 0 if all(holds(found) for found in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
