"""The bank's own process, asked to end as operators and their systems do: by SIGTERM, alone or with all."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.demo.customer import wait_until
from scripts.demo_book import Credit
from tests.support.children import companions_of, is_running
from tests.support.crashable_service import CrashableService, DeployedChain

pytestmark = [pytest.mark.chain, pytest.mark.slow, pytest.mark.timeout(240)]

LOADED_CENTS = 20_00
#: A file this long is still being read when the signal comes.
CREDITS = 400


@pytest.fixture
def system() -> Iterator[CrashableService]:
    with tempfile.TemporaryDirectory(prefix="alba-bank-process-") as folder:
        chain = DeployedChain(Path(folder))
        try:
            with chain.system("sqlite") as made:
                yield made
        finally:
            chain.node.kill_process()


def log_of(system: CrashableService) -> str:
    return (system.stack.directory / "command.log").read_text()


def filed(system: CrashableService) -> int:
    done = system.settings.bank_inbox / "done"
    return len(list(done.iterdir())) if done.is_dir() else 0


def one_companion(process: subprocess.Popen[bytes], but: int = 0) -> int:
    def others() -> list[int]:
        return [pid for pid in companions_of(process.pid) if pid != but]

    wait_until(lambda: len(others()) == 1, "the bank has its process")
    return others()[0]


def test_it_ends_its_round_and_is_followed_and_ends_with_the_service(system: CrashableService) -> None:
    reference = system.services.topups.reference_for(system.shop_id)
    system.end()
    with system.as_command(ALBA_BANK_PROCESS="1") as process:
        first = one_companion(process)
        command = Path(f"/proc/{first}/cmdline").read_bytes().split(b"\0")
        assert b"--companion" not in command  # a copy of the service: nothing was imported twice
        system.bank.make_statement([Credit(reference, LOADED_CENTS + number) for number in range(CREDITS)])
        os.kill(first, signal.SIGTERM)
        wait_until(lambda: not is_running(first), "it ended")
        second = one_companion(process, but=first)
        wait_until(lambda: filed(system) == 1, "the file is read, by whichever")
        system.bank.make_statement([Credit(reference, LOADED_CENTS)])
        wait_until(lambda: filed(system) == 2, "its follower reads the next")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert not is_running(second)
    said = log_of(system)
    assert re.findall(r"companion\.\w+", said) == ["companion.ended"]  # the first one's end alone
    assert "Traceback" not in said
