"""The first phones of the members whom the demonstration lets somebody be: their yes to a phone that came.

A code ties a phone to an account and gives it no power to pay; a key that signs does (members/additions.py).
These keys are of invented people and protect nothing. Demo and tests only.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import ec

from wallet_service.bootstrap import Services
from wallet_service.members.additions import SIGNER_KINDS, SignedAddition
from wallet_service.members.decisions import DeviceState
from wallet_service.protocol.signing.envelope import sign_p256
from wallet_service.protocol.signing.typed_data import SignerAdditionMessage

VALID_S = 3_600


class Vouching:
    """Signs once for each phone that waits. `keys` by member id."""

    def __init__(self, services: Services, keys: Mapping[str, ec.EllipticCurvePrivateKey]) -> None:
        self._services = services
        self._keys = keys
        self._done: set[str] = set()

    def run_once(self) -> int:
        """How many phones were signed for."""
        waiting = [
            (member_id, device.id, device.signer_address)
            for member_id in self._keys
            for device in self._services.members.devices(member_id)
            if device.state is DeviceState.PENDING and device.id not in self._done
        ]
        for member_id, device_id, signer in waiting:
            self._services.devices.let_sign(member_id, device_id, self._word(member_id, signer))
            self._done.add(device_id)
        return len(waiting)

    def _word(self, member_id: str, signer: str) -> SignedAddition:
        account = self._services.members.get(member_id).account_address
        valid_before, nonce = self._services.clock.now_unix_s() + VALID_S, secrets.randbits(256)
        message = SignerAdditionMessage(account, signer, SIGNER_KINDS["p256"], valid_before, nonce)
        envelope = sign_p256(self._keys[member_id], message.digest(self._services.chain.domain()))
        return SignedAddition(valid_before, nonce, "0x" + envelope.hex())
