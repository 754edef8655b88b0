"""Measures how long a month's bank file takes to be booked, and what payments wait meanwhile.

Run by hand: `python -m scripts.bench.bank_files`; never part of the checks. On an empty database of each kind
a statement of `--entries` credits of members comes into the inbox of a second process, as the bank's worker
has one of its own (decision 0021), while PAYMENTS_PER_S payments fall due in this one each second, whatever
becomes of those before. A payment's time counts from when it was due. Ends with 1 when the file took longer
than BOOKED_BOUND_S or one payment in a hundred longer than PAYMENT_BOUND_S. `--write` writes the results
under docs/bench; `--in-one-process` shows what the second process is for.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, func, select

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


class Turns:
    """How long a process kept the database's one writer, from its first statement to its commit."""

    def __init__(self, engine: Engine) -> None:
        self.longest_s = 0.0
        self.count = 0
        self._begun_s = 0.0
        event.listen(engine, "begin", self._begin)
        self._commit = engine.dialect.do_commit
        engine.dialect.do_commit = self._committed  # type: ignore[method-assign,assignment]

    def _begin(self, _connection: Any) -> None:
        self._begun_s = time.monotonic()

    def _committed(self, connection: Any) -> None:
        self._commit(connection)
        self.count += 1
        self.longest_s = max(self.longest_s, time.monotonic() - self._begun_s)


def take_in_inbox(side: BankSide) -> dict[str, Any]:
    """What there is, timed."""
    turns = Turns(side.engine)
    started_s, cpu_s = time.monotonic(), time.process_time()
    side.inbox.take_all()
    return {
        "booked_s": round(time.monotonic() - started_s, 2),
        "booking_processor_s": round(time.process_time() - cpu_s, 2),
        "turns": turns.count,
        "longest_turn_ms": round(1000 * turns.longest_s, 1),
        "booking_peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _worker(url: str, folder: Path) -> None:
    """The second process: ready, told the time, done."""
    side = BankSide(make_engine(url), folder)
    print("ready", flush=True)
    now_unix_ms = int(sys.stdin.readline())
    side.clock.advance_ms(now_unix_ms - side.clock.now_unix_ms())
    print(json.dumps(take_in_inbox(side)), flush=True)


@contextmanager
def _second_process(url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "scripts.bench.bank_files", "--worker", url, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while process.stdout.readline() != "ready\n":
            assert process.poll() is None
        yield process


def _told_to_begin(process: subprocess.Popen[str], now_unix_ms: int) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{now_unix_ms}\n")
    process.stdin.flush()
    for line in process.stdout:
        if line.startswith("{"):  # others are its log
            found: dict[str, Any] = json.loads(line)
            return found
    raise AssertionError("the second process ended")


def measure(engine: Engine, folder: Path, entries: int, *, is_one_process: bool) -> dict[str, Any]:
    side = BankSide(engine, folder)
    references = [side.topups.reference_for(side.member()) for _ in range(MEMBERS)]
    credits = [side.credit(1_00 + number % 9, references[number % MEMBERS]) for number in range(entries)]
    content = side.statement(*(side.entry(each) for each in credits))
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / "mois.xml").write_bytes(content)
    url = engine.url.render_as_string(hide_password=False)
    payments = SteadyPayments(engine)
    with _second_process(url, folder) as process:
        payments.start()
        time.sleep(0.5)  # it is under way
        before = len(payments.took_s)
        now_unix_ms = side.clock.now_unix_ms()
        found = take_in_inbox(side) if is_one_process else _told_to_begin(process, now_unix_ms)
        meanwhile_s = payments.took_s[before:]
        payments.end()
        process.kill()
    with engine.connect() as connection:
        decided = connection.execute(select(func.count()).select_from(topups)).scalar_one()
    assert decided == entries, decided
    return {
        "entries": entries,
        "file_kilobytes": len(content) // 1000,
        **found,
        "payments_meanwhile": len(meanwhile_s),
        "payment_median_ms": round(1000 * statistics.median(meanwhile_s), 1),
        "payment_p99_ms": round(1000 * statistics.quantiles(meanwhile_s, n=100)[98], 1),
        "payment_slowest_ms": round(1000 * max(meanwhile_s), 1),
        "machine_load_before": round(os.getloadavg()[0], 1),
    }


def holds(found: dict[str, Any]) -> bool:
    return bool(found["booked_s"] <= BOOKED_BOUND_S and found["payment_p99_ms"] <= 1000 * PAYMENT_BOUND_S)


def as_markdown(results: dict[str, dict[str, Any]]) -> str:
    lines = [
        "# A month's bank file, and payments meanwhile",
        "",
        "Written by `python -m scripts.bench.bank_files --write`. One statement is read, booked and all its",
        f"credits are decided in one process while {PAYMENTS_PER_S} payments a second fall due in another.",
        f"Bounds: {BOOKED_BOUND_S:.0f} s a file, {1000 * PAYMENT_BOUND_S:.0f} ms for 99 payments of 100.",
        "",
        *side_by_side(results),
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="a month's bank file, and what payments wait meanwhile")
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--write", action="store_true", help="write the results under docs/bench")
    parser.add_argument("--in-one-process", action="store_true", help="as before decision 0021")
    parser.add_argument("--worker", nargs=2, metavar=("URL", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        _worker(given.worker[0], Path(given.worker[1]))
        return 0
    results: dict[str, dict[str, Any]] = {}
    for database in given.database or DATABASES:
        with tempfile.TemporaryDirectory() as name, _engine(database, Path(name)) as engine:
            results[database] = measure(
                engine, Path(name), given.entries, is_one_process=given.in_one_process
            )
        print(database, results[database], flush=True)
    if given.write:
        (RESULTS / "bank_files.md").write_text(as_markdown(results), encoding="utf-8")
        kept = {"results": results, "machine": machine()}
        (RESULTS / "bank_files.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    return 0 if all(holds(found) for found in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
