"""A town on the running network: as the payments' bench makes it, with payers of both kinds of keys."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from unittest.mock import patch

import coincurve
import structlog
from cryptography.hazmat.primitives.asymmetric import ec

from scripts.bench.payments.town import Payer, Town, TownBuilder
from scripts.demo import stack
from scripts.demo.on_network import NetworkGround, deploy_on_network
from scripts.demo.preparation import end_services
from scripts.demo.simulation import SimulatedWallet, Simulation
from scripts.network.layout import Founded
from tests.support.deployed import new_stack
from wallet_service.bootstrap import Services, build_services
from wallet_service.members import service as members
from wallet_service.members.decisions import Kind
from wallet_service.protocol.clock import SystemClock
from wallet_service.protocol.signing.envelope import sign_secp256k1


@dataclass
class WalletPayer(Payer):
    """Signs with secp256k1, as wallets of other chains do."""

    own_key: coincurve.PrivateKey | None = None

    def sign(self, digest: bytes) -> bytes:
        assert self.own_key is not None
        return sign_secp256k1(self.own_key, digest)


class NetworkTownBuilder(TownBuilder):
    """Half of its payers hold keys of phones (P-256), half of wallets (secp256k1)."""

    def payers(self, count: int) -> list[Payer]:
        phones = super().payers(count // 2)
        wallets: list[Payer] = []
        for number in range(count - len(phones)):
            key = coincurve.PrivateKey()
            point = key.public_key.format(compressed=False)[1:]
            self.next_key = (cast("ec.EllipticCurvePrivateKey", key), point)
            with patch.object(members, "point_of_text", _any_point):
                wallet: SimulatedWallet = self.professional(10_000 + number, Kind.ASSOCIATION)
            wallets.append(WalletPayer(wallet, own_key=key))
        self.run_workers()
        return [*phones, *wallets]


def _any_point(public_key: str) -> bytes:
    """In place of the door's check that a key is a phone's: the ledger pays with keys of both curves."""
    return bytes.fromhex(public_key.removeprefix("0x"))


def make_network_town(founded: Founded, folder: Path, members: int, shops: int) -> Town:
    """A deployed ledger with members who hold money; nothing of the service runs afterwards."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    plain = new_stack(folder)
    made = stack.Stack(
        folder,
        plain.host,
        wallet_port=plain.wallet_port,
        till_port=plain.till_port,
        console_port=plain.console_port,
        rpc_port=plain.rpc_port,
        environment=plain.environment,
        network_urls=tuple(founded.rpc_urls()),
    )
    stack.compile_contracts(folder / "contracts.log")
    deploy_on_network(made, stack.make_keys(made), lambda text: None)
    stack.migrate(made)
    services: Services = build_services(made.settings(), SystemClock())
    services.acceptor.start()
    try:
        ground = NetworkGround(services.chain_parts.access.client)
        simulation = Simulation(services, ground, SystemClock(), random.Random(1))
        return NetworkTownBuilder(made, services, simulation).build(members, shops)
    finally:
        end_services(services)
