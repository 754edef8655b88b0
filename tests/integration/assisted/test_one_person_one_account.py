"""At the desk one person has one account, what was declared can be put right, and papers are copied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.assisted_side import DECLARED, SEEN, filled
from tests.support.console_fixtures import clock, sqlite_console
from tests.support.console_services import ConsoleServices, specimen
from wallet_service.assisted import errors
from wallet_service.assisted.models import Correction
from wallet_service.assisted.service import AssistedDesk
from wallet_service.identity.errors import (
    DeclarationInvalid,
    DocumentTypeRefused,
    IdentitySecondOfficer,
    IdentityUnderReview,
)
from wallet_service.members.decisions import TIER_NUMBERS, Tier

__all__ = ["clock", "sqlite_console"]

GROUND = "Déménagement, vu au guichet"


@pytest.fixture
def desk(sqlite_console: ConsoleServices) -> AssistedDesk:
    return sqlite_console.assisted


def acts(console: ConsoleServices, member_id: str) -> list[str]:
    return [entry.act for entry in console.reports.journal.about_member(member_id, 20)]


def test_the_same_person_is_not_opened_twice_however_the_name_is_typed(
    sqlite_console: ConsoleServices, desk: AssistedDesk
) -> None:
    first = desk.open(filled(), "O1").member_id
    again = replace(DECLARED, given_name="ODETTE Marie", family_name="essai", address="ailleurs")
    with pytest.raises(errors.AlreadyOpen) as refused:
        desk.open(filled(declaration=again), "O1")
    assert f"{first[:4]} {first[4:8]}" in str(refused.value.values)
    assert "assisted.namesake_found" in acts(sqlite_console, first), "who looked is in the journal"
    desk.open(filled(declaration=replace(DECLARED, birth_date="1941-03-10")), "O1")
    desk.open(filled(declaration=again, is_another=True), "O1")


def test_whose_identity_a_phone_has_proved_is_not_opened_at_the_desk(
    sqlite_console: ConsoleServices, desk: AssistedDesk
) -> None:
    file_id = "I" + "0" * 25  # of a member with a phone
    opened = sqlite_console.identity.open_file(file_id, "O1").identity
    assert opened
    sqlite_console.identity.approve(file_id, "O1", "Pièce valide, visage et nom concordent")
    same = replace(DECLARED, given_name=opened.given_name, family_name=opened.family_name)
    with pytest.raises(errors.AlreadyOpen):
        desk.open(filled(declaration=replace(same, birth_date=opened.birth_date)), "O1")


def test_an_address_and_a_name_are_corrected_on_papers_seen_again(
    sqlite_console: ConsoleServices, desk: AssistedDesk
) -> None:
    member_id = desk.open(filled(), "O1").member_id
    seen = replace(SEEN, ending="77K2")
    typed = Correction(family_name="Corrigée", address="9 quai Neuf", postal_code="76600", city="Le Havre")
    with pytest.raises(errors.PapersNotSeen):
        desk.correct(member_id, typed, replace(seen, was_seen=False), GROUND, "O1")
    with pytest.raises(errors.NothingCorrected):
        desk.correct(member_id, Correction(city="Dieppe"), seen, GROUND, "O1")
    with pytest.raises(DeclarationInvalid):
        desk.correct(member_id, Correction(postal_code="7660"), seen, GROUND, "O1")
    desk.correct(member_id, typed, seen, GROUND, "O1")

    known = sqlite_console.identity.read_member_identity(member_id, "O1", "Relu au guichet")
    assert known
    assert (known.given_name, known.family_name, known.city) == ("Odette", "Corrigée", "Le Havre")
    file = sqlite_console.identity.own_file(member_id)
    assert file
    assert file.identity == known
    papers = desk.seen_papers(member_id)
    assert papers
    assert (papers.ending, papers.telephone) == ("77K2", "0235000000")
    (entry,) = [
        each
        for each in sqlite_console.reports.journal.about_member(member_id, 20)
        if each.act == "assisted.corrected"
    ]
    assert (entry.ground, entry.actor.actor_id, dict(entry.details)) == (GROUND, "O1", {})
    desk.open(filled(), "O1")  # that name and birth date are nobody's any more
    with pytest.raises(errors.AlreadyOpen):
        desk.correct(member_id, Correction(family_name="Essai"), seen, GROUND, "O1")


def test_a_closed_account_keeps_nobody_from_another_and_is_not_corrected(
    sqlite_console: ConsoleServices, desk: AssistedDesk
) -> None:
    member_id = desk.open(filled(), "O1").member_id
    with sqlite_console.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE members SET state = 'closed' WHERE id = '{member_id}'")
    with pytest.raises(errors.AccountClosed):
        desk.correct(member_id, Correction(city="Rouen"), SEEN, GROUND, "O1")
    desk.open(filled(), "O1")


def test_papers_copied_at_the_desk_make_the_verified_tier_once_another_officer_agrees(
    sqlite_console: ConsoleServices, desk: AssistedDesk
) -> None:
    member_id = desk.open(filled(), "O1").member_id
    sqlite_console.run_commands()
    with pytest.raises(DocumentTypeRefused):
        desk.copy_papers(member_id, [specimen(), b"no picture"], SEEN, GROUND, "O1")
    with pytest.raises(errors.PapersNotSeen):
        desk.copy_papers(member_id, [specimen()], replace(SEEN, was_seen=False), GROUND, "O1")
    desk.copy_papers(member_id, [specimen(), specimen()], SEEN, GROUND, "O1")
    with pytest.raises(IdentityUnderReview):
        desk.copy_papers(member_id, [specimen()], SEEN, GROUND, "O1")
    with pytest.raises(IdentityUnderReview):
        desk.correct(member_id, Correction(city="Rouen"), SEEN, GROUND, "O1")

    file = sqlite_console.identity.latest(member_id)
    assert file
    assert (file.document_count, file.copied_by) == (2, "O1"), "what was left of the first try is gone"
    with pytest.raises(IdentitySecondOfficer):
        sqlite_console.identity.approve(file.id, "O1", "Pièce valide")
    with pytest.raises(IdentitySecondOfficer):
        sqlite_console.identity.refuse(file.id, "O1", "Illisible")
    sqlite_console.identity.approve(file.id, "O2", "Pièce valide")
    kind, arguments, _role = sqlite_console.commands()[-1]
    assert (kind, arguments[2]) == ("setMember", TIER_NUMBERS[Tier.VERIFIED])
    submitted = [
        each.actor.kind
        for each in sqlite_console.reports.journal.about_member(member_id, 20)
        if each.act == "identity.submitted"
    ]
    assert submitted == ["officer"]
