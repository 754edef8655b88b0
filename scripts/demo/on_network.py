"""The first start on a network of validators: the same ledger, and one day of life instead of a month.

A chain of several validators has the world's time and cannot be given another, so nothing can be played in
the past: whoever tries the demonstration finds shops, residents with money, and what waits for officers.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from scripts.demo import stack
from scripts.demo.bank_life import BankLife
from scripts.demo.invitations import make_officers
from scripts.demo.month import PARIS, MonthSimulation
from scripts.demo.preparation import end_services, write_invitations
from scripts.demo.simulation import SimulatedWallet, Simulation
from scripts.demo.stack_layout import Stack, StackFailed
from scripts.demo_bank import DemoBank
from scripts.network.layout import DEFAULT_FOLDER, NetworkFailed, require_record
from scripts.network.permissions import Permission, change_all
from scripts.network.rpc import NoAnswer
from wallet_service.bootstrap import build_services
from wallet_service.chain.node.client import NodeClient
from wallet_service.protocol.clock import SystemClock

SEED = 20_261_129
RESIDENTS = 40
ROUNDS_OF_TRADE = 3

ReportStep = Callable[[str], None]


def network_urls() -> tuple[str, ...]:
    """Of the network of `make network`. Raises StackFailed when there is none."""
    try:
        return tuple(require_record(DEFAULT_FOLDER).rpc_urls())
    except NetworkFailed as error:
        raise StackFailed(str(error)) from error


class NetworkGround:
    """What the simulation asks of a chain, of a network that others keep running."""

    def __init__(self, client: NodeClient) -> None:
        self._client = client

    def is_running(self) -> bool:
        return True

    def request(self, method: str, *params: Any) -> Any:
        return self._client.request(method, *params)

    def wake_if_asleep(self) -> bool:
        return False

    def set_time(self, unix_s: int) -> None:
        """The network has its own."""


class FirstDay(MonthSimulation):
    """People join, money arrives, some buy: all of it now."""

    def run(self, first_day: datetime) -> None:
        self._bank_life = BankLife(self._simulation, self._bank, first_day)
        self._open_shops()
        self._progress("shops", 0.2)
        self._generate_persons()
        del self._persons[RESIDENTS:]
        for person in self._persons:
            person.joins_on_day = 0
        self._enrol_newcomers(0)
        self._progress("residents", 0.5)
        self._bank_morning(first_day, 1)
        self._progress("euros in", 0.7)
        for _ in range(ROUNDS_OF_TRADE):
            self._trade(first_day, 1)
        self._leave_work_for_officers(first_day + timedelta(days=1))
        self._progress("ready", 1.0)

    def wallets(self) -> list[SimulatedWallet]:
        """Of everybody who joined."""
        return [person.wallet for person in self._persons if person.wallet.member_id]


def prepare_on_network(made: Stack, report: ReportStep, progress: Callable[[str, float], None]) -> None:
    """From an empty folder to a state the service can be started on. Raises StackFailed."""
    made.directory.mkdir(0o700, parents=True, exist_ok=True)
    log = made.directory / "logs" / "contracts.log"
    report("compiling the contracts")
    stack.compile_contracts(log)
    addresses = stack.make_keys(made)
    try:
        deploy_on_network(made, addresses, report)
    except (NetworkFailed, NoAnswer) as error:
        raise StackFailed(str(error)) from error
    stack.migrate(made)
    report(f"one day of life: shops and {RESIDENTS} residents")
    count = _simulate(made, progress)
    report(f"{count} payments made")


def deploy_on_network(
    made: Stack, addresses: Mapping[str, str], report: ReportStep, network: Path = DEFAULT_FOLDER
) -> None:
    """The roles' accounts are admitted for good, the deployer for as long as it deploys."""
    founded = require_record(network)
    report("admitting the roles' accounts to the chain")
    change_all(network, founded, {address: [Permission.ACCOUNT] for address in addresses.values()})
    deployers: dict[str, list[Permission]] = {}

    def admit_deployer(address: str) -> None:
        deployers[address] = list(Permission)
        change_all(network, founded, deployers)

    report("deploying the ledger with Brownie")
    url = made.network_urls[0]
    log = made.directory / "logs" / "contracts.log"
    stack.deploy_at(made, addresses, log, url, url, admit_deployer)
    change_all(network, founded, deployers, admitted=False)


def _simulate(made: Stack, progress: Callable[[str, float], None]) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    clock = SystemClock()
    settings = made.settings()
    services = build_services(settings, clock)
    services.acceptor.start()
    try:
        ground = NetworkGround(services.chain_parts.access.client)
        day = make_first_day(made, Simulation(services, ground, clock, random.Random(SEED)), progress)
        day.run(datetime.now(PARIS).replace(hour=0, minute=0, second=0, microsecond=0))
        write_invitations(made, day)
        return day.payment_count
    finally:
        end_services(services)


def make_first_day(
    made: Stack, simulation: Simulation, progress: Callable[[str, float], None] = lambda text, share: None
) -> FirstDay:
    """Not run yet."""
    settings = made.settings()
    bank = DemoBank(
        settings.bank_inbox.parent, settings.bank_inbox, settings.bank_outbox, settings.reserve_iban
    )
    return FirstDay(simulation, bank, make_officers(simulation.services), progress, 1)
