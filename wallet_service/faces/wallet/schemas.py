"""What every client must know of this currency first. It spans subjects, so it belongs to the face."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wallet_service.accounts.schemas import AccountLimits
from wallet_service.platform.schema import Address, Answer, Seconds, UnixMs, UnixS


class Colours(Answer):
    """The currency's own colours, #rrggbb."""

    page: str | None = None
    page_dark: str | None = None
    brand: str | None = None
    brand_dark: str | None = None
    brand_fill_dark: str | None = None


class CurrencyAnswer(Answer):
    """Names, sign and zone, as currency.json has them."""

    name: str
    unit_one: str
    unit_many: str
    symbol: str
    region: str
    sign: str
    time_zone: str = Field(description="IANA name: the days and times all faces show.")
    colours: Colours


class ChainAnswer(Answer):
    """The domain of signed messages (EIP-712)."""

    chain_id: int = Field(ge=0)
    ledger: Address
    domain_name: str
    domain_version: str


class ConfigAnswer(Answer):
    """Currency, chain, lifetimes, limits by tier and the server's time. Nothing personal."""

    currency: CurrencyAnswer
    environment: Literal["demo", "test", "production"]
    chain: ChainAnswer
    server_time_unix_ms: UnixMs
    chain_head_unix_s: UnixS | None = Field(
        description="When the last final block that was read was made, unix seconds; null before the first."
    )
    parts_away: list[str] = Field(
        description="What the service depends on and is not well now, as `/ready` names it: `chain`, ..."
    )
    payments_stopped: bool = Field(description="Nobody can pay now: an officer has stopped all payments.")
    sale_lifetime_s: Seconds
    payment_lifetime_s: Seconds
    redemption_lifetime_s: Seconds
    wallet_origin: str
    till_origin: str
    visitors_once_from_unix_ms: UnixMs | None = Field(
        description="From then on a wallet without identity is loaded once; null: as its limits allow."
    )
    terms_version: str = Field(description="The day of the terms that count now, ISO (`/help/terms`).")
    tiers: dict[str, AccountLimits] = Field(
        description="By tier; empty while the ledger's rules are not known."
    )
