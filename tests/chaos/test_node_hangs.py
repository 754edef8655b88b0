"""The node stops (SIGSTOP) under a running service: payments go on, and every answer comes at once.

The node is not the service's own, so nobody starts another one; it goes on where it stopped.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.demo.customer import wait_until
from scripts.demo_book import Credit
from tests.support.crashable_service import CrashableService, DeployedChain
from wallet_service.chain.node.pulse import AWAY_AFTER_S
from wallet_service.database.tables.payments import payments
from wallet_service.protocol.text.identifiers import new_ref

pytestmark = [pytest.mark.chain, pytest.mark.slow, pytest.mark.timeout(180)]

ANSWER_S = 2.0
FUNDS_CENTS = 60_00
PRICE_CENTS = 1_00
PAYMENTS = 3
#: Away is noticed by the pulse's age, then by the next look at it.
NOTICED_S = 2 * AWAY_AFTER_S


@contextmanager
def hanging(chain: DeployedChain) -> Iterator[None]:
    """The node of the test is stopped, and goes on afterwards whatever happened."""
    node = chain.node.pid
    assert node is not None
    os.kill(node, signal.SIGSTOP)
    os.waitid(os.P_PID, node, os.WSTOPPED | os.WNOWAIT)
    try:
        yield
    finally:
        os.kill(node, signal.SIGCONT)


def funded(system: CrashableService) -> CrashableService:
    reference = system.phone.announce_topup(FUNDS_CENTS)
    system.bank.make_statement([Credit(reference, FUNDS_CENTS)])
    wait_until(lambda: system.on_chain(system.phone.address) == FUNDS_CENTS, "the visitor has money")
    system.wait_for_quiet()
    return system


def quickly(ask: Callable[[], httpx.Response]) -> httpx.Response:
    started_s = time.monotonic()
    answer = ask()
    assert time.monotonic() - started_s < ANSWER_S
    return answer


def public(system: CrashableService, path: str) -> httpx.Response:
    return quickly(lambda: httpx.get(f"{system.settings.wallet_origin}{path}", trust_env=False, timeout=30))


def away(system: CrashableService) -> list[str]:
    checks: dict[str, bool] = public(system, "/ready").json()["checks"]
    return [name for name, is_well in checks.items() if not is_well]


def pays(system: CrashableService) -> str:
    """A sale, looked at, signed and accepted while the node hangs; the payment's reference."""
    sales = system.services.sales
    sale = sales.open(system.till_id, system.shop_id, new_ref(), PRICE_CENTS, "")
    order: Any = system.phone.sign(system.phone.get(f"/v1/sales/{sale.id}"))
    answer = quickly(lambda: system.phone.http.post("/v1/payments", json=order))
    assert answer.status_code == 202, answer.text
    return str(order["ref"])


def is_paid(system: CrashableService, ref: str) -> bool:
    return bool(system.rows(payments, ref=ref)[0].state == "paid")


def test_payments_and_answers_go_on_while_the_node_hangs(tmp_path: Path) -> None:
    chain = DeployedChain(tmp_path)
    try:
        with chain.system("hangs") as made:
            system = funded(made)
            assert away(system) == []
            with hanging(chain):
                refs = [pays(system) for _ in range(PAYMENTS)]
                deadline_s = time.monotonic() + NOTICED_S
                while "chain" not in (found := away(system)):
                    assert time.monotonic() < deadline_s, found
                    time.sleep(0.1)
                assert not {"database", "disk", "rules", "clock", "leases", "bank", "copy"} & set(found)
                assert "chain" in public(system, "/v1/config").json()["parts_away"]
                refs += [pays(system) for _ in range(PAYMENTS)]
            wait_until(lambda: all(is_paid(system, ref) for ref in refs), "every payment is paid")
            wait_until(lambda: away(system) == [], "the service is ready again")
            system.check_books()
    finally:
        chain.node.kill_process()
