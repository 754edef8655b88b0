"""The JSON the tablet's page speaks to its point of sale. Thin: checks form and session, calls, answers."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from merchant_pos.errors import (
    AmountOutOfBounds,
    PairingCodeMalformed,
    PosError,
    RequestMalformed,
    SaleLabelMalformed,
    ServiceAnswerUnknown,
    ServiceRefusal,
    ServiceUnreachable,
    TillNameMalformed,
    TooManyPairings,
    TooManyScreens,
)
from merchant_pos.paired_tills import PairedTill, PairedTills
from merchant_pos.sales import TillSales
from merchant_pos.schemas import (
    BookAnswer,
    CashierEntersBody,
    CashiersAnswer,
    DayAnswer,
    MoneyBody,
    PairedAnswer,
    PairingBody,
    ReceiptLinkAnswer,
    SaleAnswer,
    SellBody,
    ShownProblem,
    ShownTill,
    StateAnswer,
    TabletCurrencyAnswer,
)
from merchant_pos.service_client import ServiceClient
from merchant_pos.service_health import ServiceHealth
from merchant_pos.settings import PosSettings
from merchant_pos.stream_bridge import StreamBridge, TillStreamResponse
from merchant_pos.till_keys import new_till_key, public_key_text
from merchant_pos.web_rules import check_csrf, language_of, required_till, session_of, set_session
from wallet_service.listening.addresses import UNKNOWN, client_key
from wallet_service.listening.rates import Rate, RateCounters, RateExceeded
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.protocol.text.lines import one_line

PAIRING_CODE_FORM = re.compile(r"[0-9A-Z]{6,16}")
MAX_LABEL_CHARACTERS = 60  # the wallet's own bound
#: Not "storage": the page without network is kept there, and holds nothing of the shop's.
CLEARED = '"cache"'
#: Of one browser's address: a stranger at this page must not use up what the service lets this program try.
PAIRING = Rate("pairing", 20, 5)
#: What every request that goes on to the service may meet; the service's own refusals are passed on as well.
SERVICE = (ServiceUnreachable, ServiceAnswerUnknown)
SALE_REFUSALS = refuses(RequestMalformed, *SERVICE)

router = APIRouter(prefix="/api")
Till = Annotated[PairedTill, Depends(required_till)]
Language = Annotated[str, Depends(language_of)]
CheckedSession = Annotated[str, Depends(check_csrf)]


def _sales(request: Request) -> TillSales:
    sales: TillSales = request.app.state.sales
    return sales


SalesPort = Annotated[TillSales, Depends(_sales)]


@router.get("/state")
async def state(request: Request, response: Response, language: Language) -> StateAnswer:
    """Everything the page needs to start or start again. Never fails because the service does: it says so."""
    response.headers["Cache-Control"] = "no-store"
    tills: PairedTills = request.app.state.tills
    settings: PosSettings = request.app.state.settings
    session = session_of(request)
    session = session or tills.new_session()
    set_session(response, session, settings.secure_cookies())
    service_health: ServiceHealth = request.app.state.service_health
    if service_health.config is None or not service_health.reachable:
        await service_health.check()
    till, book, cashiers, problem = tills.find(session), None, None, None
    if till is not None:
        book, cashiers, problem = await _book_or_problem(
            request.app.state.sales, till, language, service_health.reachable
        )
    return StateAnswer(
        csrf_token=tills.csrf_token(session),
        paired=till is not None,
        time_zone=request.app.state.currency["time_zone"],
        largest_sale_cents=settings.largest_sale_cents,
        currency=TabletCurrencyAnswer.model_validate(service_health.config.currency)
        if service_health.config
        else None,
        environment=service_health.config.environment if service_health.config else None,
        till=ShownTill(label=till.label, merchant_name=till.merchant_name) if till else None,
        book=book,
        cashiers=cashiers,
        problem=problem,
        connection=service_health.shown(),
    )


async def _book_or_problem(
    sales: TillSales, till: PairedTill, language: str, reachable: bool
) -> tuple[BookAnswer | None, CashiersAnswer | None, ShownProblem | None]:
    try:
        if not reachable:  # asked a moment ago: the page must start at once, and say so
            raise ServiceUnreachable()
        book, cashiers = await asyncio.gather(sales.book(till, language), sales.cashiers(till, language))
        return book, cashiers, None
    except (PosError, ServiceRefusal) as error:
        return None, None, ShownProblem.model_validate({"status": error.status, **error.problem(language)})


@router.post(
    "/pair",
    status_code=201,
    responses=refuses(PairingCodeMalformed, TillNameMalformed, TooManyPairings, *SERVICE),
)
async def pair(
    request: Request, response: Response, body: PairingBody, session: CheckedSession, language: Language
) -> PairedAnswer:
    """Makes a key, has the service tie it to the merchant of `code`, keeps it; the session changes too."""
    code = re.sub(r"[\s-]", "", body.code).upper()
    if not PAIRING_CODE_FORM.fullmatch(code):
        raise PairingCodeMalformed()
    label = one_line(body.label)
    if label is None or len(label) > MAX_LABEL_CHARACTERS:
        raise TillNameMalformed(maximum_characters=MAX_LABEL_CHARACTERS)
    _count_pairing(request)
    client: ServiceClient = request.app.state.client
    tills: PairedTills = request.app.state.tills
    key, browser = new_till_key(), _address_of(request)
    answer = await client.pair(code, public_key_text(key), label or None, language, browser)
    tills.remove(session)
    paired_session = tills.new_session()
    tills.add(paired_session, PairedTill(answer.till_id, answer.label, answer.member.name, key))
    set_session(response, paired_session, request.app.state.settings.secure_cookies())
    return PairedAnswer(paired=True)


def _count_pairing(request: Request) -> None:
    rates: RateCounters = request.app.state.rates
    try:
        rates.count(PAIRING, client_key(_address_of(request)))
    except RateExceeded as exceeded:
        raise TooManyPairings(retry_after_s=exceeded.retry_after_s) from None


def _address_of(request: Request) -> str:
    return request.client.host if request.client else UNKNOWN


@router.post("/unpair", status_code=204)
async def unpair(request: Request, response: Response, session: CheckedSession) -> None:
    """Destroys this tablet's key. The merchant's wallet still lists the till until it is removed there."""
    tills: PairedTills = request.app.state.tills
    tills.remove(session)
    response.headers["Clear-Site-Data"] = CLEARED


@router.post("/sales", status_code=201, responses=refuses(AmountOutOfBounds, SaleLabelMalformed, *SERVICE))
async def open_sale(
    request: Request,
    body: SellBody,
    session: CheckedSession,
    till: Till,
    sales: SalesPort,
    language: Language,
) -> SaleAnswer:
    """Opens a sale, once per `client_reference`."""
    opened = await sales.open(till, body, language)
    await request.app.state.service_health.sale_was_opened()
    return opened


@router.get("/other-sales", responses=refuses(*SERVICE))
async def other_sales(
    response: Response, till: Till, sales: SalesPort, language: Language
) -> list[SaleAnswer]:
    """What was paid at the shop's other tills, newest first."""
    response.headers["Cache-Control"] = "no-store"
    return await sales.elsewhere(till, language)


@router.get("/day", responses=refuses(RequestMalformed, *SERVICE))
async def day(response: Response, day: date, till: Till, sales: SalesPort, language: Language) -> DayAnswer:
    """One day of this till in sums, to look at and to print."""
    response.headers["Cache-Control"] = "no-store"
    return await sales.day(till, day, language)


@router.post("/cashier", responses=refuses(RequestMalformed, *SERVICE))
async def cashier_enters(
    body: CashierEntersBody, session: CheckedSession, till: Till, sales: SalesPort, language: Language
) -> CashiersAnswer:
    """A cashier begins at this tablet, also in the place of another."""
    return await sales.cashier_enters(till, body, language)


@router.post("/cashier/leave", responses=refuses(*SERVICE))
async def cashier_leaves(
    session: CheckedSession, till: Till, sales: SalesPort, language: Language
) -> CashiersAnswer:
    """Nobody is named with this tablet's sales any more."""
    return await sales.cashier_leaves(till, language)


@router.get("/sales/{sale_id}", responses=SALE_REFUSALS)
async def sale(
    response: Response, sale_id: str, till: Till, sales: SalesPort, language: Language
) -> SaleAnswer:
    """One sale as the service says it is at this moment."""
    response.headers["Cache-Control"] = "no-store"
    return await sales.shown(till, sale_id, language)


@router.get("/receipts/{sale_id}", responses=SALE_REFUSALS)
async def receipt_link(
    response: Response, sale_id: str, till: Till, sales: SalesPort, language: Language
) -> ReceiptLinkAnswer:
    """What the customer scans to keep the receipt of a paid sale."""
    response.headers["Cache-Control"] = "no-store"
    return await sales.receipt_link(till, sale_id, language)


@router.post("/sales/{sale_id}/cancel", responses=SALE_REFUSALS)
async def cancel_sale(
    sale_id: str, session: CheckedSession, till: Till, sales: SalesPort, language: Language
) -> SaleAnswer:
    """Cancels an open sale; repeating it changes nothing."""
    return await sales.cancel(till, sale_id, language)


@router.post("/sales/{sale_id}/refunds", status_code=202, responses=refuses(AmountOutOfBounds, *SERVICE))
async def ask_refund(
    sale_id: str, body: MoneyBody, session: CheckedSession, till: Till, sales: SalesPort, language: Language
) -> SaleAnswer:
    """Asks the merchant's wallet to give money back; the sale as it is after asking."""
    return await sales.ask_refund(till, sale_id, body.client_reference, body.amount_cents, language)


@router.get("/events", status_code=200, response_class=TillStreamResponse, responses=refuses(TooManyScreens))
async def events(request: Request, till: Till, language: Language) -> TillStreamResponse:
    """Everything about this till as it happens: `stream`, `sale`, `refused`, `connection`."""
    stream_bridge: StreamBridge = request.app.state.stream_bridge
    return TillStreamResponse(stream_bridge.open_screen(till, language, request.headers.get("Last-Event-ID")))
