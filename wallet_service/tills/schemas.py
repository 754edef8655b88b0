"""What the API says of tills: codes and lists to the merchant, themselves to tablets."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wallet_service.members.decisions import TillState
from wallet_service.platform.schema import Answer, Body, Line, PublicKey, UnixMs
from wallet_service.tills.cashiers import MAX_PIN_DIGITS, MIN_PIN_DIGITS


class PairingCodeBody(Body):
    """Asks for a code for one tablet."""

    label: Annotated[Line, Field(max_length=60, description="What the till is called; empty: `Caisse`.")] = ""


class PairingCodeAnswer(Answer):
    """A code for one tablet, shown once."""

    code: str
    label: str
    expires_at_unix_ms: UnixMs


class TillAnswer(Answer):
    """A till as its merchant sees it."""

    id: str
    label: str
    state: TillState
    paired_at_unix_ms: UnixMs
    revoked_at_unix_ms: UnixMs | None
    last_sale_at_unix_ms: UnixMs | None = Field(description="When it last opened a sale: which till it is.")


class PairBody(Body):
    """A tablet becomes a till of the merchant whose code it has."""

    code: Annotated[str, Field(min_length=1, max_length=40, description="As typed.")]
    public_key: PublicKey = Field(description="The tablet's own P-256 key, x ‖ y, lower-case 0x hex.")
    label: Annotated[Line | None, Field(max_length=60, description="Null: the code's own label.")] = None


Pin = Annotated[
    str,
    Field(
        pattern=rf"^[0-9]{{{MIN_PIN_DIGITS},{MAX_PIN_DIGITS}}}$", description="Digits; kept as a slow hash."
    ),
]


class CashierBody(Body):
    """Names somebody who sells at the merchant's tills."""

    name: Annotated[
        Line,
        Field(max_length=60, description="A first name or another word, unique in the shop; 20 characters."),
    ]
    pin: Pin


class PinBody(Body):
    """Another PIN for a cashier."""

    pin: Pin


class EnterBody(Body):
    """A cashier begins at this till."""

    cashier_id: Annotated[str, Field(max_length=32)]
    pin: Pin


class CashierAnswer(Answer):
    """Who may be at a till."""

    id: str
    name: str = Field(description="Personal: as the merchant calls them.")


class TillCashiersAnswer(Answer):
    """Whom this till may choose among; none where the merchant named nobody."""

    cashiers: list[CashierAnswer]
    current_id: str | None = Field(description="Who is at it: written with each sale.")


class TillMerchant(Answer):
    """The member a till sells for."""

    id: str
    name: str = Field(description="The public name, empty while there is none.")


class PairedTillAnswer(Answer):
    """A till as it sees itself."""

    till_id: str
    label: str
    member: TillMerchant
