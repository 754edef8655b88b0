"""What officers see and do about unmatched money, over HTTP: search, every text, proposals, parts."""

from __future__ import annotations

import html
import json
import re

import pytest

from tests.integration.faces.console.test_pages import SHOP, Browser
from tests.support.bank_rows import BankRows
from tests.support.console_services import ConsoleServices
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import SERVICE, Filter, Subject
from wallet_service.treasury.repository import LEFT_ASIDE
from wallet_service.treasury.unmatched import OPENED_ACT, SEARCHED_ACT

PLAIN_PAGE = 50
ACCOUNT = "FR7699999000010000000099928"


@pytest.fixture
def camille(sqlite_console: ConsoleServices) -> Browser:
    return Browser(sqlite_console, "O1")


@pytest.fixture
def rows(sqlite_console: ConsoleServices) -> BankRows:
    return BankRows(sqlite_console)


def shown_text(page: str) -> str:
    """What is read of it, with plain spaces."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def searched(browser: Browser, language: str = "fr", **fields: str) -> str:
    answer = browser.client.post(
        "/unmatched/search",
        data={"csrf_token": browser.token, **fields},
        headers={"Accept": "text/html", "Accept-Language": language},
    )
    assert answer.status_code == 200, answer.text[:300]
    return html.unescape(answer.text)


def listed(page: str) -> list[str]:
    return re.findall(r'id="m-(\w+)"', page)


def hidden(page: str) -> dict[str, str]:
    """What the form of the next page sends."""
    form = page[page.rindex('action="/unmatched/search"') :]
    return dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[: form.index("</form>")])
    )


@pytest.mark.parametrize("asked", [{"amount": "12"}, {"reason": "lookalike"}, {"words": "hebert"}])
def test_what_was_searched_is_not_looked_at_again_where_it_was_not_asked(
    camille: Browser, rows: BankRows, asked: dict[str, str]
) -> None:
    """The page's address does not hold the search: a live look there would put every row in its place."""
    rows.add()
    page = searched(camille, **asked)
    assert '<div id="unmatched" aria-live="polite">' in page
    assert '<div id="unmatched" aria-live="polite" data-live>' in camille.page("/unmatched?amount=12")


def test_pages_follow_each_other_to_the_last_entry(camille: Browser, rows: BankRows) -> None:
    made = rows.add_many(120, days=3)
    seen, path = [], "/unmatched"
    for _ in range(3):
        page = html.unescape(camille.page(path))
        seen += listed(page)
        (path,) = re.findall(r'href="(/unmatched\?after=[^"]+)"', page) or [""]
    assert path == ""
    assert sorted(seen) == sorted([*made, "E0", "E1"])


def test_words_are_sent_in_the_body_and_no_address_repeats_them(camille: Browser, rows: BankRows) -> None:
    rows.add_many(3, days=1)
    wanted = rows.add(details={"name": "MME LECŒUR AIMEE"})
    page = searched(camille, words="aimée lecoeur")
    assert listed(page) == [wanted]
    assert "aimée lecoeur" in page
    assert not re.search(r'(href|hx-get)="[^"]*lec', page, re.IGNORECASE)
    assert 'method="get" action="/unmatched' not in page


def test_who_looked_through_sealed_texts_is_in_the_journal_and_the_words_are_not(
    camille: Browser, rows: BankRows, sqlite_console: ConsoleServices
) -> None:
    rows.add(details={"name": "MME LECŒUR AIMEE"})
    camille.page("/unmatched")
    searched(camille, words="lecoeur")
    searched(camille, reason="lookalike")
    with sqlite_console.engine.connect() as connection:
        entries = sqlite_console.journal.entries(connection, Filter(act=SEARCHED_ACT))
    assert [(entry.actor.kind, entry.details) for entry in entries] == [("officer", {"found": 1})]
    assert "lecoeur" not in repr(entries).lower()


def test_who_opened_a_movement_with_its_payers_details_is_in_the_journal(
    camille: Browser, rows: BankRows, sqlite_console: ConsoleServices
) -> None:
    opened = rows.add(details={"name": "MME LECŒUR AIMEE"})
    rows.add(details={"name": "Solène Hébert"})
    assert "LECŒUR" in html.unescape(camille.page(f"/unmatched/{opened}"))
    with sqlite_console.engine.connect() as connection:
        entries = sqlite_console.journal.entries(connection, Filter(act=OPENED_ACT))
    assert [(entry.actor.kind, entry.subject and entry.subject.subject_id) for entry in entries] == [
        ("officer", opened)
    ]
    assert "lecœur" not in repr(entries).lower()


def test_words_in_an_address_are_not_looked_for(camille: Browser, rows: BankRows) -> None:
    others = rows.add_many(3, days=1)
    wanted = rows.add(details={"name": "MME LECŒUR AIMEE"})
    page = html.unescape(camille.page("/unmatched?words=lecoeur"))
    assert {wanted, *others} <= set(listed(page))
    assert 'value="lecoeur"' not in page


def test_a_search_goes_on_with_all_that_was_asked(camille: Browser, rows: BankRows) -> None:
    for _ in range(PLAIN_PAGE + 1):
        rows.add(details={"name": "Solène Hébert"}, reason="lookalike")
    rows.add(details={"name": "Solène Hébert"})
    first = searched(camille, words="hebert", reason="lookalike")
    assert len(listed(first)) == PLAIN_PAGE
    fields = hidden(first)
    assert (fields["words"], fields["reason"]) == ("hebert", "lookalike")
    rest = searched(camille, **{name: value for name, value in fields.items() if name != "csrf_token"})
    assert len(listed(rest)) == 1
    assert "Suite" not in rest[rest.index('id="unmatched"') :]


def test_an_amount_that_cannot_be_read_finds_nothing_rather_than_everything(camille: Browser) -> None:
    answer = camille.client.post(
        "/unmatched/search",
        data={"csrf_token": camille.token, "amount": "12,5x"},
        headers={"Accept": "text/html"},
    )
    assert (answer.status_code, "amount" in answer.text) == (422, True)


def test_what_waits_is_shown_by_reason_in_both_languages(camille: Browser, rows: BankRows) -> None:
    rows.add(reason="batch_net_of_fees", amount_cents=97_00)
    french, english = (html.unescape(camille.page("/unmatched", language)) for language in ("fr", "en"))
    assert "une somme dont la banque a retenu des frais" in french
    assert "a sum from which the bank kept charges" in english
    assert len(listed(html.unescape(camille.page("/unmatched?reason=batch_net_of_fees")))) == 1


def test_every_text_and_reference_of_an_entry_is_shown(camille: Browser, rows: BankRows) -> None:
    part = rows.part(60_00, name="Solène Hébert", texts=["ma part"], references={"end_to_end": "E2E-7"})
    entry = rows.add(
        reason="batch_incomplete",
        details={
            "name": "Banque d’essai",
            "texts": ["remise du jour", "2 virements"],
            "references": {"servicer": "BQ-418", "message": "MSG-9", "mandate": "MND-3"},
            "structured": ["FACT 2026/12"],
            "charges_cents": 300,
            "parts": [part, rows.part(None, texts=["sans montant"])],
        },
    )
    page = html.unescape(camille.page(f"/unmatched/{entry}"))
    for told in (
        "remise du jour",
        "2 virements",
        "BQ-418",
        "MSG-9",
        "MND-3",
        "FACT 2026/12",
        "ma part",
        "E2E-7",
    ):
        assert told in page, told
    for told in (
        "3,00",
        "60,00",
        "non dit",
        "sans montant",
        "releve.xml",
        "que la banque ne détaille pas tous",
    ):
        assert told in page, told


def test_a_part_of_a_sum_is_given_and_the_rest_stays(camille: Browser, rows: BankRows) -> None:
    parts = [rows.part(60_00, name="Librairie les galets"), rows.part(30_00)]
    entry = rows.add(amount_cents=97_00, reason="batch_net_of_fees", details={"parts": parts})
    page = html.unescape(camille.page(f"/unmatched/{entry}?part=1"))
    assert 'name="amount" value="60,00"' in page
    assert f'data-fill="member_id={SHOP}"' in page, "proposed by its trade name"
    assert "même nom" in page
    camille.post(f"/unmatched/{entry}/resolve", ground="Appel du membre", member_id=SHOP, amount="60,00")
    shown = html.unescape(camille.page(f"/unmatched/{entry}"))
    assert "60,00 € attribués, 37,00 € restent" in shown
    assert 'name="amount" value="37,00"' in shown
    assert "bank.part_too_large" in camille.post(
        f"/unmatched/{entry}/resolve", status=409, ground="Encore", member_id=SHOP, amount="37,01"
    )
    camille.post(f"/unmatched/{entry}/resolve", ground="Appel du membre", member_id=SHOP, amount="37,00")
    assert "attribué à un membre" in html.unescape(camille.page(f"/unmatched/{entry}"))
    assert [arguments[1] for _, arguments, _ in camille.console.commands()] == [60_00, 37_00]


@pytest.mark.parametrize("part", ["0", "3", "-1", "x", "99999"])
def test_a_part_that_is_not_there_is_not_found(camille: Browser, rows: BankRows, part: str) -> None:
    entry = rows.add(details={"parts": [rows.part(60_00), rows.part(30_00)]})
    answer = camille.client.get(f"/unmatched/{entry}?part={part}", headers={"Accept": "text/html"})
    assert answer.status_code == 404


def test_the_same_payer_is_proposed_with_the_day(camille: Browser, rows: BankRows) -> None:
    first = rows.add(payer=ACCOUNT, booked_on="2026-05-03")
    camille.post(f"/unmatched/{first}/resolve", ground="Appel du membre", member_id=SHOP)
    second = rows.add(payer=ACCOUNT, booked_on="2026-06-03")
    assert "même compte payeur que le 3 mai" in html.unescape(camille.page(f"/unmatched/{second}"))
    assert "same payer as on 3 May" in html.unescape(camille.page(f"/unmatched/{second}", "en"))


def test_statements_say_how_they_join_and_a_break_is_seen(camille: Browser, rows: BankRows) -> None:
    now_unix_s = camille.console.clock.now_unix_s()
    for number, continuity in enumerate(("first", "follows", "broken", "explained")):
        rows.add_statement(
            f"RELEVE-{continuity}",
            continuity=continuity,
            as_of_unix_s=now_unix_s + number,
            opening_cents=number * 100_00,
            closing_cents=number * 100_00 + 50_00,
            from_on="2026-06-01",
            to_on="2026-06-02",
            warnings="bank.trailing_bytes,bank.of_tomorrow" if continuity == "follows" else "",
            state="held" if continuity == "explained" else "booked",
        )
    french, english = (html.unescape(camille.page("/statements", language)) for language in ("fr", "en"))
    for told in ("suit le précédent", "ne suit pas : il manque un relevé", "retenu : rien n’en est crédité"):
        assert told in french, told
    assert french.count('class="gap"') == 2, "one break, drawn wide and narrow"
    assert "des octets sans sens suivent le relevé" in french
    assert "bank.of_tomorrow" in french
    assert "does not follow: a statement is missing" in english
    assert camille.console.reports.figures.queues()["statements"].count == 1


@pytest.mark.parametrize(
    ("closing_cents", "unit"),
    [(9_999_00, "<small>(€)</small>"), (34_000_00, "<small>(milliers d’€)</small>")],
)
def test_the_picture_of_balances_says_what_its_figures_count(
    camille: Browser, rows: BankRows, closing_cents: int, unit: str
) -> None:
    rows.add_statement(
        "RELEVE-1",
        continuity="first",
        as_of_unix_s=camille.console.clock.now_unix_s(),
        opening_cents=0,
        closing_cents=closing_cents,
        from_on="2026-06-01",
        to_on="2026-06-02",
    )
    assert unit in html.unescape(camille.page("/statements"))


def test_what_was_left_aside_of_a_file_is_said_beside_its_statements(
    camille: Browser, rows: BankRows
) -> None:
    console = camille.console
    rows.add_statement("RELEVE-7", file_sha256="ab" * 32)
    with UnitOfWork(console.engine) as work:
        details = {"other_accounts": 2, "refused": [["juin.xml", "bank.sum_mismatch"]]}
        subject = Subject("bank_file", "ab" * 32)
        console.journal.append(work.connection, SERVICE, LEFT_ASIDE, subject, details=details)
    page = html.unescape(camille.page("/statements"))
    assert page.count("contient aussi 2 relevés d’autres comptes") == 1
    assert "Non repris : juin.xml (bank.sum_mismatch)" in page


def test_a_held_statement_is_decided_once(camille: Browser, rows: BankRows) -> None:
    held, other = (rows.add_statement(f"R-{name}", state="held") for name in ("one", "two"))
    page = camille.page("/statements")
    assert page.count(f'action="/statements/{held}/') == 2
    assert (
        camille.post(f"/statements/{held}/dismiss", ground="Déjà lu hier")
        == "/statements?done=statement-dismissed"
    )
    assert "bank.statement" in camille.post(f"/statements/{held}/accept", status=409, ground="Encore")
    camille.post(f"/statements/{other}/accept", ground="Vu avec la banque")
    shown = html.unescape(camille.page("/statements"))
    assert "écarté par un agent" in shown
    assert "accepté par un agent" in shown
    assert 'data-opens="accept-' not in shown


def test_a_large_held_statement_waits_for_a_second_officer(camille: Browser, rows: BankRows) -> None:
    held = rows.add_statement("R-large", state="held")
    rows.add(bank_statement_id=held, amount_cents=1_234_00, direction="DBIT", reason="repeated")
    dialog = camille.page("/statements").split(f'<dialog id="accept-{held}"')[1].split("</dialog>")[0]
    assert "1 234,00 €" in shown_text(dialog), "what would count stands in what is signed"
    asked = camille.post(f"/statements/{held}/accept", ground="Vu avec la banque")
    assert asked == "/approvals?done=asked"
    page = html.unescape(camille.page("/statements"))
    assert "Un agent l’accepte : un autre doit signer." in page
    assert f'data-opens="accept-{held}' not in page
    dominique = Browser(camille.console, "O2")
    assert "Accept the held statement, 1,234.00 € of movements?" in dominique.page("/approvals", "en")
    (dialog,) = re.findall(r'<dialog id="sign-.*?</dialog>', dominique.page("/approvals"), re.S)
    assert "1 234,00 €" in shown_text(re.findall(r"<tbody>.*?</tbody>", dialog, re.S)[0])
    (path,) = re.findall(r'action="(/approvals/\w+/approve)"', dominique.page("/approvals"))
    dominique.post(path)
    assert "accepté par un agent" in html.unescape(camille.page("/statements"))


def test_statements_are_paged_to_the_first(camille: Browser, rows: BankRows) -> None:
    for number in range(64):
        rows.add_statement(f"S-{number:03d}", as_of_unix_s=camille.console.clock.now_unix_s() + number // 2)
    seen, path = [], "/statements"
    while path:
        page = html.unescape(camille.page(path))
        seen += re.findall(r'id="s-(\w+)"', page)
        (path,) = re.findall(r'href="(/statements\?after=[^"]+)"', page) or [""]
    assert len(seen) == len(set(seen)) == 64 + 2


def test_what_a_search_brings_takes_over_no_inline_style(camille: Browser) -> None:
    """A text area drawn larger has one; htmx would set it as an attribute, which the policy refuses."""
    (told,) = re.findall(r"name=\"htmx-config\" content='([^']+)'", camille.page("/unmatched"))
    assert "style" not in json.loads(told)["attributesToSettle"]
