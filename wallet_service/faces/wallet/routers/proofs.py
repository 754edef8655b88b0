"""Proving an identity by a provider: what is offered, the way there, the way back, and what came of it.

What providers send back comes in a query (a code, a word that names the attempt). It is used once and the
browser is led to an address without it; no log of this service holds a query (faces/shell/logs.py).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from wallet_service.faces.shell.rate_limits import (
    DECLARATION_OF_MEMBER,
    PROOF_RETURN,
    limited,
    member_limited,
)
from wallet_service.faces.shell.security import HOST_PREFIX, CurrentMember, FreshMember, ServicesOf
from wallet_service.identity.errors import BirthDateRefused, IdentityNotForProfessionals
from wallet_service.identity.proofs import errors
from wallet_service.identity.proofs.models import (
    ANSWERS_PATH,
    ATTEMPT_LIFETIME_S,
    REQUESTS_PATH,
    ProviderName,
)
from wallet_service.identity.proofs.schemas import (
    AttemptAnswer,
    AttemptBody,
    OfferAnswer,
    OffersAnswer,
    ProofAnswer,
    ProvedAnswer,
)
from wallet_service.identity.states import VERIFICATION_YEARS
from wallet_service.members.errors import AlreadyProfessional, MemberStateRefused, TierChangeRefused
from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.rights.decisions import KEPT_AFTER_CLOSING_DAYS

router = APIRouter(tags=["identity"])

DAYS_OF_THE_LONGEST_YEAR = 366
ATTEMPT_COOKIE = "alba_proof"
#: Where the wallet's page asks what came of it.
RETURN_PAGE = "/identity/return"
#: What a provider's return may say (OpenID Connect Core 1.0, 3.1.2.5 and 3.1.2.6; RFC 9207).
_RETURNED = ("code", "error", "iss")
_MAX_RETURNED_LENGTH = 2_000
#: A credential with its chain of certificates, encrypted, is some kilobytes.
WalletText = Annotated[str, Form(max_length=65_536)]


@router.get("/v1/me/identity/ways")
def ways(member: CurrentMember, services: ServicesOf) -> OffersAnswer:
    """What each way to prove an identity takes, keeps and gives. Nothing personal."""
    offers = services.proofs.offers()
    return OffersAnswer(
        ways=[OfferAnswer.model_validate(offer) for offer in offers],
        kept_years=KEPT_AFTER_CLOSING_DAYS // DAYS_OF_THE_LONGEST_YEAR,
        verified_years=VERIFICATION_YEARS,
    )


@router.post(
    "/v1/me/identity/attempts",
    status_code=201,
    dependencies=[Depends(member_limited(DECLARATION_OF_MEMBER))],
    responses=refuses(
        errors.ProviderOff,
        errors.ProviderUnreachable,
        errors.ProviderRefused,
        IdentityNotForProfessionals,
    ),
)
def start(
    body: AttemptBody, request: Request, response: Response, member: FreshMember, services: ServicesOf
) -> AttemptAnswer:
    """Where to go now. This browser keeps a cookie without which the way back is refused."""
    started = services.proofs.start(
        member.member_id, ProviderName(body.provider), is_elsewhere=body.is_elsewhere
    )
    response.set_cookie(
        _cookie_name(request),
        started.browser_token,
        max_age=ATTEMPT_LIFETIME_S,
        httponly=True,
        secure=request.app.state.encrypted,
        samesite="lax",  # it must come along when the provider sends the browser back
    )
    return AttemptAnswer.model_validate(started)


@router.get(
    "/v1/identity/returns/{provider}",
    dependencies=[Depends(limited(PROOF_RETURN))],
    include_in_schema=False,  # for browsers that a provider sends back; it answers with an address
)
def provider_return(provider: ProviderName, request: Request, services: ServicesOf) -> RedirectResponse:
    """The way back from a provider, whatever it says; the page asks what came of it."""
    said = {name: request.query_params.get(name, "")[:_MAX_RETURNED_LENGTH] for name in _RETURNED}
    answer = {name: value for name, value in said.items() if value}
    cookie = _cookie_name(request)
    with suppress(Refusal):  # said on the page, by `finish`
        services.proofs.receive(
            provider, request.query_params.get("state", ""), request.cookies.get(cookie), answer
        )
    back = RedirectResponse(RETURN_PAGE, status_code=303, headers={"Cache-Control": "no-store"})
    back.delete_cookie(cookie, httponly=True, secure=request.app.state.encrypted, samesite="lax")
    return back


@router.get(
    f"{REQUESTS_PATH}/{{handle}}",
    dependencies=[Depends(limited(PROOF_RETURN))],
    include_in_schema=False,  # wallets ask, by OpenID4VP
)
def wallet_request(handle: str, services: ServicesOf) -> Response:
    """The signed request a wallet was shown the address of."""
    return Response(
        services.proofs.wallet_request(handle),
        media_type="application/oauth-authz-req+jwt",
        headers={"Cache-Control": "no-store"},
    )


@router.post(
    f"{ANSWERS_PATH}/{{handle}}",
    dependencies=[Depends(limited(PROOF_RETURN))],
    include_in_schema=False,  # wallets answer, by OpenID4VP
)
def wallet_answer(
    handle: str, services: ServicesOf, response: WalletText = "", error: WalletText = ""
) -> JSONResponse:
    """A wallet's encrypted answer, or that its owner declined. It is judged when the member asks."""
    said = {"error": error[:_MAX_RETURNED_LENGTH]} if error else {"response": response}
    back = services.proofs.receive_from_wallet(handle, said)
    name = ProviderName.EUROPEAN_WALLET.value
    address = f"{services.settings.wallet_origin}/v1/identity/returns/{name}?state={back}"
    return JSONResponse({"redirect_uri": address} if back else {}, headers={"Cache-Control": "no-store"})


@router.get("/v1/identity/keys", include_in_schema=False)
def keys(services: ServicesOf) -> JSONResponse:
    """Our public keys, for providers that encrypt their tokens (JWK set, RFC 7517)."""
    return JSONResponse({"keys": services.proofs.public_keys()}, headers={"Cache-Control": "max-age=300"})


@router.post(
    "/v1/me/identity/attempts/finish",
    dependencies=[Depends(member_limited(DECLARATION_OF_MEMBER))],
    responses=refuses(
        errors.ProofUnknown,
        errors.ProofUsed,
        errors.ProofAttemptExpired,
        errors.ProofDeclined,
        errors.ProviderOff,
        errors.ProviderUnreachable,
        errors.ProviderRefused,
        errors.ProofSignatureInvalid,
        errors.ProofNotForUs,
        errors.ProofNonceInvalid,
        errors.ProofOutOfDate,
        errors.ProofLevelTooLow,
        errors.ProofIncomplete,
        errors.ProofStatusUnchecked,
        errors.ProofTooMuch,
        errors.BirthDateDiffers,
        errors.IdentityInUse,
        BirthDateRefused,
        IdentityNotForProfessionals,
        MemberStateRefused,
        TierChangeRefused,
        AlreadyProfessional,
    ),
)
def finish(member: CurrentMember, services: ServicesOf) -> ProvedAnswer:
    """What came of the member's newest attempt; its answer counts once."""
    ended = services.proofs.finish(member.member_id)
    return ProvedAnswer(
        proof=ProofAnswer.model_validate(ended.summary),
        expires_on=ended.expires_on,
        session_end_address=ended.session_end_address,
    )


def _cookie_name(request: Request) -> str:
    return HOST_PREFIX + ATTEMPT_COOKIE if request.app.state.encrypted else ATTEMPT_COOKIE
