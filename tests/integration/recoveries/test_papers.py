"""Papers shown from a new phone: for the officer alone, told alike of no account, gone some days after."""

from __future__ import annotations

import io

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import Engine, select

from tests.support.recovery_side import NewPhone, pdf, picture
from tests.support.web import HttpFixture, build_http_fixture, client_of
from wallet_service.database.tables.push import push_events
from wallet_service.database.tables.recoveries import recovery_documents
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.faces.apps import wallet_app
from wallet_service.faces.shell.rate_limits import DOCUMENT_OF_RECOVERY, RateLimits
from wallet_service.identity.errors import DocumentTypeRefused, DocumentUnknown
from wallet_service.members.repository import Member
from wallet_service.recoveries import errors
from wallet_service.recoveries.papers import KEPT_AFTER_END_MS, MAX_DOCUMENTS
from wallet_service.security.sealing import PersonErased


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


def asked(env: HttpFixture) -> tuple[Member, NewPhone, str]:
    """A member, the phone that asks for their account, and the request."""
    member, _ = env.visitor()
    phone = NewPhone()
    env.recoveries.phones.ask(phone.request(), member.id[:8])
    (recovery,) = env.recoveries.phones.of_member(member.id)
    return member, phone, recovery.id


def rows(env: HttpFixture) -> list[bytes]:
    with env.engine.connect() as connection:
        return list(connection.execute(select(recovery_documents.c.sealed_content)).scalars())


def test_an_officer_sees_what_the_new_phone_has_shown_and_the_journal_says_so(env: HttpFixture) -> None:
    _, phone, recovery_id = asked(env)
    papers = env.recoveries.papers
    papers.show(phone.token, picture())
    (shown,) = papers.shown(recovery_id)
    assert shown.pages == 1
    opened = papers.open_document(recovery_id, shown.id, "O1")
    assert opened.media_type == "image/jpeg"
    assert Image.open(io.BytesIO(opened.content)).size == (60, 40)
    assert env.acts()[-1] == "recovery.document_read"
    assert opened.content not in rows(env)[0], "sealed"
    with env.engine.connect() as connection:
        told = select(push_events.c.kind).where(push_events.c.topic == "console")
        assert list(connection.execute(told).scalars()).count("recovery.changed") == 2, "asked, and shown"
    _, _, other_id = asked(env)
    with pytest.raises(DocumentUnknown):
        papers.open_document(other_id, shown.id, "O1")


def test_of_an_account_that_is_none_nothing_is_kept_and_nothing_said(env: HttpFixture) -> None:
    nobody = NewPhone()
    env.recoveries.phones.ask(nobody.request(), "0000 0000")
    env.recoveries.papers.show(nobody.token, picture())
    assert rows(env) == []
    with pytest.raises(DocumentTypeRefused):
        env.recoveries.papers.show(nobody.token, b"GIF89a")


def test_the_newest_few_are_kept_and_none_once_somebody_has_decided(env: HttpFixture) -> None:
    _, phone, recovery_id = asked(env)
    papers = env.recoveries.papers
    for shade in range(MAX_DOCUMENTS + 2):
        papers.show(phone.token, picture(shade))
        env.clock.advance_ms(1_000)
    kept = papers.shown(recovery_id)
    assert len(kept) == MAX_DOCUMENTS
    assert kept == sorted(kept, key=lambda each: each.uploaded_at_unix_ms)
    env.recoveries.desk.cancel(recovery_id, "Ce n’est pas elle", "O1")
    with pytest.raises(errors.RecoveryMoved):
        papers.show(phone.token, picture())
    assert papers.forget_old() == 0
    env.clock.advance_ms(KEPT_AFTER_END_MS + 1)
    assert papers.forget_old() == MAX_DOCUMENTS
    assert rows(env) == []


def test_who_is_erased_takes_them_along(env: HttpFixture) -> None:
    member, phone, recovery_id = asked(env)
    env.recoveries.papers.show(phone.token, pdf(2))
    (shown,) = env.recoveries.papers.shown(recovery_id)
    assert shown.pages == 2
    with UnitOfWork(env.engine) as work:
        env.sealer.destroy_member_key(work.connection, member.id)
    with pytest.raises(PersonErased):
        env.recoveries.papers.open_document(recovery_id, shown.id, "O1")
    (gone,) = env.recoveries.papers.shown(recovery_id)
    assert gone.pages == 0


def test_over_http_it_is_answered_alike_and_bounded_by_request(env: HttpFixture) -> None:
    app = wallet_app(env)  # type: ignore[arg-type]
    app.state.rate_limits = RateLimits()
    client: TestClient = client_of(app)
    _, phone, _ = asked(env)
    for token in (phone.token, NewPhone().token):
        heard = [
            client.post(
                "/v1/recoveries/documents",
                data={"token": token},
                files={"document": ("carte.jpg", picture(), "image/jpeg")},
            ).status_code
            for _ in range(DOCUMENT_OF_RECOVERY.times + 1)
        ]
        assert heard == [202] * DOCUMENT_OF_RECOVERY.times + [429]
