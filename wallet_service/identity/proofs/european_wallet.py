"""A European wallet: OpenID for Verifiable Presentations 1.0, with an SD-JWT VC of personal data (PID).

The request is signed with the operator's access certificate (`x509_san_dns`), asks for three claims and for
an encrypted answer (`direct_post.jwt`). The answer is judged by openvc: issuer's chain, key binding,
disclosures, dates. Nothing is fetched from anywhere an answer names. Source: OpenID4VP 1.0; RFC 9901;
Regulation (EU) 2024/1183.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey
from openvc.did.base import DidResolverRegistry
from openvc.errors import OpenvcError
from openvc.jwe import JweError, decrypt_compact
from openvc.keys import P256KeyAgreementKey
from openvc.openid4vp import VpTokenMalformed, verify_vp_token
from openvc.proof.errors import ClaimsInvalid, CredentialExpired, CredentialNotYetValid

from wallet_service.identity.proofs.errors import (
    ProofDeclined,
    ProofIncomplete,
    ProofNonceInvalid,
    ProofNotForUs,
    ProofOutOfDate,
    ProofSignatureInvalid,
    ProofStatusUnchecked,
    ProofTooMuch,
    ProviderRefused,
)
from wallet_service.identity.proofs.models import (
    ANSWERS_PATH,
    ATTEMPT_LIFETIME_S,
    NEEDED_CLAIMS,
    REQUESTS_PATH,
    AssuranceLevel,
    BegunAttempt,
    Offer,
    ProvenIdentity,
    ProviderName,
)
from wallet_service.identity.proofs.secret_files import ProviderKeyUnusable, read_private
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.refusal import Refusal
from wallet_service.security.tokens import new_token

QUERY = "pid"
#: Issuers write the birth date under either name; a wallet answers the set it can.
CLAIM_SETS = (("given", "family", "birthdate"), ("given", "family", "birth_date"))
CLAIM_PATHS = {
    "given": "given_name",
    "family": "family_name",
    "birthdate": "birthdate",
    "birth_date": "birth_date",
}
#: How old the wallet's own signature may be.
BINDING_AGE_S = 300
LEEWAY_S = 30

UncheckedStatus = Literal["refuse", "accept"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class EuropeanWalletTerms:
    """Who we are to wallets, and whom we believe.

    `certificates` is our chain, leaf first; `issuers` are the roots that providers of personal data chain to;
    `unchecked_status` what becomes of a credential that names a status list, which nobody here asks.
    """

    origin: str
    certificates: Sequence[x509.Certificate]
    key: ec.EllipticCurvePrivateKey
    issuers: Sequence[x509.Certificate]
    credential_types: Sequence[str]
    unchecked_status: UncheckedStatus = "refuse"

    @property
    def client_id(self) -> str:
        return f"x509_san_dns:{urlsplit(self.origin).hostname}"


def read_terms(
    origin: str,
    files: tuple[Path, Path, Path],
    credential_types: Sequence[str],
    unchecked_status: UncheckedStatus,
) -> EuropeanWalletTerms:
    """From the files of certificates, key and issuers, PEM each. Raises ProviderKeyUnusable."""
    certificates_file, key_file, issuers_file = files
    certificates, issuers = _certificates(certificates_file), _certificates(issuers_file)
    try:
        key = serialization.load_pem_private_key(read_private(key_file), None)
    except (ValueError, TypeError) as error:
        raise ProviderKeyUnusable(f"{key_file} holds no private key as PEM") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ProviderKeyUnusable(f"{key_file} holds no EC P-256 key")
    if certificates[0].public_key() != key.public_key():
        raise ProviderKeyUnusable(f"{certificates_file} does not begin with the certificate of {key_file}")
    names = certificates[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if urlsplit(origin).hostname not in names.get_values_for_type(x509.DNSName):
        raise ProviderKeyUnusable(f"{certificates_file} is not for the host of {origin}")
    return EuropeanWalletTerms(origin, certificates, key, issuers, credential_types, unchecked_status)


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ProviderKeyUnusable(f"{path} holds no certificates as PEM") from error


class EuropeanWallet:
    """Keeps nothing: what an attempt needs is sealed with it."""

    def __init__(self, terms: EuropeanWalletTerms, clock: Clock) -> None:
        self._terms = terms
        self._clock = clock

    @property
    def offer(self) -> Offer:
        return Offer(
            provider=ProviderName.EUROPEAN_WALLET,
            takes=NEEDED_CLAIMS,
            keeps=NEEDED_CLAIMS,
            level=AssuranceLevel.HIGH,
            is_immediate=True,
            can_show_code=True,
        )

    def begin(self, *, is_elsewhere: bool) -> BegunAttempt:
        """The address of the request, as a wallet's link or code; the request itself is asked for there."""
        handle, key = new_token(), ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        asked = {
            "client_id": self._terms.client_id,
            "request_uri": f"{self._terms.origin}{REQUESTS_PATH}/{handle}",
        }
        secrets = {"nonce": new_token(), "state": new_token(), "key": pem.decode()}
        return BegunAttempt(handle, f"openid4vp://?{urlencode(asked)}", secrets)

    def request(self, handle: str, secrets: Mapping[str, str]) -> str:
        """The signed request object (OpenID4VP 1.0, 5; RFC 9101) for a wallet that asks for it."""
        now_unix_s = self._clock.now_unix_s()
        claims = {
            "aud": "https://self-issued.me/v2",
            "iat": now_unix_s,
            "exp": now_unix_s + ATTEMPT_LIFETIME_S,
            "client_id": self._terms.client_id,
            "response_type": "vp_token",
            "response_mode": "direct_post.jwt",
            "response_uri": f"{self._terms.origin}{ANSWERS_PATH}/{handle}",
            "nonce": secrets["nonce"],
            "state": secrets["state"],
            "dcql_query": self._query(),
            "client_metadata": {
                "vp_formats_supported": {
                    "dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}
                },
                "encrypted_response_enc_values_supported": ["A128GCM", "A256GCM"],
                "jwks": {
                    "keys": [{**_agreement(secrets).public_jwk(), "kid": QUERY, "alg": "ECDH-ES"}],
                },
            },
        }
        chain = [
            base64.b64encode(one.public_bytes(serialization.Encoding.DER)).decode()
            for one in self._terms.certificates
        ]
        header = {"alg": "ES256", "typ": "oauth-authz-req+jwt", "x5c": chain}
        return jws.serialize_compact(header, json.dumps(claims), ECKey.import_key(self._terms.key), ["ES256"])

    def prove(self, secrets: Mapping[str, str], answer: Mapping[str, str]) -> ProvenIdentity:
        """Raises as the port says, ProofTooMuch and ProofStatusUnchecked."""
        if said := answer.get("error"):
            is_declined = said == "access_denied"
            log.info("identity.wallet_said", is_declined=is_declined)
            raise ProofDeclined if is_declined else ProviderRefused
        token = self._opened(answer.get("response", ""), secrets)
        presentation = _single(token)
        self._check_addressee(presentation, secrets["nonce"])
        try:
            verified = verify_vp_token(
                token,
                dcql_query=self._query(),
                nonce=secrets["nonce"],
                client_id=self._terms.client_id,
                resolver=DidResolverRegistry(),
                x5c_trust_anchors=list(self._terms.issuers),
                now=datetime.fromtimestamp(self._clock.now_unix_s(), UTC),
                leeway_s=LEEWAY_S,
                kb_max_age_s=BINDING_AGE_S,
            )
        except OpenvcError as error:
            raise _refusal_of(error) from None
        (credential,) = verified.presentations[0].credentials
        claims: Mapping[str, Any] = credential.claims or {}
        if "status" in claims and self._terms.unchecked_status == "refuse":
            raise ProofStatusUnchecked
        if _disclosed(presentation) - set(CLAIM_PATHS.values()):
            raise ProofTooMuch
        given, family = claims.get("given_name"), claims.get("family_name")
        born = claims.get("birthdate", claims.get("birth_date"))
        if not (isinstance(given, str) and isinstance(family, str) and isinstance(born, str)):
            raise ProofIncomplete
        return ProvenIdentity(ProviderName.EUROPEAN_WALLET, AssuranceLevel.HIGH, None, given, family, born)

    def public_keys(self) -> list[dict[str, Any]]:
        """Each request brings its own."""
        return []

    def _query(self) -> dict[str, Any]:
        """Digital Credentials Query Language (OpenID4VP 1.0, 6): three claims and nothing else."""
        return {
            "credentials": [
                {
                    "id": QUERY,
                    "format": "dc+sd-jwt",
                    "meta": {"vct_values": list(self._terms.credential_types)},
                    "claims": [{"id": name, "path": [path]} for name, path in CLAIM_PATHS.items()],
                    "claim_sets": [list(one) for one in CLAIM_SETS],
                }
            ]
        }

    def _opened(self, response: str, secrets: Mapping[str, str]) -> dict[str, Any]:
        """The `vp_token` of an encrypted answer to this very request."""
        try:
            payload = json.loads(decrypt_compact(response, key=_agreement(secrets)))
        except (JweError, ValueError, RecursionError):
            raise ProofSignatureInvalid from None
        if not isinstance(payload, dict) or payload.get("state") != secrets["state"]:
            raise ProofNonceInvalid
        token = payload.get("vp_token")
        if not isinstance(token, dict):
            raise ProofIncomplete
        return token

    def _check_addressee(self, presentation: str, nonce: str) -> None:
        """For the words alone: whom the wallet's own signature is for is judged with it, by openvc."""
        try:
            claims = json.loads(_decoded(presentation.rpartition("~")[2].split(".")[1]))
            is_told = isinstance(claims, dict)
        except (IndexError, ValueError):
            is_told = False
        if not is_told:
            raise ProofSignatureInvalid  # nothing says that it is the holder's
        if claims.get("nonce") != nonce:
            raise ProofNonceInvalid
        if claims.get("aud") != self._terms.client_id:
            raise ProofNotForUs


def _agreement(secrets: Mapping[str, str]) -> P256KeyAgreementKey:
    return P256KeyAgreementKey.from_pem(secrets["key"].encode(), QUERY)


def _single(token: Mapping[str, Any]) -> str:
    found = token.get(QUERY)
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], str):
        raise ProofIncomplete
    return found[0]


def _disclosed(presentation: str) -> set[str]:
    """The names the wallet disclosed, each by its own digest in what the issuer signed."""
    _, *disclosures, _ = presentation.split("~")
    parts = [json.loads(_decoded(one)) for one in disclosures]
    return {part[1] if len(part) == 3 else "" for part in parts}  # an array's element has no name


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _refusal_of(error: OpenvcError) -> Refusal:
    """What is wrong, in the words people get; messages may repeat claims, so the kind alone is logged."""
    log.warning("identity.presentation_refused", failure=type(error).__name__)
    if isinstance(error, (CredentialExpired, CredentialNotYetValid, ClaimsInvalid)):
        return ProofOutOfDate()
    if isinstance(error, VpTokenMalformed):
        return ProofIncomplete()
    return ProofSignatureInvalid()
