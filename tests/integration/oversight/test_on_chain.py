"""Freezes, stops and figures through the real ledger and its indexer."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from tests.support.chain_world import Person, World
from wallet_service.database.tables.members import members
from wallet_service.oversight.models import FreezeOrder
from wallet_service.oversight.service import Doors, Oversight, make_oversight
from wallet_service.platform.journal import Journal
from wallet_service.platform.push import Push
from wallet_service.reports.service import Reports, make_reports
from wallet_service.security.officers import OfficerService
from wallet_service.security.passkeys import PasskeyService
from wallet_service.security.sessions import SessionService

pytestmark = pytest.mark.chain

DAY_S = 86_400


@pytest.fixture
def oversight(world: World) -> Oversight:
    engine, clock, journal = world.engine, world.clock, Journal(world.clock)
    push = Push(engine, clock)
    sessions = SessionService(engine, clock, push)
    doors = Doors(
        OfficerService(engine, clock, journal, sessions),
        sessions,
        PasskeyService(engine, clock, sessions, {}, Journal(clock)),
        codes_confirm=True,
    )
    made = make_oversight(engine, clock, world.commands, push, journal, doors)
    made.register(world.registry)
    return made


@pytest.fixture
def reports(world: World) -> Reports:
    made = make_reports(world.engine, world.clock, Push(world.engine, world.clock), Journal(world.clock))
    made.register(world.registry)
    return made


def member(world: World, person: Person, kind: str, **values: object) -> str:
    """The person's row: the world only knows accounts."""
    member_id = person.address[2:28].upper()
    with world.engine.begin() as connection:
        connection.execute(
            insert(members).values(
                id=member_id,
                kind=kind,
                tier="verified",
                state="active",
                account_address=person.address,
                language="fr",
                created_at_unix_ms=world.clock.now_unix_ms(),
                **values,
            )
        )
    return member_id


def test_a_frozen_member_is_frozen_on_chain_and_thawed_again(world: World, oversight: Oversight) -> None:
    person = world.person()
    member_id = member(world, person, "resident")
    world.run_until_idle()
    order = FreezeOrder(member_id, True, False, "Réquisition 26-118", world.clock.now_unix_s() + DAY_S)
    oversight.freezes.freeze(order, "O1")
    world.run_until_idle()
    account = world.chain.reader().account(person.address)
    assert (account.frozen_incoming, account.frozen_outgoing) == (True, False)
    with world.engine.connect() as connection:
        assert connection.execute(select(members.c.frozen_incoming)).scalar_one() in (True, 1)
    oversight.freezes.unfreeze(member_id, "Levée par le juge", "O1")
    world.run_until_idle()
    assert not world.chain.reader().account(person.address).frozen_incoming
    assert [freeze.state.value for freeze in oversight.freezes.of_member(member_id)] == ["lifted"]


def test_a_freeze_of_nobody_known_to_the_ledger_fails(world: World, oversight: Oversight) -> None:
    person = Person(None, "0x" + "77" * 20, iter(()))  # type: ignore[arg-type]
    member_id = member(world, person, "resident")
    order = FreezeOrder(member_id, True, True, "Réquisition 26-118", world.clock.now_unix_s() + DAY_S)
    oversight.freezes.freeze(order, "O1")
    world.run_until_idle()
    (found,) = oversight.freezes.of_member(member_id)
    assert (found.state.value, found.failure) == ("failed", "NotMember")


def test_payments_stop_by_one_and_resume_by_two_on_chain(
    world: World, oversight: Oversight, reports: Reports
) -> None:
    oversight.stops.stop("payments", "Montants suspects", "O1")
    world.run_until_idle()
    assert world.chain.reader().stops().payments
    assert reports.figures.stopped()["payments"]
    approval_id = oversight.stops.ask_resume("payments", "Tout est vérifié", "O1")
    oversight.approvals.approve(approval_id, "O2", {"govern"})
    world.run_until_idle()
    reports.figures.forget()
    assert not world.chain.reader().stops().payments
    assert not reports.figures.stopped()["payments"]


def test_figures_follow_the_ledger(world: World, reports: Reports) -> None:
    payer, payee = world.funded_pair(50_000)
    member(world, payer, "resident")
    member(world, payee, "merchant", sector="10", commune_code="76540", public_name="Fournil des Deux Rives")
    world.store(world.payment(payer, payee, 1_250), world.payment(payer, payee, 750))
    world.run_until_idle()
    world.redemption(payee, 500)
    world.run_until_idle()
    figures, reader = reports.figures, world.chain.reader()
    found = figures.reserve()
    assert found.supply_cents == reader.supply_cents() == 50_000
    assert found.reserve_cents == reader.reserve().amount_cents == 10_000_000
    assert found.max_age_s == reader.issuance().attestation_max_age_s
    assert found.as_of_unix_s == reader.reserve().as_of_unix_s
    assert found.is_fresh
    assert figures.figure("payments").rows[-1][1:] == (2, 2_000)
    assert figures.figure("sectors").rows == (("Alimentation", 2, 2_000, 10_000),)
    assert figures.figure("departments").rows == (("76", "Seine-Maritime", 1, 2, 2_000, 10_000),)
    assert figures.activity().active == {"resident": 1, "merchant": 1}
    block = figures.last_block()
    assert block is not None
    assert block.number == reader.head().number
