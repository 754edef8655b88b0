"""Whatever happens to a file on its way, it is read or refused: no other error, and no money from nowhere."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.camt_files import IBAN, CamtBuilder, structured, tag
from wallet_service.bank import files
from wallet_service.bank.errors import BankFileRefusal, FileUnreadable

MADE = CamtBuilder()
DETAIL = MADE.detail("20.00", refs=tag("EndToEndId", "E-1"), remittance=structured("RF18539007547034"))
SOUND = MADE.file(
    MADE.report(
        MADE.entry("20.00", DETAIL, batch=tag("NbOfTxs", "1"), text="VIR"),
        MADE.entry("5.00", direction="DBIT", reversal="true"),
        moved="15.00",
    )
)


def packed(content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("C53.xml", content)
        file.writestr("again.xml", content)
    return archive.getvalue()


CFONB_120 = (
    f"0199999    00001EUR2 00000000154  270526{'':50}0000000010000{{{'':16}\r\n"
    f"0499999A1  00001EUR2 0000000015418280526  280526{'VIR':33}0000001  0000000000200{{{'REF1':16}\r\n"
    f"0599999A1  00001EUR2 0000000015418280526     LCC{'RF18539007547034':72}\r\n"
    f"0799999    00001EUR2 00000000154  280526{'':50}0000000010200{{{'':16}\r\n"
).encode()
MT940 = (
    f":20:REL1\r\n:25:{IBAN}\r\n:28C:1/1\r\n:60F:C260527EUR1000,00\r\n:61:2605280528C20,00NTRFNONREF//BQ1\r\n"
    ":86:VIR CAMILLE R RF18539007547034\r\n:62F:C260528EUR1020,00\r\n-\r\n"
).encode()
FORMATS = {
    "camt": SOUND,
    "utf-16": SOUND.decode().encode("utf-16"),
    "zip": packed(SOUND),
    "cfonb120": CFONB_120,
    "mt940": MT940,
}


def read_or_refuse(content: bytes) -> None:
    """A refusal with a cause is a reader's own fault: caught in life, a failure here."""
    try:
        files.read(content, IBAN)
    except BankFileRefusal as refusal:
        if refusal.__cause__ is not None:
            raise refusal.__cause__ from None


@pytest.mark.parametrize("name", FORMATS)
def test_the_files_are_sound_to_begin_with(name: str) -> None:
    found = files.read(FORMATS[name], IBAN)
    assert found.refused == ()
    assert found.reports[0].entries[0].amount_cents == 2000


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_cut_anywhere_is_read_or_refused(name: str) -> None:
    content = FORMATS[name]
    for end in range(0, len(content), 7):
        read_or_refuse(content[:end])


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_file_with_any_bytes_changed_is_read_or_refused(name: str, data: st.DataObject) -> None:
    content = bytearray(FORMATS[name])
    places = st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255))
    for place, value in data.draw(st.lists(places, min_size=1, max_size=6)):
        content[place] = value
    read_or_refuse(bytes(content))


TEXTS = [
    "",
    "-1",
    "0",
    "1e9",
    "NaN",
    "99999999999999999999",
    "²",
    "true",
    "CRDT",
    "9999-12-31T24:00:00",
    "EUR",
    "\n",
]


@settings(max_examples=300, deadline=None)
@given(
    place=st.integers(0, SOUND.count(b"</")),
    text=st.sampled_from(TEXTS) | st.text("<>&/aZ09-:+. é", max_size=20),
)
def test_any_word_in_any_element_is_read_or_refused(place: int, text: str) -> None:
    parts = SOUND.decode().split("</")
    place %= len(parts)
    before, _, _ = parts[place].rpartition(">")
    parts[place] = f"{before}>{text}"
    read_or_refuse("</".join(parts).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(BankFileRefusal) as refusal:
        files.read(content, IBAN)
    assert refusal.value.__cause__ is None


def test_a_fault_of_a_reader_is_a_refusal_of_its_part(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(files, "read_pages", broken)
    with pytest.raises(FileUnreadable) as refusal:
        files.read(packed(SOUND), IBAN)
    assert isinstance(refusal.value.__cause__, ZeroDivisionError)
