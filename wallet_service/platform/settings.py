"""Every setting of the service, read once from the environment (prefix ALBA_). Owns defaults only."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url

from wallet_service.database.engine import DatabaseBounds
from wallet_service.listening.addresses import Network, checked_networks, networks_of
from wallet_service.protocol.text.lines import one_line
from wallet_service.protocol.text.qr import EPC_MAX_NAME_CHARACTERS
from wallet_service.territory.currency import CURRENCY_FILE

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")


class Settings(BaseSettings):
    """Environment variables are these names in upper case after ``ALBA_``."""

    model_config = SettingsConfigDict(env_prefix="ALBA_", extra="ignore")

    environment: Literal["demo", "test", "production"] = "demo"
    data_directory: Path = Path("var")
    database_url: str = ""  # empty: SQLite in the data directory
    database_statement_timeout_ms: int = Field(default=DatabaseBounds().statement_ms, ge=0)
    database_lock_timeout_ms: int = Field(default=DatabaseBounds().lock_ms, ge=0)
    database_idle_in_transaction_timeout_ms: int = Field(
        default=DatabaseBounds().idle_in_transaction_ms, ge=0
    )
    database_tcp_user_timeout_ms: int = Field(default=DatabaseBounds().tcp_user_ms, ge=0)
    master_key_file: Path = Path("var/secrets/master.key")
    chain_keys_directory: Path = Path("var/secrets/chain")

    chain_profile: str = "embedded"  # wallet_service/chain/node/profiles/<name>.json
    rpc_url: str = "http://127.0.0.1:8545"
    #: A node's address that strangers reach, for the commands of the public page; none is named by default.
    public_rpc_url: str = ""
    embedded_node: bool = False  # start and watch the embedded node ourselves, at rpc_url's port
    deployment_file: Path = Path("deployments/embedded.json")

    host: str = "127.0.0.1"
    #: Whose X-Forwarded-For is believed; nobody's unless it is said.
    trusted_proxies: str = ""
    wallet_port: int = 8401
    till_port: int = 8402
    console_port: int = 8403
    wallet_origin: str = "http://localhost:8401"
    till_origin: str = "http://localhost:8402"
    console_origin: str = "http://localhost:8403"

    #: Name, sign and colours: the one file another region edits.
    currency_file: Path = CURRENCY_FILE

    bank_inbox: Path = Path("var/bank/inbox")
    bank_outbox: Path = Path("var/bank/outbox")
    #: Files whose payees' names the bank is to check before anybody signs. Nothing may execute them, so
    #: whoever empties the outbox must not see this folder.
    bank_checks: Path = Path("var/bank/payee-checks")
    reserve_iban: str = "FR7699999000010000000015441"
    reserve_bic: str = "ALBAFR2XXXX"
    #: Letter by letter as the bank's contract has it: residents' banks compare it before a transfer
    #: (verification of payee, Regulation (EU) 2024/886), and a word more is a "close match".
    reserve_holder: str = "Association L'alba"
    #: The address of the association's own professional account that takes what members give back after a
    #: reversal, and holds nothing else; empty: none.
    returns_account: str = ""
    bank_poll_interval_s: float = 1.0
    #: Booked and sent files lie sealed for so long; what they said stays in the database.
    bank_files_kept_days: int = Field(default=90, ge=1)
    #: The bank's worker in a process of its own, which `serve` keeps: a month's file takes no processor from
    #: payments. Without it, some 150 MB less of memory.
    bank_process: bool = True
    #: How the bank's contract wants payment files; one sum hides which transfer a debit paid.
    payout_version: Literal["pain.001.001.03", "pain.001.001.09"] = "pain.001.001.09"
    payout_as_one_sum: bool = False

    #: The operator's EBICS client, when it is to carry the files: JSON lists, run without a shell.
    bank_fetch_command: tuple[str, ...] = ()
    bank_fetch_orders: tuple[str, ...] = ("C53", "C54", "CRZ")
    bank_fetch_interval_s: float = Field(default=300.0, ge=1)
    bank_send_command: tuple[str, ...] = ()
    bank_send_order: str = "CCT"
    #: The order under which the bank checks names and executes nothing; empty: others empty the folder.
    bank_check_order: str = ""
    bank_not_sent_exit_codes: tuple[int, ...] = ()
    bank_command_timeout_s: float = Field(default=120.0, gt=0, le=3600)

    #: Places for open streams in each process; connections and files grow with them (`serving`).
    member_streams: int = Field(default=3_000, ge=100, le=50_000)
    till_streams: int = Field(default=1_000, ge=100, le=50_000)
    #: Mail as a second way of being told; no host: none in production, files in a folder elsewhere.
    mail_host: str = ""
    mail_port: int = Field(default=587, ge=1, le=65_535)
    mail_security: Literal["starttls", "tls", "none"] = "starttls"
    mail_sender: str = "nouvelles@alba.invalid"  # also whom push services may write to (VAPID)
    mail_user: str = ""
    mail_key_file: Path | None = None
    #: Demonstrations and tests alone: an origin on this machine that plays the browsers' push service, so
    #: that nothing leaves it. Browsers make their address under it and ask nobody else.
    push_stand_in: str = ""
    notices_interval_s: float = Field(default=2.0, gt=0)

    #: How people reach a person: shown on the help page, digits alone for the number.
    contact_phone: str = Field(default="", pattern=r"^(\+?\d{6,15})?$")
    contact_mail: str = ""
    contact_hours: str = ""
    contact_address: str = ""
    #: Places where a person helps, a CSV file: name, commune (INSEE), address, hours, phone.
    help_places_file: Path | None = None

    #: From this day on a wallet without identity is loaded once; none: as often as its limits allow. Visitors
    #: are told in the wallet as soon as it is set: a month before is fair.
    visitor_loads_once_from: date | None = None
    #: Who else may say who somebody is; papers are always taken. Each in its own settings below.
    identity_providers: tuple[Literal["france_connect", "european_wallet"], ...] = ()
    france_connect_issuer: str = ""
    france_connect_client_id: str = ""
    france_connect_secret_file: Path | None = None
    france_connect_level: Literal["eidas2", "eidas3"] = "eidas2"
    france_connect_encryption_key_file: Path | None = None
    european_wallet_certificate_file: Path | None = None
    european_wallet_key_file: Path | None = None
    european_wallet_issuers_file: Path | None = None
    european_wallet_credential_types: tuple[str, ...] = ("urn:eudi:pid:1",)
    #: What becomes of a credential that names a status list: nobody here asks for one.
    european_wallet_unchecked_status: Literal["refuse", "accept"] = "refuse"

    sale_lifetime_s: int = 120
    payment_lifetime_s: int = 180
    redemption_lifetime_s: int = 900
    redemption_fee_basis_points: int = 0
    redemption_delay_days: int = 2
    settle_interval_ms: int = 100
    index_interval_ms: int = 20
    max_batch_payments: int = Field(default=200, le=200)

    @field_validator("reserve_holder")
    @classmethod
    def _holder_is_seen(cls, holder: str) -> str:
        """It is printed, copied by hand and written into QR codes: one line, nothing invisible, not cut."""
        if one_line(holder) != holder or not 0 < len(holder) <= EPC_MAX_NAME_CHARACTERS:
            raise ValueError(
                f"one line of 1 to {EPC_MAX_NAME_CHARACTERS} characters, as the bank's contract has it"
            )
        return holder

    _networks = field_validator("trusted_proxies")(checked_networks)

    @field_validator("bank_fetch_command", "bank_send_command")
    @classmethod
    def _is_told_the_place(cls, command: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """A client that is not told where its file lies, or where to put files, would lose them."""
        place = "{folder}" if info.field_name == "bank_fetch_command" else "{file}"
        if command and not any(place in argument for argument in command[1:]):
            raise ValueError(f"an argument after the program must hold {place}")
        return command

    @model_validator(mode="after")
    def _checks_pay_nobody(self) -> Settings:
        """What is only to be checked is not signed: it must never reach the bank as an order."""
        if self.bank_check_order == self.bank_send_order:
            raise ValueError("ALBA_BANK_CHECK_ORDER is the order that pays")
        if self.bank_checks.resolve().is_relative_to(self.bank_outbox.resolve()):
            raise ValueError("ALBA_BANK_CHECKS lies in the folder of orders that pay")
        return self

    @model_validator(mode="after")
    def _database_is_reached_by_tls(self) -> Settings:
        """People's rows travel unread, to the server they are meant for (OWASP ASVS 5.0, 12.3.1)."""
        url = make_url(self.resolved_database_url())
        is_elsewhere = url.host not in (None, "", *LOOPBACK_HOSTS) and not url.host.startswith("/")
        if self.environment == "production" and is_elsewhere and url.query.get("sslmode") != "verify-full":
            raise ValueError("ALBA_DATABASE_URL to another machine must end in ?sslmode=verify-full")
        return self

    @model_validator(mode="after")
    def _pushes_reach_people(self) -> Settings:
        """A stand-in tells nobody anything, and what it hears must not leave this machine."""
        if not self.push_stand_in:
            return self
        address = urlsplit(self.push_stand_in)
        is_origin = f"{address.scheme}://{address.netloc}" == self.push_stand_in
        if self.environment == "production" or not is_origin or address.hostname not in LOOPBACK_HOSTS:
            raise ValueError("ALBA_PUSH_STAND_IN is a demonstration's, as http://127.0.0.1:<port>")
        return self

    @model_validator(mode="after")
    def _providers_are_whole(self) -> Settings:
        """A provider that is on is one we can know: over TLS, under a name and a secret agreed with it."""
        files = (
            self.european_wallet_certificate_file,
            self.european_wallet_key_file,
            self.european_wallet_issuers_file,
        )
        if "european_wallet" in self.identity_providers and not all(files):
            raise ValueError(
                "ALBA_EUROPEAN_WALLET_CERTIFICATE_FILE, ALBA_EUROPEAN_WALLET_KEY_FILE and "
                "ALBA_EUROPEAN_WALLET_ISSUERS_FILE go with ALBA_IDENTITY_PROVIDERS"
            )
        if "france_connect" not in self.identity_providers:
            return self
        needed = (self.france_connect_issuer, self.france_connect_client_id, self.france_connect_secret_file)
        if not all(needed):
            raise ValueError(
                "ALBA_FRANCE_CONNECT_ISSUER, ALBA_FRANCE_CONNECT_CLIENT_ID and "
                "ALBA_FRANCE_CONNECT_SECRET_FILE go with ALBA_IDENTITY_PROVIDERS"
            )
        issuer = urlsplit(self.france_connect_issuer)
        is_local = self.environment != "production" and issuer.hostname in LOOPBACK_HOSTS
        if issuer.scheme != "https" and not is_local:
            raise ValueError("ALBA_FRANCE_CONNECT_ISSUER must begin with https://")
        return self

    @model_validator(mode="after")
    def _the_proxy_is_named(self) -> Settings:
        """Served by TLS from this machine, everybody comes from a proxy: unnamed, all are one client."""
        is_behind = self.host in LOOPBACK_HOSTS and self.wallet_origin.startswith("https://")
        if self.environment == "production" and is_behind and not self.trusted_proxies:
            raise ValueError("ALBA_TRUSTED_PROXIES must name the proxy that serves ALBA_WALLET_ORIGIN")
        return self

    @field_validator("bank_not_sent_exit_codes")
    @classmethod
    def _zero_means_sent(cls, codes: tuple[int, ...]) -> tuple[int, ...]:
        if 0 in codes:
            raise ValueError("0 means sent")
        return codes

    def proxies(self) -> tuple[Network, ...]:
        """The proxies whose word on a client's address counts."""
        return networks_of(self.trusted_proxies)

    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_directory / 'alba.db').resolve()}"

    def database_bounds(self) -> DatabaseBounds:
        return DatabaseBounds(
            self.database_statement_timeout_ms,
            self.database_lock_timeout_ms,
            self.database_idle_in_transaction_timeout_ms,
            self.database_tcp_user_timeout_ms,
        )
