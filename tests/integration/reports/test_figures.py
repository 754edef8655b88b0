"""Figures equal what was written, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, update

from tests.support.console_services import ConsoleServices
from tests.support.seed_month import ATTESTATION_MAX_AGE_S, bytes32_of
from wallet_service.database.tables.bank import bank_entries
from wallet_service.database.tables.payments import payments
from wallet_service.protocol.clock import VirtualClock
from wallet_service.reports.errors import FigureUnknown
from wallet_service.reports.figures import FIGURES, FigureService


def test_the_month_is_counted_as_it_happened(console: ConsoleServices) -> None:
    figures, month = console.reports.figures, console.month
    daily = figures.figure("payments")
    assert len(daily.rows) == 30
    assert daily.rows[-1][0] == "2026-11-24"
    assert sum(daily.values("payments_count")) == month.payments_count
    assert sum(daily.values("volume_cents")) == month.volume_cents
    books = figures.figure("supply-and-reserve")
    assert sum(books.values("minted_cents")) == month.minted_cents
    assert sum(books.values("burned_cents")) == month.burned_cents
    assert books.rows[-1][1] == month.supply_cents
    assert books.rows[-1][2] == month.reserve_cents


def test_the_reserve_is_the_last_attestation_and_goes_stale(
    console: ConsoleServices, clock: VirtualClock
) -> None:
    found = console.reports.figures.reserve()
    assert (found.supply_cents, found.reserve_cents) == (
        console.month.supply_cents,
        console.month.reserve_cents,
    )
    assert found.is_fresh
    assert found.is_covered
    assert found.max_age_s == ATTESTATION_MAX_AGE_S
    clock.advance_ms((ATTESTATION_MAX_AGE_S + 1) * 1000)
    assert not console.reports.figures.reserve().is_fresh


def test_sectors_and_departments_share_the_whole_volume_of_shops(console: ConsoleServices) -> None:
    figures = console.reports.figures
    sectors, departments = figures.figure("sectors"), figures.figure("departments")
    assert sum(sectors.values("volume_cents")) == console.month.volume_cents
    assert sum(departments.values("volume_cents")) == console.month.volume_cents
    assert set(departments.values("department_code")) == {"14", "27", "50", "61", "76"}
    assert sectors.values("volume_cents") == sorted(sectors.values("volume_cents"), reverse=True)
    assert "Alimentation" in sectors.values("sector_group")


def test_a_refund_is_no_trade(console: ConsoleServices) -> None:
    figures, month = console.reports.figures, console.month
    with console.engine.begin() as connection:
        changed = connection.execute(
            update(payments).where(payments.c.ref == bytes32_of("payment 1")).values(purpose="refund")
        )
        assert changed.rowcount == 1
    figures.forget()
    assert sum(figures.figure("payments").values("payments_count")) == month.payments_count - 1


def test_active_members_are_those_who_paid_or_were_paid(console: ConsoleServices) -> None:
    activity = console.reports.figures.activity()
    assert activity.enrolled == {"resident": 60, "merchant": 12}
    assert 0 < activity.active["resident"] <= 60
    assert 0 < activity.active["merchant"] <= 12
    assert activity.volume_cents == console.month.volume_cents
    assert activity.turns_per_year_hundredths is not None
    assert activity.respent_basis_points is not None


def test_today_is_compared_with_the_same_hour_a_week_ago(console: ConsoleServices) -> None:
    today = console.reports.figures.today()
    daily = console.reports.figures.figure("payments").values("payments_count")
    assert today.payments_count == daily[-1]
    assert today.payments_count_week_ago <= daily[-8]
    assert today.weekday == 1


def test_queues_say_how_many_wait_and_since_when(console: ConsoleServices) -> None:
    queues = console.reports.figures.queues()
    assert queues["identities"].count == 7
    now = console.clock.now_unix_ms()
    assert queues["identities"].oldest_unix_ms == now - 7 * 7_200_000
    assert (queues["unmatched"].count, queues["unmatched"].amount_cents) == (2, 165_00)
    assert (queues["held"].count, queues["held"].amount_cents) == (1, 80_00)
    assert (queues["redemptions"].count, queues["redemptions"].amount_cents) == (3, 1_800_00)
    assert queues["approvals"].count == 0
    with console.engine.begin() as connection:
        connection.execute(update(bank_entries).values(state="resolved"))
    console.reports.figures.forget()
    assert console.reports.figures.queues()["unmatched"].count == 0


def test_every_figure_has_a_table_json_and_csv(console: ConsoleServices) -> None:
    for name in FIGURES:
        figure = console.reports.figures.figure(name)
        assert figure.rows
        assert all(len(row) == len(figure.columns) for row in figure.rows)
        assert len(figure.to_csv("fr").splitlines()) == len(figure.rows) + 1
        assert len(figure.to_json()["rows"]) == len(figure.rows)
    with pytest.raises(FigureUnknown):
        console.reports.figures.figure("nothing")


def test_a_figure_is_computed_once_for_everybody_who_asks_at_once(
    console: ConsoleServices, clock: VirtualClock
) -> None:
    first = console.reports.figures.figure("payments")
    assert console.reports.figures.figure("payments") is first
    clock.advance_ms(2_000)
    assert console.reports.figures.figure("payments") is not first


def test_an_empty_currency_has_figures_too(engine: Engine, clock: VirtualClock) -> None:
    figures = FigureService(engine, clock)
    assert figures.reserve().supply_cents == 0
    assert figures.reserve().coverage_basis_points is None
    assert not figures.reserve().is_fresh
    assert figures.activity().turns_per_year_hundredths is None
    assert figures.today().change_percent is None
    assert figures.last_block() is None
    assert figures.stopped() == {"payments": False, "issuing": False, "redeeming": False}
    for name in FIGURES:
        figures.figure(name)
