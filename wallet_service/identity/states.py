"""The life of an identity file and the checks of a declaration. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from wallet_service.identity.errors import (
    BirthDateRefused,
    DeclarationInvalid,
    IdentityFileTransition,
    IdentitySecondOfficer,
)
from wallet_service.members.decisions import MAX_ADDRESS_LENGTH, PersonIdentity, clean_line, clean_name

MIN_AGE_YEARS = 16
MAX_AGE_YEARS = 120
#: How long a verification holds when the officer says nothing else (documents expire; five years is the
#: law's horizon).
VERIFICATION_YEARS = 5
_POSTAL_CODE = re.compile(r"\d{5}", re.ASCII)


class FileState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"


FILE_TRANSITIONS: dict[FileState, frozenset[FileState]] = {
    FileState.DRAFT: frozenset({FileState.SUBMITTED}),
    FileState.SUBMITTED: frozenset({FileState.APPROVED, FileState.REFUSED}),
    FileState.APPROVED: frozenset(),
    FileState.REFUSED: frozenset(),
}


def check_file_transition(state: FileState, target: FileState) -> None:
    """Raises IdentityFileTransition for any transition not in the table."""
    if target not in FILE_TRANSITIONS[state]:
        raise IdentityFileTransition(state=state.value)


def check_other_officer(copied_by: str | None, officer_id: str) -> None:
    """Whoever copied the papers does not judge them. Raises IdentitySecondOfficer."""
    if copied_by == officer_id:
        raise IdentitySecondOfficer


@dataclass(frozen=True)
class Declaration:
    """A declaration as typed. Personal."""

    given_name: str
    family_name: str
    birth_date: str
    address: str
    postal_code: str
    city: str


def checked_declaration(declared: Declaration, today: date) -> PersonIdentity:
    """The declaration with clean spaces.

    Raises BirthDateRefused for somebody too young or too old, DeclarationInvalid naming the field (never its
    value).
    """
    checked = {
        "given_name": clean_name(declared.given_name),
        "family_name": clean_name(declared.family_name),
        "birth_date": _clean_birth_date(declared.birth_date, today),
        "address": clean_line(declared.address, MAX_ADDRESS_LENGTH),
        "postal_code": declared.postal_code if _POSTAL_CODE.fullmatch(declared.postal_code) else None,
        "city": clean_name(declared.city),
    }
    accepted = {field: value for field, value in checked.items() if value is not None}
    for field in checked:
        if field not in accepted:
            raise DeclarationInvalid(field=field)
    return PersonIdentity(**accepted)


def _clean_birth_date(text: str, today: date) -> str | None:
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return None
    check_age(born, today)
    return born.isoformat()


def check_age(born: date, today: date) -> None:
    """Whoever says it, a declaration or a provider of identities. Raises BirthDateRefused."""
    if not MIN_AGE_YEARS <= age_years(born, today) <= MAX_AGE_YEARS:
        raise BirthDateRefused(minimum=MIN_AGE_YEARS, maximum=MAX_AGE_YEARS)


def age_years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def default_expiry(today: date) -> date:
    """Five years on; 29 February becomes 28."""
    try:
        return today.replace(year=today.year + VERIFICATION_YEARS)
    except ValueError:
        return today.replace(year=today.year + VERIFICATION_YEARS, day=28)
