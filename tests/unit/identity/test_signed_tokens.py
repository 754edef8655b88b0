"""Tokens that are not what they say, each refused by its name. The keys and people are of this test alone."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from wallet_service.identity.proofs import errors
from wallet_service.identity.proofs.signed_tokens import MAX_TOKEN_AGE_S, Expected, TokenReader
from wallet_service.protocol.refusal import Refusal

NOW_UNIX_S = 1_795_500_000
ISSUER, AUDIENCE, NONCE = "https://identity.invalid/api/v2", "alba", "n-of-this-attempt"
KEY, OTHER = (ECKey.generate_key("P-256", {"use": "sig"}, auto_kid=True) for _ in range(2))
EXPECTED = Expected(ISSUER, AUDIENCE, NOW_UNIX_S, NONCE, "the access token")
CLAIMS = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "somebody",
    "nonce": NONCE,
    "iat": NOW_UNIX_S - 5,
    "exp": NOW_UNIX_S + 60,
    "acr": "eidas2",
}


def key_set(*keys: ECKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def signed(key: Any = KEY, algorithm: str = "ES256", **changed: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changed}.items() if value is not None}
    header = {"alg": algorithm, "kid": KEY.kid}
    return jwt.encode(header, claims, key, [algorithm])


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def reader() -> TokenReader:
    return TokenReader(lambda: key_set(KEY))


def test_a_token_as_expected_is_read() -> None:
    assert reader().id_token(signed(), EXPECTED)["sub"] == "somebody"


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"nonce": "of another attempt"}, errors.ProofNonceInvalid),
        ({"nonce": None}, errors.ProofNonceInvalid),
        ({"aud": "another service"}, errors.ProofNotForUs),
        ({"aud": None}, errors.ProofNotForUs),
        ({"aud": [AUDIENCE, "another"], "azp": "another"}, errors.ProofNotForUs),
        ({"iss": "https://elsewhere.invalid"}, errors.ProofNotForUs),
        ({"exp": NOW_UNIX_S - 31}, errors.ProofOutOfDate),
        ({"exp": None}, errors.ProofOutOfDate),
        ({"iat": NOW_UNIX_S - MAX_TOKEN_AGE_S - 1}, errors.ProofOutOfDate),
        ({"iat": NOW_UNIX_S + 120}, errors.ProofOutOfDate),
        ({"at_hash": "of another access token"}, errors.ProofSignatureInvalid),
        ({"sub": None}, errors.ProofNotForUs),
    ],
)
def test_what_another_token_says_is_refused(changed: dict[str, Any], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        reader().id_token(signed(**changed), EXPECTED)


def test_no_signature_another_key_a_shared_secret_and_a_torn_token_are_refused() -> None:
    public = OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
    unsigned = f"{part({'alg': 'none'})}.{part(CLAIMS)}."
    header, payload, signature = signed().split(".")
    changed = f"{header}.{part({**CLAIMS, 'sub': 'somebody else'})}.{signature}"
    for text in (
        unsigned,
        signed(OTHER),
        signed(public, "HS256"),
        changed,
        f"{header}.{payload}",
        "",
        "a.b.c.d.e",
    ):
        with pytest.raises(errors.ProofSignatureInvalid):
            reader().id_token(text, EXPECTED)


def test_new_keys_are_asked_for_once_when_the_old_ones_do_not_fit() -> None:
    keys, asked = [KEY], []

    def fetch() -> dict[str, Any]:
        asked.append(1)
        return key_set(*keys)

    made = TokenReader(fetch)
    made.id_token(signed(), EXPECTED)
    made.id_token(signed(), EXPECTED)
    assert len(asked) == 1
    keys[:] = [OTHER]
    token = jwt.encode({"alg": "ES256", "kid": OTHER.kid}, CLAIMS, OTHER, ["ES256"])
    assert made.id_token(token, EXPECTED)["sub"] == "somebody"
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"sub": "somebody else"}, errors.ProofNotForUs),
        ({"aud": "another service"}, errors.ProofNotForUs),
        ({"iss": None}, errors.ProofNotForUs),
        ({"exp": NOW_UNIX_S - 31}, errors.ProofOutOfDate),
    ],
)
def test_what_is_told_of_a_person_must_be_of_the_one_who_signed_in(
    changed: dict[str, Any], refusal: type[Refusal]
) -> None:
    assert reader().user_info(signed(), "somebody", EXPECTED)["acr"] == "eidas2"
    with pytest.raises(refusal):
        reader().user_info(signed(**changed), "somebody", EXPECTED)
