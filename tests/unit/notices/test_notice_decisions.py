"""What is told of which event, which addresses are called, when again."""

from __future__ import annotations

import pytest

from wallet_service.notices import decisions
from wallet_service.notices.errors import AlwaysTold, EndpointRefused, MailAddressRefused
from wallet_service.notices.models import NoticeKind, Ways

LONGEST = "https://push.example.org/" + "a" * 999


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("money.received", {"sale_id": None}, NoticeKind.MONEY),
        ("money.received", {"sale_id": "S1"}, NoticeKind.SALE),
        ("topup.credited", {}, NoticeKind.MONEY),
        ("topup.held", {}, NoticeKind.BANK),
        ("refund.requested", {}, NoticeKind.REFUND_ASKED),
        ("redemption.changed", {"state": "paid"}, NoticeKind.BANK),
        ("redemption.changed", {"state": "locked"}, None),
        ("standing_order.changed", {"change": "missed"}, NoticeKind.BANK),
        ("standing_order.changed", {"change": "declared"}, None),
        ("recovery.changed", {"state": "asked"}, NoticeKind.SECURITY),
        ("payment.refused", {}, NoticeKind.MONEY),
        ("payment.paid", {}, None),
        ("member.changed", {}, None),
    ],
)
def test_an_event_of_a_member_is_told_by_its_kind(
    kind: str, data: dict[str, object], told: NoticeKind | None
) -> None:
    assert decisions.kind_of_event(kind, data) is told


def test_what_waits_for_officers_is_told_and_what_only_moved_is_not() -> None:
    waits = decisions.waits_for_officers
    assert waits("identity.submitted", {})
    assert not waits("figures.changed", {})
    for kind, waiting, over in (
        ("recovery.changed", "asked", "executed"),
        ("recovery.changed", "proposed", "vetoing"),
        ("approval.changed", "asked", "approved"),
        ("payout.changed", "prepared", "approved"),
        ("reversal.changed", "open", "settled"),
    ):
        assert waits(kind, {"state": waiting})
        assert not waits(kind, {"state": over})
    booked = {"unmatched": 0, "is_held": False, "continuity": "next"}
    assert not waits("bank.statement", booked)
    for odd in ({"unmatched": 1}, {"is_held": True}, {"continuity": "broken"}):
        assert waits("bank.statement", {**booked, **odd})


def test_only_who_may_do_something_about_it_is_told() -> None:
    assert decisions.concerns("identity.submitted", frozenset({"observe", "identity"}))
    assert not decisions.concerns("identity.submitted", frozenset({"observe", "treasury"}))
    assert decisions.concerns("approval.changed", frozenset({"observe"}))
    assert decisions.concerns("recovery.changed", frozenset({"observe", "pause"}))


@pytest.mark.parametrize("endpoint", ["https://fcm.googleapis.com/fcm/send/abc:DEF", LONGEST])
def test_a_browsers_own_service_is_called(endpoint: str) -> None:
    decisions.check_endpoint(endpoint, may_be_local=False)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.org/x",
        "https://push.example.org:8443/x",
        "https://user@push.example.org/x",
        "https://push.example.org/x#part",
        "https://localhost/x",
        "https://intranet/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://10.0.0.5/x",
        "https://8.8.8.8/x",
        "https://0x7f.0.0.0x1/x",
        "https://2130706433./x",
        "https://[::1/x",
        "https://push.example.org/\r\nX: y",
        "https://püsh.example.org/x",
        "file:///etc/passwd",
        LONGEST + "a",
        "",
    ],
)
def test_no_other_address_is_called(endpoint: str) -> None:
    with pytest.raises(EndpointRefused):
        decisions.check_endpoint(endpoint, may_be_local=False)


def test_only_tests_and_demonstrations_call_their_own_machine() -> None:
    decisions.check_endpoint("http://127.0.0.1:9000/x", may_be_local=True)
    with pytest.raises(EndpointRefused):
        decisions.check_endpoint("http://10.0.0.5:9000/x", may_be_local=True)


@pytest.mark.parametrize(
    ("address", "is_called"),
    [
        ("142.250.74.42", True),
        ("2a00:1450:4007:80c::200a", True),
        ("10.0.0.5", False),
        ("192.168.1.1", False),
        ("172.16.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::ffff:10.0.0.5", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:142.250.74.42", True),
        ("64:ff9b::a00:5", False),
        ("64:ff9b::8efa:4a2a", True),
        ("2002:a00:5::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::", False),
        ("127.0.0.1", False),
        ("::1", False),
    ],
)
def test_whom_a_name_leads_to_must_be_of_the_public_internet(address: str, *, is_called: bool) -> None:
    assert decisions.may_be_called(address, may_be_local=False) is is_called


def test_security_is_told_by_every_way_and_cannot_be_turned_off() -> None:
    silent = Ways(by_push=False, by_mail=False)
    assert decisions.ways_of(NoticeKind.SECURITY, silent) == Ways(by_push=True, by_mail=True)
    with pytest.raises(AlwaysTold):
        decisions.check_choice("member", NoticeKind.SECURITY, silent)
    decisions.check_choice("member", NoticeKind.MONEY, silent)
    with pytest.raises(AlwaysTold):
        decisions.check_choice("member", NoticeKind.WAITING, silent)


def test_a_way_that_fails_is_tried_again_later_and_later_and_then_no_more() -> None:
    pauses = [decisions.pause_ms(attempts) for attempts in range(1, decisions.MAX_ATTEMPTS + 1)]
    assert pauses == [15_000, 60_000, 240_000, 960_000, 3_840_000, None]


@pytest.mark.parametrize("address", [" anouk@example.org ", "a.b+c@sub.example.org"])
def test_a_mail_address_is_taken(address: str) -> None:
    assert decisions.checked_mail_address(address) == address.strip()


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@b", "a@b@example.org", "a@example.org\r\nBcc: x@y.org", "A <a@example.org>", "a,b@c.org"],
)
def test_what_is_no_single_address_is_refused(address: str) -> None:
    with pytest.raises(MailAddressRefused):
        decisions.checked_mail_address(address)


def test_kinds_are_said_once_and_in_order() -> None:
    told = [NoticeKind.SECURITY, NoticeKind.MONEY, NoticeKind.SECURITY]
    assert decisions.in_order(told) == [NoticeKind.MONEY, NoticeKind.SECURITY]
