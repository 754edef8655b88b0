"""One run of the payments' bench: a service, the generator, and what every process cost meanwhile.

What is final is seen from outside, by the same SQL that any page asks: a payment counts from the moment
another connection reads that it is paid.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, func, select

from scripts.bench.payments.load import Plan
from scripts.bench.payments.town import LIFETIME_S, Mix, Order, Town, sign_orders
from scripts.demo import stack
from scripts.demo.processes import end_with_parent
from scripts.demo.stack_layout import service_command
from wallet_service.bootstrap import build_services
from wallet_service.chain.node.client import NodeClient
from wallet_service.chain.reading.reader import NodeReader
from wallet_service.database.engine import make_engine
from wallet_service.database.tables.chain import balances, chain_events
from wallet_service.database.tables.payments import payments
from wallet_service.protocol.signing.addresses import ZERO_ADDRESS

#: Phones of so many seconds at once, each with a connection of its own: what waits, waits in the service.
PHONES_S, MIN_CONNECTIONS, MAX_CONNECTIONS = 5, 256, 4_000
READY_DEADLINE_S = 90.0
STOP_DEADLINE_S = 60.0
LOOK_EVERY_S = 0.05
DRAIN_DEADLINE_S = 240.0
START_AFTER_S = 5.0
PERCENTILES = (50, 95, 99, 99.9)
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class Processes:
    """The processor time of process trees, by name, since the last call."""

    roots: dict[str, int]

    def seconds(self) -> dict[str, float]:
        """User and system seconds of each tree's members, the ended ones included."""
        parents = {int(path.name): _stat(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
        found = dict.fromkeys(self.roots, 0.0)
        for pid, stat in parents.items():
            if stat is None:
                continue
            owner = self._owner(pid, parents)
            if owner is not None:
                name = f"{owner}" if "anvil" not in stat[0] else "node"
                found[name] = found.get(name, 0.0) + stat[2]
        return found

    def _owner(self, pid: int, parents: dict[int, tuple[str, int, float] | None]) -> str | None:
        names = {root: name for name, root in self.roots.items()}
        while pid > 1:
            if pid in names:
                return names[pid]
            stat = parents.get(pid)
            if stat is None:
                return None
            pid = stat[1]
        return None


def _stat(path: Path) -> tuple[str, int, float] | None:
    """(program, parent, own seconds and its ended children's) of a process; None when it has gone."""
    try:
        name, _, rest = (path / "stat").read_text().partition(" (")[2].rpartition(") ")
        fields = rest.split()
    except OSError:
        return None
    return name, int(fields[1]), sum(int(fields[place]) for place in (11, 12, 13, 14)) / _TICKS_PER_S


@contextmanager
def serving(town: Town) -> Iterator[int]:
    """The real service, as an operator starts it; its process id."""
    log = town.made.directory / "service.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            stack.service_command("serve"),
            env=town.environment(),
            cwd=stack.ROOT,
            stdout=output,
            stderr=output,
            preexec_fn=end_with_parent,
        )
    try:
        _wait_ready(town, process)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_ready(town: Town, process: subprocess.Popen[bytes]) -> None:
    url = f"{town.settings().wallet_origin}/ready"
    deadline_s = time.monotonic() + READY_DEADLINE_S
    while time.monotonic() < deadline_s and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, timeout=2, trust_env=False).is_success:
                return
        time.sleep(0.1)
    raise RuntimeError("the service is not ready; see service.log in the bench's folder")


class _Watch:
    """What another connection reads of final payments, and when."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with self._reading() as connection:
            query = select(func.coalesce(func.max(payments.c.final_block), 0))
            self._last_block = int(connection.execute(query).scalar_one())
        self.final_unix_s: dict[str, float] = {}

    def look(self) -> None:
        with self._reading() as connection:
            rows = connection.execute(
                select(payments.c.ref, payments.c.final_block, payments.c.state).where(
                    payments.c.final_block > self._last_block
                )
            ).all()
        now_unix_s = time.time()
        for ref, block, state in rows:
            if state == "paid":
                self.final_unix_s[ref] = now_unix_s
            self._last_block = max(self._last_block, block)

    def waiting(self) -> int:
        with self._reading() as connection:
            query = select(func.count()).where(payments.c.state.in_(("accepted", "settling")))
            return int(connection.execute(query).scalar_one())

    def _reading(self) -> Any:
        return self._engine.connect().execution_options(read_only=True)


@dataclass(frozen=True)
class Load:
    """What is asked for: `per_s` payments for `seconds`."""

    per_s: float
    seconds: float
    mix: Mix = field(default_factory=Mix)

    @property
    def count(self) -> int:
        return round(self.per_s * self.seconds)


def run_load(town: Town, roots: dict[str, int], load: Load, seed: int) -> dict[str, Any]:
    """The figures of one rung of the ladder, against a service that runs."""
    engine = make_engine(town.settings().resolved_database_url())
    orders = sign_orders(town, engine, load.count, load.mix, seed)
    folder = town.made.directory / "bench"
    folder.mkdir(exist_ok=True)
    plan_file, result_file = folder / f"plan-{seed}.json", folder / f"result-{seed}.json"
    start_unix_s = time.time() + START_AFTER_S
    connections = min(MAX_CONNECTIONS, max(MIN_CONNECTIONS, int(load.per_s * PHONES_S)))
    requests = [order.request for order in orders]
    plan = Plan(town.made.wallet_port, load.per_s, connections, start_unix_s, requests)
    plan.write(plan_file)
    generator = subprocess.Popen(
        [sys.executable, "-m", "scripts.bench.payments.load", str(plan_file), str(result_file)],
        cwd=stack.ROOT,
        preexec_fn=end_with_parent,
    )
    watch = _Watch(engine)
    time.sleep(max(0.0, start_unix_s - time.time()))
    processes = Processes(roots)
    before, own_before_s = processes.seconds(), time.process_time()
    is_drained, deadline_s = False, time.monotonic() + load.seconds + DRAIN_DEADLINE_S
    while not is_drained and time.monotonic() < deadline_s:
        time.sleep(LOOK_EVERY_S)
        watch.look()
        is_drained = generator.poll() is not None and watch.waiting() == 0
    watch.look()
    after, own_s = processes.seconds(), time.process_time() - own_before_s
    generator.wait()
    engine.dispose()
    seen = json.loads(result_file.read_text())
    spent = {name: after[name] - before.get(name, 0.0) for name in after}
    spent |= {"generator": seen["processor_s"], "measuring": own_s}
    return _figures(load, orders, seen, watch.final_unix_s, start_unix_s, spent)


def _figures(
    load: Load,
    orders: Sequence[Order],
    seen: dict[str, Any],
    final_unix_s: dict[str, float],
    start_unix_s: float,
    spent: dict[str, float],
) -> dict[str, Any]:
    accepted = [number for number, status in enumerate(seen["statuses"]) if status == 202]
    final = [number for number in accepted if orders[number].ref in final_unix_s]
    due_unix_s = [start_unix_s + number / load.per_s for number in range(len(orders))]
    final_s = [final_unix_s[orders[number].ref] - due_unix_s[number] for number in final]
    last_answer_s = max((seen["answered_s"][n] + n / load.per_s for n in accepted), default=0.0)
    last_final_s = max((final_unix_s[orders[n].ref] - start_unix_s for n in final), default=0.0)
    within = sum(final_unix_s[orders[number].ref] <= start_unix_s + load.seconds for number in final)
    return {
        "offered_per_s": load.per_s,
        "seconds": load.seconds,
        "accepted": len(accepted),
        "final": len(final),
        "accept_per_s": round(len(accepted) / max(last_answer_s, load.seconds), 1),
        "final_per_s": round(len(final) / max(last_final_s, load.seconds), 1),
        "final_within_per_s": round(within / load.seconds, 1),
        "accept_ms": _percentiles([seen["answered_s"][number] for number in accepted]),
        "final_ms": _percentiles(final_s),
        "refusals": seen["refusals"],
        "unanswered": sum(status <= 0 for status in seen["statuses"]),
        "cpu_ms_per_payment": {
            name: round(seconds * 1000 / max(len(final), 1), 3) for name, seconds in sorted(spent.items())
        },
        "load_average": round(os.getloadavg()[0], 1),
        "all_accepted_are_final": 0 < len(final) == len(accepted),
    }


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    """Milliseconds; each is a payment that happened (nearest rank)."""
    ordered = sorted(values)
    if not ordered:
        return {f"p{share}": 0.0 for share in PERCENTILES}
    return {
        f"p{share}": round(ordered[max(0, -int(-len(ordered) * share // 100) - 1)] * 1000, 1)
        for share in PERCENTILES
    }


def invariants(town: Town) -> dict[str, bool]:
    """While the service runs, everything drained: what must hold of SQL and chain."""
    settings = town.settings()
    services = build_services(settings)
    access = services.chain_parts.access
    try:
        with services.engine.connect().execution_options(read_only=True) as connection:
            circulating = connection.execute(
                select(func.sum(balances.c.posted_cents)).where(balances.c.account != ZERO_ADDRESS)
            ).scalar_one()
            reserved = connection.execute(select(func.sum(balances.c.reserved_cents))).scalar_one()
            paid = connection.execute(select(func.count()).where(payments.c.state == "paid")).scalar_one()
            unsettled = connection.execute(
                select(func.count()).where(payments.c.state.in_(("accepted", "settling")))
            ).scalar_one()
            settled = connection.execute(
                select(func.count()).where(chain_events.c.name == "PaymentSettled")
            ).scalar_one()
        client: NodeClient = access.client
        client.block_number()
        return {
            "balances are the supply": int(circulating) == NodeReader(access, kept_s=0.0).supply_cents(),
            "nothing is reserved": not reserved,
            "nothing waits": unsettled == 0,
            "events are payments": settled == paid,
        }
    finally:
        for sandbox in services.sandboxes:
            sandbox.stop()
        services.engine.dispose()


def rebuilt_equals(town: Town) -> bool:
    """With the service stopped: the copy read again from the chain is the copy there was."""
    ended = subprocess.run(
        service_command("rebuild"),
        env=town.environment(),
        cwd=stack.ROOT,
        capture_output=True,
        timeout=LIFETIME_S,
        check=False,
    )
    return ended.returncode == 0
