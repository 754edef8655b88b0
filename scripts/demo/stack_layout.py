"""Where one system lives and listens, and how its two programs are called.

Used by `make demo` and by the end-to-end tests. Light on purpose: it imports nothing of the service, so that
the terminal answers at once.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wallet_service.platform.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
#: Where the point of sale's requests come from: an address of this machine that no other program's have by
#: themselves, so that the service may believe it whose browser asks.
TILL_ADDRESS = "127.0.0.2"
#: Everything a demonstration writes into its folder, the mark of a whole preparation first.
READY_MARK = "ready"
STATE_NAMES = (
    READY_MARK,
    ".ready",  # the service's look whether the disk takes what is written
    ".ready.new",
    "alba.db",
    "alba.db-wal",
    "alba.db-shm",
    "bank",
    "chain",
    "deployments",
    "invitations.json",
    "returns_account",
    "secrets",
    "till",
)


class StackFailed(Exception):
    """A step failed; the sentence says which, and where its details are."""


#: Numbers and names of nobody: 02 61 91 is kept for fiction (ARCEP, decision 2018-0881).
CONTACT = {
    "ALBA_CONTACT_PHONE": "0261910000",
    "ALBA_CONTACT_MAIL": "aide@alba.example",
    "ALBA_CONTACT_HOURS": "9 h – 18 h, du lundi au samedi",
    "ALBA_CONTACT_ADDRESS": "1 rue Imaginaire, 14000 Caen",
    "ALBA_HELP_PLACES_FILE": str(ROOT / "scripts" / "demo" / "help_places.csv"),
}


@dataclass(frozen=True)
class Stack:
    """Where everything of one system lives and listens."""

    directory: Path
    host: str
    wallet_port: int
    till_port: int
    console_port: int
    rpc_port: int
    environment: str = "demo"
    database_url: str = ""
    push_port: int = 0  # of the push service that plays the browsers'; 0: browsers have their own
    network_urls: tuple[str, ...] = ()  # of a network's validators; none: the embedded node is the service's

    def service_environment(self) -> dict[str, str]:
        """What the service reads; complete, so that nothing of the caller's ALBA_* leaks in."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ALBA_")}
        return {
            **inherited,
            "ALBA_ENVIRONMENT": self.environment,
            "ALBA_DATA_DIRECTORY": str(self.directory),
            "ALBA_DATABASE_URL": self.database_url,
            "ALBA_MASTER_KEY_FILE": str(self.directory / "secrets" / "master.key"),
            "ALBA_CHAIN_KEYS_DIRECTORY": str(self.directory / "secrets" / "chain"),
            "ALBA_CHAIN_PROFILE": self.chain_profile,
            "ALBA_RPC_URL": ",".join(self.network_urls) or f"http://127.0.0.1:{self.rpc_port}",
            "ALBA_EMBEDDED_NODE": "0" if self.network_urls else "1",
            "ALBA_DEPLOYMENT_FILE": str(self.deployment_file),
            "ALBA_HOST": self.host,
            "ALBA_TRUSTED_PROXIES": TILL_ADDRESS,
            "ALBA_WALLET_PORT": str(self.wallet_port),
            "ALBA_TILL_PORT": str(self.till_port),
            "ALBA_CONSOLE_PORT": str(self.console_port),
            "ALBA_WALLET_ORIGIN": self.origin(self.wallet_port),
            "ALBA_TILL_ORIGIN": self.origin(self.till_port),
            "ALBA_CONSOLE_ORIGIN": self.origin(self.console_port),
            "ALBA_BANK_INBOX": str(self.directory / "bank" / "inbox"),
            "ALBA_BANK_OUTBOX": str(self.directory / "bank" / "outbox"),
            "ALBA_BANK_CHECKS": str(self.directory / "bank" / "payee-checks"),
            "ALBA_RETURNS_ACCOUNT": self.returns_account(),
            **CONTACT,
            "ALBA_PUSH_STAND_IN": self.push_origin,
        }

    @property
    def push_origin(self) -> str:
        """By its number: the service looks whom a push reaches, and a name may lead to either family."""
        return f"http://127.0.0.1:{self.push_port}" if self.push_port else ""

    @property
    def returns_account_file(self) -> Path:
        """Where the preparation says which account takes what members give back."""
        return self.directory / "returns_account"

    def returns_account(self) -> str:
        """Its address, "" where nobody prepared one."""
        file = self.returns_account_file
        return file.read_text(encoding="ascii").strip() if file.exists() else ""

    def till_environment(self) -> dict[str, str]:
        """What the point of sale reads."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ALBA_")}
        return {
            **inherited,
            "ALBA_POS_SERVICE_URL": f"http://127.0.0.1:{self.wallet_port}",
            "ALBA_POS_SOURCE_ADDRESS": TILL_ADDRESS,
            "ALBA_POS_HOST": self.host,
            "ALBA_POS_PORT": str(self.till_port),
            "ALBA_POS_ORIGIN": self.origin(self.till_port),
            "ALBA_POS_WALLET_ORIGIN": self.origin(self.wallet_port),
            "ALBA_POS_DATA_DIRECTORY": str(self.directory / "till"),
        }

    def origin(self, port: int) -> str:
        return f"http://localhost:{port}"

    @property
    def chain_profile(self) -> str:
        return "network" if self.network_urls else "embedded"

    @property
    def deployment_network(self) -> str:
        """As Brownie calls it: a network on one machine is a rehearsal, with a demonstration's delays."""
        return "rehearsal" if self.network_urls else "embedded"

    @property
    def deployment_file(self) -> Path:
        return self.directory / "deployments" / f"{self.deployment_network}.json"

    def settings(self) -> Settings:
        """The same settings, for this process."""
        from wallet_service.platform.settings import Settings

        values = {
            name.removeprefix("ALBA_").lower(): value
            for name, value in self.service_environment().items()
            if name.startswith("ALBA_")
        }
        return Settings.model_validate(values)


def forget_state(directory: Path) -> None:
    """Remove what a demonstration wrote there and nothing else; the mark goes first."""
    for name in STATE_NAMES:
        path = directory / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def till_command() -> list[str]:
    return [sys.executable, "-m", "merchant_pos"]


def service_command(*words: str) -> list[str]:
    return [sys.executable, "-m", "wallet_service", *words]


def push_command(port: int) -> list[str]:
    return [sys.executable, "-m", "scripts.demo.push_service", "--port", str(port)]
