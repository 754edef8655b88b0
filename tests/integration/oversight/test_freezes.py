"""A freeze is asked by an officer and decided by the chain."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tests.support.console_services import ConsoleServices
from tests.support.seed_month import account
from wallet_service.database.tables.members import members
from wallet_service.database.tables.push import push_events
from wallet_service.database.tables.supervision import freezes
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.oversight import decisions, errors
from wallet_service.oversight.models import FreezeOrder, FreezeState
from wallet_service.platform.journal import Filter
from wallet_service.protocol.clock import VirtualClock

OFFICER, DAY_MS = "O2", 86_400_000
GROUND = "Réquisition judiciaire 26-118"


def order(console: ConsoleServices, days: int = 15, **values: object) -> FreezeOrder:
    until = console.clock.now_unix_s() + days * 86_400
    fields = {"incoming": False, "outgoing": True, "ground": GROUND, **values}
    return FreezeOrder(console.month.shops[0], until_unix_s=until, **fields)  # type: ignore[arg-type]


def flags(console: ConsoleServices) -> tuple[bool, bool]:
    with console.engine.connect() as connection:
        query = select(members.c.frozen_incoming, members.c.frozen_outgoing)
        row = connection.execute(query.where(members.c.id == console.month.shops[0])).one()
        return bool(row[0]), bool(row[1])


def state(console: ConsoleServices) -> FreezeState:
    return console.oversight.freezes.of_member(console.month.shops[0])[0].state


def heard(console: ConsoleServices) -> list[str]:
    with console.engine.connect() as connection:
        return list(connection.execute(select(push_events.c.topic).order_by(push_events.c.id)).scalars())


def acts(console: ConsoleServices) -> list[str]:
    with console.engine.connect() as connection:
        return [entry.act for entry in reversed(console.journal.entries(connection, Filter()))]


def test_a_member_is_frozen_at_once_and_active_when_the_chain_says_so(console: ConsoleServices) -> None:
    console.oversight.freezes.freeze(order(console), OFFICER)
    assert (state(console), flags(console)) == (FreezeState.ASKED, (False, True))
    assert console.run_commands() == ["freeze"]
    assert (state(console), flags(console)) == (FreezeState.ACTIVE, (False, True))
    console.oversight.freezes.unfreeze(console.month.shops[0], "Levée par le juge", OFFICER)
    assert flags(console) == (False, True)
    assert console.run_commands() == ["unfreeze"]
    assert (state(console), flags(console)) == (FreezeState.LIFTED, (False, False))
    assert acts(console) == ["member.frozen", "member.unfrozen"]


def test_the_ground_stays_here_and_its_salted_hash_goes_to_the_chain(console: ConsoleServices) -> None:
    console.oversight.freezes.freeze(order(console), OFFICER)
    ((kind, arguments, role),) = console.commands()
    with console.engine.connect() as connection:
        row = connection.execute(select(freezes)).one()
    assert (kind, role) == ("freeze", "COMPLIANCE")
    assert arguments[:3] == [account(console.month.shops[0]), False, True]
    assert arguments[3] == decisions.ground_hash(GROUND, row.ground_salt) == row.ground_hash
    assert arguments[4] == row.until_unix_s
    assert "judiciaire" not in json.dumps(arguments, ensure_ascii=False)


def test_the_same_ground_twice_gives_two_hashes(console: ConsoleServices) -> None:
    console.oversight.freezes.freeze(order(console), OFFICER)
    console.oversight.freezes.freeze(order(console), OFFICER)
    first, second = console.commands()
    assert first[1][3] != second[1][3]


def test_a_freeze_ends_by_itself(console: ConsoleServices, clock: VirtualClock) -> None:
    console.oversight.freezes.freeze(order(console, 1, incoming=True), OFFICER)
    console.run_commands()
    assert flags(console) == (True, True)
    assert console.oversight.freezes.expire_due() == 0
    clock.advance_ms(DAY_MS)
    assert console.oversight.freezes.expire_due() == 1
    assert (state(console), flags(console)) == (FreezeState.EXPIRED, (False, False))
    assert console.oversight.freezes.expire_due() == 0
    assert acts(console)[-1] == "member.freeze_ended"


def test_reading_the_chain_again_does_not_bring_an_ended_freeze_back(
    console: ConsoleServices, clock: VirtualClock
) -> None:
    console.oversight.freezes.freeze(order(console, 1), OFFICER)
    console.run_commands()
    ((_kind, arguments, _role),) = console.commands()
    clock.advance_ms(DAY_MS)
    console.oversight.freezes.expire_due()
    names = ("account", "incoming", "outgoing", "groundHash", "until")
    console.emit("Frozen", dict(zip(names, arguments, strict=True)))
    console.oversight.freezes.expire_due()
    assert (state(console), flags(console)) == (FreezeState.EXPIRED, (False, False))


def test_a_newer_freeze_replaces_the_older_one(console: ConsoleServices) -> None:
    console.oversight.freezes.freeze(order(console), OFFICER)
    console.run_commands()
    console.clock.advance_ms(1_000)  # type: ignore[attr-defined]
    console.oversight.freezes.freeze(order(console, incoming=True, outgoing=False), OFFICER)
    assert flags(console) == (True, True)
    console.run_commands()
    newest, oldest = console.oversight.freezes.of_member(console.month.shops[0])
    assert (newest.state, oldest.state) == (FreezeState.ACTIVE, FreezeState.LIFTED)
    assert flags(console) == (True, False)


def test_a_freeze_the_chain_refuses_freezes_nobody(console: ConsoleServices) -> None:
    console.oversight.freezes.freeze(order(console), OFFICER)
    console.run_commands(refuse="NotMember")
    found = console.oversight.freezes.of_member(console.month.shops[0])[0]
    assert (found.state, found.failure) == (FreezeState.FAILED, "NotMember")
    assert flags(console) == (False, False)
    assert acts(console)[-1] == "freeze.refused_by_ledger"
    assert heard(console).count(f"member:{console.month.shops[0]}") == 2  # frozen, and not any more


def test_a_refused_freeze_leaves_the_one_before_it_in_force(console: ConsoleServices) -> None:
    console.oversight.freezes.freeze(order(console), OFFICER)
    console.run_commands()
    console.oversight.freezes.freeze(order(console, incoming=True, outgoing=False), OFFICER)
    console.run_commands(refuse="Refused")
    assert flags(console) == (False, True)


def test_a_lifting_does_not_lift_a_freeze_asked_for_after_it(console: ConsoleServices) -> None:
    console.oversight.freezes.freeze(order(console), OFFICER)
    console.run_commands()
    console.oversight.freezes.unfreeze(console.month.shops[0], "Levée par le juge", OFFICER)
    console.oversight.freezes.freeze(order(console), OFFICER)
    console.emit("Unfrozen", {"account": account(console.month.shops[0]), "groundHash": "0x" + "00" * 32})
    assert flags(console) == (False, True)


def test_a_freeze_the_chain_never_took_ends_by_itself(console: ConsoleServices, clock: VirtualClock) -> None:
    console.oversight.freezes.freeze(order(console, 1), OFFICER)
    clock.advance_ms(DAY_MS)
    assert console.oversight.freezes.expire_due() == 1
    assert (state(console), flags(console)) == (FreezeState.EXPIRED, (False, False))


def test_a_lifting_the_chain_refuses_may_be_asked_again(console: ConsoleServices) -> None:
    console.oversight.freezes.freeze(order(console), OFFICER)
    console.run_commands()
    for refusal in ("Refused", None):
        console.oversight.freezes.unfreeze(console.month.shops[0], "Levée par le juge", OFFICER)
        assert console.run_commands(refuse=refusal) == ["unfreeze"]
    assert flags(console) == (False, False)


def test_lifting_twice_asks_the_chain_once(console: ConsoleServices) -> None:
    console.oversight.freezes.freeze(order(console), OFFICER)
    console.run_commands()
    for _again in range(2):
        console.oversight.freezes.unfreeze(console.month.shops[0], "Levée par le juge", OFFICER)
    assert console.run_commands() == ["unfreeze"]


def test_a_rewind_takes_a_freeze_back_which_stays_in_force_here(console: ConsoleServices) -> None:
    before = console.chain.height
    console.oversight.freezes.freeze(order(console), OFFICER)
    console.run_commands()
    with UnitOfWork(console.engine) as work:
        console.registry.rewound(work, before)
    assert (state(console), flags(console)) == (FreezeState.ASKED, (False, True))


def test_what_makes_no_sense_is_refused_and_nothing_is_asked(console: ConsoleServices) -> None:
    service, shop = console.oversight.freezes, console.month.shops[0]
    with pytest.raises(errors.GroundMissing):
        service.freeze(order(console, ground=" "), OFFICER)
    with pytest.raises(errors.FreezeWithoutDirection):
        service.freeze(order(console, outgoing=False), OFFICER)
    with pytest.raises(errors.FreezePeriodInvalid):
        service.freeze(order(console, days=0), OFFICER)
    with pytest.raises(errors.MemberNotFound):
        service.freeze(FreezeOrder("NOBODY", True, True, GROUND, console.clock.now_unix_s() + 60), OFFICER)
    with pytest.raises(errors.NothingFrozen):
        service.unfreeze(shop, GROUND, OFFICER)
    assert console.commands() == []
    assert acts(console) == []
