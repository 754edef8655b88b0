"""`make bench-network`: what the five validators carry, alone and with the whole service before them.

    python -m scripts.bench.network [--short] [--write]

In one run on the network of `make network`: plain ERC-20 transfers signed beforehand (the engine's ceiling),
then signed payments through the whole service to final, by kind of signature, then at parts of what was
reached, then the first payment after a pause. `--write` writes docs/bench/network.md and .json, with the
machine's load average: figures of a busy machine are figures of a busy machine, and the page says so.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.bench.network.ceiling import erc20_per_s, rhythm
from scripts.bench.network.report import as_markdown, headline
from scripts.bench.network.town import WalletPayer, make_network_town
from scripts.bench.payments.measure import Load, run_load, serving
from scripts.bench.payments.town import Mix, Town
from scripts.bench.till_latency import RESULTS, machine
from scripts.conformance.bench import Node
from scripts.network import nodes as processes
from scripts.network.layout import DEFAULT_FOLDER, ROOT, Founded, NetworkFailed, require_record
from wallet_service.listening.open_files import need_open_files

OWN_FILES = 8_192
KINDS = ("secp256k1", "p256", "mixed")
PARTS_PERCENT = (1, 50, 90)
TRANSFERS, SHORT_TRANSFERS = 40_000, 2_000
SECONDS, SHORT_SECONDS = 30.0, 5.0
RATES, SHORT_RATES = (200.0, 400.0, 800.0, 1_600.0), (50.0,)
MEMBERS, SHORT_MEMBERS = 1_000, 60
SHOPS = 20
PAUSE_S, PAUSES, SHORT_PAUSES = 10.0, 10, 2
#: A rate is carried when so much of it became final within its window.
CARRIED_PERCENT = 90


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts.bench.network", description=__doc__)
    parser.add_argument("--short", action="store_true", help="the same steps in a few minutes; no figures")
    parser.add_argument("--rates", type=float, nargs="+", help="payments a second, one rung after the other")
    parser.add_argument("--write", action="store_true", help="write docs/bench/network.md and .json")
    given = parser.parse_args(arguments)
    need_open_files(OWN_FILES)
    try:
        founded = require_record(DEFAULT_FOLDER)
        result = measure(founded, given.short, given.rates or (SHORT_RATES if given.short else RATES))
    except NetworkFailed as error:
        print(f"bench-network: {error}", file=sys.stderr)
        return 1
    print(as_markdown(result))
    if given.write and not given.short:
        (RESULTS / "network.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        (RESULTS / "network.md").write_text(as_markdown(result), encoding="utf-8")
    return 0


def measure(founded: Founded, is_short: bool, rates: Sequence[float]) -> dict[str, Any]:
    result: dict[str, Any] = {"machine": machine(), "load_average_before": _load(), "short": is_short}
    result["erc20"] = erc20_per_s(founded, SHORT_TRANSFERS if is_short else TRANSFERS)
    _say(result["erc20"])
    with tempfile.TemporaryDirectory(prefix="alba-network-bench-", dir=ROOT / "var") as folder:
        os.chmod(folder, 0o700)
        town = make_network_town(founded, Path(folder), SHORT_MEMBERS if is_short else MEMBERS, SHOPS)
        with serving(town) as service:
            result |= _payments(founded, town, service, is_short, rates)
    result["load_average_after"] = _load()
    return result | headline(result)


def _payments(
    founded: Founded, town: Town, service: int, is_short: bool, rates: Sequence[float]
) -> dict[str, Any]:
    seconds, seed = SHORT_SECONDS if is_short else SECONDS, int(time.time())
    roots = {"service": service} | {
        node.name: pid for node in founded.nodes if (pid := processes.pid_of(DEFAULT_FOLDER, node))
    }
    node = Node(founded.rpc_urls()[0], 60.0)
    mix = Mix(sale_every=10)
    run_load(town, roots, Load(10, 2, mix), seed)  # everything is read in once
    first_block, disk_before = node.height(), _disk_bytes()
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for kind in KINDS:
        some = _only(town, kind)
        by_kind[kind] = []
        for rate in rates:
            seed += 1
            by_kind[kind].append(run_load(some, roots, Load(rate, seconds, mix), seed))
            _say({kind: by_kind[kind][-1]})
    made = sum(rung["final"] for rungs in by_kind.values() for rung in rungs)
    disk_bytes = _disk_bytes() - disk_before
    reached = max(rung["final_within_per_s"] for rung in by_kind["mixed"])
    parts = {}
    for percent in PARTS_PERCENT:
        seed += 1
        rate = max(0.5, reached * percent / 100)
        parts[str(percent)] = run_load(town, roots, Load(rate, seconds, mix), seed)
        _say({f"{percent} %": parts[str(percent)]})
    firsts = []
    for _ in range(SHORT_PAUSES if is_short else PAUSES):
        time.sleep(PAUSE_S)
        seed += 1
        firsts.append(run_load(town, roots, Load(1, 1, Mix(sale_every=0)), seed)["final_ms"]["p50"])
    return {
        "payments": by_kind,
        "parts_of_reached": parts,
        "reached_per_s": reached,
        "first_after_a_pause_ms": firsts,
        "blocks": rhythm(node, first_block),
        "memory_megabytes": {name: _memory_megabytes(pid) for name, pid in roots.items()},
        "disk_bytes_per_payment": round(disk_bytes / max(made, 1)),
        "seconds_a_rung": seconds,
    }


def _only(town: Town, kind: str) -> Town:
    """The same town with the payers of one kind of key."""
    if kind == "mixed":
        return town
    wants_wallet = kind == "secp256k1"
    return dataclasses.replace(
        town, payers=[one for one in town.payers if isinstance(one, WalletPayer) is wants_wallet]
    )


def _disk_bytes() -> int:
    """Of all validators together."""
    return sum(path.stat().st_blocks * 512 for path in DEFAULT_FOLDER.rglob("*") if path.is_file())


def _memory_megabytes(pid: int) -> float:
    """Resident, with the children's."""
    total_kilobytes, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            status = Path(f"/proc/{one}/status").read_text()
            children = Path(f"/proc/{one}/task/{one}/children").read_text().split()
        except OSError:
            continue
        total_kilobytes += sum(
            int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")
        )
        waiting += map(int, children)
    return round(total_kilobytes / 1024, 1)


def _load() -> float:
    return round(os.getloadavg()[0], 1)


def _say(content: Any) -> None:
    print(json.dumps(content), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
