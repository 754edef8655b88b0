"""The operator's client as a command: a real program, made here, that behaves as clients do and do not."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from wallet_service.treasury.errors import HandoverNotWaiting
from wallet_service.treasury.inbox import waiting_files
from wallet_service.treasury.payouts.outbox import undecided
from wallet_service.treasury.transport.commands import KEPT_STDERR_BYTES, run
from wallet_service.treasury.transport.ebics import LOCK, ClientCommands, CommandTransport
from wallet_service.treasury.transport.outgoing import Handovers, SendingRules
from wallet_service.treasury.transport.ports import FolderTransport

PAYOUT = "20260601-ALBA1.pain.001.xml"
NOT_SENT = 3
QUICK_S = 0.3
SLOW_S = 20.0


class Journaled:
    """What the journal would keep."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, str, str | None, dict[str, object]]] = []

    def __call__(self, act: str, name: str, ground: str | None, details: dict[str, object]) -> None:
        self.acts.append((act, name, ground, details))

    def codes(self) -> list[str]:
        return [act for act, *_rest in self.acts]


@pytest.fixture
def journal() -> Journaled:
    return Journaled()


@pytest.fixture
def client(tmp_path: Path) -> Callable[[str], str]:
    """A program whose body sees its arguments as `arguments` and counts its runs in the file `runs`."""

    def make(body: str) -> str:
        path = tmp_path / "client"
        path.write_text(
            f"#!{sys.executable} -I\nimport os, pathlib, subprocess, sys, time\narguments = sys.argv[1:]\n"
            f"with open({str(tmp_path / 'runs')!r}, 'a') as runs:\n"
            f"    runs.write(' '.join(arguments) + '\\n')\n{body}\n"
        )
        path.chmod(stat.S_IRWXU)
        return str(path)

    return make


def runs(folder: Path) -> list[str]:
    path = folder / "runs"
    return path.read_text().splitlines() if path.exists() else []


def transport(
    folder: Path,
    journal: Journaled,
    *,
    fetch: tuple[str, ...] = (),
    send: tuple[str, ...] = (),
    orders: tuple[str, ...] = ("C53",),
    timeout_s: float = SLOW_S,
    passing_s: Callable[[], float] = lambda: 0.0,
) -> CommandTransport:
    rules = SendingRules(frozenset({NOT_SENT}))
    commands = ClientCommands(fetch, send, orders, "CCT", "", 300.0, timeout_s, rules)
    folders = (folder / "inbox", folder / "outbox", folder / "payee-checks")
    return CommandTransport(*folders, commands, journal, passing_s)


def sending(folder: Path, journal: Journaled, program: str, timeout_s: float = SLOW_S) -> CommandTransport:
    return transport(folder, journal, send=(program, "--order={order}", "--file={file}"), timeout_s=timeout_s)


def fetching(folder: Path, journal: Journaled, program: str, *orders: str) -> CommandTransport:
    return transport(folder, journal, fetch=(program, "{order}", "{folder}"), orders=orders or ("C53",))


def approved(folder: Path, name: str = PAYOUT) -> Path:
    path = folder / "outbox" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"<Document/>")
    return path


def lying(folder: Path, where: str) -> list[str]:
    there = folder / where
    return sorted(path.name for path in there.iterdir() if path.is_file()) if there.is_dir() else []


# sending


def test_a_payout_is_handed_over_once(
    tmp_path: Path, journal: Journaled, client: Callable[[str], str]
) -> None:
    approved(tmp_path)
    carrier = sending(tmp_path, journal, client("sys.exit(0)"))
    assert [carrier.exchange(), carrier.exchange()] == [1, 0]
    assert runs(tmp_path) == [f"--order=CCT --file={tmp_path}/outbox/sending/{PAYOUT}"]
    assert lying(tmp_path, "outbox/sent") == [PAYOUT, f"{PAYOUT}.txt"]
    assert journal.codes() == ["payout.handover_sent"]
    assert not undecided(tmp_path / "outbox")


@pytest.mark.parametrize(
    ("body", "fate", "told"),
    [
        (f"sys.exit({NOT_SENT})", "failed", str(NOT_SENT)),
        ("sys.exit(1)", "unknown", "1"),
        ("os.kill(os.getpid(), 9)", "unknown", "-9"),
        ("time.sleep(60)", "unknown", "ended_by_us"),
    ],
    ids=["the client knows that nothing left", "an error that proves nothing", "killed", "time ran out"],
)
def test_what_did_not_end_well_waits_for_a_person_and_is_never_sent_again(
    tmp_path: Path, journal: Journaled, client: Callable[[str], str], body: str, fate: str, told: str
) -> None:
    approved(tmp_path)
    timeout_s = QUICK_S if "sleep" in body else SLOW_S
    carrier = sending(tmp_path, journal, client(body), timeout_s)
    carrier.exchange()
    carrier.exchange()
    assert lying(tmp_path, f"outbox/{fate}") == [PAYOUT, f"{PAYOUT}.txt"]
    assert len(runs(tmp_path)) <= 1
    assert [(act, details["exit"]) for act, _name, _ground, details in journal.acts] == [
        (f"payout.handover_{fate}", told)
    ]
    assert undecided(tmp_path / "outbox")


def test_a_client_that_is_not_there_sends_nothing(tmp_path: Path, journal: Journaled) -> None:
    approved(tmp_path)
    sending(tmp_path, journal, str(tmp_path / "nowhere")).exchange()
    assert lying(tmp_path, "outbox/failed") == [PAYOUT, f"{PAYOUT}.txt"]
    assert journal.acts[0][3]["exit"] == "not_started"


def test_what_we_left_behind_when_we_died_is_unknown(
    tmp_path: Path, journal: Journaled, client: Callable[[str], str]
) -> None:
    approved(tmp_path)
    left = tmp_path / "outbox" / "sending"
    left.mkdir()
    (tmp_path / "outbox" / PAYOUT).rename(left / PAYOUT)
    sending(tmp_path, journal, client("sys.exit(0)")).exchange()
    assert runs(tmp_path) == []
    assert lying(tmp_path, "outbox/unknown") == [PAYOUT, f"{PAYOUT}.txt"]
    assert journal.codes() == ["payout.handover_unknown"]


def test_a_fate_known_before_we_died_is_kept(
    tmp_path: Path, journal: Journaled, client: Callable[[str], str]
) -> None:
    """Died between the client's word and the journal's entry."""
    left = tmp_path / "outbox" / "sending"
    left.mkdir(parents=True)
    (left / PAYOUT).write_bytes(b"<Document/>")
    (left / f"{PAYOUT}.txt").write_text("sent\n0 000000\n")
    sending(tmp_path, journal, client("sys.exit(1)")).exchange()
    assert runs(tmp_path) == []
    assert lying(tmp_path, "outbox/sent") == [PAYOUT, f"{PAYOUT}.txt"]
    assert journal.codes() == ["payout.handover_sent"]


@pytest.mark.parametrize("body", ["sys.exit(0)", "sys.exit(1)"])
def test_a_file_written_a_second_time_is_not_sent_a_second_time(
    tmp_path: Path, journal: Journaled, client: Callable[[str], str], body: str
) -> None:
    """A crash after writing it and before the database knew: it is written again, under the same name."""
    carrier = sending(tmp_path, journal, client(body))
    approved(tmp_path)
    carrier.exchange()
    approved(tmp_path)
    carrier.exchange()
    assert len(runs(tmp_path)) == 1
    assert lying(tmp_path, "outbox/repeated") == [PAYOUT]
    assert journal.codes()[-1] == "payout.handover_repeated"


def test_the_journal_keeps_codes_and_no_words_of_the_clients(
    tmp_path: Path, journal: Journaled, client: Callable[[str], str]
) -> None:
    approved(tmp_path)
    words = "return code 091116 for Camille Riviere FR7630001007941234567890185, 091116, then 061002"
    sending(tmp_path, journal, client(f"sys.exit({words!r})")).exchange()
    assert journal.acts[0][3] == {"exit": "1", "codes": ["091116", "061002"]}
    note = tmp_path / "outbox" / "unknown" / f"{PAYOUT}.txt"
    assert "Camille" in note.read_text()
    assert stat.S_IMODE(note.stat().st_mode) == 0o600


def test_a_person_decides(tmp_path: Path, journal: Journaled, client: Callable[[str], str]) -> None:
    others = "20260602-ALBA2.pain.001.xml"
    approved(tmp_path)
    approved(tmp_path, others)
    sending(tmp_path, journal, client("sys.exit(1)")).exchange()
    handovers = Handovers(tmp_path / "outbox", journal)
    assert [(str(fate), name) for fate, name in handovers.undecided()] == [
        ("unknown", PAYOUT),
        ("unknown", others),
    ]
    handovers.decide(PAYOUT, was_sent=True, ground="seen in the bank's portal")
    handovers.decide(others, was_sent=False, ground="the bank has nothing")
    assert journal.acts[-2][:3] == ("payout.handover_decided", PAYOUT, "seen in the bank's portal")
    sending(tmp_path, journal, client("sys.exit(0)")).exchange()
    assert [name for name in lying(tmp_path, "outbox/sent") if name.endswith(".xml")] == [PAYOUT, others]
    assert sum(PAYOUT in run for run in runs(tmp_path)) == 1
    with pytest.raises(HandoverNotWaiting):
        handovers.decide(PAYOUT, was_sent=False, ground="again")


def test_a_file_withheld_at_the_last_moment_is_not_sent_and_keeps_no_other(
    tmp_path: Path, journal: Journaled, client: Callable[[str], str]
) -> None:
    """An officer withholds the second file while the first is handed over."""
    second, third = "20260602-ALBA2.pain.001.xml", "20260603-ALBA3.pain.001.xml"
    for name in (PAYOUT, second, third):
        approved(tmp_path, name)
    there = str(tmp_path / "outbox" / second)
    aside = str(tmp_path / "outbox" / f".{second}.withheld")
    body = f"os.path.exists({there!r}) and os.rename({there!r}, {aside!r})"
    assert sending(tmp_path, journal, client(body)).exchange() == 2
    assert [name for name in lying(tmp_path, "outbox/sent") if name.endswith(".xml")] == [PAYOUT, third]
    assert f".{second}.withheld" in lying(tmp_path, "outbox")


def test_two_processes_do_not_hand_over_at_once(
    tmp_path: Path, journal: Journaled, client: Callable[[str], str]
) -> None:
    """The other is in the middle of sending: its file must not be taken for one that was left behind."""
    left = tmp_path / "outbox" / "sending"
    left.mkdir(parents=True)
    (left / PAYOUT).write_bytes(b"<Document/>")
    approved(tmp_path, "20260602-ALBA2.pain.001.xml")
    with (tmp_path / "outbox" / LOCK).open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert sending(tmp_path, journal, client("sys.exit(0)")).exchange() == 0
    assert (left / PAYOUT).exists()
    assert journal.acts == []


# fetching


def test_what_the_bank_has_comes_into_the_inbox(
    tmp_path: Path, journal: Journaled, client: Callable[[str], str]
) -> None:
    program = client(
        "folder = pathlib.Path(arguments[1])\n"
        "(folder / 'sub').mkdir()\n"
        "(folder / 'sub' / (arguments[0] + ' été.xml')).write_text(arguments[0])\n"
        "(folder / 'link.xml').symlink_to('/etc/hostname')"
    )
    orders = ("C53", "EOP:DE_camt.053")
    assert fetching(tmp_path, journal, program, *orders).exchange() == 2
    found = sorted(waiting_files(tmp_path / "inbox"), key=lambda path: path.read_text())
    assert [path.read_text() for path in found] == list(orders)
    assert [path.name.split("-", 3)[3] for path in found] == [
        "C53-C53__t_.xml",
        "EOP_DE_camt.053-EOP_DE_camt.053__t_.xml",
    ]
    assert journal.codes() == ["bank.fetched", "bank.fetched"]
    assert not list((tmp_path / "inbox").glob(".fetching-*"))


def test_nothing_half_written_is_ever_seen_in_the_inbox(
    tmp_path: Path, journal: Journaled, client: Callable[[str], str]
) -> None:
    """While the client writes, the inbox's look finds nothing; what it left when it failed is kept apart."""
    program = client(
        "folder = pathlib.Path(arguments[1])\n"
        "(folder / 'half.xml').write_text('<Docu')\n"
        "seen = [e.name for e in os.scandir(folder.parent) if e.is_file()]\n"
        "sys.exit(9 if not seen else 0)"
    )
    assert fetching(tmp_path, journal, program).exchange() == 0
    assert waiting_files(tmp_path / "inbox") == {}
    (kept,) = (tmp_path / "inbox" / "unfinished").iterdir()
    assert (kept / "half.xml").read_text() == "<Docu"
    assert journal.acts == [("bank.fetch_failed", "C53", None, {"order": "C53", "exit": "9"})]


def test_what_was_being_fetched_when_we_died_is_kept(
    tmp_path: Path, journal: Journaled, client: Callable[[str], str]
) -> None:
    left = tmp_path / "inbox" / ".fetching-abc"
    left.mkdir(parents=True)
    (left / "half.xml").write_text("<Docu")
    fetching(tmp_path, journal, client("")).exchange()
    assert lying(tmp_path, "inbox/unfinished/fetching-abc") == ["half.xml"]


def test_a_bank_that_does_not_answer_is_journaled_once_and_when_it_does_again(
    tmp_path: Path, journal: Journaled, client: Callable[[str], str]
) -> None:
    moments_s = iter((0.0, 0.0, 299.0, 300.0, 300.0, 600.0, 600.0, 900.0, 900.0))
    carrier = transport(
        tmp_path,
        journal,
        fetch=(client("sys.exit(1)"), "{order}", "{folder}"),
        passing_s=lambda: next(moments_s),
    )
    for _round in range(4):
        carrier.exchange()
    assert len(runs(tmp_path)) == 3  # not before its interval has passed
    client("")
    carrier.exchange()
    assert journal.codes() == ["bank.fetch_failed", "bank.fetch_mended"]


# the command itself


def test_time_runs_out_for_all_the_client_has_started(
    tmp_path: Path, client: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's own child, which ignores being asked to end, is gone with it."""
    pid_file = tmp_path / "child"
    program = client(
        "import signal\n"
        "if os.fork() == 0:\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"    written = pathlib.Path({str(pid_file)!r} + '.new')\n"
        "    written.write_text(str(os.getpid()))\n"
        f"    written.rename({str(pid_file)!r})\n"
        "time.sleep(600)"
    )
    really_wait = subprocess.Popen.wait

    def wait(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        """Time runs out once the child is there, however slow the machine."""
        if timeout != SLOW_S:
            return really_wait(process, timeout)
        deadline_s = time.monotonic() + SLOW_S
        while not pid_file.exists():
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        raise subprocess.TimeoutExpired(process.args, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", wait)
    end = run([program], {}, SLOW_S)
    assert (end.has_started, end.exit_code) == (True, None)
    child, deadline_s = int(pid_file.read_text()), time.monotonic() + SLOW_S
    while is_running(child):  # a kill is carried out when the system next runs the killed
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    """A process that is gone, or ended and not yet collected by its new parent, is not running."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_arguments_go_through_no_shell(tmp_path: Path, client: Callable[[str], str]) -> None:
    run([client(""), "{order}", "$(touch stolen); echo"], {"order": "C53; rm -rf ."}, SLOW_S)
    assert runs(tmp_path) == ["C53; rm -rf . $(touch stolen); echo"]


def test_stderr_is_bounded_and_its_writer_never_waits(client: Callable[[str], str]) -> None:
    end = run([client("sys.stderr.write('x' * 1_000_000 + 'the end')")], {}, SLOW_S)
    assert end.exit_code == 0
    assert len(end.stderr) == KEPT_STDERR_BYTES
    assert end.stderr.endswith("the end")


def test_the_client_sees_none_of_our_settings(
    client: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALBA_DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("EBICS_HOME", "/srv/ebics")
    end = run([client("sys.stderr.write(' '.join(sorted(os.environ)))")], {}, SLOW_S)
    assert "EBICS_HOME" in end.stderr
    assert "ALBA_" not in end.stderr
    assert "ALBA_DATABASE_URL" in os.environ


def test_by_default_others_carry_the_files(tmp_path: Path) -> None:
    path = approved(tmp_path)
    assert FolderTransport().exchange() == 0
    assert path.exists()
