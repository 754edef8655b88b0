"""The collector neither looks at what stands nor stays off."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

import wallet_service.__main__ as program
from wallet_service import command_line

SETTLED = """
import gc
from wallet_service.listening.collector import keep_what_stands
keep_what_stands()
print(gc.isenabled(), gc.get_freeze_count() > len(gc.get_objects()))
"""


def test_what_stands_is_looked_at_no_more_and_the_rest_is() -> None:
    done = subprocess.run([sys.executable, "-c", SETTLED], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True True"


def test_a_command_runs_with_the_collector_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(command_line, "application", lambda: seen.append(gc.isenabled()))
    program.main()
    assert seen == [True]
