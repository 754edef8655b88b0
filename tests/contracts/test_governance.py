"""Governance as in production: announced changes, several to resume, one to stop; and the demonstration's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from brownie import NextLedger, accounts, chain, web3
from eth_utils import keccak
from ledger_fixture import (
    DAY_S,
    GROUND,
    PROFESSIONAL,
    STOP_ISSUING,
    STOP_PAYMENTS,
    LedgerFixture,
    deploy_fixture,
    mine_at,
    refusal,
)
from signing import P256, SigningKey

from scripts.ledger.check import deployment_faults
from scripts.ledger.governance import (
    DEMONSTRATION,
    PRODUCTION,
    GovernanceRefused,
    governance_for,
)
from scripts.ledger.roles import (
    CODE_POWER,
    GOVERNOR,
    PAUSER,
    RESUME_POWER,
    ROLES,
    RULES_POWER,
    RolesRefused,
    checked_further,
    read_holders,
)

LIMITS = (1, 2, 3, 4)
EIP170_BYTES = 24_576
ROOM_BYTES = 4_000
FACETS = ("implementation", "administration", "issuance", "campaigns", "benefits", "standards", "keys")
CODES = (*FACETS, "ledger", "access_manager")


@pytest.fixture(scope="module")
def strict(module_isolation: None) -> LedgerFixture:
    """A ledger deployed with production's delays, two governors and two issuers."""
    further = {"GOVERNOR": [accounts[9].address], "ISSUER": [accounts[10].address]}
    return deploy_fixture(PRODUCTION, further)


def not_yet(strict: LedgerFixture, call: bytes, target: Any, sender: Any) -> tuple[str, bytes]:
    """The refusal of a call that was never announced."""
    return ("AccessManagerNotScheduled", keccak(_packed(sender, target, call)))


def _packed(sender: Any, target: Any, call: bytes) -> bytes:
    from eth_abi import encode

    return encode(["address", "address", "bytes"], [sender.address, str(target), call])


def data(method: Any, *arguments: Any) -> bytes:
    """A call's bytes."""
    return bytes.fromhex(method.encode_input(*arguments)[2:])


def announced(strict: LedgerFixture, target: Any, call: bytes) -> int:
    """The governor schedules a call; the moment (unix seconds) it may happen."""
    governor = strict.officers["GOVERNOR"]
    transaction = strict.manager.schedule(target, call, 0, {"from": governor})
    return int(transaction.events["OperationScheduled"]["schedule"])


@pytest.mark.parametrize(
    ("name", "arguments", "delay_s"),
    [
        ("setTierLimits", (PROFESSIONAL, LIMITS), PRODUCTION.rules_delay_s),
        ("setIssuance", (DAY_S, 1), PRODUCTION.rules_delay_s),
        ("setSafeguards", ((1, 2 * DAY_S, 2 * DAY_S, 2),), PRODUCTION.rules_delay_s),
        ("upgradeToAndCall", None, PRODUCTION.code_delay_s),
    ],
)
def test_a_governors_change_is_announced(
    strict: LedgerFixture, name: str, arguments: Any, delay_s: int
) -> None:
    governor, ledger = strict.officers["GOVERNOR"], strict.ledger
    if arguments is None:
        code = NextLedger.deploy(strict.deployment["administration"], {"from": accounts[0]})
        arguments = (code.address, b"")
    method = getattr(ledger, name)
    call = data(method, *arguments)
    assert refusal(method, *arguments, sender=governor) == not_yet(strict, call, ledger, governor)
    due = announced(strict, ledger, call)
    assert due >= chain.time() + delay_s - 60
    mine_at(due - 2)
    refused = refusal(method, *arguments, sender=governor)
    assert refused is not None
    assert refused[0] == "AccessManagerNotReady"
    mine_at(due)
    strict.manager.execute(ledger, call, {"from": governor})
    assert refusal(method, *arguments, sender=governor) == not_yet(strict, call, ledger, governor)


def test_what_was_announced_is_what_happens(strict: LedgerFixture) -> None:
    governor, ledger = strict.officers["GOVERNOR"], strict.ledger
    due = announced(strict, ledger, data(ledger.setTierLimits, PROFESSIONAL, LIMITS))
    mine_at(due)
    other = (1, 2, 3, 5)
    refused = refusal(ledger.setTierLimits, PROFESSIONAL, other, sender=governor)
    assert refused is not None
    assert refused[0] == "AccessManagerNotScheduled"
    ledger.setTierLimits(PROFESSIONAL, LIMITS, {"from": governor})
    assert tuple(ledger.tierLimits(PROFESSIONAL)) == LIMITS


@pytest.mark.parametrize("who", ["PAUSER", "other governor"])
def test_an_announcement_can_be_withdrawn_by_others(strict: LedgerFixture, who: str) -> None:
    governor, ledger = strict.officers["GOVERNOR"], strict.ledger
    call = data(ledger.setTierLimits, PROFESSIONAL, LIMITS)
    due = announced(strict, ledger, call)
    canceller = strict.officers["PAUSER"] if who == "PAUSER" else accounts[9]
    refused = refusal(strict.manager.cancel, governor, ledger, call, sender=strict.officers["ISSUER"])
    assert refused is not None
    assert refused[0] == "AccessManagerUnauthorizedCancel"
    strict.manager.cancel(governor, ledger, call, {"from": canceller})
    mine_at(due)
    assert refusal(ledger.setTierLimits, PROFESSIONAL, LIMITS, sender=governor) == not_yet(
        strict, call, ledger, governor
    )


@pytest.mark.parametrize("name", ["grantRole", "revokeRole", "setTargetFunctionRole", "setTargetClosed"])
def test_a_change_of_roles_is_announced(strict: LedgerFixture, name: str) -> None:
    governor, manager = strict.officers["GOVERNOR"], strict.manager
    arguments = {
        "grantRole": (1, strict.stranger, 0),
        "revokeRole": (1, strict.officers["ISSUER"]),
        "setTargetFunctionRole": (strict.ledger, ["0x00000001"], 1),
        "setTargetClosed": (strict.ledger, True),
    }[name]
    method = getattr(manager, name)
    call = data(method, *arguments)
    assert refusal(method, *arguments, sender=governor) == not_yet(strict, call, manager, governor)
    due = announced(strict, manager, call)
    assert due >= chain.time() + PRODUCTION.code_delay_s - 60
    mine_at(due)
    assert refusal(method, *arguments, sender=governor) is None


def test_officers_wait_for_nothing(strict: LedgerFixture) -> None:
    for role in ROLES[:-1]:
        for key in (
            strict.deployment["roles"][role.name],
            *strict.deployment["further_keys"].get(role.name, []),
        ):
            assert strict.manager.hasRole(role.number, key) == (True, 0)


def test_one_stops_and_two_resume(strict: LedgerFixture) -> None:
    first, second = strict.officers["GOVERNOR"], accounts[9]
    strict.stop(STOP_PAYMENTS | STOP_ISSUING)
    events = strict.ledger.resume(STOP_PAYMENTS, {"from": first}).events
    assert "Resumed" not in events
    assert events["ResumeApproved"] == {"what": 1, "governor": first, "given": 1, "needed": 2}
    assert strict.ledger.stops() == STOP_PAYMENTS | STOP_ISSUING
    refused = refusal(strict.ledger.resume, STOP_PAYMENTS, sender=first)
    assert refused == ("AlreadyApproved", first.address.lower(), STOP_PAYMENTS)
    # Another wish is not the same wish.
    assert "Resumed" not in strict.ledger.resume(STOP_ISSUING, {"from": second}).events
    events = strict.ledger.resume(STOP_PAYMENTS, {"from": second}).events
    assert events["Resumed"] == {"what": STOP_PAYMENTS, "stops": STOP_ISSUING}
    assert strict.ledger.resume(STOP_ISSUING, {"from": first}).events["Resumed"]["stops"] == 0


def test_a_new_stop_voids_what_was_asked(strict: LedgerFixture) -> None:
    first, second = strict.officers["GOVERNOR"], accounts[9]
    strict.stop(STOP_PAYMENTS)
    strict.ledger.resume(STOP_PAYMENTS, {"from": first})
    strict.stop(STOP_PAYMENTS)
    assert "Resumed" not in strict.ledger.resume(STOP_PAYMENTS, {"from": second}).events
    assert "Resumed" in strict.ledger.resume(STOP_PAYMENTS, {"from": first}).events


def test_an_approval_counts_as_long_as_its_governor(onchain: LedgerFixture) -> None:
    """A governor who was one when he asked and is none now does not resume with the next."""
    first, resume = onchain.officers["GOVERNOR"], onchain.ledger.resume
    stolen, third = (onchain.grant("GOVERNOR", account) for account in (accounts[9], accounts[10]))
    onchain.safeguard(resume_approvals=2)
    onchain.stop(STOP_PAYMENTS)
    resume(STOP_PAYMENTS, {"from": stolen})
    onchain.manager.revokeRole(RESUME_POWER.number, stolen, {"from": first})
    events = resume(STOP_PAYMENTS, {"from": first}).events
    assert "Resumed" not in events
    assert events["ResumeApproved"]["given"] == 1
    assert "Resumed" in resume(STOP_PAYMENTS, {"from": third}).events


def test_a_lowered_number_is_completed_by_who_asked_already(onchain: LedgerFixture) -> None:
    governor, resume = onchain.officers["GOVERNOR"], onchain.ledger.resume
    onchain.safeguard(resume_approvals=2)
    onchain.stop(STOP_PAYMENTS)
    resume(STOP_PAYMENTS, {"from": governor})
    assert refusal(resume, STOP_PAYMENTS, sender=governor)[0] == "AlreadyApproved"
    onchain.safeguard(resume_approvals=1)
    events = resume(STOP_PAYMENTS, {"from": governor}).events
    assert events["ResumeApproved"]["given"] == 1
    assert "Resumed" in events


def test_what_is_not_stopped_is_not_resumed(onchain: LedgerFixture) -> None:
    onchain.stop(STOP_ISSUING)
    refused = refusal(onchain.ledger.resume, STOP_PAYMENTS, sender=onchain.officers["GOVERNOR"])
    assert refused == ("NotStopped", STOP_PAYMENTS, STOP_ISSUING)


@pytest.mark.parametrize(
    "settings", [(0, 90 * DAY_S + 1, 0, 1), (0, 0, 90 * DAY_S + 1, 1), (0, 0, 0, 0), (0, 0, 0, 9)]
)
def test_safeguards_have_bounds(onchain: LedgerFixture, settings: tuple[int, ...]) -> None:
    governor = onchain.officers["GOVERNOR"]
    refused = refusal(onchain.ledger.setSafeguards, settings, sender=governor)
    assert refused == ("InvalidSafeguards", *settings[1:])
    highest = (2**64 - 1, 90 * DAY_S, 90 * DAY_S, 8)
    changed = onchain.ledger.setSafeguards(highest, {"from": governor})
    assert changed.events["SafeguardsChanged"]["settings"] == highest
    assert onchain.ledger.safeguards() == highest


def test_deployment_writes_the_setting_it_names(strict: LedgerFixture, onchain: LedgerFixture) -> None:
    for found, setting in ((strict, PRODUCTION), (onchain, DEMONSTRATION)):
        assert found.ledger.safeguards() == setting.safeguards()
        assert found.deployment["governance"]["name"] == setting.name
        assert deployment_faults(web3, found.deployment) == []
    for governor in (strict.officers["GOVERNOR"], accounts[9]):
        for power in GOVERNOR.powers:
            delay_s = PRODUCTION.delay_s(power.delay)
            assert strict.manager.hasRole(power.number, governor) == (True, delay_s)
    for power in (RULES_POWER, CODE_POWER):
        assert strict.manager.getRoleGuardian(power.number) == PAUSER.number


def test_verification_sees_a_changed_delay_and_a_missing_governor(strict: LedgerFixture) -> None:
    other = dict(strict.deployment, governance=DEMONSTRATION.as_json())
    faults = deployment_faults(web3, other)
    assert any("the delay of GOVERNOR's key" in fault for fault in faults)
    other = dict(strict.deployment, further_keys={"GOVERNOR": [accounts[11].address]})
    faults = deployment_faults(web3, other)
    assert any(f"whether GOVERNOR's key {accounts[11].address} holds GOVERNOR" in fault for fault in faults)


def test_verification_sees_what_nobody_ordered(onchain: LedgerFixture) -> None:
    """Whoever deploys could give a key of their own a role before they renounce: every event is read."""
    governor, stranger = {"from": onchain.officers["GOVERNOR"]}, onchain.stranger
    manager = onchain.manager

    for number in (1, 0, 77):
        manager.grantRole(number, stranger, 0, governor)
    # One that begins later; a function of the ledger that no row lists, and one of another contract.
    manager.setGrantDelay(2, 60, governor)
    chain.sleep(6 * DAY_S)
    manager.grantRole(2, stranger, 0, governor)
    assert manager.hasRole(2, stranger)[0] is False
    manager.setTargetFunctionRole(onchain.ledger, ["0x12345678"], 1, governor)
    manager.setTargetFunctionRole(manager, ["0x12345678"], 0, governor)
    manager.setTargetClosed(onchain.ledger, True, governor)
    assert deployment_faults(web3, onchain.deployment) == [
        f"the role that may call 12345678 of {onchain.ledger.address} should be 0 but is 1",
        f"the authority was told of functions of {manager.address}",
        *(
            f"{stranger.address.lower()} was given role {number}, which was not ordered"
            for number in (0, 1, 2, 77)
        ),
        "the ledger is closed to everybody",
    ]


def test_the_demonstrations_delays_stay_in_the_demonstration() -> None:
    assert governance_for("embedded", "") is DEMONSTRATION
    assert governance_for("embedded", "production") is PRODUCTION
    for network in ("network", "besu", "anything"):
        assert governance_for(network, "") is PRODUCTION
        with pytest.raises(GovernanceRefused, match="not for the network"):
            governance_for(network, "demonstration")
    with pytest.raises(GovernanceRefused, match="no governance setting lax"):
        governance_for("embedded", "lax")


def test_production_is_not_lax() -> None:
    assert PRODUCTION.rules_delay_s >= 2 * DAY_S
    assert PRODUCTION.code_delay_s >= 7 * DAY_S
    assert min(PRODUCTION.recovery_delay_s, PRODUCTION.forced_transfer_delay_s) >= 3 * DAY_S
    assert PRODUCTION.resume_approvals >= 2


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"PAUSER": []}, "ISSUER and GOVERNOR only"),
        ([], "ISSUER and GOVERNOR only"),
        ({"ISSUER": "0x"}, "not a list"),
        ({"ISSUER": ["0x12"]}, "ISSUER 2 is not an address"),
        ({"GOVERNOR": ["pauser"]}, "GOVERNOR 2 and PAUSER are the same key"),
        ({"GOVERNOR": ["new", "new"]}, "GOVERNOR 3 and GOVERNOR 2 are the same key"),
    ],
)
def test_further_keys_are_other_keys(given: Any, sentence: str) -> None:
    first = {role.name: accounts[place].address for place, role in enumerate(ROLES)}
    known = {"pauser": first["PAUSER"], "new": accounts[9].address}
    if isinstance(given, dict):
        given = {
            role: [known.get(key, key) for key in keys] if isinstance(keys, list) else keys
            for role, keys in given.items()
        }
    with pytest.raises(RolesRefused, match=sentence):
        checked_further(given, first)


def test_holders_are_read_with_their_further_keys(tmp_path: Path) -> None:
    import json

    first = {role.name: accounts[place].address for place, role in enumerate(ROLES)}
    file = tmp_path / "roles.json"
    file.write_text(json.dumps(first | {"further": {"ISSUER": [accounts[9].address.lower()]}}))
    holders = read_holders(file)
    assert holders.of("ISSUER") == [first["ISSUER"], accounts[9].address]
    assert len(holders.everybody()) == 7


def test_no_facet_is_larger_than_a_contract_may_be(onchain: LedgerFixture) -> None:
    """EIP-170: a chain without development settings would refuse it. A facet keeps room for a rule more."""
    for name in CODES:
        size = len(web3.eth.get_code(onchain.deployment[name]))
        kept = ROOM_BYTES if name in FACETS else 0
        assert 0 < size <= EIP170_BYTES - kept, (name, size)


HIDDEN = {
    "mint": "ISSUER",
    "proposeMint": "ISSUER",
    "approveMint": "ISSUER",
    "withdrawMint": "ISSUER",
    "attestReserve": "ATTESTER",
    "attestOutcome": "ATTESTER",
    "completeRedemption": "ISSUER",
    "returnRedemption": "ISSUER",
    "resume": "GOVERNOR",
    "cancelRecovery": "REGISTRAR",
    "haltRecovery": "PAUSER",
    "cancelForcedTransfer": "COMPLIANCE",
    "haltForcedTransfer": "PAUSER",
}


@pytest.mark.parametrize("name", HIDDEN)
def test_who_counts_cannot_hide_behind_the_access_manager(
    onchain: LedgerFixture, alice: Any, name: str
) -> None:
    """Through its `execute` every officer looks like the AccessManager: one key would count as two."""
    phone = SigningKey("hidden", P256)
    registrar = {"from": onchain.officers["REGISTRAR"]}
    onchain.ledger.proposeRecovery(alice.address, phone.address, P256, GROUND, registrar)
    order = (alice.address, onchain.shop("payee of an order").address, 1, GROUND)
    onchain.ledger.proposeForcedTransfer(*order, {"from": onchain.officers["COMPLIANCE"]})
    shop = onchain.shop("who redeems", money=1)
    locked = onchain.redeem(onchain.redemption(shop, 1)).events["RedemptionRequested"]["ref"]
    onchain.attest_outcome(locked, name == "completeRedemption")
    onchain.stop(STOP_ISSUING)
    large = (alice.address, 100_000_00, GROUND)
    onchain.ledger.proposeMint(*large, {"from": onchain.grant("ISSUER", accounts[9])})
    arguments: tuple[Any, ...] = {
        "mint": (alice.address, 1, GROUND),
        "proposeMint": (alice.address, 100_000_00, bytes(32)),
        "approveMint": large,
        "withdrawMint": (GROUND,),
        "attestReserve": (1, chain.time(), GROUND, 0),
        "attestOutcome": (locked, True),
        "completeRedemption": (locked,),
        "returnRedemption": (locked, GROUND),
        "resume": (STOP_ISSUING,),
        "cancelRecovery": (alice.address, 1, GROUND),
        "haltRecovery": (alice.address, 1, GROUND),
        "cancelForcedTransfer": (1, GROUND),
        "haltForcedTransfer": (1, GROUND),
    }[name]
    call = data(getattr(onchain.ledger, name), *arguments)
    refused = refusal(onchain.manager.execute, onchain.ledger, call, sender=onchain.officers[HIDDEN[name]])
    assert refused == ("OfficerHidden", onchain.manager.address.lower())
