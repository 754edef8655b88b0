"""Members who are told by mail stay so through the release that gives officers addresses too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text

from wallet_service.database import migrate
from wallet_service.database.engine import make_engine
from wallet_service.database.tables.members import members
from wallet_service.database.tables.push import notice_mails

BEFORE, MEMBER = "0014", "M" + "1".rjust(25, "0")


@pytest.fixture
def empty_engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    yield made
    made.dispose()


def test_a_members_mail_address_is_kept_as_a_members(empty_engine: Engine) -> None:
    migrate.upgrade(empty_engine, BEFORE)
    with empty_engine.begin() as connection:
        connection.execute(
            insert(members).values(
                id=MEMBER,
                kind="resident",
                tier="visitor",
                state="active",
                account_address="0x" + "11" * 20,
                language="fr",
                created_at_unix_ms=1,
            )
        )
        connection.execute(
            text(
                "INSERT INTO notice_mails (member_id, sealed_address, language, tries_left, "
                "code_expires_at_unix_ms, confirmed_at_unix_ms) VALUES (:id, :sealed, 'fr', 5, 7, 8)"
            ),
            {"id": MEMBER, "sealed": b"sealed"},
        )
    migrate.upgrade(empty_engine)
    with empty_engine.connect() as connection:
        (row,) = connection.execute(select(notice_mails)).all()
    assert (row.recipient_kind, row.recipient_id, row.sealed_address) == ("member", MEMBER, b"sealed")
    assert (row.language, row.tries_left, row.code_expires_at_unix_ms, row.confirmed_at_unix_ms) == (
        "fr",
        5,
        7,
        8,
    )
