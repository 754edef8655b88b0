"""What a professional's record must hold; a refusal names the field in the reader's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from wallet_service.members import errors
from wallet_service.members.decisions import Kind, ProfessionalIdentity
from wallet_service.members.professionals import (
    ProfessionalDetails,
    checked_identity,
    checked_public_fields,
)

DETAILS = ProfessionalDetails(
    kind=Kind.MERCHANT,
    public_name=" Poterie  du Marais ",
    description="Vaisselle",
    siret="123 456 782 00010",
    sector="23",
    commune_code="76540",
    representative_given_name=" Anne-Lise ",
    representative_family_name="d’Harcourt",
)


def test_a_record_is_tidied() -> None:
    assert checked_public_fields(DETAILS) == {
        "public_name": "Poterie du Marais",
        "public_description": "Vaisselle",
        "sector": "23",
        "commune_code": "76540",
    }
    assert checked_identity(DETAILS) == ProfessionalIdentity("12345678200010", "Anne-Lise", "d’Harcourt")


@pytest.mark.parametrize(
    ("check", "field", "french", "english"),
    [
        (checked_public_fields, "public_name", "nom public", "public name"),
        (checked_public_fields, "description", "description", "description"),
        (checked_public_fields, "kind", "type de professionnel", "kind of professional"),
        (
            checked_identity,
            "representative_given_name",
            "prénom du représentant",
            "representative's first name",
        ),
        (checked_identity, "representative_family_name", "nom du représentant", "representative's last name"),
    ],
)
def test_a_missing_field_is_named(
    check: Callable[[ProfessionalDetails], object], field: str, french: str, english: str
) -> None:
    wanted = replace(DETAILS, **{field: "  "})  # type: ignore[arg-type]
    with pytest.raises(errors.ProfessionalInvalid) as refused:
        check(wanted)
    assert refused.value.sentence("fr").endswith(f": {french}.")
    assert refused.value.sentence("en").endswith(f": {english}.")


@pytest.mark.parametrize("siret", ["", "12345678200011", "1234567820001", "FR"])
def test_a_siret_with_a_wrong_check_digit_or_length_is_refused(siret: str) -> None:
    with pytest.raises(errors.SiretInvalid):
        checked_identity(replace(DETAILS, siret=siret))
