"""Which findings begin, change and end; how an anchor is written and read."""

from __future__ import annotations

import pytest

from wallet_service.audit.decisions import LASTING_CODES, MONEY_CODES, anchor_data, anchored_head, changes
from wallet_service.audit.models import AnchoredHead, Code, Finding

ACCOUNT = "0x" + "12" * 20
HEAD = AnchoredHead(1_234, "0x" + "ab" * 32)


def keyed(*findings: Finding) -> dict[tuple[str, str], Finding]:
    return {(finding.code.value, finding.subject): finding for finding in findings}


def test_an_anchor_keeps_the_entry_and_its_hash() -> None:
    assert anchored_head(anchor_data(HEAD)) == HEAD


@pytest.mark.parametrize(
    "data", [b"", anchor_data(HEAD)[:-1], anchor_data(HEAD) + b"\0", b"x" + anchor_data(HEAD)[1:]]
)
def test_other_data_is_no_anchor(data: bytes) -> None:
    assert anchored_head(data) is None


def test_a_finding_stands_until_a_look_that_covers_it_finds_it_no_more() -> None:
    finding = Finding(Code.BALANCE, ACCOUNT, 50)
    assert changes({}, [finding], set(), set()).new == (finding,)
    standing = keyed(finding)
    assert changes(standing, [], set(), set()).ended == ()
    assert changes(standing, [], {(Code.BALANCE.value, ACCOUNT)}, set()).ended == tuple(standing)
    assert changes(keyed(Finding(Code.SUM)), [], set(), {Code.SUM.value}).ended == ((Code.SUM.value, ""),)


def test_the_same_finding_with_another_amount_is_changed_and_not_new() -> None:
    larger = Finding(Code.BALANCE, ACCOUNT, 70)
    found = changes(keyed(Finding(Code.BALANCE, ACCOUNT, 50)), [larger], set(), set())
    assert (found.new, found.changed, found.ended) == ((), (larger,), ())


def test_what_was_cut_does_not_end_by_itself() -> None:
    cut = keyed(Finding(Code.JOURNAL_CUT, "seen 9"))
    assert changes(cut, [], set(cut), {code.value for code in Code}).ended == ()


def test_the_journal_is_no_money() -> None:
    assert MONEY_CODES.isdisjoint(
        {Code.JOURNAL_BROKEN, *LASTING_CODES, Code.ANCHOR_MISSING, Code.ANCHOR_LATE}
    )
