"""Files whose names the bank is only to check go to it under an order of their own, or stay for others."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from wallet_service.platform.settings import Settings
from wallet_service.treasury.payouts.outbox import undecided
from wallet_service.treasury.transport.ebics import ClientCommands, CommandTransport
from wallet_service.treasury.transport.outgoing import SendingRules

CHECK = "20260601-ALBA1V1.payee-check.xml"
PAYOUT = "20260601-ALBA1.pain.001.xml"


@pytest.mark.parametrize(
    ("check_order", "exit_code", "handed", "act"),
    [
        ("", 0, [f"CCT {PAYOUT}"], None),
        ("CTV", 0, [f"CCT {PAYOUT}", f"CTV {CHECK}"], "payout.check_sent"),
        ("CTV", 9, [f"CCT {PAYOUT}", f"CTV {CHECK}"], "payout.check_unknown"),
    ],
)
def test_a_file_for_a_check_is_handed_over_under_its_own_order_or_left_to_others(
    tmp_path: Path, check_order: str, exit_code: int, handed: list[str], act: str | None
) -> None:
    outbox, checks = tmp_path / "outbox", tmp_path / "payee-checks"
    for folder, name in ((outbox, PAYOUT), (checks, CHECK)):
        folder.mkdir()
        (folder / name).write_bytes(b"<Document/>")
    program, runs = tmp_path / "client", tmp_path / "runs"
    ends = f'case "$1" in CTV) exit {exit_code};; esac'
    program.write_text(f'#!/bin/sh\necho "$1 $(basename "$2")" >> {runs}\n{ends}\n')
    program.chmod(stat.S_IRWXU)
    acts: list[str] = []
    commands = ClientCommands(
        (),
        (str(program), "{order}", "{file}"),
        (),
        "CCT",
        check_order,
        300.0,
        20.0,
        SendingRules(frozenset()),
    )
    carrier = CommandTransport(
        tmp_path / "inbox", outbox, checks, commands, lambda act, *_told: acts.append(act)
    )
    for _ in range(2):
        carrier.exchange()
    assert runs.read_text().splitlines() == handed
    assert acts == ["payout.handover_sent", *([act] if act else [])]
    assert not undecided(outbox)  # no payout's fate is in doubt


@pytest.mark.parametrize(
    "values",
    [
        {"bank_check_order": "CCT"},
        {"bank_outbox": "out", "bank_checks": "out"},
        {"bank_outbox": "out", "bank_checks": "out/checks"},
    ],
)
def test_what_is_only_to_be_checked_cannot_go_where_orders_go(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="pay"):
        Settings.model_validate(values)
