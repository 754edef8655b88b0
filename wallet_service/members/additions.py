"""An account's word for a further key: which bytes say yes, and that a key which signs has said it.

The ledger asks the same and decides; here it is asked first, so that nobody waits for a refusal. Owns no row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from wallet_service.accounts.keys import check_key
from wallet_service.accounts.models import NO_LIMITS, KeyLimits
from wallet_service.members import errors, repository
from wallet_service.members.decisions import DeviceState
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.signing.envelope import (
    PasskeySite,
    parse_envelope,
    signer_address,
    with_low_s,
)
from wallet_service.protocol.signing.typed_data import MAX_UINT256, Domain, SignerAdditionMessage

#: The ledger's numbers for signers.
SIGNER_KINDS = {"p256": 2, "passkey": 3}
#: The registrar's transaction needs a while; a word that lies about for longer helps only who finds it.
MIN_VALID_S = 60
MAX_VALID_S = 2 * 24 * 3_600


@dataclass(frozen=True)
class SignedAddition:
    """The word itself: `signature` is an envelope over SignerAdditionMessage, 0x hex."""

    valid_before_unix_s: int
    nonce: int
    signature: str


@dataclass(frozen=True)
class NewSigner:
    """The key that is to sign; `kind` is p256 or passkey."""

    address: str
    kind: str


class Additions:
    """`domain` is the ledger's, `site` where passkeys may sign."""

    def __init__(self, clock: Clock, domain: Callable[[], Domain], site: PasskeySite) -> None:
        self._clock = clock
        self._domain = domain
        self._site = site

    def checked(
        self,
        connection: Connection,
        member: repository.Member,
        new: NewSigner,
        given: SignedAddition,
        limits: KeyLimits = NO_LIMITS,
    ) -> list[Any]:
        """What the ledger's `addSigner` takes; with limits, what its `addLimitedSigner` does.

        Raises ProofInvalid, KeySuspended.
        """
        left_s = given.valid_before_unix_s - self._clock.now_unix_s()
        if not MIN_VALID_S <= left_s <= MAX_VALID_S or given.nonce > MAX_UINT256:
            raise errors.ProofInvalid
        kind = SIGNER_KINDS[new.kind]
        bounds = [limits.per_payment_cents, limits.per_day_cents, limits.expires_at_unix_s]
        message = SignerAdditionMessage(
            member.account_address, new.address, kind, given.valid_before_unix_s, given.nonce, *bounds
        )
        try:
            envelope = with_low_s(bytes.fromhex(given.signature.removeprefix("0x")))
            parsed = parse_envelope(envelope)
            self._site.check(parsed)
            signer = signer_address(parsed, message.digest(self._domain()))
        except (BadSignature, ValueError) as error:
            raise errors.ProofInvalid from error
        known = repository.devices_of(connection, member.id)
        if signer not in {each.signer_address for each in known if each.state is DeviceState.ACTIVE}:
            raise errors.ProofInvalid
        check_key(connection, member.id, signer, self._clock.now_unix_s())
        # A number of 256 bits passes what JSON keeps exactly: as text.
        words = [given.valid_before_unix_s, str(given.nonce), "0x" + envelope.hex()]
        return [member.account_address, new.address, kind, *([] if limits.is_none else bounds), *words]
