"""Members are proposed for a credit: by an account that paid before, by name, by what they announced."""

from __future__ import annotations

import pytest

from tests.support.bank_rows import BankRows
from tests.support.bank_side import BankSide
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.members.decisions import PersonIdentity
from wallet_service.members.directory import Directory
from wallet_service.members.repository import update_member
from wallet_service.members.service import identity_field
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.treasury.proposals import ANNOUNCED_DAYS, MAX_PROPOSED, MemberProposal, Payer

GROUND = "appel du membre"
NOBODY = Payer("", "", 1)
ACCOUNT, OTHER_ACCOUNT = "FR7699999000010000000099928", "FR7699999000010000000015441"


@pytest.fixture
def rows(side: BankSide) -> BankRows:
    return BankRows(side)


def person(side: BankSide, given_name: str, family_name: str) -> str:
    """A member whose identity is sealed."""
    member_id = side.member()
    identity = PersonIdentity(given_name, family_name, "1990-05-17", "3 rue des Galets", "76200", "Dieppe")
    with UnitOfWork(side.engine) as work:
        sealed = side.sealer.seal_for_member(
            work.connection, member_id, identity_field(member_id), identity.to_bytes()
        )
        update_member(work.connection, member_id, sealed_identity=sealed)
    return member_id


def proposed(side: BankSide, payer: Payer) -> list[MemberProposal]:
    return list(side.proposals.of(payer).members)


def test_once_classed_the_next_transfer_of_the_same_account_is_proposed(
    side: BankSide, rows: BankRows
) -> None:
    member, other = side.merchant(), side.merchant()
    first = rows.add(payer=ACCOUNT, booked_on="2026-05-03")
    assert proposed(side, Payer("", ACCOUNT, 1)) == []
    side.unmatched.give(first, member, "O1", GROUND)
    assert proposed(side, Payer("", ACCOUNT, 1)) == [MemberProposal(member, same_payer_on="2026-05-03")]
    assert proposed(side, Payer("", OTHER_ACCOUNT, 1)) == []
    assert proposed(side, NOBODY) == []
    later = rows.add(payer=ACCOUNT, booked_on="2026-05-20", amount_cents=20_00)
    side.unmatched.give(later, other, "O1", GROUND, 5_00)
    side.unmatched.give(later, member, "O1", GROUND)
    older = rows.add(payer=ACCOUNT, booked_on="2026-05-01")
    side.unmatched.give(older, other, "O1", GROUND)
    shown = {each.member_id: each.same_payer_on for each in proposed(side, Payer("", ACCOUNT, 1))}
    assert shown == {member: "2026-05-20", other: "2026-05-20"}


def test_a_transfer_that_was_given_back_teaches_nothing(side: BankSide, rows: BankRows) -> None:
    member = side.member(state="pending")
    entry = rows.add(payer=ACCOUNT)
    side.unmatched.give(entry, member, "O1", GROUND)
    assert proposed(side, Payer("", ACCOUNT, 1))
    (held,) = side.topups.list_held()
    side.topups.return_held(held.id, "O1", "pas le bon membre")
    assert proposed(side, Payer("", ACCOUNT, 1)) == []


def test_people_and_shops_are_proposed_by_their_name(side: BankSide) -> None:
    camille, shop = person(side, "Camille", "Lecœur"), side.merchant()
    person(side, "Jean", "Durand")
    assert [each.member_id for each in proposed(side, Payer("MME LECOEUR CAMILLE", "", 1))] == [camille]
    assert proposed(side, Payer("SARL BOULANGERIE PONT", "", 1)) == [MemberProposal(shop, has_name=True)]
    assert side.proposals.names_of([camille, shop]) == {camille: "Camille L.", shop: "Boulangerie du Pont"}


def test_erased_and_departed_people_are_not_named(side: BankSide) -> None:
    erased, departed = person(side, "Camille", "Lecœur"), person(side, "Camille", "Lecœur")
    staying = person(side, "Camille", "Lecœur")
    with UnitOfWork(side.engine) as work:
        side.sealer.destroy_member_key(work.connection, erased)
        update_member(work.connection, departed, state="closed")
    assert [each.member_id for each in proposed(side, Payer("Camille Lecoeur", "", 1))] == [staying]


def test_a_look_for_a_name_opens_a_bounded_number_and_goes_on(side: BankSide) -> None:
    people = sorted(person(side, "Camille", f"Lecœur{'' if number == 4 else number}") for number in range(5))
    directory = Directory(side.engine, side.sealer)
    found: list[str] = []
    looks, after = 0, ""
    with reading(side.engine) as connection:
        while True:
            look = directory.called_like(connection, "CAMILLE LECOEUR", after, at_most=2)
            found += look.member_ids
            looks += 1
            if look.next_id is None:
                break
            after = look.next_id
    assert (len(found), looks) == (1, 3)
    assert found[0] in people


def test_an_announced_amount_strengthens_until_it_has_come_or_is_forgotten(
    side: BankSide, rows: BankRows
) -> None:
    member, other = person(side, "Camille", "Lecœur"), person(side, "Jean", "Durand")
    camille, jean = Payer("Camille Lecoeur", "", 37_00), Payer("Jean Durand", "", 38_00)
    side.topups.instructions(member, 37_00)
    said_at_unix_ms = side.clock.now_unix_ms()
    side.topups.instructions(other, 38_00)
    wanted = [MemberProposal(member, has_name=True, announced_at_unix_ms=said_at_unix_ms)]
    by_name_alone = [MemberProposal(member, has_name=True)]
    assert proposed(side, camille) == wanted
    side.clock.advance_ms(ANNOUNCED_DAYS * MS_PER_DAY)
    assert proposed(side, camille) == wanted
    side.clock.advance_ms(1)
    assert proposed(side, camille) == by_name_alone
    side.topups.instructions(member, 37_00)
    assert proposed(side, camille) != by_name_alone
    side.topups.instructions(member, 40_00)
    assert proposed(side, camille) == by_name_alone
    side.unmatched.give(rows.add(amount_cents=38_00), other, "O1", GROUND)
    assert proposed(side, jean) == [MemberProposal(other, has_name=True)]


def test_whoever_announces_a_strangers_amount_is_not_proposed_for_it(side: BankSide, rows: BankRows) -> None:
    """Anybody with a wallet can say an amount and wait for somebody's credit of it."""
    payer, camille = side.merchant(), person(side, "Camille", "Lecœur")
    side.unmatched.give(rows.add(payer=ACCOUNT), payer, "O1", GROUND)
    for _ in range(MAX_PROPOSED + 1):
        side.topups.instructions(side.member(), 37_00)
    assert proposed(side, Payer("", "", 37_00)) == []
    assert [each.member_id for each in proposed(side, Payer("", ACCOUNT, 37_00))] == [payer]
    side.topups.instructions(payer, 37_00)  # said first or last, among however many
    assert proposed(side, Payer("", ACCOUNT, 37_00))[0].announced_at_unix_ms is not None
    assert proposed(side, Payer("Camille Lecoeur", "", 37_00)) == [MemberProposal(camille, has_name=True)]


def test_the_surest_grounds_come_first_and_no_list_is_endless(side: BankSide, rows: BankRows) -> None:
    namesakes = [person(side, "Camille", "Lecœur") for _ in range(MAX_PROPOSED + 2)]
    known, announcing = side.merchant(), namesakes[3]
    side.unmatched.give(rows.add(payer=ACCOUNT), known, "O1", GROUND)
    side.topups.instructions(announcing, 12_00)
    found = proposed(side, Payer("Camille Lecoeur", ACCOUNT, 12_00))
    assert len(found) == MAX_PROPOSED
    assert [each.member_id for each in found[:2]] == [known, announcing]
    assert (found[1].has_name, found[1].announced_at_unix_ms is not None) == (True, True)
