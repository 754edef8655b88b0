"""One identity file after another: every page of what was sent, and the way to the next."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from sqlalchemy import insert, update

from tests.integration.faces.console.test_pages import HTML, Browser
from tests.support.console_services import ConsoleServices
from wallet_service.database.tables.identity import identity_documents, identity_files
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.security.sealing import SealedField

FILES = [f"I{number:025d}" for number in range(7)]  # the last was sent first
GROUND = "Pièce valide, visage et nom concordent"


@pytest.fixture
def camille(sqlite_console: ConsoleServices) -> Browser:
    return Browser(sqlite_console, "O1")


def next_of(page: str) -> str:
    found = re.search(r'href="/identities/(I\d+)"[^>]*>Dossier suivant', page)
    assert found
    return found[1]


def test_the_next_file_is_offered_while_reading_and_after_a_decision(camille: Browser) -> None:
    assert next_of(camille.page(f"/identities/{FILES[3]}")) == FILES[2]
    assert next_of(camille.page(f"/identities/{FILES[0]}")) == FILES[6], "from the start again"
    assert "Dossier suivant" not in camille.page("/identities")
    with UnitOfWork(camille.console.engine) as work:
        decided = update(identity_files).where(identity_files.c.id.in_(FILES[1:6]))
        work.connection.execute(decided.values(state="approved", decided_at_unix_ms=1))
    back = camille.post(f"/identities/{FILES[6]}/approve", ground=GROUND)
    assert next_of(camille.page(back)) == FILES[0]
    assert "Aucun autre dossier n’attend" in camille.page(f"/identities/{FILES[0]}")
    back = camille.post(f"/identities/{FILES[0]}/refuse", ground="La photo manque")
    assert "C’était le dernier" in camille.page(back)


def test_every_page_of_a_pdf_is_shown_and_its_reading_written_down(camille: Browser) -> None:
    console, member_id = camille.console, camille.console.month.members[2]
    drawn = [Image.new("RGB", (60 + side, 40), "white") for side in range(3)]
    whole = io.BytesIO()
    drawn[0].save(whole, "PDF", save_all=True, append_images=drawn[1:])
    with UnitOfWork(console.engine) as work:
        field = SealedField("identity_documents", "sealed_content", "PDF")
        work.connection.execute(
            insert(identity_documents).values(
                id="PDF",
                identity_file_id=FILES[2],
                media_type="application/pdf",
                size_bytes=len(whole.getvalue()),
                sealed_content=console.sealer.seal_for_member(
                    work.connection, member_id, field, whole.getvalue()
                ),
                uploaded_at_unix_ms=console.clock.now_unix_ms(),
            )
        )
    address = f"/identities/{FILES[2]}/documents/PDF"
    page = camille.page(f"/identities/{FILES[2]}")
    assert re.findall(rf'src="{address}\?page=(\d)"', page) == ["1", "2", "3"]
    answer = camille.client.get(f"{address}?page=3")
    assert answer.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == (62, 40)
    assert camille.client.get(f"{address}?page=4", headers=HTML).status_code == 404
    acts = [entry.act for entry in console.reports.journal.newest(2)]
    assert acts[0] == "identity.document_read"
