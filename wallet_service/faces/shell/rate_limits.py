"""How often one client may try what costs us or opens doors.

By member, till, officer or code first, where somebody is known or something guessed: a stranger must not use
up what belongs to others. By address second, and wide: many phones share one (a market's Wi-Fi, a mobile
operator), and every tablet of a point of sale comes from its program unless that is a configured proxy.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from wallet_service.faces.shell.errors import TooManyRequests
from wallet_service.faces.shell.security import CurrentKeyholder, CurrentMember, CurrentTill, OfficerSession
from wallet_service.listening.addresses import UNKNOWN, client_key
from wallet_service.listening.rates import Rate, RateCounters, RateExceeded
from wallet_service.security.tokens import code_space, digest

#: Tests make many wallets from one address; the rule itself is tested with the real numbers.
TEST_ALLOWANCE = 1_000

WALLET_CREATION = Rate("wallet_creation", 60, 10)
SIGN_IN = Rate("sign_in", 600, 5)
#: Of one address: for load. Guessing is bounded by the code's space.
PAIRING = Rate("pairing", 60, 5)
OFFICER_SIGN_IN = Rate("officer_sign_in", 60, 5)
#: Of one space (security/tokens.py): narrow, for a short code could be guessed; wrong and right ones alike.
PAIRING_OF_SPACE = Rate("pairing_of_space", 10, 5)
OFFICER_CODE_OF_SPACE = Rate("officer_code_of_space", 20, 5)
DEVICE_CODE_OF_SPACE = Rate("device_code_of_space", 20, 5)
#: Two requests a device, and a person may think better of it.
VOUCHING_OF_MEMBER = Rate("vouching_of_member", 30, 5)
#: Of one address: a town hall's counter asks for many people in a day.
RECOVERY = Rate("recovery", 60, 10)
#: Of one account, as it was named: each freezes it and is told to its old devices.
RECOVERY_OF_REFERENCE = Rate("recovery_of_reference", 10, 60)
RECOVERY_CODE_OF_SPACE = Rate("recovery_code_of_space", 20, 5)
#: Both sides of a card and each once more, for one request.
DOCUMENT_OF_RECOVERY = Rate("document_of_recovery", 8, 60)
#: A phone that waits looks every few seconds.
RECOVERY_PROGRESS = Rate("recovery_progress", 600, 5)
#: One database read each, by anybody.
RECEIPT_CHECK = Rate("receipt_check", 60, 5)
SALE_BY_ID = Rate("sale_by_id", 600, 5)
#: Six digits can be guessed; a member who mistypes needs a few tries.
SALE_BY_CODE = Rate("sale_by_code", 300, 5)
SALE_BY_CODE_OF_MEMBER = Rate("sale_by_code_of_member", 30, 5)
DOCUMENT_UPLOAD = Rate("document_upload", 30, 10)
#: A file takes six documents; each may be tried twice.
DOCUMENT_UPLOAD_OF_MEMBER = Rate("document_upload_of_member", 12, 10)
#: Each is a line of the journal, which only grows.
DECLARATION_OF_MEMBER = Rate("declaration_of_member", 20, 10)
#: Of one address: the way back from a provider of identities, one database read each.
PROOF_RETURN = Rate("proof_return", 120, 5)
#: Each takes a place in a block, whatever it is worth: cents sent to and fro must not fill them for all.
#: One a second is more than any hand signs, a phone's repetitions of what was not answered included.
PAYING_OF_MEMBER = Rate("paying_of_member", 300, 5)
#: What leaves rows, or is told to the member's other pages: one a second is more than anybody does by hand.
WRITING_OF_MEMBER = Rate("writing_of_member", 300, 5)
#: A freeze that stands is not asked for twice, so this bounds what freezing costs the chain too.
LIFTING_OF_MEMBER = Rate("lifting_of_member", 6, 10)
#: Each may tell somebody's short name to who has their code or link.
PERSON_OF_MEMBER = Rate("person_of_member", 120, 5)
#: What costs some hundredths of a second to answer: a drawn code, a look through years of movements.
ASKING_OF_MEMBER = Rate("asking_of_member", 300, 5)
#: Each is a mail to an address that somebody typed.
MAIL_OF_MEMBER = Rate("mail_of_member", 5, 60)
#: A year at a sitting, as PDF and for a spreadsheet.
STATEMENT_OF_MEMBER = Rate("statement_of_member", 24, 10)
#: Each opens everything that is sealed of one person.
DATA_OF_MEMBER = Rate("data_of_member", 12, 60)
#: Ten sales or refunds a second are more than any till makes.
WRITING_OF_TILL = Rate("writing_of_till", 3_000, 5)
#: As for members: what leaves rows, and a mail to an address that somebody typed.
WRITING_OF_OFFICER = Rate("writing_of_officer", 300, 5)
MAIL_OF_OFFICER = Rate("mail_of_officer", 5, 60)
#: Each is redrawn in a process of its own; a desk sees somebody every few minutes.
DOCUMENT_UPLOAD_OF_OFFICER = Rate("document_upload_of_officer", 60, 10)
#: Thousands of sealed texts are opened for each.
SEARCH_OF_OFFICER = Rate("search_of_officer", 120, 5)
#: A third of a second of the database each.
EXPORT_OF_OFFICER = Rate("export_of_officer", 30, 5)


class RateLimits:
    """One per app."""

    def __init__(self, *, allowance: int = 1) -> None:
        self._counters = RateCounters(allowance=allowance)

    def check(self, rate: Rate, client: str) -> None:
        """Counts one attempt; raises TooManyRequests."""
        try:
            self._counters.count(rate, client)
        except RateExceeded as exceeded:
            raise TooManyRequests(retry_after_s=exceeded.retry_after_s) from None


def client_of(request: Request) -> str:
    """What the client's address is counted by."""
    return client_key(request.client.host) if request.client else UNKNOWN


def check_code(request: Request, rate: Rate, code: str) -> None:
    """Counts one try of a typed code, in its space alone; raises TooManyRequests.

    After the address was counted: whoever is refused by address uses up no space.
    """
    limits: RateLimits = request.app.state.rate_limits
    limits.check(rate, code_space(code))


def check_text(request: Request, rate: Rate, typed: str) -> None:
    """Counts one try of what was typed, however it was spaced; raises TooManyRequests."""
    limits: RateLimits = request.app.state.rate_limits
    limits.check(rate, digest("".join(typed.upper().split()).replace("-", "")))


@dataclass(frozen=True)
class Limited:
    """A dependency that counts the client's attempt; raises TooManyRequests."""

    rate: Rate

    def __call__(self, request: Request) -> None:
        request.app.state.rate_limits.check(self.rate, client_of(request))


def limited(rate: Rate) -> Limited:
    """A dependency: ``dependencies=[Depends(limited(PAIRING))]``."""
    return Limited(rate)


@dataclass(frozen=True)
class MemberLimited:
    """A dependency that counts the member's attempt, from whatever address; raises TooManyRequests."""

    rate: Rate

    def __call__(self, request: Request, member: CurrentMember) -> None:
        request.app.state.rate_limits.check(self.rate, member.member_id)


def member_limited(rate: Rate) -> MemberLimited:
    """The same by member; nobody who is not signed in passes."""
    return MemberLimited(rate)


@dataclass(frozen=True)
class KeyholderLimited:
    """A dependency that counts the attempt of who pays by a limited key; raises TooManyRequests."""

    rate: Rate

    def __call__(self, request: Request, keyholder: CurrentKeyholder) -> None:
        request.app.state.rate_limits.check(self.rate, keyholder.keyholder_id)


def keyholder_limited(rate: Rate) -> KeyholderLimited:
    """The same by keyholder."""
    return KeyholderLimited(rate)


@dataclass(frozen=True)
class TillLimited:
    """A dependency that counts the till's attempt, from whatever address; raises TooManyRequests."""

    rate: Rate

    def __call__(self, request: Request, till: CurrentTill) -> None:
        request.app.state.rate_limits.check(self.rate, till.till_id)


def till_limited(rate: Rate) -> TillLimited:
    """The same by till."""
    return TillLimited(rate)


def check_officer(request: Request, rate: Rate, officer: OfficerSession) -> None:
    """The same by officer, from a route that has asked for a right; raises TooManyRequests."""
    request.app.state.rate_limits.check(rate, officer.officer_id)
