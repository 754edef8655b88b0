"""`make chaos-network`: validators killed, paused, wiped and restarted while payments go through the service.

    python -m scripts.network.trials.chaos [--short] [--seed N] [--rate N]

Real processes, ended by their own id; seeded. Every fault's line says what was seen; the exit status is 0
when all that must hold held. The network is a running one of `make network`, and is left running.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import func, select

from scripts.network import engine, founding, status
from scripts.network import nodes as processes
from scripts.network.layout import DEFAULT_FOLDER, ROOT, Founded, NetworkFailed, require_record
from scripts.network.rpc import NoAnswer, ask
from scripts.network.trials.ground import Ground, ground_on
from scripts.network.trials.load import Load, quantile, until
from wallet_service.database.tables.chain import balances
from wallet_service.database.tables.payments import payments
from wallet_service.platform.errors import ChainUnavailable

REPORT = ROOT / "reports" / "chaos_network.json"
MAX_P99_S = 10.0
ALARM_WITHIN_S = 30.0
BACK_WITHIN_S = 60.0
DRAIN_S = 120.0
CALM_S, SHORT_CALM_S = 20.0, 6.0
TWO_DOWN_S, SHORT_TWO_DOWN_S = 15.0, 6.0
#: What was on its way when validators went may still become a block within this.
SETTLING_S = 3.0
LIST_FOLDERS = ("db", "chainData")


@dataclass(frozen=True, slots=True)
class Seen:
    """One fault and what was seen. `held`: all that must be so was so."""

    fault: str
    held: bool
    sentence: str


class Chaos:
    """One run on one network, under one load."""

    def __init__(
        self, folder: Path, founded: Founded, ground: Ground, load: Load, rng: random.Random, *, short: bool
    ) -> None:
        self._folder, self._founded = folder, founded
        self._ground, self._load, self._rng = ground, load, rng
        self._calm_s = SHORT_CALM_S if short else CALM_S
        self._two_down_s = SHORT_TWO_DOWN_S if short else TWO_DOWN_S
        self._kills_of_all = 1 if short else 3
        self._engine = engine.built()

    def faults(self, *, short: bool) -> list[Callable[[], Seen]]:
        every: list[Callable[[], Seen]] = [self.one_killed, self.two_down, self.all_killed]
        return every if short else [*every, self.one_paused, self.one_wiped, self.rolling_restart]

    # --- faults

    def one_killed(self) -> Seen:
        node = self._rng.choice(self._founded.nodes)
        began_s = time.monotonic()
        processes.kill(self._folder, node)
        time.sleep(self._calm_s)
        p99_s = self._p99_since(began_s)
        self._start([node.name])
        back_s = self._wait_for_agreement()
        held = p99_s is not None and p99_s < MAX_P99_S and back_s is not None
        return Seen(
            f"1 of 5 ended with kill -9 ({node.name})",
            held,
            f"p99 to final {_s(p99_s)} meanwhile; caught up by itself in {_s(back_s)}",
        )

    def one_paused(self) -> Seen:
        node = self._rng.choice(self._founded.nodes)
        pid = processes.pid_of(self._folder, node)
        assert pid is not None
        began_s = time.monotonic()
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(self._calm_s)
            p99_s = self._p99_since(began_s)
        finally:
            os.kill(pid, signal.SIGCONT)
        back_s = self._wait_for_agreement()
        held = p99_s is not None and p99_s < MAX_P99_S and back_s is not None
        return Seen(
            f"1 of 5 paused with SIGSTOP ({node.name})",
            held,
            f"p99 to final {_s(p99_s)} meanwhile; caught up by itself in {_s(back_s)}",
        )

    def two_down(self) -> Seen:
        gone = self._rng.sample(list(self._founded.nodes), 2)
        for node in gone:
            processes.kill(self._folder, node)
        time.sleep(SETTLING_S)
        before = self._heads()
        alarm_s = until(self._is_alarmed, ALARM_WITHIN_S)
        time.sleep(self._two_down_s)
        after = self._heads()
        self._start([node.name for node in gone])
        back_s = self._wait_for_agreement()
        drained_s = self._drained()
        held = before == after and len(after) == 1 and None not in (alarm_s, back_s, drained_s)
        halt = "no block and one head" if before == after and len(after) == 1 else f"{before}, then {after}"
        return Seen(
            "2 of 5 down",
            held,
            f"{halt}; "
            f"alarm after {_s(alarm_s)}; after their return all agree in {_s(back_s)}, "
            f"all that waited final in {_s(drained_s)}",
        )

    def all_killed(self) -> Seen:
        lost, slowest_s = 0, 0.0
        for _ in range(self._kills_of_all):
            time.sleep(self._calm_s / 2)
            shown = self._highest_paid()
            for node in self._founded.nodes:
                processes.kill(self._folder, node)
            self._start([node.name for node in self._founded.nodes])
            back_s = self._wait_for_agreement()
            if back_s is None:
                return Seen("all five ended with kill -9", False, "they did not agree again")
            slowest_s = max(slowest_s, back_s)
            head = max(int(text.split(":")[0]) for text in self._heads())
            lost = max(lost, shown - head)
        drained_s = self._drained()
        return Seen(
            f"all five ended with kill -9, {self._kills_of_all} times",
            lost <= 0 and drained_s is not None,
            f"{'no block that was shown as paid was lost' if lost <= 0 else f'{lost} blocks lost'}; "
            f"all agree again in {slowest_s:.1f} s at most; what waited final in {_s(drained_s)}",
        )

    def one_wiped(self) -> Seen:
        node = self._rng.choice(self._founded.nodes)
        processes.kill(self._folder, node)
        for name in LIST_FOLDERS:
            shutil.rmtree(self._folder / node.name / name, ignore_errors=True)
        began_s = time.monotonic()
        self._start([node.name])
        back_s = self._wait_for_agreement()
        p99_s = self._p99_since(began_s)
        return Seen(
            f"one validator's data wiped ({node.name})",
            back_s is not None,
            f"it read the chain from the others in {_s(back_s)}; p99 to final {_s(p99_s)} meanwhile",
        )

    def rolling_restart(self) -> Seen:
        refused, began_s = len(self._load.refusals), time.monotonic()
        for node in self._founded.nodes:
            processes.stop(self._folder, [node])
            self._start([node.name])
            if self._wait_for_agreement() is None:
                return Seen("rolling restart", False, f"{node.name} did not come back")
        self._drained()
        p99_s = self._p99_since(began_s)
        refusals = len(self._load.refusals) - refused
        return Seen(
            "rolling restart of all under load",
            refusals == 0,
            f"{refusals} payments refused, p99 to final {_s(p99_s)}",
        )

    # --- looking

    def _start(self, names: Sequence[str]) -> None:
        for node in self._founded.nodes:
            if node.name in names:
                processes.start(self._folder, node, self._founded.nodes, self._engine, self._founded)

    def _wait_for_agreement(self) -> float | None:
        def agree() -> bool:
            shown = status.look(self._folder, self._founded)
            heights = [one.height for one in shown if one.height is not None]
            return len(heights) == len(shown) and max(heights) - min(heights) <= 1

        return until(agree, BACK_WITHIN_S)

    def _heads(self) -> set[str]:
        """Height and hash of every validator that answers."""
        heads = set()
        for url in self._founded.rpc_urls():
            try:
                block = ask(url, "eth_getBlockByNumber", ["latest", False], 2.0)
                heads.add(f"{int(block['number'], 16)}:{block['hash']}")
            except NoAnswer:
                continue
        return heads

    def _is_alarmed(self) -> bool:
        last = self._ground.services.watches.nodes.last()
        return last is not None and last.may_still_fail < 0

    def _highest_paid(self) -> int:
        """The last block of which anybody was told *paid*."""
        figures = self._ground.services.reports.figures.last_block()
        return figures.number if figures is not None else 0

    def _p99_since(self, since_s: float) -> float | None:
        """Of what has its last word; what still waits counts with the time it has waited."""
        now_s = time.monotonic()
        waited = [now_s - one.sent_s for one in list(self._load.made.values()) if one.final_s is None]
        return quantile(sorted([*self._load.final_since(since_s), *waited]), 0.99)

    def _drained(self) -> float | None:
        """Seconds until all that was accepted before now is final."""
        asked = [one for one in list(self._load.made.values()) if one.final_s is None]
        return until(lambda: all(one.final_s is not None for one in asked), DRAIN_S)


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
        f"{len(load.refusals)} not accepted",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts.network.trials.chaos", description=__doc__)
    parser.add_argument("--short", action="store_true", help="three faults, for the checks")
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
    with ground_on(founded, folder.with_name("chaos-network"), seed) as ground:
        load = Load(ground.services, ground.simulation, ground.payers, ground.shop, rng)
        load.start(options.rate)
        chaos = Chaos(folder, founded, ground, load, rng, short=options.short)
        for fault in chaos.faults(short=options.short):
            _say(seen, fault())
        load.stop_paying()
        _say(seen, judged(ground, load))
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps({"seed": seed, "seen": [asdict(one) for one in seen]}, indent=2) + "\n")
    return 0 if all(one.held for one in seen) else 1


def _say(seen: list[Seen], one: Seen) -> None:
    seen.append(one)
    print(f"{'held  ' if one.held else 'FAILED'}  {one.fault}: {one.sentence}", flush=True)


def _s(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
