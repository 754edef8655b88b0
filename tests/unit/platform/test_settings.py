"""The account's holder is what residents copy and banks compare: exactly what was set, or a refusal."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from wallet_service.platform.settings import Settings
from wallet_service.protocol.text.qr import EPC_MAX_NAME_CHARACTERS, epc_payload
from wallet_service.protocol.text.references import topup_reference


@pytest.mark.parametrize("holder", ["Association L'alba", "Monnaie d’Ici", "N" * EPC_MAX_NAME_CHARACTERS])
def test_the_holder_is_kept_letter_by_letter_up_to_the_qr_code(holder: str) -> None:
    settings = Settings(reserve_holder=holder)
    payload = epc_payload(
        holder=settings.reserve_holder,
        iban=settings.reserve_iban,
        bic=settings.reserve_bic,
        reference=topup_reference("0A1B2C3D4E"),
    )
    assert payload.splitlines()[5] == holder


@pytest.mark.parametrize(
    "holder",
    [
        "",
        " Association",
        "Asso\nciation",
        "Asso\rciation",
        "Asso\u2028ciation",
        "Asso\u200bciation",
        "N" * 71,
    ],
)
def test_a_holder_that_would_be_cut_or_holds_what_is_not_seen_is_refused(holder: str) -> None:
    with pytest.raises(ValidationError):
        Settings(reserve_holder=holder)


def test_the_holder_of_the_demonstration_says_no_word_more_than_a_contract_would() -> None:
    assert "(" not in Settings().reserve_holder


@pytest.mark.parametrize(
    ("said", "is_taken"),
    [
        ({"wallet_origin": "https://alba.exemple.test"}, False),
        ({"wallet_origin": "https://alba.exemple.test", "trusted_proxies": "127.0.0.1"}, True),
        ({"wallet_origin": "https://alba.exemple.test", "host": "10.0.0.9"}, True),  # perhaps no proxy at all
        ({}, True),
        ({"wallet_origin": "https://alba.exemple.test", "environment": "demo"}, True),
    ],
)
def test_behind_a_proxy_that_is_not_named_nobody_serves(said: dict[str, str], is_taken: bool) -> None:
    """All phones would be one address, and one of them would use up the limits of all."""

    def made() -> Settings:
        return Settings(**{"environment": "production", **said})  # type: ignore[arg-type]

    if is_taken:
        made()
        return
    with pytest.raises(ValidationError, match="ALBA_TRUSTED_PROXIES"):
        made()


@pytest.mark.parametrize(
    ("environment", "origin", "is_taken"),
    [
        ("demo", "http://127.0.0.1:8404", True),
        ("test", "http://localhost:8404", True),
        ("production", "http://127.0.0.1:8404", False),  # nobody would ever be told
        ("demo", "https://push.exemple.test", False),
        ("demo", "http://127.0.0.1:8404/elsewhere", False),
        ("demo", "http://127.0.0.1:8404@push.exemple.test", False),
    ],
)
def test_only_a_demonstration_plays_the_push_service_and_on_this_machine(
    environment: str, origin: str, is_taken: bool
) -> None:
    said: dict[str, str] = {"environment": environment, "push_stand_in": origin}
    if is_taken:
        assert Settings(**said).push_stand_in == origin  # type: ignore[arg-type]
        return
    with pytest.raises(ValidationError, match="ALBA_PUSH_STAND_IN"):
        Settings(**said)  # type: ignore[arg-type]


ELSEWHERE = "postgresql+psycopg://alba@db.exemple.test/alba"


@pytest.mark.parametrize(
    ("environment", "url", "is_taken"),
    [
        ("production", ELSEWHERE, False),
        ("production", f"{ELSEWHERE}?sslmode=require", False),
        ("production", f"{ELSEWHERE}?sslmode=verify-full", True),
        ("production", "postgresql+psycopg://alba@127.0.0.1/alba", True),
        ("production", "postgresql+psycopg://alba@/alba?host=/run/postgresql", True),
        ("production", "", True),
        ("demo", ELSEWHERE, True),
    ],
)
def test_a_database_elsewhere_is_reached_by_tls_alone(environment: str, url: str, is_taken: bool) -> None:
    def made() -> Settings:
        return Settings(environment=environment, database_url=url)

    if is_taken:
        made()
        return
    with pytest.raises(ValidationError, match="sslmode=verify-full"):
        made()
