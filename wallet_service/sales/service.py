"""Sales at a till: opening, finding, cancelling, expiring. Owns a sale until a payment is accepted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from wallet_service.accounts import repository as accounts
from wallet_service.accounts.errors import AmountNotAllowed, RulesTooOld
from wallet_service.accounts.models import Party
from wallet_service.accounts.ports import RulesSource
from wallet_service.accounts.stops import stops_in_force
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.platform.errors import ClockWrong, ServiceBusy
from wallet_service.platform.push import Push
from wallet_service.protocol.calendar import MS_PER_DAY, has_expired
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import is_sale_id, new_sale_id, new_short_code, normal_word
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS
from wallet_service.sales import day_repository, errors, events, shop_repository
from wallet_service.sales import repository as sales_repository
from wallet_service.sales.decisions import check_tip
from wallet_service.sales.models import Sale, SaleTerms, TillDay
from wallet_service.sales.states import SaleState

MAX_OPEN_SALES_PER_TILL = 50
MAX_CODE_ATTEMPTS = 20
MAX_OPEN_ATTEMPTS = 3
MAX_SALES_PER_PAGE = 100
MAX_EXPIRED_PER_RUN = 200
#: As long as the seller answers for what was sold. Source: consumer code, article L217-3 (two years).
RECEIPT_SHOWN_DAYS = 2 * 366
#: Who types the digits of a sale they paid hears that they did, for so long.
OWN_CODE_REMEMBERED_MS = MS_PER_DAY

log = structlog.get_logger(__name__)


class Sales:
    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        rules: RulesSource,
        sale_lifetime_s: int,
        clock_is_right: Callable[[], bool] = lambda: True,
    ) -> None:
        self._engine = engine
        self._rules = rules
        self._clock = clock
        self._push = push
        self._sale_lifetime_s = sale_lifetime_s
        self._clock_is_right = clock_is_right

    def open(
        self,
        till_id: str,
        member_id: str,
        client_reference: str,
        amount_cents: int,
        label: str,
        *,
        tip_cents: int = 0,
        cashier_id: str | None = None,
    ) -> Sale:
        """A new sale, or the one this till already opened with the same reference and the same content.

        `label` is a line of at most MAX_SALE_LABEL_CHARACTERS: whoever asks has seen to it. `tip_cents` is
        part of `amount_cents`. `cashier_id`: who is at the till now; a repetition is the first one's.

        Raises AmountNotAllowed, TipTooLarge, SaleReferenceReused, TillCannotSell, TooManyOpenSales,
        WordInvalid, SalesStopped, ClockWrong.
        """
        client_reference = normal_word(client_reference)
        if not 0 < amount_cents <= MAX_AMOUNT_CENTS:
            raise AmountNotAllowed(amount_cents=amount_cents)
        check_tip(amount_cents, tip_cents)
        terms = SaleTerms(till_id, member_id, amount_cents, tip_cents, label.strip() or None)
        is_stopped = self._payments_stopped()
        for attempt in range(MAX_OPEN_ATTEMPTS):
            try:
                return self._open(client_reference, terms, cashier_id, is_stopped)
            except IntegrityError:  # the same reference or short code at the same moment, elsewhere
                log.info("sales.open_again", attempt=attempt)
        raise ServiceBusy()

    def _open(
        self, client_reference: str, terms: SaleTerms, cashier_id: str | None, is_stopped: bool
    ) -> Sale:
        with UnitOfWork(self._engine) as work:
            existing = sales_repository.sale_by_client_reference(work.connection, client_reference)
            if existing is not None:
                if terms != SaleTerms.of(existing):
                    raise errors.SaleReferenceReused()
                return existing
            if is_stopped or stops_in_force(work.connection).payments:
                raise errors.SalesStopped()
            if not self._clock_is_right():
                raise ClockWrong()  # before anybody is asked to sign
            now_unix_ms = self._clock.now_unix_ms()
            check_may_sell(accounts.party_by_id(work.connection, terms.member_id), now_unix_ms)
            if (
                sales_repository.open_sale_count(work.connection, terms.till_id, now_unix_ms)
                >= MAX_OPEN_SALES_PER_TILL
            ):
                raise errors.TooManyOpenSales()
            sale = Sale(
                id=new_sale_id(),
                till_id=terms.till_id,
                member_id=terms.member_id,
                client_reference=client_reference,
                short_code=_free_code(work.connection),
                amount_cents=terms.amount_cents,
                tip_cents=terms.tip_cents,
                label=terms.label,
                cashier_id=cashier_id,
                state=SaleState.OPEN,
                payment_ref=None,
                created_at_unix_ms=now_unix_ms,
                expires_at_unix_ms=now_unix_ms + self._sale_lifetime_s * 1000,
                accepted_at_unix_ms=None,
                paid_at_unix_ms=None,
            )
            sales_repository.insert_sale(work.connection, sale)
            self._push.publish(work, *events.sale_changed(sale))
            return sale

    def _payments_stopped(self) -> bool:
        """A node that is away stops no sale: what it would have said, the payment hears."""
        try:
            return self._rules.current().payments_stopped
        except RulesTooOld:
            return False

    def cancel(self, till_id: str, sale_id: str) -> Sale:
        """Cancels an open sale of this till; a cancelled or expired one is returned as it is.

        Raises SaleNotFound, SaleNotCancellable.
        """
        with UnitOfWork(self._engine) as work:
            sale = sales_repository.sale_by_id(work.connection, sale_id, locked=True)
            if sale is None or sale.till_id != till_id:
                raise errors.SaleNotFound()
            if sale.state in (SaleState.CANCELLED, SaleState.EXPIRED):
                return sale
            if not sales_repository.move_sale(work.connection, sale.id, SaleState.CANCELLED):
                raise errors.SaleNotCancellable()
            sale = dataclasses.replace(sale, state=SaleState.CANCELLED)
            self._push.publish(work, *events.sale_changed(sale))
            return sale

    def of_shop(self, member_id: str, sale_id: str) -> Sale:
        """A sale of whichever of the member's tills. Raises SaleNotFound, also for another member's."""
        sale = self.find(sale_id)
        if sale.member_id != member_id:
            raise errors.SaleNotFound()
        return sale

    def list_of_till(self, till_id: str, limit: int) -> list[Sale]:
        with reading(self._engine) as connection:
            found = sales_repository.sales_of_till(connection, till_id, min(limit, MAX_SALES_PER_PAGE))
        return [self._shown(sale) for sale in found]

    def list_paid_elsewhere(self, till_id: str, member_id: str, limit: int) -> list[Sale]:
        """What was paid at the member's other tills: refunds may be asked for from this one too."""
        limit = min(limit, MAX_SALES_PER_PAGE)
        with reading(self._engine) as connection:
            return shop_repository.paid_sales_elsewhere(connection, member_id, till_id, limit)

    def day_of_till(self, till_id: str, day: date) -> TillDay:
        """Its sums, counted at this moment."""
        now_unix_ms = self._clock.now_unix_ms()
        with reading(self._engine) as connection:
            return day_repository.till_day(connection, till_id, day, now_unix_ms)

    def find(self, sale_id: str) -> Sale:
        """Raises SaleNotFound."""
        if not is_sale_id(sale_id):
            raise errors.SaleNotFound()
        with reading(self._engine) as connection:
            return self._found(sales_repository.sale_by_id(connection, sale_id))

    def with_receipt(self, sale_id: str) -> Sale:
        """A paid sale whose receipt may still be shown to who has its address. Raises SaleReceiptNotShown."""
        since_unix_ms = self._clock.now_unix_ms() - RECEIPT_SHOWN_DAYS * MS_PER_DAY
        with reading(self._engine) as connection:
            sale = sales_repository.sale_by_id(connection, sale_id)
        if sale is None or sale.state is not SaleState.PAID or (sale.paid_at_unix_ms or 0) < since_unix_ms:
            raise errors.SaleReceiptNotShown()
        return sale

    def find_by_code(self, short_code: str, member_id: str) -> Sale:
        """The active sale with that code, else the one this member has just paid. Raises SaleNotFound."""
        code = short_code.replace(" ", "")
        with reading(self._engine) as connection:
            sale = sales_repository.active_sale_by_code(connection, code)
            if sale is None:
                since_unix_ms = self._clock.now_unix_ms() - OWN_CODE_REMEMBERED_MS
                sale = sales_repository.paid_sale_by_code(connection, code, member_id, since_unix_ms)
            return self._found(sale)

    def _found(self, sale: Sale | None) -> Sale:
        if sale is None:
            raise errors.SaleNotFound()
        return self._shown(sale)

    def _shown(self, sale: Sale) -> Sale:
        return dataclasses.replace(sale, state=sale.state_at(self._clock.now_unix_ms()))

    def expire_due(self) -> int:
        """Writes down what time has decided, a bounded number of sales; returns how many."""
        now_unix_ms = self._clock.now_unix_ms()
        with reading(self._engine) as connection:
            if not sales_repository.due_sales(connection, now_unix_ms, 1):
                return 0
        expired = 0
        with UnitOfWork(self._engine) as work:
            for sale in sales_repository.due_sales(work.connection, now_unix_ms, MAX_EXPIRED_PER_RUN):
                if sales_repository.move_sale(work.connection, sale.id, SaleState.EXPIRED):
                    expired += 1
                    changed = dataclasses.replace(sale, state=SaleState.EXPIRED)
                    self._push.publish(work, *events.sale_changed(changed))
        return expired


def check_may_sell(member: Party | None, now_unix_ms: int) -> None:
    """Raises TillCannotSell unless the merchant's account may receive."""
    if member is None or member.state != "active" or member.frozen_incoming:
        raise errors.TillCannotSell()
    if has_expired(member.identity_expires_on_day, now_unix_ms // MS_PER_DAY):
        raise errors.TillCannotSell()


def _free_code(connection: Connection) -> str:
    for _ in range(MAX_CODE_ATTEMPTS):
        code = new_short_code()
        if sales_repository.code_is_free(connection, code):
            return code
    raise ServiceBusy()
