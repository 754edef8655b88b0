"""What of a proved identity is kept, and when two accounts are one person's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from wallet_service.database.tables.identity import ASSURANCE_LEVELS, ATTEMPT_STATES, PROVIDERS
from wallet_service.identity.errors import BirthDateRefused
from wallet_service.identity.proofs.decisions import kept_identity, person_text
from wallet_service.identity.proofs.errors import BirthDateDiffers, ProofIncomplete
from wallet_service.identity.proofs.models import (
    ATTEMPT_TRANSITIONS,
    AssuranceLevel,
    AttemptState,
    ProvenIdentity,
    ProviderName,
)
from wallet_service.members.decisions import PersonIdentity
from wallet_service.protocol.transitions import IllegalTransition, check_transition

TODAY = date(2026, 12, 1)
PROVEN = ProvenIdentity(
    ProviderName.FRANCE_CONNECT,
    AssuranceLevel.SUBSTANTIAL,
    "somebody",
    "Jean-Rémi Octave",
    "LE GOFF",
    "1988-02-03",
)
KNOWN = PersonIdentity("Octave", "Le Goff", "1988-02-03", "4 rue du Puits fictif", "76000", "Rouen")


def test_of_who_declared_nothing_the_first_name_is_kept_and_no_address() -> None:
    kept = kept_identity(PROVEN, None, TODAY)
    assert kept == PersonIdentity("Jean-Rémi", "LE GOFF", "1988-02-03", "", "", "")


def test_who_goes_by_another_of_their_names_goes_on_so() -> None:
    assert kept_identity(PROVEN, KNOWN, TODAY) == replace(KNOWN, family_name="LE GOFF")
    another = replace(KNOWN, given_name="Basile")
    assert kept_identity(PROVEN, another, TODAY).given_name == "Jean-Rémi"


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"birth_date": "1988-00-00"}, ProofIncomplete),
        ({"birth_date": ""}, ProofIncomplete),
        ({"family_name": " "}, ProofIncomplete),
        ({"given_names": ""}, ProofIncomplete),
        ({"birth_date": "2011-12-02"}, BirthDateRefused),
        ({"birth_date": "1988-02-04"}, BirthDateDiffers),
    ],
)
def test_what_is_missing_too_young_or_of_another_is_refused(
    changed: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        kept_identity(replace(PROVEN, **changed), KNOWN, TODAY)  # type: ignore[arg-type]


def test_a_person_is_the_same_however_the_name_is_written() -> None:
    told = person_text(KNOWN)
    assert told == person_text(replace(KNOWN, given_name="OCTAVE Émile", family_name="LE-GOFF", city="Caen"))
    for other in ({"given_name": "Émile"}, {"family_name": "Goff"}, {"birth_date": "1988-02-04"}):
        assert told != person_text(replace(KNOWN, **other))


def test_the_words_in_sql_are_those_in_python() -> None:
    assert set(PROVIDERS) == {one.value for one in ProviderName}
    assert set(ASSURANCE_LEVELS) == {one.value for one in AssuranceLevel}
    assert set(ATTEMPT_STATES) == {one.value for one in AttemptState}


def test_an_attempt_goes_on_as_the_table_says_and_no_other_way() -> None:
    for source, target in product(AttemptState, AttemptState):
        if target in ATTEMPT_TRANSITIONS[source]:
            check_transition(ATTEMPT_TRANSITIONS, source, target)
        else:
            with pytest.raises(IllegalTransition):
                check_transition(ATTEMPT_TRANSITIONS, source, target)
