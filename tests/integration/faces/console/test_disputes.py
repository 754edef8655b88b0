"""Contested payments in the console: shown with what is held, read by who may, decided by one or two."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.integration.faces.console.test_pages import Browser, dialogs_of_acts
from tests.support.console_services import ConsoleServices
from tests.support.recovery_side import pdf, picture
from wallet_service.database.tables.members import person_keys
from wallet_service.database.tables.payments import payments
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.disputes import decisions
from wallet_service.disputes.models import DisputeReason
from wallet_service.disputes.service import Contest
from wallet_service.protocol.clock import VirtualClock

GROUND = "Pas de preuve de remise"


@pytest.fixture
def camille(sqlite_console: ConsoleServices) -> Browser:
    return Browser(sqlite_console, "O1")


@pytest.fixture
def contested(sqlite_console: ConsoleServices) -> str:
    return contest(sqlite_console)


def contest(console: ConsoleServices) -> str:
    """The month's largest payment of a resident, contested today; its path."""
    with UnitOfWork(console.engine) as work:
        query = select(payments).where(payments.c.payer_member_id.in_(console.month.members))
        largest = work.connection.execute(query.order_by(payments.c.amount_cents.desc()).limit(1)).one()
        known = select(person_keys.c.member_id).where(person_keys.c.member_id == largest.payer_member_id)
        if work.connection.execute(known).first() is None:
            console.sealer.create_member_key(work.connection, largest.payer_member_id)
    asked = Contest(largest.ref, DisputeReason.NOT_RECEIVED, "Rien n’est venu")
    dispute_id = console.disputes.members.contest(largest.payer_member_id, asked)
    console.run_commands()
    return f"/disputes/{dispute_id}"


@pytest.mark.parametrize(
    ("language", "name", "reason"),
    [
        ("fr", "Contestations", "n’a pas reçu ce qui était payé"),
        ("en", "Disputes", "did not receive what was paid for"),
    ],
)
def test_a_contested_payment_stands_before_every_officer(
    camille: Browser, contested: str, language: str, name: str, reason: str
) -> None:
    for path in ("/disputes", contested):
        page = camille.page(path, language)
        assert name in page
        assert reason in page
        assert "Rien n’est venu" not in page, "words are for who may read them"
    assert "paiements contestés, à décider" in camille.page("/")


def test_every_page_of_what_a_side_has_shown_is_read_in_the_viewer(camille: Browser, contested: str) -> None:
    dispute = camille.console.disputes.desk.case(contested.rsplit("/", 1)[1]).dispute
    clock = camille.console.clock
    assert isinstance(clock, VirtualClock)
    for paper in (pdf(2), picture()):
        camille.console.disputes.papers.show(dispute.payer_member_id, dispute.id, paper)
        clock.advance_ms(1)
    links = re.findall(
        rf'href="({contested}/documents/[^"]+)"[^>]*data-page="([^"]+)"', camille.page(contested)
    )
    assert [name for _, name in links] == ["Document 1, page 1", "Document 1, page 2", "Document 2"]
    for address, _ in links:
        answer = camille.client.get(address)
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-disposition"] == "inline"


def test_who_may_only_look_reads_no_words_and_is_offered_no_act(camille: Browser, contested: str) -> None:
    observer = Browser(camille.console, "O3")
    page = observer.page(contested)
    assert dialogs_of_acts(page) == set()
    assert f"{contested}/said" not in page
    assert observer.client.get(f"{contested}/said").status_code == 403
    assert "officer.right_missing" in observer.post(f"{contested}/dismiss", status=403, ground=GROUND)


def test_what_the_sides_wrote_is_read_on_a_page_of_its_own_and_journaled(
    camille: Browser, contested: str
) -> None:
    assert "Rien n’est venu" in camille.page(f"{contested}/said")
    assert "mots des deux parties lus" in camille.page(contested)


def test_one_officer_dismisses_a_small_sum_and_nothing_is_held(camille: Browser, contested: str) -> None:
    back = camille.post(f"{contested}/dismiss", ground=GROUND)
    assert back == f"{contested}?done=dispute-dismissed"
    assert camille.console.run_commands() == ["setFrozenTokens"]
    page = camille.page(contested)
    assert "rejetée" in page
    assert GROUND in page
    assert dialogs_of_acts(page) == set()


def test_from_an_amount_on_another_signs(
    camille: Browser, contested: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "TWO_OFFICERS_FROM_CENTS", 1_00)
    console = camille.console
    second = Browser(console, console.officers.ensure("Gisèle Essai", ["compliance"]).id)
    assert camille.post(f"{contested}/uphold", ground=GROUND) == "/approvals?done=asked"
    assert "Une décision attend" in camille.page(contested)
    page = second.page("/approvals")
    assert "Donner raison à qui conteste" in page
    (path,) = set(re.findall(r'action="(/approvals/\w+/approve)"', page))
    assert "approval.second_officer_needed" in camille.post(path, status=403)
    assert second.post(path) == "/approvals?done=approved"
    assert "à rendre" in camille.page(contested)


def test_after_ninety_six_hours_the_first_page_says_so(
    camille: Browser, contested: str, clock: VirtualClock
) -> None:
    assert "96 h dépassées" not in camille.page("/disputes")
    clock.advance_ms(96 * 3_600_000)
    camille.console.reports.figures.forget()
    officer = Browser(camille.console, "O1")  # the session of before is over
    assert "96 h dépassées" in officer.page("/disputes")
    assert "Les 96 heures sont passées" in officer.page(contested)
    first = officer.page("/")
    assert "contestations dont les 96 heures sont passées" in first
    assert "paiements contestés, à décider" not in first


def test_upheld_it_is_taken_by_order_let_go_or_ended(camille: Browser, contested: str) -> None:
    camille.post(f"{contested}/uphold", ground=GROUND)
    page = camille.page(contested)
    (hold,) = set(re.findall(rf'action="{contested}(/holds/\w+)/take"', page))
    assert camille.post(f"{contested}{hold}/take", ground=GROUND) == "/approvals?done=asked"
    governor = Browser(camille.console, camille.console.officers.ensure("Gisèle Essai", ["govern"]).id)
    assert "par transfert forcé ?" in governor.page("/approvals")
    assert "dispute.taking_not_due" in camille.post(f"{contested}{hold}/execute", status=409)
    (path,) = set(re.findall(r'action="(/approvals/\w+/refuse)"', governor.page("/approvals")))
    governor.post(path, ground="Pas encore")
    assert camille.post(f"{contested}{hold}/release", ground=GROUND) == f"{contested}?done=hold-released"
    assert camille.post(f"{contested}/end", ground=GROUND) == f"{contested}?done=dispute-ended"
    assert "close" in camille.page("/disputes")


def test_an_unknown_dispute_is_not_found(camille: Browser) -> None:
    assert camille.client.get("/disputes/nobody").status_code == 404
