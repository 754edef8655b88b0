"""What docs/openapi.json says of the wallet's origin as a whole.

How a client shows who it is, and which refusals follow from that. One line for each guard of security.py and
rate_limits.py.
"""

from __future__ import annotations

from wallet_service.accounts.errors import KeySuspended
from wallet_service.faces.shell import errors
from wallet_service.faces.shell.description import ApiRules, Guard
from wallet_service.faces.shell.rate_limits import KeyholderLimited, Limited, MemberLimited, TillLimited
from wallet_service.faces.shell.schemas import Problem
from wallet_service.faces.shell.security import (
    CSRF_HEADER,
    MEMBER_COOKIE,
    current_keyholder,
    current_member,
    current_till,
    fresh_member,
    optional_keyholder,
    optional_member,
)
from wallet_service.platform.errors import DatabaseUnavailable
from wallet_service.tills import errors as tills

ABOUT = """The wallet's own API, the till's, and what anybody may ask.

Amounts are integer euro cents (`*_cents`), never decimals; one unit of the currency is 100. Moments carry
their unit in their name (`*_unix_ms`, `*_unix_s`), durations too (`*_s`). `ref` and other 32-byte words are
lower-case 0x hex. A field that has no value is null, not left out.

A refusal is a problem document (RFC 9457) with a stable `code`; all of them stand in `/docs/errors`. A
request that moves money carries a reference its client made: repeating it with the same content gives the
same answer. Every answer carries the server's time in milliseconds (`Alba-Server-Time`) and an
`X-Correlation-Id`.
"""
_TILL = ("tillId", "tillTime", "tillNonce", "tillSignature")


def _header(name: str, text: str) -> dict[str, str]:
    return {"type": "apiKey", "in": "header", "name": name, "description": text}


SECURITY_SCHEMES = {
    "member": {
        "type": "apiKey",
        "in": "cookie",
        "name": MEMBER_COOKIE,
        "description": "The session that signing in or opening a wallet sets (HttpOnly, SameSite=Strict); "
        "over https its name begins with `__Host-`.",
    },
    "csrf": _header(
        CSRF_HEADER.title().replace("Csrf", "CSRF"), "The `csrf_token` of the session, with unsafe methods."
    ),
    "tillId": _header("Alba-Till", "The till's id."),
    "tillTime": _header("Alba-Time", "Server time of the request, unix ms, within ten minutes."),
    "tillNonce": _header("Alba-Nonce", "8 to 64 letters, digits, `-` or `_`, used once."),
    "tillSignature": _header(
        "Alba-Signature",
        "base64url of r ‖ s by the till's P-256 key (SHA-256) over five lines: method, path with query, "
        "time, nonce, SHA-256 of the body in hex.",
    ),
}

_MEMBER = Guard(
    refusals=(errors.SessionRequired,),
    security=("member",),
    unsafe_refusals=(errors.CsrfMissing,),
    unsafe_security=("csrf",),
)

RULES = ApiRules(
    about=ABOUT,
    problem=Problem,
    security_schemes=SECURITY_SCHEMES,
    guards={
        current_member: _MEMBER,
        fresh_member: Guard(
            refusals=(errors.SessionRequired, errors.SessionTooOld, KeySuspended),
            security=("member",),
            unsafe_refusals=(errors.CsrfMissing,),
            unsafe_security=("csrf",),
        ),
        optional_member: Guard(
            security=("member",),
            unsafe_refusals=(errors.CsrfMissing,),
            unsafe_security=("csrf",),
            is_optional=True,
        ),
        current_keyholder: _MEMBER,
        optional_keyholder: Guard(
            security=("member",),
            unsafe_refusals=(errors.CsrfMissing,),
            unsafe_security=("csrf",),
            is_optional=True,
        ),
        current_till: Guard(
            refusals=(
                errors.TillSignatureMissing,
                tills.TillUnknown,
                tills.TillAccessRevoked,
                tills.TillClockWrong,
                tills.TillSignatureInvalid,
                tills.TillRequestReplayed,
            ),
            security=_TILL,
        ),
        Limited: Guard(refusals=(errors.TooManyRequests,)),
        MemberLimited: Guard(refusals=(errors.TooManyRequests,)),
        KeyholderLimited: Guard(refusals=(errors.TooManyRequests,)),
        TillLimited: Guard(refusals=(errors.TooManyRequests,)),
    },
    anywhere=(errors.HostUnknown, errors.RequestRefused, DatabaseUnavailable),
    unsafe=(errors.ForeignOrigin,),
    with_body=(errors.BodyTooLarge,),
    with_input=(errors.RequestInvalid,),
)
