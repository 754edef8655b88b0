"""Publishes each day once it is over and whole, and reads what was published.

A day is published once: numbers that change afterwards could be compared with the first ones, and tell of
the one person between them. Owns `published_days`. Must not tell who paid or was paid.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.open_data import decisions, repository
from wallet_service.open_data.models import REGION_AREA, Flow, PublishedDay
from wallet_service.protocol.clock import Clock
from wallet_service.reports import repository as figures
from wallet_service.reports.decisions import day_start_unix_s, local_day
from wallet_service.territory.currency import DEPARTMENTS

#: What a year's picture needs, and some days more.
MAX_DAYS_BACK = 400
#: Days published in one round: a first start has months to tell.
DAYS_A_ROUND = 40
#: How long what was published is served again without a look at the database.
KEPT_MS = 60_000

log = structlog.get_logger(__name__)


class OpenData:
    """`run_once` publishes; everything else reads."""

    def __init__(self, engine: Engine, clock: Clock, is_right: Callable[[], bool]) -> None:
        """`is_right`: whether this machine's clock is; nothing is published by a wrong one."""
        self._engine = engine
        self._clock = clock
        self._is_right = is_right
        self._kept: tuple[int, list[PublishedDay]] | None = None
        self._lock = threading.Lock()

    def run_once(self) -> int:
        """How many days were published."""
        if not self._is_right():
            return 0
        with reading(self._engine) as connection:
            due = self._due(connection)
        count = sum(self._publish(day) for day in due)
        if count:
            with self._lock:
                self._kept = None
        return count

    def days(self) -> list[PublishedDay]:
        """Everything published, oldest first: the region's row of a day, then its départements'."""
        with self._lock:
            now_unix_ms = self._clock.now_unix_ms()
            if self._kept is None or not 0 <= now_unix_ms - self._kept[0] < KEPT_MS:
                with reading(self._engine) as connection:
                    self._kept = (now_unix_ms, repository.published(connection))
            return self._kept[1]

    def region_days(self, count: int) -> list[PublishedDay]:
        """The region's rows of the last so many days."""
        since = local_day(self._clock.now_unix_s()) - timedelta(days=count)
        return [row for row in self.days() if row.area == REGION_AREA and row.day >= since]

    def _due(self, connection: Connection) -> list[date]:
        """Days not yet published that are over, and whole: a block was made after them."""
        last_block_unix_s = repository.last_block_unix_s(connection)
        first_unix_s = repository.first_posting_unix_s(connection)
        if last_block_unix_s is None or first_unix_s is None:
            return []
        today = local_day(min(last_block_unix_s, self._clock.now_unix_s()))
        last = repository.last_published(connection)
        first = local_day(first_unix_s) if last is None else last + timedelta(days=1)
        first = max(first, today - timedelta(days=MAX_DAYS_BACK))
        return [first + timedelta(days=n) for n in range(min((today - first).days, DAYS_A_ROUND))]

    def _publish(self, day: date) -> bool:
        try:
            with UnitOfWork(self._engine) as work:
                rows = published_rows(work.connection, day)
                repository.publish(work.connection, rows, self._clock.now_unix_ms())
        except IntegrityError:
            return False  # another process was quicker
        log.info("open_data.published", day=day.isoformat())
        return True


def published_rows(connection: Connection, day: date) -> list[PublishedDay]:
    """The day's rows, as they may be told: the region first, then every département."""
    start_unix_s, end_unix_s = day_start_unix_s(day), day_start_unix_s(day + timedelta(days=1))
    flows = _flows(connection, start_unix_s, end_unix_s)
    total = decisions.together(flows.values())
    members_count, professionals_count = repository.enrolled_before(connection, end_unix_s)
    attested = [
        int(row.arguments["amount"])
        for row in figures.attestation_events(connection)
        if row.timestamp_unix_s < end_unix_s
    ]
    region = PublishedDay(
        day=day,
        area=REGION_AREA,
        supply_cents=figures.supply_before_cents(connection, end_unix_s),
        reserve_cents=attested[-1] if attested else None,
        members_count=decisions.told_count(members_count),
        professionals_count=decisions.told_count(professionals_count),
        **_numbers(total, is_told=decisions.may_be_told(total)),
    )
    told = decisions.tellable_areas(flows, DEPARTMENTS)
    areas = (
        PublishedDay(day=day, area=code, **_numbers(flow, is_told=code in told))
        for code, flow in flows.items()
        if code in DEPARTMENTS
    )
    return [region, *sorted(areas, key=lambda row: row.area)]


def _flows(connection: Connection, start_unix_s: int, end_unix_s: int) -> dict[str, Flow]:
    """By département, those without a payment too; what is outside the region stands under its own code."""
    flows = dict.fromkeys(DEPARTMENTS, Flow())
    from_block = repository.first_block_since(connection, start_unix_s)
    before_block = repository.first_block_since(connection, end_unix_s)
    if from_block is None or before_block is None:
        return flows
    return {**flows, **repository.flows_by_area(connection, from_block, before_block)}


def _numbers(flow: Flow, *, is_told: bool) -> dict[str, int | None]:
    names = ("payers_count", "payees_count", "payments_count", "volume_cents")
    numbers = (len(flow.payers), len(flow.received), flow.payments_count, flow.volume_cents)
    return dict(zip(names, numbers if is_told else (None,) * len(names), strict=True))
