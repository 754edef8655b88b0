"""The next release's service starts, and migrates, beside the one that serves; phones never stop paying.

Both are processes of their own on one database, with a node and a ledger. What the older one knows nothing of
must not hurt it, and what either could not answer the phones send again, the same bytes: every order is paid
once. Then the older one is ended in order, and the phones go on with the newer.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import inspect, text

from scripts.demo.customer import Phone, wait_until
from scripts.demo.processes import end_with_parent
from scripts.demo.stack_layout import ROOT
from scripts.demo_book import Credit
from tests.support.crashable_service import CrashableService, DeployedChain
from tests.support.databases import postgresql_cluster
from tests.support.ports import free_port
from wallet_service.database.tables.payments import payments

pytestmark = [pytest.mark.chain, pytest.mark.slow, pytest.mark.timeout(120)]

FUNDS_CENTS = 60_00
PHONES = 2
#: Paid on each side of each step.
ANSWERS = 10
WAIT_S = 45.0
PAUSE_S = 0.02


class Payer(threading.Thread):
    """A phone's outbox: one order after another, each sent until it is answered, wherever the way leads."""

    def __init__(self, phone: Phone, payee: str, ways: list[str]) -> None:
        super().__init__(daemon=True)
        self.answered: list[tuple[str, str]] = []
        self.troubles: list[str] = []
        self._phone, self._payee, self._ways = phone, payee, ways
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.is_set():
            body = self._phone.sign({"id": None, "to_address": self._payee, "amount_cents": 1})
            self._insist(body)

    def end(self) -> None:
        self._ended.set()
        self.join(WAIT_S)
        assert not self.is_alive()

    def answered_by(self, way: str) -> int:
        return sum(by == way for by, _ in self.answered)

    def _insist(self, body: dict[str, Any]) -> None:
        while True:
            way = self._ways[0]
            try:
                answer = self._phone.http.post(f"{way}/v1/payments", json=body)
            except httpx.TransportError as error:
                self.troubles.append(type(error).__name__)
                time.sleep(PAUSE_S)
                continue
            if answer.is_success:
                self.answered.append((way, body["ref"]))
                return
            assert answer.status_code >= 500, answer.text
            self.troubles.append(str(answer.json()["code"]))
            time.sleep(PAUSE_S)


@pytest.fixture(scope="module")
def deployed_chain() -> Iterator[DeployedChain]:
    with tempfile.TemporaryDirectory(prefix="alba-upgraded-") as folder:
        made = DeployedChain(Path(folder))
        try:
            yield made
        finally:
            made.node.kill_process()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def older(request: pytest.FixtureRequest, deployed_chain: DeployedChain) -> Iterator[CrashableService]:
    cluster = postgresql_cluster() if request.param == "postgresql" else None
    url = cluster.url(cluster.create_database()) if cluster is not None else ""
    with deployed_chain.system(request.param, url) as made:
        yield made


@contextmanager
def later_release(system: CrashableService) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The newer service beside the older, at an address of its own: that, and its process."""
    wallet_port, console_port = free_port(), free_port()
    way = f"http://localhost:{wallet_port}"
    addresses = {
        "ALBA_WALLET_PORT": str(wallet_port),
        "ALBA_WALLET_ORIGIN": way,
        "ALBA_CONSOLE_PORT": str(console_port),
        "ALBA_CONSOLE_ORIGIN": f"http://localhost:{console_port}",
    }
    with (system.stack.directory / "later.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.later_release"],
            env={**system.environment, **addresses},
            cwd=ROOT,
            stdout=log,
            stderr=log,
            preexec_fn=end_with_parent,
        )
    try:
        yield way, process
    finally:
        process.kill()
        process.wait(WAIT_S)


def is_ready(way: str, process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, f"it ended: {log.read_text()[-2000:]}"
    try:
        return httpx.get(f"{way}/ready", trust_env=False).is_success
    except httpx.TransportError:
        return False


def pay_on(payers: list[Payer], way: str) -> None:
    """Until each has ANSWERS more from there."""
    wanted = [payer.answered_by(way) + ANSWERS for payer in payers]

    def has_come() -> bool:
        assert all(payer.is_alive() for payer in payers), "a phone heard a refusal"
        return all(payer.answered_by(way) >= count for payer, count in zip(payers, wanted, strict=True))

    wait_until(has_come, f"payments answered by {way}", WAIT_S)


def is_all_paid(system: CrashableService) -> bool:
    return {row.state for row in system.rows(payments)} == {"paid"}


def test_phones_pay_while_the_next_release_migrates_and_takes_over(older: CrashableService) -> None:
    system, first_way = older, older.settings.wallet_origin
    phones = [system.phone, *(Phone(first_way) for _ in range(PHONES - 1))]
    system.bank.make_statement([Credit(each.announce_topup(FUNDS_CENTS), FUNDS_CENTS) for each in phones])
    wait_until(lambda: all(each.available_cents() == FUNDS_CENTS for each in phones), "the phones have money")
    ways = [first_way]
    payers = [Payer(each, system.shop_address, ways) for each in phones]
    for payer in payers:
        payer.start()
    pay_on(payers, first_way)
    log = system.stack.directory / "later.log"
    with later_release(system) as (second_way, process):
        wait_until(lambda: is_ready(second_way, process, log), "the newer service is ready", WAIT_S)
        assert "rehearsals" in inspect(system.services.engine).get_table_names()
        pay_on(payers, first_way)  # the older one, on tables it does not know
        ways[0] = second_way
        pay_on(payers, second_way)  # both serve
        system.end_in_order()
        pay_on(payers, second_way)  # and settle: the leases have been given up
        for payer in payers:
            payer.end()
        refs = [ref for payer in payers for _, ref in payer.answered]
        wait_until(lambda: is_all_paid(system), "every order has its fate", WAIT_S)
        assert sorted(row.ref for row in system.rows(payments)) == sorted(refs), "nothing lost, nothing twice"
        assert system.on_chain(system.shop_address) == len(refs)
        system.check_books()
    with system.reading() as connection:
        filled = set(connection.execute(text("SELECT rehearsed FROM payments")).scalars())
    assert filled == {7, 8}, "old rows were filled, those that came after have the column's own value"
