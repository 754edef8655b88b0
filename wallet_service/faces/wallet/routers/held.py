"""Paying with somebody else's account by a limited key: all that such a session opens."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from wallet_service.accounts.errors import CopyCatchingUp
from wallet_service.faces.shell.browsers import browser_of
from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.rate_limits import (
    PAYING_OF_MEMBER,
    SALE_BY_CODE,
    SALE_BY_CODE_OF_MEMBER,
    SIGN_IN,
    WRITING_OF_MEMBER,
    keyholder_limited,
    limited,
)
from wallet_service.faces.shell.security import (
    CurrentKeyholder,
    OptionalKeyholder,
    ServicesOf,
    clear_session,
    close_session,
    set_session_cookie,
)
from wallet_service.faces.wallet.routers.payments import PAYMENT_REFUSALS, payment_view
from wallet_service.keyholders import errors
from wallet_service.keyholders.schemas import HeldAccountAnswer, HeldSessionAnswer
from wallet_service.payments.errors import PaymentNotFound
from wallet_service.payments.schemas import PaymentAnswer, PaymentBody
from wallet_service.protocol.errors import WordInvalid
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.sales import errors as sales_errors
from wallet_service.sales.schemas import PayableSaleAnswer
from wallet_service.security.errors import ChallengeUnknown, DeviceUnknown, KeyInvalid
from wallet_service.security.schemas import DeviceSignInBody

router = APIRouter(prefix="/v1/held", tags=["keyholders"])


@router.get("/session", responses=refuses(CopyCatchingUp, errors.KeyEnded))
def held_session(keyholder: OptionalKeyholder, services: ServicesOf) -> HeldSessionAnswer:
    """Who pays by a limited key here; nulls when nobody does."""
    if keyholder is None:
        return HeldSessionAnswer(csrf_token=None, account=None)
    account = HeldAccountAnswer.of(services.people.held.view(keyholder.keyholder_id))
    return HeldSessionAnswer(csrf_token=keyholder.csrf_token, account=account)


@router.post(
    "/session",
    dependencies=[Depends(limited(SIGN_IN))],
    responses=refuses(KeyInvalid, ChallengeUnknown, DeviceUnknown, CopyCatchingUp, errors.KeyEnded),
)
def open_held_session(
    body: DeviceSignInBody, request: Request, response: Response, services: ServicesOf
) -> HeldSessionAnswer:
    """Opens one with the limited key's signature over a challenge of `/v1/session/device/challenge`."""
    held = services.people.held
    signed_in = held.sign_in(body.challenge, body.public_key, body.signature, browser_of(request))
    close_session(request)
    set_session_cookie(response, request, signed_in.session)
    account = HeldAccountAnswer.of(held.view(signed_in.subject_id))
    return HeldSessionAnswer(csrf_token=signed_in.session.csrf_token, account=account)


@router.delete("/session", status_code=204)
def close_held_session(request: Request, response: Response, keyholder: CurrentKeyholder) -> None:
    """Ends this session; the key goes on."""
    close_session(request)
    clear_session(response, request)


@router.get("/account", responses=refuses(CopyCatchingUp, errors.KeyEnded))
def held_account(keyholder: CurrentKeyholder, services: ServicesOf) -> HeldAccountAnswer:
    """Whose account, what this key may pay, what is left today, and what it paid."""
    return HeldAccountAnswer.of(services.people.held.view(keyholder.keyholder_id))


@router.delete(
    "/account",
    status_code=204,
    dependencies=[Depends(keyholder_limited(WRITING_OF_MEMBER))],
    responses=refuses(errors.KeyholderUnknown),
)
def give_back(
    request: Request, response: Response, keyholder: CurrentKeyholder, services: ServicesOf
) -> None:
    """Whoever holds the key gives it back: it pays no more."""
    services.people.keyholders.leave(keyholder.keyholder_id)
    clear_session(response, request)


@router.get(
    "/sales/by-code/{code}",
    dependencies=[
        Depends(keyholder_limited(SALE_BY_CODE_OF_MEMBER)),
        Depends(limited(SALE_BY_CODE)),
    ],
    responses=refuses(sales_errors.SaleNotFound),
)
def held_sale_by_code(
    code: str, request: Request, keyholder: CurrentKeyholder, services: ServicesOf
) -> PayableSaleAnswer:
    """The active sale with that short code."""
    return services.till_views.payable(services.sales.find_by_code(code, ""), language_of(request), None)


@router.post(
    "/payments",
    status_code=202,
    dependencies=[Depends(keyholder_limited(PAYING_OF_MEMBER))],
    responses=PAYMENT_REFUSALS,
)
def pay_held(
    body: PaymentBody, request: Request, keyholder: CurrentKeyholder, services: ServicesOf
) -> PaymentAnswer:
    """Accepts a payment that this session's key has signed, as `POST /v1/payments` does a member's."""
    member_id, signer = services.people.held.key_of(keyholder.keyholder_id)
    return payment_view(services.payments.pay(member_id, body, signer), language_of(request))


@router.get("/payments/{ref}", responses=refuses(PaymentNotFound, WordInvalid))
def held_payment(
    ref: str, request: Request, keyholder: CurrentKeyholder, services: ServicesOf
) -> PaymentAnswer:
    """What became of a payment of this key's; the holder's others are none of its business."""
    return payment_view(services.payments.find_of_key(keyholder.keyholder_id, ref), language_of(request))
