"""The console's pages and acts over HTTP, as an officer's browser uses them."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from fastapi.testclient import TestClient

from tests.support.authenticator import Authenticator
from tests.support.confirming import ticket_for
from tests.support.console_services import ConsoleServices
from wallet_service.audit import repository as audit_repository
from wallet_service.audit.decisions import Changes
from wallet_service.audit.models import Code, Finding
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.faces.apps import console_app, wallet_app
from wallet_service.faces.console.routers import overview
from wallet_service.faces.console.routers.bank import trouble_reason
from wallet_service.faces.shell.acts import asks_confirmation
from wallet_service.faces.shell.i18n import catalogue
from wallet_service.platform.journal import Filter
from wallet_service.platform.quarantine import Quarantine, RowKind
from wallet_service.reports.figures import FIGURES

PAGES = (
    "/",
    "/reserve",
    "/identities",
    "/unmatched",
    "/statements",
    "/payouts",
    "/approvals",
    "/members",
    "/network",
    "/journal",
)
FILE = "I" + "2".rjust(25, "0")
SHOP = "S" + "3".rjust(25, "0")
HTML = {"Accept": "text/html"}
GROUND = "Réquisition judiciaire 26-118"


class Browser:
    """One officer's browser."""

    def __init__(self, console: ConsoleServices, officer_id: str) -> None:
        self.console = console
        self.client = TestClient(
            console_app(console),  # type: ignore[arg-type]
            base_url="http://testserver",
            follow_redirects=False,
        )
        session = console.sign_in(officer_id)
        self.token = session.csrf_token
        self.client.cookies.set("alba_console", session.token)
        self.passkey = Authenticator(console.settings.console_origin)
        options = console.passkeys.registration_options("officer", officer_id, "Agent")
        console.passkeys.register("officer", officer_id, self.passkey.create(options))

    def page(self, path: str, language: str = "fr") -> str:
        answer = self.client.get(path, headers={**HTML, "Accept-Language": language})
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        text: str = answer.text
        return text.replace("\u00a0", " ")  # where no line may break, people still read a space

    def confirmed(self, path: str, fields: dict[str, str]) -> dict[str, str]:
        """The form's fields with the confirmation the act asks for."""
        if not asks_confirmation("POST", path):
            return fields
        return {**fields, "confirmation": ticket_for(self.client, self.token, self.passkey, path, fields)}

    def post(self, path: str, status: int = 303, **fields: str) -> str:
        data = {"csrf_token": self.token, **self.confirmed(path, fields)}
        answer = self.client.post(path, data=data, headers=HTML)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:400]}"
        said: str = answer.headers.get("location", answer.text)
        return said


def dialogs_of_acts(page: str) -> set[str]:
    """What the page's buttons open; everybody may choose how it looks."""
    return set(re.findall(r'data-opens="([^"]*)"', page)) - {"display"}


@pytest.fixture
def camille(sqlite_console: ConsoleServices) -> Browser:
    """Has every right."""
    return Browser(sqlite_console, "O1")


@pytest.fixture
def dominique(sqlite_console: ConsoleServices) -> Browser:
    """Every right but identities."""
    return Browser(sqlite_console, "O2")


@pytest.fixture
def andrea(sqlite_console: ConsoleServices) -> Browser:
    """May only look."""
    return Browser(sqlite_console, "O3")


def test_the_first_page_shows_what_the_auditor_found_by_how_much_and_since_when(
    console: ConsoleServices,
) -> None:
    browser = Browser(console, "O2")
    assert "auditeur" not in browser.page("/")
    account = "0x" + "12" * 20
    with UnitOfWork(console.engine) as work:
        found = Changes((Finding(Code.BALANCE, account, 50_00),), (), ())
        audit_repository.record(work.connection, found, console.clock.now_unix_ms() - 7_200_000)
    french, english = browser.page("/"), browser.page("/", "en")
    alarm = french[french.index('id="alarms"') : french.index('id="numbers"')]
    for part in ("Un solde n’est pas la somme", "50,00", "il y a 2 h", account, Code.BALANCE.value):
        assert part in html.unescape(alarm), part
    assert "The auditor found a difference" in html.unescape(english)


@pytest.mark.parametrize("path", [*PAGES, f"/members/{SHOP}", f"/identities/{FILE}", "/unmatched/E0?q=Boul"])
def test_every_page_is_there_in_both_languages(camille: Browser, path: str) -> None:
    french, english = camille.page(path), camille.page(path, "en")
    assert '<html lang="fr"' in french
    assert '<html lang="en"' in english
    assert "style=" not in french.replace("-style", "")
    assert "<script>" not in french


@pytest.mark.parametrize("path", PAGES)
def test_an_officer_who_may_only_look_is_offered_no_act(andrea: Browser, path: str) -> None:
    page = andrea.page(path)
    # The dialogs of acts are only reached by buttons; an observer has none of them.
    assert dialogs_of_acts(page) == set()


def test_the_overview_says_what_the_figures_say(camille: Browser) -> None:
    page, figures = camille.page("/"), camille.console.reports.figures
    coverage = figures.reserve().coverage_basis_points
    assert coverage is not None
    assert f"{coverage // 100},{coverage % 100 // 10}\u202f%" in page
    assert f'<p class="big-number">{figures.today().payments_count}</p>' in page
    assert page.count('class="chart"') == 2
    assert "aria-label=" in re.findall(r'<svg class="chart"[^>]*>', page)[0]


def test_a_node_that_is_away_is_said_and_the_pages_stay(camille: Browser) -> None:
    camille.console.chain.answers = False
    assert "Le registre ne répond pas" in camille.page("/")
    assert "ne répond pas" in camille.page("/network")


def test_shares_are_of_the_whole_and_nobody_is_left_out(
    camille: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bar that the largest share fills says 31 % and shows all."""
    monkeypatch.setattr(overview, "MAX_SHARES_SHOWN", 2)
    page = camille.page("/")
    shares = [int(row[3] or 0) for row in camille.console.reports.figures.figure("sectors").rows]
    assert len(shares) > 3
    (listed,) = re.findall(r'<ul class="shares" id="sectors".*?</ul>', page, re.S)
    widths = [
        round(float(width) * 100) for width in re.findall(r'class="fill s\d" width="([\d.]+)%"', listed)
    ]
    assert widths == [*shares[:2], sum(shares[2:])]
    assert abs(sum(widths) - 10_000) <= len(shares)
    assert listed.count("Tous les autres") == 1


def test_every_figure_is_a_file(camille: Browser) -> None:
    for name in FIGURES:
        answer = camille.client.get(f"/csv/{name}.csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
        rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
        json_rows = camille.client.get(f"/figures/{name}.json").json()["rows"]
        assert [[column.removesuffix("_cents") for column in row] for row in json_rows] == [rows[0]] * len(
            json_rows
        )
        assert len(rows) == len(json_rows) + 1
    assert camille.client.get("/csv/nothing.csv").status_code == 404


def test_the_journal_is_filtered_and_says_when_its_chain_is_broken(camille: Browser) -> None:
    camille.post("/stops/payments/stop", ground=GROUND)
    camille.page(f"/identities/{FILE}")
    everything = camille.page("/journal")
    assert "Chaîne vérifiée, 2 entrées" in everything
    assert GROUND in everything
    filtered = camille.page("/journal?act=identity.file_read")
    assert GROUND not in filtered.split("<tbody>")[1]
    assert camille.page("/journal?from=2026-11-25").count("<tr>") == 2
    with camille.console.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER journal_no_update")  # somebody with the database in hand
        connection.exec_driver_sql("UPDATE journal SET ground = 'autre' WHERE id = 1")
    assert "Chaîne rompue à l’entrée 1" in camille.page("/journal")
    told = camille.client.get("/csv/journal.csv").text.removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(told), delimiter=";"))
    assert [row[4] for row in rows[1:]] == ["identity.file_read", "payments.stopped"]


def test_a_stop_needs_one_officer_and_a_resumption_two(camille: Browser, dominique: Browser) -> None:
    console = camille.console
    assert camille.post("/stops/payments/stop", ground=GROUND) == "/?done=stopped"
    console.run_commands()
    assert "Paiements arrêtés" in camille.page("/")
    assert camille.post("/stops/payments/resume", ground="Tout est vérifié") == "/approvals?done=resume-asked"
    mine, theirs = camille.page("/approvals"), dominique.page("/approvals")
    assert "Vous l’avez demandé" in mine
    (path,) = set(re.findall(r'action="(/approvals/\w+/approve)"', theirs))
    assert path not in mine
    assert "approval.second_officer_needed" in camille.post(path, status=403)
    assert dominique.post(path) == "/approvals?done=approved"
    console.run_commands()
    assert "Paiements ouverts" in camille.page("/")


def test_who_may_sign_may_refuse_and_who_may_only_stop_may_not(camille: Browser, andrea: Browser) -> None:
    console = camille.console
    governor = Browser(console, console.officers.ensure("Gisèle Essai", ["govern"]).id)
    pauser = Browser(console, console.officers.ensure("Prosper Essai", ["pause"]).id)
    camille.post("/stops/payments/stop", ground=GROUND)
    console.run_commands()
    camille.post("/stops/payments/resume", ground="Tout est vérifié")
    (path,) = set(re.findall(r'action="(/approvals/\w+/refuse)"', governor.page("/approvals")))
    for other in (pauser, andrea):
        assert path not in other.page("/approvals")
        assert "approval.refusal_not_allowed" in other.post(path, status=403, ground="Pas encore")
    assert governor.post(path, ground="Pas encore") == "/approvals?done=refused"


def test_a_member_is_found_frozen_and_thawed(camille: Browser) -> None:
    console = camille.console
    assert "Librairie Les Galets" in camille.post("/members/search", 200, q="galets")
    assert "Personne ne correspond" in camille.post("/members/search", 200, q="100%")
    back = camille.post(f"/members/{SHOP}/freeze", ground=GROUND, until="2026-12-09", outgoing="yes")
    assert back == f"/members/{SHOP}?done=frozen"
    console.run_commands()
    page = camille.page(f"/members/{SHOP}")
    assert "gelé" in page
    assert "9 déc. 2026" in page
    camille.post(f"/members/{SHOP}/unfreeze", ground="Levée par le juge")
    console.run_commands()
    assert "gel levé" in camille.page(f"/members/{SHOP}")


def test_a_member_is_signed_out_everywhere_on_a_ground(camille: Browser) -> None:
    sessions = camille.console.sessions
    session = sessions.open_now("member", SHOP, "device")
    path = f"/members/{SHOP}/end-sessions"
    camille.post(path, status=422, ground="")
    assert sessions.find(session.token) is not None
    assert camille.post(path, ground="Appelle d’un commissariat") == f"/members/{SHOP}?done=member_signed_out"
    assert sessions.find(session.token) is None
    assert "connexions d’un membre terminées" in camille.page(f"/members/{SHOP}")
    camille.post("/members/UNKNOWN/end-sessions", status=404, ground="Personne de ce nom")


@pytest.mark.parametrize("until", ["hier", "2020-01-01", "2126-01-01", ""])
def test_a_freeze_without_a_sensible_end_is_refused(camille: Browser, until: str) -> None:
    camille.post(f"/members/{SHOP}/freeze", status=422, ground=GROUND, until=until, outgoing="yes")
    assert camille.console.commands() == []


def test_a_refused_act_comes_back_to_htmx_as_a_sentence(camille: Browser) -> None:
    answer = camille.client.post(
        "/stops/payments/stop",
        data=camille.confirmed("/stops/payments/stop", {"ground": "x"}),
        headers={"HX-Request": "true", "X-CSRF-Token": camille.token},
    )
    assert answer.status_code == 422
    assert "Écrivez le motif" in answer.text
    assert "<html" not in answer.text


def test_an_act_done_by_htmx_sends_the_page_on(camille: Browser) -> None:
    answer = camille.client.post(
        "/stops/payments/stop",
        data=camille.confirmed("/stops/payments/stop", {"ground": GROUND}),
        headers={"HX-Request": "true", "X-CSRF-Token": camille.token},
    )
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/?done=stopped")


def test_an_identity_is_read_with_a_trace_and_decided(camille: Browser, dominique: Browser) -> None:
    queue = camille.page("/identities")
    assert "Roussel" not in queue.replace("Camille Roussel", "")
    file = camille.page(f"/identities/{FILE}")
    assert "Solveig" in file
    document = re.findall(r'src="(/identities/[^"]+)"', file)[0]
    picture = camille.client.get(document)
    assert picture.headers["content-type"] == "image/png"
    assert dominique.client.get(f"/identities/{FILE}", headers=HTML).status_code == 403
    camille.post(f"/identities/{FILE}/approve", ground="Pièce valide, visage et nom concordent")
    with camille.console.engine.connect() as connection:
        acts = [entry.act for entry in reversed(camille.console.journal.entries(connection, Filter()))]
    assert acts == ["identity.file_read", "identity.document_read", "identity.approved"]
    assert ("setMember", "REGISTRAR") in [(kind, role) for kind, _, role in camille.console.commands()]


def test_an_unmatched_credit_is_given_to_the_member_it_belongs_to(camille: Browser, andrea: Browser) -> None:
    assert "Camille R." in camille.page("/unmatched")
    assert "Camille R." not in andrea.page("/unmatched")
    camille.post("/unmatched/E0/resolve", ground="Appel du membre", member_id=SHOP)
    assert "45,00" not in camille.page("/unmatched")
    ((kind, arguments, role),) = camille.console.commands()
    assert (kind, arguments[1], role) == ("mint", 4_500, "ISSUER")
    camille.post("/unmatched/E1/return", ground="Inconnu, rendu à la banque")
    assert camille.console.reports.figures.queues()["unmatched"].count == 0
    camille.post("/held/P1/return", ground="Le membre le demande")
    assert camille.console.reports.figures.queues()["held"].count == 0


@pytest.mark.parametrize(
    ("language", "queue", "heading", "reason"),
    [
        (
            "fr",
            "sorties en euros que le registre a refusé de clore",
            "À regarder : le registre a refusé",
            "la clé de l’émetteur n’a pas ce droit au registre (AccessManagedUnauthorized)",
        ),
        (
            "en",
            "redemptions the ledger refused to end",
            "To look at: the ledger refused",
            "the issuer’s key does not have this right on the ledger (AccessManagedUnauthorized)",
        ),
    ],
)
def test_a_redemption_the_ledger_would_not_end_stands_before_every_officer_with_its_reason(
    camille: Browser, andrea: Browser, language: str, queue: str, heading: str, reason: str
) -> None:
    assert heading not in andrea.page("/payouts", language)
    assert queue not in andrea.page("/", language)
    ref = camille.console.refuse_to_end("AccessManagedUnauthorized")
    camille.console.reports.figures.forget()
    assert queue in andrea.page("/", language)
    page = andrea.page("/payouts", language)
    assert heading in page
    assert reason in page
    assert ref[:18] in page


def test_a_reason_without_words_is_shown_by_its_own_name() -> None:
    assert trouble_reason("ledger.SomethingNew", catalogue("fr")) == "SomethingNew"


def test_a_payout_file_is_prepared_by_one_and_signed_by_another(camille: Browser, dominique: Browser) -> None:
    camille.post("/payouts/prepare")
    payouts = dominique.page("/approvals")
    (path,) = set(re.findall(r'action="(/payouts/\w+/approve)"', payouts))
    assert path not in camille.page("/approvals")
    assert "payout.same_officer" in camille.post(path, status=403)
    dominique.post(path)
    page = camille.page("/payouts")
    assert "déposé à la banque" in page
    assert "à la banque</span>" in page  # signed is not paid: the bank has not said anything yet


def test_a_form_without_its_token_does_nothing(camille: Browser) -> None:
    answer = camille.client.post("/stops/payments/stop", data={"ground": GROUND}, headers=HTML)
    assert answer.status_code == 403
    assert camille.console.commands() == []


def test_anybody_reads_the_public_statement(sqlite_console: ConsoleServices) -> None:
    public = TestClient(wallet_app(sqlite_console), base_url="http://testserver")  # type: ignore[arg-type]
    found = public.get("/v1/public/reserve").json()
    assert found["supply_cents"] == sqlite_console.month.supply_cents
    assert found["reserve_cents"] == sqlite_console.month.reserve_cents
    assert found["is_covered"] is True
    assert found["is_fresh"] is True
    assert found["attested_at_unix_s"] - found["as_of_unix_s"] == 1_800
    for language, sentence in (("fr", "Vérifiez vous-même"), ("en", "Check it yourself")):
        page = public.get("/public", headers={"Accept-Language": language}).text
        assert sentence in page
        assert f"--ledger {found['ledger']}" in page


def test_rows_set_aside_are_counted_beside_the_network_and_named_on_its_page(camille: Browser) -> None:
    assert "illisibles" not in camille.page("/network")
    kept = Quarantine(camille.console.engine, camille.console.clock, lambda work, event: None)
    kept.put_alone(RowKind.COMMAND, 77, ValueError("what stands in it"))
    camille.console.reports.figures.forget()
    page = camille.page("/network")
    assert "acte qui ne peut être envoyé" in page
    assert "what stands in it" not in page
    assert "lignes illisibles mises de côté" in camille.page("/")
    assert "Unreadable rows set aside" in camille.page("/network", "en")
