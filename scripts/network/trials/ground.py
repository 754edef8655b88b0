"""A service with members and money on a running network, made for one trial and thrown away after it."""

from __future__ import annotations

import contextlib
import logging
import random
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scripts.demo import stack
from scripts.demo.month import PARIS
from scripts.demo.on_network import FirstDay, NetworkGround, deploy_on_network, make_first_day
from scripts.demo.simulation import SimulatedWallet, Simulation
from scripts.demo.stack_layout import Stack
from scripts.network.layout import Founded
from scripts.network.trials.liar import Liar
from wallet_service.bootstrap import Services, build_services
from wallet_service.faces.shell.logs import configure_logs
from wallet_service.platform.settings import Settings
from wallet_service.protocol.clock import SystemClock

ENOUGH_CENTS = 2_000


@dataclass
class Ground:
    """`payers` have money, `shop` takes it; the service's workers run; `liar` is the first of its nodes."""

    services: Services
    simulation: Simulation
    payers: list[SimulatedWallet]
    shop: SimulatedWallet
    settings: Settings
    liar: Liar


@contextlib.contextmanager
def ground_on(founded: Founded, network: Path, folder: Path, seed: int) -> Iterator[Ground]:
    """Deploy, let people join, start the service; all of it ends with the block."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    ports = [_free_port() for _ in range(4)]
    first, *others = founded.rpc_urls()
    liar = Liar(first)
    made = Stack(
        folder,
        "127.0.0.1",
        wallet_port=ports[0],
        till_port=ports[1],
        console_port=ports[2],
        rpc_port=ports[3],
        network_urls=(liar.url, *others),
    )
    stack.compile_contracts(folder / "contracts.log")
    deploy_on_network(made, stack.make_keys(made), lambda text: None, network)
    stack.migrate(made)
    configure_logs(logging.ERROR)
    settings = made.settings()
    services = build_services(settings, SystemClock())
    services.acceptor.start()
    ground = NetworkGround(services.chain_parts.access.client)
    simulation = Simulation(services, ground, SystemClock(), random.Random(seed))
    day: FirstDay = make_first_day(made, simulation)
    day.run(datetime.now(PARIS).replace(hour=0, minute=0, second=0, microsecond=0))
    services.acceptor.stop()
    services.start()
    try:
        payers = [one for one in day.wallets() if one.balance_cents >= ENOUGH_CENTS]
        yield Ground(services, simulation, payers, day.favourite_shop().wallet, settings, liar)
    finally:
        services.stop()
        liar.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
