"""`/ready` names the part that is away and no other; wrong clocks and lying nodes stop payments in words."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, insert, text

from tests.support import lying_node
from tests.support.callers import real_services
from tests.support.lying_node import LyingNode
from tests.support.node import ChainUnderTest
from tests.support.web import client_of
from wallet_service.accounts import rules as known_rules
from wallet_service.accounts.errors import RulesTooOld
from wallet_service.bootstrap import Services
from wallet_service.chain.node import pulse
from wallet_service.chain.node.client import NodeClient
from wallet_service.chain.reading import progress
from wallet_service.database.leases import Lease
from wallet_service.database.tables.chain import SHORT_UNTIL_CURSOR, chain_transactions, cursors, leases
from wallet_service.faces.apps import wallet_app
from wallet_service.platform import readiness
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.platform.readiness import ReadinessCache
from wallet_service.protocol.clock import SystemClock
from wallet_service.protocol.text.identifiers import new_ref
from wallet_service.treasury import watch
from wallet_service.watches import BANK_LEASE, LEASES, Watches, make_watches

pytestmark = pytest.mark.chain

TEN_MINUTES_S = 600
A_STRANGER = "0x" + "5a" * 20


class ShiftedClock(SystemClock):
    """The machine's clock, set wrong by so much."""

    shift_s = 0

    def now_unix_ms(self) -> int:
        return super().now_unix_ms() + self.shift_s * 1000

    def now_unix_s(self) -> int:
        return super().now_unix_s() + self.shift_s


@dataclasses.dataclass
class House:
    """One real service without threads; `look` is what they would do."""

    services: Services
    chain: ChainUnderTest
    clock: ShiftedClock
    folder: Path
    leases: dict[str, Lease]

    def watch(self) -> None:
        watches = self.services.watches
        for ask in (watches.clocks.run_once, watches.pulse.run_once, watches.rules.refresh):
            ask()

    def away(self) -> list[str]:
        """Every part is looked at anew, the leases renewed just before, however long the others took."""
        cache: ReadinessCache = self.services.readiness
        for name in cache.answers():
            for lease in self.leases.values():
                lease.hold()
            cache.look(name)
        return cache.away()


@pytest.fixture
def house(chain: ChainUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """What was seen stays seen, however slow the machine: growing old has its own tests."""
    monkeypatch.setattr(readiness, "GOOD_FOR_S", TEN_MINUTES_S)
    monkeypatch.setattr(pulse, "AWAY_AFTER_S", TEN_MINUTES_S)
    clock = ShiftedClock()
    services = real_services(chain, tmp_path, clock)
    leases = {name: Lease(services.engine, name) for name in LEASES}
    made = House(services, chain, clock, tmp_path, leases)
    (tmp_path / "inbox").mkdir()
    made.services.chain_parts.indexer.catch_up()
    made.watch()
    assert made.away() == []
    return made


# --- each part alone


def _disk(house: House, patch: pytest.MonkeyPatch) -> None:
    (house.folder / ".ready.new").symlink_to("/dev/full")


def _database(house: House, patch: pytest.MonkeyPatch) -> None:
    """It answers questions and keeps nothing."""
    with house.services.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER full BEFORE UPDATE ON leases WHEN new.name = 'readiness' "
                "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            )
        )


def _chain(house: House, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pulse, "AWAY_AFTER_S", -1.0)


def _rules(house: House, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(known_rules, "RULES_FRESH_FOR_S", -1.0)


def _transactions(house: House, patch: pytest.MonkeyPatch) -> None:
    """Stored a while ago by whoever works here, and in no block."""
    stored_at_unix_ms = house.clock.now_unix_ms() - int(progress.MINED_WITHIN_S * 1000) - 1
    with house.services.engine.begin() as connection:
        connection.execute(
            insert(chain_transactions).values(
                sender=A_STRANGER,
                nonce=0,
                purpose="settle",
                raw=b"bytes",
                transaction_hash=new_ref(),
                state="stored",
                stored_at_unix_ms=stored_at_unix_ms,
            )
        )


def _projection(house: House, patch: pytest.MonkeyPatch) -> None:
    """The chain goes on and nobody reads it."""
    house.chain.send("REGISTRAR", "enrol", [A_STRANGER, 1, 3, 0, 0])
    house.services.watches.pulse.run_once()
    assert house.away() == []  # a moment behind is ordinary
    patch.setattr(progress, "READ_WITHIN_S", -1.0)


def _copy(house: House, patch: pytest.MonkeyPatch) -> None:
    with house.services.engine.begin() as connection:
        connection.execute(insert(cursors).values(name=SHORT_UNTIL_CURSOR, block_number=10**9))


def _clock(house: House, patch: pytest.MonkeyPatch) -> None:
    house.clock.shift_s = -TEN_MINUTES_S


def _leases(house: House, patch: pytest.MonkeyPatch) -> None:
    house.leases.pop(BANK_LEASE)
    with house.services.engine.begin() as connection:
        connection.execute(delete(leases).where(leases.c.name == BANK_LEASE))


def _bank(house: House, patch: pytest.MonkeyPatch) -> None:
    """A statement lies there and nobody takes it."""
    (house.folder / "inbox" / "releve.xml").write_text("<Document/>")
    assert house.away() == []
    patch.setattr(watch, "TAKEN_WITHIN_S", -1.0)


def _bank_folder(house: House, patch: pytest.MonkeyPatch) -> None:
    (house.folder / "inbox").rmdir()


def _agreement(house: House, patch: pytest.MonkeyPatch) -> None:
    house.services.chain_parts.indexer.doubts.contradicted("logs", 1)


BREAKS = {
    "database": _database,
    "disk": _disk,
    "chain": _chain,
    "rules": _rules,
    "transactions": _transactions,
    "projection": _projection,
    "copy": _copy,
    "clock": _clock,
    "leases": _leases,
    "bank": _bank,
    "bank_folder": _bank_folder,
    "chain_agrees": _agreement,
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_part_that_is_away_is_named_and_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    BREAKS[name](house, monkeypatch)
    part = name.removesuffix("_folder")
    assert house.away() == [part]
    client = client_of(wallet_app(house.services))
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert [one for one, is_well in answer.json()["checks"].items() if not is_well] == [part]
    assert client.get("/v1/config").json()["parts_away"] == [part]


def test_a_ledgers_rules_that_grew_old_stop_acceptance_with_a_code(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _rules(house, monkeypatch)
    with pytest.raises(RulesTooOld):
        house.services.acceptance.accept_batch([])
    assert client_of(wallet_app(house.services)).get("/v1/config").json()["tiers"] == {}


# --- clocks


@pytest.fixture
def client(house: House) -> TestClient:
    return client_of(wallet_app(house.services))


@pytest.mark.parametrize("shift_s", [TEN_MINUTES_S, -TEN_MINUTES_S])
def test_a_service_whose_clock_jumps_says_so_at_once_and_again_when_asked(
    house: House, client: TestClient, shift_s: int
) -> None:
    house.clock.shift_s = shift_s
    assert house.away() == ["clock"]  # by the time that has passed since the last comparison
    house.services.watches.clocks.run_once()
    assert house.away() == ["clock"]  # by the database's clock
    house.clock.shift_s = 0
    house.watch()
    assert house.away() == []
    assert client.get("/ready").status_code == 200


@pytest.mark.parametrize("shift_s", [TEN_MINUTES_S, -TEN_MINUTES_S])
def test_a_service_that_starts_with_a_wrong_clock_sees_it_by_either_other(
    chain: ChainUnderTest, tmp_path: Path, shift_s: int
) -> None:
    clock = ShiftedClock()
    clock.shift_s = shift_s
    services = real_services(chain, tmp_path, clock)
    by_database = make_watches(services.engine, clock, services.chain_parts.access)
    by_chain = make_watches(services.engine, clock, services.chain_parts.access)
    by_database.clocks.run_once()
    by_chain.pulse.run_once()
    assert (by_database.clocks.is_right(), by_chain.clocks.is_right()) == (False, False)


# --- a node that answers nonsense


@pytest.fixture
def liar(chain: ChainUnderTest) -> LyingNode:
    return LyingNode(chain.node.wire)


@pytest.fixture
def lied_to(house: House, liar: LyingNode) -> Watches:
    access = house.services.chain_parts.access
    asking = dataclasses.replace(
        access, client=NodeClient(access.profile, access.deployment.chain_id, (liar,))
    )
    watches = make_watches(house.services.engine, house.clock, asking)
    watches.rules.refresh()
    watches.pulse.run_once()
    return watches


def test_a_node_that_answers_nothing_leaves_the_known_rules_and_is_away(
    lied_to: Watches, liar: LyingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = lied_to.rules.current()
    with liar.telling(lying_node.with_nothing):
        for ask in (lied_to.rules.refresh, lied_to.pulse.run_once):
            with pytest.raises(ChainUnavailable):
                ask()
    assert lied_to.rules.current() is before
    monkeypatch.setattr(pulse, "AWAY_AFTER_S", -1.0)
    assert not lied_to.pulse.answers()


@pytest.mark.parametrize("seconds", [TEN_MINUTES_S, -TEN_MINUTES_S])
def test_a_node_whose_clock_is_wrong_is_a_wrong_clock(
    lied_to: Watches, liar: LyingNode, seconds: int
) -> None:
    assert lied_to.clocks.is_right()
    with liar.telling(lying_node.with_times_moved_by(seconds)):
        for _ in range(pulse.COMPARED):
            lied_to.pulse.run_once()
        assert not lied_to.clocks.is_right()
    lied_to.pulse.run_once()
    assert lied_to.clocks.is_right()
