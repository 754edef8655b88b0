"""Puts the service together: the only place that chooses implementations from the settings.

`build_services` opens no port and starts no thread; `Services.start` and `Services.stop` do. Every subject
gets what it needs by its constructor and says to the registry what it wants to hear from the chain.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy import Engine

from wallet_service import crash_points
from wallet_service.bank.inbox import BankWorker, Inbox
from wallet_service.bank.pain001 import Debtor
from wallet_service.bank.payouts import PayoutService
from wallet_service.bank.service import BankService
from wallet_service.chain.client import NodeClient
from wallet_service.chain.command_runner import CommandRunner
from wallet_service.chain.commands import SqlCommandQueue
from wallet_service.chain.deployment import Deployment, load_deployment
from wallet_service.chain.embedded import EmbeddedNode
from wallet_service.chain.indexer import Indexer
from wallet_service.chain.keys import RoleKeys, open_role_keys
from wallet_service.chain.ledger import LedgerCodec
from wallet_service.chain.ports import ChainReader
from wallet_service.chain.profile import load_profile
from wallet_service.chain.reader import NodeReader
from wallet_service.chain.registry import Registry
from wallet_service.chain.replay import EmbeddedSupervisor
from wallet_service.chain.sender import ChainAccess, Sender
from wallet_service.database.engine import make_engine
from wallet_service.database.leases import Lease
from wallet_service.identity.device_sign_in import DeviceSignIn
from wallet_service.identity.officers import OfficerService
from wallet_service.identity.passkeys import PasskeyService, RelyingParty
from wallet_service.identity.sealing import Sealer, read_master_key
from wallet_service.identity.service import IdentityService
from wallet_service.identity.sessions import SessionService, SubjectKind
from wallet_service.journal import Journal
from wallet_service.members.devices import DeviceService
from wallet_service.members.directory import Directory
from wallet_service.members.service import MemberService
from wallet_service.members.tills import TillService
from wallet_service.payments.accept import Acceptance
from wallet_service.payments.accounts import Accounts
from wallet_service.payments.group_commit import GroupCommit
from wallet_service.payments.history import History
from wallet_service.payments.project import PaymentProjection
from wallet_service.payments.refunds import Refunds
from wallet_service.payments.rules import KnownRules
from wallet_service.payments.sales import Sales
from wallet_service.payments.service import Payments
from wallet_service.payments.settle import Settler
from wallet_service.payments.till_views import TillViews
from wallet_service.protocol.clock import Clock, SystemClock
from wallet_service.push import Push
from wallet_service.redemptions.following import RedemptionFollower
from wallet_service.redemptions.service import RedemptionService, RedemptionTerms
from wallet_service.reserve.service import ReserveService
from wallet_service.settings import Settings
from wallet_service.statements.service import Statements
from wallet_service.supervision.service import Supervision, make_supervision
from wallet_service.topups.expected import ExpectedTransfers
from wallet_service.topups.service import ReserveAccount, TopupService
from wallet_service.workers import Worker, WorkerSet

RULES_INTERVAL_S = 1.0
EXPIRY_INTERVAL_S = 1.0
HOUSEKEEPING_INTERVAL_S = 60.0
COMMANDS_INTERVAL_S = 0.1
BROADCAST_INTERVAL_S = 0.5
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


@dataclass(frozen=True)
class Services:
    """One attribute per subject service: what routers, scripts and tests may use."""

    settings: Settings
    clock: Clock
    engine: Engine
    push: Push
    journal: Journal
    sealer: Sealer
    chain: ChainReader
    chain_parts: Chain
    sessions: SessionService
    officers: OfficerService
    passkeys: PasskeyService
    device_sign_in: DeviceSignIn
    identity: IdentityService
    members: MemberService
    devices: DeviceService
    directory: Directory
    tills: TillService
    accounts: Accounts
    sales: Sales
    payments: Payments
    refunds: Refunds
    history: History
    statements: Statements
    till_views: TillViews
    topups: TopupService
    redemptions: RedemptionService
    reserve: ReserveService
    bank: BankService
    inbox: Inbox
    payouts: PayoutService
    supervision: Supervision
    acceptance: Acceptance
    acceptor: GroupCommit
    rules: KnownRules
    settler: Settler
    node: EmbeddedSupervisor | None
    workers: WorkerSet
    readiness: Mapping[str, Callable[[], bool]]

    def start(self, worker_names: Iterable[str] | None = None) -> None:
        """Starts the node when it is ours, the acceptor, the push hub and the workers (all, or those named).

        Raises NodeStartFailed, ChainLost.
        """
        if self.node is not None:
            self.node.start()
        self.acceptor.start()
        self.push.start()
        self.workers.start(worker_names)

    def stop(self) -> None:
        """Answers what is queued, lets rounds finish, closes streams and connections."""
        self.acceptor.stop()
        self.workers.stop()
        self.push.stop()
        self.engine.dispose()


def build_services(settings: Settings, clock: Clock | None = None, engine: Engine | None = None) -> Services:
    """Raises MasterKeyUnusable, KeyFileUnusable, DeploymentUnusable, ProfileInvalid: each says what to do."""
    crash_points.arm(settings.environment)
    clock = clock or SystemClock()
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    engine = engine or make_engine(settings.resolved_database_url())
    master_key = read_master_key(settings.master_key_file)
    sealer, push, journal = Sealer(master_key, clock), Push(engine, clock), Journal(clock)
    chain = build_chain(settings, engine, clock, master_key)
    rules = KnownRules(chain.reader)
    acceptance = Acceptance(engine, clock, push, rules, settings.payment_lifetime_s)
    acceptor = GroupCommit(acceptance.accept_batch)
    projection = PaymentProjection(clock, push, rules)
    settler = Settler(
        engine,
        clock,
        chain.sender,
        projection,
        Lease(engine, "settler", SystemClock()),
        settings.max_batch_payments,
    )
    sessions = SessionService(engine, clock)
    members = MemberService(engine, clock, push, sealer, journal, chain.commands)
    devices = DeviceService(engine, clock, push, journal, chain.commands, sessions)
    directory = Directory(engine, sealer)
    account = ReserveAccount(settings.reserve_iban, settings.reserve_bic, settings.reserve_holder)
    announced = ExpectedTransfers(settings.bank_inbox.parent / "expected")
    topups = TopupService(
        engine,
        clock,
        chain.commands,
        chain.reader,
        push,
        journal,
        account,
        None if settings.environment == "production" else announced,
    )
    follower = RedemptionFollower(clock, chain.commands, push, topups)
    terms = RedemptionTerms(
        settings.redemption_fee_basis_points, settings.redemption_delay_days, settings.redemption_lifetime_s
    )
    redemptions = RedemptionService(engine, clock, chain.commands, chain.reader, push, sealer, terms)
    reserve = ReserveService(engine, clock, chain.commands)
    bank = BankService(engine, clock, push, journal, sealer, topups, follower, reserve)
    inbox = Inbox(settings.bank_inbox, settings.reserve_iban, bank)
    debtor = Debtor(settings.reserve_holder, settings.reserve_iban, settings.reserve_bic)
    payouts = PayoutService(engine, clock, push, journal, sealer, redemptions, debtor, settings.bank_outbox)
    supervision = make_supervision(engine, clock, chain.commands, push, journal)
    for subject in (members, devices, projection, topups, follower, reserve, supervision):
        subject.register(chain.registry)
    sales = Sales(engine, clock, push, rules, settings.sale_lifetime_s)
    bank_worker = BankWorker(
        inbox, payouts, topups, Lease(engine, "bank", SystemClock()), settings.bank_poll_interval_s
    )
    node = embedded_supervisor(settings, engine, chain, clock)
    workers = WorkerSet(
        (
            *([Worker("node", node.run_once, NODE_INTERVAL_S, node.stop)] if node else []),
            Worker("settler", settler.run_once, settings.settle_interval_ms / 1000),
            Worker("indexer", partial(index_all, chain.indexer), settings.index_interval_ms / 1000),
            Worker("commands", chain.runner.run_once, COMMANDS_INTERVAL_S),
            Worker("sender", chain.sender.run_once, BROADCAST_INTERVAL_S),
            Worker("rules", rules.refresh, RULES_INTERVAL_S),
            Worker("bank", bank_worker.work_once, settings.bank_poll_interval_s),
            Worker("expiry", partial(expire_due, sales, supervision), EXPIRY_INTERVAL_S),
            Worker("housekeeping", partial(clean_up, push, sessions), HOUSEKEEPING_INTERVAL_S),
        )
    )
    return Services(
        settings=settings,
        clock=clock,
        engine=engine,
        push=push,
        journal=journal,
        sealer=sealer,
        chain=chain.reader,
        chain_parts=chain,
        sessions=sessions,
        officers=OfficerService(engine, clock, journal, sessions),
        passkeys=PasskeyService(engine, clock, sessions, relying_parties(settings)),
        device_sign_in=DeviceSignIn(engine, clock, sessions),
        identity=IdentityService(engine, clock, push, sealer, journal, members),
        members=members,
        devices=devices,
        directory=directory,
        tills=TillService(engine, clock, push, journal),
        accounts=Accounts(engine, clock, rules),
        sales=sales,
        payments=Payments(engine, chain.reader.domain, acceptor),
        refunds=Refunds(engine, clock, push),
        history=History(engine, directory),
        statements=Statements(engine, clock, directory, chain.reader.domain),
        till_views=TillViews(engine, directory, settings.wallet_origin),
        topups=topups,
        redemptions=redemptions,
        reserve=reserve,
        bank=bank,
        inbox=inbox,
        payouts=payouts,
        supervision=supervision,
        acceptance=acceptance,
        acceptor=acceptor,
        rules=rules,
        settler=settler,
        node=node,
        workers=workers,
        readiness={"chain": partial(chain_answers, chain.reader), "workers": workers.are_well},
    )


def build_chain(settings: Settings, engine: Engine, clock: Clock, master_key: bytes) -> Chain:
    """Everything of the chain for the deployment and profile the settings name."""
    deployment = load_deployment(settings.deployment_file)
    profile = load_profile(settings.chain_profile, settings.rpc_url)
    client = NodeClient(profile, deployment.chain_id)
    access = ChainAccess(client, LedgerCodec(deployment.abi), deployment, profile)
    keys = open_role_keys(settings.chain_keys_directory, master_key)
    registry = Registry()
    sender = Sender(engine, access, keys, registry, clock)
    lease = Lease(engine, "commands", SystemClock())
    return Chain(
        access=access,
        deployment=deployment,
        keys=keys,
        registry=registry,
        reader=NodeReader(access),
        commands=SqlCommandQueue(clock),
        sender=sender,
        runner=CommandRunner(engine, access, keys, sender, registry, clock, lease),
        indexer=Indexer(engine, access, registry, clock, sender),
    )


def embedded_supervisor(
    settings: Settings, engine: Engine, chain: Chain, clock: Clock
) -> EmbeddedSupervisor | None:
    """What keeps the embedded node, when the settings say that it is ours to keep."""
    if not settings.embedded_node:
        return None
    profile = chain.access.profile
    port = urlsplit(settings.rpc_url).port or DEFAULT_RPC_PORT
    node = EmbeddedNode(settings.data_directory / "chain", profile, port=port)
    return EmbeddedSupervisor(engine, node, chain.access, chain.sender, clock)


def relying_parties(settings: Settings) -> dict[SubjectKind, RelyingParty]:
    """Passkeys are good for one origin each; the host is the identifier."""
    name = str(json.loads(settings.currency_file.read_text("utf-8"))["name"])
    origins: dict[SubjectKind, str] = {"member": settings.wallet_origin, "officer": settings.console_origin}
    return {
        kind: RelyingParty(urlsplit(origin).hostname or "localhost", name, origin)
        for kind, origin in origins.items()
    }


def index_all(indexer: Indexer) -> int:
    """Reads on until nothing new is final."""
    total = 0
    while count := indexer.run_once():
        total += count
    return total


def expire_due(sales: Sales, supervision: Supervision) -> None:
    sales.expire_due()
    supervision.expire_due()


def clean_up(push: Push, sessions: SessionService) -> None:
    push.forget_old()
    sessions.forget_expired()


def chain_answers(reader: ChainReader) -> bool:
    return reader.head().number >= 0
