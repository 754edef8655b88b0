"""Who may call each function of the ledger that changes something, and a harmless call of any function."""

from __future__ import annotations

from typing import Any

import eth_abi

from scripts.ledger.build import canonical_type, merged_abi, selector_of

ANYBODY = "anybody"
NOBODY = "nobody"
READING = "reading"

CHANGING = {
    "approve": ANYBODY,
    "cancelAuthorization": ANYBODY,
    "pay": ANYBODY,
    "receiveWithAuthorization": ANYBODY,
    "requestRedemption": ANYBODY,
    "settle": ANYBODY,
    "settlePacked": ANYBODY,
    "transfer": ANYBODY,
    "transferFrom": ANYBODY,
    "transferWithAuthorization": ANYBODY,
    # Once at deployment; refused to all afterwards.
    "initialize": NOBODY,
    # Only the AccessManager itself, when a governor tells it to.
    "setAuthority": NOBODY,
    "permit": ANYBODY,
    "openCampaign": ANYBODY,
    "closeCampaign": ANYBODY,
    "payWithBenefit": ANYBODY,
    "settleWithBenefits": ANYBODY,
    "vetoRecovery": ANYBODY,
    "executeRecovery": ANYBODY,
    "lapseRedemption": ANYBODY,
    "mint": "ISSUER",
    "proposeMint": "ISSUER",
    "approveMint": "ISSUER",
    "withdrawMint": "ISSUER",
    "completeRedemption": "ISSUER",
    "returnRedemption": "ISSUER",
    "attestReserve": "ATTESTER",
    "attestOutcome": "ATTESTER",
    "enrol": "REGISTRAR",
    "enrolMany": "REGISTRAR",
    "setMember": "REGISTRAR",
    "addLimitedSigner": "REGISTRAR",
    "addSigner": "REGISTRAR",
    "removeSigner": "REGISTRAR",
    "proposeRecovery": "REGISTRAR",
    "cancelRecovery": "REGISTRAR",
    "listForCampaign": "REGISTRAR",
    "freeze": "COMPLIANCE",
    "unfreeze": "COMPLIANCE",
    "suspendKey": "COMPLIANCE",
    "releaseKey": "COMPLIANCE",
    "proposeForcedTransfer": "COMPLIANCE",
    "cancelForcedTransfer": "COMPLIANCE",
    "executeForcedTransfer": "COMPLIANCE",
    "haltCampaign": "COMPLIANCE",
    "releaseCampaign": "COMPLIANCE",
    "setFrozenTokens": "COMPLIANCE",
    "forcedTransfer": "COMPLIANCE",
    "stop": "PAUSER",
    "haltRecovery": "PAUSER",
    "haltForcedTransfer": "PAUSER",
    "resume": "GOVERNOR",
    "setPasskeyFloors": "GOVERNOR",
    "setTierLimits": "GOVERNOR",
    "setIssuance": "GOVERNOR",
    "setSafeguards": "GOVERNOR",
    "upgradeToAndCall": "GOVERNOR",
}
FUNCTIONS = [entry for entry in merged_abi() if entry["type"] == "function"]


def neutral(parameter: dict[str, Any]) -> Any:
    """A harmless value of a parameter's type."""
    kind = parameter["type"]
    if kind.endswith("[]"):
        return []
    if kind == "tuple":
        return tuple(neutral(member) for member in parameter["components"])
    if kind == "address":
        return "0x" + "11" * 20
    if kind == "bool":
        return True
    if kind == "string":
        return "x"
    if kind == "bytes":
        return b""
    return bytes(32)[: int(kind[5:])] if kind.startswith("bytes") else 1


def neutral_call(entry: dict[str, Any]) -> str:
    """A call of a function with harmless values, as 0x hex; overloads are told apart by their types."""
    types = [canonical_type(parameter) for parameter in entry["inputs"]]
    values = [neutral(parameter) for parameter in entry["inputs"]]
    return selector_of(entry) + eth_abi.encode(types, values).hex()
