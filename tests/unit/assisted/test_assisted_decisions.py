"""What an officer must have seen to open an account for somebody, and what of it is kept."""

from __future__ import annotations

import dataclasses
import json

import pytest

from tests.support.assisted_side import SEEN
from wallet_service.assisted import decisions, errors
from wallet_service.assisted.models import PaperKind, SeenAtDesk
from wallet_service.help.documents import terms_version
from wallet_service.help.errors import TermsChanged
from wallet_service.protocol.signing.addresses import (
    KEYLESS_PREFIX,
    ORIGIN_BYTES,
    POINT_BYTES,
    keyless_address,
)


def test_of_a_paper_its_kind_and_four_characters_are_kept_and_nothing_else() -> None:
    kind, ending = decisions.checked_papers(SEEN)
    assert (kind, ending) == (PaperKind.IDENTITY_CARD, "X41Z")
    kept = json.loads(decisions.papers_bytes(kind, ending, ""))
    assert kept == {"paper": "identity_card", "ending": "X41Z"}


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"was_seen": False}, errors.PapersNotSeen),
        ({"kind": "library_card"}, errors.PaperInvalid),
        ({"ending": "12"}, errors.PaperInvalid),
        ({"ending": "880692310285"}, errors.PaperInvalid),  # a whole number is not taken
        ({"ending": "12é4"}, errors.PaperInvalid),
    ],
)
def test_what_was_not_seen_opens_nothing(changed: dict[str, object], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        decisions.checked_papers(dataclasses.replace(SEEN, **changed))  # type: ignore[arg-type]


def test_a_telephone_is_read_as_people_write_it_and_may_be_missing() -> None:
    assert decisions.checked_telephone("02 35.00-00 (00)") == "0235000000"
    assert decisions.checked_telephone("+33 2 35 00 00 00") == "+33235000000"
    assert decisions.checked_telephone(" ") == ""
    for typed in ("voisine", "12", "+", "0" * 16):
        with pytest.raises(errors.TelephoneInvalid):
            decisions.checked_telephone(typed)


def test_what_is_kept_is_read_again_as_it_was() -> None:
    for telephone in ("0235000000", ""):
        kept = decisions.papers_bytes(PaperKind.PASSPORT, "AB12", telephone)
        assert decisions.seen_of(kept) == SeenAtDesk(PaperKind.PASSPORT, "AB12", telephone)


def test_only_the_terms_of_today_signed_count_as_consent() -> None:
    decisions.check_consent(terms_version(), has_signed=True)
    with pytest.raises(errors.ConsentMissing):
        decisions.check_consent(terms_version(), has_signed=False)
    with pytest.raises(TermsChanged):
        decisions.check_consent("2020-01-01", has_signed=True)


def test_an_account_of_nobodys_key_never_hashes_what_could_be_a_point() -> None:
    assert len(KEYLESS_PREFIX) + ORIGIN_BYTES > POINT_BYTES
    one, other = keyless_address(b"\x01" * ORIGIN_BYTES), keyless_address(b"\x02" * ORIGIN_BYTES)
    assert one != other
    assert one == "0x" + one[2:].lower()
