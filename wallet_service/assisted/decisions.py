"""What an officer must have seen, and what of it is kept. Pure."""

from __future__ import annotations

import json
import re

from wallet_service.assisted import errors
from wallet_service.assisted.models import Correction, PaperKind, SeenAtDesk, SeenPapers
from wallet_service.help.documents import terms_version
from wallet_service.help.errors import TermsChanged
from wallet_service.identity.states import Declaration
from wallet_service.members.decisions import PersonIdentity

#: Enough to tell one paper from another, too little to be of use to anybody.
ENDING_CHARACTERS = 4
MAX_TELEPHONE_CHARACTERS = 20
_ENDING = re.compile(f"[0-9A-Z]{{{ENDING_CHARACTERS}}}", re.ASCII)
_TELEPHONE = re.compile(r"\+?\d{6,15}", re.ASCII)


def checked_papers(seen: SeenPapers) -> tuple[PaperKind, str]:
    """Which paper, and the end of its number in capitals. Raises PapersNotSeen, PaperInvalid."""
    if not seen.was_seen:
        raise errors.PapersNotSeen()
    ending = re.sub(r"[\s.-]", "", seen.ending).upper()
    if seen.kind not in set(PaperKind) or not _ENDING.fullmatch(ending):
        raise errors.PaperInvalid(characters=ENDING_CHARACTERS)
    return PaperKind(seen.kind), ending


def checked_telephone(typed: str) -> str:
    """Digits, with a plus where one was typed; "" for none. Raises TelephoneInvalid."""
    plain = re.sub(r"[\s.()-]", "", typed)
    if plain and not _TELEPHONE.fullmatch(plain):
        raise errors.TelephoneInvalid()
    return plain


def check_consent(version: str, *, has_signed: bool) -> None:
    """The terms of today, signed on paper. Raises ConsentMissing, TermsChanged."""
    if not has_signed:
        raise errors.ConsentMissing()
    if version != terms_version():
        raise TermsChanged()


def corrected(known: PersonIdentity, typed: Correction) -> Declaration:
    """The declaration with what was typed anew, still to be checked. Raises NothingCorrected."""
    names = ("given_name", "family_name", "birth_date", "address", "postal_code", "city")
    before = {name: str(getattr(known, name)) for name in names}
    after = before | {name: new for name in before if (new := getattr(typed, name, "").strip())}
    if after == before:
        raise errors.NothingCorrected()
    return Declaration(**after)


def papers_bytes(kind: PaperKind, ending: str, telephone: str) -> bytes:
    """What is sealed of the desk's look: no picture of the paper, no whole number."""
    kept = {"paper": kind.value, "ending": ending, "telephone": telephone}
    return json.dumps({name: value for name, value in kept.items() if value}, sort_keys=True).encode()


def seen_of(opened: bytes) -> SeenAtDesk:
    """The reverse of `papers_bytes`."""
    kept = json.loads(opened)
    return SeenAtDesk(PaperKind(kept["paper"]), kept["ending"], kept.get("telephone", ""))
