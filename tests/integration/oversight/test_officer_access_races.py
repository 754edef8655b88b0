"""Two passkeys of an officer removed at once are removed one after the other: the last one stays."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from tests.support.authenticator import Authenticator
from tests.support.web import CONSOLE_ORIGIN, HttpFixture, build_http_fixture
from wallet_service.database.engine import DatabaseBounds, make_engine
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.oversight.officer_access import OfficerAccess
from wallet_service.security.errors import LastWayIn

#: Whoever finds the officer's row held waits so long in this test.
LOCK_MS = 200


def registered(env: HttpFixture, officer_id: str) -> str:
    authenticator = Authenticator(CONSOLE_ORIGIN)
    options = env.passkeys.registration_options("officer", officer_id, "Agathe Essai")
    return env.passkeys.register("officer", officer_id, authenticator.create(options))


@pytest.mark.postgres
def test_a_removal_waits_for_the_one_before_it(postgresql_engine: Engine, postgresql_url: str) -> None:
    """SQLite's writers come one by one by themselves."""
    env = build_http_fixture(postgresql_engine)
    officer = env.officers.ensure("Agathe Essai", ["observe"])
    first, second = (registered(env, officer.id) for _ in range(2))
    impatient = make_engine(postgresql_url, DatabaseBounds(lock_ms=LOCK_MS))
    access = OfficerAccess(impatient, env.journal, env.officers, env.sessions, env.passkeys)
    with UnitOfWork(postgresql_engine) as work:
        env.officers.hold(work.connection, officer.id)
        env.passkeys.remove(work.connection, "officer", officer.id, first)
        with pytest.raises(OperationalError, match="lock timeout"):
            access.remove_passkey(officer.id, second, "none")
    with pytest.raises(LastWayIn):
        access.remove_passkey(officer.id, second, "none")
    assert env.passkeys.credential_ids("officer", officer.id) == [second]
    impatient.dispose()
