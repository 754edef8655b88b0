"""Refunds: the till asks, the merchant's own wallet signs an ordinary payment (docs/decisions/0002).

Owns refund requests until a payment is accepted for one. The till's key never moves money.
"""

from __future__ import annotations

import dataclasses

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.platform.errors import ServiceBusy
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import new_id, normal_word
from wallet_service.sales import errors, events
from wallet_service.sales import repository as sales_repository
from wallet_service.sales.decisions import check_refund_request
from wallet_service.sales.models import RefundRequest
from wallet_service.sales.states import RefundRequestState

MAX_REQUESTS_PER_PAGE = 100
MAX_ATTEMPTS = 2
REFUSED_BY_MERCHANT = "refund.refused_by_merchant"


class Refunds:
    def __init__(self, engine: Engine, clock: Clock, push: Push) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push

    def request(
        self, till_id: str, member_id: str, sale_id: str, client_reference: str, amount_cents: int
    ) -> RefundRequest:
        """Asks for a refund, whole or in part, of a sale this merchant was paid, from any of its tills.

        The same reference with the same content gives the same request. Raises SaleNotFound, SaleNotPaid,
        RefundTooLarge, RefundReferenceReused, WordInvalid.
        """
        client_reference = normal_word(client_reference)
        for _ in range(MAX_ATTEMPTS):
            try:
                return self._request(till_id, member_id, sale_id, client_reference, amount_cents)
            except IntegrityError:  # the same reference at the same moment, elsewhere
                continue
        raise ServiceBusy()

    def _request(
        self, till_id: str, member_id: str, sale_id: str, client_reference: str, amount_cents: int
    ) -> RefundRequest:
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            sale = sales_repository.sale_by_id(connection, sale_id, locked=True)
            if sale is None or sale.member_id != member_id:
                raise errors.SaleNotFound()
            existing = sales_repository.refund_request_by_client_reference(connection, client_reference)
            if existing is not None:
                if (existing.sale_id, existing.amount_cents) != (sale_id, amount_cents):
                    raise errors.RefundReferenceReused()
                return existing
            earlier = sales_repository.refund_requests_of_sales(connection, [sale_id]).get(sale_id, [])
            asked_cents = sum(
                request.amount_cents for request in earlier if request.state is not RefundRequestState.REFUSED
            )
            check_refund_request(sale, asked_cents, amount_cents)
            request = RefundRequest(
                id=new_id(),
                client_reference=client_reference,
                sale_id=sale_id,
                till_id=till_id,
                member_id=member_id,
                amount_cents=amount_cents,
                state=RefundRequestState.REQUESTED,
                payment_ref=None,
                refusal_code=None,
                requested_at_unix_ms=self._clock.now_unix_ms(),
                decided_at_unix_ms=None,
            )
            sales_repository.insert_refund_request(connection, request)
            self._push.publish(work, *events.refund_changed(request))
            return request

    def refuse(self, member_id: str, request_id: str) -> RefundRequest:
        """The merchant says no; twice gives the same answer. Raises RefundNotFound, RefundAlreadyDecided."""
        with UnitOfWork(self._engine) as work:
            request = sales_repository.refund_request_by_id(work.connection, request_id)
            if request is None or request.member_id != member_id:
                raise errors.RefundNotFound()
            if request.state is RefundRequestState.REFUSED:
                return request
            decided_at_unix_ms = self._clock.now_unix_ms()
            refused = dataclasses.replace(
                request,
                state=RefundRequestState.REFUSED,
                refusal_code=REFUSED_BY_MERCHANT,
                decided_at_unix_ms=decided_at_unix_ms,
            )
            values = {"refusal_code": REFUSED_BY_MERCHANT, "decided_at_unix_ms": decided_at_unix_ms}
            target = RefundRequestState.REFUSED
            if not sales_repository.move_refund_request(work.connection, request_id, target, **values):
                raise errors.RefundAlreadyDecided()
            self._push.publish(work, *events.refund_changed(refused))
            return refused

    def of_member(self, member_id: str, request_id: str) -> RefundRequest:
        """One request to this merchant, in whatever state. Raises RefundNotFound."""
        with reading(self._engine) as connection:
            request = sales_repository.refund_request_by_id(connection, request_id)
        if request is None or request.member_id != member_id:
            raise errors.RefundNotFound()
        return request

    def waiting_for(self, member_id: str) -> list[RefundRequest]:
        """What waits for this merchant's signature, oldest first."""
        with reading(self._engine) as connection:
            return sales_repository.refund_requests_of_member(connection, member_id, MAX_REQUESTS_PER_PAGE)

    def of_till(self, till_id: str, limit: int) -> list[RefundRequest]:
        with reading(self._engine) as connection:
            limit = min(limit, MAX_REQUESTS_PER_PAGE)
            return sales_repository.refund_requests_of_till(connection, till_id, limit)
