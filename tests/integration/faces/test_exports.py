"""Every table that leaves as a file, opened as a spreadsheet does: in columns, and nothing in it runs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine, update

from tests.integration.faces.content_types import OTHER_ANSWERS
from tests.support.console_services import ConsoleServices, build_console
from tests.support.web import HttpFixture, client_of
from wallet_service.database.tables.members import members
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.faces.apps import console_app, wallet_app
from wallet_service.history.decisions import AccountStatement, LineKind, StatementLine, month_of
from wallet_service.history.printing import BOUNDS, PaperMaker
from wallet_service.open_data.files import DATASETS
from wallet_service.platform.journal import Actor
from wallet_service.platform.sandbox.pool import Sandbox
from wallet_service.protocol.clock import VirtualClock
from wallet_service.protocol.text.csv_text import FORMULA_STARTS
from wallet_service.reports.figures import FIGURES

NOW_UNIX_MS = 1_795_527_120_000
NOW_UNIX_S = NOW_UNIX_MS // 1000
MONTH = "2026-11"
FORMULA = '=HYPERLINK("https://elsewhere.invalid";"Fournil")'
#: One that begins as a number does.
NEGATIVE_FORMULA = "-2+3+cmd|' /C calc'!A0"
#: What a spreadsheet reads as a number, in either language.
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


@pytest.fixture
def region(sqlite_engine: Engine, tmp_path: Path) -> ConsoleServices:
    """A month of life in which a shop and an officer have written formulas."""
    made = build_console(sqlite_engine, VirtualClock(NOW_UNIX_MS), tmp_path / "outbox")
    with made.engine.begin() as connection:
        named = update(members).where(members.c.id == made.month.shops[0])
        connection.execute(named.values(public_name=FORMULA))
    officer = made.officers.ensure("Camille Essai", ["observe", "pause"])
    with UnitOfWork(made.engine) as work:
        by = Actor("officer", officer.id)
        made.journal.append(work.connection, by, "payments.stopped", ground=NEGATIVE_FORMULA)
    made.open_data.run_once()
    return made


class Statements:
    """A member who has paid the shop with the formula, and was paid back."""

    def of_month(self, member_id: str, month_name: str) -> AccountStatement:
        month = month_of(month_name, NOW_UNIX_S)
        lines = tuple(
            StatementLine(month.first_unix_s, LineKind.PAYMENT, cents, 0, name, None, 7)
            for cents, name in ((-1_405, FORMULA), (200, NEGATIVE_FORMULA))
        )
        return AccountStatement(month, FORMULA, "0x" + "1" * 40, 0, lines, NOW_UNIX_S)


def officer_of(region: ConsoleServices) -> TestClient:
    session = region.sign_in(region.officers.ensure("Camille Essai", ["observe", "pause"]).id)
    client = client_of(console_app(region))  # type: ignore[arg-type]
    client.cookies.set("alba_console", session.token)
    return client


@pytest.fixture
def papers() -> Iterator[PaperMaker]:
    """Made in their process, as the service has it."""
    printing_press = Sandbox("papers", BOUNDS)
    yield PaperMaker(printing_press)
    printing_press.stop()


def member_of(env: HttpFixture) -> TestClient:
    member, _ = env.visitor()
    client = client_of(wallet_app(env))  # type: ignore[arg-type]
    client.cookies.set("alba_session", env.sessions.open_now("member", member.id, "device").token)
    return client


Fetch = Callable[[ConsoleServices, HttpFixture, str], Response]


def _from_console(path: str) -> Fetch:
    return lambda region, env, language: officer_of(region).get(path, headers={"Accept-Language": language})


def _open_data(path: str) -> Fetch:
    return lambda region, env, language: client_of(wallet_app(region)).get(path)  # type: ignore[arg-type]


def _statement(region: ConsoleServices, env: HttpFixture, language: str) -> Response:
    path = f"/v1/me/statements/{MONTH}.csv"
    answer: Response = member_of(env).get(path, headers={"Accept-Language": language})
    return answer


#: By the route that sends it.
EXPORTS: dict[str, dict[str, Fetch]] = {
    "GET /csv/journal.csv": {"journal": _from_console("/csv/journal.csv")},
    "GET /csv/payouts.csv": {"payouts": _from_console("/csv/payouts.csv")},
    "GET /csv/{name}.csv": {name: _from_console(f"/csv/{name}.csv") for name in FIGURES},
    "GET /v1/me/statements/{month}.csv": {"statement": _statement},
    "GET /open-data/{name}": {f"open-{name}": _open_data(f"/open-data/{name}.csv") for name in DATASETS},
}
NAMED = {name: fetch for found in EXPORTS.values() for name, fetch in found.items()}
#: For programs, by RFC 4180 in every language: docs of the catalogue say so.
FOR_PROGRAMS = {f"open-{name}" for name in DATASETS}
#: Where what people have written is in the file.
WITH_FORMULAS = {
    "journal": NEGATIVE_FORMULA,
    "payouts": FORMULA,
    "statement": FORMULA,
    "open-directory": FORMULA,
}


def test_every_route_that_sends_a_table_is_opened_here() -> None:
    listed = {route for face in OTHER_ANSWERS.values() for route in face.get("text/csv", ())}
    # Of the routes that send files of several types, the one with tables.
    assert set(EXPORTS) == listed | {"GET /open-data/{name}"}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", list(NAMED))
def test_an_export_opens_in_columns_and_runs_nothing(
    region: ConsoleServices, env: HttpFixture, papers: PaperMaker, name: str, language: str
) -> None:
    env.papers, env.statements = papers, Statements()  # type: ignore[attr-defined]
    answer = NAMED[name](region, env, language)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    text = answer.content.decode()
    for_people = name not in FOR_PROGRAMS
    assert text.startswith("\ufeff") is for_people, "else a spreadsheet reads accents wrongly"
    delimiter = ";" if for_people and language == "fr" else ","
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter)
    assert len(header) > 1, "columns"
    assert rows
    assert {len(row) for row in rows} == {len(header)}
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(FORMULA_STARTS) or NUMBER.fullmatch(cell), cell
    if name in WITH_FORMULAS:
        assert any("'" + WITH_FORMULAS[name] in row for row in rows), "as it was written, and disarmed"
