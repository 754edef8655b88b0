"""Commands reach the chain in order, once, and a refusal costs no nonce."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.support.chain_world import World
from wallet_service.chain.errors import CommandConflict
from wallet_service.chain.node.client import quantity
from wallet_service.chain.ports import KINDS, STOP_ISSUING, STOP_PAYMENTS, TIERS
from wallet_service.database.tables.chain import chain_commands, chain_transactions
from wallet_service.protocol.signing.floors import PasskeyFloors
from wallet_service.protocol.text.identifiers import new_ref

pytestmark = pytest.mark.chain


def test_an_enrolment_is_done_on_chain_and_heard_of(world: World) -> None:
    person = world.person("merchant", "professional")
    world.run_until_idle()
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
    world.run_until_idle()
    assert world.failed == []
    assert world.posted(person.address) == 20_000
    world.check_books(person)


def test_a_refused_command_fails_with_the_custom_error_and_spends_no_nonce(world: World) -> None:
    person = world.person()
    world.attest(100)
    world.run_until_idle()
    issuer = world.chain.keys.address("ISSUER")
    before = world.chain.access.client.transaction_count(issuer)
    ref = world.fund(person, 101)
    world.run_until_idle()
    (failure,) = world.failed
    assert (failure.ref, failure.kind, failure.error_name) == (ref, "mint", "ReserveExceeded")
    assert failure.error_values == {"neededWith": 101, "reserve": 100}
    assert world.chain.access.client.transaction_count(issuer) == before


def test_a_command_whose_arguments_do_not_fit_fails_alone(world: World) -> None:
    world.queue("enrol", ["nobody"], "REGISTRAR")
    person = world.person()
    world.run_until_idle()
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
    people = [world.person() for _ in range(5)]
    world.run_until_idle()
    for person in people:
        world.queue("setMember", [person.address, 1, TIERS.index("declared"), 0, 0], "REGISTRAR")
    world.run_until_idle()
    with world.engine.connect() as connection:
        count, first, last = connection.execute(
            select(
                func.count(), func.min(chain_transactions.c.nonce), func.max(chain_transactions.c.nonce)
            ).where(chain_transactions.c.purpose == "setMember")
        ).one()
    assert (count, last - first) == (5, 4)
    assert all(world.chain.reader().account(person.address).tier == "declared" for person in people)


def test_enrolments_share_one_transaction_and_each_is_done(world: World) -> None:
    people = [world.person() for _ in range(30)]
    world.run_until_idle()
    assert transactions(world) == [("enrolMany", "mined")]
    assert command_states(world) == ["done"] * 30
    assert all(world.chain.reader().account(person.address).tier == "verified" for person in people)


def test_an_enrolment_the_ledger_refuses_fails_alone_and_the_others_travel_together(world: World) -> None:
    known = world.person()
    world.run_until_idle()
    others = [world.person() for _ in range(2)]
    world.queue("enrol", [known.address, 1, 1, 0, 0], "REGISTRAR", "again")
    world.queue("enrol", ["nobody"], "REGISTRAR", "nonsense")
    others.append(world.person())
    world.run_until_idle()
    assert [(failure.ref, failure.error_name) for failure in world.failed] == [
        ("nonsense", "ArgumentsInvalid"),
        ("again", "AlreadyMember"),
    ]
    assert transactions(world) == [("enrol", "mined"), ("enrolMany", "mined")]
    assert all(world.chain.reader().account(person.address).tier == "verified" for person in others)


def test_enrolments_refused_whole_in_a_block_are_sent_again_one_by_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [world.person() for _ in range(3)]
    with monkeypatch.context() as too_little:
        too_little.setattr(world.runner, "_gas", lambda answer: quantity(answer) * 2 // 3)
        world.runner.run_once()
    world.run_until_idle()
    assert transactions(world) == [("enrolMany", "reverted"), *[("enrol", "mined")] * 3]
    assert world.failed == []
    assert all(world.chain.reader().account(person.address).tier == "verified" for person in people)


def test_a_stop_a_freeze_and_a_mint_wait_for_no_stranger(world: World) -> None:
    """The flood: strangers who enrol and declare, one after the other, before anybody acts."""
    known, thief = world.person(), world.person()
    world.attest(20_000)
    world.run_until_idle()
    for _ in range(20):
        stranger = world.person(tier="visitor")
        world.queue("setMember", [stranger.address, 1, TIERS.index("declared"), 0, 0], "REGISTRAR")
    end = world.clock.now_unix_s() + 86_400
    urgent = [
        world.queue("freeze", [thief.address, True, True, new_ref(), end], "COMPLIANCE"),
        world.queue("stop", [STOP_PAYMENTS], "PAUSER"),
    ]
    world.fund(known, 20_000)
    world.runner.run_once()
    with world.engine.connect() as connection:
        rows = connection.execute(select(chain_commands.c.kind, chain_commands.c.state))
        states = {row.kind: row.state for row in rows}
        oldest = connection.execute(
            select(chain_commands.c.id).where(chain_commands.c.state == "queued").limit(1)
        ).scalar_one()
    assert oldest < min(urgent)
    assert (states["stop"], states["freeze"], states["mint"]) == ("sent", "sent", "sent")
    world.indexer.catch_up()
    assert world.chain.reader().stops().payments
    world.run_until_idle()
    assert world.failed == []
    purposes = [purpose for purpose, _state in transactions(world)]
    assert (purposes.count("enrol"), purposes.count("setMember")) == (0, 20)
    world.check_books(known)


def test_what_makes_money_waits_while_a_stop_of_issuing_is_on_its_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = world.person()
    world.attest(20_000)
    world.run_until_idle()
    world.fund(person, 20_000)
    world.queue("stop", [STOP_ISSUING], "PAUSER")
    with monkeypatch.context() as unsent:
        unsent.setattr(world.sender, "broadcast_stored", lambda: 0)
        world.runner.run_once()
        world.runner.run_once()
    assert ("stop", "stored") in transactions(world)
    assert "mint" not in [purpose for purpose, _state in transactions(world)]
    world.run_until_idle()
    assert [failure.error_name for failure in world.failed] == ["IssuingStopped"]
    assert world.posted(person.address) == 0


def transactions(world: World) -> list[tuple[str, str]]:
    with world.engine.connect() as connection:
        rows = connection.execute(
            select(chain_transactions.c.purpose, chain_transactions.c.state).order_by(chain_transactions.c.id)
        )
        return [(row.purpose, row.state) for row in rows]


def command_states(world: World) -> list[str]:
    with world.engine.connect() as connection:
        return list(connection.execute(select(chain_commands.c.state)).scalars())


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
        assert connection.execute(select(func.count()).select_from(chain_transactions)).scalar_one() == 1
        states = set(connection.execute(select(chain_commands.c.state)).scalars())
    assert states == {"done"}


def test_the_floors_a_governor_sets_are_read_back(world: World) -> None:
    assert set(world.chain.reader().passkey_floors().values()) == {PasskeyFloors(0, 0)}
    world.queue("setPasskeyFloors", [4, [2_000, 5_000]], "GOVERNOR")
    world.run_until_idle()
    floors = world.chain.reader().passkey_floors()
    assert floors["professional"] == PasskeyFloors(per_payment_cents=2_000, per_day_cents=5_000)
    assert floors["verified"] == PasskeyFloors(0, 0)
