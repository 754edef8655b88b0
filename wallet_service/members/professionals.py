"""What a professional's record must hold before an officer may write it. Pure: no SQL, no clock.

Sources: CMF R561-16-1 (a business is identified by its papers and its representative), INSEE for SIRET, NAF
and commune codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stdnum.exceptions import ValidationError
from stdnum.fr import siret

from wallet_service.members import decisions
from wallet_service.members.decisions import PROFESSIONAL_KINDS, Kind, ProfessionalIdentity
from wallet_service.members.errors import CommuneUnknown, ProfessionalInvalid, SectorUnknown, SiretInvalid
from wallet_service.territory import communes, sectors
from wallet_service.territory.currency import REGION


@dataclass(frozen=True, kw_only=True)
class ProfessionalDetails:
    """A shop, association or public body, as an officer has checked it."""

    kind: Kind
    public_name: str
    description: str
    siret: str
    sector: str  # NAF division, "47"
    commune_code: str  # INSEE
    representative_given_name: str
    representative_family_name: str


def checked_public_fields(details: ProfessionalDetails) -> dict[str, Any]:
    """The columns of `members` everybody may read.

    Raises ProfessionalInvalid, SectorUnknown, CommuneUnknown.
    """
    if details.kind not in PROFESSIONAL_KINDS:
        raise ProfessionalInvalid(field="kind")
    name = decisions.clean_line(details.public_name, decisions.MAX_PUBLIC_NAME_LENGTH)
    if name is None:
        raise ProfessionalInvalid(field="public_name")
    description = decisions.clean_line(details.description, decisions.MAX_DESCRIPTION_LENGTH)
    if description is None:
        raise ProfessionalInvalid(field="description")
    if details.sector not in sectors():
        raise SectorUnknown
    if details.commune_code not in communes():
        raise CommuneUnknown(region=REGION)
    return {
        "public_name": name,
        "public_description": description,
        "sector": details.sector,
        "commune_code": details.commune_code,
    }


def checked_identity(details: ProfessionalDetails) -> ProfessionalIdentity:
    """What is only ever kept sealed. Raises ProfessionalInvalid, SiretInvalid."""
    given_name = decisions.clean_name(details.representative_given_name)
    if given_name is None:
        raise ProfessionalInvalid(field="representative_given_name")
    family_name = decisions.clean_name(details.representative_family_name)
    if family_name is None:
        raise ProfessionalInvalid(field="representative_family_name")
    return ProfessionalIdentity(_checked_siret(details.siret), given_name, family_name)


def _checked_siret(text: str) -> str:
    """14 digits with their Luhn check (and La Poste's own rule), as python-stdnum has it."""
    try:
        return str(siret.validate(text))
    except ValidationError as error:
        raise SiretInvalid from error
