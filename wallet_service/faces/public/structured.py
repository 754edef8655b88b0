"""What search engines read of a page: schema.org as JSON-LD. Pure.

Sources: schema.org LocalBusiness, OpeningHoursSpecification; RFC 8259 with "<" escaped, so that
no text of a professional ends the script element it stands in.
"""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from wallet_service.directory.decisions import page_name
from wallet_service.directory.models import Listing
from wallet_service.open_data.files import clock
from wallet_service.territory.geography import DEGREE_E5

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TYPES = {"merchant": "LocalBusiness", "association": "NGO", "treasury": "GovernmentOrganization"}


def script_of(made: dict[str, Any]) -> Markup:
    """A data block: never run, so the policy that forbids inline scripts lets it be."""
    text = json.dumps(made, ensure_ascii=False).replace("<", "\\u003c")
    # Escaped above, and JSON has no other way out of a script element.
    return Markup('<script type="application/ld+json">') + Markup(text) + Markup("</script>")  # nosec B704


def business(listing: Listing, origin: str, currency: str, region: str) -> dict[str, Any]:
    """One professional."""
    card, spot = listing.card, listing.spot
    address = {
        "@type": "PostalAddress",
        "addressLocality": listing.commune,
        "addressRegion": region,
        "addressCountry": "FR",
    }
    made: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _TYPES.get(listing.kind, "LocalBusiness"),
        "@id": f"{origin}/directory/{page_name(listing)}",
        "url": f"{origin}/directory/{page_name(listing)}",
        "name": listing.name,
        "address": address | ({"streetAddress": card.address} if card.address else {}),
    }
    if listing.kind == "merchant":
        made["paymentAccepted"] = currency
        made["currenciesAccepted"] = "EUR"
    if card.sells:
        made["description"] = card.sells
    if card.phone:
        made["telephone"] = card.phone
    if card.website:
        made["sameAs"] = card.website
    if listing.picture_digest:
        made["image"] = f"{origin}/directory/pictures/{listing.picture_digest}.jpg"
    if spot and listing.has_exact_spot:
        made["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": spot.latitude_e5 / DEGREE_E5,
            "longitude": spot.longitude_e5 / DEGREE_E5,
        }
    hours = [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": f"https://schema.org/{name}",
            "opens": clock(start),
            "closes": clock(end),
        }
        for name, spans in zip(_DAYS, card.week, strict=True)
        for start, end in spans
    ]
    if hours and listing.kind == "merchant":
        made["openingHoursSpecification"] = hours
    return made


def item_list(listings: list[Listing], origin: str, name: str) -> dict[str, Any]:
    """The directory's page: who is on it, in order."""
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "name": name,
        "numberOfItems": len(listings),
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": listing.name,
                "url": f"{origin}/directory/{page_name(listing)}",
            }
            for position, listing in enumerate(listings, 1)
        ],
    }
