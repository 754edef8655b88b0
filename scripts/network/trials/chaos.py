"""`make chaos-network`: validators killed, paused, wiped and restarted while payments go through the service.

    python -m scripts.network.trials.chaos [--short] [--only FAULT ...] [--seed N] [--rate N]

Real processes, ended by their own id; seeded. Every fault's line says what was seen; the exit status is 0
when all that must hold held. The network is a running one of `make network`, and is left running.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import func, select

from scripts.network import engine, founding
from scripts.network import nodes as processes
from scripts.network.layout import DEFAULT_FOLDER, ROOT, NetworkFailed, require_record
from scripts.network.trials.control import without_sync
from scripts.network.trials.ground import Ground, ground_on
from scripts.network.trials.load import Load, until
from scripts.network.trials.machine_faults import MachineFaults
from scripts.network.trials.scene import DRAIN_S, MAX_P99_S, Seen, shown_s
from scripts.network.trials.service_faults import ServiceFaults
from wallet_service.accounts.errors import RulesTooOld
from wallet_service.accounts.rules import RULES_FRESH_FOR_S
from wallet_service.chain.reading.progress import MINED_WITHIN_S
from wallet_service.database.tables.chain import balances
from wallet_service.database.tables.payments import payments
from wallet_service.platform.errors import ChainUnavailable

REPORT = ROOT / "reports" / "chaos_network.json"
ALARM_WITHIN_S = 30.0
SHORT_TWO_DOWN_S = 6.0
#: After the first transaction that waits; the rest is the validators' and the machine's.
STOPS_WITHIN_S = RULES_FRESH_FOR_S + MINED_WITHIN_S + 15.0
KILLS_OF_ALL = 3
#: What was on its way when validators went may still become a block within this.
SETTLING_S = 3.0


class Faults(ServiceFaults, MachineFaults):
    """Validators that go, one, two or all."""

    def faults(self, *, short: bool, only: Sequence[str] = ()) -> list[Callable[[], Seen]]:
        few: list[Callable[[], Seen]] = [self.one_killed, self.two_down, self.all_killed]
        few += [self.node_lies, self.foreign_nonce, self.end_is_near]
        machines = [self.one_paused, self.one_slow, self.one_cut_off, self.one_disk_full, self.one_wiped]
        chosen = few if short else [*few, *machines, self.rolling_restart]
        return [fault for fault in chosen if not only or fault.__name__ in only]

    def one_killed(self) -> Seen:
        node = self.rng.choice(self.founded.nodes)
        began_s = time.monotonic()
        processes.kill(self.folder, node)
        time.sleep(self.calm_s)
        p99_s = self.p99_since(began_s)
        self.start([node.name])
        back_s = self.wait_for_agreement()
        held = p99_s is not None and p99_s < MAX_P99_S and back_s is not None
        return Seen(
            f"1 of 5 ended with kill -9 ({node.name})",
            held,
            f"p99 to final {shown_s(p99_s)} meanwhile; caught up by itself in {shown_s(back_s)}",
        )

    def two_down(self) -> Seen:
        gone = self.rng.sample(list(self.founded.nodes), 2)
        began_s, refused = time.monotonic(), len(self.load.refusals)
        for node in gone:
            processes.kill(self.folder, node)
        alarm_s = until(self.is_alarmed, ALARM_WITHIN_S)
        time.sleep(SETTLING_S)
        before = self.heads()
        stopped_s = None if self.short else until(lambda: self.has_stopped(refused), STOPS_WITHIN_S)
        if self.short:
            time.sleep(SHORT_TWO_DOWN_S)
        away_s, after = time.monotonic() - began_s, self.heads()
        self.start([node.name for node in gone])
        back_s = self.wait_for_agreement()
        drained_s = self.drained()
        stops = "" if stopped_s is None else f"accepting stops after {away_s:.0f} s; "
        held = before == after and len(after) == 1 and None not in (alarm_s, back_s, drained_s)
        held = held and (self.short or stopped_s is not None)
        halt = "no block and one head" if before == after and len(after) == 1 else f"{before}, then {after}"
        return Seen(
            "2 of 5 down",
            held,
            f"{halt}; "
            f"alarm after {shown_s(alarm_s)}; {stops}after their return all agree in {shown_s(back_s)}, "
            f"all that waited final in {shown_s(drained_s)}",
        )

    def has_stopped(self, refused: int) -> bool:
        """Whether a payment was refused since, because the ledger has made no block for too long."""
        return RulesTooOld.code in self.load.refusals[refused:]

    def all_killed(self) -> Seen:
        kills = 1 if self.short else KILLS_OF_ALL
        lost, slowest_s = 0, 0.0
        for _ in range(kills):
            time.sleep(self.calm_s / 2)
            for node in self.founded.nodes:
                processes.kill(self.folder, node)
            time.sleep(SETTLING_S)
            shown = self.highest_paid()
            self.start([node.name for node in self.founded.nodes])
            back_s = self.wait_for_agreement()
            if back_s is None:
                return Seen("all five ended with kill -9", False, "they did not agree again")
            slowest_s = max(slowest_s, back_s)
            head = max(int(text.split(":")[0]) for text in self.heads())
            lost = max(lost, shown - head)
        drained_s = self.drained()
        return Seen(
            f"all five ended with kill -9, {kills} times",
            lost <= 0 and drained_s is not None,
            f"{'no block that was shown as paid was lost' if lost <= 0 else f'{lost} blocks lost'}; "
            f"all agree again in {slowest_s:.1f} s at most; what waited final in {shown_s(drained_s)}",
        )

    def rolling_restart(self) -> Seen:
        refused, began_s = len(self.load.refusals), time.monotonic()
        for node in self.founded.nodes:
            processes.stop(self.folder, [node])
            self.start([node.name])
            if self.wait_for_agreement() is None:
                return Seen("rolling restart", False, f"{node.name} did not come back")
        self.drained()
        p99_s = self.p99_since(began_s)
        refusals = self.load.refusals[refused:]
        return Seen(
            "rolling restart of all under load",
            not refusals and p99_s is not None,
            f"{counted(refusals)} payments refused, p99 to final {shown_s(p99_s)}",
        )


def counted(codes: Sequence[str]) -> str:
    """How many, and of which kinds."""
    kinds = ", ".join(f"{count} {code}" for code, count in sorted(Counter(codes).items()))
    return f"{len(codes)} ({kinds})" if codes else "0"


def judged(ground: Ground, load: Load) -> Seen:
    """Every accepted payment is final exactly once, and the books are the chain's."""
    engine_, wanted = ground.services.engine, set(load.made)
    open_count = load.wait_until_final(DRAIN_S)
    with engine_.connect() as connection:
        paid = connection.execute(
            select(func.count()).where(payments.c.ref.in_(wanted), payments.c.state == "paid")
        ).scalar_one()
        posted = {
            row.account: int(row.posted_cents)
            for row in connection.execute(select(balances.c.account, balances.c.posted_cents)).all()
        }
    refused = sum(one.state == "refused" for one in load.made.values())
    differing = 0
    for wallet in (*ground.payers, ground.shop):
        try:
            on_chain = ground.services.chain.account(wallet.address).balance_cents
        except ChainUnavailable:
            differing += 1
            continue
        differing += on_chain != posted.get(wallet.address, 0)
    held = open_count == 0 and differing == 0 and paid + refused == len(wanted)
    return Seen(
        "every accepted payment final exactly once",
        held,
        f"{len(wanted)} accepted: {paid} paid, {refused} refused in the end, {open_count} open; "
        f"{differing} of {len(ground.payers) + 1} balances differ from the chain; "
        f"{counted(load.refusals)} not accepted",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts.network.trials.chaos", description=__doc__)
    parser.add_argument("--short", action="store_true", help="six faults, for the checks")
    parser.add_argument("--only", nargs="+", default=[], help="some faults: one_killed, one_cut_off, ...")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=5.0, help="payments a second")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER)
    options = parser.parse_args(arguments)
    seed = options.seed or random.SystemRandom().randrange(1, 1_000_000)
    print(f"seed {seed}", flush=True)
    folder = options.folder.resolve()
    try:
        founded = require_record(folder)
        founding.run(folder, founded, engine.built())
    except NetworkFailed as error:
        print(f"chaos: {error}", file=sys.stderr)
        return 1
    seen: list[Seen] = []
    rng = random.Random(seed)
    with ground_on(founded, folder, folder.with_name("chaos-network"), seed) as ground:
        load = Load(ground.services, ground.simulation, ground.payers, ground.shop, rng)
        load.start(options.rate)
        chaos = Faults(folder, founded, ground, load, rng, short=options.short)
        for fault in chaos.faults(short=options.short, only=options.only):
            _say(seen, seed, fault)
        load.stop_paying()
        _say(seen, seed, lambda: judged(ground, load))
    if not options.short and not options.only:
        _say(seen, seed, without_sync)
    return 0 if all(one.held for one in seen) else 1


def _say(seen: list[Seen], seed: int, fault: Callable[[], Seen]) -> None:
    """One fault's line, on the terminal and in the report: a run that is broken off keeps what it saw."""
    began_s = time.monotonic()
    try:
        one = fault()
    except NetworkFailed as error:
        one = Seen(getattr(fault, "__name__", "a fault").replace("_", " "), False, str(error))
    seen.append(one)
    took_s = time.monotonic() - began_s
    print(f"{'held  ' if one.held else 'FAILED'}  {one.fault}: {one.sentence} [{took_s:.0f} s]", flush=True)
    REPORT.parent.mkdir(exist_ok=True)
    content = {
        "seed": seed,
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
        "seen": [asdict(one) for one in seen],
    }
    REPORT.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
