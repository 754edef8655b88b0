"""Thieves of officers' keys, and who could stand in their way. Owns the scene and what a try comes to.

A thief does what the ledger lets his keys do: he tries each key he has, announces what must be announced, and
waits where he must. While he waits, or before he tries the same again, somebody else may do all they can at
once; the rightful holder of a stolen key has it still, and is one of them. What they try: `attempts.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from brownie import web3
from brownie_ways import RECEIPT_DEADLINE_S
from ledger_fixture import GROUND, RESIDENT, VERIFIED, LedgerFixture, refusal
from signing import SECP256K1, SigningKey

from scripts.ledger.roles import ROLES

GAS = 3_000_000
STOP_ALL = 7
# Where `accountOf` says that an account may not pay.
FROZEN_OUT = 6


class Refused(Exception):
    """None of the thief's keys is let in; the message names the refusals."""


@dataclass(frozen=True)
class Key:
    """One officer's key."""

    role: str
    account: Any


@dataclass
class Scene:
    """The ledger, members to rob and to rob with (a second of each for a second try), what is under way."""

    onchain: LedgerFixture
    keys: dict[str, list[Key]]
    victims: list[SigningKey]
    accomplices: list[SigningKey]
    redemptions: list[bytes]
    campaigns: list[bytes]
    listed_campaigns: list[bytes]
    later_code: str
    bank: int  # cents in the segregated account
    turn: int = 0
    announced: list[tuple[Any, Any, bytes]] = field(default_factory=list)
    proposed_mints: list[bytes] = field(default_factory=list)
    added: list[SigningKey] = field(default_factory=list)

    @property
    def victim(self) -> SigningKey:
        return self.victims[self.turn]

    @property
    def accomplice(self) -> SigningKey:
        return self.accomplices[self.turn]

    @property
    def ledger(self) -> Any:
        return self.onchain.ledger

    @property
    def manager(self) -> Any:
        return self.onchain.manager

    def officer(self, role: str) -> Any:
        return self.keys[role][0].account

    def forced_transfers(self) -> int:
        """The number of the last one, 0 before there was one: they count from 1."""
        number = 0
        while ask(self.ledger.forcedTransferOf, number + 1)[4]:
            number += 1
        return number

    def tell_the_truth(self) -> None:
        """The attester says what the bank holds."""
        arguments = (self.bank, now(), GROUND, ask(self.ledger.burnedTotal))
        send(self.ledger.attestReserve, *arguments, sender=self.officer("ATTESTER"))

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens inside is undone on the chain and here."""
        noted = (self.turn, self.bank, [*self.announced], [*self.proposed_mints], [*self.added])
        snapshot = rpc("evm_snapshot")
        yield
        # The node takes what it mined from its pool a moment later. After the return it would take with it
        # what the same sender has sent in its place.
        while any(int(count, 16) for count in rpc("txpool_status").values()):
            pass
        rpc("evm_revert", snapshot)
        self.turn, self.bank, self.announced, self.proposed_mints, self.added = noted


@dataclass
class Thief:
    """Who has these keys. `hinder` is what somebody does while the thief waits."""

    scene: Scene
    keys: tuple[Key, ...]
    hinder: Callable[[], None] | None = None
    waited_s: int = 0

    def do(self, method: Any, *arguments: Any) -> None:
        """Calls by whichever key is let in, after the announcement it takes. Raises Refused."""
        names = []
        for key in self.keys:
            refused = refusal(method, *arguments, sender=key.account)
            if refused is None:
                return send(method, *arguments, sender=key.account)
            if refused[0] == "AccessManagerNotScheduled":
                return self._announce_and_do(key, method, arguments)
            names.append(refused[0])
        raise Refused(*names)

    def _announce_and_do(self, key: Key, method: Any, arguments: tuple[Any, ...]) -> None:
        scene, call = self.scene, method.encode_input(*arguments)
        send(scene.manager.schedule, method._address, call, 0, sender=key.account)
        scene.announced.append((key.account, method._address, call))
        operation = ask(scene.manager.hashOperation, key.account, method._address, call)
        self.wait_until(int(ask(scene.manager.getSchedule, operation)))
        refused = refusal(method, *arguments, sender=key.account)
        if refused is not None:
            raise Refused(refused[0])
        send(method, *arguments, sender=key.account)

    def wait_until(self, moment: int) -> None:
        """Unix seconds. The others see what was begun."""
        self.waited_s += moment - now()
        if self.hinder is not None:
            self.hinder()
        move_to(moment)


# ---- who stands in the way


def quietly(method: Any, *arguments: Any, sender: Any) -> None:
    """Does it if it can be done: whether it helped is judged by what the thief reaches."""
    if refusal(method, *arguments, sender=sender) is None:
        send(method, *arguments, sender=sender)


def issuers(scene: Scene) -> None:
    for ref in scene.proposed_mints:
        quietly(scene.ledger.withdrawMint, ref, sender=scene.keys["ISSUER"][-1].account)


def attester(scene: Scene) -> None:
    """Says what the bank holds, and of the redemptions that it paid none."""
    scene.tell_the_truth()
    for ref in scene.redemptions:
        quietly(scene.ledger.attestOutcome, ref, False, sender=scene.officer("ATTESTER"))


def registrar(scene: Scene) -> None:
    """Takes keys away that were added, puts back what was changed, calls recoveries off.

    A key that was taken away he puts back only where the account has another that signs for it.
    """
    ledger, officer = scene.ledger, scene.officer("REGISTRAR")
    victim = scene.victim
    for key in scene.added:
        quietly(ledger.removeSigner, victim.address, key.address, sender=officer)
    word = scene.onchain.addition(victim, victim, SECP256K1, valid_before=now() + 3600)
    quietly(ledger.addSigner, *word.message.unlimited(), word.envelope, sender=officer)
    quietly(ledger.setMember, victim.address, RESIDENT, VERIFIED, 0, 0, sender=officer)
    number = ask(ledger.recoveryOf, victim.address)[0]
    quietly(ledger.cancelRecovery, victim.address, number, GROUND, sender=officer)


def compliance(scene: Scene) -> None:
    """Freezes who takes and who is robbed; whom the thief froze goes free."""
    ledger, officer = scene.ledger, scene.officer("COMPLIANCE")
    for person in (scene.victim, scene.accomplice):
        if ask(ledger.accountOf, person.address)[FROZEN_OUT]:
            quietly(ledger.unfreeze, person.address, GROUND, sender=officer)
        else:
            quietly(ledger.freeze, person.address, True, True, GROUND, 0, sender=officer)
    quietly(ledger.cancelForcedTransfer, scene.forced_transfers(), GROUND, sender=officer)
    quietly(ledger.releaseKey, scene.victim.address, GROUND, sender=officer)
    quietly(ledger.releaseCampaign, scene.campaigns[scene.turn], GROUND, sender=officer)


def pauser(scene: Scene) -> None:
    ledger, officer = scene.ledger, scene.officer("PAUSER")
    quietly(ledger.stop, STOP_ALL, sender=officer)
    victim = scene.victim.address
    quietly(ledger.haltRecovery, victim, ask(ledger.recoveryOf, victim)[0], GROUND, sender=officer)
    quietly(ledger.haltForcedTransfer, scene.forced_transfers(), GROUND, sender=officer)
    for operation in scene.announced:
        quietly(scene.manager.cancel, *operation, sender=officer)


def governors(scene: Scene) -> None:
    """All together: they withdraw what is announced, and resume what is stopped."""
    for key in scene.keys["GOVERNOR"]:
        for operation in scene.announced:
            quietly(scene.manager.cancel, *operation, sender=key.account)
        quietly(scene.ledger.resume, ask(scene.ledger.stops), sender=key.account)


def member(scene: Scene) -> None:
    """Objects to a recovery with the key that is said to be lost."""
    ledger, victim = scene.ledger, scene.victim
    number = ask(ledger.recoveryOf, victim.address)[0]
    veto = victim.sign(bytes(ask(ledger.recoveryVetoDigest, victim.address, number)))
    quietly(ledger.vetoRecovery, victim.address, number, veto, sender=scene.onchain.relay)


STOPPERS: dict[str, Callable[[Scene], None]] = {
    "the member": member,
    "ISSUER": issuers,
    "ATTESTER": attester,
    "REGISTRAR": registrar,
    "COMPLIANCE": compliance,
    "PAUSER": pauser,
    "GOVERNOR": governors,
}


# ---- how long a stolen key lasts


def days_until_revoked(scene: Scene, stolen: tuple[Key, ...]) -> int | None:
    """Whole days until the governors who are left have taken the keys' roles away; None when they never do.

    The thief withdraws what his keys may withdraw.
    """
    left = [key for key in scene.keys["GOVERNOR"] if key not in stolen]
    if not left:
        return None
    with scene.undone():
        begun = now()
        powers = [(power, key) for key in stolen for power in role_of(key).powers]
        calls = [(scene.manager.revokeRole, power.number, key.account) for power, key in powers]
        for method, *arguments in calls:
            call = method.encode_input(*arguments)
            send(scene.manager.schedule, scene.manager.address, call, 0, sender=left[0].account)
            operation = (left[0].account, scene.manager.address, call)
            for key in stolen:
                quietly(scene.manager.cancel, *operation, sender=key.account)
        operation_id = ask(scene.manager.hashOperation, *operation)
        due = int(ask(scene.manager.getSchedule, operation_id)) or begun
        move_to(due)
        for method, *arguments in calls:
            quietly(method, *arguments, sender=left[0].account)
        if any(ask(scene.manager.hasRole, power.number, key.account)[0] for power, key in powers):
            return None
        return round((due - begun) / 86_400)


def role_of(key: Key) -> Any:
    return next(role for role in ROLES if role.name == key.role)


# ---- the node


def rpc(method: str, *arguments: Any) -> Any:
    answer = web3.provider.make_request(method, list(arguments))
    assert "error" not in answer, answer
    return answer["result"]


def now() -> int:
    """The last block's second."""
    return int(rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)


def move_to(moment: int) -> None:
    """A block with that time at least."""
    rpc("evm_setNextBlockTimestamp", hex(max(moment, now() + 1)))
    rpc("evm_mine")


def ask(method: Any, *arguments: Any) -> Any:
    """What a view answers, without Brownie's bookkeeping."""
    call = {"to": method._address, "data": method.encode_input(*arguments)}
    return method.decode_output(rpc("eth_call", call, "latest"))


def send(method: Any, *arguments: Any, sender: Any) -> None:
    """A transaction that must succeed, without Brownie's bookkeeping."""
    call = {
        "from": str(sender),
        "to": method._address,
        "data": method.encode_input(*arguments),
        "gas": hex(GAS),
        "gasPrice": "0x0",
    }
    sent, deadline = rpc("eth_sendTransaction", call), time.monotonic() + RECEIPT_DEADLINE_S
    while (receipt := rpc("eth_getTransactionReceipt", sent)) is None:
        assert time.monotonic() < deadline, (method, arguments)
    assert receipt["status"] == "0x1", (method, arguments)
