"""What `scripts/deploy.py` left: which chain, which ledger, under which name, with which interface."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wallet_service.protocol.errors import AddressInvalid
from wallet_service.protocol.signing.addresses import normal_address
from wallet_service.protocol.signing.typed_data import Domain


class DeploymentUnusable(Exception):
    """The deployment file is missing or broken; the sentence says which and what to do."""


@dataclass(frozen=True, slots=True)
class Deployment:
    network: str
    chain_id: int
    ledger: str
    deployed_at_block: int
    domain: Domain
    roles: dict[str, str] = field(hash=False)
    abi: list[dict[str, Any]] = field(hash=False, repr=False)


def load_deployment(path: Path) -> Deployment:
    """Raises DeploymentUnusable."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        ledger = normal_address(content["ledger"])
        domain = content["domain"]
        return Deployment(
            network=str(content["network"]),
            chain_id=int(content["chain_id"]),
            ledger=ledger,
            deployed_at_block=int(content["deployed_at_block"]),
            domain=Domain(domain["name"], domain["version"], int(content["chain_id"]), ledger),
            roles={role: normal_address(address) for role, address in content["roles"].items()},
            abi=list(content["abi"]),
        )
    except OSError as error:
        raise DeploymentUnusable(f"no deployment at {path}: deploy the contracts first") from error
    except (ValueError, KeyError, TypeError, AttributeError, AddressInvalid) as error:
        raise DeploymentUnusable(f"{path} is not a deployment file ({error!r})") from error
