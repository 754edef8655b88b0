"""FranceConnect, version 2: the authorization code flow of OpenID Connect, by authlib.

Asked for are the name, the first names and the birth date alone, each scope by its own name; of what comes
nothing else is looked at. Keeps keys and the provider's own description in memory, nothing of a person.
Source: docs.partenaires.franceconnect.gouv.fr; OpenID Connect Core 1.0; RFC 7636 (PKCE); RFC 9207 (iss).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from requests.exceptions import RequestException

from wallet_service.identity.proofs.errors import (
    ProofDeclined,
    ProofIncomplete,
    ProofLevelTooLow,
    ProofNotForUs,
    ProofSignatureInvalid,
    ProviderOff,
    ProviderRefused,
    ProviderUnreachable,
)
from wallet_service.identity.proofs.models import (
    NEEDED_CLAIMS,
    AssuranceLevel,
    BegunAttempt,
    Offer,
    ProvenIdentity,
    ProviderName,
)
from wallet_service.identity.proofs.secret_files import ProviderKeyUnusable, read_private
from wallet_service.identity.proofs.signed_tokens import Expected, TokenReader
from wallet_service.protocol.clock import Clock
from wallet_service.security.tokens import new_token

SCOPES = "openid given_name family_name birthdate"
DESCRIPTION_PATH = "/.well-known/openid-configuration"
#: To reach the provider, and between two pieces of an answer: a person looks at a page meanwhile.
CONNECT_TIMEOUT_S = 4.0
READ_TIMEOUT_S = 6.0
#: How long the provider's own description is believed.
DESCRIPTION_LIFETIME_S = 3_600

Level = Literal["eidas2", "eidas3"]
#: What a level of the provider's is called here, weakest first (Regulation (EU) 910/2014, article 8).
LEVELS: dict[str, AssuranceLevel] = {"eidas2": AssuranceLevel.SUBSTANTIAL, "eidas3": AssuranceLevel.HIGH}
_ORDER = ["eidas1", *LEVELS]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class FranceConnectTerms:
    """What was agreed with FranceConnect. `least_level` is asked for, and less is refused."""

    issuer: str
    client_id: str
    client_secret: str
    return_address: str
    after_address: str
    least_level: Level = "eidas2"
    encryption_key: ECKey | RSAKey | None = None
    timeout_s: tuple[float, float] = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)


def read_encryption_key(path: Path) -> ECKey | RSAKey:
    """A private key as PEM, for tokens that are encrypted for us. Raises ProviderKeyUnusable."""
    pem = read_private(path)
    kinds: tuple[type[ECKey] | type[RSAKey], ...] = (ECKey, RSAKey)
    for kind in kinds:
        try:
            key = kind.import_key(pem, {"use": "enc"})
        except (JoseError, ValueError):
            continue
        if key.is_private:
            key.ensure_kid()
            return key
    raise ProviderKeyUnusable(f"{path} holds no private key, EC or RSA, as PEM")


class FranceConnect:
    """One for each service; its state is the provider's description and keys."""

    def __init__(self, terms: FranceConnectTerms, clock: Clock) -> None:
        self._terms = terms
        self._clock = clock
        self._lock = threading.Lock()
        self._description: dict[str, Any] | None = None
        self._described_at_unix_s = 0
        self._reader = TokenReader(self._fetch_keys, terms.encryption_key)

    @property
    def offer(self) -> Offer:
        return Offer(
            provider=ProviderName.FRANCE_CONNECT,
            takes=NEEDED_CLAIMS,
            keeps=NEEDED_CLAIMS,
            level=LEVELS[self._terms.least_level],
            is_immediate=True,
        )

    def begin(self, *, is_elsewhere: bool) -> BegunAttempt:
        """Raises ProviderUnreachable, ProviderRefused."""
        described = self._described()
        state, nonce, verifier = new_token(), new_token(), new_token()
        with self._client() as client:
            address, _ = client.create_authorization_url(
                described["authorization_endpoint"],
                state=state,
                code_verifier=verifier,
                nonce=nonce,
                acr_values=self._terms.least_level,
            )
        return BegunAttempt(state, address, {"state": state, "nonce": nonce, "verifier": verifier})

    def request(self, handle: str, secrets: Mapping[str, str]) -> str:
        """Nothing is asked of us: people are sent with all of it."""
        raise ProviderOff

    def prove(self, secrets: Mapping[str, str], answer: Mapping[str, str]) -> ProvenIdentity:
        """Raises as the port says."""
        if error := answer.get("error"):
            log.info("identity.provider_said", error=error if error in _KNOWN_ERRORS else "other")
            raise ProofDeclined if error == "access_denied" else ProviderRefused
        if answer.get("iss", self._terms.issuer) != self._terms.issuer:
            raise ProofNotForUs  # another provider's answer (RFC 9207)
        if not answer.get("code"):
            raise ProviderRefused
        described = self._described()
        with self._client() as client:
            tokens = self._asked(
                lambda: client.fetch_token(
                    described["token_endpoint"],
                    code=answer["code"],
                    code_verifier=secrets["verifier"],
                    grant_type="authorization_code",
                    redirect_uri=self._terms.return_address,
                    allow_redirects=False,
                )
            )
            id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
            if not isinstance(id_token, str) or not isinstance(access_token, str):
                raise ProofSignatureInvalid
            claims = self._reader.id_token(id_token, self._expected(secrets["nonce"], access_token))
            level = str(claims.get("acr"))
            if level not in LEVELS or _ORDER.index(level) < _ORDER.index(self._terms.least_level):
                raise ProofLevelTooLow
            told = self._asked(lambda: self._told(client, described["userinfo_endpoint"]))
        person = self._reader.user_info(told, str(claims["sub"]), self._expected())
        given, family, born = (person.get(name) for name in ("given_name", "family_name", "birthdate"))
        if not (isinstance(given, str) and isinstance(family, str) and isinstance(born, str)):
            raise ProofIncomplete
        subject = f"{self._terms.issuer}\0{claims['sub']}"
        return ProvenIdentity(
            ProviderName.FRANCE_CONNECT,
            LEVELS[level],
            subject,
            given,
            family,
            born,
            self._session_end(described, id_token),
        )

    def public_keys(self) -> list[dict[str, Any]]:
        """With which the provider encrypts for us: to be published where it was told."""
        key = self._terms.encryption_key
        return [dict(key.as_dict(private=False))] if key is not None else []

    def _client(self) -> OAuth2Session:
        methods = (self._description or {}).get("token_endpoint_auth_methods_supported", ())
        client = OAuth2Session(
            self._terms.client_id,
            self._terms.client_secret,
            "client_secret_post" if "client_secret_post" in methods else "client_secret_basic",
            scope=SCOPES,
            redirect_uri=self._terms.return_address,
            code_challenge_method="S256",
            default_timeout=self._terms.timeout_s,
        )
        client.trust_env = False  # no credentials or proxies of whoever started this program
        return client

    def _told(self, client: OAuth2Session, address: str) -> str:
        response = client.get(address, headers={"Accept": "application/jwt"}, allow_redirects=False)
        response.raise_for_status()
        return str(response.text)

    def _described(self) -> dict[str, Any]:
        """The provider's own description, asked for again when it is old."""
        with self._lock:
            now_unix_s = self._clock.now_unix_s()
            is_old = now_unix_s - self._described_at_unix_s > DESCRIPTION_LIFETIME_S
            if self._description is None or is_old:
                described = self._fetched(self._terms.issuer.rstrip("/") + DESCRIPTION_PATH)
                if described.get("issuer") != self._terms.issuer:
                    log.error("identity.issuer_differs")
                    raise ProviderRefused
                self._description, self._described_at_unix_s = described, now_unix_s
            return self._description

    def _fetch_keys(self) -> dict[str, Any]:
        return self._fetched(self._described()["jwks_uri"])

    def _fetched(self, address: str) -> dict[str, Any]:
        def fetch() -> Any:
            with self._client() as client:
                response = client.get(address, withhold_token=True, allow_redirects=False)
                response.raise_for_status()
                return response.json()

        found = self._asked(fetch)
        if not isinstance(found, dict):
            raise ProviderRefused
        return found

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """What the provider answers. What failed is logged by its kind: messages repeat addresses."""
        try:
            return ask()
        except OAuthError as error:
            log.warning("identity.provider_error", error=error.error if error.error in _KNOWN_ERRORS else "")
            raise ProviderRefused from None
        except (RequestException, ValueError) as error:
            log.warning("identity.provider_unreachable", failure=type(error).__name__)
            raise ProviderUnreachable from None

    def _expected(self, nonce: str | None = None, access_token: str | None = None) -> Expected:
        return Expected(
            self._terms.issuer, self._terms.client_id, self._clock.now_unix_s(), nonce, access_token
        )

    def _session_end(self, described: Mapping[str, Any], id_token: str) -> str | None:
        """OpenID Connect RP-Initiated Logout 1.0; `state` is asked for by FranceConnect."""
        address = described.get("end_session_endpoint")
        if not address:
            return None
        asked = {
            "id_token_hint": id_token,
            "post_logout_redirect_uri": self._terms.after_address,
            "state": new_token(),
        }
        return f"{address}?{urlencode(asked)}"


#: Words of the protocol, which may be logged; what else comes may be anything.
_KNOWN_ERRORS = frozenset(
    {
        *("access_denied", "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client"),
        *("server_error", "temporarily_unavailable", "invalid_scope", "login_required"),
    }
)
