"""Measures how long a stop and a freeze take while strangers flood the service.

Run by hand: `python -m scripts.bench.stop_in_a_flood`; never part of the checks. A whole system of its own
(node, service and till as processes) takes payments from one phone without a pause. `--strangers` open a
wallet each and declare who they are, which is two commands a stranger for the registrar's key. When the last
one is queued an officer freezes another member, then stops all payments. Ends with 1 when the service
accepted a payment later than SERVICE_BOUND_S after the stop's commit, or when a block with the stop, or with
the freeze, was read later than CHAIN_BOUND_S after it. `--write` writes docs/bench/stop_in_a_flood.md.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import func, select

from scripts.bench.till_latency import RESULTS, measured_system, side_by_side
from scripts.demo.customer import Phone, wait_until
from scripts.demo_book import Credit
from tests.support.system import System
from wallet_service.database.tables.chain import chain_commands, chain_events
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.members.decisions import Tier
from wallet_service.members.service import PROOF_PREFIX, NewWallet
from wallet_service.oversight.models import FreezeOrder
from wallet_service.protocol.signing import p256
from wallet_service.security.tokens import encode

STRANGERS = 1_000
SERVICE_BOUND_S = 1.0
CHAIN_BOUND_S = 3.0
AT_ONCE = 4
POLL_S = 0.01
GIVE_UP_S = 120.0
TOPUP_CENTS = 150_00
DAY_S = 86_400
GROUND = "Rehearsal of a stop"
DATABASES = ("sqlite", "postgresql")


class SteadyPayer(threading.Thread):
    """Pays one cent after another until told to end; remembers when each answer came and what it was."""

    def __init__(self, phone: Phone, payee: str) -> None:
        super().__init__(daemon=True)
        self.answers: list[tuple[float, int]] = []
        self._phone, self._payee = phone, payee
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.is_set():
            body = self._phone.sign({"id": None, "to_address": self._payee, "amount_cents": 1})
            answer = self._phone.http.post("/v1/payments", json=body)
            self.answers.append((time.monotonic(), answer.status_code))
            if not answer.is_success:
                self._phone.next_nonce -= 1

    def end(self) -> None:
        self._ended.set()
        self.join()

    def accepted_after(self, moment_s: float) -> list[float]:
        """Seconds after that moment, of each payment still accepted."""
        return [at_s - moment_s for at_s, status in self.answers if status < 300 and at_s > moment_s]


def _wallets(count: int) -> list[NewWallet]:
    made = []
    for _ in range(count):
        key = p256.new_private_key()
        public_key = "0x" + p256.point_of(key).hex()
        proof = encode(p256.sign_message(key, f"{PROOF_PREFIX}{public_key}".encode()))
        made.append(NewWallet(public_key, proof))
    return made


def _arrive(system: System, wanted: NewWallet) -> None:
    """A stranger: a wallet, and at once a declaration."""
    members = system.services.members
    member = members.create_wallet(wanted)
    today = int(time.time()) // DAY_S
    with UnitOfWork(system.services.engine) as work:
        members.ask_tier(
            work.connection, member.id, Tier.DECLARED, expires_on_day=today + 365, reason_id=member.id
        )


def _waiting(system: System) -> int:
    query = select(func.count()).where(chain_commands.c.state.in_(("queued", "sent")))
    with system.services.engine.connect().execution_options(read_only=True) as connection:
        return int(connection.execute(query).scalar_one())


def _on_chain_after(system: System, name: str, since_s: float) -> float:
    """Seconds from `since_s` until a block with this event was read."""
    query = select(chain_events.c.name).where(chain_events.c.name == name).limit(1)
    while time.monotonic() - since_s < GIVE_UP_S:
        with system.services.engine.connect().execution_options(read_only=True) as connection:
            if connection.execute(query).first():
                break
        time.sleep(POLL_S)
    return time.monotonic() - since_s


def measure(system: System, strangers: int) -> dict[str, Any]:
    shop = system.services.members.get(system.shop_id).account_address
    phone, thief = Phone(system.wallet), Phone(system.wallet)
    system.bank_day(Credit(phone.announce_topup(TOPUP_CENTS), TOPUP_CENTS))
    wait_until(lambda: phone.available_cents() == TOPUP_CENTS, "the phone is loaded")
    payer = SteadyPayer(phone, shop)
    wallets = _wallets(strangers)
    payer.start()
    started_s = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(lambda wanted: _arrive(system, wanted), wallets):
            pass
    queued_s, waiting = time.monotonic() - started_s, _waiting(system)
    officer = system.officers["first"].id
    thief_id = thief.me()["id"]
    until = int(time.time()) + DAY_S
    order = FreezeOrder(thief_id, incoming=True, outgoing=True, ground=GROUND, until_unix_s=until)
    system.services.oversight.freezes.freeze(order, officer)
    frozen_s = time.monotonic()
    frozen_here = bool(thief.me()["frozen_outgoing"])
    system.services.oversight.stops.stop("payments", GROUND, officer)
    stopped_s = time.monotonic()
    stop_after_s = _on_chain_after(system, "Stopped", stopped_s)
    freeze_after_s = _on_chain_after(system, "Frozen", frozen_s)
    wait_until(lambda: _waiting(system) == 0, "the strangers are enrolled", GIVE_UP_S)
    drained_s = time.monotonic() - started_s
    payer.end()
    late = payer.accepted_after(stopped_s)
    stops = system.services.chain.stops()
    assert stops.payments, "the ledger is not stopped"
    return {
        "strangers": strangers,
        "seconds_to_queue_them": round(queued_s, 2),
        "commands_waiting_at_the_stop": waiting,
        "payments_accepted_before": sum(at_s <= stopped_s and status < 300 for at_s, status in payer.answers),
        "payments_accepted_after_the_stop": len(late),
        "last_payment_accepted_s": round(max(late, default=0.0), 3),
        "frozen_in_the_service_at_once": frozen_here,
        "stop_on_chain_s": round(stop_after_s, 2),
        "freeze_on_chain_s": round(freeze_after_s, 2),
        "all_strangers_done_s": round(drained_s, 2),
    }


def holds(found: dict[str, Any]) -> bool:
    on_chain_s = max(found["stop_on_chain_s"], found["freeze_on_chain_s"])
    is_refused = found["last_payment_accepted_s"] <= SERVICE_BOUND_S
    return bool(is_refused and found["frozen_in_the_service_at_once"] and on_chain_s <= CHAIN_BOUND_S)


def as_markdown(results: dict[str, dict[str, Any]]) -> str:
    lines = [
        "# A stop and a freeze in a flood of strangers",
        "",
        "Written by `python -m scripts.bench.stop_in_a_flood --write`. Each stranger opens a wallet and",
        "declares who they are; one phone pays without a pause meanwhile. The service must refuse within",
        f"{SERVICE_BOUND_S:.0f} s of the stop's commit, the chain hold stop and freeze within",
        f"{CHAIN_BOUND_S:.0f} s. Strangers are written to the database beside the service, which on SQLite",
        "leaves it little: where no payment was accepted before the stop, the first bound says nothing.",
        "",
        *side_by_side(results),
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="a stop and a freeze while strangers flood the service")
    parser.add_argument("--strangers", type=int, default=STRANGERS)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--write", action="store_true", help="write the results under docs/bench")
    given = parser.parse_args(arguments)
    results: dict[str, dict[str, Any]] = {}
    for database in given.database or DATABASES:
        with measured_system(database) as system:
            results[database] = measure(system, given.strangers)
        print(database, results[database], flush=True)
    if given.write:
        (RESULTS / "stop_in_a_flood.md").write_text(as_markdown(results), encoding="utf-8")
    return 0 if all(holds(found) for found in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
