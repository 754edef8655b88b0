"""Names people and banks pass around.

Top-up references (ISO 11649), derived 32-byte references, proof codes.
"""

from __future__ import annotations

import re

from stdnum import iso11649
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from wallet_service.protocol.errors import TopupReferenceInvalid
from wallet_service.protocol.hashing import keccak256
from wallet_service.protocol.text.identifiers import word_bytes

MAX_TOPUP_SERIAL_CHARACTERS = 21  # ISO 11649: RF, two check digits, at most 21 letters and digits
_SERIAL = re.compile(r"[0-9A-Z]{1,21}", re.ASCII)
_CANDIDATE = re.compile(r"RF[0-9]{2}[0-9A-Z ]{1,30}", re.ASCII)
_PROOF_DIGITS = 5


def topup_reference(serial: str | int) -> str:
    """``RF`` + check digits + serial: what a member writes on a transfer. Raises TopupReferenceInvalid."""
    body = str(serial).upper()
    if _SERIAL.fullmatch(body) is None:
        raise TopupReferenceInvalid()
    return f"RF{mod_97_10.calc_check_digits(body + 'RF')}{body}"


def normal_topup_reference(text: str) -> str:
    """The compact upper-case form of a reference with right check digits. Raises TopupReferenceInvalid."""
    try:
        reference: str = iso11649.validate(text)
    except ValidationError as error:
        raise TopupReferenceInvalid() from error
    return reference


def topup_reference_view(reference: str) -> str:
    """In groups of four, as banks print it."""
    return " ".join(reference[offset : offset + 4] for offset in range(0, len(reference), 4))


def topup_references_in(text: str) -> list[str]:
    """Every valid reference inside free remittance text, in order, each once; people also type spaces inside.

    Spaces are dropped one group at a time from the right until the check digits hold, so that words after the
    reference do no harm.
    """
    found: list[str] = []
    for match in _CANDIDATE.finditer(text.upper()):
        groups = match.group().split()
        for count in range(len(groups), 0, -1):
            joined = "".join(groups[:count])
            if len(joined) <= MAX_TOPUP_SERIAL_CHARACTERS + 4 and iso11649.is_valid(joined):
                if joined not in found:
                    found.append(joined)
                break
    return found


def derived_ref(purpose: str, key: str) -> str:
    """A 32-byte reference that is always the same for the same cause.

    One bank credit, one mint, whoever retries.
    """
    return "0x" + keccak256(f"alba:{purpose}:{key}".encode()).hex()


def proof_code(ref: str) -> str:
    """``A7-42F``: five digits of keccak256(ref) two people can compare aloud."""
    digits = keccak256(word_bytes(ref)).hex()[:_PROOF_DIGITS].upper()
    return f"{digits[:2]}-{digits[2:]}"
