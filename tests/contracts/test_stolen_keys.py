"""Each officer as an attacker, one key stolen and two: what contracts/README.md says of them was tried.

Every act of `attempts.py` is tried with every key and every two. To write the tables anew:
`ALBA_WRITE_STOLEN_KEYS=1 scripts/setup/brownie.sh test tests/contracts/test_stolen_keys.py`.
"""

from __future__ import annotations

import difflib
import itertools
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from attempts import ATTEMPTS, Attempt
from brownie import NextLedger, accounts
from ledger_fixture import DAY_S, VERIFIED, LedgerFixture, deploy_fixture, mine_at
from signing import SECP256K1
from thieves import STOPPERS, Key, Refused, Scene, Thief, days_until_revoked, now

from scripts.ledger.governance import PRODUCTION
from scripts.ledger.roles import ROLES, SEVERAL

README = Path(__file__).resolve().parents[2] / "contracts" / "README.md"
BEGIN, END = "<!-- stolen keys: tables begin -->\n", "<!-- stolen keys: tables end -->\n"
WRITE = "ALBA_WRITE_STOLEN_KEYS"
FLOORS = (50_00, 200_00)
ROOM = 450_000_00
NOBODY = "nobody"

Keys = tuple[Key, ...]


@dataclass(frozen=True)
class Result:
    """What an act by some keys came to: after how long it succeeded, who hinders the next, who undoes it."""

    waited_s: int
    hindered_by: tuple[str, ...]
    undone_by: tuple[str, ...]


@pytest.fixture(scope="module")
def scene(module_isolation: None) -> Scene:
    """Production's delays, two issuers, two governors, floors, room under the statement, and all to rob."""
    further = {"GOVERNOR": [accounts[9].address], "ISSUER": [accounts[10].address]}
    onchain = deploy_fixture(PRODUCTION, further)
    keys = {role.name: [Key(role.name, onchain.officers[role.name])] for role in ROLES}
    keys["GOVERNOR"].append(Key("GOVERNOR", accounts[9]))
    keys["ISSUER"].append(Key("ISSUER", accounts[10]))
    governor = {"from": onchain.officers["GOVERNOR"]}
    call = onchain.ledger.setPasskeyFloors.encode_input(VERIFIED, FLOORS)
    announced = onchain.manager.schedule(onchain.ledger, call, 0, governor)
    mine_at(int(announced.events["OperationScheduled"]["schedule"]))
    onchain.ledger.setPasskeyFloors(VERIFIED, FLOORS, governor)
    victims = [onchain.person(f"victim {place}", key_kind=SECP256K1, money=500_00) for place in (1, 2)]
    accomplices = [onchain.shop(f"accomplice {place}", key_kind=SECP256K1) for place in range(4)]
    shop = onchain.shop("a shop", key_kind=SECP256K1, money=500_00)
    redemptions = [redeemed(onchain, shop) for _ in range(2)]
    plain, listed = (
        [
            onchain.open_campaign(shop, 50_00, ends_at=now() + 120 * DAY_S, payers_listed=listed)
            for _ in range(2)
        ]
        for listed in (False, True)
    )
    code = NextLedger.deploy(onchain.deployment["administration"], {"from": accounts[0]}).address
    bank = onchain.ledger.totalSupply() + ROOM
    found = Scene(onchain, keys, victims, accomplices, redemptions, plain, listed, code, bank)
    found.tell_the_truth()
    return found


def redeemed(onchain: LedgerFixture, shop: object) -> bytes:
    """The reference of a locked redemption."""
    signed = onchain.redemption(shop, 50_00)  # type: ignore[arg-type]
    onchain.redeem(signed)
    ref: bytes = signed.message.ref
    return ref


# ---- trying


def result(scene: Scene, attempt: Attempt, keys: Keys, sooner_than: float = math.inf) -> Result | None:
    """What came of an act, everybody who could stand in its way tried in turn.

    None when it was refused, or took that many seconds or more.
    """
    with scene.undone():
        thief = Thief(scene, keys)
        try:
            harm = attempt.run(thief)
        except Refused:
            return None
        assert harm(), (attempt.name, "was let in and did nothing")
        if thief.waited_s >= sooner_than:
            return None
        undone_by, hindered_by = [], []
        for name, act in STOPPERS.items():
            with scene.undone():
                act(scene)
                if not harm():
                    undone_by.append(name)
                scene.turn = 1
                if thief.waited_s == 0 and not succeeds(attempt, Thief(scene, keys)):
                    hindered_by.append(name)
    if thief.waited_s:
        hindered_by = [name for name, act in STOPPERS.items() if hindered_waiting(scene, attempt, keys, act)]
    return Result(thief.waited_s, tuple(hindered_by), tuple(undone_by))


def hindered_waiting(scene: Scene, attempt: Attempt, keys: Keys, act: Callable[[Scene], None]) -> bool:
    """Whether the act fails when somebody does all they can while the thief waits."""
    with scene.undone():
        return not succeeds(attempt, Thief(scene, keys, hinder=lambda: act(scene)))


def succeeds(attempt: Attempt, thief: Thief) -> bool:
    try:
        return attempt.run(thief)()
    except Refused:
        return False


def pairs(scene: Scene) -> dict[tuple[str, str], Keys]:
    """Any two keys, of two roles or of one."""
    found = {(role, role): tuple(scene.keys[role][:2]) for role in SEVERAL}
    for one, other in itertools.combinations(scene.keys, 2):
        found[one, other] = (scene.keys[one][0], scene.keys[other][0])
    return found


@dataclass(frozen=True)
class Trial:
    """All that was found."""

    alone: dict[str, dict[str, Result]]  # act -> role -> result
    together: dict[str, dict[tuple[str, str], Result]]  # act -> pair; only where neither does it as soon
    days: dict[tuple[str, ...], int | None]  # keys -> days until they are revoked


def trial(scene: Scene) -> Trial:
    alone: dict[str, dict[str, Result]] = {}
    together: dict[str, dict[tuple[str, str], Result]] = {}
    singles: dict[str, Keys] = {role: (keys[0],) for role, keys in scene.keys.items()}
    for attempt in ATTEMPTS:
        found = {role: result(scene, attempt, keys) for role, keys in singles.items()}
        alone[attempt.name] = {role: one for role, one in found.items() if one is not None}
        together[attempt.name] = {}
        for roles, keys in pairs(scene).items():
            apart = [alone[attempt.name][role].waited_s for role in roles if role in alone[attempt.name]]
            soonest = min(apart, default=math.inf)
            one = result(scene, attempt, keys, soonest) if soonest else None
            if one is not None:
                together[attempt.name][roles] = one
    days: dict[tuple[str, ...], int | None] = {}
    for role, keys in singles.items():
        days[role,] = days_until_revoked(scene, keys)
    for roles, keys in pairs(scene).items():
        days[roles] = days_until_revoked(scene, keys)
    return Trial(alone, together, days)


# ---- writing


def after(seconds: int) -> str:
    return "at once" if seconds == 0 else f"after {round(seconds / DAY_S)} days"


def names(found: tuple[str, ...]) -> str:
    return ", ".join(found) or NOBODY


def both(roles: tuple[str, ...]) -> str:
    one, *others = roles
    if [one] == others:
        return f"two of {one}"
    return " and ".join(roles)


def endless(days: int | None) -> float:
    return math.inf if days is None else days


def lasting(days: int | None) -> str:
    return "**for ever**: it is not revoked" if days is None else f"until it is revoked, after {days} days"


def tables(found: Trial) -> str:
    """The paper's two tables."""
    words = {attempt.name: attempt.words for attempt in ATTEMPTS}
    lines = ["| stolen | does | for how long |", "|---|---|---|"]
    for role in (role.name for role in ROLES):
        does = [(by[role].waited_s, words[name]) for name, by in found.alone.items() if role in by]
        lines.append(f"| {role} | {moments(does)} | {lasting(found.days[role,])} |")
    nothing_more = []
    for roles in (roles for roles in found.days if len(roles) == 2):
        does = [(by[roles].waited_s, words[name]) for name, by in found.together.items() if roles in by]
        longer = max((found.days[role,] for role in roles), key=endless)
        if does or found.days[roles] != longer:
            more = moments(does) if does else "no more than each"
            lines.append(f"| {both(roles)} | {more} | {lasting(found.days[roles])} |")
        else:
            nothing_more.append(both(roles))
    lines += ["", f"No more than each, and no longer than the longer of both: {'; '.join(nothing_more)}."]
    lines += ["", "| act | by | who hinders it, or the next | who undoes it at once |", "|---|---|---|---|"]
    refused = []
    for attempt in ATTEMPTS:
        by = [((role,), one) for role, one in found.alone[attempt.name].items()]
        by += list(found.together[attempt.name].items())
        for outcome in dict.fromkeys(replace(one, waited_s=0) for _, one in by):
            who = [
                f"{both(roles)} {after(one.waited_s)}"
                for roles, one in by
                if replace(one, waited_s=0) == outcome
            ]
            line = f"| {attempt.words} | {'; '.join(who)} "
            lines.append(f"{line}| {names(outcome.hindered_by)} | {names(outcome.undone_by)} |")
        if not by:
            refused.append(attempt.words)
    lines += ["", f"Tried with any key and any two, and refused: {'; '.join(refused)}."]
    return "\n".join(lines) + "\n"


def moments(does: list[tuple[int, str]]) -> str:
    """Acts by the moment they are done: at once first."""
    found = []
    for seconds in sorted({waited_s for waited_s, _ in does}):
        acts = "; ".join(what for waited_s, what in does if waited_s == seconds)
        found.append(f"{after(seconds)}: {acts}")
    return ". ".join(found) or "nothing of what was tried"


def test_the_readme_says_what_thieves_reach(scene: Scene) -> None:
    text = README.read_text("utf-8")
    head, rest = text.split(BEGIN)
    written, tail = rest.split(END)
    found = tables(trial(scene))
    if os.environ.get(WRITE) == "1":
        README.write_text(head + BEGIN + found + END + tail, encoding="utf-8")
        return
    others = difflib.unified_diff(
        written.splitlines(), found.splitlines(), "README", "tried", n=0, lineterm=""
    )
    assert written == found, "\n".join([f"{WRITE}=1 writes:", *others])
