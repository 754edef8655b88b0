"""What the demonstration's shops show in the directory: invented streets, hours, goods, pictures.

Telephone numbers are of the block that ARCEP keeps for fiction (02 61 91 ...), websites under example.com;
the pictures are drawn here. Everything comes from a seed, so every demonstration has the same directory.
"""

from __future__ import annotations

import io
import random
from dataclasses import replace

from PIL import Image, ImageDraw

from wallet_service.bootstrap import Services
from wallet_service.directory.models import Card, Listing, Spot, Way, Week
from wallet_service.protocol.text.lines import plain

#: How many have a picture, and how many changes are left for whoever tries the console.
PICTURES, LEFT_FOR_OFFICERS = 18, 2
STREETS = (
    "rue des Galets",
    "place du Marché-aux-Pommes",
    "quai des Deux-Arches",
    "rue de la Falaise",
    "rue du Vieux-Pressoir",
    "passage des Embruns",
    "allée des Tilleuls",
    "rue aux Toiles",
)
#: By NAF division: what is sold, and how the week goes.
GOODS = {
    "01": "légumes de saison, pommes, jus et œufs de la ferme",
    "10": "pain au levain, viennoiseries, spécialités du pays",
    "11": "cidre, poiré, bières artisanales, jus pressé",
    "13": "tissus, draps de laine, coupons",
    "14": "vêtements, dentelle, retouches",
    "15": "maroquinerie, ceintures, réparation de cuir",
    "23": "verrerie, céramique, cadeaux",
    "32": "objets faits main, gravure, petites réparations",
    "43": "portails, rampes, petits travaux sur devis",
    "46": "gros et demi-gros alimentaire pour les professionnels",
    "47": "produits frais, épicerie, cadeaux",
    "56": "plats du jour, galettes, café et terrasse",
    "59": "séances, cartes de cinq places, goûters ciné",
    "74": "portraits, photos d’identité, tirages",
    "79": "visites guidées du marais, sorties nature",
    "81": "tonte, taille, plantation, petit entretien",
    "84": "cantine, bibliothèque, piscine, droits de place",
    "90": "concerts, théâtre, ateliers",
    "91": "expositions, visites, boutique",
    "93": "cours de voile, location de paddles",
    "94": "réemploi, repair café, ateliers du samedi",
    "95": "réparation de vélos, pièces, location",
    "96": "bains, massages, soins",
}
#: Where a shop's own name tells more than its division.
NAMED_GOODS = {
    "librairie": "livres neufs et d’occasion, papeterie, jeux",
    "poissonnerie": "poisson du jour, coquillages, plateaux",
    "maree": "poisson du jour, coquillages, plateaux",
    "fromagerie": "camembert, livarot, beurre, crème",
    "cremerie": "camembert, livarot, beurre, crème",
    "primeur": "fruits et légumes de saison",
    "quincaillerie": "outils, visserie, clés minute",
    "mercerie": "laine, fils, boutons, cours de tricot",
    "boucherie": "viande du Perche, charcuterie maison",
    "glacier": "glaces, sorbets, crêpes",
    "andouille": "andouille, rillettes, paniers gourmands",
    "parapluies": "parapluies, ombrelles, réparation",
}
_MORNING, _AFTERNOON = (9 * 60, 12 * 60 + 30), (14 * 60, 19 * 60)


def _week(*days: tuple[tuple[int, int], ...]) -> Week:
    return tuple(days)


_SHOP = _week((), *(((_MORNING, _AFTERNOON),) * 5), ((_MORNING[0], 13 * 60),))
_BAKERY = _week((), *(((7 * 60, 13 * 60 + 30), (15 * 60, 19 * 60 + 30)),) * 5, ((7 * 60, 13 * 60),))
_CAFE = _week(
    (), *((((10 * 60, 23 * 60),)) for _ in range(3)), *(((10 * 60, 25 * 60),),) * 2, ((10 * 60, 18 * 60),)
)
_OFFICE = _week(*(((8 * 60 + 30, 12 * 60), (13 * 60 + 30, 17 * 60)),) * 5, (), ())
_STAGE = _week((), (), *(((14 * 60, 23 * 60),),) * 5)
WEEKS = {"10": _BAKERY, "56": _CAFE, "59": _STAGE, "90": _STAGE, "46": _OFFICE, "43": _OFFICE, "84": _OFFICE}


def write_cards(services: Services, officer_id: str, rng: random.Random) -> int:
    """A card for every shop, pictures for some; all but a few of the changes are seen. Returns how many."""
    listings = services.listings.shown()
    for number, listing in enumerate(listings):
        services.listings.write(listing.member_id, card_for(listing, number, rng), is_shown=True)
    for listing in listings[:: max(len(listings) // PICTURES, 1)]:
        services.listings.add_picture(listing.member_id, drawn_front(listing.name, rng))
    for change in services.listings.waiting()[: -LEFT_FOR_OFFICERS or None]:
        services.listings.mark_seen(change.id, change.revision, officer_id)
    return len(listings)


def card_for(listing: Listing, number: int, rng: random.Random) -> Card:
    ways = [Way.TILL]
    if listing.sector in ("46", "43", "74", "84", "81"):
        ways = [Way.INVOICE, *([Way.TILL] if rng.random() < 0.4 else [])]
    elif rng.random() < 0.2:
        ways.append(Way.WEB)
    has_site = Way.WEB in ways or rng.random() < 0.3
    name = "".join(letter for letter in plain(listing.name) if letter.isalnum())
    card = Card(
        sells=_goods(listing),
        address=f"{rng.randint(1, 88)} {rng.choice(STREETS)}",
        trades=("56",) if listing.sector == "10" and rng.random() < 0.25 else (),
        week=WEEKS.get(listing.sector, _SHOP),
        hours_note="Fermé la deuxième semaine de février" if rng.random() < 0.12 else "",
        ways=tuple(ways),
        website=f"https://{name[:40]}.example.com" if has_site else "",
        phone=f"026191{number:04d}",
    )
    if listing.spot is None or rng.random() < 0.3:
        return card
    metres = (rng.randint(-700, 700), rng.randint(-900, 900))
    return replace(
        card, spot=Spot(listing.spot.latitude_e5 + metres[0], listing.spot.longitude_e5 + metres[1])
    )


def _goods(listing: Listing) -> str:
    name = plain(listing.name)
    named = [goods for word, goods in NAMED_GOODS.items() if word in name]
    return named[0] if named else GOODS.get(listing.sector, "")


def drawn_front(name: str, rng: random.Random) -> bytes:
    """A shop's front as a drawing, so that nobody takes it for a real one."""
    wall, awning, door = (
        rng.choice(tones)
        for tones in (
            ("#e8dfcb", "#d9cbb2", "#cfd8d3", "#e4d3c3", "#dcd7ca"),
            ("#0b5d57", "#8a3b2e", "#c77b30", "#5b6fb5", "#44603a", "#9c4f77"),
            ("#2f4f4a", "#5b3a2e", "#3b4a6b", "#4b4b45"),
        )
    )
    picture = Image.new("RGB", (1200, 900), "#cfe3e0")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 780, 1200, 900), fill="#b9b2a3")
    draw.rectangle((110, 120, 1090, 800), fill=wall)
    draw.polygon([(60, 120), (600, 20), (1140, 120)], fill="#7a6a5b")
    draw.rectangle((160, 250, 1040, 330), fill="#fbf9f4")
    draw.text((600, 290), name, fill="#16211e", anchor="mm", font_size=46)
    for stripe in range(8):
        colour = awning if stripe % 2 == 0 else "#fbf9f4"
        left = 160 + stripe * 110
        draw.polygon([(left, 330), (left + 110, 330), (left + 98, 440), (left - 12, 440)], fill=colour)
    draw.rectangle((200, 470, 700, 740), fill="#f4e8c8", outline="#5a5040", width=10)
    for _ in range(9):
        x, y, size = rng.randint(230, 620), rng.randint(600, 690), rng.randint(30, 60)
        draw.ellipse(
            (x, y, x + size, y + size * 0.8), fill=rng.choice(("#c77b30", "#8fa63b", "#b3261e", "#5b6fb5"))
        )
    draw.rectangle((780, 460, 980, 800), fill=door)
    draw.rectangle((810, 490, 950, 640), fill="#f4e8c8")
    draw.ellipse((940, 660, 962, 682), fill="#e8c860")
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=88)
    return kept.getvalue()
