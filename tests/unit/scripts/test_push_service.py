"""The demonstration's own push service takes what browsers' services take, and shows it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from scripts.demo.push_service import Heard, Refused, check_token, make_server
from wallet_service.notices.ports import Sent
from wallet_service.notices.web_push import WebPush

NOW_UNIX_S = time.time()


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Listening, on loopback."""
    made = Heard()
    server = make_server(0, made)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


def web_push() -> WebPush:
    return WebPush(secrets.token_bytes(32), "mailto:news@alba.invalid", may_be_local=True)


def page(heard: Heard, language: str = "fr") -> str:
    with urlopen(Request(heard.audience, headers={"Accept-Language": language})) as answer:
        return str(answer.read().decode())


def test_a_knock_of_the_service_is_taken_and_shown(heard: Heard) -> None:
    assert "Rien n’est encore parti" in page(heard)
    assert web_push().send(f"{heard.audience}/3f2a7c11-0000") is Sent.DONE
    (knock,) = heard.knocks
    assert (knock.browser, knock.size_bytes) == ("3f2a7c11", 0)
    assert "navigateur <code>3f2a7c11</code> · 0 octet de contenu · signature vérifiée" in page(heard)
    assert "0 bytes of content" in page(heard, "en")


def test_who_shows_no_key_is_refused_in_words(heard: Heard) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{heard.audience}/x", data=b"", method="POST"))
    assert refused.value.code == 403
    assert "no VAPID token" in refused.value.read().decode()
    assert not heard.knocks


@pytest.fixture
def authorization(heard: Heard) -> str:
    """What the service has just sent."""
    seen: list[str] = []
    hear = heard.hear
    heard.hear = lambda path, headers, content, now: seen.append(headers("Authorization") or "")  # type: ignore[method-assign, assignment]
    web_push().send(f"{heard.audience}/x")
    heard.hear = hear  # type: ignore[method-assign]
    return seen[0]


def test_a_token_counts_for_its_own_service_its_key_and_its_time(heard: Heard, authorization: str) -> None:
    check_token(authorization, heard.audience, NOW_UNIX_S)
    for changed, audience, now_unix_s, why in (
        (authorization, "http://127.0.0.1:1", NOW_UNIX_S, "the token is for"),
        (authorization, heard.audience, NOW_UNIX_S + 2 * 24 * 3600, "is over"),
        (_flipped(authorization), heard.audience, NOW_UNIX_S, "not signed"),
        (_of_another_key(authorization), heard.audience, NOW_UNIX_S, "not signed"),
    ):
        with pytest.raises(Refused, match=why):
            check_token(changed, audience, now_unix_s)


def _flipped(authorization: str) -> str:
    """One letter of what is signed is another."""
    head, dot, rest = authorization.partition(".")
    return head + dot + ("A" if rest[0] != "A" else "B") + rest[1:]


def _of_another_key(authorization: str) -> str:
    return authorization.rpartition("k=")[0] + "k=" + web_push().public_key
