"""What a change restarts while somebody develops, and how a log line reads."""

from __future__ import annotations

import json

import pytest

from scripts.demo.logs import readable
from scripts.demo.reloading import programs_to_restart
from scripts.demo.stack_layout import ROOT


@pytest.mark.parametrize(
    ("path", "restarted"),
    [
        ("wallet_service/payments/accept.py", {"service"}),
        ("wallet_service/protocol/text/money.py", {"service", "till"}),
        ("merchant_pos/sales.py", {"till"}),
        ("wallet_service/faces/console/templates/overview.html", {"service"}),
        ("wallet_service/faces/dist/wallet.js", set()),
        ("merchant_pos/static/src/till.js", set()),
    ],
)
def test_a_change_restarts_the_programs_that_read_it(path: str, restarted: set[str]) -> None:
    assert programs_to_restart([ROOT / path]) == restarted


def test_a_log_line_is_readable() -> None:
    line = json.dumps(
        {"at": "2026-11-24T14:32:10.123456Z", "level": "info", "event": "service.ready", "n": 1}
    )
    assert readable(line, "service", "info") == "14:32:10.123 service  info     service.ready n=1"


def test_lines_below_the_level_are_left_out_and_foreign_lines_kept() -> None:
    assert readable(json.dumps({"level": "info", "event": "x"}), "till", "warning") is None
    assert (
        readable("Traceback (most recent call last):", "till", "warning")
        == "till     Traceback (most recent call last):"
    )
