"""A real OpenID provider in FranceConnect's shape, in a process of its own, and somebody who signs in there.

The program is oidc_provider.mjs; its people are invented: camille (substantial), basile (high), faible (low),
presume (no day of birth), enfant (a child).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from tests.support.web import WALLET_ORIGIN
from wallet_service.identity.proofs.france_connect import FranceConnectTerms
from wallet_service.identity.proofs.models import ProviderName

PROGRAM = Path(__file__).with_suffix(".mjs")
CLIENT_ID, CLIENT_SECRET = "alba", "a secret of tests, worth nothing"
RETURN_ADDRESS = f"{WALLET_ORIGIN}/v1/identity/returns/{ProviderName.FRANCE_CONNECT.value}"
AFTER_ADDRESS = f"{WALLET_ORIGIN}/identity"


def client(origin: str = WALLET_ORIGIN, **further: Any) -> dict[str, Any]:
    """A client as the provider knows it."""
    return {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [f"{origin}/v1/identity/returns/{ProviderName.FRANCE_CONNECT.value}"],
        "post_logout_redirect_uris": [f"{origin}/identity"],
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "ES256",
        "token_endpoint_auth_method": "client_secret_post",
        **further,
    }


@dataclass(frozen=True)
class ProviderUnderTest:
    """A provider that listens; `process` may be ended or stopped by a test."""

    issuer: str
    process: subprocess.Popen[str]

    def terms(self, **further: Any) -> FranceConnectTerms:
        made = FranceConnectTerms(self.issuer, CLIENT_ID, CLIENT_SECRET, RETURN_ADDRESS, AFTER_ADDRESS)
        return replace(made, **further)

    def rotate_keys(self) -> None:
        """From now on it signs with another key, and shows that one alone."""
        assert httpx.post(f"{self.issuer}/_rotate").status_code == 204


@contextmanager
def running_provider(*clients: dict[str, Any], port: int = 0) -> Iterator[ProviderUnderTest]:
    told = json.dumps({"port": port, "clients": clients or (client(),)})
    process = subprocess.Popen(
        ["node", str(PROGRAM), told], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield ProviderUnderTest(json.loads(process.stdout.readline())["issuer"], process)
    finally:
        process.kill()
        process.communicate()


def sign_in(address: str, account: str, *, act: str = "go") -> httpx.URL:
    """Somebody signs in on the provider's own page, or declines; where they are sent back to."""
    with httpx.Client() as browser:
        response = browser.get(address)
        for _ in range(6):
            location = response.headers.get("location")
            if location is None:  # the login page
                response = browser.post(response.url, data={"account": account, "act": act})
            elif location.startswith(WALLET_ORIGIN):
                return httpx.URL(location)
            else:
                response = browser.get(urljoin(str(response.url), location))
    raise AssertionError(f"never sent back: {response.status_code} {response.text[:300]}")
