"""Commands reach the chain in order, once, and a refusal costs no nonce."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.support.chain_world import World
from wallet_service.chain.errors import CommandConflict
from wallet_service.chain.ports import KINDS
from wallet_service.database.tables.chain import chain_commands, chain_transactions
from wallet_service.protocol.floors import PasskeyFloors
from wallet_service.protocol.identifiers import new_ref

pytestmark = pytest.mark.chain


def test_an_enrolment_is_done_on_chain_and_heard_of(world: World) -> None:
    person = world.person("merchant", "professional")
    world.settle_down()
    account = world.chain.reader().account(person.address)
    assert (account.kind, account.tier) == ("merchant", "professional")
    (event,) = [event for event in world.seen if event.name == "MemberEnrolled"]
    assert event.arguments["account"] == person.address
    assert event.arguments["kind"] == KINDS.index("merchant")
    assert event.chain_transaction_id is not None


def test_a_mint_queued_behind_its_attestation_waits_for_it(world: World) -> None:
    person = world.person()
    world.attest(20_000)
    world.fund(person, 20_000)
    world.settle_down()
    assert world.failed == []
    assert world.posted(person.address) == 20_000
    world.check_books(person)


def test_a_refused_command_fails_with_the_custom_error_and_spends_no_nonce(world: World) -> None:
    person = world.person()
    world.attest(100)
    world.settle_down()
    issuer = world.chain.keys.address("ISSUER")
    before = world.chain.access.client.transaction_count(issuer)
    ref = world.fund(person, 101)
    world.settle_down()
    (failure,) = world.failed
    assert (failure.ref, failure.kind, failure.error_name) == (ref, "mint", "ReserveExceeded")
    assert failure.error_values == {"supplyWith": 101, "reserve": 100}
    assert world.chain.access.client.transaction_count(issuer) == before


def test_a_command_whose_arguments_do_not_fit_fails_alone(world: World) -> None:
    world.queue("enrol", ["nobody"], "REGISTRAR")
    person = world.person()
    world.settle_down()
    assert [failure.error_name for failure in world.failed] == ["ArgumentsInvalid"]
    assert world.chain.reader().account(person.address).tier == "verified"


def test_the_same_ref_queues_once_and_another_content_is_refused(world: World) -> None:
    ref = new_ref()
    arguments = ["0x" + "12" * 20, 1, 3, 0, 0]
    first = world.queue("enrol", arguments, "REGISTRAR", ref)
    assert world.queue("enrol", arguments, "REGISTRAR", ref) == first
    with pytest.raises(CommandConflict):
        world.queue("enrol", [*arguments[:2], 2, 0, 0], "REGISTRAR", ref)


def test_neighbours_of_a_kind_travel_together_and_all_arrive(world: World) -> None:
    people = [world.person() for _ in range(30)]
    rounds = 0

    def pump() -> None:
        nonlocal rounds
        rounds += 1
        world.pump()

    world.until(lambda: world.waiting() == 0, pump)
    with world.engine.connect() as connection:
        senders = connection.execute(
            select(func.count(), func.min(chain_transactions.c.nonce), func.max(chain_transactions.c.nonce))
        ).one()
    assert senders[0] == 30
    assert senders[2] - senders[1] == 29
    assert all(world.chain.reader().account(person.address).tier == "verified" for person in people)


def test_two_runners_send_a_command_once(world: World) -> None:
    other = World(world.engine, world.chain)
    for _ in range(5):
        world.person()

    def both() -> None:
        world.runner.run_once()
        other.runner.run_once()
        world.indexer.run_once()

    world.until(lambda: world.waiting() == 0, both)
    with world.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(chain_transactions)).scalar_one() == 5
        states = set(connection.execute(select(chain_commands.c.state)).scalars())
    assert states == {"done"}


def test_the_floors_a_governor_sets_are_read_back(world: World) -> None:
    assert set(world.chain.reader().passkey_floors().values()) == {PasskeyFloors(0, 0)}
    world.queue("setPasskeyFloors", [4, [2_000, 5_000]], "GOVERNOR")
    world.settle_down()
    floors = world.chain.reader().passkey_floors()
    assert floors["professional"] == PasskeyFloors(per_payment_cents=2_000, per_day_cents=5_000)
    assert floors["verified"] == PasskeyFloors(0, 0)
