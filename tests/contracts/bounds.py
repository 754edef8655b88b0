"""What the tests of bounds in time share: who takes part, and asking at the second before, at it, and after.

What is refused is asked of the last block, whose time is exactly the one it was mined at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from brownie import accounts, chain
from ledger_fixture import LedgerFixture, mine_at, refusal
from signing import SECP256K1, SigningKey


@dataclass(frozen=True)
class Scene:
    """The ledger and who takes part in what is bounded."""

    onchain: LedgerFixture
    payer: SigningKey
    shop: SigningKey
    second_issuer: Any

    @property
    def now(self) -> int:
        """The last block's second."""
        return int(chain[-1].timestamp)


Call = tuple[Any, ...]
# (seconds of the bound, the call, the refusal before it, the refusal from it on); None = accepted.
Bounded = tuple[int, Call, str | None, str | None]


def set_scene(onchain: LedgerFixture) -> Scene:
    second = onchain.grant("ISSUER", accounts[9])
    payer = onchain.person("payer", key_kind=SECP256K1, money=500_00)
    return Scene(onchain, payer, onchain.shop("shop", key_kind=SECP256K1, money=900_00), second)


def refused_now(call: Call) -> str | None:
    """The name of the refusal at the last block's own second."""
    method, *arguments, sender = call
    refused = refusal(method, *arguments, sender=sender, block="latest")
    return None if refused is None else str(refused[0])


def hold_to_the_second(bounded: Bounded) -> None:
    """Asserts what is answered at the second before, at it, and after."""
    moment, call, before, after = bounded
    found = []
    for second in (moment - 1, moment, moment + 1):
        mine_at(second)
        found.append(refused_now(call))
    assert found == [before, after, after]
