"""What speaks to or about the chain, built from the settings. Knows all of `chain` and nothing above it."""

from __future__ import annotations

from dataclasses import dataclass
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
from wallet_service.platform.quarantine import Quarantine
from wallet_service.platform.settings import Settings
from wallet_service.platform.workers import Worker
from wallet_service.protocol.clock import Clock
from wallet_service.security.role_keys import RoleKeys, open_role_keys
from wallet_service.watches import COMMANDS_LEASE

NODE_INTERVAL_S = 1.0
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


def keeper(supervisor: EmbeddedSupervisor | None) -> list[Worker]:
    """The workers that keep the embedded node and see when it hangs, where there is one."""
    if supervisor is None:
        return []
    return [
        Worker("node", supervisor.run_once, NODE_INTERVAL_S, supervisor.stop),
        Worker("node_watch", supervisor.watch_once, NODE_INTERVAL_S),
    ]
