"""Every setting of the service, read once from the environment (prefix ALBA_). Owns defaults only."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Environment variables are these names in upper case after ``ALBA_``."""

    model_config = SettingsConfigDict(env_prefix="ALBA_", extra="ignore")

    environment: Literal["demo", "test", "production"] = "demo"
    data_directory: Path = Path("var")
    database_url: str = ""  # empty: SQLite in the data directory
    master_key_file: Path = Path("var/secrets/master.key")
    chain_keys_directory: Path = Path("var/secrets/chain")

    chain_profile: str = "embedded"  # wallet_service/chain/profiles/<name>.json
    rpc_url: str = "http://127.0.0.1:8545"
    embedded_node: bool = False  # start and watch the embedded node ourselves, at rpc_url's port
    deployment_file: Path = Path("deployments/embedded.json")

    host: str = "127.0.0.1"
    wallet_port: int = 8401
    till_port: int = 8402
    console_port: int = 8403
    wallet_origin: str = "http://localhost:8401"
    till_origin: str = "http://localhost:8402"
    console_origin: str = "http://localhost:8403"

    #: Name, sign and colours: the one file another region edits.
    currency_file: Path = Path(__file__).parent / "currency.json"

    bank_inbox: Path = Path("var/bank/inbox")
    bank_outbox: Path = Path("var/bank/outbox")
    reserve_iban: str = "FR7699999000010000000015441"
    reserve_bic: str = "ALBAFR2XXXX"
    reserve_holder: str = "Association L'alba (compte cantonne)"
    bank_poll_interval_s: float = 1.0

    sale_lifetime_s: int = 120
    payment_lifetime_s: int = 180
    redemption_lifetime_s: int = 900
    redemption_fee_basis_points: int = 0
    redemption_delay_days: int = 2
    settle_interval_ms: int = 200
    index_interval_ms: int = 100
    max_batch_payments: int = Field(default=100, le=200)

    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_directory / 'alba.db').resolve()}"
