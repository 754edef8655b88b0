"""The first start: contracts, keys, chain, ledger, database and a month of life, in this order.

Owns the order and nothing of what happens in a step. What an interrupted preparation left is thrown away
before the next; the caller marks the end.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from scripts.demo import stack
from scripts.demo.invitations import Invitations, make_officers
from scripts.demo.month import PARIS, MonthSimulation
from scripts.demo.shop_cards import write_cards
from scripts.demo.simulation import Simulation
from scripts.demo.stack_layout import Stack, StackFailed
from scripts.demo_bank import DemoBank
from wallet_service.bootstrap import Services, build_services
from wallet_service.chain.node.embedded import EmbeddedNode, NodeStartFailed
from wallet_service.chain.ports import TIERS
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.clock import VirtualClock

SEED = 20_261_124
BEFORE_FIRST_DAY_S = 3600
PASSKEY_ABOVE_CENTS = 100_00

ReportStep = Callable[[str], None]
Progress = Callable[[str, float], None]


def prepare(made: Stack, days: int, report: ReportStep, progress: Progress) -> None:
    """From an empty folder to a state the service can be started on. Raises StackFailed."""
    made.directory.mkdir(0o700, parents=True, exist_ok=True)
    log = made.directory / "logs" / "contracts.log"
    report("compiling the contracts")
    stack.compile_contracts(log)
    today = datetime.now(PARIS).replace(hour=0, minute=0, second=0, microsecond=0)
    first_day = today - timedelta(days=days)
    clock = VirtualClock(int(first_day.timestamp() * 1000))
    node = stack.make_node(made, genesis_unix_s=clock.now_unix_s() - BEFORE_FIRST_DAY_S)
    report("making keys, starting the node")
    addresses = stack.make_keys(made)
    try:
        node.start()
        node.set_time(clock.now_unix_s())
        report("deploying the ledger with Brownie")
        stack.deploy(made, addresses, log, node)
        stack.migrate(made)
        report(f"playing {days} days of life: about 60 shops, 300 residents, some thousands of payments")
        count = _simulate_month(made, node, clock, days, progress)
        report(f"{count} payments played")
        node.stop()
    except NodeStartFailed as error:
        raise StackFailed(str(error)) from error
    finally:
        node.kill_process()


def _set_passkey_floors(simulation: Simulation) -> None:
    """The governor's act. After the month: its people sign with keys of a script, which has no finger."""
    services = simulation.services
    with UnitOfWork(services.engine) as work:
        for tier in ("declared", "verified"):
            arguments = [TIERS.index(tier), [PASSKEY_ABOVE_CENTS, 0]]
            services.chain_parts.commands.queue_command(
                work.connection, "setPasskeyFloors", arguments, "GOVERNOR", f"floors:{tier}"
            )
    simulation.run_workers()


def _simulate_month(
    made: Stack, node: EmbeddedNode, clock: VirtualClock, days: int, progress: Progress
) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    first_day = datetime.fromtimestamp(clock.now_unix_s(), PARIS)
    settings = made.settings().model_copy(update={"embedded_node": False})
    services = build_services(settings, clock, node=node)
    services.acceptor.start()
    bank = DemoBank(
        settings.bank_inbox.parent, settings.bank_inbox, settings.bank_outbox, settings.reserve_iban
    )
    try:
        simulation = Simulation(services, node, clock, random.Random(SEED))
        officers = make_officers(services)
        month = MonthSimulation(simulation, bank, officers, progress, days)
        month.run(first_day)
        write_cards(services, officers["identity"].id, random.Random(SEED))
        _set_passkey_floors(simulation)
        write_invitations(made, month)
        node.set_time(int(time.time()))
        return month.payment_count
    finally:
        end_services(services)


def write_invitations(made: Stack, month: MonthSimulation) -> None:
    """Names the shop, the person and the association whoever tries the demonstration is invited to be."""
    shop, person, issuer = month.favourite_shop(), month.a_verified_person(), month.issuer()
    made.returns_account_file.write_text(issuer.wallet.address, encoding="ascii")
    Invitations(
        shop_name=shop.name,
        shop_member_id=shop.wallet.member_id,
        person_name=f"{person.who.first_name} {person.who.family_name[0]}.",
        person_member_id=person.wallet.member_id,
        issuer_name=issuer.name,
        issuer_member_id=issuer.wallet.member_id,
        first_keys={
            each.wallet.member_id: hex(each.wallet.key.private_numbers().private_value)
            for each in (shop, person, issuer)
        },
    ).write(made.directory)


def end_services(services: Services) -> None:
    """Ends what services without workers have started: their sandboxes, acceptor and connections."""
    for sandbox in services.sandboxes:
        sandbox.stop()
    services.acceptor.stop()
    services.engine.dispose()
