"""From a bank credit to units in the wallet, once, with what is wrong put aside and never lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from tests.support.attestations import last_attested_cents
from tests.support.bank_side import START, BankSide
from tests.support.fake_ledger import account_of
from wallet_service.accounts.models import Stops
from wallet_service.chain.ledger import mirror
from wallet_service.chain.ledger.postings import Posting
from wallet_service.chain.ports import ChainEvent, FailedCommand
from wallet_service.database.tables.bank import attestations, bank_entries, bank_statements, topups
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.tables.members import members
from wallet_service.database.tables.push import push_events
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.security.sealing import SealedField
from wallet_service.topups.decisions import starts_unix_ms
from wallet_service.topups.errors import TopupMemberUnknown, TopupNotHeld
from wallet_service.treasury.booking.deciding import BookedCounts
from wallet_service.treasury.errors import (
    EntryNotUnmatched,
    EntryUnknown,
)

#: Of the console's list of unmatched entries.
PAGE_LENGTH = 200


def pushed(side: BankSide, topic: str) -> list[tuple[str, object]]:
    with side.engine.connect() as connection:
        rows = connection.execute(
            select(push_events).where(push_events.c.topic == topic).order_by(push_events.c.id)
        )
        return [(row.kind, row.data.get("amount_cents")) for row in rows]


def commands(side: BankSide) -> list[tuple[str, str]]:
    with side.engine.connect() as connection:
        rows = connection.execute(select(chain_commands).order_by(chain_commands.c.id))
        return [(row.kind, row.role) for row in rows]


def change_member(side: BankSide, member_id: str, **values: object) -> None:
    with UnitOfWork(side.engine) as work:
        work.connection.execute(update(members).where(members.c.id == member_id).values(**values))


def test_a_credit_with_the_members_reference_becomes_units_and_the_app_hears_it(side: BankSide) -> None:
    member = side.member()
    reference = side.topups.reference_for(member)
    received = side.receive(side.statement(side.entry(side.credit(25_50, reference))))
    assert received == BookedCounts(statements=1, credited=1)
    assert commands(side) == [("attestReserve", "ATTESTER"), ("mint", "ISSUER")]
    side.ledger.run()
    assert side.balance(member) == (25_50, 0)
    assert pushed(side, f"member:{member}") == [("topup.credited", 25_50)]
    (topup,) = side.topups.list_of_member(member)
    assert (topup.state, topup.amount_cents) == ("credited", 25_50)
    assert last_attested_cents(side.engine) == 25_50


def test_a_members_reference_is_always_the_same_and_nobody_elses(side: BankSide) -> None:
    first, second = side.member(), side.member()
    references = {side.topups.reference_for(each) for each in (first, first, second)}
    assert len(references) == 2
    with pytest.raises(TopupMemberUnknown):
        side.topups.reference_for("NOBODY")


def test_reading_the_same_file_again_changes_nothing(side: BankSide) -> None:
    member = side.member()
    content = side.statement(side.entry(side.credit(10_00, side.topups.reference_for(member))))
    for _ in range(3):
        side.receive(content)
        side.ledger.run()
    assert side.balance(member) == (10_00, 0)
    assert len(commands(side)) == 2


def test_an_entry_repeated_in_an_overlapping_statement_is_credited_once(side: BankSide) -> None:
    member = side.member()
    reference = side.topups.reference_for(member)
    entry = side.entry(side.credit(10_00, reference))
    side.receive(side.statement(entry))
    side.balance_cents = 0
    wider = side.statement(entry, side.entry(side.credit(5_00, reference)))
    assert side.receive(wider) == BookedCounts(statements=1, credited=1)
    side.ledger.run()
    assert side.balance(member) == (15_00, 0)


def test_a_bank_reference_used_again_for_another_amount_is_another_movement(side: BankSide) -> None:
    member = side.member()
    reference = side.topups.reference_for(member)
    side.receive(side.statement(side.entry(side.credit(10_00, reference), reference="BQ1")))
    side.receive(side.statement(side.entry(side.credit(99_00, reference), reference="BQ1")))
    side.ledger.run()
    assert side.balance(member) == (109_00, 0)


def test_statements_that_come_in_the_wrong_order_end_in_the_same_books(side: BankSide) -> None:
    member = side.member()
    reference = side.topups.reference_for(member)
    monday = side.statement(side.entry(side.credit(10_00, reference)))
    tuesday = side.statement(side.entry(side.credit(5_00, reference)))
    for content in (tuesday, monday):
        side.receive(content)
    side.ledger.run()
    assert side.balance(member) == (15_00, 0)
    assert side.ledger.attested.amount_cents == 15_00


def test_a_credit_above_the_tiers_holding_waits_and_passes_when_there_is_room(side: BankSide) -> None:
    member = side.member(tier="declared")
    side.load(member, 900_00)
    side.load(member, 200_00)
    (held,) = side.topups.list_held()
    assert (held.amount_cents, held.held_reason) == (200_00, "holding_limit")
    assert ("topup.held", 200_00) in pushed(side, f"member:{member}")
    change_member(side, member, tier="verified")
    side.clock.advance_ms(31_000)
    assert side.topups.retry_due() == 1
    side.ledger.run()
    assert side.balance(member) == (1_100_00, 0)
    assert not side.topups.list_held()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"frozen_incoming": True}, "member_frozen"),
        ({"state": "closed"}, "member_closed"),
        ({"state": "pending", "tier": "none"}, "member_pending"),
        ({"identity_expires_on_day": 1}, "identity_expired"),
    ],
)
def test_a_credit_for_somebody_who_may_not_receive_waits_with_the_reason(
    side: BankSide, values: dict[str, object], reason: str
) -> None:
    member = side.member()
    change_member(side, member, **values)
    side.load(member, 10_00)
    (held,) = side.topups.list_held()
    assert held.held_reason == reason
    assert side.balance(member) == (0, 0)


def test_a_visitor_loads_at_most_150_euros_in_30_days(side: BankSide) -> None:
    visitor = side.member(tier="visitor")
    side.load(visitor, 100_00)
    side.spend_all(visitor)  # so that holding no longer limits
    side.load(visitor, 60_00)
    assert [each.held_reason for each in side.topups.list_held()] == ["visitor_load_limit"]
    side.clock.advance_ms(30 * 86_400_000)
    assert side.topups.retry_due() == 1


def test_from_the_day_on_a_visitor_is_loaded_once_until_an_identity_is_declared(
    engine: Engine, tmp_path: Path
) -> None:
    side = BankSide(engine, tmp_path, visitors_once_from=(START + timedelta(days=1)).date())
    loaded, fresh = side.member(tier="visitor"), side.member(tier="visitor")
    for _ in range(2):  # the day before
        side.load(loaded, 10_00)
    assert side.topups.list_held() == []
    side.clock.move_to_unix_ms(starts_unix_ms(side.visitors_once_from) or 0)
    assert side.topups.instructions(loaded).maximum_cents == 0
    side.load(loaded, 10_00)
    side.load(fresh, 10_00)
    assert side.balance(fresh) == (10_00, 0)
    side.load(fresh, 10_00)
    held = side.topups.list_held()
    assert {(each.member_id, each.held_reason) for each in held} == {
        (loaded, "visitor_loaded_once"),
        (fresh, "visitor_loaded_once"),
    }
    change_member(side, loaded, tier="declared")
    side.clock.advance_ms(3_600_000)
    assert side.topups.retry_due() == 1
    side.ledger.run()
    assert side.balance(loaded) == (30_00, 0)


def test_what_the_ledger_refuses_waits_and_is_tried_again_under_the_same_mint_reference(
    side: BankSide,
) -> None:
    member = side.member()
    side.ledger.stopped = Stops(False, True, False)
    side.load(member, 10_00)
    (held,) = side.topups.list_held()
    assert held.held_reason == "ledger.IssuingStopped"
    assert side.topups.retry_due() == 0  # not yet its time
    side.ledger.stopped = Stops(False, False, False)
    with UnitOfWork(side.engine) as work:
        side.ledger.project(work, ChainEvent("Resumed", {}, 1, 0, "0x", 0))
    assert side.topups.retry_due() == 1
    side.ledger.run()
    assert side.balance(member) == (10_00, 0)
    assert side.ledger.mint_refs == {held.mint_ref}


def test_a_late_answer_about_an_earlier_attempt_changes_nothing(side: BankSide) -> None:
    member = side.member()
    side.ledger.stopped = Stops(False, True, False)
    side.load(member, 10_00)
    (held,) = side.topups.list_held()
    side.ledger.stopped = Stops(False, False, False)
    side.clock.advance_ms(3_600_000)
    side.topups.retry_due()
    arguments = ["0x", 10_00, held.mint_ref]
    late = FailedCommand(1, f"mint:{held.mint_ref}:1", "mint", "ISSUER", arguments, "IssuingStopped", {})
    with UnitOfWork(side.engine) as work:
        side.topups.mint_failed(work, late)
    assert not side.topups.list_held()


def test_an_unmatched_credit_waits_in_the_queue_until_an_officer_gives_it_to_somebody(side: BankSide) -> None:
    member = side.member()
    received = side.receive(side.statement(side.entry(side.credit(40_00, "RF00WRONG", text="pour moi"))))
    assert received.unmatched == 1
    (waiting,) = side.unmatched.list_waiting()
    assert waiting.amount_cents == 40_00
    assert (waiting.details.counterparty_name, waiting.details.texts) == ("Camille R.", ("pour moi",))
    side.unmatched.give(waiting.id, member, "officer-1", "nom et montant concordent")
    side.ledger.run()
    assert side.balance(member) == (40_00, 0)
    assert not side.unmatched.list_waiting()
    with pytest.raises(EntryNotUnmatched):
        side.unmatched.give(waiting.id, member, "officer-1", "encore")
    with pytest.raises(EntryUnknown):
        side.unmatched.give("NOTHING", member, "officer-1", "rien")


def test_an_unmatched_credit_is_found_by_its_id_behind_more_than_a_page_and_opened_alone(
    side: BankSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    side.receive(side.statement(side.entry(side.credit(40_00, text="pour moi"))))
    (wanted,) = side.unmatched.list_waiting()
    with UnitOfWork(side.engine) as work:
        row = dict(work.connection.execute(select(bank_entries)).mappings().one())
        for number in range(PAGE_LENGTH):
            older = {
                "id": f"OLDER{number}",
                "servicer_reference": f"BQ{number}",
                "entry_key": f"0x{number:064x}",
            }
            work.connection.execute(insert(bank_entries).values({**row, **older, "booked_on": "2026-01-01"}))
    opened: list[object] = []
    unseal = side.sealer.unseal_service

    def unseal_and_note(place: SealedField, sealed: bytes) -> bytes:
        opened.append(place)
        return unseal(place, sealed)

    monkeypatch.setattr(side.sealer, "unseal_service", unseal_and_note)
    assert side.unmatched.one(wanted.id) == wanted
    assert len(opened) == 1
    side.unmatched.set_aside(wanted.id, "officer-1", "expéditeur inconnu")
    assert side.unmatched.one(wanted.id).state == "resolved"
    with pytest.raises(EntryUnknown):
        side.unmatched.one("NOTHING")


def test_an_unmatched_credit_sent_back_is_never_minted(side: BankSide) -> None:
    member = side.member()
    side.receive(side.statement(side.entry(side.credit(40_00, text="erreur"))))
    (waiting,) = side.unmatched.list_waiting()
    side.unmatched.set_aside(waiting.id, "officer-1", "expéditeur inconnu")
    with pytest.raises(EntryNotUnmatched):
        side.unmatched.give(waiting.id, member, "officer-1", "finalement si")
    side.ledger.run()
    assert side.ledger.supply_cents() == 0


def test_a_transfer_naming_two_members_is_left_to_an_officer(side: BankSide) -> None:
    one, two = (side.topups.reference_for(side.member()) for _ in range(2))
    received = side.receive(side.statement(side.entry(side.credit(40_00, one, text=two))))
    assert (received.credited, received.unmatched) == (0, 1)


def test_a_held_credit_sent_back_by_an_officer_is_never_minted(side: BankSide) -> None:
    member = side.member()
    change_member(side, member, state="closed")
    side.load(member, 10_00)
    (held,) = side.topups.list_held()
    side.topups.return_held(held.id, "officer-1", "compte fermé")
    change_member(side, member, state="active")
    side.clock.advance_ms(3_600_000)
    assert side.topups.retry_due() == 0
    with pytest.raises(TopupNotHeld):
        side.topups.return_held(held.id, "officer-1", "encore")


def test_personal_details_of_a_transfer_are_not_readable_in_the_database(side: BankSide) -> None:
    side.receive(side.statement(side.entry(side.credit(40_00, text="pour Camille"))))
    with side.engine.connect() as connection:
        row = connection.execute(select(bank_entries)).one()
    said = repr(tuple(row))
    assert "Camille" not in said
    assert "FR7699999000010000000099928" not in said


def test_a_rewound_mint_is_credited_again_when_its_event_returns_and_announced_once(side: BankSide) -> None:
    member = side.member()
    side.load(member, 10_00)
    minted = next(event for event in side.ledger.events if event.name == "Minted")
    with UnitOfWork(side.engine) as work:
        for rewind in side.ledger.rewinds:
            rewind(work, minted.block_number - 1)
    (topup,) = side.topups.list_of_member(member)
    assert topup.state == "minting"
    for _ in range(2):
        with UnitOfWork(side.engine) as work:
            side.ledger.project(work, minted)
    with side.engine.connect() as connection:
        assert connection.execute(select(topups.c.state)).scalars().all() == ["credited"]


def test_the_instructions_carry_the_reference_the_account_and_the_room_left(side: BankSide) -> None:
    visitor = side.member(tier="visitor")
    side.load(visitor, 100_00)
    shown = side.topups.instructions(visitor, 20_00)
    assert shown.maximum_cents == 50_00
    assert shown.epc_payload.split("\n")[0:4] == ["BCD", "002", "1", "SCT"]
    assert shown.epc_payload.split("\n")[-1] == shown.reference
    assert "EUR20.00" in shown.epc_payload


@pytest.mark.parametrize("known", ["before the bank's file", "after the mint was queued"])
def test_euros_whose_units_the_ledger_made_in_a_lost_stretch_are_credited_once(
    side: BankSide, known: str
) -> None:
    """A backup was put back: the copy has the mint, the bank's file comes again, and no event does."""
    member = side.member()
    reference = side.topups.reference_for(member)
    content = side.statement(side.entry(side.credit(25_50, reference), reference="BQ-LOST"))
    side.receive(content)
    with side.engine.connect() as connection:
        mint_ref = connection.execute(select(topups.c.mint_ref)).scalar_one()
    forget(side)
    if known == "before the bank's file":
        post_mint(side, member, mint_ref, 25_50)
        side.receive(content)
    else:
        side.receive(content)
        post_mint(side, member, mint_ref, 25_50)
        with UnitOfWork(side.engine) as work:
            side.topups.mint_failed(
                work,
                FailedCommand(
                    1, f"mint:{mint_ref}:1", "mint", "ISSUER", ["0x", 25_50, mint_ref], "ReferenceUsed", {}
                ),
            )
    (topup,) = side.topups.list_of_member(member)
    assert (topup.state, topup.amount_cents) == ("credited", 25_50)
    assert pushed(side, f"member:{member}") == [("topup.credited", 25_50)]
    assert ("mint", "ISSUER") not in commands(side) or known != "before the bank's file"


def forget(side: BankSide) -> None:
    """What a database loses that is put back from before the bank's file."""
    with UnitOfWork(side.engine) as work:
        for table in (attestations, topups, chain_commands, bank_entries, bank_statements):
            work.connection.execute(delete(table))


def post_mint(side: BankSide, member_id: str, ref: str, amount_cents: int) -> None:
    """The copy of the chain holds the mint."""
    with UnitOfWork(side.engine) as work:
        address = account_of(work.connection, member_id)
        mirror.add_postings(
            work.connection,
            [Posting(7, 0, 1, address, amount_cents, "mint", ref, side.clock.now_unix_s())],
        )
