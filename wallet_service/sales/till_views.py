"""What a till and a payer are shown of sales and refunds, names included. Reads only; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, select

from wallet_service.chain.ledger.skip_reasons import sentence_of
from wallet_service.database.tables.members import members, tills
from wallet_service.database.unit_of_work import reading
from wallet_service.languages.catalogues import said
from wallet_service.members.ports import MemberNames
from wallet_service.protocol.text.qr import receipt_url, sale_url
from wallet_service.protocol.text.references import proof_code
from wallet_service.sales import events, shop_repository
from wallet_service.sales import repository as sales_repository
from wallet_service.sales.models import PublicReceipt, RefundRequest, Sale, TillDay
from wallet_service.sales.schemas import (
    AskedRefundAnswer,
    CashierDayAnswer,
    PayableSaleAnswer,
    Shop,
    TillDayAnswer,
    TillSaleAnswer,
)
from wallet_service.sales.states import RefundRequestState, SaleState
from wallet_service.territory import communes, sectors
from wallet_service.tills.cashiers import Cashiers

UNNAMED_PAYER = ("Visiteur", "Visitor")
REMOVED_CASHIER = ("Caissier retiré", "Removed cashier")


class TillViews:
    def __init__(
        self, engine: Engine, names: MemberNames, wallet_origin: str, cashiers: Cashiers | None = None
    ) -> None:
        self._engine = engine
        self._names = names
        self._wallet_origin = wallet_origin
        self._cashiers = cashiers

    def sales(self, found: Sequence[Sale], language: str) -> list[TillSaleAnswer]:
        """Sales as their till sees them: payer's short name, refunds, why the last payment was refused."""
        sale_ids = [sale.id for sale in found]
        with reading(self._engine) as connection:
            payers = sales_repository.payers_of_sales(connection, sale_ids)
            names = self._names.short_names(connection, {payer[0] for payer in payers.values()})
            by_sale = sales_repository.refund_requests_of_sales(connection, sale_ids)
            sellers = self._sellers(connection, {sale.cashier_id for sale in found}, language)
            refusals = shop_repository.refusal_codes(
                connection, [sale.id for sale in found if sale.state is SaleState.OPEN]
            )
        shown = []
        for sale in found:
            payer = payers.get(sale.id)
            code = refusals.get(sale.id)
            shown.append(
                TillSaleAnswer.model_validate(
                    {
                        **events.sale_data(sale, by_sale.get(sale.id, [])),
                        "label": sale.label,
                        "client_reference": sale.client_reference,
                        "qr_text": sale_url(self._wallet_origin, sale.id),
                        "receipt_url": receipt_url(self._wallet_origin, sale.id)
                        if sale.state is SaleState.PAID
                        else None,
                        "payer_label": None
                        if payer is None
                        else names.get(payer[0], said(language, *UNNAMED_PAYER)),
                        "cashier_label": sellers.get(sale.cashier_id),
                        "refunds": [
                            events.refund_request_data(request) for request in by_sale.get(sale.id, [])
                        ],
                        "refusal_code": code,
                        "refusal_detail": None if code is None else sentence_of(code, language),
                    }
                )
            )
        return shown

    def sale(self, sale: Sale, language: str) -> TillSaleAnswer:
        return self.sales([sale], language)[0]

    def day(self, counted: TillDay, language: str) -> TillDayAnswer:
        """A till's day in sums. Nobody who paid is named in it."""
        with reading(self._engine) as connection:
            sellers = self._sellers(connection, {one.cashier_id for one in counted.by_cashier}, language)
        return TillDayAnswer(
            day=counted.day,
            counted_at_unix_ms=counted.counted_at_unix_ms,
            sales_count=counted.sales.count,
            sales_cents=counted.sales.cents,
            tips_count=counted.tips.count,
            tips_cents=counted.tips.cents,
            refunds_count=counted.refunds.count,
            refunds_cents=counted.refunds.cents,
            net_cents=counted.sales.cents - counted.refunds.cents,
            confirming_count=counted.confirming.count,
            confirming_cents=counted.confirming.cents,
            expired_count=counted.expired_count,
            cancelled_count=counted.cancelled_count,
            refused_count=counted.refused_count,
            first_paid_at_unix_ms=counted.first_paid_at_unix_ms,
            last_paid_at_unix_ms=counted.last_paid_at_unix_ms,
            cashiers=[
                CashierDayAnswer(
                    cashier_label=sellers.get(one.cashier_id),
                    sales_count=one.sales.count,
                    sales_cents=one.sales.cents,
                    tips_cents=one.tips_cents,
                )
                for one in counted.by_cashier
            ],
        )

    def _sellers(self, connection: Connection, ids: set[str | None], language: str) -> dict[str | None, str]:
        """Cashier -> how they are called; who was removed has no name any more."""
        known = {cashier_id for cashier_id in ids if cashier_id is not None}
        names = self._cashiers.names_of(connection, known) if self._cashiers and known else {}
        return {cashier_id: names.get(cashier_id, said(language, *REMOVED_CASHIER)) for cashier_id in known}

    def payable(self, sale: Sale, language: str, member_id: str | None = None) -> PayableSaleAnswer:
        """What a payer sees before paying: who, where, how much, until when; and whether they have paid."""
        own = None
        with reading(self._engine) as connection:
            if member_id is not None:
                own = sales_repository.own_payment(connection, sale.id, member_id)
            row = connection.execute(select(members).where(members.c.id == sale.member_id)).mappings().one()
        sector = sectors().get(row["sector"] or "")
        shop = Shop(
            name=row["public_name"] or "",
            description=row["public_description"],
            sector=None if sector is None else sector.label(language),
            commune=communes().get(row["commune_code"] or ""),
        )
        return PayableSaleAnswer(
            id=sale.id,
            amount_cents=sale.amount_cents,
            tip_cents=sale.tip_cents,
            short_code=sale.short_code,
            label=sale.label,
            state=sale.state,
            expires_at_unix_ms=sale.expires_at_unix_ms,
            to_address=row["account_address"],
            merchant=shop,
            your_payment_ref=None if own is None else own.ref,
            your_payment_at_unix_ms=None if own is None else own.accepted_at_unix_ms,
        )

    def receipt(self, sale: Sale) -> PublicReceipt:
        """What anybody who has the address of a paid sale's receipt may read: the shop's side of it."""
        assert sale.payment_ref is not None
        assert sale.paid_at_unix_ms is not None
        with reading(self._engine) as connection:
            row = connection.execute(select(members).where(members.c.id == sale.member_id)).mappings().one()
            labels = _till_labels(connection, {sale.till_id})
            requests = sales_repository.refund_requests_of_sales(connection, [sale.id]).get(sale.id, [])
        return PublicReceipt(
            sale_id=sale.id,
            shop=row["public_name"] or "",
            commune=communes().get(row["commune_code"] or ""),
            till=labels.get(sale.till_id),
            amount_cents=sale.amount_cents,
            tip_cents=sale.tip_cents,
            label=sale.label,
            paid_at_unix_ms=sale.paid_at_unix_ms,
            proof_code=proof_code(sale.payment_ref),
            refunds=tuple(
                (request.amount_cents, request.decided_at_unix_ms or request.requested_at_unix_ms)
                for request in requests
                if request.state is RefundRequestState.PAID
            ),
        )

    def refund_requests(self, found: Sequence[RefundRequest], language: str) -> list[AskedRefundAnswer]:
        """Requests as the merchant's wallet needs them: whom to pay back, which sale, which till asked."""
        sale_ids = {request.sale_id for request in found}
        with reading(self._engine) as connection:
            payers = sales_repository.payers_of_sales(connection, sale_ids)
            names = self._names.short_names(connection, {payer[0] for payer in payers.values()})
            amounts = {sale.id: sale.amount_cents for sale in _sales(connection, sale_ids)}
            labels = _till_labels(connection, {request.till_id for request in found})
        shown = []
        for request in found:
            payer_id, to_address, paid_ref = payers[request.sale_id]
            shown.append(
                AskedRefundAnswer.model_validate(
                    {
                        **events.refund_request_data(request),
                        "to_address": to_address,
                        "refund_of_ref": paid_ref,
                        "sale_amount_cents": amounts[request.sale_id],
                        "payer_label": names.get(payer_id, said(language, *UNNAMED_PAYER)),
                        "till_label": labels.get(request.till_id),
                    }
                )
            )
        return shown


def _sales(connection: Connection, sale_ids: set[str]) -> list[Sale]:
    found = (sales_repository.sale_by_id(connection, sale_id) for sale_id in sorted(sale_ids))
    return [sale for sale in found if sale is not None]


def _till_labels(connection: Connection, till_ids: set[str]) -> dict[str, str]:
    statement = select(tills.c.id, tills.c.label).where(tills.c.id.in_(sorted(till_ids)))
    return {row[0]: row[1] for row in connection.execute(statement)}
