"""What browsers are told on every answer, as data. Owns the content security policies; decides nothing."""

from __future__ import annotations

from typing import Literal

Face = Literal["wallet", "console"]

#: No inline script or style, nothing from another origin (see docs/architecture.md).
CONTENT_SECURITY_POLICY: dict[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "media-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}

#: The one page that others' pages may frame (faces/public/routers/open_data.py).
FRAMED_PATH = "/embed"
#: It runs no script and sends nothing; it may stand in anybody's page.
_FRAMED_POLICY: dict[str, str] = {
    **CONTENT_SECURITY_POLICY,
    "script-src": "'none'",
    "connect-src": "'none'",
    "worker-src": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "*",
}

_FEATURES_OFF = "microphone=(), payment=(), usb=(), midi=(), display-capture=()"
#: Where somebody stands is asked in the directory, on a tap, and stays in the page.
PERMISSIONS_POLICY: dict[Face, str] = {
    "wallet": f"camera=(self), geolocation=(self), {_FEATURES_OFF}",
    "console": f"camera=(), geolocation=(), {_FEATURES_OFF}",
}

HSTS_MAX_AGE_S = 63_072_000


def security_headers(face: Face, *, encrypted: bool) -> dict[str, str]:
    """Headers of every answer; `encrypted` when the origin is https."""
    headers = {
        "Content-Security-Policy": _policy(CONTENT_SECURITY_POLICY),
        "Permissions-Policy": PERMISSIONS_POLICY[face],
        # Not "no-referrer": with it browsers send "Origin: null" with our own forms, and the origin check
        # would be blind.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if encrypted:
        headers["Strict-Transport-Security"] = f"max-age={HSTS_MAX_AGE_S}; includeSubDomains"
    return headers


def framed_headers(face: Face, *, encrypted: bool) -> dict[str, str]:
    """The same for the page at `FRAMED_PATH`: any page may frame it, and it may use no feature at all."""
    headers = {
        **security_headers(face, encrypted=encrypted),
        "Content-Security-Policy": _policy(_FRAMED_POLICY),
        "Permissions-Policy": f"camera=(), geolocation=(), {_FEATURES_OFF}",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    del headers["X-Frame-Options"]
    return headers


def _policy(directives: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in directives.items())
