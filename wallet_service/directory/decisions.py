"""What a card may say, where a shop may stand, and when a search finds it. Pure: no SQL, no clock.

Sources: INSEE for NAF divisions; E.164 for telephone numbers; the distance is the haversine on a sphere of
the earth's mean radius (IUGG), good to half a percent, for a bound of kilometres.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from wallet_service.directory.errors import CardInvalid, HoursInvalid, SpotTooFar
from wallet_service.directory.models import DAYS_OF_A_WEEK, Card, Listing, Span, Spot, Way, Week
from wallet_service.protocol.text.lines import one_line
from wallet_service.territory import folded_words, sectors

MAX_SELLS_CHARACTERS = 240
MAX_ADDRESS_CHARACTERS = 120
MAX_NOTE_CHARACTERS = 120
MAX_WEBSITE_CHARACTERS = 200
MAX_FURTHER_TRADES = 2
MAX_SPANS_A_DAY = 3
MINUTES_OF_A_DAY = 24 * 60
#: Who closes after midnight closes by six.
LATEST_END = MINUTES_OF_A_DAY + 6 * 60
#: A shop stands in its commune; a large one is some ten kilometres wide.
MAX_SPOT_KM = 20
EARTH_RADIUS_KM = 6_371.0088
#: Hexadecimal digits of a listing's public id: two of a hundred thousand shops share one with 1 in 200.
ID_DIGITS = 10
#: Words this long are also found with one letter wrong, missing, added, or two swapped.
FORGIVING_FROM_LETTERS = 5
#: Fewer digits are a house or a postcode.
PHONE_FROM_DIGITS = 6
_GROUPED = re.compile(r"[\s0-9.\-()/+]*")
SMALL_WORDS = frozenset("a au aux c d de des du en et for in l la le les n of ou s the un une".split())  # noqa: SIM905

DAY_NAMES = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_PHONE = re.compile(r"\+?[0-9]{6,15}")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_ID = re.compile(rf"[0-9a-f]{{{ID_DIGITS}}}")


def public_id(member_id: str) -> str:
    """What names a professional in addresses for everybody: from their own id, which it does not tell."""
    return hashlib.sha256(f"listing:{member_id}".encode()).hexdigest()[:ID_DIGITS]


def page_name(listing: Listing) -> str:
    """``fournil-des-deux-rives-rouen-3f9a1c2b7d``: words for people and search engines, then the id."""
    return "-".join([*folded_words(listing.name), *folded_words(listing.commune), listing.id])


def id_of_page(name: str) -> str | None:
    """The id at the end of a page's name, whatever words stand before it; None when there is none."""
    last = name.rsplit("-", 1)[-1]
    return last if _ID.fullmatch(last) else None


def checked_card(card: Card, sector: str | None, commune_spot: Spot | None) -> Card:
    """The card in the one form it is kept in. Raises CardInvalid, HoursInvalid, SpotTooFar."""
    trades = tuple(dict.fromkeys(trade for trade in card.trades if trade != sector))
    if len(trades) > MAX_FURTHER_TRADES or any(trade not in sectors() for trade in trades):
        raise CardInvalid(field="trades")
    return Card(
        sells=_line("sells", card.sells, MAX_SELLS_CHARACTERS),
        address=_line("address", card.address, MAX_ADDRESS_CHARACTERS),
        trades=trades,
        week=checked_week(card.week),
        hours_note=_line("hours_note", card.hours_note, MAX_NOTE_CHARACTERS),
        ways=tuple(way for way in Way if way in card.ways),
        website=_website(card.website),
        phone=_phone(card.phone),
        spot=_spot(card.spot, commune_spot),
    )


def _line(field: str, text: str, max_characters: int) -> str:
    line = one_line(text)
    if line is None or len(line) > max_characters:
        raise CardInvalid(field=field)
    return line


def checked_week(week: Week) -> Week:
    """Seven days of spans that begin on their day, in order, apart. Raises HoursInvalid, CardInvalid."""
    if len(week) != DAYS_OF_A_WEEK:
        raise CardInvalid(field="week")
    return tuple(_checked_day(day, DAY_NAMES[number]) for number, day in enumerate(week))


def _checked_day(spans: Sequence[Span], day: str) -> tuple[Span, ...]:
    ordered = tuple(sorted((int(start), int(end)) for start, end in spans))
    if len(ordered) > MAX_SPANS_A_DAY:
        raise HoursInvalid(day=day)
    earliest = 0
    for start, end in ordered:
        if not earliest <= start < MINUTES_OF_A_DAY or not start < end <= LATEST_END:
            raise HoursInvalid(day=day)
        earliest = end
    return ordered


def _website(text: str) -> str:
    """An https address, or empty. What follows the host is kept; a user name, a port or a script is not."""
    line = _line("website", text, MAX_WEBSITE_CHARACTERS)
    if not line:
        return ""
    if "://" not in line:
        line = f"https://{line}"
    try:
        parts = urlsplit(line)
        host = (parts.hostname or "").encode("idna").decode()
        is_plain = parts.username is None and parts.port is None
    except (UnicodeError, ValueError) as error:
        raise CardInvalid(field="website") from error
    if parts.scheme not in ("http", "https") or not is_plain or not _HOST.fullmatch(host):
        raise CardInvalid(field="website")
    if re.search(r'[\s<>"\\^`{|}]', line):
        raise CardInvalid(field="website")
    return f"https://{host}{parts.path}{'?' + parts.query if parts.query else ''}".rstrip("/")


def _phone(text: str) -> str:
    """Digits alone, with a leading plus where one was typed; or empty."""
    digits = re.sub(r"[\s.\-()/]", "", _line("phone", text, 40))
    if digits and not _PHONE.fullmatch(digits):
        raise CardInvalid(field="phone")
    return digits


def _spot(spot: Spot | None, commune_spot: Spot | None) -> Spot | None:
    if spot is None:
        return None
    if abs(spot.latitude_e5) > 90 * 10**5 or abs(spot.longitude_e5) > 180 * 10**5:
        raise CardInvalid(field="spot")
    if commune_spot is not None and distance_km(spot, commune_spot) > MAX_SPOT_KM:
        raise SpotTooFar(limit_km=MAX_SPOT_KM)
    return spot


def distance_km(one: Spot, other: Spot) -> float:
    """Along the earth's surface."""
    latitudes = [math.radians(spot.latitude_e5 / 1e5) for spot in (one, other)]
    half_height = (latitudes[1] - latitudes[0]) / 2
    half_width = math.radians((other.longitude_e5 - one.longitude_e5) / 1e5) / 2
    chord = (
        math.sin(half_height) ** 2
        + math.cos(latitudes[0]) * math.cos(latitudes[1]) * math.sin(half_width) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


# Searching. public/finding/finding.js does the same in the page; tests/vectors/finding.json holds both to it.


def haystack(listing: Listing) -> list[str]:
    """Every word a listing may be found by, folded."""
    trades = [sectors()[trade] for trade in listing.trades if trade in sectors()]
    labels = [label for trade in trades for label in (trade.french, trade.english)]
    told = [listing.name, listing.card.sells, listing.commune, listing.card.address, *labels]
    return words_of(" ".join(told)) + phone_words(listing.card.phone)


def phone_words(phone: str) -> list[str]:
    """A number's digits, from here and from abroad; as people type it is `asked_words`' matter."""
    digits = phone.removeprefix("+")
    if phone.startswith("+33"):
        return [digits, f"0{digits[2:]}"]
    return [digits, f"33{digits[1:]}"] if digits.startswith("0") else [digits] if digits else []


def asked_words(asked: str) -> list[str]:
    """What was asked, folded; what looks like a telephone number as one word, however it is grouped."""
    digits = re.sub(r"[^0-9]", "", asked)
    if len(digits) >= PHONE_FROM_DIGITS and _GROUPED.fullmatch(asked):
        return [digits]
    return [wanted for wanted in folded_words(asked) if wanted not in SMALL_WORDS]


def words_of(text: str) -> list[str]:
    """A text's words, folded; what an apostrophe parts, together as well ("d'Elbeuf": d, elbeuf, delbeuf)."""
    return list(dict.fromkeys([*folded_words(text), *folded_words(re.sub("['’]", "", text))]))


def found(words: Sequence[str], asked: str) -> bool:
    """Whether each asked word begins one of the words, or is one of them but for a slip.

    Small words (the, of, an elision) tell nothing and are left out.
    """
    return all(any(_fits(word, wanted) for word in words) for wanted in asked_words(asked))


def _fits(word: str, wanted: str) -> bool:
    if word.startswith(wanted) or word == wanted.removesuffix("s"):
        return True
    is_forgiven = (
        len(wanted) >= FORGIVING_FROM_LETTERS and not wanted.isdigit()
    )  # a number is right or another
    return is_forgiven and is_slip(word[: len(wanted) + 1], wanted)


def is_slip(word: str, wanted: str) -> bool:
    """One letter wrong, missing, added, or two neighbours swapped; what follows does not count."""
    at = 0
    while at < len(word) and at < len(wanted) and word[at] == wanted[at]:
        at += 1
    rests = (
        (word[at + 1 :], wanted[at + 1 :]),
        (word[at:], wanted[at + 1 :]),
        (word[at + 1 :], wanted[at:]),
    )
    if any(rest.startswith(asked) for rest, asked in rests):
        return True
    is_swapped = word[at : at + 2] == wanted[at : at + 2][::-1] and len(wanted) > at + 1
    return is_swapped and word[at + 2 :].startswith(wanted[at + 2 :])


def in_group(listing: Listing, group: str) -> bool:
    """Whether one of its trades belongs to that group of sectors."""
    return any(trade in sectors() and sectors()[trade].group == group for trade in listing.trades)


def searched(listings: Iterable[Listing], asked: str, group: str) -> list[Listing]:
    """Those of that group (any, when empty) that what was asked finds, in their order."""
    return [
        listing
        for listing in listings
        if (not group or in_group(listing, group)) and found(haystack(listing), asked)
    ]
