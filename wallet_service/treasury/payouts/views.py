"""Reads payout files with their lines, names opened. Changes nothing."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping

from wallet_service.redemptions import repository as redemptions_repository
from wallet_service.redemptions.payees import Payees
from wallet_service.security.sealing import PersonErased, SealBroken
from wallet_service.treasury.errors import PayoutFileUnknown
from wallet_service.treasury.payouts import repository
from wallet_service.treasury.payouts.handover import CANCEL_ACT
from wallet_service.treasury.payouts.models import PayoutFile, PayoutLine
from wallet_service.treasury.payouts.payee_checks import PayeeChecks
from wallet_service.treasury.ports import TwoOfficers


class PayoutViews:
    """A name that does not open is left out: amounts and states are still shown."""

    def __init__(self, payees: Payees, checks: PayeeChecks, two_officers: TwoOfficers) -> None:
        self._payees = payees
        self._checks = checks
        self._two_officers = two_officers

    def of(self, connection: Connection, payout_file_id: str) -> PayoutFile:
        """Raises PayoutFileUnknown."""
        row = repository.file_by_id(connection, payout_file_id)
        if row is None:
            raise PayoutFileUnknown()
        withheld = self._two_officers.waiting_subjects(connection, CANCEL_ACT)
        asked = repository.checks_asked(connection, payout_file_id)
        return PayoutFile(
            id=row["id"],
            message_id=row["message_id"],
            file_name=row["file_name"],
            total_cents=row["total_cents"],
            state=row["state"],
            prepared_by=row["prepared_by"],
            approved_by=row["approved_by"],
            prepared_at_unix_ms=row["prepared_at_unix_ms"],
            approved_at_unix_ms=row["approved_at_unix_ms"],
            written_at_unix_ms=row["written_at_unix_ms"],
            bank_status=row["bank_status"],
            bank_reason=row["bank_reason"],
            is_withheld=payout_file_id in withheld,
            checks_asked=len(asked),
            check_asked_at_unix_ms=max(asked, default=None),
            lines=tuple(self._line(connection, each) for each in repository.lines_of(connection, row["id"])),
        )

    def _line(self, connection: Connection, row: RowMapping) -> PayoutLine:
        return PayoutLine(
            redemption_ref=row["redemption_ref"],
            member_id=row["member_id"],
            public_name=row["public_name"],
            net_cents=row["net_cents"],
            state=row["state"],
            out_reason=row["out_reason"],
            bank_status=row["bank_status"],
            bank_reason=row["bank_reason"],
            payee_match=row["payee_match"],
            payee_name=self._checks.name_in(connection, row),
            holder=self._holder(connection, row["redemption_ref"]),
            accepted_by=row["accepted_by"],
        )

    def _holder(self, connection: Connection, ref: str) -> str:
        redemption = redemptions_repository.by_ref(connection, ref)
        if redemption is None:
            return ""
        try:
            return self._payees.of(connection, redemption).holder
        except (SealBroken, PersonErased, ValueError):
            return ""
