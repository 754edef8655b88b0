"""Tokens a provider signs, and encrypts for us where it does: opened, checked, or refused by name.

Signatures by joserfc, the claims of an ID token by authlib (OpenID Connect Core 1.0, 3.1.3.7). Algorithms are
those FranceConnect uses; `none` and shared secrets are not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from authlib.oidc.core import CodeIDToken
from joserfc import jwe, jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from wallet_service.identity.proofs.errors import (
    ProofNonceInvalid,
    ProofNotForUs,
    ProofOutOfDate,
    ProofSignatureInvalid,
)

SIGNING_ALGORITHMS = ("ES256", "RS256")
ENCRYPTION_ALGORITHMS = ("ECDH-ES", "RSA-OAEP", "RSA-OAEP-256", "A256GCM")
#: A provider's clock and ours.
LEEWAY_S = 30
#: A token made longer ago answers another question, whatever it says of its end.
MAX_TOKEN_AGE_S = 600
_PARTS_OF_ENCRYPTED = 5

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Expected:
    """What a token must say. `nonce` and `access_token` for ID tokens alone."""

    issuer: str
    audience: str
    now_unix_s: int
    nonce: str | None = None
    access_token: str | None = None


class TokenReader:
    """Reads what one provider signs; `fetch_keys` brings its keys, again when a signature fits none."""

    def __init__(
        self, fetch_keys: Callable[[], dict[str, Any]], encryption_key: ECKey | RSAKey | None = None
    ) -> None:
        self._fetch_keys = fetch_keys
        self._encryption_key = encryption_key
        self._keys: KeySet | None = None

    def id_token(self, text: str, expected: Expected) -> Mapping[str, Any]:
        """Raises ProofSignatureInvalid, ProofNotForUs, ProofNonceInvalid, ProofOutOfDate."""
        token = self._signed(text)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": expected.issuer},
                "aud": {"essential": True, "value": expected.audience},
            },
            {
                "nonce": expected.nonce,
                "client_id": expected.audience,
                "access_token": expected.access_token,
            },
        )
        try:
            claims.validate(expected.now_unix_s, LEEWAY_S)
        except ClaimError as error:
            raise _refusal_of(error) from None
        if claims["iat"] < expected.now_unix_s - MAX_TOKEN_AGE_S:
            raise ProofOutOfDate
        return dict(claims)

    def user_info(self, text: str, subject: str, expected: Expected) -> Mapping[str, Any]:
        """The same of what is told of the person, who must be the ID token's (Core 1.0, 5.3.2, 5.3.4)."""
        claims = self._signed(text).claims
        registry = jwt.JWTClaimsRegistry(
            now=expected.now_unix_s,
            leeway=LEEWAY_S,
            iss={"essential": True, "value": expected.issuer},
            aud={"essential": True, "value": expected.audience},
            sub={"essential": True, "value": subject},
        )
        try:
            registry.validate(claims)
        except ClaimError as error:
            raise _refusal_of(error) from None
        return claims

    def _signed(self, text: str) -> jwt.Token:
        """With the keys that are known, then once more with those of now: keys are changed any day."""
        try:
            plain = self._decrypted(text)
            if self._keys is not None:
                try:
                    return jwt.decode(plain, self._keys, SIGNING_ALGORITHMS)
                except JoseError:
                    self._keys = None
            self._keys = KeySet.import_key_set(self._fetch_keys())  # type: ignore[arg-type]
            return jwt.decode(plain, self._keys, SIGNING_ALGORITHMS)
        except (JoseError, ValueError) as error:
            log.warning("identity.token_refused", reason=getattr(error, "error", type(error).__name__))
            raise ProofSignatureInvalid from None

    def _decrypted(self, text: str) -> str:
        if text.count(".") != _PARTS_OF_ENCRYPTED - 1 or self._encryption_key is None:
            return text
        # Issuer and audience may be repeated in its header (RFC 7519, 5.3): what counts is inside.
        allowed = jwe.JWERegistry(algorithms=ENCRYPTION_ALGORITHMS, strict_check_header=False)
        opened = jwe.decrypt_compact(text, self._encryption_key, registry=allowed)
        return (opened.plaintext or b"").decode()


def _refusal_of(error: ClaimError) -> Exception:
    """What of it is wrong, in the words people get; the claim's name alone goes to the log."""
    claim = str(error.claim)
    log.warning("identity.claim_refused", claim=claim, reason=error.error)
    if isinstance(error, ExpiredTokenError) or claim in ("exp", "iat", "nbf"):
        return ProofOutOfDate()
    if claim == "nonce":
        return ProofNonceInvalid()
    if claim == "at_hash":
        return ProofSignatureInvalid()
    return ProofNotForUs()
