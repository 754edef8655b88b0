"""How many units' euros have been paid out: what an attestation says beside the balance. Takes a Connection.

A statement's balance still holds the euros of what was burned and not paid out by then, so a burn opens no
room for new units before a statement shows its payout. The ledger counts the same (contracts/Issuance.sol).
"""

from __future__ import annotations

from sqlalchemy import Connection, and_, exists, func, or_, select

from wallet_service.database.tables.bank import bank_entries, bank_statements, redemptions, topups

#: Given back without having been burned: only the bank's late debit is noted with it. What was burned and
#: came back is minted again, by a credit that names it.
_MINTED_AGAIN = exists().where(topups.c.redemption_ref == redemptions.c.ref)
_BURNED_OR_ABOUT_TO_BE = and_(
    redemptions.c.bank_entry_id.is_not(None),
    or_(redemptions.c.state.not_in(("returning", "returned")), _MINTED_AGAIN),
)


def paid_out_cents(connection: Connection, as_of_unix_s: int | None = None) -> int:
    """Cents of units whose debit a statement of that moment or before shows; all told ones without a moment.

    Whole, whatever fee was kept of them: the units are burned whole.
    """
    query = select(func.coalesce(func.sum(redemptions.c.amount_cents), 0)).where(_BURNED_OR_ABOUT_TO_BE)
    if as_of_unix_s is not None:
        shown = bank_entries.c.confirmed_statement_id == bank_statements.c.id
        query = (
            query.join(bank_entries, bank_entries.c.id == redemptions.c.bank_entry_id)
            .join(bank_statements, shown)
            .where(bank_statements.c.as_of_unix_s <= as_of_unix_s)
        )
    return int(connection.execute(query).scalar_one())
