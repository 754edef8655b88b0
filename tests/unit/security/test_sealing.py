"""Sealing: bound to its place, per person, and gone for good with the person's key."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select

from wallet_service.database.tables import metadata
from wallet_service.database.tables.members import person_keys
from wallet_service.protocol.clock import VirtualClock
from wallet_service.security.sealing import (
    MasterKeyUnusable,
    PersonErased,
    SealBroken,
    SealedField,
    Sealer,
    create_master_key,
    read_master_key,
)

CLOCK = VirtualClock(1_795_500_000_000)
PLACE = SealedField("members", "sealed_identity", "M1")
SECRET = b"Camille Roussel, 1988-02-03"


@pytest.fixture
def engine() -> Engine:
    made = create_engine("sqlite://")
    metadata.create_all(made)
    return made


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(bytes(range(32)), CLOCK)


def test_a_sealed_value_opens_in_its_own_place(engine: Engine, sealer: Sealer) -> None:
    with engine.begin() as connection:
        sealer.create_member_key(connection, "M1")
        sealed = sealer.seal_for_member(connection, "M1", PLACE, SECRET)
        assert sealer.unseal_for_member(connection, "M1", PLACE, sealed) == SECRET
        assert b"Camille" not in sealed


@pytest.mark.parametrize(
    "elsewhere",
    [
        SealedField("members", "sealed_identity", "M2"),
        SealedField("members", "other", "M1"),
        SealedField("identity_files", "sealed_identity", "M1"),
    ],
)
def test_a_sealed_value_moved_elsewhere_does_not_open(
    engine: Engine, sealer: Sealer, elsewhere: SealedField
) -> None:
    with engine.begin() as connection:
        sealer.create_member_key(connection, "M1")
        sealed = sealer.seal_for_member(connection, "M1", PLACE, SECRET)
        with pytest.raises(SealBroken):
            sealer.unseal_for_member(connection, "M1", elsewhere, sealed)


def test_every_altered_byte_is_noticed(engine: Engine, sealer: Sealer) -> None:
    with engine.begin() as connection:
        sealer.create_member_key(connection, "M1")
        sealed = sealer.seal_for_member(connection, "M1", PLACE, SECRET)
        for position in range(len(sealed)):
            altered = bytearray(sealed)
            altered[position] ^= 1
            with pytest.raises(SealBroken):
                sealer.unseal_for_member(connection, "M1", PLACE, bytes(altered))
        with pytest.raises(SealBroken):
            sealer.unseal_for_member(connection, "M1", PLACE, sealed[:20])


def test_one_person_cannot_open_what_is_sealed_for_another(engine: Engine, sealer: Sealer) -> None:
    with engine.begin() as connection:
        sealer.create_member_key(connection, "M1")
        sealer.create_member_key(connection, "M2")
        sealed = sealer.seal_for_member(connection, "M1", PLACE, SECRET)
        with pytest.raises(SealBroken):
            sealer.unseal_for_member(connection, "M2", PLACE, sealed)


def test_a_destroyed_key_erases_the_person_for_good(engine: Engine, sealer: Sealer) -> None:
    with engine.begin() as connection:
        sealer.create_member_key(connection, "M1")
        sealed = sealer.seal_for_member(connection, "M1", PLACE, SECRET)
        sealer.destroy_member_key(connection, "M1")
        sealer.destroy_member_key(connection, "M1")
        row = connection.execute(select(person_keys)).one()
        assert row.wrapped_key is None
        assert row.destroyed_at_unix_ms == CLOCK.now_unix_ms()
        with pytest.raises(PersonErased):
            sealer.unseal_for_member(connection, "M1", PLACE, sealed)


def test_another_master_key_opens_nothing(engine: Engine, sealer: Sealer) -> None:
    other = Sealer(bytes(32), CLOCK)
    with engine.begin() as connection:
        sealer.create_member_key(connection, "M1")
        sealed = sealer.seal_for_member(connection, "M1", PLACE, SECRET)
        with pytest.raises(SealBroken):
            other.unseal_for_member(connection, "M1", PLACE, sealed)
    with pytest.raises(SealBroken):
        other.unseal_service(PLACE, sealer.seal_service(PLACE, SECRET))


def test_a_service_seal_is_bound_to_its_place(sealer: Sealer) -> None:
    sealed = sealer.seal_service(PLACE, SECRET)
    assert sealer.unseal_service(PLACE, sealed) == SECRET
    with pytest.raises(SealBroken):
        sealer.unseal_service(SealedField("members", "sealed_identity", "M2"), sealed)


def test_the_master_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "master.key"
    assert create_master_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = read_master_key(path)
    assert len(key) == 32
    assert not create_master_key(path)
    assert read_master_key(path) == key


def test_an_unusable_master_key_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    with pytest.raises(MasterKeyUnusable, match="no master key"):
        read_master_key(path)
    path.write_bytes(bytes(32))
    os.chmod(path, 0o640)
    with pytest.raises(MasterKeyUnusable, match="readable by others"):
        read_master_key(path)
    os.chmod(path, 0o600)
    path.write_bytes(bytes(31))
    with pytest.raises(MasterKeyUnusable, match="32 bytes"):
        read_master_key(path)
