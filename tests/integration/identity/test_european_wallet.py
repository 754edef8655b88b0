"""An identity proved with a wallet: the request it reads, and every answer that is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi.testclient import TestClient
from openvc.keys import P256SigningKey
from sqlalchemy import Engine, select

from tests.support.presenting_wallet import (
    CAMILLE,
    Authority,
    PidIssuer,
    PresentingWallet,
    expired_credential,
)
from tests.support.web import WALLET_ORIGIN, HttpFixture, build_http_fixture, client_of
from wallet_service.database.tables.identity import identity_attempts, identity_proofs
from wallet_service.database.tables.members import members
from wallet_service.faces.apps import wallet_app
from wallet_service.identity.proofs.european_wallet import EuropeanWallet, EuropeanWalletTerms
from wallet_service.identity.proofs.service import IdentityProofs, ProofMeans
from wallet_service.members.decisions import Tier
from wallet_service.protocol.clock import SystemClock

HOST = "localhost"
ATTEMPTS = "/v1/me/identity/attempts"
STATUS = {"status_list": {"idx": 4, "uri": "https://pid.issuer.invalid/status"}}


@dataclass
class Scene:
    """A member's browser, a wallet that may be on another phone, and the issuer we believe."""

    env: HttpFixture
    browser: TestClient
    member_id: str
    issuer: PidIssuer
    ours: Authority
    wallet: PresentingWallet = field(default_factory=PresentingWallet)

    def asked(self, *, is_elsewhere: bool = True) -> dict[str, Any]:
        """What the wallet reads behind the address it was shown."""
        body = {"provider": "european_wallet", "is_elsewhere": is_elsewhere}
        began = self.browser.post(ATTEMPTS, json=body)
        assert began.status_code == 201, began.text
        address = urlsplit(began.json()["address"])
        assert address.scheme == "openid4vp"
        target = parse_qs(address.query)["request_uri"][0].removeprefix(WALLET_ORIGIN)
        request = self.other().get(target)
        assert request.headers["content-type"] == "application/oauth-authz-req+jwt"
        return PresentingWallet.read(request.text, self.ours.certificate)

    def send(self, asked: dict[str, Any], answer: dict[str, str]) -> Any:
        target = asked["response_uri"].removeprefix(WALLET_ORIGIN)
        return self.other().post(target, data=answer).json()

    def other(self) -> TestClient:
        """Without the browser's cookies."""
        return client_of(wallet_app(self.env))  # type: ignore[arg-type]

    def finish(self) -> Any:
        return self.browser.post(f"{ATTEMPTS}/finish").json()

    @property
    def tier(self) -> Tier:
        self.env.apply_commands()
        return self.env.members.get(self.member_id).tier


def scene(engine: Engine, **further: Any) -> Scene:
    env, issuer, ours = build_http_fixture(engine), PidIssuer(), Authority()
    key = ec.generate_private_key(ec.SECP256R1())
    terms = EuropeanWalletTerms(
        WALLET_ORIGIN,
        [ours.certify(key, x509.DNSName(HOST))],
        key,
        [issuer.authority.certificate],
        ["urn:eudi:pid:1"],
        **further,
    )
    means = ProofMeans(env.push, env.sealer, env.journal, env.members)
    env.proofs = IdentityProofs(env.engine, env.clock, means, [EuropeanWallet(terms, SystemClock())])
    member, _ = env.visitor()
    browser = client_of(wallet_app(env))  # type: ignore[arg-type]
    session = env.sessions.open_now("member", member.id, "device")
    browser.cookies.set("alba_session", session.token)
    browser.headers["X-CSRF-Token"] = session.csrf_token
    made = Scene(env, browser, member.id, issuer, ours)
    made.wallet.credential = issuer.issue(made.wallet.key, CAMILLE)
    return made


def test_another_phones_wallet_proves_an_identity_with_three_claims(engine: Engine) -> None:
    """On both databases."""
    made = scene(engine)
    asked = made.asked()
    (query,) = asked["dcql_query"]["credentials"]
    assert {tuple(claim["path"]) for claim in query["claims"]} == {
        ("given_name",),
        ("family_name",),
        ("birthdate",),
        ("birth_date",),
    }
    assert asked["response_mode"] == "direct_post.jwt"
    response = PresentingWallet.encrypt(asked, made.wallet.present(asked))
    assert made.send(asked, {"response": response}) == {}
    assert made.finish()["proof"] | {"proved_at_unix_ms": 0} == {
        "provider": "european_wallet",
        "level": "high",
        "proved_at_unix_ms": 0,
    }
    assert made.tier is Tier.VERIFIED
    assert made.env.directory.short_name(made.member_id) == "Camille R."
    assert made.send(asked, {"response": response})["code"] == "identity.proof_used"
    assert made.finish()["code"] == "identity.proof_used"
    with engine.connect() as connection:
        for table in (members, identity_proofs, identity_attempts):
            for row in connection.execute(select(table)):
                stored = repr(tuple(row)).encode() + b"".join(v for v in row if isinstance(v, bytes))
                assert not [word for word in (b"Camille", b"ROUSSEL", b"1988-02-03") if word in stored]


def test_on_the_same_phone_the_browser_that_began_brings_the_answer(sqlite_engine: Engine) -> None:
    made = scene(sqlite_engine)
    asked = made.asked(is_elsewhere=False)
    answer = {"response": PresentingWallet.encrypt(asked, made.wallet.present(asked))}
    back = made.send(asked, answer)["redirect_uri"].removeprefix(WALLET_ORIGIN)
    assert made.send(asked, answer)["code"] == "identity.proof_unknown"  # the handle is spent
    assert made.finish()["code"] == "identity.proof_unknown"
    made.other().get(back)  # a browser that did not begin
    assert made.finish()["code"] == "identity.proof_unknown"
    assert made.browser.get(back).headers["location"] == "/identity/return"
    assert made.finish()["proof"]["level"] == "high"


def test_who_declines_in_the_wallet_hands_nothing_over(sqlite_engine: Engine) -> None:
    made = scene(sqlite_engine)
    asked = made.asked()
    assert made.send(asked, {"error": "access_denied"}) == {}
    assert made.finish()["code"] == "identity.proof_declined"
    assert made.tier is Tier.VISITOR


def test_answers_that_prove_nothing_are_refused_by_name(sqlite_engine: Engine) -> None:
    made = scene(sqlite_engine)
    wallet, stranger = made.wallet, P256SigningKey.generate("stranger")

    def answered(presented: Any, state: str | None = None) -> str:
        asked = made.asked()
        made.send(asked, {"response": PresentingWallet.encrypt(asked, presented(asked), state)})
        return str(made.finish().get("code"))

    def with_credential(credential: str, *names: str) -> Any:
        holder = PresentingWallet(credential, wallet.key)
        return lambda asked: holder.present(asked, names or ("given_name", "family_name", "birthdate"))

    of_nobody = PidIssuer().issue(wallet.key, CAMILLE)
    withdrawn = made.issuer.issue(wallet.key, CAMILLE, status=STATUS)
    another_type = made.issuer.issue(wallet.key, CAMILLE, vct="urn:example:card")
    bare = wallet.credential
    cases = {
        "identity.proof_nonce": [lambda asked: wallet.present(asked, nonce="of another request")],
        "identity.proof_not_for_us": [lambda asked: wallet.present(asked, audience="x509_san_dns:another")],
        "identity.proof_signature": [
            lambda asked: wallet.present(asked, holder=stranger),
            with_credential(of_nobody),
            lambda asked: bare,  # without the holder's word
        ],
        "identity.proof_out_of_date": [
            with_credential(expired_credential(made.issuer, wallet.key)),
            with_credential(another_type),
        ],
        "identity.proof_status": [with_credential(withdrawn)],
        "identity.proof_too_much": [
            with_credential(wallet.credential, "given_name", "family_name", "birthdate", "sex")
        ],
        "identity.proof_incomplete": [with_credential(wallet.credential, "given_name", "birthdate")],
    }
    for code, presenteds in cases.items():
        for number, presented in enumerate(presenteds):
            assert answered(presented) == code, (code, number)
    assert answered(wallet.present, state="of another") == "identity.proof_nonce"
    assert made.tier is Tier.VISITOR


def test_an_answer_that_is_not_encrypted_for_this_request_is_refused(sqlite_engine: Engine) -> None:
    made = scene(sqlite_engine)
    before = made.asked()
    asked = made.asked()
    response = PresentingWallet.encrypt(before, made.wallet.present(asked))
    made.send(asked, {"response": response})
    assert made.finish()["code"] == "identity.proof_signature"


def test_a_status_that_nobody_asks_is_accepted_where_the_operator_said_so(sqlite_engine: Engine) -> None:
    made = scene(sqlite_engine, unchecked_status="accept")
    made.wallet.credential = made.issuer.issue(made.wallet.key, CAMILLE, status=STATUS)
    asked = made.asked()
    made.send(asked, {"response": PresentingWallet.encrypt(asked, made.wallet.present(asked))})
    assert made.finish()["proof"]["level"] == "high"


def test_a_person_of_the_same_names_and_birth_date_has_an_account_already(sqlite_engine: Engine) -> None:
    first = scene(sqlite_engine)
    asked = first.asked()
    first.send(asked, {"response": PresentingWallet.encrypt(asked, first.wallet.present(asked))})
    assert first.finish()["proof"]["level"] == "high"
    member, _ = first.env.visitor()
    session = first.env.sessions.open_now("member", member.id, "device")
    first.browser.cookies.set("alba_session", session.token)
    first.browser.headers["X-CSRF-Token"] = session.csrf_token
    asked = first.asked()
    first.send(asked, {"response": PresentingWallet.encrypt(asked, first.wallet.present(asked))})
    assert first.finish()["code"] == "identity.in_use"
