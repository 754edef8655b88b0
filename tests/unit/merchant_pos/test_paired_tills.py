"""Which tablet is which till, kept on disk."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from merchant_pos.paired_tills import PairedTill, PairedTills
from merchant_pos.till_keys import new_till_key, public_key_text


def till(till_id: str = "TILL1") -> PairedTill:
    return PairedTill(till_id, "Caisse 1", "Fournil des Deux Rives", new_till_key())


def test_a_paired_till_is_found_again_after_a_restart(tmp_path: Path) -> None:
    tills = PairedTills(tmp_path)
    session, paired = tills.new_session(), till()
    tills.add(session, paired)
    found = PairedTills(tmp_path).find(session)
    assert found is not None
    assert (found.till_id, found.label, found.merchant_name) == (
        "TILL1",
        "Caisse 1",
        "Fournil des Deux Rives",
    )
    assert public_key_text(found.key) == public_key_text(paired.key)


def test_each_tablet_finds_its_own_till(tmp_path: Path) -> None:
    tills = PairedTills(tmp_path)
    sessions = [tills.new_session() for _ in range(2)]
    for number, session in enumerate(sessions):
        tills.add(session, till(f"TILL{number}"))
    found = [tills.find(session) for session in sessions]
    assert [item.till_id for item in found if item] == ["TILL0", "TILL1"]
    assert tills.find(tills.new_session()) is None
    assert tills.find(None) is None


def test_neither_session_nor_key_is_on_disk_and_only_the_owner_may_read(tmp_path: Path) -> None:
    tills = PairedTills(tmp_path)
    session, paired = tills.new_session(), till()
    tills.add(session, paired)
    path = tmp_path / "tills" / "TILL1.json"
    secret = paired.key.private_numbers().private_value.to_bytes(32, "big")
    for text in (session, secret.hex()):
        assert text not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    assert [item.name for item in path.parent.iterdir()] == ["TILL1.json"]


def test_forgetting_a_till_destroys_its_key(tmp_path: Path) -> None:
    tills = PairedTills(tmp_path)
    session = tills.new_session()
    tills.add(session, till())
    tills.remove(session)
    tills.remove(session)
    assert tills.find(session) is None
    assert list((tmp_path / "tills").iterdir()) == []
    assert PairedTills(tmp_path).find(session) is None


@pytest.mark.parametrize("till_id", ["../evil", "", "a/b", "x" * 65])
def test_a_till_id_that_could_leave_the_folder_is_refused(tmp_path: Path, till_id: str) -> None:
    tills = PairedTills(tmp_path / "data")
    with pytest.raises(ValueError, match="till id"):
        tills.add(tills.new_session(), till(till_id))


def test_a_csrf_token_belongs_to_one_session_of_one_machine(tmp_path: Path) -> None:
    here, elsewhere = PairedTills(tmp_path / "a"), PairedTills(tmp_path / "b")
    assert here.csrf_token("s1") == here.csrf_token("s1")
    assert len({here.csrf_token("s1"), here.csrf_token("s2"), elsewhere.csrf_token("s1")}) == 3
