"""A shop is found: by words, by what is near, without network; it writes its card, an officer looks at it.

axe looks at the pages that need a shop (test_accessibility.py has the others).
"""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Geolocation, expect

from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.e2e.looks import State, goto, look_at
from tests.support.axe import bring_axe
from tests.support.browsers import WAIT_MS
from tests.support.system import System
from wallet_service.directory.models import NO_HOURS, Card, Spot, Way

pytestmark = [pytest.mark.browser, pytest.mark.chain, pytest.mark.slow, pytest.mark.timeout(600)]
ALWAYS_OPEN = ((((0, 1440),)),) * 7
ROUEN: Geolocation = {"latitude": 49.4400, "longitude": 1.0900}


def shop_card(system: System) -> str:
    """The system's one shop has a card, and the service shows it; its page's id.

    Written past the running service, which reads the directory anew within `KEPT_MS`.
    """
    shown = system.services.listings.write(
        system.shop_id,
        Card(
            sells="pain au levain, brioches",
            address="3 rue des Galets",
            week=ALWAYS_OPEN,
            ways=(Way.TILL,),
            phone="0261910001",
            spot=Spot(4_944_000, 109_800),
        ),
        is_shown=True,
    )

    def is_shown() -> bool:
        return "pain au levain" in httpx.get(f"{system.wallet}/v1/directory").text

    steps.eventually(is_shown, "the service shows the card")
    return str(shown.listing.id)


def test_a_shop_is_found_by_words_that_forgive_near_and_without_network(
    system: System, people: AddPerson
) -> None:
    stranger = people("phone")
    page, sent = stranger.page, list[str]()
    shop_card(system)
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    stranger.context.grant_permissions(["geolocation"], origin=system.wallet)
    stranger.context.set_geolocation(ROUEN)
    page.goto(f"{system.wallet}/directory")
    row = page.locator("#shops .shop")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Ouvert jusqu’à", timeout=WAIT_MS)
    page.locator("#q").fill("BRIOCHE levian")
    expect(row).to_have_count(1)
    page.locator("#q").fill("chaussures")
    expect(page.get_by_text("Personne ne correspond.")).to_be_visible(timeout=WAIT_MS)
    page.locator("#q").fill("")
    page.get_by_role("button", name="Ouvert maintenant").click()
    expect(row).to_have_count(1)
    page.get_by_role("button", name="Près de moi").click()
    expect(row).to_contain_text(re.compile("à 5|à 6|à 7|à 8|à 9"), timeout=WAIT_MS)
    assert not [one for one in sent if "49.44" in one or "1.09" in one], "where somebody stands is not sent"

    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.wait_for_function("() => caches.match('/v1/directory').then((kept) => kept !== undefined)")
    stranger.context.set_offline(True)
    page.goto(f"{system.wallet}/directory?q=levain")
    expect(row).to_have_count(1, timeout=WAIT_MS)
    row.locator("a").click()
    stranger.sees("Hors connexion : fiche gardée par ce téléphone")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    stranger.sees("3 rue des Galets")
    stranger.context.set_offline(False)
    page.reload()
    expect(page.get_by_text("Hors connexion")).to_have_count(0)
    stranger.sees("02\u202f61\u202f91\u202f00\u202f01")


def test_a_merchant_writes_their_card_and_an_officer_looks_at_it(system: System, people: AddPerson) -> None:
    owner, desk, stranger = people("phone"), people("desk"), people("phone")
    for who in (owner, desk, stranger):
        bring_axe(who.context)
    owner.allowed_statuses |= {422}
    system.services.listings.write(system.shop_id, Card(week=NO_HOURS), is_shown=True)
    steps.link_phone(owner, system, system.shop_id)
    owner.page.goto(f"{system.wallet}/me")
    owner.page.get_by_role("link", name=re.compile("Ma fiche dans l’annuaire")).click()
    owner.page.get_by_label("Ce qu’on y trouve").fill("galettes et cidre")
    owner.page.get_by_label("Lundi").fill("matin")
    owner.button("Enregistrer ma fiche").click()
    owner.sees("Ces horaires ne se lisent pas.")
    owner.page.get_by_label("Lundi").fill("9h-12h30, 14h-19h")
    owner.button("Mardi à samedi comme lundi").click()
    owner.page.get_by_text("en caisse").click()
    owner.button("Enregistrer ma fiche").click()

    def is_saved() -> bool:
        return system.services.listings.own(system.shop_id).listing.card.sells == "galettes et cidre"

    steps.eventually(is_saved, "the card is saved")
    owner.sees("Un agent regardera votre dernier changement.")
    listing = system.services.listings.own(system.shop_id).listing
    assert listing.card.week == (*((((540, 750), (840, 1140)),) * 6), ())
    path = f"{system.wallet}/directory/x-{listing.id}"
    steps.officer_enters(desk, system, "first")
    seen = look_at(owner, [State("/listing", "my card", goto(owner, f"{system.wallet}/listing"))])
    seen |= look_at(stranger, [State("/directory/{name}", "a shop", goto(stranger, path))])
    seen |= look_at(desk, [State("/listings", "what changed", goto(desk, f"{system.console}/listings"))])
    assert seen == {"/listing", "/directory/{name}", "/listings"}

    desk.page.goto(f"{system.console}/listings")
    expect(desk.page.locator("#waiting")).to_contain_text("galettes et cidre")
    steps.act(desk, "Retirer de l’annuaire…", "Retirer")
    desk.sees("La fiche est retirée de l’annuaire")
    owner.page.goto(f"{system.wallet}/listing")
    owner.sees("Un agent a retiré votre fiche de l’annuaire.")
    stranger.allowed_statuses |= {404}
    stranger.page.goto(f"{path}?again")  # a browser may keep the page itself for a minute
    stranger.sees("n’est pas dans l’annuaire")
    desk.button("Remettre").click()
    desk.sees("La fiche est de nouveau dans l’annuaire.")
