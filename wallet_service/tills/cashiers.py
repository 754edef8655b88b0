"""Who is at a till: names and PINs a merchant gives, chosen on the tablet. Owns `cashiers`.

Optional: a shop that names nobody sees nothing of it, and a sale needs no cashier. A PIN says who sells, it
opens no account and moves no money. Names are personal: sealed under the merchant's key, gone with a removal.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.members.decisions import PROFESSIONAL_KINDS, Kind, MemberState, clean_line
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import CashiersChanged, to_till
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.protocol.text.lines import plain
from wallet_service.security.sealing import PersonErased, SealedField, Sealer
from wallet_service.tills import cashiers_repository as repository
from wallet_service.tills import errors
from wallet_service.tills.pins import is_pin, pin_hash

MAX_CASHIERS = 30
MAX_CASHIER_NAME_CHARACTERS = 20
MIN_PIN_DIGITS, MAX_PIN_DIGITS = 4, 6
#: Five in a quarter of an hour: all PINs of four digits take three weeks, at the shop's own tablet.
MAX_PIN_TRIES = 5
PIN_PAUSE_MS = 15 * 60 * 1000


@dataclass(frozen=True)
class Cashier:
    """`name` is personal."""

    id: str
    name: str


@dataclass(frozen=True)
class TillCashiers:
    """Whom a tablet may choose among, and who is at it."""

    cashiers: tuple[Cashier, ...]
    current_id: str | None


class Cashiers:
    def __init__(self, engine: Engine, clock: Clock, push: Push, journal: Journal, sealer: Sealer) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal
        self._sealer = sealer

    # the merchant's own phone

    def of_member(self, member_id: str) -> list[Cashier]:
        with reading(self._engine) as connection:
            return self._living(connection, member_id)

    def add(self, member_id: str, name: str, pin: str) -> Cashier:
        """Raises NotAProfessional, CashierNameRefused, CashierNameTaken, TooManyCashiers. `pin`: digits."""
        clean = clean_line(name, MAX_CASHIER_NAME_CHARACTERS)
        if clean is None:
            raise errors.CashierNameRefused(maximum_characters=MAX_CASHIER_NAME_CHARACTERS)
        cashier_id, kept_hash = new_id(), pin_hash(pin)
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            found = repository.kind_and_state(connection, member_id)
            if found is None or Kind(found[0]) not in PROFESSIONAL_KINDS or found[1] == MemberState.CLOSED:
                raise errors.NotAProfessional
            living = self._living(connection, member_id)
            if len(living) >= MAX_CASHIERS:
                raise errors.TooManyCashiers(limit=MAX_CASHIERS)
            if any(one.name.casefold() == clean.casefold() for one in living):
                raise errors.CashierNameTaken
            repository.add(
                connection,
                id=cashier_id,
                member_id=member_id,
                sealed_name=self._sealed(connection, member_id, "sealed_name", cashier_id, clean),
                sealed_pin_hash=self._sealed(connection, member_id, "sealed_pin_hash", cashier_id, kept_hash),
                created_at_unix_ms=self._clock.now_unix_ms(),
            )
            self._record(connection, member_id, "cashier.added", cashier_id)
            self._tell_tills(work, member_id)
        return Cashier(cashier_id, clean)

    def change_pin(self, member_id: str, cashier_id: str, pin: str) -> None:
        """Also lifts a pause after wrong ones. Raises CashierUnknown."""
        kept_hash = pin_hash(pin)
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            if repository.find(connection, member_id, cashier_id, locked=True) is None:
                raise errors.CashierUnknown
            sealed = self._sealed(connection, member_id, "sealed_pin_hash", cashier_id, kept_hash)
            changed = {"sealed_pin_hash": sealed, "failed_tries": 0, "paused_until_unix_ms": None}
            repository.change(connection, cashier_id, **changed)
            self._record(connection, member_id, "cashier.pin_changed", cashier_id)

    def remove(self, member_id: str, cashier_id: str) -> None:
        """Name and PIN are gone at once, from past sales too. Raises CashierUnknown."""
        with UnitOfWork(self._engine) as work:
            if repository.find(work.connection, member_id, cashier_id, locked=True) is None:
                raise errors.CashierUnknown
            repository.remove(work.connection, cashier_id, self._clock.now_unix_ms())
            self._record(work.connection, member_id, "cashier.removed", cashier_id)
            self._tell_tills(work, member_id)

    # the tablet

    def of_till(self, till_id: str, member_id: str) -> TillCashiers:
        with reading(self._engine) as connection:
            living = tuple(self._living(connection, member_id))
            return TillCashiers(living, repository.at_till(connection, till_id))

    def enter(self, till_id: str, member_id: str, cashier_id: str, pin: str) -> None:
        """From now on that cashier is at the till, also in the place of another.

        Raises CashierUnknown, CashierPaused, CashierPinWrong.
        """
        kept_hash, tries_left = self._begin_try(member_id, cashier_id)
        if not is_pin(kept_hash, pin):
            raise errors.CashierPinWrong(tries_left=tries_left)
        with UnitOfWork(self._engine) as work:
            if repository.find(work.connection, member_id, cashier_id, locked=True) is None:
                raise errors.CashierUnknown  # removed a moment ago
            repository.change(work.connection, cashier_id, failed_tries=0, paused_until_unix_ms=None)
            repository.put_at_till(work.connection, till_id, cashier_id)

    def leave(self, till_id: str) -> None:
        """Nobody is named with what this till sells from now on."""
        with UnitOfWork(self._engine) as work:
            repository.put_at_till(work.connection, till_id, None)

    def names_of(self, connection: Connection, ids: Collection[str]) -> dict[str, str]:
        """Of those who were not removed, for whoever shows sales."""
        found = repository.sealed_names(connection, ids) if ids else {}
        names = {}
        for cashier_id, (member_id, sealed) in found.items():
            if sealed is not None and (name := self._name(connection, member_id, cashier_id, sealed)):
                names[cashier_id] = name
        return names

    def _tell_tills(self, work: UnitOfWork, member_id: str) -> None:
        till_ids = repository.tills_of(work.connection, member_id)
        self._push.publish(work, *(to_till(till_id, CashiersChanged(till_id)) for till_id in till_ids))

    def _begin_try(self, member_id: str, cashier_id: str) -> tuple[str, int]:
        """Counted before it is made, in a commit of its own: tries at once are still so many."""
        now_unix_ms = self._clock.now_unix_ms()
        with UnitOfWork(self._engine) as work:
            row = repository.find(work.connection, member_id, cashier_id, locked=True)
            if row is None:
                raise errors.CashierUnknown
            pause_ends = row.paused_until_unix_ms
            if pause_ends is not None and now_unix_ms < pause_ends:
                raise errors.CashierPaused(retry_after_s=-(-(pause_ends - now_unix_ms) // 1000))
            tries = 1 if pause_ends is not None else row.failed_tries + 1
            until_unix_ms = now_unix_ms + PIN_PAUSE_MS if tries >= MAX_PIN_TRIES else None
            repository.change(
                work.connection, cashier_id, failed_tries=tries, paused_until_unix_ms=until_unix_ms
            )
            field = SealedField("cashiers", "sealed_pin_hash", cashier_id)
            kept = self._sealer.unseal_for_member(work.connection, member_id, field, row.sealed_pin_hash)
        return kept.decode(), max(0, MAX_PIN_TRIES - tries)

    def _living(self, connection: Connection, member_id: str) -> list[Cashier]:
        rows = repository.of_member(connection, member_id)
        named = [(row.id, self._name(connection, member_id, row.id, row.sealed_name)) for row in rows]
        found = [Cashier(cashier_id, name) for cashier_id, name in named if name is not None]
        return sorted(found, key=lambda one: plain(one.name))

    def _name(self, connection: Connection, member_id: str, cashier_id: str, sealed: bytes) -> str | None:
        field = SealedField("cashiers", "sealed_name", cashier_id)
        try:
            return self._sealer.unseal_for_member(connection, member_id, field, sealed).decode()
        except PersonErased:
            return None

    def _sealed(
        self, connection: Connection, member_id: str, column: str, cashier_id: str, text: str
    ) -> bytes:
        field = SealedField("cashiers", column, cashier_id)
        return self._sealer.seal_for_member(connection, member_id, field, text.encode())

    def _record(self, connection: Connection, member_id: str, act: str, cashier_id: str) -> None:
        self._journal.append(connection, Actor("member", member_id), act, Subject("cashier", cashier_id))
