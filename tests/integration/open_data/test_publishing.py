"""Days are published once, when they are whole; what may not be told is empty; on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, insert, select

from tests.support.console_services import ConsoleServices, build_console
from wallet_service.database.tables.chain import blocks, postings
from wallet_service.database.tables.supervision import published_days
from wallet_service.open_data import repository
from wallet_service.open_data.decisions import K_ANONYMITY, together
from wallet_service.open_data.models import REGION_AREA
from wallet_service.open_data.service import DAYS_A_ROUND, OpenData
from wallet_service.protocol.clock import VirtualClock
from wallet_service.reports.decisions import day_start_unix_s, local_day
from wallet_service.territory.currency import DEPARTMENTS

NOW_UNIX_S = 1_795_527_120  # 24 November 2026, 14:32 in Normandy


@pytest.fixture
def console(engine: Engine, tmp_path: Path) -> ConsoleServices:
    return build_console(engine, VirtualClock(NOW_UNIX_S * 1000), tmp_path / "outbox")


def published_all(console: ConsoleServices) -> None:
    while console.open_data.run_once() == DAYS_A_ROUND:
        pass


def test_every_day_that_is_over_is_published_with_the_region_and_each_departement(
    console: ConsoleServices,
) -> None:
    published_all(console)
    days = console.open_data.days()
    region = [row for row in days if row.area == REGION_AREA]
    today = local_day(NOW_UNIX_S)
    assert region[-1].day == today - timedelta(days=1)
    assert [row.day for row in region] == [
        region[0].day + timedelta(days=number) for number in range(len(region))
    ]
    assert {row.area for row in days if row.day == region[-1].day} == {REGION_AREA, *DEPARTMENTS}
    assert region[-1].reserve_cents is not None
    assert region[-1].supply_cents is not None
    assert region[-1].supply_cents <= region[-1].reserve_cents
    assert console.open_data.run_once() == 0


def test_a_days_numbers_are_those_of_its_payments(console: ConsoleServices) -> None:
    published_all(console)
    told = [row for row in console.open_data.days() if row.area == REGION_AREA and row.payments_count]
    assert told
    row = told[-1]
    start = day_start_unix_s(row.day)
    with console.engine.connect() as connection:
        first = repository.first_block_since(connection, start)
        after = repository.first_block_since(connection, start + 86_400)
        assert first is not None
        assert after is not None
        flow = together(repository.flows_by_area(connection, first, after).values())
        everything = connection.execute(
            select(func.count())
            .select_from(postings)
            .where(postings.c.kind == "payment", postings.c.amount_cents > 0)
            .where(postings.c.block_timestamp_unix_s >= start)
            .where(postings.c.block_timestamp_unix_s < start + 86_400)
        ).scalar_one()
    assert (row.payments_count, row.volume_cents) == (flow.payments_count, flow.volume_cents)
    assert (row.payers_count, row.payees_count) == (len(flow.payers), len(flow.received))
    assert 0 < flow.payments_count <= everything


def test_no_published_number_stands_for_fewer_than_a_crowd(console: ConsoleServices) -> None:
    published_all(console)
    days = console.open_data.days()
    told = [row for row in days if row.payments_count]
    assert all(min(row.payers_count or 0, row.payees_count or 0) >= K_ANONYMITY for row in told)
    assert any(row.payments_count is None for row in days), "the month has quiet départements"


def test_a_day_is_not_published_before_a_block_was_made_after_it(console: ConsoleServices) -> None:
    last_midnight = day_start_unix_s(local_day(NOW_UNIX_S))
    with console.engine.begin() as connection:
        late = select(blocks.c.number).where(blocks.c.timestamp_unix_s >= last_midnight)
        connection.execute(delete(blocks).where(blocks.c.number.in_(late.scalar_subquery())))
    published_all(console)
    newest = max(row.day for row in console.open_data.days())
    assert newest == local_day(NOW_UNIX_S) - timedelta(days=2)


def test_nothing_is_published_by_a_clock_that_is_wrong(console: ConsoleServices) -> None:
    assert OpenData(console.engine, console.clock, lambda: False).run_once() == 0


def test_a_day_is_published_once_whoever_else_tries(console: ConsoleServices) -> None:
    published_all(console)
    with console.engine.begin() as connection:
        before = connection.execute(select(func.count()).select_from(published_days)).scalar_one()
        last = connection.execute(select(func.max(published_days.c.day))).scalar_one()
        connection.execute(delete(published_days).where(published_days.c.day == last))
        connection.execute(insert(published_days).values(day=last, area=REGION_AREA, published_at_unix_ms=1))
    other = OpenData(console.engine, console.clock, lambda: True)
    assert other._publish(date.fromisoformat(last)) is False
    with console.engine.connect() as connection:
        after = connection.execute(select(func.count()).select_from(published_days)).scalar_one()
    assert after == before - len(DEPARTMENTS)


def test_blocks_are_found_by_their_time(console: ConsoleServices) -> None:
    with console.engine.connect() as connection:
        times = dict(connection.execute(select(blocks.c.number, blocks.c.timestamp_unix_s)).all())
        for moment in (0, min(times.values()), NOW_UNIX_S - 86_400, max(times.values())):
            expected = min(number for number, made_at in times.items() if made_at >= moment)
            assert repository.first_block_since(connection, moment) == expected
        assert repository.first_block_since(connection, max(times.values()) + 1) is None
