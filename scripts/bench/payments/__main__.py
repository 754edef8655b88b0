"""Measures how many signed payments a second become final, and what each costs: `make bench-payments`.

For SQLite and for PostgreSQL, durable as shipped: a town of `--members` and `--shops` (made first, by the
service's own doors), the real service as a process with its embedded node, and a generator in a process of
its own that sends pre-signed payments at a constant rate over HTTP, whatever the answers do (open loop:
latency counts from the moment a payment was due). One rung after the other of `--rates`, then the same with
nine tenths to one shop. Every run ends with the books held against the chain. In the same run: the node,
accepting alone, PostgreSQL's bank posting (pgbench). `--write` writes docs/bench/payments.md and .json.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.bench.payments import peers
from scripts.bench.payments.measure import Load, invariants, rebuilt_equals, run_load, serving
from scripts.bench.payments.report import as_markdown, headline
from scripts.bench.payments.town import Mix, Town, make_town
from scripts.bench.till_latency import RESULTS, DurableCluster, machine
from scripts.demo.stack_layout import ROOT
from wallet_service.listening.open_files import need_open_files

DATABASES = ("sqlite", "postgresql")
RATES = (50, 100, 200, 400, 700, 1_000)
SECONDS = 30.0
HOT_SHARE = 0.9
MEMBERS, SHOPS = 1_000, 50
OWN_FILES = 8_192
#: Where a file is really synced; a folder in memory would flatter every commit.
FOLDER = ROOT / "var"


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    need_open_files(OWN_FILES)
    result: dict[str, Any] = {
        "machine": machine(),
        "members": given.members,
        "shops": given.shops,
        "duration_s": given.seconds,
    }
    given.folder.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(given.folder)  # the throwaway server's too
    for database in given.database or DATABASES:
        result[database] = _measure_one(database, given)
        print(json.dumps(result[database], indent=1), flush=True)
    result |= headline(result)
    print(as_markdown(result))
    if given.write:
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / "payments.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        (RESULTS / "payments.md").write_text(as_markdown(result), encoding="utf-8")
    return 0 if result["invariants_ok"] else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench-payments", description=__doc__)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--rates", type=float, nargs="+", default=list(RATES))
    parser.add_argument("--hot-rate", type=float, help="of the run with one hot shop; the last of --rates")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each rung")
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--shops", type=int, default=SHOPS)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="on the disk that is to be measured")
    parser.add_argument("--no-peers", action="store_true", help="without node, pgbench and accepting alone")
    parser.add_argument("--no-rebuild", action="store_true", help="without reading the chain again")
    parser.add_argument("--write", action="store_true", help="write the results under docs/bench")
    return parser


def _measure_one(database: str, given: argparse.Namespace) -> dict[str, Any]:
    with _place(database) as (folder, url, cluster):
        started_s = time.monotonic()
        town = make_town(folder, url, given.members, given.shops)
        found: dict[str, Any] = {"set_up_s": round(time.monotonic() - started_s, 1)}
        found |= _measure_town(town, cluster, given)
        if not given.no_rebuild:
            found["invariants"]["copy is the chain by rebuild"] = rebuilt_equals(town)
        if not given.no_peers:
            found["node_transfers_per_s"] = peers.node_transfers_per_s(town)
            found["accept_alone_per_s"] = peers.accept_alone_per_s(town)
            if cluster is not None:
                found["pgbench_per_s"] = peers.pgbench_per_s(cluster, max(5, int(given.seconds / 2)))
        return found


def _measure_town(town: Town, cluster: DurableCluster | None, given: argparse.Namespace) -> dict[str, Any]:
    seed = int(time.time())
    with serving(town) as service:
        roots = {"service": service} | ({} if cluster is None else {"postgresql": cluster.pid})
        run_load(town, roots, Load(20, 2), seed)  # everything is read in once
        ladder = []
        for number, rate in enumerate(given.rates, 1):
            ladder.append(run_load(town, roots, Load(rate, given.seconds), seed + number))
            print(json.dumps(ladder[-1]), file=sys.stderr, flush=True)
        hot_rate = given.hot_rate or given.rates[-1]
        hot = run_load(
            town, roots, Load(hot_rate, given.seconds, Mix(hot_share=HOT_SHARE)), seed + len(ladder) + 1
        )
        return {"ladder": ladder, "hot_shop": hot, "invariants": invariants(town)}


@contextmanager
def _place(database: str) -> Iterator[tuple[Path, str, DurableCluster | None]]:
    with tempfile.TemporaryDirectory(prefix="alba-payments-") as folder:
        os.chmod(folder, 0o700)
        if database == "sqlite":
            yield Path(folder), "", None
            return
        cluster = DurableCluster()
        try:
            yield Path(folder), cluster.url(cluster.create_database()), cluster
        finally:
            cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
