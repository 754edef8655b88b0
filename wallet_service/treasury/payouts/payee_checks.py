"""What banks say of an account and a name (verification of payee), kept for each transfer and for the next.

A result holds for the account and the holder's name it was given for: the next order of the same conversion
partner shows it before anybody signs, with the officer who accepted it. Names are sealed under the person's
key. What the bank is given for a check alone bears ids that are no order's, so that its answer is about no
order. Must not decide whether a transfer goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, RowMapping

from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.text.lines import seen_of
from wallet_service.redemptions import repository as redemptions_repository
from wallet_service.redemptions.matching import named_in
from wallet_service.redemptions.payees import Payees
from wallet_service.redemptions.repository import Redemption
from wallet_service.security.sealing import PersonErased, SealBroken, SealedField, Sealer
from wallet_service.treasury.payouts import repository

MAX_PAYEE_NAME_CHARACTERS = 140
#: Behind an order's message id in the id of a file for a check, with how many there were before.
CHECK_MARK = "V"
CHECK_SUFFIX = ".payee-check.xml"
#: A message id has 35 characters at most, an order's 30.
MAX_CHECKS = 9_999


class PayeeChecks:
    """Results of verification of payee."""

    def __init__(self, payees: Payees, sealer: Sealer) -> None:
        self._payees = payees
        self._sealer = sealer

    def note(self, work: UnitOfWork, line: RowMapping, match: str, payee_name: str) -> None:
        """Of one transfer. Another result than before is for an officer to decide anew."""
        values: dict[str, Any] = {"payee_match": match}
        if match != line["payee_match"]:
            values["accepted_by"] = None
        name = seen_of(payee_name)[:MAX_PAYEE_NAME_CHARACTERS]
        if name:
            place = (line["payout_file_id"], line["redemption_ref"])
            values["sealed_payee_name"] = self._sealed(work.connection, line["member_id"], place, name)
        repository.change_line(work.connection, line["payout_file_id"], line["redemption_ref"], **values)

    def carry(self, work: UnitOfWork, payout_file_id: str, redemption: Redemption) -> None:
        """Onto a new transfer, from the last one to the same account in the same name."""
        known = repository.last_match(work.connection, redemption.member_id, redemption.payee_hash)
        if known is None or not self._is_same_holder(work.connection, known["redemption_ref"], redemption):
            return
        place = (payout_file_id, redemption.ref)
        name = self.name_in(work.connection, known)
        sealed = self._sealed(work.connection, redemption.member_id, place, name) if name else None
        values = {
            "payee_match": known["payee_match"],
            "accepted_by": known["accepted_by"],
            "sealed_payee_name": sealed,
        }
        repository.change_line(work.connection, payout_file_id, redemption.ref, **values)

    def name_in(self, connection: Connection, line: RowMapping) -> str:
        """The holder as the bank knows it, "" when it does not say or the name does not open."""
        if line["sealed_payee_name"] is None:
            return ""
        sealed_field = _field(line["payout_file_id"], line["redemption_ref"])
        try:
            return self._sealer.unseal_for_member(
                connection, line["member_id"], sealed_field, line["sealed_payee_name"]
            ).decode()
        except (SealBroken, PersonErased, ValueError):
            return ""

    def _is_same_holder(self, connection: Connection, ref: str, redemption: Redemption) -> bool:
        before = redemptions_repository.by_ref(connection, ref)
        if before is None:
            return False
        try:
            return self._payees.of(connection, before) == self._payees.of(connection, redemption)
        except (SealBroken, PersonErased, ValueError):
            return False

    def _sealed(
        self, connection: Connection, member_id: str, place: tuple[str, str], name: str
    ) -> bytes | None:
        try:
            return self._sealer.seal_for_member(connection, member_id, _field(*place), name.encode())
        except PersonErased:  # the name goes with the person
            return None


def check_message_id(message_id: str, number: int) -> str:
    """What the file for this order's check of that number is called."""
    return f"{message_id}{CHECK_MARK}{number}"


def is_about_a_check(texts: Iterable[str | None]) -> bool:
    """Whether an answer that bears these message ids is about a file that was only to be checked."""
    joined = ("".join(text.split()).upper() for text in texts if text)
    return any(re.search(f"{name}{CHECK_MARK}[0-9]", text) for text in joined for name in named_in(text))


def _field(payout_file_id: str, ref: str) -> SealedField:
    return SealedField("payout_lines", "sealed_payee_name", f"{payout_file_id}:{ref}")
