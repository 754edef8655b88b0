"""Somebody else's account, as who holds a limited key to it sees it: signing in, limits, own payments.

Says of the holder's account what a payment needs, and of the balance no more than whether a payment passes.
"""

from __future__ import annotations

from sqlalchemy import Engine

from wallet_service.accounts import repository as accounts
from wallet_service.accounts import wholeness
from wallet_service.accounts.errors import RulesTooOld
from wallet_service.accounts.ports import RulesSource
from wallet_service.accounts.service import spendable
from wallet_service.accounts.stops import stops_in_force
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.keyholders import decisions, errors, repository
from wallet_service.keyholders.models import HeldAccount, KeyholderState
from wallet_service.keyholders.service import KEYHOLDER, Keyholders
from wallet_service.members.ports import MemberNames
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.addresses import address_of_point
from wallet_service.protocol.signing.floors import NO_FLOORS
from wallet_service.security import challenges
from wallet_service.security.device_sign_in import MESSAGE_PREFIX, SignedIn
from wallet_service.security.errors import DeviceUnknown
from wallet_service.security.public_keys import point_of_text, signature_of_text
from wallet_service.security.sessions import OpenedWith, SessionService


class HeldAccounts:
    """`sessions` are a keyholder's own sort: no route of a member's takes one."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        rules: RulesSource,
        names: MemberNames,
        sessions: SessionService,
        keyholders: Keyholders,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._rules = rules
        self._names = names
        self._sessions = sessions
        self._keyholders = keyholders

    def sign_in(self, challenge: str, public_key: str, signature: str, browser: str = "") -> SignedIn:
        """With the challenge any device's key is given. Raises ChallengeUnknown, DeviceUnknown, KeyEnded."""
        point = point_of_text(public_key)
        with UnitOfWork(self._engine) as work:
            given_to = challenges.take(work.connection, self._clock, challenge, "device_sign_in", "member")
        try:
            p256.verify_message(point, signature_of_text(signature), f"{MESSAGE_PREFIX}{challenge}".encode())
        except BadSignature as error:
            raise DeviceUnknown from error
        address = address_of_point(point)
        with UnitOfWork(self._engine) as work:
            known = repository.by_signer(work.connection, address)
            if known is None or given_to != address or not known.is_limited:
                raise DeviceUnknown
            if known.state is KeyholderState.ENDED:
                raise errors.KeyEnded  # its own key asks: it is told so
            if known.state is not KeyholderState.ACTIVE:
                raise DeviceUnknown  # the ledger does not know it yet
            opened_with = OpenedWith(address, browser)
            session = self._sessions.open(work.connection, KEYHOLDER, known.id, "device", opened_with)
        return SignedIn(known.id, session)

    def key_of(self, keyholder_id: str) -> tuple[str, str]:
        """(the holder's member id, the key's address), for its payments. Raises KeyEnded."""
        with reading(self._engine) as connection:
            known = repository.by_id(connection, keyholder_id)
        if known is None or known.signer_address is None:
            raise errors.KeyEnded
        return known.member_id, known.signer_address

    def view(self, keyholder_id: str) -> HeldAccount:
        """Raises KeyEnded; CopyCatchingUp instead of a wrong amount."""
        now_unix_ms = self._clock.now_unix_ms()
        with reading(self._engine) as connection:
            known = repository.by_id(connection, keyholder_id)
            if known is None or known.state is not KeyholderState.ACTIVE:
                raise errors.KeyEnded
            party = accounts.party_by_id(connection, known.member_id)
            if party is None:
                raise errors.KeyEnded
            wholeness.require_whole(connection)
            account = party.account_address
            held = (party.owed_cents, party.disputed_cents)
            free_cents = spendable(accounts.balance_of(connection, account), *held).free_cents
            spent_cents = repository.spent_today(connection, [known.id], now_unix_ms).get(known.id, 0)
            names = self._names.short_names(connection, [known.member_id])
            paid = self._keyholders.payments_of(connection, known.id, decisions.SHOWN_PAYMENTS)
            next_nonce = accounts.next_nonces(connection, [account])[account]
            is_stopped = stops_in_force(connection).payments
        floor_cents = self._floor_cents(party.tier)
        has_ended = decisions.has_ended(known.limits, now_unix_ms // 1000)
        bounds_cents = min(free_cents, floor_cents) if floor_cents else free_cents
        return HeldAccount(
            known.id,
            account,
            names.get(known.member_id),
            known.kind,
            known.limits,
            spent_cents,
            0 if has_ended else decisions.can_spend_cents(known.limits, spent_cents, bounds_cents),
            next_nonce,
            is_stopped,
            party.frozen_outgoing,
            tuple(paid),
        )

    def _floor_cents(self, tier: str) -> int:
        """The largest payment that needs no passkey, which a limited key never is; 0: none."""
        try:
            return self._rules.current().floors.get(tier, NO_FLOORS).per_payment_cents
        except RulesTooOld:
            return 0
