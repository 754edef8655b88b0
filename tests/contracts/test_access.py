"""Who may call what: every function of the ABI, for every role, none missing.

The table below says for each function whether anybody may call it or which role alone; a function the ABI
has and the table has not fails the test, and the reverse. Whether a caller is let in is told by the
refusal: a caller without the right meets AccessManagedUnauthorized before anything else.
"""

from __future__ import annotations

from typing import Any

import pytest
from access import ANYBODY, CHANGING, FUNCTIONS, NOBODY, READING, neutral_call
from ledger_fixture import LedgerFixture, refusal, refused_call

from scripts.ledger.build import artifact, merged_abi, signature_of
from scripts.ledger.roles import ROLES

# The AccessManager's own. Anybody may call what asks for the caller's own rights by itself.
MANAGING = {
    "cancel": ANYBODY,
    "consumeScheduledOp": ANYBODY,
    "execute": ANYBODY,
    "multicall": ANYBODY,
    "renounceRole": ANYBODY,
    "schedule": ANYBODY,
    "grantRole": "GOVERNOR",
    "labelRole": "GOVERNOR",
    "revokeRole": "GOVERNOR",
    "setGrantDelay": "GOVERNOR",
    "setRoleAdmin": "GOVERNOR",
    "setRoleGuardian": "GOVERNOR",
    "setTargetAdminDelay": "GOVERNOR",
    "setTargetClosed": "GOVERNOR",
    "setTargetFunctionRole": "GOVERNOR",
    "updateAuthority": "GOVERNOR",
}
MANAGER_FUNCTIONS = [entry for entry in artifact("LedgerAuthority").abi if entry["type"] == "function"]
CALLERS = [*(role.name for role in ROLES), "deployer", "relay", "stranger"]


def caller(onchain: LedgerFixture, name: str) -> Any:
    """The account behind a caller's name."""
    from brownie import accounts

    others = {"deployer": accounts[0], "relay": onchain.relay, "stranger": onchain.stranger}
    return onchain.officers.get(name) or others[name]


def test_the_table_names_every_changing_function_and_no_other() -> None:
    changing = {entry["name"] for entry in FUNCTIONS if entry["stateMutability"] not in ("view", "pure")}
    assert changing == set(CHANGING)
    changing = {
        entry["name"] for entry in MANAGER_FUNCTIONS if entry["stateMutability"] not in ("view", "pure")
    }
    assert changing == set(MANAGING)


def test_the_table_agrees_with_what_deployment_writes() -> None:
    written = {function: role.name for role in ROLES for function in role.functions}
    assert written == {name: who for name, who in CHANGING.items() if who not in (ANYBODY, NOBODY)}


@pytest.mark.parametrize("entry", FUNCTIONS, ids=[signature_of(entry) for entry in FUNCTIONS])
def test_each_function_lets_in_exactly_who_may(onchain: LedgerFixture, entry: dict[str, Any]) -> None:
    call = neutral_call(entry)
    who = CHANGING.get(entry["name"], READING)
    for name in CALLERS:
        account = caller(onchain, name)
        refused = refused_call(onchain.ledger, call, account)
        kept_out = ("AccessManagedUnauthorized", account.address.lower())
        if entry["name"] == "initialize":
            assert refused == ("InvalidInitialization",)
        elif entry["name"] == "proxiableUUID":
            # Answers only at the implementation's own address (ERC-1822).
            assert refused == ("UUPSUnauthorizedCallContext",)
        elif who in (ANYBODY, READING, name):
            assert refused is None or refused[0] != kept_out[0], name
        else:
            assert refused == kept_out, name


@pytest.mark.parametrize("role", ROLES, ids=[role.name for role in ROLES])
def test_a_revoked_key_has_lost_its_functions(onchain: LedgerFixture, role: Any) -> None:
    manager = onchain.manager
    account, governor = onchain.officers[role.name], onchain.officers["GOVERNOR"]
    # The governor's first power is the one that revokes.
    for power in reversed(role.powers):
        manager.revokeRole(power.number, account, {"from": governor})
    for function in role.functions:
        entry = next(entry for entry in FUNCTIONS if entry["name"] == function)
        refused = refused_call(onchain.ledger, neutral_call(entry), account)
        assert refused == ("AccessManagedUnauthorized", account.address.lower())


@pytest.mark.parametrize("entry", MANAGER_FUNCTIONS, ids=[signature_of(entry) for entry in MANAGER_FUNCTIONS])
def test_only_the_governor_manages_who_may(onchain: LedgerFixture, entry: dict[str, Any]) -> None:
    who = MANAGING.get(entry["name"], READING)
    for name in CALLERS:
        account = caller(onchain, name)
        refused = refused_call(onchain.manager, neutral_call(entry), account)
        kept_out = refused is not None and refused[:2] == (
            "AccessManagerUnauthorizedAccount",
            account.address.lower(),
        )
        assert kept_out is (who not in (ANYBODY, READING, name)), name


@pytest.mark.parametrize("entry", FUNCTIONS, ids=[signature_of(entry) for entry in FUNCTIONS])
def test_nobody_schedules_or_executes_what_they_may_not_call(
    onchain: LedgerFixture, entry: dict[str, Any]
) -> None:
    """The AccessManager carries announced calls: it must not carry anybody's."""
    call = neutral_call(entry)
    who = CHANGING.get(entry["name"], READING)
    for name in CALLERS:
        # What no row restricts is the admin role's to carry; it gains the governor nothing.
        if name == who or (name == "GOVERNOR" and who in (ANYBODY, READING, NOBODY)):
            continue
        for method, more in ((onchain.manager.execute, ()), (onchain.manager.schedule, (0,))):
            refused = refusal(method, onchain.ledger, call, *more, sender=caller(onchain, name))
            assert refused is not None, (name, method)
            assert refused[0] in ("AccessManagerUnauthorizedCall", "AccessManagedUnauthorized"), name


def test_only_the_governor_gives_roles_away(onchain: LedgerFixture) -> None:
    for name in CALLERS:
        for role in ROLES:
            for power in role.powers:
                refused = refusal(
                    onchain.manager.grantRole, power.number, onchain.stranger, 0, sender=caller(onchain, name)
                )
                assert (refused is None) is (name == "GOVERNOR"), (name, power.label)


def test_a_facet_alone_is_an_empty_ledger_without_authority(onchain: LedgerFixture) -> None:
    from brownie import Contract

    for facet in ("implementation", "administration", "issuance"):
        alone = Contract.from_abi(facet, onchain.deployment[facet], merged_abi(), persist=False)
        assert alone.mintedTotal() == 0
        if facet != "issuance":
            refused = refusal(alone.initialize, onchain.stranger, "x", "x", sender=onchain.stranger)
            assert refused == ("InvalidInitialization",)
        for name in ("ISSUER", "GOVERNOR", "stranger"):
            account = caller(onchain, name)
            refused = refusal(alone.mint, account, 1, bytes(32), sender=account)
            assert refused == ("AccessManagedUnauthorized", account.address.lower())
