"""What every process that serves keeps in memory for itself: rules, clocks, the node's pulse, readiness.

Their threads run whichever workers the process was told to run: requests read nothing but memory of the
chain, so somebody must fill it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine

from wallet_service.accounts.rules import KnownRules
from wallet_service.accounts.wholeness import is_whole
from wallet_service.chain.ledger.mirror import block_hash
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.node.profile import PLATFORM_LIST
from wallet_service.chain.node.pulse import Pulse
from wallet_service.chain.node.several.end_watch import ASKED_EVERY_S, EndWatch
from wallet_service.chain.node.several.story import Judgement
from wallet_service.chain.node.several.validators_list import PlatformList
from wallet_service.chain.node.several.watch import NodeWatch
from wallet_service.chain.reading.progress import Progress
from wallet_service.chain.reading.reader import NodeReader
from wallet_service.database.leases import all_held
from wallet_service.database.probe import database_keeps
from wallet_service.database.unit_of_work import reading
from wallet_service.platform.clocks import ClockWatch
from wallet_service.platform.disk import DiskProbe
from wallet_service.platform.readiness import Part, ReadinessCache
from wallet_service.platform.settings import Settings
from wallet_service.platform.workers import Worker, WorkerSet
from wallet_service.protocol.clock import Clock
from wallet_service.treasury.watch import BankWatch

SETTLER_LEASE, COMMANDS_LEASE, BANK_LEASE = "settler", "commands", "bank"
LEASES = (SETTLER_LEASE, COMMANDS_LEASE, BANK_LEASE)
WATCH_INTERVAL_S = 1.0
#: What is written to be sure that writing works is written less often.
WRITE_INTERVAL_S = 3.0
#: The first rules come within a moment; a node that is away keeps nobody from starting.
FIRST_RULES_WAIT_S = 2.0
_NAME_BYTES = 8


@dataclass(frozen=True)
class Watches:
    """Everything of the chain and the clocks that requests may ask, and the threads behind it."""

    clocks: ClockWatch
    pulse: Pulse
    nodes: NodeWatch
    ends: EndWatch | None
    rules: KnownRules
    progress: Progress
    workers: WorkerSet

    def start(self) -> None:
        """Returns when the ledger's rules are known, or after FIRST_RULES_WAIT_S."""
        self.workers.start()
        self.rules.wait_until_known(FIRST_RULES_WAIT_S)


def make_watches(engine: Engine, clock: Clock, access: ChainAccess) -> Watches:
    clocks = ClockWatch(clock, engine)
    pulse = Pulse(access, clock, clocks)
    rules = KnownRules(NodeReader(access, kept_s=0.0))
    nodes = NodeWatch(access.client, partial(_copied_hash, engine))
    progress = Progress(engine, clock, pulse)
    workers = [
        Worker("clocks", clocks.run_once, WATCH_INTERVAL_S),
        Worker("pulse", pulse.run_once, WATCH_INTERVAL_S),
        Worker("rules", partial(read_rules, rules.refresh, nodes.last, progress.are_mined), WATCH_INTERVAL_S),
    ]
    if access.client.endpoint_count > 1:
        workers.append(Worker("nodes", nodes.run_once, WATCH_INTERVAL_S))
    ends = _end_watch(access, clock)
    if ends is not None:
        workers.append(Worker("validations", ends.run_once, ASKED_EVERY_S))
    return Watches(clocks, pulse, nodes, ends, rules, progress, WorkerSet(workers))


def read_rules(
    refresh: Callable[[], object], nodes: Callable[[], Judgement | None], are_mined: Callable[[], bool]
) -> None:
    """The round of the rules' worker.

    Too few validators still answer what the rules are, but make no block: what is known grows old then, so
    that accepting ends at the same bound as when nobody answers. That others are away is not enough: perhaps
    they are so for us alone, and what we send is mined.
    """
    found = nodes()
    if found is not None and found.may_still_fail < 0 and not are_mined():
        return
    refresh()


def _end_watch(access: ChainAccess, clock: Clock) -> EndWatch | None:
    """None where validations do not end."""
    profile, client = access.profile, access.client
    if profile.validations != PLATFORM_LIST:
        return None
    names = [client.endpoint_name(place) for place in range(client.endpoint_count)]
    return EndWatch(names, PlatformList(profile.rpc_urls, profile.request_timeout_s), clock)


def _copied_hash(engine: Engine, number: int) -> str | None:
    with reading(engine) as connection:
        return block_hash(connection, number)


def make_readiness(
    settings: Settings, engine: Engine, watches: Watches, known: Mapping[str, Callable[[], bool]]
) -> ReadinessCache:
    """`known` are parts that some worker of this process answers for, from memory."""
    bank = BankWatch(engine, settings.bank_inbox, settings.bank_outbox)
    keeps = partial(database_keeps, engine, secrets.token_hex(_NAME_BYTES))
    is_moving = known["transactions"]
    return ReadinessCache(
        (
            Part("database", keeps, WRITE_INTERVAL_S),
            Part("disk", DiskProbe(settings.data_directory).can_write, WRITE_INTERVAL_S),
            Part("chain", watches.pulse.answers),
            Part("rules", watches.rules.are_fresh),
            Part("transactions", lambda: is_moving() and watches.progress.are_mined()),
            Part("projection", watches.progress.are_read),
            Part("copy", partial(is_whole, engine)),
            Part("clock", watches.clocks.is_right),
            Part("leases", partial(all_held, engine, LEASES)),
            Part("bank", bank.is_well),
            *(Part(name, is_well) for name, is_well in known.items() if name != "transactions"),
        )
    )
