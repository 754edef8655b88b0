"""Check that a chain holds the ledger a deployment file describes, built from this tree.

    python scripts/verify_deployment.py deployments/embedded.json --rpc-url http://127.0.0.1:8545

Owns the command line only; the questions are in scripts/ledger/check.py. Needs the compiled contracts
(scripts/setup/brownie.sh compile). Exit status 0 when all is as written, 1 with one sentence a fault
otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from web3 import HTTPProvider, Web3
from web3.middleware import ExtraDataToPOAMiddleware

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.ledger.build import BuildMissing
from scripts.ledger.check import deployment_faults

DEFAULT_RPC_URL = "http://127.0.0.1:8545"
RPC_TIMEOUT_S = 30


def main() -> int:
    """Print what differs and return the exit status."""
    parser = argparse.ArgumentParser(
        description="check a deployed ledger against its file and this tree's build"
    )
    parser.add_argument("file", nargs="?", type=Path, default=Path("deployments/embedded.json"))
    parser.add_argument("--rpc-url", default=os.environ.get("ALBA_RPC_URL") or DEFAULT_RPC_URL)
    arguments = parser.parse_args()
    chain = Web3(HTTPProvider(arguments.rpc_url, request_kwargs={"timeout": RPC_TIMEOUT_S}))
    chain.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    try:
        deployment = json.loads(arguments.file.read_text(encoding="utf-8"))
        faults = deployment_faults(chain, deployment)
    except (OSError, ValueError, KeyError, BuildMissing) as fault:
        print(f"the deployment cannot be checked: {type(fault).__name__}: {fault}", file=sys.stderr)
        return 1
    for fault_sentence in faults:
        print(fault_sentence, file=sys.stderr)
    if faults:
        return 1
    print(f"ledger {deployment['ledger']} on chain {deployment['chain_id']} is as {arguments.file} says")
    return 0


if __name__ == "__main__":
    sys.exit(main())
