"""Measures what a cashier waits for.

From the phone sending a signed payment to the till's page hearing "paid". Run by hand: `python -m
scripts.bench.till_latency`; never part of the checks.

For SQLite and for PostgreSQL, durable as shipped, a whole system of its own (node, service, till as
processes) takes payments one after the other. Two pages of the same till watch the same payments: one hears
the server's push, the other asks for the till's book every second, which is the baseline. Prints and writes
docs/bench/till_latency.md and .json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scripts.demo.customer import Phone, ReceivedEvent, Stream, Tablet, wait_until
from scripts.demo.stack_layout import ROOT
from scripts.demo_book import Credit
from tests.support.databases import POSTGRESQL_BINARIES, PostgresqlCluster
from tests.support.system import System, running_system
from wallet_service.chain.node.embedded import find_anvil

RESULTS = ROOT / "docs" / "bench"
PAYMENTS = 200
MAX_PAYMENTS = 250
WARM_UP_PAYMENTS = 10
PAUSE_S = 0.3
POLL_INTERVAL_S = 1.0
PRICE_CENTS = 50
TOPUP_CENTS = 15_000  # what a visitor may hold
PERCENTILES = (50, 95, 99)
LAST_POLL_DEADLINE_S = 30.0
DATABASES = ("sqlite", "postgresql")
MEASURES = {
    "accepted_answer": "the phone has the service's answer (durable)",
    "accepted_push": "the till's page hears it is accepted, by push",
    "paid_push": "the till's page hears it is paid and final, by push",
    "paid_poll": "the same, for a page that asks every second",
}


@dataclass
class Samples:
    """Seconds since the phone sent the payment, by measure."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in MEASURES})

    def summary(self) -> dict[str, dict[str, float]]:
        """Milliseconds; a percentile is a payment that happened (nearest rank)."""
        return {name: percentiles(sorted(values)) for name, values in self.seconds.items()}


class PollingPage:
    """A page without push: asks for the till's book every second and notes when a sale is first paid."""

    def __init__(self, tablet: Tablet) -> None:
        self.paid_at_s: dict[str, float] = {}
        self._tablet = tablet
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(POLL_INTERVAL_S):
            book = self._tablet.get("/api/state")["book"]
            now_s = time.perf_counter()
            for sale in book["sales"]:
                if sale["state"] == "paid":
                    self.paid_at_s.setdefault(sale["id"], now_s)


class DurableCluster(PostgresqlCluster):
    """The tests' throwaway server, with the safety that tests switch off."""

    def _options(self) -> list[str]:
        return [
            *super()._options(),
            "-c",
            "fsync=on",
            "-c",
            "synchronous_commit=on",
            "-c",
            "full_page_writes=on",
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="till_latency", description=__doc__)
    parser.add_argument("--payments", type=int, default=PAYMENTS, choices=range(10, MAX_PAYMENTS + 1))
    parser.add_argument("--write", action="store_true", help="write the results under docs/bench")
    given = parser.parse_args(arguments)
    result: dict[str, Any] = {"machine": machine(), "payments": given.payments, "pause_s": PAUSE_S}
    for database in DATABASES:
        load_before = os.getloadavg()[0]
        with measured_system(database) as system:
            measured = measure(system, given.payments).summary()
        result[database] = {
            "milliseconds": measured,
            "load_average_before_and_after": [round(load_before, 1), round(os.getloadavg()[0], 1)],
        }
    text = as_markdown(result)
    print(text)
    if given.write:
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / "till_latency.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        (RESULTS / "till_latency.md").write_text(text, encoding="utf-8")
    return 0


def measure(system: System, payments: int) -> Samples:
    """Payments one after the other; each must be paid before the next is made."""
    phone = Phone(system.wallet)
    system.bank_day(Credit(phone.announce_topup(TOPUP_CENTS), TOPUP_CENTS))
    wait_until(lambda: phone.available_cents() == TOPUP_CENTS, "the euros have arrived")
    tablet = Tablet(system.till, system.pairing_code())
    stream, polling = Stream(tablet.http, "/api/events"), PollingPage(tablet)
    polling.start()
    samples, sent_at_s = Samples(), dict[str, float]()
    for number in range(WARM_UP_PAYMENTS + payments):
        done = pay_one(phone, tablet, stream)
        if number >= WARM_UP_PAYMENTS:
            sent_at_s[done.sale_id] = done.sent_at_s
            samples.seconds["accepted_answer"].append(done.answered_at_s - done.sent_at_s)
            samples.seconds["accepted_push"].append(done.accepted_at_s - done.sent_at_s)
            samples.seconds["paid_push"].append(done.paid_at_s - done.sent_at_s)
        time.sleep(PAUSE_S * random.uniform(0.5, 1.5))  # so that the polling page has no lucky rhythm
    wait_until(lambda: sent_at_s.keys() <= polling.paid_at_s.keys(), "the polling page knows all")
    polling.stop()
    stream.close()
    samples.seconds["paid_poll"] = [polling.paid_at_s[sale] - sent_s for sale, sent_s in sent_at_s.items()]
    return samples


@dataclass(frozen=True)
class Paid:
    """One payment's moments, by this process's clock."""

    sale_id: str
    sent_at_s: float
    answered_at_s: float
    accepted_at_s: float
    paid_at_s: float


def pay_one(phone: Phone, tablet: Tablet, stream: Stream) -> Paid:
    sale_id = tablet.open_sale(PRICE_CENTS)
    body = phone.sign(phone.get(f"/v1/sales/{sale_id}"))
    sent_at_s = time.perf_counter()
    phone.post("/v1/payments", body)
    answered_at_s = time.perf_counter()
    first = stream.wait_for(lambda event: _state(event, sale_id) in ("accepted", "paid"))
    paid = first
    if _state(first, sale_id) != "paid":
        paid = stream.wait_for(lambda event: _state(event, sale_id) == "paid")
    return Paid(sale_id, sent_at_s, answered_at_s, first.at_s, paid.at_s)


def _state(event: ReceivedEvent, sale_id: str) -> str:
    """What an event says of this sale; "" when it says nothing of it."""
    return str(event.data["state"]) if event.kind == "sale" and event.data["id"] == sale_id else ""


@contextmanager
def measured_system(database: str) -> Iterator[System]:
    with tempfile.TemporaryDirectory(prefix="alba-bench-") as folder:
        if database == "sqlite":
            with running_system(Path(folder)) as system:
                yield system
            return
        cluster = DurableCluster()
        try:
            with running_system(Path(folder), cluster.url(cluster.create_empty_database())) as system:
                yield system
        finally:
            cluster.stop()


def percentiles(ordered: list[float]) -> dict[str, float]:
    ranks = {f"p{share}": ordered[-(-len(ordered) * share // 100) - 1] for share in PERCENTILES}
    return {name: round(value * 1000, 1) for name, value in (*ranks.items(), ("maximum", ordered[-1]))}


def machine() -> dict[str, Any]:
    models = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")
    ]
    packages = ("fastapi", "uvicorn", "sqlalchemy", "psycopg", "web3", "cryptography")
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="minutes"),
        "commit": _first_line("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"),
        "processor": models[0].partition(": ")[2] if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gigabytes": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgresql": _first_line(str(POSTGRESQL_BINARIES / "postgres"), "--version"),
        "node": _first_line(str(find_anvil()), "--version"),
        **{package: version(package) for package in packages},
    }


def side_by_side(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Markdown lines: a row for each figure, a column for each run, and the machine below."""
    names = next(iter(results.values()))
    return [
        "| | " + " | ".join(results) + " |",
        "|---|" + "---:|" * len(results),
        *(
            f"| {name.replace('_', ' ')} | "
            + " | ".join(str(found[name]) for found in results.values())
            + " |"
            for name in names
        ),
        *("", "## Machine", "", *(f"* {name}: {value}" for name, value in machine().items()), ""),
    ]


def _first_line(*command: str) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    return ended.stdout.splitlines()[0]


def as_markdown(result: dict[str, Any]) -> str:
    lines = [
        "# From the phone's confirmation to the till",
        "",
        "Written by `python -m scripts.bench.till_latency --write`. Milliseconds from the moment the phone",
        f"sends the signed payment: {result['payments']} payments, one after the other, about",
        f"{result['pause_s']} s between them, both databases with their usual durability. The last row is",
        "the baseline of the same run: another page of the same till that asks every second.",
        "",
    ]
    for database in DATABASES:
        found = result[database]
        before, after = found["load_average_before_and_after"]
        lines += [f"## {database} (load average {before} before, {after} after)", ""]
        lines += ["| | p50 | p95 | p99 | maximum |", "|---|---:|---:|---:|---:|"]
        for name, words in MEASURES.items():
            row = found["milliseconds"][name]
            figures = " | ".join(f"{row[column]:.0f}" for column in ("p50", "p95", "p99", "maximum"))
            lines.append(f"| {words} | {figures} |")
        lines.append("")
    lines += ["## Machine", "", *(f"* {name}: {value}" for name, value in result["machine"].items()), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
