"""What speaks to or about the chain, built from the settings. Knows all of `chain` and nothing above it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy import Engine

from wallet_service.chain.ledger.codec import LedgerCodec
from wallet_service.chain.ledger.deployment import Deployment, load_deployment
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.node.client import NodeClient
from wallet_service.chain.node.embedded import EmbeddedNode, is_out_of_reach
from wallet_service.chain.node.profile import ProfileInvalid, load_profile
from wallet_service.chain.ports import ChainReader
from wallet_service.chain.reading.indexer import Indexer
from wallet_service.chain.reading.reader import NodeReader
from wallet_service.chain.registry import Registry
from wallet_service.chain.sending.causes import CauseWatch
from wallet_service.chain.sending.command_runner import CommandRunner
from wallet_service.chain.sending.commands import SqlCommandQueue
from wallet_service.chain.sending.replay import EmbeddedSupervisor
from wallet_service.chain.sending.sender import Sender
from wallet_service.database.leases import Lease
from wallet_service.database.unit_of_work import after_each_commit
from wallet_service.platform.push import Push
from wallet_service.platform.quarantine import Quarantine
from wallet_service.platform.settings import Settings
from wallet_service.platform.workers import Bell, Worker
from wallet_service.protocol.clock import Clock
from wallet_service.security.role_keys import RoleKeys, open_role_keys
from wallet_service.watches import COMMANDS_LEASE

NODE_INTERVAL_S = 1.0
COMMANDS_INTERVAL_S = 0.1
#: A round that was rung for begins so long after the last at the soonest: what comes together goes together.
BROADCAST_INTERVAL_S = 0.01
#: Without a ring: another process's work, and what must be sent again.
IDLE_S = 1.0
#: A node of others makes its blocks when it likes, and rings for none.
OTHERS_BLOCKS_EVERY_S = 0.1
DEFAULT_RPC_PORT = 8545


@dataclass(frozen=True)
class Chain:
    """Everything that speaks to or about the chain."""

    access: ChainAccess
    deployment: Deployment
    keys: RoleKeys
    registry: Registry
    reader: ChainReader
    commands: SqlCommandQueue
    sender: Sender
    runner: CommandRunner
    indexer: Indexer
    causes: CauseWatch


def build_chain(
    settings: Settings,
    engine: Engine,
    clock: Clock,
    master_key: bytes,
    quarantine: Quarantine,
    node: EmbeddedNode | None,
) -> Chain:
    """Everything of the chain for the deployment and profile the settings name.

    An embedded node is spoken to by its private way.
    """
    deployment = load_deployment(settings.deployment_file)
    profile = load_profile(settings.chain_profile, settings.rpc_url)
    client = NodeClient(profile, deployment.chain_id, (node.wire,) if node else None)
    forget = node.forget_transactions if node else None
    access = ChainAccess(client, LedgerCodec(deployment.abi), deployment, profile, forget)
    keys = open_role_keys(settings.chain_keys_directory, master_key)
    registry = Registry()
    sender = Sender(engine, access, keys, registry, clock, quarantine)
    lease = Lease(engine, COMMANDS_LEASE)
    causes = CauseWatch(engine, access, keys)
    return Chain(
        access=access,
        deployment=deployment,
        keys=keys,
        registry=registry,
        reader=NodeReader(access),
        commands=SqlCommandQueue(clock),
        sender=sender,
        runner=CommandRunner(
            engine, access, keys, sender, registry, clock, lease, causes.may_issue, quarantine=quarantine
        ),
        indexer=Indexer(engine, access, registry, clock, sender),
        causes=causes,
    )


def make_node(settings: Settings) -> EmbeddedNode | None:
    """The embedded node, when the settings say that it is ours to keep.

    Raises ProfileInvalid where this system would leave it within everybody's reach.
    """
    if not settings.embedded_node:
        return None
    if settings.environment == "production" and not is_out_of_reach():
        raise ProfileInvalid("the embedded node can be kept from others on Linux only; use another engine")
    profile = load_profile(settings.chain_profile, settings.rpc_url)
    port = urlsplit(settings.rpc_url).port or DEFAULT_RPC_PORT
    return EmbeddedNode(settings.data_directory / "chain", profile, port=port)


@dataclass(frozen=True)
class Bells:
    """Who is woken by the stage before: accepted, so settle; stored, so send; sent, so read.

    And after any commit of this process, or any event of another: there may be a command.
    """

    settler: Bell = field(default_factory=Bell)
    sender: Bell = field(default_factory=Bell)
    indexer: Bell = field(default_factory=Bell)
    commands: Bell = field(default_factory=Bell)

    def hear(self, engine: Engine, push: Push) -> None:
        after_each_commit(engine, self.commands.ring_only)
        push.on_events(self.commands.ring_only)
        push.on_events(self.settler.ring_only)


def payment_workers(
    settings: Settings, settle: Callable[[], int], chain: Chain, bells: Bells
) -> tuple[Worker, ...]:
    """What carries payments and commands to the chain and back, each stage woken by the one before."""
    return (
        Worker("settler", settle, settings.settle_interval_ms / 1000, bell=bells.settler, idle_s=IDLE_S),
        Worker(
            "commands",
            partial(_then_ring, chain.runner.run_once, bells.indexer),
            COMMANDS_INTERVAL_S,
            bell=bells.commands,
            idle_s=IDLE_S,
        ),
        Worker(
            "sender",
            partial(_then_ring, chain.sender.run_once, bells.indexer),
            BROADCAST_INTERVAL_S,
            bell=bells.sender,
            idle_s=IDLE_S,
        ),
        Worker(
            "indexer",
            partial(index_all, chain.indexer),
            settings.index_interval_ms / 1000,
            bell=bells.indexer,
            idle_s=IDLE_S if settings.embedded_node else OTHERS_BLOCKS_EVERY_S,
        ),
    )


def _then_ring(run_once: Callable[[], int], bell: Bell) -> int:
    done = run_once()
    if done:
        bell.ring()
    return done


def index_all(indexer: Indexer) -> int:
    """Reads on until nothing new is final."""
    total = 0
    while count := indexer.run_once():
        total += count
    return total


def keeper(supervisor: EmbeddedSupervisor | None) -> list[Worker]:
    """The workers that keep the embedded node and see when it hangs, where there is one."""
    if supervisor is None:
        return []
    return [
        Worker("node", supervisor.run_once, NODE_INTERVAL_S, supervisor.stop),
        Worker("node_watch", supervisor.watch_once, NODE_INTERVAL_S),
    ]
