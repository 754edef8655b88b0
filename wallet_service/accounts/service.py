"""What a member sees of the account: balance, limits, spending, the next payment number. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from wallet_service.accounts import errors, repository, wholeness
from wallet_service.accounts.models import KeptCaps, Party, PostedBalance, Rules, Spending, TierLimits
from wallet_service.accounts.ports import RulesSource
from wallet_service.accounts.stops import stops_in_force
from wallet_service.database.unit_of_work import reading
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.signing.floors import NO_FLOORS, PasskeyFloors


@dataclass(frozen=True, slots=True)
class SpendableBalance:
    """What is on the account, and what of it can be spent.

    `held_back_cents` may only be given back, or be decided about: `disputed_cents` of it, for payments that
    are contested.
    """

    posted_cents: int
    reserved_cents: int
    held_back_cents: int
    available_cents: int
    disputed_cents: int = 0

    @property
    def free_cents(self) -> int:
        """What can leave it now: never below 0."""
        return max(self.available_cents, 0)


def spendable(balance: PostedBalance, owed_cents: int, disputed_cents: int = 0) -> SpendableBalance:
    """As `payments.decisions` and redemptions count.

    What a member owes, and what is contested, stays as far as it is there.
    """
    held_back_cents = max(min(owed_cents + disputed_cents, balance.available_cents), 0)
    left_cents = balance.available_cents - held_back_cents
    return SpendableBalance(
        balance.posted_cents,
        balance.reserved_cents,
        held_back_cents,
        left_cents,
        min(disputed_cents, held_back_cents),
    )


@dataclass(frozen=True, slots=True)
class AccountView:
    """`limits` is None, and floors are 0, while the rules are not known or for a tier without any."""

    party: Party
    balance: SpendableBalance
    spending: Spending
    limits: TierLimits | None
    passkey_floors: PasskeyFloors
    next_nonce: int
    caps: KeptCaps | None = None
    payments_stopped: bool = False  # for everybody, from the commit of the stop on


class Accounts:
    def __init__(self, engine: Engine, clock: Clock, rules: RulesSource) -> None:
        self._engine = engine
        self._clock = clock
        self._rules = rules

    def view(self, member_id: str) -> AccountView:
        """Raises PayerUnknown for a member that does not exist; CopyCatchingUp instead of a wrong balance."""
        now_unix_ms = self._clock.now_unix_ms()
        with reading(self._engine) as connection:
            party = repository.party_by_id(connection, member_id)
            if party is None:
                raise errors.PayerUnknown()
            wholeness.require_whole(connection)
            account = party.account_address
            held = (party.owed_cents, party.disputed_cents)
            balance = spendable(repository.balance_of(connection, account), *held)
            spending = repository.spending(connection, [member_id], now_unix_ms)[member_id]
            next_nonce = repository.next_nonces(connection, [account])[account]
            is_stopped = stops_in_force(connection).payments
        rules = self._known_rules()
        limits, floors = rules.limits.get(party.tier), rules.floors.get(party.tier, NO_FLOORS)
        return AccountView(party, balance, spending, limits, floors, next_nonce, party.caps, is_stopped)

    def payments_stopped(self) -> bool:
        """For everybody, as this process remembers; False while the rules are not known or too old."""
        return self._known_rules().payments_stopped

    def limits(self) -> dict[str, TierLimits]:
        """By tier; empty while the rules are not known or too old."""
        return dict(self._known_rules().limits)

    def _known_rules(self) -> Rules:
        try:
            return self._rules.current()
        except errors.RulesTooOld:
            return Rules(limits={}, payments_stopped=False)
