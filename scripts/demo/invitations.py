"""The officers of the demonstration, and the one-time codes that let the person who tries it in. Demo only.

A code is made anew at each start, printed once on the terminal, and never kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from scripts.demo.stack_layout import Stack
from scripts.demo.vouching import Vouching
from wallet_service.bootstrap import Services, build_services
from wallet_service.platform.journal import SERVICE
from wallet_service.protocol.signing import p256
from wallet_service.security.officers import Officer
from wallet_service.tills.service import PAIRING_CODE_LIFETIME_MS

FILE_NAME = "invitations.json"
#: Display name and rights; nobody may do alone what takes two.
OFFICERS = {
    "identity": ("Agathe Dossiers (démo)", ("identity", "compliance")),
    "treasury": ("Basile Comptes (démo)", ("treasury", "identity", "compliance", "pause", "govern")),
    "govern": ("Colette Région (démo)", ("treasury", "pause", "govern")),
}
REASON = "Démonstration"


def make_officers(services: Services) -> dict[str, Officer]:
    return {role: services.officers.ensure(name, rights) for role, (name, rights) in OFFICERS.items()}


@dataclass(frozen=True)
class Invitations:
    """Which fictional members the person who tries the demonstration may play."""

    shop_name: str
    shop_member_id: str
    person_name: str
    person_member_id: str
    issuer_name: str = ""
    issuer_member_id: str = ""
    #: Member id -> the scalar of their first phone's key, which signs for the phone that comes by a link: of
    #: people who do not exist, on a chain that is forgotten.
    first_keys: dict[str, str] = field(default_factory=dict)

    def write(self, directory: Path) -> None:
        (directory / FILE_NAME).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @staticmethod
    def read(directory: Path) -> Invitations:
        return Invitations(**json.loads((directory / FILE_NAME).read_text(encoding="utf-8")))


def keep_vouching(stack: Stack) -> Callable[[], int]:
    """What lets the invited phones pay, to be called again and again."""
    services = build_services(stack.settings().model_copy(update={"embedded_node": False}))
    keys = Invitations.read(stack.directory).first_keys
    found = {member_id: p256.private_key_of(int(secret, 16)) for member_id, secret in keys.items()}
    return Vouching(services, found).run_once


def make_invitations(stack: Stack) -> dict[str, str]:
    """Fresh codes and links, by what they open."""
    settings = stack.settings().model_copy(update={"embedded_node": False})
    if settings.environment != "demo":
        raise ValueError("codes on a terminal are for the demonstration only")
    services = build_services(settings)
    try:
        chosen, officers = Invitations.read(stack.directory), make_officers(services)
        wallet = f"{settings.wallet_origin}/sign-in#"
        console = f"{settings.console_origin}/sign-in#"
        code = services.devices.make_code
        returns = {"issuer": "", "returns": "", "issuer_wallet": ""}
        if chosen.issuer_member_id:
            returns = {
                "issuer": chosen.issuer_name,
                "returns": services.tills.make_pairing_code(chosen.issuer_member_id, "Caisse").code,
                "issuer_wallet": wallet + code(chosen.issuer_member_id, SERVICE, REASON),
            }
        return {
            **returns,
            "shop": chosen.shop_name,
            "person": chosen.person_name,
            "pairing_minutes": str(PAIRING_CODE_LIFETIME_MS // 60_000),
            "pairing": services.tills.make_pairing_code(chosen.shop_member_id, "Caisse").code,
            "resident": wallet + code(chosen.person_member_id, SERVICE, REASON),
            "merchant": wallet + code(chosen.shop_member_id, SERVICE, REASON),
            "officer_all": console + services.officers.make_code(officers["treasury"].id),
            "officer_second": console + services.officers.make_code(officers["govern"].id),
        }
    finally:
        services.engine.dispose()
