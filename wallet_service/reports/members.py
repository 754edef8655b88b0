"""Members as officers find and see them. Reads only; opens nothing that is sealed.

A private person is found by what they tell the officer (transfer reference, member id), never by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, case, false, func, or_, select

from wallet_service.database.tables.bank import redemptions, topup_references, topups
from wallet_service.database.tables.chain import balances
from wallet_service.database.tables.identity import identity_files
from wallet_service.database.tables.members import devices, members, tills
from wallet_service.database.tables.payments import payments
from wallet_service.directory import decisions as directory
from wallet_service.oversight.errors import MemberNotFound
from wallet_service.platform.journal import Subject
from wallet_service.protocol.errors import ProtocolError
from wallet_service.protocol.text.lines import holds_words, plain
from wallet_service.protocol.text.references import normal_topup_reference

MAX_FOUND = 50
MAX_QUERY_CHARACTERS = 80
MIN_ID_PREFIX_CHARACTERS = 6
MAX_OWN_OF_A_KIND = 50
MAX_PAGES = 2_000
#: From so much of what their tier may hold on, a member is near the limit.
NEAR_PERCENT = 80
#: A member's state, and this which is none: something is frozen.
FROZEN = "frozen"
#: Letters a member number never holds, as people write the digits they take for them.
_MISREAD = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True)
class MemberSummary:
    """A member in a list. `public_name` is a trade name, None for private persons."""

    id: str
    kind: str
    tier: str
    state: str
    public_name: str | None
    sector: str | None
    commune_code: str | None
    frozen_incoming: bool
    frozen_outgoing: bool
    created_at_unix_ms: int


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """Which members a list shows; what is empty lets everybody through. Nothing of it is personal.

    `place`: the beginning of a commune's code, a département's two figures for all of it. `sectors`: NAF
    divisions. `holding_limits`: what each tier may hold, cents, 0 for no limit.
    """

    kind: str = ""
    tier: str = ""
    state: str = ""
    place: str = ""
    sectors: tuple[str, ...] | None = None
    is_near_limit: bool = False
    holding_limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemberPage:
    """`total` of all pages; `near_limit`: who of these holds nearly all that may be held."""

    lines: tuple[MemberSummary, ...]
    total: int
    near_limit: frozenset[str]


@dataclass(frozen=True, slots=True)
class Movements:
    """How many and how much, over the member's whole life here; refunds count as payments."""

    paid_count: int
    paid_cents: int
    received_count: int
    received_cents: int
    refused_count: int
    last_at_unix_ms: int | None
    topups_count: int
    topups_cents: int
    redemptions_count: int
    redemptions_cents: int


@dataclass(frozen=True, slots=True)
class MemberDetail:
    summary: MemberSummary
    account_address: str
    identity_expires_on_day: int | None
    reference: str | None
    balance_cents: int
    reserved_cents: int
    devices_count: int
    tills_count: int
    movements: Movements


class MembersView:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def search(self, text: str = "", limit: int = MAX_FOUND) -> list[MemberSummary]:
        """By part of a public name, transfer reference, account, or the start of an id.

        Newest first when nothing is asked.
        """
        query_text = " ".join(text.split())[:MAX_QUERY_CHARACTERS]
        query = select(members)
        with self._reading() as connection:
            if query_text:
                matching = _matches(connection, query_text)
                query = query.where(matching).order_by(members.c.public_name, members.c.id)
            else:
                query = query.order_by(members.c.created_at_unix_ms.desc(), members.c.id)
            return [_summary(row) for row in connection.execute(query.limit(min(limit, MAX_FOUND)))]

    def page(self, wanted: MemberFilter, text: str = "", number: int = 1) -> MemberPage:
        """Newest first; by name where words are looked for as `search` does. Pages count from 1."""
        query_text = " ".join(text.split())[:MAX_QUERY_CHARACTERS]
        is_near = _is_near(wanted.holding_limits)
        held = members.outerjoin(balances, balances.c.account == members.c.account_address)
        with self._reading() as connection:
            conditions = _conditions(wanted, is_near)
            order: tuple[Any, ...] = (members.c.created_at_unix_ms.desc(), members.c.id)
            if query_text:
                conditions.append(_matches(connection, query_text))
                order = (members.c.public_name, members.c.id)
            query = select(members, is_near.label("is_near")).select_from(held).where(*conditions)
            counted = select(func.count()).select_from(held).where(*conditions)
            first = (min(max(number, 1), MAX_PAGES) - 1) * MAX_FOUND
            rows = connection.execute(query.order_by(*order).limit(MAX_FOUND).offset(first)).all()
            return MemberPage(
                tuple(_summary(row) for row in rows),
                int(connection.execute(counted).scalar_one()),
                frozenset(row.id for row in rows if row.is_near),
            )

    def communes(self) -> list[str]:
        """Where professionals are: the codes of their communes."""
        query = select(members.c.commune_code).where(members.c.commune_code.is_not(None)).distinct()
        with self._reading() as connection:
            return sorted(connection.execute(query).scalars())

    def summaries(self, member_ids: Iterable[str]) -> dict[str, MemberSummary]:
        requested = sorted(set(member_ids))
        with self._reading() as connection:
            rows = connection.execute(select(members).where(members.c.id.in_(requested)))
            return {row.id: _summary(row) for row in rows}

    def detail(self, member_id: str) -> MemberDetail:
        """Raises MemberNotFound."""
        with self._reading() as connection:
            row = connection.execute(select(members).where(members.c.id == member_id)).one_or_none()
            if row is None:
                raise MemberNotFound()
            balance = connection.execute(
                select(balances.c.posted_cents, balances.c.reserved_cents).where(
                    balances.c.account == row.account_address
                )
            ).one_or_none()
            reference = select(topup_references.c.reference).where(topup_references.c.member_id == member_id)
            return MemberDetail(
                summary=_summary(row),
                account_address=row.account_address,
                identity_expires_on_day=row.identity_expires_on_day,
                reference=connection.execute(reference).scalar_one_or_none(),
                balance_cents=int(balance.posted_cents) if balance else 0,
                reserved_cents=int(balance.reserved_cents) if balance else 0,
                devices_count=_count_active(connection, devices, member_id),
                tills_count=_count_active(connection, tills, member_id),
                movements=_movements(connection, member_id),
            )

    def _reading(self) -> Connection:
        return self._engine.connect().execution_options(read_only=True)


def _named(connection: Connection, text: str) -> list[str]:
    """Trade names are compared here: no database knows that é is e, or which apostrophe phones type.

    Where nothing fits, as the directory forgives a slip; a number is right or another.
    """
    names = select(members.c.public_name, members.c.id).where(members.c.public_name.is_not(None))
    known = [(plain(row[0]), row[1]) for row in connection.execute(names)]
    found = sorted(each for each in known if holds_words(each[0], text))
    asked = directory.asked_words(text)
    if not found and asked and all(word.isalpha() for word in asked):
        found = sorted(each for each in known if directory.found(directory.words_of(each[0]), text))
    return [member_id for _name, member_id in found[:MAX_FOUND]]


def _is_near(holding_limits: Mapping[str, int]) -> ColumnElement[bool]:
    """A limit of 0 is none, and nobody is near it."""
    near = [
        and_(members.c.tier == tier, balances.c.posted_cents * 100 >= limit_cents * NEAR_PERCENT)
        for tier, limit_cents in sorted(holding_limits.items())
        if limit_cents
    ]
    return func.coalesce(or_(*near), false()) if near else false()


def _conditions(wanted: MemberFilter, is_near: ColumnElement[bool]) -> list[Any]:
    is_frozen = or_(members.c.frozen_incoming, members.c.frozen_outgoing)
    found: list[Any] = [
        column == value
        for column, value in ((members.c.kind, wanted.kind), (members.c.tier, wanted.tier))
        if value
    ]
    if wanted.state:
        found.append(is_frozen if wanted.state == FROZEN else members.c.state == wanted.state)
    if wanted.place:
        found.append(members.c.commune_code.startswith(wanted.place, autoescape=True))
    if wanted.sectors is not None:
        found.append(members.c.sector.in_(wanted.sectors))
    if wanted.is_near_limit:
        found.append(is_near)
    return found


def _matches(connection: Connection, text: str) -> Any:
    ways: list[Any] = [members.c.id.in_(_named(connection, text))]
    if text.lower().startswith("0x"):
        ways.append(members.c.account_address == text.lower())
    number = text.upper().replace(" ", "").replace("-", "").translate(_MISREAD)
    if len(number) >= MIN_ID_PREFIX_CHARACTERS and number.isalnum():
        ways.append(members.c.id.like(f"{number}%"))
    try:
        reference = normal_topup_reference(text)
    except ProtocolError:
        return or_(*ways)
    owner = select(topup_references.c.member_id).where(topup_references.c.reference == reference)
    return or_(*ways, members.c.id.in_(owner))


#: What is a member's, where the journal names it by its own id, and which of it is the newest.
_OWN = (
    ("identity_file", identity_files.c.id, identity_files.c.member_id, identity_files.c.created_at_unix_ms),
    ("device", devices.c.id, devices.c.member_id, devices.c.created_at_unix_ms),
    ("till", tills.c.id, tills.c.member_id, tills.c.paired_at_unix_ms),
    ("topup", topups.c.id, topups.c.member_id, topups.c.matched_at_unix_ms),
    ("bank_entry", topups.c.bank_entry_id, topups.c.member_id, topups.c.matched_at_unix_ms),
    ("redemption", redemptions.c.ref, redemptions.c.member_id, redemptions.c.requested_at_unix_ms),
)


def subjects_of(connection: Connection, member_id: str) -> Iterator[Subject]:
    """The member and the newest of what is theirs, as the journal names them."""
    yield Subject("member", member_id)
    for kind, own_id, owner, at_unix_ms in _OWN:
        query = select(own_id).where(owner == member_id).order_by(at_unix_ms.desc()).limit(MAX_OWN_OF_A_KIND)
        yield from (Subject(kind, str(found)) for found in connection.execute(query).scalars())


def _count_active(connection: Connection, table: Any, member_id: str) -> int:
    query = select(func.count()).where(table.c.member_id == member_id, table.c.state == "active")
    return int(connection.execute(query).scalar_one())


def _movements(connection: Connection, member_id: str) -> Movements:
    paid, received = payments.c.payer_member_id == member_id, payments.c.payee_member_id == member_id
    final = payments.c.state == "paid"

    def total(condition: Any, value: Any) -> Any:
        return func.coalesce(func.sum(case((condition, value), else_=0)), 0)

    row = connection.execute(
        select(
            total(and_(paid, final), 1),
            total(and_(paid, final), payments.c.amount_cents),
            total(and_(received, final), 1),
            total(and_(received, final), payments.c.amount_cents),
            total(and_(paid, payments.c.state == "refused"), 1),
            func.max(payments.c.accepted_at_unix_ms),
        ).where(or_(paid, received))
    ).one()
    loaded = connection.execute(
        select(func.count(), func.coalesce(func.sum(topups.c.amount_cents), 0)).where(
            topups.c.member_id == member_id, topups.c.state == "credited"
        )
    ).one()
    taken = connection.execute(
        select(func.count(), func.coalesce(func.sum(redemptions.c.amount_cents), 0)).where(
            redemptions.c.member_id == member_id, redemptions.c.state == "paid"
        )
    ).one()
    paid_count, paid_cents, received_count, received_cents, refused_count = (int(value) for value in row[:5])
    return Movements(
        paid_count=paid_count,
        paid_cents=paid_cents,
        received_count=received_count,
        received_cents=received_cents,
        refused_count=refused_count,
        last_at_unix_ms=row[5],
        topups_count=int(loaded[0]),
        topups_cents=int(loaded[1]),
        redemptions_count=int(taken[0]),
        redemptions_cents=int(taken[1]),
    )


def _summary(row: Row[Any]) -> MemberSummary:
    return MemberSummary(
        id=row.id,
        kind=row.kind,
        tier=row.tier,
        state=row.state,
        public_name=row.public_name,
        sector=row.sector,
        commune_code=row.commune_code,
        frozen_incoming=row.frozen_incoming,
        frozen_outgoing=row.frozen_outgoing,
        created_at_unix_ms=row.created_at_unix_ms,
    )
