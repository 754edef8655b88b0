"""Whether what a key signs counts now: a suspended one's does not, whatever it signs (`oversight.keys`)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from wallet_service.accounts import repository
from wallet_service.accounts.errors import KeySuspended


def check_not_suspended(
    suspended: Mapping[tuple[str, str], int], member_id: str, signer: str, now_unix_s: int
) -> None:
    """By what `repository.suspended_keys` said. Raises KeySuspended."""
    until_unix_s = suspended.get((member_id, signer), 0)
    if now_unix_s < until_unix_s:
        raise KeySuspended(until_unix_s=until_unix_s)


def check_key(connection: Connection, member_id: str, signer: str, now_unix_s: int) -> None:
    """The same for one key. Raises KeySuspended."""
    suspended = repository.suspended_keys(connection, [signer])
    check_not_suspended(suspended, member_id, signer, now_unix_s)
