"""Whatever order, overlap and multiplicity the bank's files come in, the books end the same (F13, F14)."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from scripts.camt053_writer import Detail, Entry
from tests.support.bank_side import SHOP_IBAN, BankSide
from tests.support.databases import quick_sqlite_engine
from wallet_service.database.tables.bank import bank_entries, redemptions, topups
from wallet_service.topups.decisions import LONGEST_RETRY_S

MEMBERS = 3
#: (member, cents): who sends what on a day; member 3 stands for a reference nobody has.
CREDITS = st.lists(st.tuples(st.integers(0, MEMBERS), st.integers(1, 200_00)), max_size=3)
Days = list[list[tuple[int, int]]]
DAYS = st.lists(CREDITS, min_size=1, max_size=4)
REDEEMED_CENTS = (30_00, 20_00, 10_00)


@dataclass(frozen=True)
class Books:
    balances: tuple[int, ...]
    supply_cents: int
    reserve_cents: int
    redemptions: tuple[str, ...]
    entries: tuple[tuple[str, int, str], ...]
    credited: tuple[tuple[str, int], ...]


def books(side: BankSide, members: list[str], refs: list[str]) -> Books:
    with side.engine.connect().execution_options(read_only=True) as connection:
        entries = connection.execute(
            select(bank_entries.c.entry_key, bank_entries.c.amount_cents, bank_entries.c.state)
        )
        credited = connection.execute(
            select(topups.c.mint_ref, topups.c.amount_cents).where(
                topups.c.state == "credited", topups.c.redemption_ref.is_(None)
            )
        )
        return Books(
            balances=tuple(side.balance(member)[0] for member in members),
            supply_cents=side.ledger.supply_cents(),
            reserve_cents=side.ledger.attested.amount_cents,
            redemptions=tuple(str(side.redemption(ref).state) for ref in refs),
            entries=tuple(sorted(tuple(row) for row in entries)),
            credited=tuple(sorted(tuple(row) for row in credited)),
        )


def town(folder: Path, repeats: list[int]) -> tuple[BankSide, list[str], list[str], dict[str, int]]:
    """A shop with three redemptions in a payout file, and members with references.

    Every signed redemption is sent once, and those of `repeats` again, before and after the ledger locked it.
    Returns the bank's side, the members (the shop first), the redemptions, and cents by end-to-end id.
    """
    side = BankSide(quick_sqlite_engine(folder), folder)
    shop = side.merchant()
    first = side.credit(100_00, side.topups.reference_for(shop))
    side.receive(side.statement(side.entry(first, reference="FIRST")))
    side.ledger.run()
    signed = [side.signed(shop, amount_cents) for amount_cents in REDEEMED_CENTS]
    for order, signature in signed + [signed[number] for number in repeats]:
        side.redemptions.request(shop, order, SHOP_IBAN, signature)
    side.ledger.run()
    for number in repeats:
        side.redemptions.request(shop, signed[number][0], SHOP_IBAN, signed[number][1])
    side.ledger.run()
    ids = set(side.pay_out())
    with side.engine.connect().execution_options(read_only=True) as connection:
        rows = connection.execute(select(redemptions.c.end_to_end_id, redemptions.c.amount_cents)).all()
    assert {row.end_to_end_id for row in rows} == ids
    members = [side.member() for _ in range(MEMBERS)]
    paid = {row.end_to_end_id: row.amount_cents for row in sorted(rows, key=lambda row: -row.amount_cents)}
    return side, [shop, *members], [order.ref for order, _ in signed], paid


def statements(
    side: BankSide, references: list[str], paid: dict[str, int], days: Days, returned: bool
) -> list[bytes]:
    """One statement a day; the payout is debited on the first, one transfer comes back on the last;
    then one file that covers all the days again, as banks send on request."""
    per_day: list[list[Entry]] = []
    for number, credits in enumerate(days):
        entries = [
            side.entry(side.credit(cents, references[member]), reference=f"D{number}C{place}")
            for place, (member, cents) in enumerate(credits)
        ]
        per_day.append(entries)
    payout = [Detail(cents, end_to_end_id=each) for each, cents in paid.items()]
    per_day[0].append(side.entry(*payout, reference="PAYOUT", direction="DBIT"))
    if returned:
        first, cents = next(iter(paid.items()))
        back = Detail(cents, "SHOP", SHOP_IBAN, end_to_end_id=first, return_reason="AC04")
        per_day[-1].append(side.entry(back, reference="RETURN"))
    opening_cents = side.balance_cents
    files = [side.statement(*entries) for entries in per_day]
    side.balance_cents = opening_cents
    files.append(side.statement(*(entry for entries in per_day for entry in entries)))
    return files


def read_all(order: list[int], days: Days, returned: bool, runs: list[bool], repeats: list[int]) -> Books:
    """Reads the files in that order, the ledger executing or not between two of them."""
    with tempfile.TemporaryDirectory() as name:
        side, members, refs, paid = town(Path(name), repeats)
        references = [side.topups.reference_for(member) for member in members[1:]] + ["RF00NOBODY"]
        files = statements(side, references, paid, days, returned)
        for place, number in enumerate(order):
            side.receive(files[number])
            if runs[place % len(runs)]:
                side.ledger.run()
        side.ledger.run()
        # What waited for the reserve is looked at again once the last attestation is there.
        side.clock.advance_ms(LONGEST_RETRY_S * 1000)
        side.topups.retry_due()
        side.ledger.run()
        found = books(side, members, refs)
        side.engine.dispose()
    return found


@settings(
    max_examples=25,
    deadline=None,
    # Explaining a failure traces every line of every library: minutes, for a list of files.
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(days=DAYS, returned=st.booleans(), data=st.data())
def test_the_same_bank_files_in_every_order_and_multiplicity_make_the_same_books(
    days: Days, returned: bool, data: st.DataObject
) -> None:
    """Against each day's file read once, in order. The files also come as one that covers all days again.

    Amounts stay under the tiers' limits: when not all fit, which one waits does depend on the order.
    """
    count = len(days) + 1
    straight = read_all(list(range(len(days))), days, returned, [True], [])
    every = data.draw(st.permutations(range(count)))
    again = data.draw(st.lists(st.integers(0, count - 1), max_size=4))
    order = data.draw(st.permutations([*every, *again]))
    runs = data.draw(st.lists(st.booleans(), min_size=1, max_size=4))
    repeats = data.draw(st.lists(st.integers(0, len(REDEEMED_CENTS) - 1), max_size=4))
    assert read_all(order, days, returned, runs, repeats) == straight
    credits_cents = sum(cents for day in days for member, cents in day if member < MEMBERS)
    back_cents = REDEEMED_CENTS[0] if returned else 0
    assert straight.supply_cents == 100_00 - sum(REDEEMED_CENTS) + credits_cents + back_cents
    assert straight.supply_cents <= straight.reserve_cents
    assert straight.redemptions == ("returned" if returned else "paid", "paid", "paid")
