"""Every setting of the point of sale, read once from the environment (prefix ALBA_POS_).

Owns defaults; decides nothing.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from wallet_service.listening.addresses import Network, checked_networks, networks_of
from wallet_service.territory.currency import CURRENCY_FILE


class PosSettings(BaseSettings):
    """Environment variables are these names in upper case after ``ALBA_POS_``."""

    model_config = SettingsConfigDict(env_prefix="ALBA_POS_", extra="ignore")

    service_url: str = "http://localhost:8401"
    #: The address this program's requests come from, for the service to trust; empty: the system's choice.
    source_address: str = ""
    host: str = "127.0.0.1"
    #: Whose X-Forwarded-For is believed; nobody's unless it is said.
    trusted_proxies: str = ""
    port: int = Field(default=8402, ge=1, le=65535)
    origin: str = "http://localhost:8402"  # as the tablet's browser sees it; https makes the cookie Secure
    wallet_origin: str = "http://localhost:8401"  # where the tablet's browser finds the help
    data_directory: Path = Path("var/pos")
    currency_file: Path = CURRENCY_FILE  # name, unit, colours, time zone: the service's own file
    largest_sale_cents: int = Field(
        default=300_000, ge=1
    )  # a guard against a slip of the finger, not a legal limit
    connect_timeout_s: float = Field(default=2.0, gt=0)
    read_timeout_s: float = Field(default=5.0, gt=0)
    total_timeout_s: float = Field(
        default=10.0, gt=0
    )  # one request with its retries; the page waits twice as long
    pulse_interval_s: float = Field(default=4.0, gt=0)  # how often the service is asked whether it is there

    _networks = field_validator("trusted_proxies")(checked_networks)

    def proxies(self) -> tuple[Network, ...]:
        """The proxies whose word on a browser's address counts."""
        return networks_of(self.trusted_proxies)

    def secure_cookies(self) -> bool:
        return self.origin.startswith("https://")
