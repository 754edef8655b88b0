"""Accepting a signed redemption, and showing redemptions. Owns `payee_secrets` and the birth of
`redemptions`.

The units are reserved in our books when the request is accepted; what comes after is `following`'s. The
payee's account is sealed under the member's key; the chain sees only its keyed hash.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from wallet_service import crash_points
from wallet_service.chain.errors import ChainUnavailable
from wallet_service.chain.ports import ChainReader, CommandQueue
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.identity.sealing import Place, Sealer
from wallet_service.payments import repository as payments_repository
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.envelope import EnvelopeKind, parse_envelope, signer_address
from wallet_service.protocol.floors import NO_FLOORS, PasskeyFloors
from wallet_service.protocol.identifiers import new_id, normal_word
from wallet_service.protocol.typed_data import RedemptionMessage
from wallet_service.push import Push
from wallet_service.redemptions import decisions, errors, repository
from wallet_service.redemptions.decisions import Order, Quote, RedemptionState
from wallet_service.redemptions.following import tell
from wallet_service.redemptions.iban import normal_iban, shown_end
from wallet_service.redemptions.repository import Redemption

SECRET_BYTES = 32
MS_PER_DAY = 86_400_000
END_TO_END_PREFIX = "ALBA"


@dataclass(frozen=True)
class RedemptionTerms:
    """From the settings: the fee, the delay people are told, how long a signature may live."""

    fee_basis_points: int
    delay_days: int
    lifetime_s: int


@dataclass(frozen=True)
class MemberQuote:
    """What is shown before anything is signed. `payee_hash` goes into the message to sign."""

    quote: Quote
    payee_hash: str
    iban_end: str
    needs_passkey: bool


@dataclass(frozen=True)
class RedemptionView:
    """A redemption as its owner and the console see it; of the account only the ends."""

    ref: str
    member_id: str
    public_name: str | None
    amount_cents: int
    fee_cents: int
    net_cents: int
    state: RedemptionState
    iban_end: str
    payout_file_id: str | None
    refusal_code: str | None
    return_reason: str | None
    requested_at_unix_ms: int
    locked_at_unix_ms: int | None
    closed_at_unix_ms: int | None


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
        reader: ChainReader,
        push: Push,
        sealer: Sealer,
        terms: RedemptionTerms,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._commands = commands
        self._reader = reader
        self._push = push
        self._sealer = sealer
        self._terms = terms

    # the member's side

    def quote(self, member_id: str, amount_cents: int, iban: str) -> MemberQuote:
        """Fee, net amount and delay, before anything is signed.

        Raises NotProfessional, RedeemerUnknown, RedeemerFrozen, RedeemerIdentityExpired, IbanInvalid,
        IbanNotSepa, RedemptionAmountInvalid, RedemptionBalanceTooLow.
        """
        floors = self._floors()
        with UnitOfWork(self._engine) as work:
            address = self._checked_address(work.connection, member_id)
            compact = normal_iban(iban)
            quoted = decisions.quote(amount_cents, self._terms.fee_basis_points, self._terms.delay_days)
            available_cents = payments_repository.balance_of(work.connection, address).available_cents
            if amount_cents > available_cents:
                raise errors.RedemptionBalanceTooLow(available_cents=max(available_cents, 0))
            secret = self._secret(work.connection, member_id)
            needs_passkey = self._needs_passkey(work.connection, member_id, amount_cents, floors)
        return MemberQuote(quoted, decisions.payee_hash(secret, compact), shown_end(compact), needs_passkey)

    def request(self, member_id: str, order: Order, iban: str, signature: bytes) -> RedemptionView:
        """Accepts a signed redemption: reserves the units and asks the ledger to lock them.

        Repeating the same request gives the same answer. Raises what `quote` raises, and RedeemingStopped,
        RedemptionPasskeyRequired, RedemptionValidityInvalid, RedemptionSignerUnknown,
        RedemptionReferenceReused, RedemptionNonceUsed, protocol.errors.BadSignature,
        protocol.errors.WordInvalid.
        """
        order = Order(order.amount_cents, normal_word(order.ref), order.nonce, order.valid_before_unix_s)
        rules = _Rules(self._redeeming_stopped(), self._floors())
        try:
            return self._request_once(member_id, order, iban, signature, rules)
        except (
            IntegrityError
        ):  # the same request, or a first quote, committed at the same instant: read it now
            return self._request_once(member_id, order, iban, signature, rules)

    def _request_once(
        self, member_id: str, order: Order, iban: str, signature: bytes, rules: _Rules
    ) -> RedemptionView:
        with UnitOfWork(self._engine) as work:
            recorded = repository.by_ref(work.connection, order.ref)
            if recorded is None:
                self._accept(work, member_id, order, iban, signature, rules)
                recorded = repository.by_ref(work.connection, order.ref)
                assert recorded is not None
                crash_points.reach("redemption.before_commit")
                work.after_commit(lambda: crash_points.reach("redemption.committed"))
            elif not self._is_same(work.connection, recorded, member_id, order, iban):
                raise errors.RedemptionReferenceReused()
            return self._view(work.connection, recorded)

    def _accept(
        self,
        work: UnitOfWork,
        member_id: str,
        order: Order,
        iban: str,
        signature: bytes,
        rules: _Rules,
    ) -> None:
        connection = work.connection
        address = self._checked_address(connection, member_id)
        if rules.redeeming_stopped:
            raise errors.RedeemingStopped()
        compact = normal_iban(iban)
        quoted = decisions.quote(order.amount_cents, self._terms.fee_basis_points, self._terms.delay_days)
        decisions.check_validity(order, self._clock.now_unix_s(), self._terms.lifetime_s)
        payee_hash = decisions.payee_hash(self._secret(connection, member_id), compact)
        self._check_signature(connection, member_id, address, order, payee_hash, signature)
        by_passkey = parse_envelope(signature).kind is EnvelopeKind.PASSKEY
        if not by_passkey and self._needs_passkey(connection, member_id, order.amount_cents, rules.floors):
            raise errors.RedemptionPasskeyRequired()
        # The acceptor of payments reserves from the same balances and uses the same nonces.
        payments_repository.take_acceptor_lock(connection)
        if payments_repository.used_nonces(connection, [(address, order.nonce)]):
            raise errors.RedemptionNonceUsed()
        self._reserve(connection, address, order.amount_cents)
        repository.insert_redemption(
            connection,
            {
                "ref": order.ref,
                "member_id": member_id,
                "amount_cents": order.amount_cents,
                "fee_cents": quoted.fee_cents,
                "sealed_iban": self._sealer.seal_for_member(
                    connection, member_id, _iban_place(order.ref), compact.encode()
                ),
                "payee_hash": payee_hash,
                "nonce": str(order.nonce),
                "valid_before_unix_s": order.valid_before_unix_s,
                "signature": signature,
                "end_to_end_id": END_TO_END_PREFIX + new_id(),
                "requested_at_unix_ms": self._clock.now_unix_ms(),
            },
        )
        self._commands.queue_command(
            connection,
            "requestRedemption",
            [
                [address, order.amount_cents, payee_hash, order.ref, order.valid_before_unix_s, order.nonce],
                "0x" + signature.hex(),
            ],
            "RELAYER",
            f"redemption:{order.ref}",
        )
        tell(self._push, work, member_id, order.ref, RedemptionState.REQUESTED)

    def _checked_address(self, connection: Connection, member_id: str) -> str:
        found = repository.redeemer(connection, member_id)
        if found is None:
            raise errors.RedeemerUnknown()
        redeemer, address = found
        decisions.check_redeemer(redeemer, self._clock.now_unix_ms() // MS_PER_DAY)
        return address

    def _check_signature(
        self,
        connection: Connection,
        member_id: str,
        address: str,
        order: Order,
        payee_hash: str,
        signature: bytes,
    ) -> None:
        message = RedemptionMessage(
            address, order.amount_cents, payee_hash, order.ref, order.valid_before_unix_s, order.nonce
        )
        signer = signer_address(parse_envelope(signature), message.digest(self._reader.domain()))
        if payments_repository.device_states(connection, [signer]).get(signer) != (member_id, "active"):
            raise errors.RedemptionSignerUnknown()

    def _reserve(self, connection: Connection, address: str, amount_cents: int) -> None:
        try:
            payments_repository.reserve(connection, {address: amount_cents})
        except payments_repository.BalanceNotReserved:
            available_cents = payments_repository.balance_of(connection, address).available_cents
            raise errors.RedemptionBalanceTooLow(available_cents=max(available_cents, 0)) from None

    def _redeeming_stopped(self) -> bool:
        """The ledger checks again; when it does not answer, the request simply waits for it."""
        try:
            return self._reader.stops().redeeming
        except ChainUnavailable:
            return False

    def _floors(self) -> PasskeyFloors:
        """As with the stops: when the ledger does not answer it is the one that refuses."""
        try:
            return self._reader.passkey_floors()[decisions.PROFESSIONAL_TIER]
        except ChainUnavailable:
            return NO_FLOORS

    def _needs_passkey(
        self, connection: Connection, member_id: str, amount_cents: int, floors: PasskeyFloors
    ) -> bool:
        """A redemption is asked as a payment would be, and adds nothing to the day's sum."""
        if floors == NO_FLOORS:
            return False
        spent = payments_repository.spending(connection, [member_id], self._clock.now_unix_ms())
        return floors.ask_passkey(amount_cents, spent[member_id].today_cents)

    def _is_same(
        self, connection: Connection, recorded: Redemption, member_id: str, order: Order, iban: str
    ) -> bool:
        if recorded.member_id != member_id:
            return False
        said = (recorded.amount_cents, recorded.nonce, recorded.valid_before_unix_s, recorded.payee_hash)
        payee_hash = decisions.payee_hash(self._secret(connection, member_id), normal_iban(iban))
        return said == (order.amount_cents, order.nonce, order.valid_before_unix_s, payee_hash)

    def _secret(self, connection: Connection, member_id: str) -> bytes:
        """The member's own secret, made at first need."""
        place = Place("payee_secrets", "sealed_secret", member_id)
        sealed = repository.sealed_secret(connection, member_id)
        if sealed is not None:
            return self._sealer.unseal_for_member(connection, member_id, place, sealed)
        secret = secrets.token_bytes(SECRET_BYTES)
        sealed = self._sealer.seal_for_member(connection, member_id, place, secret)
        repository.insert_secret(connection, member_id, sealed, self._clock.now_unix_ms())
        return secret

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

    def _view(self, connection: Connection, redemption: Redemption) -> RedemptionView:
        return RedemptionView(
            ref=redemption.ref,
            member_id=redemption.member_id,
            public_name=redemption.public_name,
            amount_cents=redemption.amount_cents,
            fee_cents=redemption.fee_cents,
            net_cents=redemption.net_cents,
            state=redemption.state,
            iban_end=shown_end(self.iban_of(connection, redemption)),
            payout_file_id=redemption.payout_file_id,
            refusal_code=redemption.refusal_code,
            return_reason=redemption.return_reason,
            requested_at_unix_ms=redemption.requested_at_unix_ms,
            locked_at_unix_ms=redemption.locked_at_unix_ms,
            closed_at_unix_ms=redemption.closed_at_unix_ms,
        )

    def iban_of(self, connection: Connection, redemption: Redemption) -> str:
        """Opens the payee's account. Raises PersonErased."""
        place = _iban_place(redemption.ref)
        opened = self._sealer.unseal_for_member(
            connection, redemption.member_id, place, redemption.sealed_iban
        )
        return opened.decode()


def _iban_place(ref: str) -> Place:
    return Place("redemptions", "sealed_iban", ref)
