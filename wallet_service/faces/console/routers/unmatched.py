"""Bank entries nobody claimed: found by what the officer knows of them, opened, given to members.

What is looked for in texts is personal and is sent in the body: an address is kept in logs and histories.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from wallet_service.faces.console.bank_words import (
    REASON_WORDS,
    entry_state_word,
    reason_word,
    reference_word,
)
from wallet_service.faces.console.view import TIER_LABELS, console_page, done, held_reason
from wallet_service.faces.shell import charts
from wallet_service.faces.shell.i18n import Language, catalogue, language_of
from wallet_service.faces.shell.rate_limits import SEARCH_OF_OFFICER, check_officer
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.languages.standards import marks_of
from wallet_service.oversight.decisions import checked_ground
from wallet_service.protocol.text.money import decimal_amount, parse_amount
from wallet_service.reports.members import MAX_QUERY_CHARACTERS
from wallet_service.treasury.entries import OPENED_PER_LOOK
from wallet_service.treasury.errors import EntryUnknown
from wallet_service.treasury.models import Among, BankEntry, EntryPage, EntryPart, EntryQuery, ReasonSum
from wallet_service.treasury.proposals import NOBODY_PROPOSED, Payer
from wallet_service.treasury.unmatched import takes_two

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
Treasurer = Annotated[OfficerSession, Depends(officer_with("treasury"))]
Ground = Annotated[str, Form(max_length=400)]

MAX_FIELD_CHARACTERS = 80
MAX_MARK_CHARACTERS = 50
FULL_BAR_BASIS_POINTS = 10_000
IBAN_GROUP = 4
MAX_PART_DIGITS = 4
#: How many people a search for a member shows.
MAX_FOUND = 20


#: What the form may say, and what is then looked among.
AMONG: Mapping[str, Among] = {"to_return": "to_return", "all": "all"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for, as the form shows it; nothing of it is personal but `words`."""

    words: str = ""
    amount: str = ""
    since: str = ""
    until: str = ""
    direction: str = ""
    reason: str = ""
    among: str = ""

    def query(self, after: str) -> EntryQuery:
        """Raises AmountInvalid, AmountOutOfRange: an amount that is not read would find everything."""
        return EntryQuery(
            words=self.words,
            amount_cents=parse_amount(self.amount) if self.amount else None,
            since=_day(self.since),
            until=_day(self.until),
            direction=self.direction if self.direction in ("CRDT", "DBIT") else "",
            reason=self.reason,
            among=AMONG.get(self.among, "waiting"),
            after=after[:MAX_MARK_CHARACTERS],
        )

    def fields(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class ReasonBar:
    """One line of what waits, and why."""

    waiting: ReasonSum
    picture: Any


@router.get("/unmatched")
def unmatched(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """Both queues of euros that are not units yet. Who sent them is shown to the treasury only.

    Words in an address are not looked for: it would stay in histories, and a link could carry them here.
    """
    told = {name: value for name, value in request.query_params.items() if name != "words"}
    return _queue(request, officer, services, told)


@router.post("/unmatched/search")
async def search(request: Request, officer: Treasurer, services: ServicesOf) -> HTMLResponse:
    """The same page of what holds these words; nothing is changed, and the journal says who looked."""
    check_officer(request, SEARCH_OF_OFFICER, officer)
    form = await request.form()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_queue, request, officer, services, fields, is_searched=True)


def _queue(
    request: Request,
    officer: OfficerSession,
    services: Services,
    fields: Mapping[str, str],
    *,
    is_searched: bool = False,
) -> HTMLResponse:
    """`is_searched`: its address does not say what was asked: looking again there would find other rows."""
    messages, may_act = catalogue(language_of(request)), "treasury" in officer.rights
    asked = Asked(
        **{name: fields.get(name, "").strip()[:MAX_FIELD_CHARACTERS] for name in Asked.__dataclass_fields__}
    )
    after = fields.get("after", "")
    page = _page(services, officer, asked, after) if may_act else EntryPage((), None)
    waiting = services.unmatched.waiting_by_reason()
    held = services.topups.list_held()
    return console_page(
        request,
        "console/unmatched.html",
        officer,
        {
            "entries": page.entries,
            "page": page,
            "next_fields": {**asked.fields(), "after": page.next} if page.next else None,
            "next_link": "/unmatched?" + urlencode({**asked.fields(), "after": page.next or ""}),
            "is_searched": is_searched,
            "is_later_page": bool(after),
            "asked": asked,
            "asked_for": services.unmatched.asked_for(),
            "bars": _bars(waiting),
            "to_return": services.unmatched.to_return(),
            "reasons": list(REASON_WORDS),
            "reason_word": lambda code: reason_word(code, messages),
            "state_word": lambda code: entry_state_word(code, messages),
            "in_groups": in_groups,
            "max_characters": MAX_FIELD_CHARACTERS,
            "looked_at": OPENED_PER_LOOK,
            "held": held,
            "lines": services.reports.members.summaries(topup.member_id for topup in held),
            "may_act": may_act,
            "reason": lambda code: held_reason(code, messages),
        },
    )


def _page(services: Services, officer: OfficerSession, asked: Asked, after: str) -> EntryPage:
    query = asked.query(after)
    if query.words:
        return services.unmatched.search(query, officer.officer_id)
    return services.unmatched.find(query)


def _bars(waiting: list[ReasonSum]) -> list[ReasonBar]:
    """A full bar is all that waits."""
    whole = max(sum(each.count for each in waiting), 1)
    return [
        ReasonBar(each, charts.bar(each.count * FULL_BAR_BASIS_POINTS // whole, number))
        for number, each in enumerate(waiting, 1)
    ]


@router.get("/unmatched/{entry_id}")
def unmatched_entry(
    request: Request,
    entry_id: str,
    officer: Treasurer,
    services: ServicesOf,
    q: str = "",
    part: str = "",
    names_after: str = "",
) -> HTMLResponse:
    """One entry with all the bank says of it; while it waits, whose it may be and the search for them."""
    messages = catalogue(language_of(request))
    entry = services.unmatched.open(entry_id, officer.officer_id)
    query = q[:MAX_QUERY_CHARACTERS]
    number, chosen = _chosen_part(entry, part)
    amount_cents = min((chosen and chosen.amount_cents) or entry.rest_cents, entry.rest_cents)
    is_to_give = entry.is_waiting and entry.direction == "CRDT"
    proposed = (
        services.proposals.of(_payer(entry, chosen), names_after[:MAX_MARK_CHARACTERS])
        if is_to_give
        else NOBODY_PROPOSED
    )
    found = services.reports.members.search(query, MAX_FOUND) if query.strip() and is_to_give else []
    shown = [each.member_id for each in proposed.members]
    return console_page(
        request,
        "console/unmatched_entry.html",
        officer,
        {
            "entry": entry,
            "is_to_give": is_to_give,
            "is_asked_for": entry_id in services.unmatched.asked_for(),
            "takes_two": takes_two(entry.given_cents + amount_cents),
            "part_number": number,
            "amount_typed": _typed(amount_cents, language_of(request)),
            "proposed": proposed,
            "lines": services.reports.members.summaries(shown),
            "names": services.proposals.names_of(shown),
            "q": query,
            "found": found,
            "tier_words": TIER_LABELS,
            "reason_word": lambda code: reason_word(code, messages),
            "state_word": lambda code: entry_state_word(code, messages),
            "in_groups": in_groups,
            "reference_word": lambda kind: reference_word(kind, messages),
        },
    )


def _chosen_part(entry: BankEntry, part: str) -> tuple[int, EntryPart | None]:
    """Counted from one; 0 and None when it is about the whole. Raises EntryUnknown."""
    if not part:
        return 0, None
    if not part.isdecimal() or len(part) > MAX_PART_DIGITS:
        raise EntryUnknown()
    number = int(part)
    if not 1 <= number <= len(entry.details.parts):
        raise EntryUnknown()
    return number, entry.details.parts[number - 1]


def _payer(entry: BankEntry, chosen: EntryPart | None) -> Payer:
    if chosen is not None:
        amount_cents = chosen.amount_cents or entry.rest_cents
        return Payer(chosen.counterparty_name, chosen.counterparty_iban, amount_cents)
    details = entry.details
    return Payer(details.counterparty_name, details.counterparty_iban, entry.rest_cents)


@router.post("/unmatched/{entry_id}/resolve")
def resolve(
    request: Request,
    entry_id: str,
    ground: Ground,
    officer: Treasurer,
    services: ServicesOf,
    member_id: Annotated[str, Form(max_length=32)],
    amount: Annotated[str, Form(max_length=MAX_FIELD_CHARACTERS)] = "",
) -> Response:
    """So much of the credit is that member's: its mint is queued, or a second officer is waited for."""
    given = services.unmatched.give(
        entry_id,
        member_id,
        officer.officer_id,
        checked_ground(ground),
        parse_amount(amount) if amount.strip() else None,
    )
    return done(request, *(("/unmatched", "resolved") if given else ("/approvals", "give-asked")))


@router.post("/unmatched/{entry_id}/return")
def return_entry(
    request: Request, entry_id: str, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """Nothing is minted."""
    services.unmatched.set_aside(entry_id, officer.officer_id, checked_ground(ground))
    return done(request, "/unmatched", "returned")


@router.post("/held/{topup_id}/return")
def return_held(
    request: Request, topup_id: str, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """A held top-up goes back to its sender."""
    services.topups.return_held(topup_id, officer.officer_id, checked_ground(ground))
    return done(request, "/unmatched", "returned")


def _typed(amount_cents: int, language: Language) -> str:
    """An amount as a person would type it: what the field holds is read again."""
    return decimal_amount(amount_cents).replace(".", marks_of(language).decimal)


def _day(text: str) -> str:
    """An ISO date; what a browser's field cannot hold filters nothing."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def in_groups(iban: str) -> str:
    """An account as it is typed at a bank: whole, for who has to send money there, in groups of four."""
    return " ".join(iban[start : start + IBAN_GROUP] for start in range(0, len(iban), IBAN_GROUP))
