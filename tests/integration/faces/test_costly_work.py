"""Uploads and papers over HTTP with the real processes behind: bounded, counted by member, refused."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pypdfium2
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from tests.support.pdfs import open_pdf
from tests.support.web import HttpFixture, client_of
from wallet_service.faces.apps import wallet_app
from wallet_service.faces.shell.rate_limits import (
    DOCUMENT_UPLOAD_OF_MEMBER,
    STATEMENT_OF_MEMBER,
    RateLimits,
)
from wallet_service.history import printing
from wallet_service.history.decisions import AccountStatement, LineKind, StatementLine, month_of
from wallet_service.identity import documents
from wallet_service.identity.states import Declaration
from wallet_service.members.repository import Member
from wallet_service.platform.sandbox.pool import Sandbox

CAMILLE = Declaration("Camille", "Roussel", "1988-02-03", "4 rue du Puits fictif", "76000", "Rouen")
MONTH = "2026-11"
DEADLINE_S = 30.0


@dataclass
class SlowStatements:
    """A month of a busy shop, read when `may_read` is set."""

    line_count: int = 40
    reads: int = 0
    may_read: threading.Event = field(default_factory=threading.Event)
    is_reading: threading.Event = field(default_factory=threading.Event)

    def of_month(self, member_id: str, month_name: str) -> AccountStatement:
        self.reads += 1
        self.is_reading.set()
        assert self.may_read.wait(DEADLINE_S)
        month = month_of(month_name, 1_795_500_000)
        line = StatementLine(month.first_unix_s, LineKind.PAYMENT, 150, 150, "Café d’Œuf", None, 7)
        return AccountStatement(
            month, "Camille R.", "0x" + "1" * 40, 0, (line,) * self.line_count, 1_795_500_000
        )


@pytest.fixture
def served(env: HttpFixture) -> Iterator[HttpFixture]:
    """The fixture with the service's own sandboxes."""
    cleaning, printing_press = Sandbox("documents", documents.BOUNDS), Sandbox("papers", printing.BOUNDS)
    env.identity._clean = documents.DocumentCleaner(cleaning)
    env.statements = SlowStatements()  # type: ignore[attr-defined]
    env.papers = printing.PaperMaker(printing_press)  # type: ignore[attr-defined]
    yield env
    cleaning.stop()
    printing_press.stop()


def client_for(env: HttpFixture, app: object, member: Member) -> TestClient:
    client = client_of(app)
    session = env.sessions.open_now("member", member.id, "device")
    client.cookies.set("alba_session", session.token)
    client.headers["X-CSRF-Token"] = session.csrf_token
    return client


@pytest.fixture
def app(served: HttpFixture) -> object:
    made = wallet_app(served)  # type: ignore[arg-type]
    made.state.rate_limits = RateLimits()
    return made


def declared(env: HttpFixture) -> Member:
    member, _ = env.visitor()
    env.identity.declare(member.id, CAMILLE)
    return member


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200), mode: str = "RGB") -> bytes:
    kept = io.BytesIO()
    Image.new(mode, size).save(kept, kind)
    return kept.getvalue()


def upload(client: TestClient, content: bytes) -> tuple[int, str]:
    answer = client.post("/v1/me/identity/documents", files={"document": ("a", content, "image/png")})
    return answer.status_code, answer.json().get("code", answer.json().get("media_type"))


def test_documents_are_drawn_again_in_their_process(served: HttpFixture, app: object) -> None:
    client = client_for(served, app, declared(served))
    assert upload(client, picture("JPEG")) == (201, "image/jpeg")
    assert upload(client, picture()) == (201, "image/png")
    assert upload(client, open_pdf()) == (201, "application/pdf")
    assert upload(client, b"%PDF-1.7\nnothing\n%%EOF") == (415, "identity.document_type")
    assert upload(client, picture(size=(6324, 6324), mode="RGBA")) == (422, "identity.document_pixels")


def test_a_document_that_passes_a_bound_is_refused_and_the_next_is_kept(
    served: HttpFixture, app: object
) -> None:
    member = declared(served)
    client = client_for(served, app, member)
    narrow = Sandbox("documents", replace(documents.BOUNDS, memory_bytes=160 * 1024 * 1024))
    cleaner, served.identity._clean = served.identity._clean, documents.DocumentCleaner(narrow)
    try:
        assert upload(client, picture(size=(4000, 4000), mode="RGBA")) == (422, "identity.document_too_heavy")
    finally:
        narrow.stop()
    assert client.get("/v1/me/identity").json()["documents"] == []
    served.identity._clean = cleaner
    assert upload(client, picture(size=(4000, 4000), mode="RGBA")) == (201, "image/png")


def test_uploads_are_limited_by_member_whatever_became_of_them(served: HttpFixture, app: object) -> None:
    client, other = (client_for(served, app, declared(served)) for _ in range(2))
    for _ in range(DOCUMENT_UPLOAD_OF_MEMBER.times):
        assert upload(client, b"hello") == (415, "identity.document_type")
    assert upload(client, picture()) == (429, "request.too_many")
    assert upload(other, picture()) == (201, "image/png")


def test_a_statement_is_made_in_its_process(served: HttpFixture, app: object) -> None:
    client = client_for(served, app, declared(served))
    served.statements.may_read.set()  # type: ignore[attr-defined]
    paper = client.get(f"/v1/me/statements/{MONTH}.pdf")
    assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
    assert paper.headers["Content-Disposition"] == 'attachment; filename="alba-2026-11.pdf"'
    text = pypdfium2.PdfDocument(paper.content)[0].get_textpage().get_text_range()
    assert "Camille R." in text
    assert text.count("Café d’Œuf") > 20
    sheet = client.get(f"/v1/me/statements/{MONTH}.csv")
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert sheet.content.decode("utf-8-sig").count("Café d’Œuf") == 40


def test_a_member_has_one_statement_made_at_a_time_and_nothing_is_read_for_another(
    served: HttpFixture, app: object
) -> None:
    statements: SlowStatements = served.statements  # type: ignore[attr-defined]
    member = declared(served)
    first, second = (client_for(served, app, member) for _ in range(2))
    answers: list[int] = []
    thread = threading.Thread(
        target=lambda: answers.append(first.get(f"/v1/me/statements/{MONTH}.pdf").status_code)
    )
    thread.start()
    assert statements.is_reading.wait(DEADLINE_S)
    refused = second.get(f"/v1/me/statements/{MONTH}.csv")
    assert (refused.status_code, refused.json()["code"]) == (429, "work.one_at_a_time")
    assert int(refused.headers["Retry-After"]) > 0
    assert statements.reads == 1
    statements.may_read.set()
    thread.join(DEADLINE_S)
    assert answers == [200]


def test_statements_are_limited_by_member(served: HttpFixture, app: object) -> None:
    statements: SlowStatements = served.statements  # type: ignore[attr-defined]
    statements.may_read.set()
    client, other = (client_for(served, app, declared(served)) for _ in range(2))
    for _ in range(STATEMENT_OF_MEMBER.times):
        assert client.get(f"/v1/me/statements/{MONTH}.csv").status_code == 200
    assert client.get(f"/v1/me/statements/{MONTH}.pdf").json()["code"] == "request.too_many"
    assert statements.reads == STATEMENT_OF_MEMBER.times
    assert other.get(f"/v1/me/statements/{MONTH}.csv").status_code == 200


def test_a_long_paper_takes_next_to_no_time_of_the_service_itself(served: HttpFixture, app: object) -> None:
    """Processor time of the service's process: laid out there, this one would take seconds."""
    statements: SlowStatements = served.statements  # type: ignore[attr-defined]
    statements.line_count = 5_000
    statements.may_read.set()
    client = client_for(served, app, declared(served))
    client.get(f"/v1/me/statements/{MONTH}.csv")  # the process is warm
    before_s = time.process_time()
    assert client.get(f"/v1/me/statements/{MONTH}.pdf").status_code == 200
    assert time.process_time() - before_s < 0.5
