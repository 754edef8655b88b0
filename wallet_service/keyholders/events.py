"""What account holders are told of the keys they have given: a payment by one, a refusal by its limits."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from wallet_service.keyholders import errors, repository
from wallet_service.keyholders.decisions import is_told_again
from wallet_service.keyholders.models import KeyPower
from wallet_service.notices.models import NoticeKind
from wallet_service.notices.service import tell
from wallet_service.protocol.refusal import Refusal


@dataclass(frozen=True, slots=True)
class KeyRefused:
    """A payment that its key's own limits stopped."""

    power: KeyPower
    code: str
    cents: int


def is_told(refusal: Refusal) -> bool:
    """Whether a key's own limits were the reason: of that its holder hears."""
    return isinstance(refusal, errors.KeyPaymentLimit | errors.KeyDayLimit | errors.KeyExpired)


def tell_paid(
    connection: Connection, powers: Iterable[KeyPower], paid_by: Collection[str | None], now_unix_ms: int
) -> None:
    """Of payments by limited keys; `paid_by`: the keyholders whose keys signed what was just accepted."""
    for power in powers:
        if power.is_limited and power.keyholder_id in paid_by:
            tell(connection, power.member_id, NoticeKind.KEYHOLDER, now_unix_ms)


def tell_refused(connection: Connection, refused: Iterable[KeyRefused], now_unix_ms: int) -> None:
    """Told now and then, or a child at a till could fill a mailbox."""
    told: set[str] = set()
    for one in refused:
        keyholder_id = one.power.keyholder_id
        if keyholder_id in told or not is_told_again(one.power, now_unix_ms):
            continue
        told.add(keyholder_id)
        repository.note_refusal(connection, keyholder_id, one.code, one.cents, now_unix_ms)
        tell(connection, one.power.member_id, NoticeKind.KEYHOLDER, now_unix_ms)
