"""The whole system for end-to-end tests: node, ledger, service and till as processes, on free ports.

Its ledger is deployed once in a run by the demonstration's own steps (scripts/demo/stack.py) and copied; it
has a shop, officers and one-time codes, and nothing else. One system per database; everything ends with the
tests.
"""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select, update

from scripts.demo import stack
from scripts.demo.people import invented_siret
from scripts.demo.processes import Programs
from scripts.demo.vouching import Vouching
from scripts.demo_bank import DayReport, DemoBank
from scripts.demo_book import Credit
from tests.support.attestations import last_attested_cents
from tests.support.deployed import deployed_stack
from wallet_service.bootstrap import Services, build_services
from wallet_service.database.tables.bank import redemptions
from wallet_service.database.tables.payments import sales
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.members.decisions import Kind
from wallet_service.members.service import NewProfessional
from wallet_service.platform.journal import SERVICE
from wallet_service.protocol.signing import p256
from wallet_service.security.officers import Officer

READY_DEADLINE_S = 60.0
ENROLLED_DEADLINE_S = 30.0
SHOP_NAME = "Boulangerie des Essais"


class System:
    """A running system. `services` speak to the same database, without workers of their own."""

    def __init__(self, made: stack.Stack, programs: Programs, log_folder: Path) -> None:
        self.stack, self._programs, self._log_folder = made, programs, log_folder
        self.settings = made.settings().model_copy(update={"embedded_node": False})
        self.services: Services = build_services(self.settings)
        self.bank = DemoBank(
            self.settings.bank_inbox.parent,
            self.settings.bank_inbox,
            self.settings.bank_outbox,
            self.settings.reserve_iban,
        )
        self.officers = {
            "first": self._officer("Agathe Essai", "identity treasury compliance pause govern"),
            "second": self._officer("Basile Essai", "treasury pause govern"),
        }
        self.shop_id = self._make_shop()
        self.bank.make_statement()
        self._wait_for_attestation()

    def _officer(self, name: str, rights: str) -> Officer:
        return self.services.officers.ensure(name, rights.split())

    def _make_shop(self) -> str:
        key = p256.new_private_key()
        point = p256.point_of(key)
        member = self.services.members.create_professional(
            NewProfessional(
                public_key="0x" + point.hex(),
                kind=Kind.MERCHANT,
                public_name=SHOP_NAME,
                description="Boulangerie",
                siret=invented_siret(1),
                sector="10",
                commune_code="76540",
                representative_given_name="Dominique",
                representative_family_name="Essai",
            ),
            SERVICE,
        )
        deadline_s = time.monotonic() + ENROLLED_DEADLINE_S
        while self.services.members.get(member.id).state.value != "active":
            assert time.monotonic() < deadline_s, "the shop was not enrolled in time"
            time.sleep(0.05)
        self.vouching = Vouching(self.services, {member.id: key})
        return member.id

    def _wait_for_attestation(self) -> None:
        deadline_s = time.monotonic() + ENROLLED_DEADLINE_S
        while last_attested_cents(self.services.engine) is None:
            assert time.monotonic() < deadline_s, "the first statement was not attested in time"
            time.sleep(0.05)

    @property
    def wallet(self) -> str:
        return self.settings.wallet_origin

    @property
    def till(self) -> str:
        return self.settings.till_origin

    @property
    def console(self) -> str:
        return self.settings.console_origin

    def device_link(self, member_id: str) -> str:
        return f"{self.wallet}/sign-in#{self.services.devices.make_code(member_id, SERVICE, 'essai')}"

    def let_phone_sign(self) -> None:
        """The shop's first phone signs for the one that came by a link."""
        deadline_s = time.monotonic() + ENROLLED_DEADLINE_S
        while not self.vouching.run_once():
            assert time.monotonic() < deadline_s, "no phone came by the shop's link"
            time.sleep(0.05)

    def officer_link(self, which: str) -> str:
        return f"{self.console}/sign-in#{self.services.officers.make_code(self.officers[which].id)}"

    def pairing_code(self) -> str:
        return self.services.tills.make_pairing_code(self.shop_id, "Caisse").code

    def bank_day(self, *credits: Credit, returns: tuple[str, ...] = ()) -> DayReport:
        """The bank's next statement: these credits, and every payout file waiting."""
        return self.bank.make_statement(credits, returns)

    def end_to_end_id(self, ref: str) -> str:
        """What the bank calls the transfer of that redemption."""
        with self.services.engine.connect().execution_options(read_only=True) as connection:
            query = select(redemptions.c.end_to_end_id).where(redemptions.c.ref == ref)
            return str(connection.execute(query).scalar_one())

    def rebuilt_copy_equals_chain(self) -> str:
        """What `python -m wallet_service rebuild` says; "" when it found nothing wrong.

        As it must be, the service is stopped meanwhile: two indexers would write the same rows.
        """
        self._programs.stop_all()
        ended = subprocess.run(
            [sys.executable, "-m", "wallet_service", "rebuild"],
            env=self.stack.service_environment(),
            cwd=stack.ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        _start(self.stack, self._programs)
        return "" if ended.returncode == 0 else ended.stdout + ended.stderr

    def restart_till(self) -> None:
        """The point of sale's program ends and starts again, as after a power cut in the shop."""
        self._programs.restart("till")
        _wait_ready(self._programs, f"{self.till}/health")

    def expire_sale(self, short_code: str) -> None:
        """The sale's time is over; the service's own worker writes it down."""
        with UnitOfWork(self.services.engine) as work:
            work.connection.execute(
                update(sales).where(sales.c.short_code == short_code).values(expires_at_unix_ms=1)
            )

    def close(self) -> None:
        self.services.engine.dispose()


@contextmanager
def running_system(folder: Path, database_url: str = "") -> Iterator[System]:
    made = deployed_stack(folder, database_url)
    programs = Programs(folder / "run", folder / "logs")
    try:
        _start(made, programs)
        system = System(made, programs, folder / "logs")
        try:
            yield system
        finally:
            system.close()
    finally:
        programs.stop_all()


def _start(made: stack.Stack, programs: Programs) -> None:
    """The service, then the till; each answers afterwards."""
    # The demonstration's own test has the bank's worker apart; here one start less is waited for.
    environment = {**made.service_environment(), "ALBA_BANK_PROCESS": "0"}
    programs.start("service", stack.service_command("serve"), environment)
    _wait_ready(programs, f"{made.origin(made.wallet_port)}/ready")
    programs.start("till", stack.till_command(), made.till_environment())
    _wait_ready(programs, f"{made.origin(made.till_port)}/health")


def _wait_ready(programs: Programs, url: str) -> None:
    deadline_s = time.monotonic() + READY_DEADLINE_S
    while time.monotonic() < deadline_s:
        programs.check()
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.05)
    raise AssertionError(f"{url} did not answer in time")
