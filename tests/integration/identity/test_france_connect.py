"""An identity proved through a real OpenID provider: what it gives, what stays, and every way it fails."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi.testclient import TestClient
from httpx import URL, Response
from joserfc.jwk import ECKey
from sqlalchemy import Engine, select

from tests.support.oidc_provider import (
    AFTER_ADDRESS,
    RETURN_ADDRESS,
    ProviderUnderTest,
    client,
    running_provider,
    sign_in,
)
from tests.support.web import HttpFixture, build_http_fixture, client_of
from wallet_service.database.tables.identity import identity_attempts, identity_proofs
from wallet_service.database.tables.members import members
from wallet_service.database.tables.supervision import journal
from wallet_service.faces.apps import wallet_app
from wallet_service.identity.proofs.france_connect import FranceConnect
from wallet_service.identity.proofs.models import ATTEMPT_LIFETIME_S, ProviderName
from wallet_service.identity.proofs.service import IdentityProofs, ProofMeans
from wallet_service.identity.states import Declaration
from wallet_service.members.decisions import Tier
from wallet_service.protocol.clock import SystemClock

PERSONAL = ("Camille", "ROUSSEL", "Inès", "1988-02-03", "76540", "99100", "female")
QUICK_S = (0.5, 0.5)
ATTEMPTS = "/v1/me/identity/attempts"


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderUnderTest]:
    with running_provider() as running:
        yield running


@dataclass
class Phone:
    """A member's browser. `begin`, sign in at the provider, `come_back`, `finish`."""

    env: HttpFixture
    member_id: str
    browser: TestClient

    def begin(self) -> str:
        began = self.browser.post(ATTEMPTS, json={"provider": "france_connect"})
        assert began.status_code == 201, began.text
        address: str = began.json()["address"]
        return address

    def come_back(self, back: URL) -> Response:
        response: Response = self.browser.get(back.raw_path.decode(), follow_redirects=False)
        return response

    def finish(self) -> Any:
        return self.browser.post(f"{ATTEMPTS}/finish").json()

    def prove(self, account: str, *, act: str = "go") -> Any:
        assert self.come_back(sign_in(self.begin(), account, act=act)).status_code == 303
        return self.finish()

    @property
    def tier(self) -> Tier:
        self.env.apply_commands()
        return self.env.members.get(self.member_id).tier


def with_provider(env: HttpFixture, provider: ProviderUnderTest, **further: Any) -> FranceConnect:
    """FranceConnect is on; it is judged by the real time, as it signs by it."""
    france_connect = FranceConnect(provider.terms(**further), SystemClock())
    means = ProofMeans(env.push, env.sealer, env.journal, env.members)
    env.proofs = IdentityProofs(env.engine, env.clock, means, [france_connect])
    return france_connect


def phone(env: HttpFixture) -> Phone:
    member, _ = env.visitor()
    browser = client_of(wallet_app(env))  # type: ignore[arg-type]
    session = env.sessions.open_now("member", member.id, "device")
    browser.cookies.set("alba_session", session.token)
    browser.headers["X-CSRF-Token"] = session.csrf_token
    return Phone(env, member.id, browser)


@pytest.fixture
def env(sqlite_engine: Engine, provider: ProviderUnderTest) -> HttpFixture:
    made = build_http_fixture(sqlite_engine)
    with_provider(made, provider)
    return made


def test_a_person_is_verified_at_once_and_only_what_is_needed_stays(
    engine: Engine, provider: ProviderUnderTest
) -> None:
    """On both databases."""
    env = build_http_fixture(engine)
    with_provider(env, provider)
    camille = phone(env)
    ways = camille.browser.get("/v1/me/identity/ways").json()["ways"]
    assert [way["provider"] for way in ways] == ["france_connect", "papers"]
    address = URL(camille.begin())
    asked = dict(address.params)
    assert (asked["acr_values"], asked["code_challenge_method"]) == ("eidas2", "S256")
    assert asked["scope"] == "openid given_name family_name birthdate"
    assert asked["redirect_uri"] == RETURN_ADDRESS

    back = camille.come_back(sign_in(str(address), "camille"))
    assert (back.status_code, back.headers["location"]) == (303, "/identity/return")
    proved = camille.finish()

    assert proved["proof"]["provider"] == "france_connect"
    assert proved["proof"]["level"] == "substantial"
    assert camille.tier is Tier.VERIFIED
    assert env.directory.short_name(camille.member_id) == "Camille R."
    kept = env.identity.read_member_identity(camille.member_id, "OFFICER1", "contrôle")
    assert kept is not None
    assert (kept.given_name, kept.family_name, kept.birth_date) == ("Camille", "ROUSSEL", "1988-02-03")
    assert camille.browser.get("/v1/me/identity").json()["proof"]["provider"] == "france_connect"
    with engine.connect() as connection:
        for table in (members, identity_proofs, identity_attempts, journal):
            for row in connection.execute(select(table)):
                stored = repr(tuple(row)).encode() + b"".join(v for v in row if isinstance(v, bytes))
                assert not [word for word in PERSONAL if word.encode() in stored]
    assert [act for act in env.acts() if act.startswith("identity.proof") or act == "identity.proved"] == [
        "identity.proof_begun",
        "identity.proved",
    ]


def test_the_providers_session_is_ended_by_the_person(env: HttpFixture) -> None:
    camille = phone(env)
    end = URL(camille.prove("camille")["session_end_address"])
    assert end.params["post_logout_redirect_uri"] == AFTER_ADDRESS
    assert end.path == "/session/end"


@pytest.mark.parametrize(
    ("account", "act", "code"),
    [
        ("camille", "deny", "identity.proof_declined"),
        ("faible", "go", "identity.proof_level"),
        ("presume", "go", "identity.proof_incomplete"),
        ("enfant", "go", "identity.birth_date"),
    ],
)
def test_what_proves_nothing_changes_nothing(env: HttpFixture, account: str, act: str, code: str) -> None:
    somebody = phone(env)
    assert somebody.prove(account, act=act)["code"] == code
    assert somebody.tier is Tier.VISITOR
    assert env.proofs.proof_of(somebody.member_id) is None
    assert somebody.finish()["code"] == "identity.proof_used"


def test_an_answer_counts_once_in_the_browser_that_began_and_in_time(env: HttpFixture) -> None:
    camille, thief = phone(env), phone(env)
    back = sign_in(camille.begin(), "camille")
    # Led by a link that somebody else began: their browser does not have the cookie.
    thief.come_back(back)
    assert thief.finish()["code"] == "identity.proof_unknown"
    # Nor does the one who began get what another browser was led into.
    assert camille.finish()["code"] == "identity.proof_unknown"

    cookie = camille.browser.cookies["alba_proof"]
    camille.come_back(back)
    assert camille.finish()["proof"]["provider"] == "france_connect"
    camille.browser.cookies.set("alba_proof", cookie)
    camille.come_back(back)
    assert camille.finish()["code"] == "identity.proof_used"

    late = phone(env)
    back = sign_in(late.begin(), "basile")
    env.clock.advance_ms(ATTEMPT_LIFETIME_S * 1000)
    late.come_back(back)
    assert late.finish()["code"] == "identity.proof_unknown"
    assert late.tier is Tier.VISITOR


def test_a_code_of_another_attempt_is_no_answer(env: HttpFixture) -> None:
    """A code and a state put together by hand: PKCE and the nonce tie the code to its own attempt."""
    camille, basile = phone(env), phone(env)
    his = sign_in(basile.begin(), "basile")
    hers = sign_in(camille.begin(), "camille")
    camille.come_back(hers.copy_set_param("code", his.params["code"]))
    assert camille.finish()["code"] == "identity.provider_refused"


def test_an_answer_of_another_provider_is_refused(env: HttpFixture) -> None:
    camille = phone(env)
    back = sign_in(camille.begin(), "camille")
    camille.come_back(back.copy_set_param("iss", "https://elsewhere.invalid"))
    assert camille.finish()["code"] == "identity.proof_not_for_us"


def test_one_identity_opens_one_account_until_it_is_closed(env: HttpFixture) -> None:
    first, second = phone(env), phone(env)
    first.prove("camille")
    assert second.prove("camille")["code"] == "identity.in_use"
    assert second.tier is Tier.VISITOR
    assert first.prove("camille")["proof"]["level"] == "substantial"  # again, as before it ends
    with env.engine.begin() as connection:
        connection.execute(members.update().where(members.c.id == first.member_id).values(state="closed"))
    assert second.prove("camille")["proof"]["level"] == "substantial"


def test_the_account_of_another_birth_date_is_not_taken_over(env: HttpFixture) -> None:
    declared = phone(env)
    somebody = Declaration("Camille", "Roussel", "1988-02-04", "4 rue du Puits fictif", "76000", "Rouen")
    env.identity.declare(declared.member_id, somebody)
    assert declared.prove("camille")["code"] == "identity.birth_date_differs"
    assert declared.tier is Tier.DECLARED


def test_a_declared_address_and_first_name_stay(env: HttpFixture) -> None:
    declared = phone(env)
    somebody = Declaration("Inès", "Roussel", "1988-02-03", "4 rue du Puits fictif", "76000", "Rouen")
    env.identity.declare(declared.member_id, somebody)
    declared.prove("camille")
    kept = env.identity.read_member_identity(declared.member_id, "OFFICER1", "contrôle")
    assert kept is not None
    assert (kept.given_name, kept.family_name, kept.city) == ("Inès", "ROUSSEL", "Rouen")


def test_keys_changed_between_two_proofs_are_asked_for_again(
    env: HttpFixture, provider: ProviderUnderTest
) -> None:
    phone(env).prove("camille")
    provider.rotate_keys()
    assert phone(env).prove("basile")["proof"]["level"] == "high"


def test_a_provider_that_hangs_or_is_gone_is_said_in_time(sqlite_engine: Engine) -> None:
    env = build_http_fixture(sqlite_engine)
    with running_provider() as provider:
        france_connect = with_provider(env, provider, timeout_s=QUICK_S)
        camille = phone(env)
        back = sign_in(camille.begin(), "camille")
        provider.process.send_signal(signal.SIGSTOP)
        camille.come_back(back)
        assert camille.finish()["code"] == "identity.provider_unreachable"
        provider.process.kill()
        provider.process.wait()
        assert camille.finish()["code"] == "identity.proof_used"
        france_connect._description = None  # as after a start
        refused = camille.browser.post(ATTEMPTS, json={"provider": "france_connect"})
        assert (refused.status_code, refused.json()["code"]) == (503, "identity.provider_unreachable")


def test_tokens_encrypted_for_us_are_opened(sqlite_engine: Engine) -> None:
    """As FranceConnect+ sends them: signed, then encrypted."""
    env = build_http_fixture(sqlite_engine)
    key = ECKey.import_key(ec.generate_private_key(ec.SECP256R1()), {"use": "enc", "alg": "ECDH-ES"})
    key.ensure_kid()
    encrypted: dict[str, Any] = {
        "id_token_encrypted_response_alg": "ECDH-ES",
        "id_token_encrypted_response_enc": "A256GCM",
        "userinfo_encrypted_response_alg": "ECDH-ES",
        "userinfo_encrypted_response_enc": "A256GCM",
        "jwks": {"keys": [key.as_dict(private=False)]},
    }
    with running_provider(client(**encrypted)) as provider:
        with_provider(env, provider, encryption_key=key)
        assert phone(env).prove("camille")["proof"]["level"] == "substantial"
        with_provider(env, provider)
        assert phone(env).prove("basile")["code"] == "identity.proof_signature"


def test_a_way_that_is_off_is_not_offered(sqlite_engine: Engine) -> None:
    somebody = phone(build_http_fixture(sqlite_engine))
    ways = somebody.browser.get("/v1/me/identity/ways").json()["ways"]
    assert [way["provider"] for way in ways] == [ProviderName.PAPERS.value]
    refused = somebody.browser.post(ATTEMPTS, json={"provider": "france_connect"})
    assert refused.json()["code"] == "identity.provider_off"
