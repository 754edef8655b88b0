"""`kill -9` of the service between any two of its stages, then a start: nothing lost, nothing doubled.

A test at each point of `failpoints`. The service kills itself there by SIGKILL; what SQL and the chain then
hold shows that it died at that stage and no other; the next service finishes what was begun, by itself
wherever somebody had been answered. Then the phone sends the same again, as phones do, and nothing changes.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.demo.customer import wait_until
from scripts.demo.stack_layout import ROOT
from scripts.demo_book import Credit
from tests.chaos.redeeming import (
    REDEEMED_CENTS,
    approve,
    comes_to,
    exported,
    locked,
    prepare,
    signed_redemption,
    state_of,
)
from tests.support.children import companions_of, is_running
from tests.support.crashable_service import CrashableService, DeployedChain
from tests.support.databases import postgresql_cluster
from wallet_service.database.tables.bank import bank_statements, payout_files, redemptions, topups
from wallet_service.database.tables.payments import payments, sales
from wallet_service.platform.failpoints import BANK, POINTS, of_command, of_event
from wallet_service.protocol.text.identifiers import new_ref

pytestmark = [pytest.mark.chain, pytest.mark.slow, pytest.mark.timeout(240)]

PRICE_CENTS = 1_00
TOPUP_CENTS = 2_00
SHOP_FUNDS_CENTS = 500_00
PHONE_FUNDS_CENTS = 60_00

#: Where a payment dies, its state in SQL then, and whether the ledger has executed it.
PAYMENT_DEATHS = {
    "accept.before_commit": (None, False),
    "accept.committed": ("accepted", False),
    "settle.before_commit": ("accepted", False),
    "settle.stored": ("settling", False),
    "settle.sent": ("settling", True),
    "index.PaymentSettled.read": ("settling", True),
    "index.PaymentSettled.before_commit": ("settling", True),
    "index.PaymentSettled.committed": ("paid", True),
}
#: The same for a top-up.
TOPUP_DEATHS = {
    "bank.before_commit": (None, False),
    "bank.booked": ("minting", False),
    "bank.filed": ("minting", False),
    **dict.fromkeys(of_command("attestReserve"), ("minting", False)),
    **dict.fromkeys(of_event("ReserveAttested"), ("minting", False)),
    "command.mint.before_commit": ("minting", False),
    "command.mint.stored": ("minting", False),
    "command.mint.sent": ("minting", True),
    "index.Minted.read": ("minting", True),
    "index.Minted.before_commit": ("minting", True),
    "index.Minted.committed": ("credited", True),
}
#: A redemption from its request to the lock.
LOCK_DEATHS = {
    "redemption.before_commit": (None, False),
    "redemption.committed": ("requested", False),
    "command.requestRedemption.before_commit": ("requested", False),
    "command.requestRedemption.stored": ("requested", False),
    "command.requestRedemption.sent": ("requested", True),
    "index.RedemptionRequested.read": ("requested", True),
    "index.RedemptionRequested.before_commit": ("requested", True),
    "index.RedemptionRequested.committed": ("locked", True),
}
#: A locked one, from its approved payout file to the bank's outbox: its state, and whether the file is there.
PAYOUT_DEATHS = {
    "payout.before_commit": ("locked", False),
    "payout.approved": ("exported", False),
    "payout.written": ("exported", True),
}
#: A paid one, from the bank's debit to the burn.
BURN_DEATHS = {
    **dict.fromkeys(BANK, ("exported", False)),
    **dict.fromkeys(of_command("attestOutcome"), ("exported", False)),
    "command.completeRedemption.before_commit": ("exported", False),
    "command.completeRedemption.stored": ("exported", False),
    "command.completeRedemption.sent": ("exported", True),
    "index.RedemptionCompleted.read": ("exported", True),
    "index.RedemptionCompleted.before_commit": ("exported", True),
    "index.RedemptionCompleted.committed": ("paid", True),
}
#: A transfer sent back before its debit was seen, from the bank's file to the units given back.
RETURN_DEATHS = {
    "command.returnRedemption.before_commit": ("returning", False),
    "command.returnRedemption.stored": ("returning", False),
    "command.returnRedemption.sent": ("returning", True),
    "index.RedemptionReturned.read": ("returning", True),
    "index.RedemptionReturned.before_commit": ("returning", True),
    "index.RedemptionReturned.committed": ("returned", True),
}


@pytest.fixture(scope="module")
def deployed_chain() -> Iterator[DeployedChain]:
    with tempfile.TemporaryDirectory(prefix="alba-killed-") as folder:
        made = DeployedChain(Path(folder))
        try:
            yield made
        finally:
            made.node.kill_process()


def funded(system: CrashableService) -> CrashableService:
    """The shop and the visitor have money, from one statement."""
    shop_reference = system.services.topups.reference_for(system.shop_id)
    phone_reference = system.phone.announce_topup(PHONE_FUNDS_CENTS)
    system.bank.make_statement(
        [Credit(shop_reference, SHOP_FUNDS_CENTS), Credit(phone_reference, PHONE_FUNDS_CENTS)]
    )
    wait_until(lambda: system.on_chain(system.phone.address) == PHONE_FUNDS_CENTS, "the visitor has money")
    system.check_books()
    return system


@pytest.fixture(scope="module")
def of_database(request: pytest.FixtureRequest, deployed_chain: DeployedChain) -> Iterator[CrashableService]:
    """One at a time: the chain goes back to its deployment in between."""
    cluster = postgresql_cluster() if request.param == "postgresql" else None
    url = cluster.url(cluster.create_database()) if cluster is not None else ""
    with deployed_chain.system(request.param, url) as made:
        yield funded(made)
        rebuild_finds_nothing(made)


@pytest.fixture
def system(of_database: CrashableService) -> CrashableService:
    """With a service that runs and rests, also after a test that failed between a death and a start.

    So the next point is reached by what the test does.
    """
    if not of_database.is_alive():
        of_database.start_again()
    wait_until(lambda: inbox_is_empty(of_database), "the bank's files are filed away")
    of_database.wait_for_quiet()
    return of_database


on_sqlite = pytest.mark.parametrize("of_database", ["sqlite"], indirect=True, scope="module")
on_both = pytest.mark.parametrize(
    "of_database",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
    indirect=True,
    scope="module",
)


def rebuild_finds_nothing(system: CrashableService) -> None:
    """The command for operators, with the service stopped, over everything that happened."""
    system.end()
    rebuilt = command(system, "rebuild")
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr


def command(system: CrashableService, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wallet_service", name],
        env={**system.environment, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def survives(
    system: CrashableService, point: str, act: Callable[[], object], at_death: Callable[[], None]
) -> None:
    """Dies at `point` because of `act`; `at_death` looks at what is left; another service starts."""
    system.crash_at(point)
    with suppress(httpx.TransportError):  # the answer may or may not come before the end
        act()
    system.wait_for_death()
    at_death()
    system.start_again()


def test_every_point_has_its_test() -> None:
    tested = {*PAYMENT_DEATHS, *TOPUP_DEATHS, *LOCK_DEATHS, *PAYOUT_DEATHS, *BURN_DEATHS, *RETURN_DEATHS}
    assert tested == POINTS


# payments


def open_sale(system: CrashableService) -> str:
    opened = system.services.sales.open(system.till_id, system.shop_id, new_ref(), PRICE_CENTS, "")
    return opened.id


@on_both
@pytest.mark.parametrize("point", PAYMENT_DEATHS)
def test_a_payment_survives(system: CrashableService, point: str) -> None:
    state, executed = PAYMENT_DEATHS[point]
    phone_cents, shop_cents = system.on_chain(system.phone.address), system.on_chain(system.shop_address)
    sale_id = open_sale(system)
    order = system.phone.sign(system.phone.get(f"/v1/sales/{sale_id}"))
    ref = order["ref"]

    def at_death() -> None:
        assert [row.state for row in system.rows(payments, ref=ref)] == ([state] if state else [])
        assert (system.on_chain(system.phone.address) == phone_cents - PRICE_CENTS) is executed

    survives(system, point, lambda: system.phone.http.post("/v1/payments", json=order), at_death)
    if state is None:  # nobody was answered, so it is the phone's turn
        system.phone.post("/v1/payments", order)
    wait_until(lambda: system.phone.get(f"/v1/payments/{ref}")["state"] == "paid", "the payment is paid")
    again = system.phone.post("/v1/payments", order)
    assert (again["ref"], again["state"]) == (ref, "paid")
    system.check_books()
    assert system.postings_of(ref) == [("payment", -PRICE_CENTS), ("payment", PRICE_CENTS)]
    assert [row.state for row in system.rows(sales, id=sale_id)] == ["paid"]
    assert len(system.rows(payments, sale_id=sale_id)) == 1
    assert system.on_chain(system.phone.address) == phone_cents - PRICE_CENTS
    assert system.on_chain(system.shop_address) == shop_cents + PRICE_CENTS


# top-ups


@on_sqlite
@pytest.mark.parametrize("point", TOPUP_DEATHS)
def test_a_top_up_survives(system: CrashableService, point: str) -> None:
    state, minted = TOPUP_DEATHS[point]
    before_cents = system.on_chain(system.shop_address)
    reference = system.services.topups.reference_for(system.shop_id)
    known = {row.id for row in system.rows(topups)}
    statements = len(system.rows(bank_statements))

    def fresh() -> list[Any]:
        return [row for row in system.rows(topups) if row.id not in known]

    def at_death() -> None:
        assert [row.state for row in fresh()] == ([state] if state else [])
        assert (system.on_chain(system.shop_address) == before_cents + TOPUP_CENTS) is minted

    credit = Credit(reference, TOPUP_CENTS)
    survives(system, point, lambda: system.bank.make_statement([credit]), at_death)
    wait_until(lambda: [row.state for row in fresh()] == ["credited"], "the top-up is credited")
    wait_until(lambda: inbox_is_empty(system), "the bank's file is filed away")
    system.check_books()
    assert system.on_chain(system.shop_address) == before_cents + TOPUP_CENTS
    assert system.postings_of(fresh()[0].mint_ref) == [("mint", -TOPUP_CENTS), ("mint", TOPUP_CENTS)]
    assert len(system.rows(bank_statements)) == statements + 1


def inbox_is_empty(system: CrashableService) -> bool:
    return not [path for path in system.settings.bank_inbox.iterdir() if path.is_file()]


# redemptions


@on_sqlite
@pytest.mark.parametrize("point", LOCK_DEATHS)
def test_a_redemption_survives_until_it_is_locked(system: CrashableService, point: str) -> None:
    state, is_locked = LOCK_DEATHS[point]
    before_cents = system.on_chain(system.shop_address)
    body = signed_redemption(system)

    def at_death() -> None:
        assert state_of(system, body["ref"]) == state
        assert (system.on_chain(system.shop_address) == before_cents - REDEEMED_CENTS) is is_locked

    survives(system, point, lambda: system.shop.post("/v1/me/redemptions", json=body), at_death)
    if state is None:  # nobody was answered, so it is the phone's turn
        assert system.shop.post("/v1/me/redemptions", json=body).is_success
    comes_to(system, body["ref"], "locked")
    assert system.shop.post("/v1/me/redemptions", json=body).json()["state"] == "locked"
    system.check_books()
    assert system.postings_of(body["ref"]) == [("lock", -REDEEMED_CENTS), ("lock", REDEEMED_CENTS)]
    assert system.on_chain(system.shop_address) == before_cents - REDEEMED_CENTS
    assert approve(system, prepare(system, body["ref"])).is_success
    system.bank.make_statement()
    comes_to(system, body["ref"], "paid")
    system.check_books()


@on_sqlite
@pytest.mark.parametrize("point", PAYOUT_DEATHS)
def test_a_payout_file_survives(system: CrashableService, point: str) -> None:
    state, written = PAYOUT_DEATHS[point]
    ref = locked(system)
    file_id = prepare(system, ref)
    (file,) = system.rows(payout_files, id=file_id)
    path = system.settings.bank_outbox / file.file_name
    assert not path.exists()

    def at_death() -> None:
        assert state_of(system, ref) == state
        assert path.exists() is written

    survives(system, point, lambda: approve(system, file_id), at_death)
    if state == "locked":  # the officer had no answer, and asks again
        assert approve(system, file_id).is_success
    wait_until(lambda: system.rows(payout_files, id=file_id)[0].written_at_unix_ms is not None, "it is noted")
    assert state_of(system, ref) == "exported"
    assert [one for one in system.settings.bank_outbox.iterdir() if one.name.endswith(file.file_name)] == [
        path
    ]
    system.bank.make_statement()
    comes_to(system, ref, "paid")
    system.check_books()


@on_sqlite
@pytest.mark.parametrize("point", BURN_DEATHS)
def test_a_paid_redemption_survives_until_it_is_burned(system: CrashableService, point: str) -> None:
    state, burned = BURN_DEATHS[point]
    ref = exported(system)
    system.wait_for_quiet()
    supply_cents = system.reader.supply_cents()

    def at_death() -> None:
        assert state_of(system, ref) == state
        assert (system.reader.supply_cents() < supply_cents) is burned

    survives(system, point, system.bank.make_statement, at_death)
    comes_to(system, ref, "paid")
    wait_until(lambda: inbox_is_empty(system), "the bank's file is filed away")
    system.check_books()
    assert system.postings_of(ref)[2:] == [("burn", -REDEEMED_CENTS), ("burn", REDEEMED_CENTS)]


@on_sqlite
@pytest.mark.parametrize("point", RETURN_DEATHS)
def test_a_returned_redemption_survives_until_its_units_are_back(
    system: CrashableService, point: str
) -> None:
    """The file with the return comes before the debit's. Another stretch of balances each, or it is held."""
    state, returned = RETURN_DEATHS[point]
    cents = REDEEMED_CENTS + 1 + list(RETURN_DEATHS).index(point)
    before_cents = system.on_chain(system.shop_address)
    ref = exported(system, cents)
    aside = system.bank_into(system.stack.directory / "bank" / "aside")
    paid = aside.make_statement().path
    back = aside.make_statement(returns=[system.rows(redemptions, ref=ref)[0].end_to_end_id]).path

    def at_death() -> None:
        assert state_of(system, ref) == state
        assert (system.on_chain(system.shop_address) == before_cents) is returned

    survives(system, point, lambda: back.rename(system.settings.bank_inbox / back.name), at_death)
    comes_to(system, ref, "returned")
    paid.rename(system.settings.bank_inbox / paid.name)
    wait_until(lambda: inbox_is_empty(system), "the bank's files are filed away")
    system.check_books()
    assert state_of(system, ref) == "returned"
    assert system.postings_of(ref)[2:] == [("return", -cents), ("return", cents)]
    assert system.on_chain(system.shop_address) == before_cents


# the command line


@on_sqlite
def test_the_command_dies_at_the_point_it_is_told_and_another_waits_for_its_leases(
    system: CrashableService,
) -> None:
    """What the tests above shorten: as operators start it, the bank's process beside; leases that run out."""
    sale_id = open_sale(system)
    order = system.phone.sign(system.phone.get(f"/v1/sales/{sale_id}"))
    system.end()
    system.bank.make_statement()
    with system.as_command(ALBA_CRASH_AT="settle.stored", ALBA_BANK_PROCESS="1") as process:
        wait_until(lambda: inbox_is_empty(system), "the bank's file is filed away")
        read = 'alba_bank_files_total{outcome="read",process="bank"} 1.0'
        wait_until(lambda: read in system.phone.http.get("/metrics").text, "its process says so")
        (companion,) = companions_of(process.pid)
        with suppress(httpx.TransportError):
            system.phone.http.post("/v1/payments", json=order)
        assert process.wait(30) == -signal.SIGKILL
        wait_until(lambda: not is_running(companion), "the bank's process is gone too")
    assert [row.state for row in system.rows(payments, ref=order["ref"])] == ["settling"]
    system.start_again(wait_for_leases=True)
    wait_until(lambda: system.rows(payments, ref=order["ref"])[0].state == "paid", "the payment is paid")
    system.check_books()
    assert system.postings_of(order["ref"]) == [("payment", -PRICE_CENTS), ("payment", PRICE_CENTS)]
