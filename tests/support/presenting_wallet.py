"""A wallet, an issuer of personal data and the roots they are known by: all of it invented."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc import jwe, jws
from joserfc.jwk import ECKey
from openvc.keys import P256SigningKey
from openvc.proof.sd_jwt import SdJwtVcProofSuite

PID_TYPE = "urn:eudi:pid:1"
ISSUER = "https://pid.issuer.invalid"
CAMILLE = {"given_name": "Camille Inès", "family_name": "ROUSSEL", "birthdate": "1988-02-03", "sex": 2}


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@dataclass(frozen=True)
class Authority:
    """A root and what it certifies."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def certificate(self) -> x509.Certificate:
        name = _named("Autorité des essais")
        return self._built(name, self.key, [(x509.BasicConstraints(True, None), True)], serial=1)

    def certify(self, key: ec.EllipticCurvePrivateKey, *alternatives: x509.GeneralName) -> x509.Certificate:
        further = [
            (x509.BasicConstraints(False, None), True),
            (x509.SubjectAlternativeName(alternatives), False),
        ]
        return self._built(_named("Service des essais"), key, further, serial=x509.random_serial_number())

    def _built(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        extensions: Sequence[tuple[x509.ExtensionType, bool]],
        serial: int,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        usage = x509.KeyUsage(True, False, False, False, False, serial == 1, serial == 1, False, False)
        built = (
            x509.CertificateBuilder(_named("Autorité des essais"), name, key.public_key(), serial)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(usage, True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
        )
        for extension, is_critical in extensions:
            built = built.add_extension(extension, is_critical)
        return built.sign(self.key, hashes.SHA256())


@dataclass
class PidIssuer:
    """Issues personal data to a wallet's key."""

    authority: Authority = field(default_factory=Authority)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def issue(self, holder: P256SigningKey, person: dict[str, Any], **further: Any) -> str:
        leaf = self.authority.certify(self.key, x509.UniformResourceIdentifier(ISSUER))
        der = base64.b64encode(leaf.public_bytes(serialization.Encoding.DER)).decode()
        lifetime_s = further.pop("lifetime_s", 3_600)
        return SdJwtVcProofSuite().issue(
            {"iss": ISSUER, **person, **further},
            signing_key=P256SigningKey(self.key, "pid"),
            disclosable=list(person),
            holder_jwk=holder.public_jwk(),
            vct=further.pop("vct", PID_TYPE),
            expires_in_s=lifetime_s,
            x5c=[der],
        )


@dataclass
class PresentingWallet:
    """Reads a request as a wallet does, and answers what it is told to."""

    credential: str = ""
    key: P256SigningKey = field(default_factory=lambda: P256SigningKey.generate("holder"))

    @staticmethod
    def read(request: str, root: x509.Certificate) -> dict[str, Any]:
        """The claims of a request signed by who the root certified for the host it speaks of."""
        header = json.loads(_decoded(request.split(".")[0]))
        assert header["typ"] == "oauth-authz-req+jwt"
        leaf = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
        leaf.verify_directly_issued_by(root)
        public = leaf.public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        key = ECKey.import_key(public)
        registry = jws.JWSRegistry(algorithms=["ES256"])
        registry.max_header_length = len(request)  # certificates are in it
        claims: dict[str, Any] = json.loads(jws.deserialize_compact(request, key, registry=registry).payload)
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        prefix, _, host = claims["client_id"].partition(":")
        assert prefix == "x509_san_dns"
        assert host in names.get_values_for_type(x509.DNSName)
        return claims

    def present(
        self,
        asked: dict[str, Any],
        names: Sequence[str] = ("given_name", "family_name", "birthdate"),
        *,
        audience: str | None = None,
        nonce: str | None = None,
        holder: P256SigningKey | None = None,
    ) -> str:
        """The credential with the disclosures of those names, bound to this request."""
        issued, *disclosures, _ = self.credential.split("~")
        chosen = [one for one in disclosures if json.loads(_decoded(one))[1] in names]
        return SdJwtVcProofSuite().create_presentation(
            "~".join((issued, *chosen, "")),
            holder_key=holder or self.key,
            audience=audience or asked["client_id"],
            nonce=nonce or asked["nonce"],
        )

    @staticmethod
    def encrypt(asked: dict[str, Any], presentation: str, state: str | None = None) -> str:
        """The answer, for the key that the request brought (`direct_post.jwt`)."""
        (jwk,) = asked["client_metadata"]["jwks"]["keys"]
        (query,) = asked["dcql_query"]["credentials"]
        told = {"vp_token": {query["id"]: [presentation]}, "state": state or asked["state"]}
        header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": jwk["kid"]}
        return jwe.encrypt_compact(header, json.dumps(told), ECKey.import_key(jwk), ["ECDH-ES", "A256GCM"])


def expired_credential(issuer: PidIssuer, holder: P256SigningKey) -> str:
    """Good until an hour ago."""
    return issuer.issue(holder, CAMILLE, iat=int(time.time()) - 7_200, lifetime_s=-3_600)


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
