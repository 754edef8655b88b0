"""The SQL of top-ups. Takes a Connection, opens no transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from wallet_service.accounts.repository import paid_out_cents
from wallet_service.database.many import among, insert_many
from wallet_service.database.tables.bank import attestations, bank_entries, topup_references, topups
from wallet_service.database.tables.chain import balances, postings
from wallet_service.database.tables.members import members
from wallet_service.platform.quarantine import RowKind, is_free
from wallet_service.protocol.calendar import MS_PER_DAY, ROLLING_DAYS
from wallet_service.protocol.signing.addresses import ZERO_ADDRESS
from wallet_service.topups.decisions import Receiver

TopupState = Literal["held", "minting", "proposed", "credited", "returned"]
MAX_PAGE_LENGTH = 500
#: Units that are asked for and not there yet.
_ON_THE_WAY = ("minting", "proposed")


@dataclass(frozen=True)
class Topup:
    """Euros that came for a member.

    `held_reason` is a code; `redemption_ref` is set when a paid redemption's euros came back; `given_by` is
    the officer who gave them to the member, None when their reference did.
    """

    id: str
    bank_entry_id: str
    member_id: str
    account_address: str
    amount_cents: int
    mint_ref: str
    state: TopupState
    held_reason: str | None
    attempts: int
    redemption_ref: str | None
    given_by: str | None
    matched_at_unix_ms: int
    credited_at_unix_ms: int | None


def reference_of(connection: Connection, member_id: str) -> str | None:
    query = select(topup_references.c.reference).where(topup_references.c.member_id == member_id)
    return connection.execute(query).scalar_one_or_none()


def insert_reference(connection: Connection, member_id: str, reference: str, now_unix_ms: int) -> None:
    connection.execute(
        insert(topup_references).values(
            member_id=member_id, reference=reference, created_at_unix_ms=now_unix_ms
        )
    )


def forget_reference(connection: Connection, member_id: str) -> None:
    """What comes under it later is matched to nobody and waits for an officer."""
    connection.execute(delete(topup_references).where(topup_references.c.member_id == member_id))


def members_by_reference(connection: Connection, references: Iterable[str]) -> dict[str, str]:
    """reference -> member id, for those that exist."""
    found: dict[str, str] = {}
    for chunk in _chunks(references):
        query = select(topup_references.c.reference, topup_references.c.member_id)
        rows = connection.execute(query.where(among(connection, topup_references.c.reference, chunk)))
        found.update({row.reference: row.member_id for row in rows})
    return found


def member_exists(connection: Connection, member_id: str) -> bool:
    return connection.execute(select(members.c.id).where(members.c.id == member_id)).first() is not None


def insert_topup(connection: Connection, values: dict[str, Any]) -> None:
    """A new top-up waits (held) until a decision queues its mint."""
    connection.execute(insert(topups).values(state="held", attempts=0, **values))


def given_of_entry(connection: Connection, entry_id: str) -> Sequence[tuple[str, int]]:
    """(member, cents) of each top-up that was made of this credit."""
    query = select(topups.c.member_id, topups.c.amount_cents).where(topups.c.bank_entry_id == entry_id)
    return [(row.member_id, row.amount_cents) for row in connection.execute(query)]


def _joined() -> Select[Any]:
    return select(topups, members.c.account_address).join(members, members.c.id == topups.c.member_id)


def topup_by_id(connection: Connection, topup_id: str) -> Topup | None:
    row = connection.execute(_joined().where(topups.c.id == topup_id)).mappings().first()
    return None if row is None else _topup(row)


def topup_by_mint_ref(connection: Connection, mint_ref: str) -> Topup | None:
    row = connection.execute(_joined().where(topups.c.mint_ref == mint_ref)).mappings().first()
    return None if row is None else _topup(row)


def on_hold(connection: Connection, limit: int) -> Sequence[Topup]:
    """Oldest first."""
    return in_state(connection, "held", limit)


def in_state(connection: Connection, state: TopupState, limit: int) -> Sequence[Topup]:
    """Oldest first."""
    query = _joined().where(topups.c.state == state).order_by(topups.c.matched_at_unix_ms, topups.c.id)
    rows = connection.execute(query.limit(min(limit, MAX_PAGE_LENGTH)))
    return [_topup(row) for row in rows.mappings()]


def due(connection: Connection, now_unix_ms: int, limit: int) -> Sequence[Topup]:
    """Held ones whose time has come, oldest first."""
    query = (
        _joined()
        .where(topups.c.state == "held", topups.c.retry_at_unix_ms <= now_unix_ms)
        .where(is_free(RowKind.TOPUP, topups.c.id))
        .order_by(topups.c.retry_at_unix_ms, topups.c.id)
        .limit(min(limit, MAX_PAGE_LENGTH))
    )
    return [_topup(row) for row in connection.execute(query).mappings()]


def of_member(connection: Connection, member_id: str, limit: int) -> Sequence[Topup]:
    """Newest first."""
    query = (
        _joined()
        .where(topups.c.member_id == member_id)
        .order_by(topups.c.matched_at_unix_ms.desc(), topups.c.id.desc())
        .limit(min(limit, MAX_PAGE_LENGTH))
    )
    return [_topup(row) for row in connection.execute(query).mappings()]


def receiver(connection: Connection, member_id: str, now_unix_ms: int) -> Receiver | None:
    return receivers(connection, [member_id], now_unix_ms).get(member_id)


def receivers(connection: Connection, member_ids: Iterable[str], now_unix_ms: int) -> dict[str, Receiver]:
    """By member; without those there are not."""
    since_unix_ms = now_unix_ms - ROLLING_DAYS * MS_PER_DAY
    on_the_way = topups.c.state.in_(_ON_THE_WAY)
    is_load = topups.c.state.in_((*_ON_THE_WAY, "credited")) & topups.c.redemption_ref.is_(None)
    is_loaded = is_load & (topups.c.matched_at_unix_ms > since_unix_ms)
    found: dict[str, Receiver] = {}
    for chunk in _chunks(member_ids):
        sums = {
            row.member_id: row
            for row in connection.execute(
                select(
                    topups.c.member_id,
                    func.coalesce(func.sum(topups.c.amount_cents).filter(on_the_way), 0).label("minting"),
                    func.coalesce(func.sum(topups.c.amount_cents).filter(is_loaded), 0).label("loaded"),
                    func.count().filter(is_load).label("loads"),
                )
                .where(among(connection, topups.c.member_id, chunk), on_the_way | is_load)
                .group_by(topups.c.member_id)
            )
        }
        rows = connection.execute(
            select(
                members.c.id,
                members.c.state,
                members.c.tier,
                members.c.frozen_incoming,
                members.c.identity_expires_on_day,
                func.coalesce(balances.c.posted_cents, 0).label("posted_cents"),
            )
            .outerjoin(balances, balances.c.account == members.c.account_address)
            .where(among(connection, members.c.id, chunk))
        )
        for member in rows.mappings():
            so_far = sums.get(member["id"])
            found[member["id"]] = Receiver(
                state=member["state"],
                tier=member["tier"],
                frozen_incoming=bool(member["frozen_incoming"]),
                identity_expires_on_day=member["identity_expires_on_day"],
                balance_cents=int(member["posted_cents"]),
                minting_cents=int(so_far.minting) if so_far else 0,
                loaded_30_days_cents=int(so_far.loaded) if so_far else 0,
                was_loaded=bool(so_far and so_far.loads),
            )
    return found


def account_addresses(connection: Connection, member_ids: Iterable[str]) -> dict[str, str]:
    """By member."""
    found: dict[str, str] = {}
    for chunk in _chunks(member_ids):
        query = select(members.c.id, members.c.account_address).where(among(connection, members.c.id, chunk))
        found.update({row.id: row.account_address for row in connection.execute(query)})
    return found


def already_minted(connection: Connection, mint_refs: Iterable[str]) -> set[str]:
    """Those the copied ledger has made units for."""
    found: set[str] = set()
    for chunk in _chunks(mint_refs):
        query = select(postings.c.ref).where(
            among(connection, postings.c.ref, chunk), postings.c.kind == "mint"
        )
        found.update(connection.execute(query).scalars())
    return found


def insert_topups(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """New ones, each in the state that was decided for it."""
    insert_many(connection, topups, rows)


def is_shown_by_a_statement(connection: Connection, topup: Topup) -> bool:
    """Whether its euros have been shown between two balances, or were only told."""
    query = select(bank_entries.c.confirmed_statement_id).where(bank_entries.c.id == topup.bank_entry_id)
    return connection.execute(query).scalar_one_or_none() is not None


def slack_cents(connection: Connection) -> int:
    """What the attested reserve covers beyond the units there are and those asked for.

    Units burned whose payout that statement does not show leave nothing free under it, as on the ledger.
    """
    attested = (
        select(attestations.c.amount_cents + attestations.c.paid_out_cents)
        .where(attestations.c.attested_at_unix_s.is_not(None))
        .order_by(attestations.c.as_of_unix_s.desc())
        .limit(1)
    )
    issuer = select(balances.c.posted_cents).where(
        balances.c.account == ZERO_ADDRESS
    )  # minus what circulates
    minting = select(func.coalesce(func.sum(topups.c.amount_cents), 0)).where(topups.c.state.in_(_ON_THE_WAY))
    return (
        int(connection.execute(attested).scalar_one_or_none() or 0)
        + int(connection.execute(issuer).scalar_one_or_none() or 0)
        - int(connection.execute(minting).scalar_one())
        - paid_out_cents(connection)
    )


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Each once, at most as many as one statement takes."""
    each_once = sorted(set(values))
    for start in range(0, len(each_once), MAX_PAGE_LENGTH):
        yield each_once[start : start + MAX_PAGE_LENGTH]


def mark_minting(connection: Connection, topup_id: str, attempts: int) -> bool:
    """From held only."""
    changed = connection.execute(
        update(topups)
        .where(topups.c.id == topup_id, topups.c.state == "held")
        .values(state="minting", attempts=attempts, held_reason=None, retry_at_unix_ms=None)
    )
    return changed.rowcount == 1


def mark_on_its_way(connection: Connection, topup: Topup, attempts: int) -> bool:
    """From minting or proposed, to minting with another command; False when somebody else was faster."""
    changed = connection.execute(
        update(topups)
        .where(topups.c.id == topup.id, topups.c.state.in_(_ON_THE_WAY))
        .where(topups.c.attempts == topup.attempts)
        .values(state="minting", attempts=attempts, held_reason=None, retry_at_unix_ms=None)
    )
    return changed.rowcount == 1


def mark_proposed(connection: Connection, topup_id: str, reason: str, until_unix_ms: int) -> bool:
    """From minting only."""
    changed = connection.execute(
        update(topups)
        .where(topups.c.id == topup_id, topups.c.state == "minting")
        .values(state="proposed", held_reason=reason, retry_at_unix_ms=until_unix_ms)
    )
    return changed.rowcount == 1


def mark_held_for_good(connection: Connection, topup_id: str, reason: str) -> None:
    """From proposed: no retry looks at it again."""
    connection.execute(
        update(topups)
        .where(topups.c.id == topup_id, topups.c.state == "proposed")
        .values(state="held", held_reason=reason, retry_at_unix_ms=None)
    )


def proposals_due(connection: Connection, now_unix_ms: int) -> Sequence[Topup]:
    """Proposals the ledger has let go of by now."""
    query = _joined().where(topups.c.state == "proposed", topups.c.retry_at_unix_ms <= now_unix_ms)
    return [_topup(row) for row in connection.execute(query.limit(MAX_PAGE_LENGTH)).mappings()]


def mark_held(connection: Connection, topup_id: str, reason: str, retry_at_unix_ms: int) -> bool:
    """From held (another reason) or minting (the chain refused). True when something changed but the time."""
    changed = connection.execute(
        update(topups)
        .where(topups.c.id == topup_id, topups.c.state.in_(("held", "minting")))
        .where((topups.c.state == "minting") | topups.c.held_reason.is_distinct_from(reason))
        .values(state="held", held_reason=reason, retry_at_unix_ms=retry_at_unix_ms)
    )
    if changed.rowcount == 0:
        connection.execute(
            update(topups)
            .where(topups.c.id == topup_id, topups.c.state == "held")
            .values(retry_at_unix_ms=retry_at_unix_ms)
        )
    return changed.rowcount == 1


def mark_credited(connection: Connection, mint_ref: str, at_unix_ms: int, final_block: int) -> bool:
    """From any state but credited: what the chain minted is credited, whatever we thought."""
    changed = connection.execute(
        update(topups)
        .where(topups.c.mint_ref == mint_ref, topups.c.state != "credited")
        .values(
            state="credited",
            credited_at_unix_ms=at_unix_ms,
            final_block=final_block,
            held_reason=None,
            retry_at_unix_ms=None,
        )
    )
    return changed.rowcount == 1


def minted_at(connection: Connection, topup: Topup) -> tuple[int, int] | None:
    """(unix seconds, block) of the units the ledger already made for these euros, as the copy has it."""
    row = connection.execute(
        select(postings.c.block_timestamp_unix_s, postings.c.block_number).where(
            postings.c.ref == topup.mint_ref,
            postings.c.kind == "mint",
            postings.c.account == topup.account_address,
            postings.c.amount_cents == topup.amount_cents,
        )
    ).first()
    return None if row is None else (row.block_timestamp_unix_s, row.block_number)


def mark_returned(connection: Connection, topup_id: str) -> bool:
    """From held only: nothing was minted for it."""
    changed = connection.execute(
        update(topups)
        .where(topups.c.id == topup_id, topups.c.state == "held")
        .values(state="returned", retry_at_unix_ms=None)
    )
    return changed.rowcount == 1


def make_all_due(connection: Connection, now_unix_ms: int) -> None:
    """The reserve or a member changed: every held top-up is worth another look at once."""
    connection.execute(
        update(topups)
        .where(topups.c.state == "held", topups.c.retry_at_unix_ms > now_unix_ms)
        .values(retry_at_unix_ms=now_unix_ms)
    )


def rewind(connection: Connection, last_block_kept: int) -> None:
    connection.execute(
        update(topups)
        .where(topups.c.final_block > last_block_kept)
        .values(state="minting", credited_at_unix_ms=None, final_block=None)
    )


def _topup(row: Any) -> Topup:
    return Topup(
        id=row["id"],
        bank_entry_id=row["bank_entry_id"],
        member_id=row["member_id"],
        account_address=row["account_address"],
        amount_cents=row["amount_cents"],
        mint_ref=row["mint_ref"],
        state=row["state"],
        held_reason=row["held_reason"],
        attempts=row["attempts"],
        redemption_ref=row["redemption_ref"],
        given_by=row["given_by"],
        matched_at_unix_ms=row["matched_at_unix_ms"],
        credited_at_unix_ms=row["credited_at_unix_ms"],
    )
