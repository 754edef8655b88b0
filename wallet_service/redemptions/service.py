"""Accepting a signed redemption, and showing redemptions.

Owns the birth of `redemptions`. The units are reserved in our books when the request is accepted; what comes
after is `projections`'.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from wallet_service.accounts import repository as accounts
from wallet_service.accounts import wholeness
from wallet_service.accounts.errors import RulesTooOld
from wallet_service.accounts.keys import check_key
from wallet_service.accounts.ports import RulesSource
from wallet_service.accounts.service import spendable
from wallet_service.accounts.stops import stops_in_force
from wallet_service.chain.ports import CommandQueue
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform import failpoints
from wallet_service.platform.errors import ClockWrong
from wallet_service.platform.push import Push
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.signing.envelope import EnvelopeKind, PasskeySite, parse_envelope, signer_address
from wallet_service.protocol.signing.floors import NO_FLOORS, PasskeyFloors
from wallet_service.protocol.signing.typed_data import Domain, RedemptionMessage
from wallet_service.protocol.text.identifiers import is_own_ref, new_id, normal_word
from wallet_service.redemptions import decisions, errors, repository, unclaimed
from wallet_service.redemptions.decisions import Redeemer, RedemptionOrder, RedemptionState
from wallet_service.redemptions.iban import Payee, checked_payee, masked_iban
from wallet_service.redemptions.matching import NAME_PREFIX
from wallet_service.redemptions.models import MemberQuote, RedemptionView
from wallet_service.redemptions.payees import Payees
from wallet_service.redemptions.projections import ask_to_lock, publish_state
from wallet_service.redemptions.repository import Redemption
from wallet_service.redemptions.unclaimed import UnclaimedRedemption
from wallet_service.security.sealing import PersonErased, SealBroken, Sealer

#: In place of an account that does not open: its person was erased.
NOT_OPENED = "–"


@dataclass(frozen=True)
class RedemptionTerms:
    """From the settings: the fee, the delay people are told, how long a signature may live."""

    fee_basis_points: int
    delay_days: int
    lifetime_s: int


@dataclass(frozen=True)
class _Rules:
    """What the ledger said of redemptions before the transaction began."""

    redeeming_stopped: bool
    floors: PasskeyFloors


class RedemptionService:
    """Quotes, requests and views."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        commands: CommandQueue,
        domain: Callable[[], Domain],
        rules: RulesSource,
        push: Push,
        sealer: Sealer,
        terms: RedemptionTerms,
        site: PasskeySite,
        clock_is_right: Callable[[], bool] = lambda: True,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._commands = commands
        self._domain = domain
        self._rules = rules
        self._push = push
        self.payees = Payees(clock, sealer)
        self._terms = terms
        self._site = site
        self._clock_is_right = clock_is_right

    # the member's side

    def quote(self, member_id: str, amount_cents: int, typed: Payee) -> MemberQuote:
        """Fee, net amount and delay, before anything is signed.

        Raises NotProfessional, RedeemerUnknown, RedeemerFrozen, RedeemerIdentityExpired, IbanInvalid,
        IbanNotSepa, IbanOutsideEea, HolderInvalid, RedemptionAmountInvalid, RedemptionBalanceTooLow,
        CopyCatchingUp.
        """
        floors = self._floors()
        with UnitOfWork(self._engine) as work:
            redeemer, address = self._checked(work.connection, member_id)
            payee = checked_payee(typed)
            quoted = decisions.quote(amount_cents, self._terms.fee_basis_points, self._terms.delay_days)
            wholeness.require_whole(work.connection)
            free_cents = _free_cents(work.connection, redeemer, address)
            if amount_cents > free_cents:
                raise errors.RedemptionBalanceTooLow(available_cents=free_cents)
            payee_hash = self.payees.hash_of(work.connection, member_id, payee.iban)
            needs_passkey = self._needs_passkey(work.connection, member_id, amount_cents, floors)
        return MemberQuote(quoted, payee_hash, masked_iban(payee.iban), needs_passkey)

    def request(
        self, member_id: str, order: RedemptionOrder, typed: Payee, signature: bytes
    ) -> RedemptionView:
        """Accepts a signed redemption: reserves the units and asks the ledger to lock them.

        Repeating the same request gives the same answer. Raises what `quote` raises, and RedeemingStopped,
        RedemptionPasskeyRequired, RedemptionValidityInvalid, RedemptionSignerUnknown,
        RedemptionReferenceReused, RedemptionReferenceNotOwn, RedemptionNonceUsed, KeySuspended,
        protocol.errors.BadSignature, protocol.errors.WordInvalid.
        """
        order = RedemptionOrder(
            order.amount_cents, normal_word(order.ref), order.nonce, order.valid_before_unix_s
        )
        rules = _Rules(self._redeeming_stopped(), self._floors())
        try:
            return self._request_once(member_id, order, typed, signature, rules)
        except (
            IntegrityError
        ):  # the same request, or a first quote, committed at the same instant: read it now
            return self._request_once(member_id, order, typed, signature, rules)

    def _request_once(
        self, member_id: str, order: RedemptionOrder, typed: Payee, signature: bytes, rules: _Rules
    ) -> RedemptionView:
        with UnitOfWork(self._engine) as work:
            recorded = repository.by_ref(work.connection, order.ref)
            if recorded is None:
                said = unclaimed.by_ref(work.connection, order.ref)
                if said is None:
                    self._accept(work, member_id, order, typed, signature, rules)
                else:
                    self._claim(work, said, member_id, order, typed, signature)
                recorded = repository.by_ref(work.connection, order.ref)
                assert recorded is not None
                failpoints.reach("redemption.before_commit")
                work.after_commit(lambda: failpoints.reach("redemption.committed"))
            elif not self._is_same(work.connection, recorded, member_id, order, typed):
                raise errors.RedemptionReferenceReused()
            return self._view(work.connection, recorded)

    def _accept(
        self,
        work: UnitOfWork,
        member_id: str,
        order: RedemptionOrder,
        typed: Payee,
        signature: bytes,
        rules: _Rules,
    ) -> None:
        connection = work.connection
        redeemer, address = self._checked(connection, member_id)
        if rules.redeeming_stopped or stops_in_force(connection).redeeming:
            raise errors.RedeemingStopped()
        if not self._clock_is_right():
            raise ClockWrong()
        if not is_own_ref(order.ref, address):
            raise errors.RedemptionReferenceNotOwn()
        payee = checked_payee(typed)
        decisions.quote(order.amount_cents, self._terms.fee_basis_points, self._terms.delay_days)
        decisions.check_validity(order, self._clock.now_unix_s(), self._terms.lifetime_s)
        payee_hash = self.payees.hash_of(connection, member_id, payee.iban)
        self._check_signature(connection, member_id, address, order, payee_hash, signature)
        by_passkey = parse_envelope(signature).kind is EnvelopeKind.PASSKEY
        if not by_passkey and self._needs_passkey(connection, member_id, order.amount_cents, rules.floors):
            raise errors.RedemptionPasskeyRequired()
        # The acceptor of payments reserves from the same balances and uses the same nonces.
        accounts.take_acceptor_lock(connection)
        wholeness.require_whole(connection)
        if accounts.used_nonces(connection, [(address, order.nonce)]):
            raise errors.RedemptionNonceUsed()
        self._reserve(connection, redeemer, address, order.amount_cents)
        self._insert(connection, member_id, order, payee, payee_hash, signature)
        recorded = repository.by_ref(connection, order.ref)
        assert recorded is not None
        ask_to_lock(self._commands, connection, recorded)
        publish_state(self._push, work, member_id, order.ref, RedemptionState.REQUESTED)

    def _claim(
        self,
        work: UnitOfWork,
        said: UnclaimedRedemption,
        member_id: str,
        order: RedemptionOrder,
        typed: Payee,
        signature: bytes,
    ) -> None:
        """Takes the order of a redemption the ledger holds already, as far as the ledger has come with it.

        Nothing is reserved and no command queued: the units left the account with the ledger's event. Nor is
        it decided again whether the member may redeem: validity, stops and floors were the ledger's to check.
        The signature is checked since it is kept, to lock the units again should their block go.
        """
        connection, payee = work.connection, checked_payee(typed)
        payee_hash = self.payees.hash_of(connection, member_id, payee.iban)
        if not said.stands_for(member_id, order.amount_cents, payee_hash):
            raise errors.RedemptionReferenceReused()
        self._check_signature(connection, member_id, said.account_address, order, payee_hash, signature)
        self._insert(connection, member_id, order, payee, payee_hash, signature)
        unclaimed.hand_over(work, said)
        publish_state(self._push, work, member_id, order.ref, said.ended_as or RedemptionState.LOCKED)

    def _insert(
        self,
        connection: Connection,
        member_id: str,
        order: RedemptionOrder,
        payee: Payee,
        payee_hash: str,
        signature: bytes,
    ) -> None:
        quoted = decisions.quote(order.amount_cents, self._terms.fee_basis_points, self._terms.delay_days)
        repository.insert_redemption(
            connection,
            {
                "ref": order.ref,
                "member_id": member_id,
                "amount_cents": order.amount_cents,
                "fee_cents": quoted.fee_cents,
                **self.payees.sealed(connection, member_id, order.ref, payee),
                "payee_hash": payee_hash,
                "nonce": str(order.nonce),
                "valid_before_unix_s": order.valid_before_unix_s,
                "signature": signature,
                "end_to_end_id": NAME_PREFIX + new_id(),
                "requested_at_unix_ms": self._clock.now_unix_ms(),
            },
        )

    def _checked(self, connection: Connection, member_id: str) -> tuple[Redeemer, str]:
        if (found := repository.redeemer(connection, member_id)) is None:
            raise errors.RedeemerUnknown()
        decisions.check_redeemer(found[0], self._clock.now_unix_ms() // MS_PER_DAY)
        return found

    def _check_signature(
        self,
        connection: Connection,
        member_id: str,
        address: str,
        order: RedemptionOrder,
        payee_hash: str,
        signature: bytes,
    ) -> None:
        message = RedemptionMessage(
            address, order.amount_cents, payee_hash, order.ref, order.valid_before_unix_s, order.nonce
        )
        envelope = parse_envelope(signature)
        self._site.check(envelope)
        signer = signer_address(envelope, message.digest(self._domain()))
        if accounts.device_states(connection, [signer]).get(signer) != (member_id, "active"):
            raise errors.RedemptionSignerUnknown()
        check_key(connection, member_id, signer, self._clock.now_unix_s())

    def _reserve(self, connection: Connection, redeemer: Redeemer, address: str, amount_cents: int) -> None:
        free_cents = _free_cents(connection, redeemer, address)
        if amount_cents > free_cents:
            raise errors.RedemptionBalanceTooLow(available_cents=free_cents)
        accounts.reserve(connection, {address: amount_cents})

    def _redeeming_stopped(self) -> bool:
        """The ledger checks again; when it does not answer, the request simply waits for it."""
        try:
            return self._rules.current().redeeming_stopped
        except RulesTooOld:
            return False

    def _floors(self) -> PasskeyFloors:
        """As with the stops: when the ledger does not answer it is the one that refuses."""
        try:
            return self._rules.current().floors.get(decisions.PROFESSIONAL_TIER, NO_FLOORS)
        except RulesTooOld:
            return NO_FLOORS

    def _needs_passkey(
        self, connection: Connection, member_id: str, amount_cents: int, floors: PasskeyFloors
    ) -> bool:
        """A redemption is asked as a payment would be, and counts towards the day's floor as one."""
        if floors == NO_FLOORS:
            return False
        spent = accounts.spending(connection, [member_id], self._clock.now_unix_ms())
        return floors.ask_passkey(amount_cents, spent[member_id].left_today_cents)

    def _is_same(
        self,
        connection: Connection,
        recorded: Redemption,
        member_id: str,
        order: RedemptionOrder,
        typed: Payee,
    ) -> bool:
        if recorded.member_id != member_id:
            return False
        recorded_terms = (
            recorded.amount_cents,
            recorded.nonce,
            recorded.valid_before_unix_s,
            recorded.payee_hash,
        )
        payee_hash = self.payees.hash_of(connection, member_id, checked_payee(typed).iban)
        return recorded_terms == (order.amount_cents, order.nonce, order.valid_before_unix_s, payee_hash)

    def find(self, member_id: str, ref: str) -> RedemptionView:
        """The member's own redemption with that reference, however old.

        Raises RedemptionUnknown, WordInvalid.
        """
        with self._engine.connect().execution_options(read_only=True) as connection:
            redemption = repository.by_ref(connection, normal_word(ref))
            if redemption is None or redemption.member_id != member_id:
                raise errors.RedemptionUnknown()
            return self._view(connection, redemption)

    def list_of_member(self, member_id: str, limit: int = 50) -> list[RedemptionView]:
        """Newest first."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            found = repository.of_member(connection, member_id, limit)
            return [self._view(connection, redemption) for redemption in found]

    # the console's side

    def list_redemptions(self, state: str | None = None, limit: int = 200) -> list[RedemptionView]:
        """Newest first; in one state, or all."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            found = repository.in_state(connection, state, limit)
            return [self._view(connection, redemption) for redemption in found]

    def list_in_trouble(self, limit: int = 200) -> list[RedemptionView]:
        """Those an officer must look at, since the ledger would not end them; oldest first."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return [self._view(connection, each) for each in repository.in_trouble(connection, limit)]

    def one(self, ref: str) -> RedemptionView:
        """Any member's. Raises RedemptionUnknown."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            redemption = repository.by_ref(connection, ref)
            if redemption is None:
                raise errors.RedemptionUnknown()
            return self._view(connection, redemption)

    def list_held_back(self, limit: int = 200) -> list[RedemptionView]:
        """Those no payout file takes until an officer decides, oldest first."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return [self._view(connection, each) for each in repository.held_back(connection, limit)]

    def list_unclaimed(self) -> Sequence[UnclaimedRedemption]:
        """Those the ledger holds and nobody asked for here, oldest first."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return unclaimed.still_locked(connection)

    def sums_by_step(self) -> dict[str, tuple[int, int]]:
        """Step -> how many redemptions are at it, and what the bank pays for them in cents."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return repository.sums_by_step(connection)

    def _view(self, connection: Connection, redemption: Redemption) -> RedemptionView:
        iban_end, holder = self._shown_payee(connection, redemption)
        return RedemptionView(
            ref=redemption.ref,
            member_id=redemption.member_id,
            public_name=redemption.public_name,
            amount_cents=redemption.amount_cents,
            fee_cents=redemption.fee_cents,
            net_cents=redemption.net_cents,
            state=redemption.state,
            iban_end=iban_end,
            holder=holder,
            payout_file_id=redemption.payout_file_id,
            held_reason=redemption.held_reason,
            refusal_code=redemption.refusal_code,
            return_reason=redemption.return_reason,
            requested_at_unix_ms=redemption.requested_at_unix_ms,
            locked_at_unix_ms=redemption.locked_at_unix_ms,
            closed_at_unix_ms=redemption.closed_at_unix_ms,
        )

    def _shown_payee(self, connection: Connection, redemption: Redemption) -> tuple[str, str]:
        """(end of the account, holder). One person who was erased must not hide the others of a list."""
        try:
            payee = self.payees.of(connection, redemption)
        except (PersonErased, SealBroken, ValueError):
            return NOT_OPENED, ""
        return masked_iban(payee.iban), payee.holder


def _free_cents(connection: Connection, redeemer: Redeemer, address: str) -> int:
    """What is available, but for what is held back of it."""
    return spendable(accounts.balance_of(connection, address), redeemer.held_back_cents).free_cents
