"""`make demo` as a person meets it: started, killed at bad moments, started again with the same state, reset.

One folder for all, so that the month is played once; a test that needs a running demonstration starts it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from scripts.demo.customer import NotAsExpected, Phone, Tablet, wait_until
from scripts.demo.stack_layout import ROOT
from tests.support.demo import Demo

pytestmark = [pytest.mark.chain, pytest.mark.slow, pytest.mark.timeout(300)]

FIRST_START_DEADLINE_S = 200.0
TOPUP_CENTS = 10_000
PRICE_CENTS = 50
PAYMENTS_BEFORE_A_KILL = 5
RUNNING = (
    "demo: a demonstration is already running from this folder; end it first, "
    "or `make demo-codes` prints fresh codes for it"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Killed once in its first preparation, then up, with two days of life in it."""
    made = Demo(tmp_path_factory.mktemp("demo") / "var")
    try:
        made.start()
        made.wait_for("deploying the ledger", FIRST_START_DEADLINE_S)
        made.end(signal.SIGKILL)
        made.wait_until_gone()
        assert not (made.directory / "ready").exists()
        made.up(FIRST_START_DEADLINE_S)
        assert "payments played" in made.output_text()
        assert stat.S_IMODE(made.directory.stat().st_mode) == stat.S_IRWXU, "nobody else reads in it"
        yield made
    finally:
        if made.is_up():
            made.end(signal.SIGTERM)
        assert made.processes() == []


@pytest.fixture
def demo(folder: Demo) -> Demo:
    """Up, whatever the test before did."""
    if not folder.is_up():
        folder.up()
    return folder


@pytest.fixture(scope="module")
def phone(folder: Demo) -> Phone:
    """A new visitor's, loaded through the make-believe bank as the terminal's fifth line says."""
    if not folder.is_up():
        folder.up()
    visitor = Phone(folder.wallet)
    visitor.announce_topup(TOPUP_CENTS)
    bank = folder.directory / "bank"
    inbox = {"ALBA_BANK_INBOX": str(bank / "inbox"), "ALBA_BANK_OUTBOX": str(bank / "outbox")}
    subprocess.run(
        [sys.executable, "-m", "scripts.bank_day"], cwd=ROOT, env=folder.environment(**inbox), check=True
    )
    wait_until(lambda: visitor.available_cents() == TOPUP_CENTS, "the euros have arrived")
    return visitor


def test_a_second_start_beside_a_running_one_is_refused_and_harms_nothing(demo: Demo) -> None:
    before = demo.pids()
    for options in ((), ("--reset",), ("--rebuild",)):
        refused = demo.run(*options)
        assert (refused.returncode, refused.stderr.strip()) == (1, RUNNING)
    assert demo.pids() == before


def test_what_it_pushes_can_be_seen_and_codes_that_are_used_are_printed_anew(demo: Demo) -> None:
    pushed = demo.code_for(r"what was pushed: (\S+)")
    assert "Rien n’est encore parti" in httpx.get(pushed, trust_env=False).text
    used = demo.pairing_code()
    Tablet(demo.till, used)
    fresh = demo.fresh_pairing_code()
    assert fresh != used
    Tablet(demo.till, fresh)
    assert demo.is_up()


def test_codes_are_of_what_runs(tmp_path: Path) -> None:
    refused = Demo(tmp_path / "var").run("--codes")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "no demonstration runs from this folder" in refused.stderr


def test_killed_while_payments_are_made_it_comes_back_with_the_same_books(demo: Demo, phone: Phone) -> None:
    tablet = Tablet(demo.till, demo.fresh_pairing_code())
    sales: list[str] = []
    journal = demo.journal()
    for victim in ("node", "service", "demo"):
        sales += _kill_while_paying(demo, victim, tablet, phone)
    for sale_id in sales:

        def is_paid(sale_id: str = sale_id) -> bool:
            return tablet.sale_state(sale_id) == "paid"

        wait_until(is_paid, f"sale {sale_id} is paid")
    wait_until(lambda: phone.me()["balance"]["reserved_cents"] == 0, "nothing is in doubt")
    paid = [move for move in phone.get("/v1/me/movements?limit=100") if move["kind"] == "payment_out"]
    assert {move["sale_id"] for move in paid if move["state"] == "paid"} >= set(sales)
    assert phone.available_cents() == TOPUP_CENTS + sum(
        move["amount_cents"] for move in paid if move["state"] == "paid"
    )
    assert demo.journal()[: len(journal)] == journal

    books, balance = demo.books(), phone.me()["balance"]
    demo.end(signal.SIGTERM)
    assert demo.output_text().rstrip().endswith("Ending ...")  # nothing had to be killed
    demo.wait_until_gone()
    rebuilt = demo.run("--rebuild")
    assert (rebuilt.returncode, rebuilt.stdout) == (0, "SQL's copy equals the chain\n"), rebuilt.stderr
    demo.up()
    assert demo.books() == books
    assert phone.me()["balance"] == balance


def _kill_while_paying(demo: Demo, victim: str, tablet: Tablet, phone: Phone) -> list[str]:
    """The sales whose payment was accepted; the demonstration is up again afterwards."""
    assert demo.process is not None
    accepted: list[str] = []
    stop = threading.Event()
    paying = threading.Thread(target=_pay_until, args=(stop, tablet, phone, accepted))
    paying.start()
    try:
        wait_until(lambda: len(accepted) >= PAYMENTS_BEFORE_A_KILL, "some payments are accepted")
        pid = demo.process.pid if victim == "demo" else demo.pids()[victim]
        assert pid > 0  # 0 would be this test's own process group
        os.kill(pid, signal.SIGKILL)
        if victim == "node":  # the service starts it again by itself
            wait_until(lambda: demo.node_pid() not in (0, pid), "the node is back")
        else:
            demo.process.wait(10)
            demo.wait_until_gone()
    finally:
        stop.set()
        paying.join()
    if victim == "service":
        assert "demo: the service was ended by signal 9" in demo.output_text()
        assert "Traceback" not in demo.output_text()
    if victim != "node":
        demo.up()
    return accepted


def _pay_until(stop: threading.Event, tablet: Tablet, phone: Phone, accepted: list[str]) -> None:
    """Sales paid one after the other; what fails because something was killed is simply not accepted."""
    while not stop.wait(0.05):
        try:
            sale_id = tablet.open_sale(PRICE_CENTS)
            phone.pay(sale_id)
            accepted.append(sale_id)
        except (NotAsExpected, httpx.HTTPError):
            continue


def test_an_interrupt_ends_every_process_by_itself_and_without_a_trace(demo: Demo, phone: Phone) -> None:
    with contextlib.ExitStack() as pages:
        for _ in range(3):
            assert pages.enter_context(phone.http.stream("GET", "/v1/events")).status_code == 200
        demo.end(signal.SIGINT)
        assert demo.processes() == []
    assert demo.output_text().rstrip().endswith("Ending ...")  # nothing had to be killed
    assert "Traceback" not in demo.output_text()


def test_a_program_that_hangs_is_killed_and_named(demo: Demo) -> None:
    os.kill(demo.pids()["till"], signal.SIGSTOP)
    demo.end(signal.SIGINT)
    assert demo.processes() == []
    assert demo.output_text().rstrip().endswith("the till did not end when asked and was killed")


def test_a_taken_port_is_one_sentence_that_names_the_setting(tmp_path: Path) -> None:
    other = Demo(tmp_path / "var")
    port = other.ports["ALBA_TILL_PORT"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        refused = other.run()
    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        f"demo: Port {port} is already taken; end what uses it, or choose another with ALBA_TILL_PORT=<port>."
    )


def test_reset_forgets_everything_it_wrote_and_nothing_else(demo: Demo, tmp_path: Path) -> None:
    copy = Demo(tmp_path / "var")
    shutil.copytree(demo.directory, copy.directory, ignore=shutil.ignore_patterns("run", "chain"))
    (copy.directory / "notes.txt").write_text("mine")
    done = copy.run("--reset")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in copy.directory.iterdir()) == ["notes.txt", "run"]
    nothing = copy.run("--rebuild")
    assert nothing.returncode == 1
    assert "there is nothing to compare yet" in nothing.stderr
    nobody = copy.run("--service", "audit")
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "there is no demonstration to ask yet" in nobody.stderr


def test_the_services_commands_answer_beside_a_running_demonstration(
    demo: Demo, phone: Phone, tmp_path: Path
) -> None:
    assert phone.available_cents()  # so the bank has sent a statement
    done = next((demo.directory / "bank" / "inbox" / "done").glob("*.xml"))
    statement = demo.run("--service", "bank-file", str(done))
    assert (statement.returncode, statement.stderr) == (0, "")
    (tmp_path / "again.xml").write_text(statement.stdout, "utf-8")
    told = demo.run("--service", "bank-doctor", str(tmp_path))
    assert told.returncode == 0, told.stderr
    assert "again.xml" in told.stdout
    assert demo.run("--service", "nonsense").returncode == 2
