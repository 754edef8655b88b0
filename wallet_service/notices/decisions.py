"""What is told to whom, by which way, where to, and when again. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from wallet_service.notices.errors import AlwaysTold, EndpointRefused, MailAddressRefused
from wallet_service.notices.models import NoticeKind, RecipientKind, Ways
from wallet_service.protocol.event_kinds import EventKind

MAX_ENDPOINT_CHARACTERS = 1_024
MAX_ADDRESS_CHARACTERS = 254
MAX_ENDPOINTS = 8
MAX_ATTEMPTS = 6
FIRST_PAUSE_MS = 15_000
HTTPS_PORT = 443
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")

#: What a kind is told by, while nobody has chosen otherwise.
DEFAULTS = {
    NoticeKind.MONEY: Ways(by_push=True, by_mail=False),
    NoticeKind.ASKED: Ways(by_push=True, by_mail=False),
    NoticeKind.SALE: Ways(by_push=False, by_mail=False),
    NoticeKind.REFUND_ASKED: Ways(by_push=True, by_mail=False),
    NoticeKind.DISPUTE: Ways(by_push=True, by_mail=True),
    NoticeKind.KEYHOLDER: Ways(by_push=True, by_mail=False),
    NoticeKind.BANK: Ways(by_push=True, by_mail=False),
    NoticeKind.SECURITY: Ways(by_push=True, by_mail=True),
    NoticeKind.WAITING: Ways(by_push=True, by_mail=False),
}
#: Kinds that concern each sort of recipient.
KINDS_OF: Mapping[RecipientKind, tuple[NoticeKind, ...]] = {
    "member": (
        NoticeKind.MONEY,
        NoticeKind.ASKED,
        NoticeKind.SALE,
        NoticeKind.REFUND_ASKED,
        NoticeKind.DISPUTE,
        NoticeKind.KEYHOLDER,
        NoticeKind.BANK,
        NoticeKind.SECURITY,
    ),
    "officer": (NoticeKind.WAITING,),
}
_MEMBERS_EVENTS = {
    EventKind.PAYMENT_REFUSED: NoticeKind.MONEY,
    EventKind.MONEY_RECEIVED: NoticeKind.MONEY,
    EventKind.TOPUP_CREDITED: NoticeKind.MONEY,
    EventKind.REFUND_REQUESTED: NoticeKind.REFUND_ASKED,
    EventKind.TOPUP_HELD: NoticeKind.BANK,
    EventKind.REDEMPTION_CHANGED: NoticeKind.BANK,
    EventKind.STANDING_ORDER_CHANGED: NoticeKind.BANK,
    EventKind.REVERSAL_CHANGED: NoticeKind.BANK,
    EventKind.DISPUTE_CHANGED: NoticeKind.DISPUTE,
    EventKind.RECOVERY_CHANGED: NoticeKind.SECURITY,
}
#: Who may do something about it: any one of these rights. None: everybody who looks.
_OFFICERS_EVENTS: Mapping[EventKind, frozenset[str] | None] = {
    EventKind.APPROVAL_CHANGED: None,  # what is asked for decides who may sign it
    EventKind.IDENTITY_SUBMITTED: frozenset({"identity"}),
    EventKind.REDEMPTION_TROUBLE: frozenset({"treasury"}),
    EventKind.BANK_FILE_REFUSED: frozenset({"treasury"}),
    EventKind.BANK_STATEMENT: frozenset({"treasury"}),
    EventKind.PAYOUT_CHANGED: frozenset({"treasury"}),
    EventKind.REVERSAL_CHANGED: frozenset({"treasury", "compliance"}),
    EventKind.DISPUTE_CHANGED: frozenset({"compliance"}),
    EventKind.ROW_QUARANTINED: None,
    EventKind.RECOVERY_CHANGED: frozenset({"identity", "pause"}),
}
#: In which states a thing waits for somebody; what it becomes afterwards is no news.
_WAITING_STATES: Mapping[EventKind, frozenset[str]] = {
    EventKind.APPROVAL_CHANGED: frozenset({"asked"}),
    EventKind.PAYOUT_CHANGED: frozenset({"prepared"}),
    EventKind.REVERSAL_CHANGED: frozenset({"open"}),
    EventKind.DISPUTE_CHANGED: frozenset({"open"}),
    # Announced too: whoever may halt it must hear of one that nobody here has announced.
    EventKind.RECOVERY_CHANGED: frozenset({"asked", "proposed", "vetoed"}),
}
FOLLOWED = tuple(sorted(kind.value for kind in set(_OFFICERS_EVENTS) | set(_MEMBERS_EVENTS)))
_REDEMPTION_ENDS = ("paid", "returned", "refused")
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


def kind_of_event(kind: str, data: Mapping[str, Any]) -> NoticeKind | None:
    """What a member's event is as a notice; None: their pages alone hear it."""
    found = _MEMBERS_EVENTS.get(EventKind(kind))
    if kind == EventKind.MONEY_RECEIVED and data.get("sale_id"):
        return NoticeKind.SALE
    if kind == EventKind.REDEMPTION_CHANGED and data.get("state") not in _REDEMPTION_ENDS:
        return None
    if kind == EventKind.STANDING_ORDER_CHANGED and data.get("change") != "missed":
        return None
    return found


def waits_for_officers(kind: str, data: Mapping[str, Any]) -> bool:
    """Whether an event of the console is something that somebody must look at."""
    event = EventKind(kind)
    if event is EventKind.BANK_STATEMENT:
        return bool(data.get("unmatched") or data.get("is_held") or data.get("continuity") == "broken")
    states = _WAITING_STATES.get(event)
    return event in _OFFICERS_EVENTS and (states is None or data.get("state") in states)


def concerns(kind: str, rights: frozenset[str]) -> bool:
    """Whether an officer with these rights may do something about what waits."""
    wanted = _OFFICERS_EVENTS[EventKind(kind)]
    return wanted is None or bool(wanted & rights)


def ways_of(kind: NoticeKind, chosen: Ways | None) -> Ways:
    """Security is told by every way there is, whatever was chosen."""
    default = DEFAULTS[kind]
    return default if chosen is None or kind is NoticeKind.SECURITY else chosen


def check_choice(recipient: RecipientKind, kind: NoticeKind, ways: Ways) -> None:
    """Raises AlwaysTold for what may not be turned off, or does not concern that recipient."""
    if kind not in KINDS_OF[recipient] or (kind is NoticeKind.SECURITY and ways != DEFAULTS[kind]):
        raise AlwaysTold


def pause_ms(attempts: int) -> int | None:
    """How long to wait after so many failures; None: given up, the page will say it."""
    return None if attempts >= MAX_ATTEMPTS else int(FIRST_PAUSE_MS * 4 ** (attempts - 1))


def check_endpoint(endpoint: str, *, may_be_local: bool) -> None:
    """A stranger names an address and we call it: https to a public name, and nothing else.

    Whom the name leads to is looked at when it is called (`web_push`). Raises EndpointRefused.
    """
    if len(endpoint) > MAX_ENDPOINT_CHARACTERS or not endpoint.isascii() or not endpoint.isprintable():
        raise EndpointRefused
    try:
        address = urlsplit(endpoint)
        host, port = address.hostname or "", address.port
    except ValueError as error:
        raise EndpointRefused from error
    if may_be_local and host in LOOPBACK_NAMES and address.scheme in ("http", "https"):
        return
    is_plain = address.username is None and address.password is None and not address.fragment
    if address.scheme != "https" or port not in (None, HTTPS_PORT) or not is_plain:
        raise EndpointRefused
    if "." not in host or _is_literal(host):
        raise EndpointRefused


def _is_literal(host: str) -> bool:
    """An address instead of a name, also in the writings that resolvers take for one (0x7f.1, 2130706433)."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return re.fullmatch(r"(0x[0-9a-f]*|\d+)", host.rstrip(".").rsplit(".", 1)[-1]) is not None
    return True


def may_be_called(address: str, *, may_be_local: bool) -> bool:
    """Whether the address at the other end of a connection is one of the public internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        found = _carried(found) or found
    if found.is_loopback:
        return may_be_local
    return found.is_global and not found.is_multicast and not found.is_reserved


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The older address inside a newer one, where a gateway leads on to it (RFC 4291, 3056, 6052)."""
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def checked_mail_address(text: str) -> str:
    """Raises MailAddressRefused. No name beside it, no second address, nothing that ends a header."""
    address = text.strip()
    if len(address) > MAX_ADDRESS_CHARACTERS or _MAIL_ADDRESS.fullmatch(address) is None:
        raise MailAddressRefused
    return address


def in_order(kinds: Iterable[NoticeKind]) -> list[NoticeKind]:
    """Each once, in the order in which people are told."""
    wanted = set(kinds)
    return [kind for kind in NoticeKind if kind in wanted]
