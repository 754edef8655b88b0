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

_FEATURES_OFF = "geolocation=(), microphone=(), payment=(), usb=(), midi=(), display-capture=()"
PERMISSIONS_POLICY: dict[Face, str] = {
    "wallet": f"camera=(self), {_FEATURES_OFF}",
    "console": f"camera=(), {_FEATURES_OFF}",
}

HSTS_MAX_AGE_S = 63_072_000


def security_headers(face: Face, *, encrypted: bool) -> dict[str, str]:
    """Headers of every answer; `encrypted` when the origin is https."""
    headers = {
        "Content-Security-Policy": "; ".join(
            f"{name} {value}" for name, value in CONTENT_SECURITY_POLICY.items()
        ),
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
