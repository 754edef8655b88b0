"""What banks might write next: neighbours of the files in tests/vectors/bank, tried through to the books.

The rule each holds: what is certain is credited, what is odd waits for an officer, and a file is refused
whole only when its account, its sums or its form cannot be trusted.
"""

from __future__ import annotations

import pytest

from tests.support.bank_books import A, B, Books
from tests.support.camt_files import CamtBuilder, balance, euros, structured, tag
from wallet_service.bank.errors import BankFileRefusal

MADE = CamtBuilder()
NEXT_YEAR_MS = 370 * 86_400_000


def detail(amount: str = "", reference: str = "", **more: str) -> str:
    return MADE.detail(amount, remittance=structured(reference) if reference else "", **more)


def statement(*entries: str, moved: str, **more: str) -> bytes:
    return MADE.file(MADE.report(*entries, moved=moved, **more))


def entry(amount: str, *details: str, **more: str) -> str:
    return MADE.entry(amount, *details, **more)


def of_day(day: str, written: str, *, opening: str, closing: str) -> bytes:
    """The same statement id each time."""
    balances = balance("OPBD", opening, day) + balance("CLBD", closing, day)
    return MADE.file(MADE.report(written, balances=balances, created=f"{day}T23:30:00+02:00"))


def batch(*details: str, count: str = "") -> bytes:
    """One sum of 50.00."""
    return statement(entry("50.00", *details, batch=tag("NbOfTxs", count) if count else ""), moved="50.00")


#: 1. A reference counts only for the transfer it came with: cents of A and B, and what waits of the 50.00.
SUMS = {
    "transfers make more": (batch(detail("30.00", A), detail("30.00", B)), (0, 0), "batch_net_of_fees"),
    "transfers make less": (batch(detail("20.00", A), detail("20.00", B)), (0, 0), "batch_incomplete"),
    "one transfer of less": (batch(detail("20.00", A)), (20_00, 0), "batch_incomplete"),
    "one transfer of more": (batch(detail("500.00", A)), (50_00, 0), None),
    "one announced, two shown": (
        batch(detail("30.00", A), detail("20.00", B), count="1"),
        (0, 0),
        "batch_incomplete",
    ),
    "three announced, two shown": (
        batch(detail("30.00", A), detail("20.00", B), count="3"),
        (0, 0),
        "batch_incomplete",
    ),
    "two announced, one without amount": (batch(detail("", A), count="2"), (0, 0), "batch_incomplete"),
    "one of two without amount": (batch(detail("30.00", A), detail("", B)), (30_00, 0), "batch_incomplete"),
    "a negative one": (batch(detail("70.00", A), detail("-20.00", B)), (0, 0), "batch_net_of_fees"),
    "one of nothing": (batch(detail("0.00", A)), (0, 0), "batch_incomplete"),
    "one of nothing beside another": (batch(detail("0.00", A), detail("50.00", B)), (0, 50_00), None),
    "in two groups": (
        batch(detail("30.00", A), "</NtryDtls><NtryDtls>", detail("20.00", B)),
        (30_00, 20_00),
        None,
    ),
    "another currency": (
        batch(detail("30.00", A).replace("EUR", "USD"), detail("20.00", B)),
        (0, 20_00),
        "batch_incomplete",
    ),
}


@pytest.mark.parametrize("name", SUMS)
def test_of_a_sum_what_is_certain_is_credited_and_the_rest_waits(books: Books, name: str) -> None:
    content, balances, reason = SUMS[name]
    books.hand_in(content)
    assert books.balances == balances
    rest_cents = 50_00 - sum(balances)
    assert books.waiting == ([(rest_cents, reason)] if rest_cents else [])


@pytest.mark.parametrize("reference", ["", "NONREF", "NOTPROVIDED", "0000000000", "000", " ", "N/A", "BQ1"])
def test_equal_movements_of_one_statement_are_as_many_as_it_shows(books: Books, reference: str) -> None:
    """2. Whatever the bank calls them, and the statement again brings nothing."""
    twice = entry("20.00", detail("", A), reference=reference)
    content = statement(twice, twice, moved="40.00")
    for _ in range(2):
        books.hand_in(content)
    assert (books.balances, books.waiting) == ((40_00, 0), [])


def test_ids_and_references_that_start_again_each_year_are_new(books: Books) -> None:
    written = entry("20.00", detail("", A))
    books.hand_in(of_day("2026-05-28", written, opening="1000.00", closing="1020.00"))
    books.side.clock.advance_ms(NEXT_YEAR_MS)
    later = written.replace("2026-05-28", "2027-05-28")
    books.hand_in(of_day("2027-05-28", later, opening="1020.00", closing="1040.00"))
    assert (books.balances, books.waiting) == ((40_00, 0), [])


@pytest.mark.parametrize("said", ["true", "1", "TRUE", " true ", "yes"])
@pytest.mark.parametrize(("direction", "moved"), [("CRDT", "20.00"), ("CRDT", "-20.00"), ("DBIT", "20.00")])
def test_what_undoes_an_entry_is_minted_to_nobody_however_it_is_written(
    books: Books, said: str, direction: str, moved: str
) -> None:
    """3. By today's habit of directions and by the older one."""
    books.hand_in(statement(entry("20.00", detail("", A), direction=direction, reversal=said), moved=moved))
    assert (books.balances, books.waiting) == ((0, 0), [(20_00, "reversal")])


@pytest.mark.parametrize("said", ["false", "0", "FALSE"])
def test_what_says_that_it_undoes_nothing_is_a_credit(books: Books, said: str) -> None:
    books.hand_in(statement(entry("20.00", detail("", A), reversal=said), moved="20.00"))
    assert (books.balances, books.waiting) == ((20_00, 0), [])


SOUND = entry("25.00", detail("", B), reference="BQ2")
#: Entries of 20.00 with A's reference that are not to be believed.
ODD = {
    "no currency": entry("20.00", detail("", A)).replace(' Ccy="EUR"', ""),
    "small letters": entry("20.00", detail("", A), currency="eur"),
    "part of a cent": entry("20.001", detail("", A)),
    "negative": entry("-20.00", detail("", A)),
    "exponent": entry("2e1", detail("", A)),
    "endless": entry("9" * 400, detail("", A)),
    "comma": entry("20,00", detail("", A)),
    "other digits": entry("٢٠.٠٠", detail("", A)),
    "no number": entry("NaN", detail("", A)),
    "nothing": entry("", detail("", A)),
    "two amounts": entry("20.00", detail("", A)).replace(euros("20.00"), euros("20.00") * 2),
    "no status": entry("20.00", detail("", A)).replace("<Sts><Cd>BOOK</Cd></Sts>", ""),
    "the 30th of February": entry("20.00", detail("", A), booked=tag("Dt", "2026-02-30")),
    "25 o'clock": entry("20.00", detail("", A), booked=tag("DtTm", "2026-05-28T25:00:00")),
    "beyond any zone": entry("20.00", detail("", A), booked=tag("DtTm", "2026-05-28T10:00:00-99:99")),
    "another order of days": entry("20.00", detail("", A), booked=tag("Dt", "28/05/2026")),
    "a reversal, and none": entry("20.00", detail("", A), reversal="false").replace(
        tag("RvslInd", "false"), tag("RvslInd", "false") + tag("RvslInd", "0")
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_one_odd_entry_waits_and_the_next_is_credited(books: Books, name: str) -> None:
    books.hand_in(statement(ODD[name], SOUND, moved="45.00"))
    assert (books.balances, books.waiting) == ((0, 25_00), [(20_00, "odd")])
    assert books.side.ledger.attested.amount_cents == 1045_00


MOMENTS = (
    "2026-05-28T24:00:00", "2026-05-28T24:00:00Z", "2026-05-28T24:00:00.000+02:00", "2026-05-28+02:00",
    "2026-05-28Z", "2026-05-28T23:59:60", "2026-05-28T22:30:00Z", "2026-05-28T10:00:00+14:00", "",
)  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_moment_with_a_zone_or_at_a_days_very_end_is_read(books: Books, moment: str) -> None:
    written = entry("20.00", detail("", A), booked=tag("DtTm", moment))
    books.hand_in(MADE.file(MADE.report(written, moved="20.00", created=moment or "2026-05-28T23:30:00")))
    assert (books.balances, books.waiting) == ((20_00, 0), [])


SINGLE = statement(entry("20.00", detail("", A)), moved="20.00")
DOCTYPE = b"<!DOCTYPE Document [<!ENTITY %s>]>"
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(1, 9))
#: 5. Poison: no error, no credit, nothing read from elsewhere.
POISON = {
    "laughs": SINGLE.replace(b"?>\n", b'?>\n<!DOCTYPE Document [<!ENTITY l1 "lol">' + LAUGHS + b"]>", 1),
    "a file of this machine": SINGLE.replace(
        b"?>\n", b"?>\n" + DOCTYPE % b'x SYSTEM "file:///etc/passwd"', 1
    ),
    "a parameter": SINGLE.replace(b"?>\n", b"?>\n" + DOCTYPE % b'% x SYSTEM "http://127.0.0.1:1/"', 1),
    "in utf-16": SINGLE.decode().replace("?>\n", "?>\n<!DOCTYPE Document>", 1).encode("utf-16"),
    "deep": b"<a>" * 100_000 + b"</a>" * 100_000,
    "wide": b'<a b="' + b"x" * 7_000_000 + b'"/>',
    "cut": SINGLE[: len(SINGLE) // 2],
    "without its last tag": SINGLE[: -len(b"</Document>")],
    "two closing balances": statement(
        entry("20.00", detail("", A)),
        moved="20.00",
        balances=balance("OPBD", "1000.00") + balance("CLBD", "1020.00") + balance("CLBD", "1030.00"),
    ),
    "a balance beyond bounds": statement(
        entry("20.00", detail("", A)),
        moved="20.00",
        balances=balance("OPBD", "1000.00") + balance("CLBD", "9" * 18 + ".99"),
    ),
}


@pytest.mark.parametrize("name", POISON)
def test_what_cannot_be_trusted_is_refused_whole_and_the_next_file_is_read(books: Books, name: str) -> None:
    with pytest.raises(BankFileRefusal):
        books.hand_in(POISON[name])
    assert (books.balances, books.waiting, books.held) == ((0, 0), [], [])
    books.hand_in(SINGLE)
    assert books.balances == (20_00, 0)
