"""Booked statements and sent payouts lie sealed for a while; what waits for a person lies open at first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wallet_service.platform.settings import Settings
from wallet_service.protocol.clock import VirtualClock
from wallet_service.security.sealing import SealBroken, Sealer
from wallet_service.treasury.transport.filed import MS_PER_DAY, WAITS_OPEN_MS, FiledFiles, opened

NOW_UNIX_MS = 1_780_000_000_000
NAME = b"MME EXEMPLE AGLAE"
KEPT_DAYS = 90


class Folders:
    """The bank's folders, and files in them that are so many days old."""

    def __init__(self, root: Path) -> None:
        self.clock = VirtualClock(NOW_UNIX_MS)
        self.sealer = Sealer(bytes(32), self.clock)
        self.root = root
        self.filed = self.another()

    def another(self) -> FiledFiles:
        settings = Settings(
            bank_inbox=self.root / "inbox",
            bank_outbox=self.root / "outbox",
            bank_checks=self.root / "payee-checks",
            bank_files_kept_days=KEPT_DAYS,
        )
        return FiledFiles(settings, self.sealer, self.clock)

    def put(self, name: str, age_days: float = 0, content: bytes = b"<Dbtr>" + NAME) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.age(path, age_days)
        return path

    def age(self, path: Path, days: float) -> None:
        at_s = (NOW_UNIX_MS - days * MS_PER_DAY) / 1000 - 1
        os.utime(path, (at_s, at_s))


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


@pytest.mark.parametrize(
    "name", ["inbox/done/ab-releve.xml", "outbox/sent/p.pain.001.xml", "payee-checks/sent/p.xml.txt"]
)
def test_what_has_done_its_work_is_sealed_where_it_lies_and_opens_again(folders: Folders, name: str) -> None:
    path = folders.put(name)
    assert folders.filed.run_once() == 1
    assert NAME not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert opened(folders.sealer, path) == b"<Dbtr>" + NAME
    assert folders.filed.run_once() == 0
    assert folders.another().run_once() == 0, "a sealed file is not sealed again after a restart"


def test_a_file_that_comes_again_under_its_name_is_sealed_again(folders: Folders) -> None:
    path = folders.put("inbox/done/ab-releve.xml")
    folders.filed.run_once()
    folders.put("inbox/done/ab-releve.xml", age_days=1)
    assert folders.filed.run_once() == 1
    assert NAME not in path.read_bytes()


def test_what_is_on_its_way_is_not_touched(folders: Folders) -> None:
    names = ["inbox/releve.xml", "inbox/later/1-releve.xml", "outbox/p.xml", "outbox/sending/p.xml"]
    names += ["outbox/unknown/p.xml", "outbox/failed/p.xml", "inbox/done/.ab.xml.part"]
    paths = [folders.put(name, age_days=10 * KEPT_DAYS) for name in names]
    assert folders.filed.run_once() == 0
    assert all(NAME in path.read_bytes() for path in paths)


@pytest.mark.parametrize(
    "name", ["inbox/refused/ab-r.xml", "inbox/unfinished/fetching-1/r.xml", "outbox/repeated/p.xml"]
)
def test_what_waits_for_a_person_is_open_for_a_month_then_sealed_and_never_removed(
    folders: Folders, name: str
) -> None:
    days = WAITS_OPEN_MS / MS_PER_DAY
    path = folders.put(name, age_days=days - 1)
    assert folders.filed.run_once() == 0
    folders.age(path, days)
    assert folders.filed.run_once() == 1
    folders.age(path, 10 * KEPT_DAYS)
    assert folders.filed.run_once() == 0
    assert opened(folders.sealer, path) == b"<Dbtr>" + NAME


def test_after_its_time_a_file_is_gone_and_a_payout_leaves_its_name(folders: Folders) -> None:
    booked, kept = (
        folders.put("inbox/done/ab-old.xml", KEPT_DAYS),
        folders.put("inbox/done/ab-new.xml", KEPT_DAYS - 1),
    )
    payout, note = (
        folders.put("outbox/sent/p.pain.001.xml", KEPT_DAYS),
        folders.put("outbox/sent/p.pain.001.xml.txt", KEPT_DAYS),
    )
    assert folders.filed.run_once() == 4
    assert not booked.exists()
    assert not note.exists()
    assert payout.read_bytes() == b""  # so that nothing is handed over a second time under it
    assert opened(folders.sealer, kept) == b"<Dbtr>" + NAME
    folders.age(payout, 2 * KEPT_DAYS)
    assert folders.filed.run_once() == 0


def test_a_sealed_file_opens_under_its_own_name_alone(folders: Folders) -> None:
    path = folders.put("inbox/done/ab-releve.xml")
    folders.filed.run_once()
    with pytest.raises(SealBroken):
        opened(folders.sealer, path.rename(path.with_name("another.xml")))
