"""Puts the service together: the only place that chooses implementations from the settings.

`build_services` opens no port and starts no thread; `Services.start` and `Services.stop` do. Every subject
gets what it needs by its constructor and says to the registry what it wants to hear from the chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine

from wallet_service import wiring
from wallet_service.accounts.service import Accounts
from wallet_service.assisted.service import AssistedDesk
from wallet_service.audit.service import AUDIT_INTERVAL_S, Audit, make_audit
from wallet_service.chain.node.embedded import EmbeddedNode
from wallet_service.chain.ports import ChainReader
from wallet_service.chain.sending.replay import EmbeddedSupervisor
from wallet_service.chain_wiring import Bells, Chain, build_chain, keeper, make_node, payment_workers
from wallet_service.database.engine import make_engine
from wallet_service.database.leases import Lease
from wallet_service.directory.service import Listings
from wallet_service.disputes.desk import DisputeMeans, Disputes, make_disputes
from wallet_service.history import printing
from wallet_service.history.service import History
from wallet_service.history.statements import Statements
from wallet_service.identity import documents
from wallet_service.identity.proofs.service import IdentityProofs
from wallet_service.identity.service import IdentityService
from wallet_service.keyholders.projections import KeyholderFollower
from wallet_service.keyholders.service import KeyholderMeans
from wallet_service.members.access import AccessService
from wallet_service.members.additions import Additions
from wallet_service.members.devices import DeviceService
from wallet_service.members.directory import Directory
from wallet_service.members.repository import note_device_used
from wallet_service.members.service import MemberService
from wallet_service.moves.service import Moves
from wallet_service.notices.service import Notices
from wallet_service.open_data.service import OpenData
from wallet_service.oversight.service import Doors, Oversight, make_oversight
from wallet_service.payments.accept import Acceptance
from wallet_service.payments.projections import PaymentProjection
from wallet_service.payments.service import GroupCommit, Payments
from wallet_service.payments.settle import Settler
from wallet_service.platform import failpoints as failpoints
from wallet_service.platform.companion.keeping import Companion
from wallet_service.platform.journal import Journal
from wallet_service.platform.listeners import rooms_for
from wallet_service.platform.push import Push
from wallet_service.platform.readiness import ReadinessCache
from wallet_service.platform.sandbox.pool import Sandbox
from wallet_service.platform.settings import Settings
from wallet_service.platform.workers import Worker, WorkerSet
from wallet_service.protocol.clock import Clock, SystemClock
from wallet_service.protocol.signing.envelope import PasskeySite
from wallet_service.recoveries.desk import Recoveries, RecoveryMeans, make_recoveries
from wallet_service.redemptions.projections import RedemptionFollower
from wallet_service.redemptions.service import RedemptionService, RedemptionTerms
from wallet_service.reports.service import Reports, make_reports
from wallet_service.reserve.service import ReserveService
from wallet_service.reversals.service import ReversalMeans
from wallet_service.reversals.settling import ReversalDesk, make_reversals
from wallet_service.rights.erasure import ErasureService, Holders
from wallet_service.rights.service import DataRights
from wallet_service.rounds import Expiring, clean_up, expiry_worker, follow_standing_orders
from wallet_service.sales.refunds import Refunds
from wallet_service.sales.service import Sales
from wallet_service.sales.till_views import TillViews
from wallet_service.security.device_sign_in import DeviceSignIn
from wallet_service.security.officers import OfficerService
from wallet_service.security.passkeys import PasskeyService
from wallet_service.security.sealing import Sealer, read_master_key
from wallet_service.security.sessions import SessionService
from wallet_service.tills.service import TillService
from wallet_service.topups.service import TopupService
from wallet_service.topups.standing_orders import StandingOrders
from wallet_service.treasury.inbox import BankRound, Inbox
from wallet_service.treasury.payouts.acts import PayoutActs
from wallet_service.treasury.payouts.answers import PayoutAnswers
from wallet_service.treasury.payouts.payee_checks import PayeeChecks
from wallet_service.treasury.payouts.proposals import PayoutProposals
from wallet_service.treasury.payouts.service import PayoutService
from wallet_service.treasury.proposals import Proposals
from wallet_service.treasury.service import BankService
from wallet_service.treasury.statements import StatementFinder
from wallet_service.treasury.transport.ebics import journaled
from wallet_service.treasury.transport.filed import FiledFiles
from wallet_service.treasury.unmatched import UnmatchedEntries
from wallet_service.watches import (
    BANK_LEASE,
    SETTLER_LEASE,
    Watches,
    make_readiness,
    make_watches,
)
from wallet_service.wiring import People

#: The worker that has a process of its own beside a service (decision 0021).
BANK_WORKER = "bank"
HOUSEKEEPING_INTERVAL_S = 60.0
STANDING_ORDERS_INTERVAL_S = 600.0
CAUSES_INTERVAL_S = 10.0
#: Push services and mail servers of others may be slow; readiness does not wait for them.
NOTICES_ROUND_S = 300.0
#: Payments come first after a start; the first paper or picture before then waits for the imports itself.
SANDBOX_WARM_UP_S = 10.0


@dataclass(frozen=True)
class Services:
    """One attribute per subject service: what routers, scripts and tests may use."""

    settings: Settings
    clock: Clock
    engine: Engine
    push: Push
    notices: Notices
    people: People
    journal: Journal
    sealer: Sealer
    chain: ChainReader
    chain_parts: Chain
    sessions: SessionService
    officers: OfficerService
    passkeys: PasskeyService
    device_sign_in: DeviceSignIn
    identity: IdentityService
    proofs: IdentityProofs
    members: MemberService
    listings: Listings
    open_data: OpenData
    devices: DeviceService
    moves: Moves
    access: AccessService
    directory: Directory
    tills: TillService
    accounts: Accounts
    sales: Sales
    payments: Payments
    refunds: Refunds
    history: History
    statements: Statements
    papers: printing.PaperMaker
    till_views: TillViews
    topups: TopupService
    standing_orders: StandingOrders
    redemptions: RedemptionService
    reserve: ReserveService
    bank: BankService
    unmatched: UnmatchedEntries
    proposals: Proposals
    statement_finder: StatementFinder
    inbox: Inbox
    payouts: PayoutService
    reversals: ReversalDesk
    disputes: Disputes
    recoveries: Recoveries
    assisted: AssistedDesk
    payout_acts: PayoutActs
    payout_proposals: PayoutProposals
    oversight: Oversight
    erasure: ErasureService
    rights: DataRights
    reports: Reports
    audit: Audit
    acceptance: Acceptance
    acceptor: GroupCommit
    settler: Settler
    node: EmbeddedSupervisor | None
    workers: WorkerSet
    sandboxes: Sequence[Sandbox]
    watches: Watches
    readiness: ReadinessCache

    def start(self, worker_names: Iterable[str] | None = None, *, is_serving: bool = False) -> None:
        """Starts the node when it is ours, the acceptor, the push hub and the workers (all, or those named).

        Of all, the bank's has a process of its own where requests are served from this one. The sandboxes
        warm up once the rest is under way. Raises NodeStartFailed, ChainLost.
        """
        for sandbox in self.sandboxes:
            sandbox.start(SANDBOX_WARM_UP_S)
        if self.node is not None:
            self.node.start()
        self.acceptor.start()
        self.push.start()
        self.watches.start()
        self.workers.start(worker_names, is_apart=is_serving and self.settings.bank_process)
        self.readiness.start()

    def stop(self) -> None:
        """Answers what is queued, lets rounds finish, closes streams and connections."""
        for sandbox in self.sandboxes:
            sandbox.stop()
        self.acceptor.stop()
        self.readiness.stop()
        self.workers.stop()
        self.watches.workers.stop()
        self.push.stop()
        self.engine.dispose()


def build_services(
    settings: Settings,
    clock: Clock | None = None,
    engine: Engine | None = None,
    node: EmbeddedNode | None = None,
) -> Services:
    """`node` is an embedded one that somebody else keeps.

    Raises MasterKeyUnusable, KeyFileUnusable, DeploymentUnusable, ProfileInvalid: each says what to do.
    """
    failpoints.arm(settings.environment)
    clock = clock or SystemClock()
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    engine = engine or make_engine(settings.resolved_database_url(), settings.database_bounds())
    master_key = read_master_key(settings.master_key_file)
    rooms = rooms_for(settings.member_streams, settings.till_streams)
    sealer, push, journal = Sealer(master_key, clock), Push(engine, clock, rooms), Journal(clock)
    notices, notice_round = wiring.make_notices(settings, engine, clock, sealer, master_key)
    own_node = make_node(settings)
    chain = build_chain(settings, engine, clock, master_key, push.quarantine, node or own_node)
    watches = make_watches(engine, clock, chain.access)
    rules, is_right = watches.rules, watches.clocks.is_right
    returns = settings.returns_account.lower()
    bells, sessions, lifetime_s = Bells(), SessionService(engine, clock, push), settings.payment_lifetime_s
    bells.hear(engine, push)
    ring, find_all = bells.settler.ring_only, sessions.find_all
    acceptance = Acceptance(engine, clock, push, rules, lifetime_s, is_right, returns, ring, find_all)
    acceptor = GroupCommit(acceptance.accept_batch)
    projection = PaymentProjection(clock, push, rules)
    settler = Settler(
        engine,
        clock,
        chain.sender,
        projection,
        Lease(engine, SETTLER_LEASE),
        settings.max_batch_payments,
        push.quarantine,
        is_right,
        bells.sender,
    )
    sandboxes = (Sandbox("documents", documents.BOUNDS), Sandbox("papers", printing.BOUNDS))
    clean = documents.DocumentCleaner(sandboxes[0])
    members = MemberService(engine, clock, push, sealer, journal, chain.commands)
    proofs = wiring.make_proofs(settings, engine, clock, push, sealer, journal, members)
    additions = Additions(clock, chain.reader.domain, site := PasskeySite(settings.wallet_origin))
    devices = DeviceService(engine, clock, push, journal, chain.commands, sessions, additions)
    officers = OfficerService(engine, clock, journal, sessions)
    passkeys = PasskeyService(engine, clock, sessions, wiring.relying_parties(settings), journal)
    access = AccessService(engine, clock, push, journal, chain.commands, sessions, passkeys)
    directory = Directory(engine, sealer)
    topups = wiring.make_topups(
        settings, engine, clock, chain.commands, rules, push, journal, chain.causes.is_clear
    )
    standing_orders = StandingOrders(engine, clock, push)
    follower = RedemptionFollower(clock, chain.commands, push, topups)
    keys = KeyholderMeans(sealer, directory, chain.commands, sessions, additions, devices)
    people = wiring.make_people(settings, engine, clock, push, sealer, notices, rules, journal, keys)
    key_follower = KeyholderFollower(clock, push, people.keyholders)
    terms = RedemptionTerms(
        settings.redemption_fee_basis_points, settings.redemption_delay_days, settings.redemption_lifetime_s
    )
    redemptions = RedemptionService(
        engine, clock, chain.commands, chain.reader.domain, rules, push, sealer, terms, site, is_right
    )
    doors = Doors(officers, sessions, passkeys, codes_confirm=settings.environment != "production")
    tills = TillService(engine, clock, push, journal)
    holders = Holders(sealer, sessions, passkeys, tills, is_right)
    erasure = ErasureService(engine, clock, push, journal, holders)
    oversight = make_oversight(engine, clock, chain.commands, push, journal, doors)
    lost = RecoveryMeans(oversight, sessions, passkeys, chain.reader.domain, site, sealer, clean)
    recoveries = make_recoveries(engine, clock, chain.commands, push, journal, lost)
    means = ReversalMeans(topups, oversight.freezes, oversight.approvals, sealer, returns)
    reversals = make_reversals(engine, clock, chain.commands, push, journal, means)
    dispute_means = DisputeMeans(oversight.approvals, sealer, directory, clean)
    disputes = make_disputes(engine, clock, chain.commands, push, journal, dispute_means)
    reserve = ReserveService(engine, clock, chain.commands)
    checks = PayeeChecks(redemptions.payees, sealer)
    answers = PayoutAnswers(clock, push, journal, checks, follower)
    two = oversight.approvals
    bank = BankService(
        engine, clock, push, journal, sealer, topups, follower, reserve, two, reversals.cases, answers
    )
    inbox = Inbox(settings.bank_inbox, settings.reserve_iban, bank)
    payouts = PayoutService(
        engine, clock, push, journal, sealer, redemptions.payees, follower, two, wiring.payout_terms(settings)
    )
    identity = IdentityService(engine, clock, push, sealer, journal, members, clean)
    reports = make_reports(engine, clock, push, journal)
    audit = make_audit(engine, clock, journal, chain.causes, (chain.access, chain.sender, chain.keys))
    first = (members, devices, projection, key_follower, topups, follower, reversals)
    for subject in (*first, reserve, oversight, recoveries, disputes, reports):
        subject.register(chain.registry)
    sales = Sales(engine, clock, push, rules, settings.sale_lifetime_s, is_right)
    filed, open_data = FiledFiles(settings, sealer, clock), OpenData(engine, clock, is_right)
    bank_round = BankRound(bank, inbox, payouts, topups, Lease(engine, BANK_LEASE))
    supervisor = EmbeddedSupervisor(engine, own_node, chain.access, chain.sender, clock) if own_node else None
    due = Expiring(sales, oversight, recoveries, access, disputes, people.keyholders)
    tidied = (push, sessions, erasure, filed, notice_round, recoveries, disputes, people.asks, proofs)
    workers = WorkerSet(
        (
            *keeper(supervisor),
            *payment_workers(settings, settler.run_once, chain, bells),
            Worker("causes", chain.causes.run_once, CAUSES_INTERVAL_S),
            Worker("audit", audit.auditor.run_once, AUDIT_INTERVAL_S),
            Worker(BANK_WORKER, bank_round.run_once, settings.bank_poll_interval_s),
            wiring.transport_worker(settings, journaled(engine, journal)),
            wiring.open_data_worker(open_data),
            expiry_worker(due, watches.clocks),
            Worker(
                "standing_orders",
                partial(follow_standing_orders, standing_orders, watches.clocks),
                STANDING_ORDERS_INTERVAL_S,
            ),
            Worker("notices", notice_round.run_once, settings.notices_interval_s, round_s=NOTICES_ROUND_S),
            Worker("housekeeping", partial(clean_up, *tidied), HOUSEKEEPING_INTERVAL_S),
        ),
        Companion(BANK_WORKER, chain.causes.is_clear),
    )
    return Services(
        settings=settings,
        clock=clock,
        engine=engine,
        push=push,
        notices=notices,
        people=people,
        journal=journal,
        sealer=sealer,
        chain=chain.reader,
        chain_parts=chain,
        sessions=sessions,
        officers=officers,
        passkeys=passkeys,
        device_sign_in=DeviceSignIn(engine, clock, sessions, note_device_used),
        identity=identity,
        proofs=proofs,
        members=members,
        listings=wiring.make_listings(engine, clock, push, journal, sandboxes[0]),
        open_data=open_data,
        devices=devices,
        moves=Moves(engine, clock, push, devices),
        access=access,
        directory=directory,
        tills=tills,
        accounts=Accounts(engine, clock, rules),
        sales=sales,
        payments=Payments(engine, chain.reader.domain, acceptor, site),
        refunds=Refunds(engine, clock, push),
        history=History(engine, directory, people.asks.reader, people.keyholders),
        statements=Statements(engine, clock, directory, chain.reader.domain, people.asks.reader),
        papers=printing.PaperMaker(sandboxes[1]),
        till_views=TillViews(engine, directory, settings.wallet_origin, people.cashiers),
        topups=topups,
        standing_orders=standing_orders,
        redemptions=redemptions,
        reserve=reserve,
        bank=bank,
        unmatched=UnmatchedEntries(engine, push, journal, sealer, topups, oversight.approvals),
        proposals=Proposals(engine, clock, sealer, directory),
        statement_finder=StatementFinder(engine),
        inbox=inbox,
        payouts=payouts,
        payout_acts=PayoutActs(engine, push, journal, payouts, follower, topups, two),
        payout_proposals=PayoutProposals(engine, sealer),
        reversals=reversals,
        disputes=disputes,
        recoveries=recoveries,
        assisted=AssistedDesk(
            engine, clock, push, journal, sealer, chain.commands, recoveries.codes, identity
        ),
        oversight=oversight,
        erasure=erasure,
        rights=DataRights(engine, clock, sealer, journal, sandboxes[1]),
        reports=reports,
        audit=audit,
        acceptance=acceptance,
        acceptor=acceptor,
        settler=settler,
        node=supervisor,
        workers=workers,
        sandboxes=sandboxes,
        watches=watches,
        readiness=make_readiness(
            settings,
            engine,
            watches,
            {
                "transactions": chain.sender.is_moving,
                "causes": chain.causes.is_clear,
                "chain_agrees": chain.indexer.doubts.is_clear,
                "audit": audit.findings.money_is_right,
                "workers": workers.are_well,
            },
        ),
    )
