"""What an order that waits for a signature holds, line by line: to whom, on which account, how much."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from wallet_service.faces.console.payout_words import match_pill
from wallet_service.faces.shell.i18n import Language
from wallet_service.oversight.models import Approval
from wallet_service.redemptions.errors import RedemptionUnknown
from wallet_service.treasury.payouts.handover import CANCEL_ACT
from wallet_service.treasury.payouts.models import PayoutFile

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services


@dataclass(frozen=True, slots=True)
class SignedLine:
    """One transfer as the list of payouts shows it. `match`: what the bank said of the name, or nothing."""

    payee: str
    holder: str
    account: str
    net_cents: int
    match: Markup | None


def lines_of_file(
    services: Services, file: PayoutFile, language: Language, *, with_holders: bool
) -> tuple[SignedLine, ...]:
    """Every transfer the file still holds."""
    matches = {line.redemption_ref: match_pill(line, language) for line in file.transfers}
    return _lines(services, matches, matches, with_holders=with_holders)


def lines_of_approval(
    services: Services, asked: Approval, language: Language, *, with_holders: bool
) -> tuple[SignedLine, ...]:
    """The redemptions an asked act is about; none for an act about something else."""
    if asked.act == CANCEL_ACT:
        wanted = str(asked.details["payout_file_id"])
        files = (file for file in services.payouts.list_payout_files() if file.id == wanted)
        return next(
            (lines_of_file(services, each, language, with_holders=with_holders) for each in files), ()
        )
    refs = [str(ref) for ref in asked.details.get("refs", ())] or [str(asked.details.get("ref", ""))]
    return _lines(services, [ref for ref in refs if ref], {}, with_holders=with_holders)


def _lines(
    services: Services, refs: Iterable[str], matches: dict[str, Markup], *, with_holders: bool
) -> tuple[SignedLine, ...]:
    made = []
    for ref in refs:
        try:
            known = services.redemptions.one(ref)
        except RedemptionUnknown:
            continue  # what the act is about is no redemption
        made.append(
            SignedLine(
                known.public_name or known.member_id[:8],
                known.holder if with_holders else "",
                known.iban_end,
                known.net_cents,
                matches.get(ref),
            )
        )
    return tuple(made)
