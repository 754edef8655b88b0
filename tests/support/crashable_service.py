"""A service that a test may crash at a named failpoint and start again; chain and database live on.

The service is the real one (`python -m wallet_service serve`, every worker) in a process of its own, forked
from a server that has the code loaded already, because reading it takes longer than all the rest. The node
is the test's, so that only the service dies. What is asked of the books is read beside it from SQL and node.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select, update

from scripts.demo import stack
from scripts.demo.customer import REQUEST_TIMEOUT_S, Phone, wait_until
from scripts.demo.people import invented_siret
from scripts.demo.processes import end_with_parent
from scripts.demo_bank import DemoBank
from tests.support.databases import sqlite_file
from tests.support.deployed import deployed_stack, new_stack
from wallet_service.bootstrap import Services, build_services
from wallet_service.chain.node.embedded import EmbeddedNode
from wallet_service.chain.reading.indexer import Indexer
from wallet_service.chain.reading.reader import NodeReader
from wallet_service.chain.reading.rebuild import differences, read_copy
from wallet_service.chain.registry import Registry
from wallet_service.database.engine import make_engine
from wallet_service.database.tables.chain import (
    balances,
    chain_commands,
    chain_transactions,
    leases,
    postings,
)
from wallet_service.members.decisions import Kind
from wallet_service.members.service import NewProfessional
from wallet_service.platform import failpoints as failpoints
from wallet_service.platform.journal import SERVICE
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.addresses import ZERO_ADDRESS
from wallet_service.security.device_sign_in import MESSAGE_PREFIX
from wallet_service.security.tokens import encode

WAIT_S = 45.0
SERVE = ["serve"]
PRELOADED = ["wallet_service.command_line", "wallet_service.faces.apps", "uvloop", "pytest"]


def _run_service(environment: Mapping[str, str], log: str, control: Pipe) -> None:
    """One run of the service. The test's end of `control` names the failpoint to die at; its end ends us."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(environment)
    threading.Thread(target=_listen, args=(control,), daemon=True).start()
    sys.argv = ["wallet_service", *SERVE]
    from wallet_service.command_line import application

    application(SERVE)


def _listen(control: Pipe) -> None:
    try:
        while True:
            os.environ[failpoints.VARIABLE] = control.recv()
            failpoints.arm("test")
            control.send("armed")
    except EOFError:
        os._exit(1)


class DeployedChain:
    """A node with a freshly deployed ledger and the keys of every role; each database starts from there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = deployed_stack(folder / "deployed")
        self.node: EmbeddedNode = stack.make_node(self.made)
        self.node.start()

    @contextmanager
    def system(self, name: str, database_url: str = "") -> Iterator[CrashableService]:
        """A service on the chain as it was just after the deployment."""
        snapshot = self.node.request("evm_snapshot")
        self.node.set_time(int(time.time()))  # going back to a snapshot sets the node's clock back as well
        made = new_stack(self.folder / name, database_url, self.made.rpc_port)
        for part in ("secrets", "deployments"):
            shutil.copytree(self.made.directory / part, made.directory / part)
        if not database_url:
            shutil.move(sqlite_file(made.directory), made.directory / "alba.db")
        system = CrashableService(made, self.node.sending_url)
        try:
            system.bootstrap_members()
            yield system
        finally:
            system.end()
            assert self.node.request("evm_revert", snapshot) is True


class CrashableService:
    """One database, one service after another."""

    def __init__(self, made: stack.Stack, rpc_url: str) -> None:
        self.stack = made
        self.environment = {
            **made.service_environment(),
            "ALBA_EMBEDDED_NODE": "0",
            "ALBA_RPC_URL": rpc_url,
            "ALBA_BANK_POLL_INTERVAL_S": "0.1",
            "ALBA_BANK_PROCESS": "0",  # the bank's points to die at are in the one process, as all others
        }
        self.settings = made.settings().model_copy(update={"embedded_node": False, "rpc_url": rpc_url})
        self.services: Services = build_services(self.settings)
        self.reader = NodeReader(self.services.chain_parts.access, kept_s=0.0)
        self.bank = self.bank_into(self.settings.bank_inbox)
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(PRELOADED)
        self._process: BaseProcess | None = None
        self._control: Pipe | None = None

    def bank_into(self, inbox: Path) -> DemoBank:
        """The one bank, dropping its statements there."""
        settings = self.settings
        return DemoBank(settings.bank_inbox.parent, inbox, settings.bank_outbox, settings.reserve_iban)

    # the service's lives

    def start(self) -> None:
        ours, theirs = self._processes.Pipe()
        log = self.stack.directory / "service.log"
        self._process = self._processes.Process(
            target=_run_service, args=(self.environment, str(log), theirs), daemon=True
        )
        self._process.start()
        theirs.close()
        self._control = ours
        self._wait_ready(self._process.is_alive, log)

    @contextmanager
    def as_command(self, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
        """`python -m wallet_service serve` as an operator types it, with these variables as well."""
        log = self.stack.directory / "command.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "wallet_service", *SERVE],
                env={**self.environment, **variables},
                cwd=stack.ROOT,
                stdout=output,
                stderr=output,
                preexec_fn=end_with_parent,
            )
        try:
            self._wait_ready(lambda: process.poll() is None, log)
            yield process
        finally:
            process.kill()
            process.wait(WAIT_S)

    def _wait_ready(self, is_alive: Callable[[], bool], log: Path) -> None:
        deadline_s = time.monotonic() + WAIT_S
        while not self._is_ready():
            assert is_alive(), f"the service ended: {log.read_text()[-2000:]}"
            assert time.monotonic() < deadline_s, f"the service is not ready: {log.read_text()[-2000:]}"
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.settings.wallet_origin}/ready", trust_env=False).is_success
        except httpx.TransportError:
            return False

    def crash_at(self, point: str) -> None:
        """From now on the running service kills itself there."""
        assert self._control is not None
        self._control.send(point)
        assert self._control.poll(WAIT_S)
        assert self._control.recv() == "armed"

    def wait_for_death(self) -> None:
        """It died by SIGKILL, that is, at the point and of nothing else."""
        assert self._process is not None
        self._process.join(WAIT_S)
        assert self._process.exitcode == -signal.SIGKILL, f"exit code {self._process.exitcode}"

    def start_again(self, *, wait_for_leases: bool = False) -> None:
        """After a death. The dead one's leases run out in eight seconds; here they have, unless said so."""
        if not wait_for_leases:
            with self.services.engine.begin() as connection:
                connection.execute(update(leases).values(expires_at_unix_ms=0))
        self.start()

    def is_alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def end_in_order(self) -> None:
        """By SIGTERM, as an operator ends it."""
        assert self._process is not None
        self._process.terminate()
        self._process.join(WAIT_S)
        assert self._process.exitcode == 0, f"exit code {self._process.exitcode}"

    def end(self) -> None:
        """Kills whoever runs; the database's connections of this side are closed as well."""
        if self._process is not None and self._process.is_alive():
            self._process.kill()
            self._process.join(WAIT_S)
        self.services.engine.dispose()

    # people

    def bootstrap_members(self) -> None:
        """A shop with a till, a visitor and two officers, all by the service's own doors."""
        self.start()
        self.shop_key = p256.new_private_key()
        point = p256.point_of(self.shop_key)
        shop = self.services.members.create_professional(
            NewProfessional(
                public_key="0x" + point.hex(),
                kind=Kind.MERCHANT,
                public_name="Boulangerie des Essais",
                description="Boulangerie",
                siret=invented_siret(1),
                sector="10",
                commune_code="76540",
                representative_given_name="Dominique",
                representative_family_name="Essai",
            ),
            SERVICE,
        )
        self.shop_id, self.shop_address = shop.id, shop.account_address
        wait_until(lambda: self.services.members.get(shop.id).state.value == "active", "the shop is enrolled")
        till_key = p256.point_of(p256.new_private_key())
        code = self.services.tills.make_pairing_code(shop.id, "Caisse").code
        self.till_id = self.services.tills.pair(code, "0x" + till_key.hex(), "Caisse").till_id
        self.phone = Phone(self.settings.wallet_origin)
        self.shop = self._shop_phone(point)
        self.officer_codes: dict[httpx.Client, str] = {}
        self.officers = [self._officer("Agathe Essai"), self._officer("Basile Essai")]

    def _shop_phone(self, point: bytes) -> httpx.Client:
        client = httpx.Client(
            base_url=self.settings.wallet_origin, timeout=REQUEST_TIMEOUT_S, trust_env=False
        )
        public_key = "0x" + point.hex()
        challenge_answer = client.post("/v1/session/device/challenge", json={"public_key": public_key}).json()
        challenge = challenge_answer["challenge"]
        signature = encode(p256.sign_message(self.shop_key, f"{MESSAGE_PREFIX}{challenge}".encode()))
        body = {"challenge": challenge, "public_key": public_key, "signature": signature}
        answer = client.post("/v1/session/device", json=body)
        assert answer.is_success, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client

    def _officer(self, name: str) -> httpx.Client:
        """A signed-in officer's browser."""
        officer = self.services.officers.ensure(name, ["observe", "treasury"])
        code = self.services.officers.make_code(officer.id)
        client = httpx.Client(
            base_url=self.settings.console_origin,
            timeout=REQUEST_TIMEOUT_S,
            trust_env=False,
            follow_redirects=True,
            headers={"Origin": self.settings.console_origin},
        )
        answer = client.post("/sign-in/code", data={"code": code})
        assert answer.is_success, answer.text[:500]
        found = re.search(r'"X-CSRF-Token": "([^"]+)"', client.get("/payouts").text)
        assert found is not None, "the console's page holds no token"
        client.headers["X-CSRF-Token"] = found.group(1)
        self.officer_codes[client] = code
        return client

    # the books, from SQL and from the node

    def reading(self) -> Any:
        return self.services.engine.connect().execution_options(read_only=True)

    def rows(self, table: Any, **where: Any) -> list[Any]:
        query = select(table)
        for name, value in where.items():
            query = query.where(table.c[name] == value)
        with self.reading() as connection:
            return list(connection.execute(query))

    def postings_of(self, ref: str) -> list[tuple[str, int]]:
        """(kind, cents) of the legs that carry this reference, in order, the debit first."""
        return [
            (row.kind, row.amount_cents) for row in sorted(self.rows(postings, ref=ref), key=_log_position)
        ]

    def on_chain(self, address: str) -> int:
        return self.reader.account(address).balance_cents

    def wait_for_quiet(self) -> None:
        """Nothing queued, nothing sent and unanswered, every final block read."""
        wait_until(self._is_quiet, "everything sent has been answered", WAIT_S)

    def _is_quiet(self) -> bool:
        with self.reading() as connection:
            waiting = connection.execute(
                select(func.count())
                .select_from(chain_commands)
                .where(chain_commands.c.state.in_(("queued", "sent")))
            ).scalar_one()
            stored = connection.execute(
                select(func.count())
                .select_from(chain_transactions)
                .where(chain_transactions.c.state == "stored")
            ).scalar_one()
        return int(waiting) == 0 and int(stored) == 0

    def check_books(self) -> None:
        """SQL's copy is the chain's, read anew; nothing stays reserved; every balance is the ledger's."""
        self.wait_for_quiet()
        chain = self.services.chain_parts
        scratch = make_engine(f"sqlite:///{sqlite_file(self.stack.directory)}")
        try:
            Indexer(scratch, chain.access, Registry(), self.services.clock).catch_up()
            with self.reading() as ours, scratch.connect() as theirs:
                assert differences(read_copy(ours), read_copy(theirs)) == []
        finally:
            scratch.dispose()
        for row in self.rows(balances):
            if row.account not in (ZERO_ADDRESS, chain.deployment.ledger.lower()):
                assert row.reserved_cents == 0, row
                assert row.posted_cents == self.on_chain(row.account), row


def _log_position(row: Any) -> tuple[int, int, int]:
    return row.block_number, row.log_index, row.leg
