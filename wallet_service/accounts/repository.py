"""The SQL of accounts: balances, reservations, nonces, spending, and who may move the money.

Every function takes a Connection and opens no transaction. The only package that writes `balances`. Payments
and redemptions reserve from the same balances and use the same nonces, so both come here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    Update,
    and_,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from wallet_service.accounts.models import KeptCaps, OwnCaps, Party, PostedBalance, Spending
from wallet_service.database.tables.bank import (
    bank_entries,
    bank_statements,
    redemptions,
    topups,
    unclaimed_redemptions,
)
from wallet_service.database.tables.chain import balances
from wallet_service.database.tables.disputes import dispute_holds
from wallet_service.database.tables.members import devices, members
from wallet_service.database.tables.payments import payments
from wallet_service.database.tables.people import own_caps
from wallet_service.database.tables.reversals import OPEN_REVERSAL, bank_reversals, reversal_recoveries
from wallet_service.database.tables.supervision import key_suspensions
from wallet_service.protocol.calendar import MS_PER_DAY, ROLLING_DAYS

#: One acceptor at a time over all processes, for PostgreSQL; SQLite has one writer anyway.
ACCEPTOR_LOCK = 0x616C6261_01


#: 2**40 has 13 digits: shorter texts are small nonces, and the cast cannot overflow.
SMALL_NONCE_DIGITS = 12


#: Words of payments.states, which stands above: a test holds them equal.
ON_THE_WAY = ("accepted", "settling")
REFUSED = "refused"
#: Words of oversight.keys.models, which stands above too: those in force until their end.
ON_LEDGER = "active"
SUSPENDED = ("asked", ON_LEDGER)


class BalanceNotReserved(Exception):
    """Balance changed between reading and reserving: the batch is rolled back and decided again."""


def take_acceptor_lock(connection: Connection) -> None:
    """Holds off other acceptors until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ACCEPTOR_LOCK})


def used_nonces(connection: Connection, pairs: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    """Which of (account, nonce) are taken by a payment or a redemption."""
    requested = set(pairs)
    accounts = sorted({account for account, _ in requested})
    numbers = sorted({str(nonce) for _, nonce in requested})
    of_payments = select(payments.c.from_address, payments.c.nonce).where(
        payments.c.from_address.in_(accounts), payments.c.nonce.in_(numbers)
    )
    of_redemptions = (
        select(members.c.account_address, redemptions.c.nonce)
        .join(members, members.c.id == redemptions.c.member_id)
        .where(members.c.account_address.in_(accounts), redemptions.c.nonce.in_(numbers))
    )
    found = {(row[0], int(row[1])) for row in connection.execute(of_payments.union_all(of_redemptions))}
    return found & requested


def next_nonces(connection: Connection, accounts: Iterable[str]) -> dict[str, int]:
    """For each account, one above the highest small nonce of its payments and redemptions; 0 if none.

    A redemption the ledger has locked without a request here used a number its event does not say: the one
    presumed when it was found counts like a known one (redemptions.unclaimed). If it was lower, a number is
    left out, which the ledger minds as little as a gap.
    """
    requested = sorted(set(accounts))
    # A descent of one index per account, however long its history.
    highest_payment = (
        select(payments.c.small_nonce)
        .where(payments.c.from_address == members.c.account_address, payments.c.small_nonce.is_not(None))
        .order_by(payments.c.small_nonce.desc())
        .limit(1)
        .scalar_subquery()
    )
    of_payments = select(members.c.account_address, highest_payment).where(
        members.c.account_address.in_(requested)
    )
    of_redemptions = (
        select(members.c.account_address, func.max(cast(redemptions.c.nonce, BigInteger)))
        .join(members, members.c.id == redemptions.c.member_id)
        .where(
            members.c.account_address.in_(requested), func.length(redemptions.c.nonce) <= SMALL_NONCE_DIGITS
        )
        .group_by(members.c.account_address)
    )
    of_unclaimed = (
        select(unclaimed_redemptions.c.account_address, func.max(unclaimed_redemptions.c.presumed_nonce))
        .where(unclaimed_redemptions.c.account_address.in_(requested))
        .group_by(unclaimed_redemptions.c.account_address)
    )
    highest = dict.fromkeys(requested, -1)
    for statement in (of_payments, of_redemptions.union_all(of_unclaimed)):
        for account, nonce in connection.execute(statement):
            highest[account] = max(highest[account], -1 if nonce is None else int(nonce))
    return {account: nonce + 1 for account, nonce in highest.items()}


_GIVEN_BACK = (
    select(func.coalesce(func.sum(reversal_recoveries.c.amount_cents), 0))
    .where(reversal_recoveries.c.reversal_id == bank_reversals.c.id)
    .scalar_subquery()
)
#: What the bank took back of the member's credits, is not given back, and not settled otherwise.
OWED_CENTS = (
    select(func.coalesce(func.sum(bank_reversals.c.amount_cents - _GIVEN_BACK), 0))
    .where(bank_reversals.c.member_id == members.c.id, bank_reversals.c.state == OPEN_REVERSAL)
    .scalar_subquery()
)
#: What is held on the member's account for payments that are contested.
DISPUTED_CENTS = (
    select(func.coalesce(func.sum(dispute_holds.c.left_cents), 0))
    .where(dispute_holds.c.member_id == members.c.id)
    .scalar_subquery()
)
PARTY_COLUMNS = (
    members.c.id,
    members.c.kind,
    members.c.tier,
    members.c.state,
    members.c.account_address,
    members.c.frozen_incoming,
    members.c.frozen_outgoing,
    members.c.identity_expires_on_day,
    OWED_CENTS.label("owed_cents"),
    DISPUTED_CENTS.label("disputed_cents"),
    *(column for column in own_caps.c if column.name != "member_id"),
)
_PARTIES = select(*PARTY_COLUMNS).select_from(
    members.join(own_caps, own_caps.c.member_id == members.c.id, isouter=True)
)


def party_of(row: RowMapping) -> Party:
    return Party(
        member_id=row["id"],
        kind=row["kind"],
        tier=row["tier"],
        state=row["state"],
        account_address=row["account_address"],
        frozen_incoming=row["frozen_incoming"],
        frozen_outgoing=row["frozen_outgoing"],
        identity_expires_on_day=row["identity_expires_on_day"],
        owed_cents=int(row["owed_cents"]),
        disputed_cents=int(row["disputed_cents"]),
        caps=_caps_of(row),
    )


def _caps_of(row: RowMapping) -> KeptCaps | None:
    if row["per_payment_cents"] is None:  # nothing was chosen
        return None
    names = ("per_payment_cents", "per_day_cents", "per_30_days_cents")
    from_unix_ms = row["next_from_unix_ms"]
    waiting = None if from_unix_ms is None else OwnCaps(*(row[f"next_{name}"] for name in names))
    return KeptCaps(OwnCaps(*(row[name] for name in names)), waiting, from_unix_ms)


def parties_by_address(connection: Connection, accounts: Iterable[str]) -> dict[str, Party]:
    statement = _PARTIES.where(members.c.account_address.in_(sorted(set(accounts))))
    return {row["account_address"]: party_of(row) for row in connection.execute(statement).mappings()}


def party_by_id(connection: Connection, member_id: str) -> Party | None:
    row = connection.execute(_PARTIES.where(members.c.id == member_id)).mappings().first()
    return None if row is None else party_of(row)


def device_states(connection: Connection, signers: Iterable[str]) -> dict[str, tuple[str, str]]:
    """signer address -> (member id, device state), for registered devices."""
    statement = select(devices.c.signer_address, devices.c.member_id, devices.c.state)
    rows = connection.execute(statement.where(devices.c.signer_address.in_(sorted(set(signers)))))
    return {row[0]: (row[1], row[2]) for row in rows}


def suspended_keys(connection: Connection, signers: Iterable[str]) -> dict[tuple[str, str], int]:
    """(member id, signer) -> when the suspension of that key ends (unix seconds), which may have passed."""
    statement = (
        select(
            key_suspensions.c.member_id,
            key_suspensions.c.signer_address,
            func.max(key_suspensions.c.until_unix_s),
        )
        .where(key_suspensions.c.signer_address.in_(sorted(set(signers))))
        .where(key_suspensions.c.state.in_(SUSPENDED))
        .group_by(key_suspensions.c.member_id, key_suspensions.c.signer_address)
    )
    return {(row[0], row[1]): int(row[2]) for row in connection.execute(statement)}


def keys_suspended_on_ledger(connection: Connection) -> list[tuple[str, str, int]]:
    """(account, signer, end in unix seconds) of every suspension that SQL holds for the ledger's own word."""
    statement = (
        select(
            members.c.account_address,
            key_suspensions.c.signer_address,
            key_suspensions.c.until_unix_s,
        )
        .join(members, members.c.id == key_suspensions.c.member_id)
        .where(key_suspensions.c.state == ON_LEDGER)
    )
    return [(row[0], row[1], int(row[2])) for row in connection.execute(statement)]


def locked_balances(connection: Connection, accounts: Iterable[str]) -> dict[str, PostedBalance]:
    """Balances, locked until the transaction ends, always in one order so that nobody waits in a ring."""
    statement = (
        select(balances)
        .where(balances.c.account.in_(sorted(set(accounts))))
        .order_by(balances.c.account)
        .with_for_update()
    )
    return {
        row.account: PostedBalance(row.posted_cents, row.reserved_cents)
        for row in connection.execute(statement)
    }


def balance_of(connection: Connection, account: str) -> PostedBalance:
    row = connection.execute(select(balances).where(balances.c.account == account)).first()
    return PostedBalance(0, 0) if row is None else PostedBalance(row.posted_cents, row.reserved_cents)


#: One statement for many accounts: the driver repeats it for each row without asking us in between.
_RESERVE = (
    update(balances)
    .where(balances.c.account == bindparam("of_account"))
    .where(balances.c.posted_cents - balances.c.reserved_cents >= bindparam("cents"))
    .values(reserved_cents=balances.c.reserved_cents + bindparam("cents"))
)
_RELEASE = (
    update(balances)
    .where(balances.c.account == bindparam("of_account"), balances.c.reserved_cents >= bindparam("cents"))
    .values(reserved_cents=balances.c.reserved_cents - bindparam("cents"))
)


def reserve(connection: Connection, amounts_cents: Mapping[str, int]) -> None:
    """Reserves per account, only where it is available. Raises BalanceNotReserved when one is not."""
    if not _is_changed_everywhere(connection, _RESERVE, amounts_cents):
        raise BalanceNotReserved


def release(connection: Connection, amounts_cents: Mapping[str, int]) -> None:
    """Gives reserved money back, per account. Each row holds it, or the books are broken and we stop."""
    if not _is_changed_everywhere(connection, _RELEASE, amounts_cents):
        raise AssertionError(f"reserved money is missing for one of {len(amounts_cents)} accounts")


def _is_changed_everywhere(
    connection: Connection, statement: Update, amounts_cents: Mapping[str, int]
) -> bool:
    """In one order of accounts, so that nobody waits in a ring."""
    rows = [{"of_account": account, "cents": cents} for account, cents in sorted(amounts_cents.items())]
    return not rows or connection.execute(statement, rows).rowcount == len(rows)


def reserve_again(connection: Connection, account: str, amount_cents: int) -> None:
    """Reserves what a rewound block had decided, even where a later block made the balance smaller."""
    connection.execute(
        update(balances)
        .where(balances.c.account == account)
        .values(reserved_cents=balances.c.reserved_cents + amount_cents)
    )


def post(connection: Connection, changes_cents: Mapping[str, int]) -> None:
    """Adds to the posted balances, negative amounts too; missing accounts are made."""
    if not changes_cents:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(balances)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[balances.c.account],
            set_={"posted_cents": balances.c.posted_cents + statement.excluded.posted_cents},
        ),
        [
            {"account": account, "posted_cents": amount_cents, "reserved_cents": 0}
            for account, amount_cents in changes_cents.items()
        ],
    )


def forget_posted(connection: Connection) -> None:
    """Sets every posted balance to zero, before the chain is read again from its start."""
    connection.execute(update(balances).values(posted_cents=0))


def counted_at(now_unix_ms: int) -> ColumnElement[int]:
    """When a payment counts as spent: where it became final, as on the ledger; one not yet final now."""
    return func.coalesce(payments.c.final_at_unix_ms, now_unix_ms)


def spending(connection: Connection, member_ids: Iterable[str], now_unix_ms: int) -> dict[str, Spending]:
    """Spent or reserved since midnight UTC (the ledger's day) and over exactly the last 30 days.

    A payment counts as `counted_at` says, a conversion where the ledger locked its units.
    """
    requested = sorted(set(member_ids))
    day_start_unix_ms = now_unix_ms // MS_PER_DAY * MS_PER_DAY
    window_start_unix_ms = now_unix_ms - ROLLING_DAYS * MS_PER_DAY
    moment = counted_at(now_unix_ms)
    today = func.sum(payments.c.amount_cents).filter(moment >= day_start_unix_ms)
    window = func.sum(payments.c.amount_cents).filter(moment > window_start_unix_ms)
    rows = connection.execute(
        select(payments.c.payer_member_id, func.coalesce(today, 0), func.coalesce(window, 0))
        .where(payments.c.payer_member_id.in_(requested))
        .where(payments.c.state != REFUSED)
        # A payment is final at most a day after its acceptance; this keeps the index useful.
        .where(payments.c.accepted_at_unix_ms > window_start_unix_ms - MS_PER_DAY)
        .group_by(payments.c.payer_member_id)
    )
    found = {row[0]: (int(row[1]), int(row[2])) for row in rows}
    converted = _converted_since(connection, requested, day_start_unix_ms)
    return {
        member_id: Spending(*found.get(member_id, (0, 0)), converted.get(member_id, 0))
        for member_id in requested
    }


def _converted_since(connection: Connection, member_ids: list[str], start_unix_ms: int) -> dict[str, int]:
    """Cents whose units the ledger locked since then, or is about to lock, to be paid in euros."""
    locked_at = redemptions.c.locked_at_unix_ms
    statement = (
        select(redemptions.c.member_id, func.sum(redemptions.c.amount_cents))
        .where(redemptions.c.member_id.in_(member_ids), redemptions.c.state != REFUSED)
        .where(locked_at.is_(None) | (locked_at >= start_unix_ms))
        .group_by(redemptions.c.member_id)
    )
    return {row[0]: int(row[1]) for row in connection.execute(statement)}


def incoming_cents(connection: Connection, member_ids: Iterable[str]) -> dict[str, int]:
    """What is on its way to each member: accepted or settling, not yet posted."""
    statement = (
        select(payments.c.payee_member_id, func.sum(payments.c.amount_cents))
        .where(payments.c.payee_member_id.in_(sorted(set(member_ids))), payments.c.state.in_(ON_THE_WAY))
        .group_by(payments.c.payee_member_id)
    )
    return {row[0]: int(row[1]) for row in connection.execute(statement)}


#: Given back without having been burned: only the bank's late debit is noted with it. What was burned and
#: came back is minted again, by a credit that names it.
_MINTED_AGAIN = exists().where(topups.c.redemption_ref == redemptions.c.ref)
_BURNED_OR_ABOUT_TO_BE = and_(
    redemptions.c.bank_entry_id.is_not(None),
    or_(redemptions.c.state.not_in(("returning", "returned")), _MINTED_AGAIN),
)


def paid_out_cents(connection: Connection, as_of_unix_s: int | None = None) -> int:
    """Cents of units whose debit a statement of that moment or before shows; all told ones without a moment.

    Whole, whatever fee was kept of them: the units are burned whole. A statement's balance still holds the
    euros of what was burned and not paid out by then, so a burn opens no room for new units before a
    statement shows its payout (contracts/Issuance.sol counts the same).
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
