"""Every figure the Region and the public read, made from SQL and the clock. Reads only.

A figure is computed at most once per `KEPT_MS`: a hundred open consoles ask the database no more than one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine

from wallet_service.accounts.stops import stops_in_force
from wallet_service.chain.ledger import mirror
from wallet_service.oversight.decisions import APPROVAL_LIFETIME_MS
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.csv_text import Cell
from wallet_service.reports import decisions, repository
from wallet_service.reports.decisions import ReserveStatement
from wallet_service.reports.errors import FigureUnknown
from wallet_service.reports.models import QUEUE_WORDS, Column, Figure
from wallet_service.reports.repository import LastBlock, Outbox, Quarantined, QueueSummary
from wallet_service.territory import SECTOR_GROUPS, sectors
from wallet_service.territory.currency import DEPARTMENTS

DAYS = 30
WEEK_DAYS = 7
#: How long a computed figure is served again. A page that hears of a change looks twice, further apart.
KEPT_MS = 1_000

Made = TypeVar("Made")


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


FROM_LEDGER = _("registre, blocs définitifs")
FROM_BANK = _("attestations de la réserve écrites au registre")
FROM_SERVICE = _("dossiers du service")
KIND_WORDS = {
    "resident": _("habitants et visiteurs"),
    "merchant": _("commerces"),
    "association": _("associations"),
    "treasury": _("collectivités"),
}
DAY = Column("day", _("Jour"), "day")
PAYMENTS = Column("payments_count", _("Paiements"), "count")
VOLUME = Column("volume_cents", _("Volume"), "cents")


@dataclass(frozen=True, slots=True)
class Today:
    """Payments since midnight, and how many there were a week ago at the same hour."""

    payments_count: int
    payments_count_week_ago: int
    weekday: int  # 0 Monday

    @property
    def change_percent(self) -> int | None:
        if self.payments_count_week_ago == 0:
            return None
        return round(
            (self.payments_count - self.payments_count_week_ago) * 100 / self.payments_count_week_ago
        )


@dataclass(frozen=True, slots=True)
class Activity:
    """Over the last 30 days."""

    active: Mapping[str, int]
    enrolled: Mapping[str, int]
    volume_cents: int
    average_supply_cents: int
    turns_per_year_hundredths: int | None
    respent_basis_points: int | None


class FigureService:
    """Figures by name (`FIGURES`), and the few numbers the overview shows large."""

    def __init__(self, engine: Engine, clock: Clock, kept_ms: int = KEPT_MS) -> None:
        self._engine = engine
        self._clock = clock
        self._kept_ms = kept_ms
        self._kept: dict[str, tuple[int, Any]] = {}
        self._lock = threading.Lock()

    def figure(self, name: str) -> Figure:
        """Raises FigureUnknown."""
        maker = FIGURES.get(name)
        if maker is None:
            raise FigureUnknown()
        return self._once(f"figure:{name}", lambda connection: maker(connection, self._clock))

    def reserve(self) -> ReserveStatement:
        return self._once("reserve", lambda connection: _reserve(connection, self._clock))

    def today(self) -> Today:
        return self._once("today", lambda connection: _today(connection, self._clock))

    def activity(self) -> Activity:
        return self._once("activity", lambda connection: _activity(connection, self._clock))

    def queues(self) -> dict[str, QueueSummary]:
        now_unix_ms = self._clock.now_unix_ms()
        return self._once("queues", lambda each: repository.queues(each, now_unix_ms, APPROVAL_LIFETIME_MS))

    def last_block(self) -> LastBlock | None:
        return self._once("block", repository.last_block)

    def outbox(self) -> Outbox:
        """What is on its way to the ledger."""
        return self._once("outbox", repository.outbox)

    def quarantined(self) -> list[Quarantined]:
        """Rows that could not be read and wait for a person."""
        return self._once("quarantined", repository.quarantined)

    def stopped(self) -> dict[str, bool]:
        """What is stopped here: by the last final block, or by an officer whose stop is on its way there."""
        stops = self._once("stops", stops_in_force)
        return {"payments": stops.payments, "issuing": stops.issuing, "redeeming": stops.redeeming}

    def forget(self) -> None:
        """After an act of ours, the next page must show it."""
        with self._lock:
            self._kept.clear()

    def _once(self, key: str, make: Callable[[Connection], Made]) -> Made:
        """One thread computes, the others wait for it and take its answer."""
        with self._lock:
            now_unix_ms = self._clock.now_unix_ms()
            kept = self._kept.get(key)
            if kept is not None and 0 <= now_unix_ms - kept[0] < self._kept_ms:
                return cast(Made, kept[1])
            with self._engine.connect().execution_options(read_only=True) as connection:
                made = make(connection)
            self._kept[key] = (now_unix_ms, made)
            return made


def _days(clock: Clock) -> list[date]:
    return decisions.last_days(decisions.local_day(clock.now_unix_s()), DAYS)


def _since(clock: Clock) -> int:
    return decisions.day_start_unix_s(_days(clock)[0])


def _supply_by_day(connection: Connection, clock: Clock) -> tuple[list[int], list[int], list[int]]:
    """Supply at each day's end, minted and burned on each day."""
    days, since = _days(clock), _since(clock)
    minted = decisions.by_day(repository.minted_by_hour(connection, since), days)
    burned = decisions.by_day(repository.burned_by_hour(connection, since), days)
    changes = [more - less for more, less in zip(minted, burned, strict=True)]
    return decisions.running(repository.supply_before_cents(connection, since), changes), minted, burned


def _reserve(connection: Connection, clock: Clock) -> ReserveStatement:
    attested = repository.attestation_events(connection)
    rules = mirror.last_event(connection, "IssuanceChanged")
    last = attested[-1] if attested else None
    return ReserveStatement(
        supply_cents=repository.supply_cents(connection),
        reserve_cents=int(last.arguments["amount"]) if last else None,
        as_of_unix_s=int(last.arguments["asOf"]) if last else None,
        attested_at_unix_s=last.timestamp_unix_s if last else None,
        max_age_s=int(rules["attestationMaxAge"]) if rules else None,
        statement_hash=str(last.arguments["statementHash"]) if last else None,
        now_unix_s=clock.now_unix_s(),
    )


def _today(connection: Connection, clock: Clock) -> Today:
    now_unix_s = clock.now_unix_s()
    today = decisions.local_day(now_unix_s)
    start = decisions.day_start_unix_s(today)
    start_week_ago = decisions.day_start_unix_s(today - timedelta(days=WEEK_DAYS))
    return Today(
        repository.payments_between(connection, start, now_unix_s + 1),
        repository.payments_between(connection, start_week_ago, start_week_ago + now_unix_s - start + 1),
        today.weekday(),
    )


def _activity(connection: Connection, clock: Clock) -> Activity:
    since = _since(clock)
    volume_cents = sum(repository.payments_by_hour(connection, since).cents.values())
    supplies = _supply_by_day(connection, clock)[0]
    average_cents = sum(supplies) // len(supplies)
    received_cents = repository.received_by_professionals_cents(connection, since)
    spent_cents = repository.spent_by_professionals_cents(connection, since)
    return Activity(
        active=repository.active_members(connection, since),
        enrolled=repository.enrolled_members(connection),
        volume_cents=volume_cents,
        average_supply_cents=average_cents,
        turns_per_year_hundredths=decisions.turns_per_year_hundredths(volume_cents, average_cents, DAYS),
        respent_basis_points=decisions.ratio_basis_points(spent_cents, received_cents),
    )


def _figure(
    clock: Clock,
    name: str,
    title: str,
    source: str,
    columns: tuple[Column, ...],
    rows: list[tuple[Cell, ...]],
) -> Figure:
    return Figure(name, title, source, clock.now_unix_ms(), columns, tuple(rows))


def _supply_and_reserve(connection: Connection, clock: Clock) -> Figure:
    supplies, minted, burned = _supply_by_day(connection, clock)
    attested = [
        (row.timestamp_unix_s, int(row.arguments["amount"]))
        for row in repository.attestation_events(connection)
    ]
    rows: list[tuple[Cell, ...]] = []
    for day, supply, more, less in zip(_days(clock), supplies, minted, burned, strict=True):
        end_unix_s = decisions.day_start_unix_s(day + timedelta(days=1))
        known = [amount for at_unix_s, amount in attested if at_unix_s < end_unix_s]
        reserve = known[-1] if known else None
        coverage = decisions.ratio_basis_points(reserve, supply) if reserve is not None else None
        rows.append((day.isoformat(), supply, reserve, coverage, more, less))
    columns = (
        DAY,
        Column("supply_cents", _("Masse en circulation"), "cents"),
        Column("reserve_cents", _("Réserve attestée (€)"), "cents"),
        Column("coverage_basis_points", _("Couverture"), "basis_points"),
        Column("minted_cents", _("Émis"), "cents"),
        Column("burned_cents", _("Détruit"), "cents"),
    )
    return _figure(clock, "supply-and-reserve", _("Masse et réserve, 30 jours"), FROM_LEDGER, columns, rows)


def _payments(connection: Connection, clock: Clock) -> Figure:
    hours, days = repository.payments_by_hour(connection, _since(clock)), _days(clock)
    counts, cents = decisions.by_day(hours.count, days), decisions.by_day(hours.cents, days)
    rows: list[tuple[Cell, ...]] = [
        (day.isoformat(), count, volume) for day, count, volume in zip(days, counts, cents, strict=True)
    ]
    return _figure(
        clock, "payments", _("Paiements par jour, 30 jours"), FROM_LEDGER, (DAY, PAYMENTS, VOLUME), rows
    )


def _sectors(connection: Connection, clock: Clock) -> Figure:
    groups = {division: sector.group for division, sector in sectors().items()}
    sums: dict[str, list[int]] = {}
    for division, count, cents in repository.received_by_sector(connection, _since(clock)):
        entry = sums.setdefault(groups.get(division or "", "other"), [0, 0])
        entry[0] += count
        entry[1] += cents
    total = sum(cents for _count, cents in sums.values())
    rows: list[tuple[Cell, ...]] = [
        (
            SECTOR_GROUPS.get(group, (_("Autres"), ""))[0],
            count,
            cents,
            decisions.ratio_basis_points(cents, total),
        )
        for group, (count, cents) in sorted(sums.items(), key=lambda item: -item[1][1])
    ]
    columns = (
        Column("sector_group", _("Secteur"), "word"),
        PAYMENTS,
        VOLUME,
        Column("share_basis_points", _("Part"), "basis_points"),
    )
    return _figure(clock, "sectors", _("Où va l’argent, par secteur, 30 jours"), FROM_LEDGER, columns, rows)


def _departments(connection: Connection, clock: Clock) -> Figure:
    found = repository.received_by_department(connection, _since(clock))
    total = sum(row[3] for row in found)
    rows: list[tuple[Cell, ...]] = [
        (
            code,
            DEPARTMENTS.get(code or "", _("Ailleurs")),
            shops,
            count,
            cents,
            decisions.ratio_basis_points(cents, total),
        )
        for code, shops, count, cents in sorted(found, key=lambda row: -row[3])
    ]
    columns = (
        Column("department_code", _("Code"), "text"),
        Column("department", _("Département"), "word"),
        Column("professionals_count", _("Professionnels payés"), "count"),
        PAYMENTS,
        VOLUME,
        Column("share_basis_points", _("Part"), "basis_points"),
    )
    return _figure(clock, "departments", _("Volume par département, 30 jours"), FROM_LEDGER, columns, rows)


def _members(connection: Connection, clock: Clock) -> Figure:
    active = repository.active_members(connection, _since(clock))
    enrolled = repository.enrolled_members(connection)
    rows: list[tuple[Cell, ...]] = [
        (word, enrolled.get(kind, 0), active.get(kind, 0)) for kind, word in KIND_WORDS.items()
    ]
    columns = (
        Column("kind", _("Membres"), "word"),
        Column("enrolled_count", _("Inscrits"), "count"),
        Column("active_30_days_count", _("Actifs, 30 jours"), "count"),
    )
    return _figure(clock, "members", _("Membres inscrits et actifs"), FROM_LEDGER, columns, rows)


def _velocity(connection: Connection, clock: Clock) -> Figure:
    found = _activity(connection, clock)
    row: tuple[Cell, ...] = (
        found.volume_cents,
        found.average_supply_cents,
        found.turns_per_year_hundredths,
        found.respent_basis_points,
    )
    columns = (
        Column("volume_30_days_cents", _("Volume, 30 jours"), "cents"),
        Column("average_supply_cents", _("Masse moyenne"), "cents"),
        Column("turns_per_year_hundredths", _("Fois par an"), "hundredths"),
        Column("respent_basis_points", _("Re-dépensé par les professionnels"), "basis_points"),
    )
    return _figure(clock, "velocity", _("Vitesse de circulation"), FROM_LEDGER, columns, [row])


def _queues(connection: Connection, clock: Clock) -> Figure:
    found = repository.queues(connection, clock.now_unix_ms(), APPROVAL_LIFETIME_MS)
    rows: list[tuple[Cell, ...]] = [
        (QUEUE_WORDS[name], waiting.count, waiting.oldest_unix_ms, waiting.amount_cents)
        for name, waiting in found.items()
    ]
    columns = (
        Column("queue", _("File"), "word"),
        Column("waiting_count", _("En attente"), "count"),
        Column("oldest_unix_ms", _("La plus ancienne"), "moment_ms"),
        Column("amount_cents", _("Montant"), "cents"),
    )
    return _figure(clock, "queues", _("Ce qui attend une personne"), FROM_SERVICE, columns, rows)


def _attestations(connection: Connection, clock: Clock) -> Figure:
    rows: list[tuple[Cell, ...]] = [
        (
            row.timestamp_unix_s,
            int(row.arguments["asOf"]),
            int(row.arguments["amount"]),
            int(row.arguments["supply"]),
            str(row.arguments["statementHash"]),
            row.block_number,
        )
        for row in reversed(repository.attestation_events(connection))
    ]
    columns = (
        Column("attested_at_unix_s", _("Attestée le"), "moment_s"),
        Column("as_of_unix_s", _("Relevé du"), "moment_s"),
        Column("amount_cents", _("Réserve (€)"), "cents"),
        Column("supply_cents", _("Masse à cet instant"), "cents"),
        Column("statement_hash", _("Empreinte du relevé"), "text"),
        Column("block_number", _("Bloc"), "count"),
    )
    return _figure(clock, "attestations", _("Attestations de la réserve"), FROM_BANK, columns, rows)


FIGURES: dict[str, Callable[[Connection, Clock], Figure]] = {
    "supply-and-reserve": _supply_and_reserve,
    "payments": _payments,
    "sectors": _sectors,
    "departments": _departments,
    "members": _members,
    "velocity": _velocity,
    "queues": _queues,
    "attestations": _attestations,
}
