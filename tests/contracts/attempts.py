"""What thieves of officers' keys try: one function an act, which returns the question whether harm is done.

None says who may do it: the thief has some keys, and the ledger answers. Owns the sentences of the table in
contracts/README.md; `thieves.py` says what a thief is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from brownie import web3
from ledger_fixture import (
    DAY_S,
    GROUND,
    MERCHANT,
    PROFESSIONAL,
    RESIDENT,
    STOP_PAYMENTS,
    VERIFIED,
    VISITOR,
)
from signing import P256, PASSKEY, SECP256K1, SigningKey
from thieves import FROZEN_OUT, STOP_ALL, Refused, Scene, Thief, ask, now, send

SMALL, LARGE = 1_000_00, 100_000_00
BELOW_FLOOR, ABOVE_FLOOR = 10_00, 100_00
BURNED, RETURNED, CANCELED = 2, 3, 3
LARGEST_HALT_S = 90 * DAY_S
NO_SAFEGUARDS = (0, 0, 0, 1)
LIMITS = (1, 2, 3, 4)
# Where `accountOf` says it.
TIER = 2
# keccak256("eip1967.proxy.implementation") - 1
IMPLEMENTATION_SLOT = 0x360894A13BA1A3210667C828492DB98DCA3E2076CC3735A920A3CA505D382BBC

Harm = Callable[[], bool]


@dataclass(frozen=True)
class Attempt:
    """One act: the words of the table, and how it is tried."""

    words: str
    run: Callable[[Thief], Harm]

    @property
    def name(self) -> str:
        return self.run.__name__


def richer(scene: Scene, cents: int) -> Harm:
    """The accomplice will have that much more."""
    balance, person = scene.ledger.balanceOf, scene.accomplice.address
    wanted = ask(balance, person) + cents
    return lambda: bool(ask(balance, person) >= wanted)


def pay_by(thief: Thief, key: SigningKey, cents: int) -> None:
    """A payment from the victim to the accomplice, signed by a key."""
    scene = thief.scene
    terms = {"valid_before": now() + 3600, "nonce": ask(scene.ledger.nextNonce, scene.victim.address)}
    signed = scene.onchain.payment(scene.victim, scene.accomplice, cents, signer=key, **terms)
    thief.do(scene.ledger.pay, *signed.arguments())


# ---- money that is not there


def mint_small(thief: Thief) -> Harm:
    harm = richer(thief.scene, SMALL)
    thief.do(thief.scene.ledger.mint, thief.scene.accomplice.address, SMALL, thief.scene.onchain.ref())
    return harm


def mint_large(thief: Thief) -> Harm:
    scene, ref = thief.scene, thief.scene.onchain.ref()
    harm = richer(scene, LARGE)
    try:
        thief.do(scene.ledger.mint, scene.accomplice.address, LARGE, ref)
    except Refused:
        thief.do(scene.ledger.proposeMint, scene.accomplice.address, LARGE, ref)
        scene.proposed_mints.append(ref)
        thief.do(scene.ledger.approveMint, scene.accomplice.address, LARGE, ref)
    return harm


def mint_twice(thief: Thief) -> Harm:
    scene, ref = thief.scene, thief.scene.onchain.ref()
    harm = richer(scene, 2 * SMALL)
    for _ in range(2):
        thief.do(scene.ledger.mint, scene.accomplice.address, SMALL, ref)
    return harm


def mint_unbacked(thief: Thief) -> Harm:
    scene = thief.scene
    scene.bank = ask(scene.ledger.totalSupply) + ask(scene.ledger.burnedUnshown)
    scene.tell_the_truth()
    harm, mint = richer(scene, SMALL), scene.ledger.mint
    call = (scene.accomplice.address, SMALL, scene.onchain.ref())
    try:
        thief.do(mint, *call)
    except Refused:
        thief.do(scene.ledger.attestReserve, ask(scene.ledger.totalSupply) + SMALL, now(), GROUND, 0)
        thief.do(mint, *call)
    return harm


def say_a_false_sum(thief: Thief) -> Harm:
    ledger = thief.scene.ledger
    thief.do(ledger.attestReserve, 1, now(), GROUND, 0)
    return lambda: bool(ask(ledger.reserve)[0] == 1)


def burn_unpaid(thief: Thief) -> Harm:
    ledger, ref = thief.scene.ledger, thief.scene.redemptions[thief.scene.turn]
    attest_if_need_be(thief, ref, True, ledger.completeRedemption, ref)
    return lambda: bool(ask(ledger.redemptionOf, ref)[2] == BURNED)


def return_paid(thief: Thief) -> Harm:
    ledger, ref = thief.scene.ledger, thief.scene.redemptions[thief.scene.turn]
    attest_if_need_be(thief, ref, False, ledger.returnRedemption, ref, GROUND)
    return lambda: bool(ask(ledger.redemptionOf, ref)[2] == RETURNED)


def attest_if_need_be(thief: Thief, ref: bytes, paid: bool, end: object, *arguments: object) -> None:
    try:
        thief.do(end, *arguments)
    except Refused:
        thief.do(thief.scene.ledger.attestOutcome, ref, paid)
        thief.do(end, *arguments)


def say_falsely_paid(thief: Thief) -> Harm:
    ledger, ref = thief.scene.ledger, thief.scene.redemptions[thief.scene.turn]
    thief.do(ledger.attestOutcome, ref, True)
    return lambda: bool(ask(ledger.outcomeOf, ref)[1])


# ---- others' money


def spend_unsigned(thief: Thief) -> Harm:
    harm = richer(thief.scene, BELOW_FLOOR)
    pay_by(thief, SigningKey("a thief's own", SECP256K1), BELOW_FLOOR)
    return harm


def spend_by_added_key(thief: Thief) -> Harm:
    return _add_and_spend(thief, P256, BELOW_FLOOR)


def spend_by_added_passkey(thief: Thief) -> Harm:
    return _add_and_spend(thief, PASSKEY, ABOVE_FLOOR)


def _add_and_spend(thief: Thief, kind: int, cents: int) -> Harm:
    scene, key = thief.scene, SigningKey("a thief's", kind)
    harm = richer(scene, cents)
    signed = scene.onchain.addition(scene.victim, key, kind, by=key, valid_before=now() + 3600)
    thief.do(scene.ledger.addSigner, *signed.message.unlimited(), signed.envelope)
    scene.added.append(key)
    pay_by(thief, key, cents)
    return harm


def replace_keys(thief: Thief) -> Harm:
    scene, key = thief.scene, SigningKey("a thief's next", P256)
    harm, victim = richer(scene, BELOW_FLOOR), scene.victim.address
    thief.do(scene.ledger.proposeRecovery, victim, key.address, P256, GROUND)
    number, *_, due = ask(scene.ledger.recoveryOf, victim)
    thief.wait_until(due)
    thief.do(scene.ledger.executeRecovery, victim, number)
    pay_by(thief, key, BELOW_FLOOR)
    return harm


def force(thief: Thief) -> Harm:
    return _force(thief, thief.scene.victim.address)


def force_escrow(thief: Thief) -> Harm:
    return _force(thief, ask(thief.scene.ledger.campaignEscrow))


def force_locked(thief: Thief) -> Harm:
    return _force(thief, thief.scene.ledger.address)


def list_and_spend(thief: Thief) -> Harm:
    scene, ref = thief.scene, thief.scene.listed_campaigns[thief.scene.turn]
    harm, payer = richer(scene, BELOW_FLOOR), scene.accomplices[2 + scene.turn]
    thief.do(scene.ledger.listForCampaign, ref, [payer.address], True, True)
    signed = scene.onchain.benefit(payer, scene.accomplice, BELOW_FLOOR, ref, valid_before=now() + 3600)
    thief.do(scene.ledger.payWithBenefit, *signed.arguments())
    return harm


def _force(thief: Thief, payer: str) -> Harm:
    scene = thief.scene
    harm = richer(scene, BELOW_FLOOR)
    thief.do(scene.ledger.proposeForcedTransfer, payer, scene.accomplice.address, BELOW_FLOOR, GROUND)
    number = scene.forced_transfers()
    thief.wait_until(int(ask(scene.ledger.forcedTransferOf, number)[3]))
    thief.do(scene.ledger.executeForcedTransfer, number)
    return harm


# ---- members kept from their own


def remove_key(thief: Thief) -> Harm:
    ledger, victim = thief.scene.ledger, thief.scene.victim.address
    thief.do(ledger.removeSigner, victim, victim)
    return lambda: not ask(ledger.isSigner, victim, victim)


def freeze(thief: Thief) -> Harm:
    ledger, victim = thief.scene.ledger, thief.scene.victim.address
    thief.do(ledger.freeze, victim, True, True, GROUND, 0)
    return lambda: bool(ask(ledger.accountOf, victim)[FROZEN_OUT])


def suspend_key(thief: Thief) -> Harm:
    ledger, victim = thief.scene.ledger, thief.scene.victim.address
    thief.do(ledger.suspendKey, victim, victim, now() + LARGEST_HALT_S - 60, GROUND)
    return lambda: not ask(ledger.isSigner, victim, victim)


def end_identity(thief: Thief) -> Harm:
    ledger, victim = thief.scene.ledger, thief.scene.victim.address
    thief.do(ledger.setMember, victim, RESIDENT, VERIFIED, 0, now() // DAY_S)
    return lambda: not ledger.canSend(victim)


def change_tier(thief: Thief) -> Harm:
    ledger, victim = thief.scene.ledger, thief.scene.victim.address
    thief.do(ledger.setMember, victim, RESIDENT, VISITOR, 0, 0)
    return lambda: bool(ask(ledger.accountOf, victim)[TIER] == VISITOR)


def enrol_nobody(thief: Thief) -> Harm:
    ledger, nobody = thief.scene.ledger, SigningKey(f"nobody {thief.scene.turn}", SECP256K1).address
    thief.do(ledger.enrol, nobody, MERCHANT, PROFESSIONAL, 0, 0)
    return lambda: bool(ask(ledger.accountOf, nobody)[TIER] == PROFESSIONAL)


def halt_campaign(thief: Thief) -> Harm:
    ledger, ref = thief.scene.ledger, thief.scene.campaigns[thief.scene.turn]
    thief.do(ledger.haltCampaign, ref, now() + LARGEST_HALT_S - 60, GROUND)
    return lambda: int(ask(ledger.campaignHaltedUntil, ref)) > now()


def call_off_recovery(thief: Thief) -> Harm:
    scene = thief.scene
    ledger, victim, key = scene.ledger, scene.victim.address, SigningKey("a new phone", P256)
    proposal = (victim, key.address, P256, GROUND)
    send(ledger.proposeRecovery, *proposal, sender=scene.officer("REGISTRAR"))
    number = ask(ledger.recoveryOf, victim)[0]
    by_either(thief, ledger.haltRecovery, ledger.cancelRecovery, victim, number, GROUND)
    return lambda: not ask(ledger.recoveryOf, victim)[0]


def call_off_forced(thief: Thief) -> Harm:
    scene = thief.scene
    order = (scene.victim.address, scene.accomplice.address, BELOW_FLOOR, GROUND)
    send(scene.ledger.proposeForcedTransfer, *order, sender=scene.officer("COMPLIANCE"))
    number = scene.forced_transfers()
    by_either(thief, scene.ledger.haltForcedTransfer, scene.ledger.cancelForcedTransfer, number, GROUND)
    return lambda: bool(ask(scene.ledger.forcedTransferOf, number)[4] == CANCELED)


def by_either(thief: Thief, one: object, other: object, *arguments: object) -> None:
    try:
        thief.do(one, *arguments)
    except Refused:
        thief.do(other, *arguments)


# ---- the rules


def stop(thief: Thief) -> Harm:
    ledger = thief.scene.ledger
    thief.do(ledger.stop, STOP_ALL)
    return lambda: bool(ask(ledger.stops) == STOP_ALL)


def resume(thief: Thief) -> Harm:
    scene = thief.scene
    send(scene.ledger.stop, STOP_PAYMENTS, sender=scene.officer("PAUSER"))
    for _ in thief.keys:
        if ask(scene.ledger.stops) & STOP_PAYMENTS:
            thief.do(scene.ledger.resume, STOP_PAYMENTS)
    if ask(scene.ledger.stops) & STOP_PAYMENTS:
        raise Refused("too few approvals")
    return lambda: not ask(scene.ledger.stops) & STOP_PAYMENTS


def withdraw_rules(thief: Thief) -> Harm:
    return _withdraw(thief, thief.scene.ledger.setTierLimits, VERIFIED, LIMITS)


def withdraw_revocation(thief: Thief) -> Harm:
    power = {"ISSUER": 1, "ATTESTER": 2, "REGISTRAR": 3, "COMPLIANCE": 4, "PAUSER": 5, "GOVERNOR": 0}
    key = thief.keys[0]
    return _withdraw(thief, thief.scene.manager.revokeRole, power[key.role], key.account)


def _withdraw(thief: Thief, method: object, *arguments: object) -> Harm:
    """The last governor announces it, and the thief withdraws it."""
    scene, governor = thief.scene, thief.scene.keys["GOVERNOR"][-1].account
    target, call = method._address, method.encode_input(*arguments)  # type: ignore[attr-defined]
    send(scene.manager.schedule, target, call, 0, sender=governor)
    operation = ask(scene.manager.hashOperation, governor, target, call)
    thief.do(scene.manager.cancel, governor, target, call)
    return lambda: not ask(scene.manager.getSchedule, operation)


def change_limits(thief: Thief) -> Harm:
    ledger = thief.scene.ledger
    thief.do(ledger.setTierLimits, VERIFIED, LIMITS)
    return lambda: tuple(ask(ledger.tierLimits, VERIFIED)) == LIMITS


def drop_safeguards(thief: Thief) -> Harm:
    ledger = thief.scene.ledger
    thief.do(ledger.setSafeguards, NO_SAFEGUARDS)
    return lambda: tuple(ask(ledger.safeguards)) == NO_SAFEGUARDS


def replace_code(thief: Thief) -> Harm:
    ledger, code = thief.scene.ledger, thief.scene.later_code
    thief.do(ledger.upgradeToAndCall, code, b"")
    return lambda: web3.eth.get_storage_at(ledger.address, IMPLEMENTATION_SLOT)[12:].hex() == code[2:].lower()


def take_a_role(thief: Thief) -> Harm:
    manager, thiefs_own = thief.scene.manager, thief.scene.onchain.stranger
    thief.do(manager.grantRole, 1, thiefs_own, 0)
    return lambda: bool(ask(manager.hasRole, 1, thiefs_own)[0])


ATTEMPTS = (
    Attempt("mint 1 000 EUR within the statement", mint_small),
    Attempt("mint 100 000 EUR within the statement to one account", mint_large),
    Attempt("mint twice for one euro credit", mint_twice),
    Attempt("mint above what the bank holds", mint_unbacked),
    Attempt("state a false reserve", say_a_false_sum),
    Attempt("say of a redemption that it was paid, and keep it locked", say_falsely_paid),
    Attempt("burn a redemption that was not paid", burn_unpaid),
    Attempt("give a redemption back that was paid", return_paid),
    Attempt("spend a member's money by a strange key", spend_unsigned),
    Attempt("add a key to an account and spend below the passkey floor", spend_by_added_key),
    Attempt("add a passkey to an account and spend above the floor", spend_by_added_passkey),
    Attempt("replace all keys of an account and spend", replace_keys),
    Attempt("list an accomplice for a campaign and spend its money", list_and_spend),
    Attempt("move a member's money by a forced transfer", force),
    Attempt("move a campaign's money by a forced transfer", force_escrow),
    Attempt("move what is locked for redemption by a forced transfer", force_locked),
    Attempt("take a member's key away", remove_key),
    Attempt("freeze a member", freeze),
    Attempt("suspend a member's key for 90 days", suspend_key),
    Attempt("end an identity today", end_identity),
    Attempt("change a member's tier", change_tier),
    Attempt("enrol nobody as a shop", enrol_nobody),
    Attempt("halt a campaign for 90 days", halt_campaign),
    Attempt("call a recovery off", call_off_recovery),
    Attempt("call a forced transfer off", call_off_forced),
    Attempt("stop payments, issuing and redeeming", stop),
    Attempt("resume what was stopped", resume),
    Attempt("withdraw announced rules", withdraw_rules),
    Attempt("withdraw the announced revocation of its own key", withdraw_revocation),
    Attempt("change limits", change_limits),
    Attempt("drop every safeguard", drop_safeguards),
    Attempt("replace the code", replace_code),
    Attempt("give itself another role", take_a_role),
)
