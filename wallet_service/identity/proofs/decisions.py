"""What of a proved identity is kept, whether it is the account's, and what makes two people one. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from wallet_service.identity.proofs.errors import BirthDateDiffers, ProofIncomplete
from wallet_service.identity.proofs.models import ProvenIdentity
from wallet_service.identity.states import check_age
from wallet_service.members.decisions import PersonIdentity, clean_name
from wallet_service.members.names import words_of
from wallet_service.protocol.text.lines import plain

#: What the marks are of: a person by name and birth date, and a provider's own name for one.
PERSON_MARK, SUBJECT_MARK = "identity.person", "identity.subject"
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")


def kept_identity(proven: ProvenIdentity, known: PersonIdentity | None, today: date) -> PersonIdentity:
    """What stays of it beside what the person declared: names and birth date, nothing else of the answer.

    The first name is the one the person goes by, when it is one of those proved; otherwise the first of them.
    An address comes from a declaration alone: no tier needs one that is proved.

    Raises ProofIncomplete (a part is missing, or a birth date without its day), BirthDateRefused,
    BirthDateDiffers.
    """
    try:
        born = date.fromisoformat(proven.birth_date)
    except ValueError:
        raise ProofIncomplete from None  # "1950-00-00": the day or the month is not known
    given = clean_name(_called(proven.given_names, known))
    family = clean_name(proven.family_name)
    if given is None or family is None:
        raise ProofIncomplete
    check_age(born, today)
    if known is not None and known.birth_date != born.isoformat():
        raise BirthDateDiffers
    return PersonIdentity(
        given,
        family,
        born.isoformat(),
        known.address if known else "",
        known.postal_code if known else "",
        known.city if known else "",
    )


def _called(given_names: str, known: PersonIdentity | None) -> str:
    if known is not None and words_of(known.given_name) <= words_of(given_names):
        return known.given_name
    first, *_ = given_names.split() or [""]
    return first


def person_text(identity: PersonIdentity) -> str:
    """The same for one person whoever wrote it: first name, words of the name in any order, birth date."""
    first = next((word for word in _BETWEEN_WORDS.split(plain(identity.given_name)) if word), "")
    return "\0".join((first, *sorted(words_of(identity.family_name)), identity.birth_date))


def person_mark(mark: Callable[[str, str], str], identity: PersonIdentity) -> str:
    """By which one person is found again; `mark`: of a purpose and a text (`Sealer.mark`)."""
    return mark(PERSON_MARK, person_text(identity))
