"""From a bank credit to units in a wallet: references, matching, mint commands, held credits.

Owns `topups`.

One credit causes at most one mint, whatever is read twice: the top-up row is unique per bank entry, and the
mint carries a reference derived from the bank's own, which the ledger accepts once. A credit that cannot be
minted now waits (held) with its reason, is tried again, and is never lost.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, OperationalError

from wallet_service.accounts.errors import RulesTooOld
from wallet_service.accounts.ports import RulesSource
from wallet_service.accounts.stops import stops_in_force
from wallet_service.chain.ports import (
    ChainEvent,
    CommandQueue,
    FailedCommand,
    ProjectionRegistry,
)
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.platform.quarantine import RowKind
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import TopupCredited, TopupHeld, TopupReturned, to_console, to_member
from wallet_service.protocol.text.identifiers import base32, new_id
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS
from wallet_service.protocol.text.qr import epc_payload
from wallet_service.protocol.text.references import derived_ref, topup_reference
from wallet_service.topups import announced, decisions, errors, repository
from wallet_service.topups.arrived import (
    AWAITING_STATEMENT,
    ISSUING_STOPPED,
    ArrivedCredits,
    command_ref,
    is_covered,
)
from wallet_service.topups.decisions import LoadLimits
from wallet_service.topups.expected import ExpectedTransfers
from wallet_service.topups.large_credits import SECOND_NEEDED, LargeCredits
from wallet_service.topups.repository import Topup

MINIMUM_TOPUP_CENTS = 1_00
MAX_RETRIES_PER_LOOK = 100
#: The ledger's way of saying that this very mint has been made: its event is here or on its way.
ALREADY_MINTED = "ReferenceUsed"
#: The ledger's error when the reserve does not cover a mint.
RESERVE_EXCEEDED = "ReserveExceeded"

log = structlog.get_logger(__name__)

Limits = Mapping[str, LoadLimits]


@dataclass(frozen=True)
class ReserveAccount:
    """Where members send euros."""

    iban: str
    bic: str
    holder: str


@dataclass(frozen=True)
class Given:
    """Euros an officer gave to a member. `part`: 0 for the whole credit, else 1, 2 ... of it."""

    officer: str
    part: int = 0


@dataclass(frozen=True)
class TopupInstructions:
    """What a member needs to load euros. `maximum_cents` is the room left today under the tier's limits."""

    reference: str
    iban: str
    bic: str
    holder: str
    epc_payload: str
    minimum_cents: int
    maximum_cents: int


class TopupService:
    """Takes credits inside the bank's unit of work; follows their mints; tries held ones again."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        commands: CommandQueue,
        rules: RulesSource,
        push: Push,
        journal: Journal,
        account: ReserveAccount,
        expected: ExpectedTransfers | None = None,
        may_issue: Callable[[], bool] = lambda: True,
        visitors_once_from: date | None = None,
    ) -> None:
        """While `may_issue` says no, every credit is held; from that day on visitors are loaded once."""
        self._engine = engine
        self._clock = clock
        self._commands = commands
        self._rules = rules
        self._push = push
        self._journal = journal
        self._account = account
        self._expected = expected
        self._may_issue = may_issue
        self._visitors_once_from_unix_ms = decisions.starts_unix_ms(visitors_once_from)
        self.arrived = ArrivedCredits(clock, commands, push, may_issue, self._credit_if_its_mint_is_known)
        self.large = LargeCredits(engine, clock, commands, push, journal, self._credit_if_minted, self._hold)

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("Minted", self.project_minted)
        registry.on_command_failed("mint", self.mint_failed)
        registry.on_rewind(self.rewind)
        self.large.register(registry)
        for name in ("ReserveAttested", "MemberEnrolled", "MemberChanged", "Unfrozen", "Resumed"):
            registry.on_event(name, self.look_again)

    # the member's side

    def reference_for(self, member_id: str) -> str:
        """The member's own transfer reference (ISO 11649), made at the first call and the same for ever.

        Raises TopupMemberUnknown.
        """
        with self._engine.connect().execution_options(read_only=True) as connection:
            known = repository.reference_of(connection, member_id)
        if known is not None:
            return known
        reference = topup_reference(base32(secrets.token_bytes(8), decisions.SERIAL_CHARACTERS))
        try:
            with UnitOfWork(self._engine) as work:
                if not repository.member_exists(work.connection, member_id):
                    raise errors.TopupMemberUnknown()
                repository.insert_reference(work.connection, member_id, reference, self._clock.now_unix_ms())
        except IntegrityError:  # asked twice at once: the other one's reference counts
            return self.reference_for(member_id)
        return reference

    def instructions(self, member_id: str, amount_cents: int | None = None) -> TopupInstructions:
        """Reference, account and the SEPA QR's text. Raises TopupMemberUnknown, TopupAmountOutOfRange."""
        reference = self.reference_for(member_id)
        maximum_cents = self._room_cents(member_id)
        if amount_cents is not None and not MINIMUM_TOPUP_CENTS <= amount_cents <= MAX_AMOUNT_CENTS:
            raise errors.TopupAmountOutOfRange(
                minimum_cents=MINIMUM_TOPUP_CENTS, maximum_cents=MAX_AMOUNT_CENTS
            )
        if amount_cents is not None:
            announced.say(self._engine, member_id, amount_cents, self._clock.now_unix_ms())
            if self._expected is not None:
                self._expected.note(reference, amount_cents)
        payload = epc_payload(
            holder=self._account.holder,
            iban=self._account.iban,
            bic=self._account.bic,
            reference=reference,
            amount_cents=amount_cents,
        )
        return TopupInstructions(
            reference=reference,
            iban=self._account.iban,
            bic=self._account.bic,
            holder=self._account.holder,
            epc_payload=payload,
            minimum_cents=MINIMUM_TOPUP_CENTS,
            maximum_cents=maximum_cents,
        )

    def _room_cents(self, member_id: str) -> int:
        limits = self.load_limits()
        with self._engine.connect().execution_options(read_only=True) as connection:
            receiver = repository.receiver(connection, member_id, self._clock.now_unix_ms())
        if receiver is None or receiver.tier not in limits:
            return 0
        limit, rooms = limits[receiver.tier], [MAX_AMOUNT_CENTS]
        if decisions.is_loaded_for_good(receiver, limit):
            return 0
        if limit.max_balance_cents != decisions.NO_LIMIT_CENTS:
            rooms.append(limit.max_balance_cents - receiver.balance_cents - receiver.minting_cents)
        if receiver.tier == "visitor" and limit.load_30_days_cents != decisions.NO_LIMIT_CENTS:
            rooms.append(limit.load_30_days_cents - receiver.loaded_30_days_cents)
        return max(min(rooms), 0)

    def list_of_member(self, member_id: str, limit: int = 50) -> Sequence[Topup]:
        """Newest first."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return repository.of_member(connection, member_id, limit)

    # the bank's side, inside its unit of work

    def load_limits(self) -> Limits:
        """By tier; empty while the ledger's rules are not known or too old."""
        from_unix_ms = self._visitors_once_from_unix_ms
        is_once = from_unix_ms is not None and self._clock.now_unix_ms() >= from_unix_ms
        try:
            known = self._rules.current().limits
        except RulesTooOld:
            return {}
        return {
            tier: LoadLimits(limits.max_balance_cents, limits.max_30_days_cents, is_once)
            for tier, limits in known.items()
        }

    def credit(
        self,
        work: UnitOfWork,
        entry: tuple[str, str],
        member_id: str,
        amount_cents: int,
        limits: Limits,
        redemption_ref: str | None = None,
        given: Given | None = None,
    ) -> str:
        """Records a credit (`entry`: its id and key) for a member and queues its mint, or holds it.

        `given` when an officer said whose it is. Returns its id.
        """
        entry_id, entry_key = entry
        topup_id = new_id()
        repository.insert_topup(
            work.connection,
            {
                "id": topup_id,
                "bank_entry_id": entry_id,
                "member_id": member_id,
                "amount_cents": amount_cents,
                "mint_ref": derived_ref("mint", entry_key),
                "redemption_ref": redemption_ref,
                "part": given.part if given else 0,
                "given_by": given.officer if given else None,
                "matched_at_unix_ms": self._clock.now_unix_ms(),
            },
        )
        topup = repository.topup_by_id(work.connection, topup_id)
        assert topup is not None
        self._queue_or_hold(work, topup, limits)
        return topup_id

    def _queue_or_hold(self, work: UnitOfWork, topup: Topup, limits: Limits) -> bool:
        """True when a mint was queued."""
        if self._credit_if_minted(work, topup):
            return False
        now_unix_ms = self._clock.now_unix_ms()
        receiver = repository.receiver(work.connection, topup.member_id, now_unix_ms)
        assert receiver is not None
        today = now_unix_ms // MS_PER_DAY
        reason = decisions.hold_reason(receiver, limits.get(receiver.tier), topup.amount_cents, today)
        if reason is not None:
            reason = reason if limits else "ledger_unavailable"
        elif stops_in_force(work.connection).issuing:
            reason = ISSUING_STOPPED
        elif not self._may_issue():
            reason = "ledger_unexplained"
        elif not is_covered(work, topup):
            reason = AWAITING_STATEMENT
        if reason is not None:
            self._hold(work, topup, reason, now_unix_ms + decisions.FIRST_RETRY_S * 1000)
            return False
        attempt = topup.attempts + 1
        if not repository.mark_minting(work.connection, topup.id, attempt):
            return False  # somebody else was faster
        self._commands.queue_command(
            work.connection,
            "mint",
            [topup.account_address, topup.amount_cents, topup.mint_ref],
            "ISSUER",
            command_ref(topup.mint_ref, attempt),
        )
        return True

    def _hold(self, work: UnitOfWork, topup: Topup, reason: str, retry_at_unix_ms: int) -> None:
        if not repository.mark_held(work.connection, topup.id, reason, retry_at_unix_ms):
            return
        held = TopupHeld(topup.id, topup.amount_cents, reason)
        self._push.publish(work, to_member(topup.member_id, held), to_console(held))

    # the chain's side

    def project_minted(self, work: UnitOfWork, event: ChainEvent) -> None:
        self._credit(work, event.arguments["ref"], event.block_timestamp_unix_s, event.block_number)

    def _credit_if_minted(self, work: UnitOfWork, topup: Topup) -> bool:
        """After a restore the chain may have minted for euros whose bank entry is read again only now."""
        minted = repository.minted_at(work.connection, topup)
        if minted is not None:
            self._credit(work, topup.mint_ref, *minted)
        return minted is not None

    def _credit_if_its_mint_is_known(self, work: UnitOfWork, mint_ref: str) -> None:
        topup = repository.topup_by_mint_ref(work.connection, mint_ref)
        assert topup is not None
        self._credit_if_minted(work, topup)

    def _credit(self, work: UnitOfWork, mint_ref: str, at_unix_s: int, block_number: int) -> None:
        if not repository.mark_credited(work.connection, mint_ref, at_unix_s * 1000, block_number):
            return
        topup = repository.topup_by_mint_ref(work.connection, mint_ref)
        assert topup is not None
        credited = TopupCredited(topup.id, topup.amount_cents)
        self._push.publish(work, to_member(topup.member_id, credited), to_console(credited))

    def mint_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """The ledger refuses this mint for now (limits, quota, reserve, stop): the euros wait."""
        mint_ref = str(command.arguments[2])
        topup = repository.topup_by_mint_ref(work.connection, mint_ref)
        if topup is None or topup.state != "minting" or command.ref != command_ref(mint_ref, topup.attempts):
            return
        if command.error_name == ALREADY_MINTED:  # its event is in the copy, or on its way
            self._credit_if_minted(work, topup)
            return
        if command.error_name == SECOND_NEEDED:
            self.large.propose(work, topup)
            return
        wait_ms = decisions.retry_delay_s(topup.attempts) * 1000
        reason = f"ledger.{command.error_name}"[:60]
        is_shown = repository.is_shown_by_a_statement(work.connection, topup)
        if command.error_name == RESERVE_EXCEEDED and not is_shown:
            reason = AWAITING_STATEMENT
        self._hold(work, topup, reason, self._clock.now_unix_ms() + wait_ms)

    def look_again(self, work: UnitOfWork, event: ChainEvent) -> None:
        """The reserve, a member or a stop changed: what was held may pass now."""
        repository.make_all_due(work.connection, self._clock.now_unix_ms())

    def rewind(self, work: UnitOfWork, last_block_kept: int) -> None:
        repository.rewind(work.connection, last_block_kept)

    # the worker's and the console's side

    def retry_due(self) -> int:
        """Looks again at held top-ups whose time has come; returns how many mints were queued."""
        limits = self.load_limits()
        if not limits:
            return 0
        with UnitOfWork(self._engine) as work:
            queued = self.large.propose_again(work)
            for topup in repository.due(work.connection, self._clock.now_unix_ms(), MAX_RETRIES_PER_LOOK):
                queued += self._retry(work, topup, limits)
        return queued

    def _retry(self, work: UnitOfWork, topup: Topup, limits: Limits) -> bool:
        """One that cannot be read is set aside, its writes undone, and the others go on."""
        try:
            with work.connection.begin_nested():
                return self._queue_or_hold(work, topup, limits)
        except OperationalError:
            raise
        except Exception as error:
            self._push.quarantine.put(work, RowKind.TOPUP, topup.id, error)
            return False

    def has_due(self) -> bool:
        with self._engine.connect().execution_options(read_only=True) as connection:
            now_unix_ms = self._clock.now_unix_ms()
            return bool(
                repository.due(connection, now_unix_ms, 1)
                or repository.proposals_due(connection, now_unix_ms)
            )

    def list_held(self, limit: int = 200) -> Sequence[Topup]:
        """Oldest first: matched euros that wait, each with its reason."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return repository.on_hold(connection, limit)

    def return_held(self, topup_id: str, officer: str, ground: str) -> None:
        """Marks a held credit for return to its sender: it will never be minted.

        The transfer itself is made at the bank and comes back as a debit. Raises TopupUnknown, TopupNotHeld.
        """
        with UnitOfWork(self._engine) as work:
            topup = repository.topup_by_id(work.connection, topup_id)
            if topup is None:
                raise errors.TopupUnknown()
            if not repository.mark_returned(work.connection, topup_id):
                raise errors.TopupNotHeld()
            self._journal.append(
                work.connection,
                Actor("officer", officer),
                "topup.returned",
                Subject("topup", topup_id),
                ground=ground,
                details={"amount_cents": topup.amount_cents, "member_id": topup.member_id},
            )
            self._push.publish(work, to_console(TopupReturned(topup_id)))
