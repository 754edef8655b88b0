"""The eight points of the main job as people live them, in real Chromium, on SQLite and on PostgreSQL."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from scripts.demo_book import Credit
from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.support.browsers import WAIT_MS, Camera
from tests.support.system import SHOP_NAME, System
from wallet_service.protocol.text.qr import sale_url

pytestmark = [pytest.mark.browser, pytest.mark.chain, pytest.mark.slow, pytest.mark.timeout(240)]
SHOP_IBAN = "FR7699999000010000000099928"


def test_a_visitor_gets_a_wallet_without_identity_and_with_a_key_that_cannot_leave(
    system: System, people: AddPerson
) -> None:
    phone = people("phone")
    steps.open_visitor_wallet(phone, system)
    member = phone.page.request.get(f"{system.wallet}/v1/me").json()
    assert (member["tier"], member["state"]) == ("visitor", "active")
    assert member["limits"]["max_balance_cents"] == member["limits"]["max_30_days_cents"] == 15_000
    exportable = phone.page.evaluate(
        """async () => {
          const found = [];
          for (const {name} of await indexedDB.databases()) {
            const database = await new Promise((done, failed) => {
              const asked = indexedDB.open(name);
              asked.onsuccess = () => done(asked.result);
              asked.onerror = () => failed(asked.error);
            });
            for (const store of database.objectStoreNames) {
              const all = await new Promise((done) => {
                const asked = database.transaction(store).objectStore(store).getAll();
                asked.onsuccess = () => done(asked.result);
              });
              const walk = (value) => {
                if (value instanceof CryptoKey && value.type === "private") found.push(value.extractable);
                else if (value && typeof value === "object") Object.values(value).forEach(walk);
              };
              all.forEach(walk);
            }
            database.close();
          }
          return found;
        }"""
    )
    assert exportable == [False]


def test_a_resident_declares_adds_a_document_and_sees_the_tier_change_live(
    system: System, people: AddPerson
) -> None:
    phone, desk = people("phone"), people("desk")
    phone.give_passkeys()
    steps.open_visitor_wallet(phone, system)
    phone.page.goto(f"{system.wallet}/identity")
    for label, value in (
        ("Prénom", "Camille"),
        ("Nom", "Rivebasse"),
        ("Date de naissance", "1988-04-12"),
        ("Adresse", "3 rue des Exemples"),
        ("Code postal", "76000"),
        ("Commune", "Rouen"),
    ):
        phone.page.get_by_label(label, exact=True).fill(value)
    phone.button("Déclarer mon identité").click()
    phone.sees("Identité déclarée")
    picture = io.BytesIO()
    Image.new("RGB", (600, 400), "#DCEDEA").save(picture, "JPEG")
    phone.page.locator("#document").set_input_files(
        {"name": "carte.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    )
    phone.sees("Document 1")
    phone.button("Ajouter une clé d’accès").click()
    phone.button("Envoyer mon dossier").click()
    phone.sees("Dossier en cours d’examen")

    steps.officer_enters(desk, system, "first")
    desk.page.goto(f"{system.console}/identities")
    desk.page.get_by_role("link", name=re.compile("Examiner")).last.click()
    desk.sees("Rivebasse")
    steps.act(desk, "Approuver…", "Approuver", "Pièce lisible, identité concordante")

    phone.sees("Identité acceptée")
    phone.sees("Identité vérifiée")
    phone.page.goto(system.wallet)
    phone.sees("C’est fait : votre identité est vérifiée.")
    phone.button("Merci").click()
    phone.page.reload()
    expect(phone.page.get_by_role("region", name="Solde")).to_be_visible(timeout=WAIT_MS)
    expect(phone.page.get_by_text("C’est fait")).to_have_count(0)
    account = system.services.members.get(steps.id_of(phone, system)).account_address
    steps.eventually(
        lambda: system.services.chain.account(account).tier == "verified", "the chain has the new tier"
    )


def test_euros_arrive_by_a_bank_file_and_a_wrong_reference_is_resolved_by_an_officer(
    system: System, people: AddPerson
) -> None:
    phone, desk = people("phone", permissions=["clipboard-read", "clipboard-write"]), people("desk")
    steps.open_visitor_wallet(phone, system)
    phone.page.goto(f"{system.wallet}/add")
    phone.page.get_by_label("Combien ?").fill("60")
    reference = system.services.topups.reference_for(steps.id_of(phone, system))
    expect(phone.page.locator(".copy-list")).to_contain_text(reference[:4], timeout=WAIT_MS)
    expect(phone.page.get_by_role("img", name=re.compile("Code SEPA"))).to_be_visible(timeout=WAIT_MS)
    settings = system.services.settings
    for line, copied in {
        "Bénéficiaire": settings.reserve_holder,
        "IBAN": settings.reserve_iban,
        "BIC": settings.reserve_bic,
        "Montant": "60,00",
        "Votre référence, à mettre en motif": reference,
    }.items():
        phone.page.get_by_role("button", name=f"Copier : {line}").click()
        said = phone.page.get_by_role("status").filter(has_text=f"{line} : copié")
        expect(said).to_have_count(1, timeout=WAIT_MS)
        assert phone.page.evaluate("navigator.clipboard.readText()") == copied
    system.bank_day(Credit(reference, 6_000))
    phone.sees("60,00 crédités")
    phone.page.goto(system.wallet)
    steps.sees_balance_of(phone, 6_000)

    steps.officer_enters(desk, system, "first")
    system.bank_day(Credit("", 2_500, "M. INCONNU", "SANS REFERENCE"))
    desk.page.goto(f"{system.console}/unmatched")
    desk.page.get_by_role("link", name=re.compile("Attribuer")).last.click()
    desk.page.locator("main input[name=q]").fill(reference)
    desk.page.locator("main").get_by_role("button", name="Chercher").click()
    steps.act(desk, "C’est à ce membre…", "Attribuer", "Appel du membre, montant concordant")
    steps.sees_balance_of(phone, 8_500)


def test_a_resident_scans_with_the_camera_and_the_till_turns_green_by_push(
    system: System, people: AddPerson, camera: Camera
) -> None:
    """Both show the same proof and the same time, wherever the phone believes it is."""
    tablet, phone = people("tablet"), people("phone", permissions=["camera"], timezone_id="Asia/Tokyo")
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 5_000)
    steps.pair_till(tablet, system)
    sale = steps.charge(tablet, "1250")
    camera.show(sale.qr_text)
    phone.page.goto(f"{system.wallet}/scan")
    phone.sees(SHOP_NAME)
    phone.sees("Rien ne part tant que vous n’avez pas confirmé.")
    steps.confirm(phone)
    steps.till_turns_green(tablet)
    till_text = tablet.page.inner_text("main")
    proof = re.search(r"[0-9A-F]{2}-[0-9A-F]{3}", till_text)
    assert proof is not None
    assert proof.group() in phone.page.inner_text("main")
    assert steps.clock_time(phone.page.inner_text("main")) == steps.clock_time(till_text)
    tablet.page.reload()
    expect(tablet.page.get_by_text("12,50").first).to_be_visible(timeout=WAIT_MS)
    expect(tablet.page.locator("main")).to_contain_text(re.compile("pay[ée]", re.I), timeout=WAIT_MS)
    phone.page.goto(system.wallet)
    steps.sees_balance_of(phone, 3_750)


def test_the_same_confirmation_sent_twice_pays_once(system: System, people: AddPerson) -> None:
    tablet, phone = people("tablet"), people("phone")
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 3_000)
    steps.pair_till(tablet, system)
    sale = steps.charge(tablet, "700")
    bodies: list[str] = []
    phone.page.on(
        "request",
        lambda asked: (
            bodies.append(asked.post_data or "")
            if asked.method == "POST" and asked.url.endswith("/v1/payments")
            else None
        ),
    )
    phone.page.goto(f"{system.wallet}/code/{sale.short_code}")
    phone.button("Payer").dblclick()
    expect(phone.page.get_by_role("heading", name="Payé")).to_be_visible(timeout=WAIT_MS)
    session = phone.page.request.get(f"{system.wallet}/v1/session").json()
    again = phone.page.request.post(
        f"{system.wallet}/v1/payments",
        data=bodies[0],
        headers={"X-CSRF-Token": session["csrf_token"], "Content-Type": "application/json"},
    )
    assert again.status in (200, 202), again.text()
    assert again.json()["state"] == "paid"
    phone.page.goto(system.wallet)
    steps.sees_balance_of(phone, 2_300)
    assert len(set(bodies)) == 1


def test_foreign_tampered_paid_and_cancelled_codes_are_refused_in_words(
    system: System, people: AddPerson
) -> None:
    tablet, phone, other = people("tablet"), people("phone"), people("phone")
    for wallet in (phone, other):
        steps.open_visitor_wallet(wallet, system)
        wallet.allowed_statuses |= {404, 409, 410, 422}
    steps.load(phone, system, 2_000)
    steps.pair_till(tablet, system)
    sale = steps.charge(tablet, "300")
    steps.pay_with_code(phone, system, sale.short_code)
    other.page.goto(sale.qr_text.lower().replace(system.wallet.lower(), system.wallet))
    other.sees("déjà payée")
    token = sale.qr_text.rsplit("/", 1)[1]
    wrong = token[:-1] + ("A" if token[-1] != "A" else "B")
    other.page.goto(f"{system.wallet}/P/{wrong}")
    other.sees("abîmé ou modifié")
    other.page.goto(f"{system.wallet}/P/9{token[1:]}")
    other.sees("Mettez l’application à jour")
    tablet.button("Nouvelle vente").click()
    cancelled = steps.charge(tablet, "400")
    other.page.goto(f"{system.wallet}/P/{cancelled.qr_text.rsplit('/', 1)[1]}")
    expect(other.page.locator(".pay-amount")).to_be_visible(timeout=WAIT_MS)
    tablet.button("Annuler la vente").click()
    tablet.sees("Vente annulée")
    other.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # looked at again
    other.sees("annulé")


def test_a_foreign_code_in_front_of_the_camera_is_refused_and_the_camera_goes_on(
    system: System, people: AddPerson, camera: Camera
) -> None:
    tablet, phone = people("tablet"), people("phone", permissions=["camera"])
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 1_000)
    steps.pair_till(tablet, system)
    sale = steps.charge(tablet, "150")
    camera.show("https://exemple.invalid/pay?amount=1")
    phone.page.goto(f"{system.wallet}/scan")
    phone.sees("Ce n’est pas un code de paiement")
    camera.show(sale.qr_text)
    phone.page.goto(f"{system.wallet}/scan")
    phone.sees(SHOP_NAME)


def test_a_refund_in_two_parts_is_asked_at_the_till_and_signed_by_the_merchant(
    system: System, people: AddPerson
) -> None:
    tablet, phone, owner = people("tablet"), people("phone"), people("phone")
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 4_000)
    steps.link_phone(owner, system, system.shop_id)
    steps.pair_till(tablet, system)
    sale = steps.charge(tablet, "2000")
    steps.pay_with_code(phone, system, sale.short_code)
    steps.till_turns_green(tablet)
    for digits, balance_cents in (("5,17", 2_517), ("14,83", 4_000)):
        steps.ask_refund(tablet, digits)
        owner.page.goto(system.wallet)
        owner.page.get_by_role("link", name=re.compile(f"Rembourser {digits}")).click()
        owner.button("Rembourser").click()
        expect(owner.page.get_by_role("heading", name=re.compile("Payé|Remboursé"))).to_be_visible(
            timeout=WAIT_MS
        )
        phone.page.goto(system.wallet)
        steps.sees_balance_of(phone, balance_cents)
    expect(tablet.page.locator("body")).to_contain_text(re.compile("remboursé"), timeout=WAIT_MS)
    assert sale.qr_text == sale_url(system.wallet, sale.qr_text.rsplit("/", 1)[1][1:-4])


def test_a_new_tablet_gives_back_what_another_has_sold(system: System, people: AddPerson) -> None:
    tablet, phone, owner, newer = people("tablet"), people("phone"), people("phone"), people("tablet")
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 2_000)
    steps.link_phone(owner, system, system.shop_id)
    steps.pair_till(tablet, system)
    sale = steps.charge(tablet, "1730")
    steps.pay_with_code(phone, system, sale.short_code)
    steps.till_turns_green(tablet)

    steps.pair_till(newer, system)
    newer.sees("Les ventes s’afficheront ici.")
    newer.button("Toutes les ventes").click()
    newer.page.get_by_role("region", name="Autres caisses").get_by_role("button", name="17,30").first.click()
    newer.button("Demander le remboursement de 17,30").click()
    newer.sees("Demandé. Il reste à le signer")
    owner.page.goto(system.wallet)
    owner.page.get_by_role("link", name=re.compile("Rembourser 17,30")).click()
    owner.button("Rembourser").click()
    newer.sees("Le client a reçu l’argent.")
    phone.page.goto(system.wallet)
    steps.sees_balance_of(phone, 2_000)
    newer.page.keyboard.press("Escape")
    expect(newer.page.get_by_role("region", name="Ventes du jour")).to_contain_text("0 vente")


def test_a_merchant_redeems_and_two_officers_pay_while_a_resident_is_refused(
    system: System, people: AddPerson
) -> None:
    owner, resident = people("phone"), people("phone")
    first, second = people("desk"), people("desk")
    steps.link_phone(owner, system, system.shop_id)
    steps.load_shop(system, 10_000)
    steps.open_visitor_wallet(resident, system)
    resident.page.goto(f"{system.wallet}/redeem")
    resident.sees("Réservé aux professionnels")

    steps.ask_for_euros(owner, system, "40,37", SHOP_IBAN)
    owner.sees("Frais")
    steps.take_euros(owner, "40,37")
    steps.officer_enters(first, system, "first")
    first.page.goto(f"{system.console}/payouts")
    steps.act(first, "Préparer l’ordre…", "Préparer l’ordre")
    steps.officer_enters(second, system, "second")
    second.page.goto(f"{system.console}/approvals")
    steps.act(second, "Signer…", "Signer")
    outbox = system.settings.bank_outbox
    steps.eventually(lambda: bool(list(outbox.glob("*.pain.001.xml"))), "the payout file is in the outbox")
    system.bank_day()
    owner.sees("viré sur votre compte")
    address = system.services.members.get(system.shop_id).account_address
    after_cents = system.services.chain.account(address).balance_cents
    asked = system.services.redemptions.list_of_member(system.shop_id)
    (paid,) = [one for one in asked if one.amount_cents == 4_037]
    assert paid.state == "paid"
    system.bank_day(returns=(system.end_to_end_id(paid.ref),))
    owner.sees("rendu sur votre solde")
    assert system.services.chain.account(address).balance_cents == after_cents + 4_037


def test_an_officer_freezes_stops_and_two_resume(system: System, people: AddPerson) -> None:
    phone, desk, second, tablet = people("phone"), people("desk"), people("desk"), people("tablet")
    steps.pair_till(tablet, system)
    steps.open_visitor_wallet(phone, system)
    member_id = steps.id_of(phone, system)
    steps.officer_enters(desk, system, "first")
    desk.page.goto(f"{system.console}/members/{member_id}")
    steps.act(desk, "Geler…", "Geler", "Soupçon de vol du téléphone")
    phone.sees("Votre compte est gelé")
    desk.button("Lever le gel…").click()
    dialog = desk.page.locator("dialog[open]")
    dialog.locator("textarea").fill("Téléphone retrouvé")
    steps.confirm_act(desk, dialog, "Lever le gel")
    expect(phone.page.get_by_text("Votre compte est gelé")).to_have_count(0, timeout=WAIT_MS)

    desk.page.goto(system.console)
    desk.button("Arrêter les paiements…").first.click()
    stop = desk.page.locator("dialog#stop-payments")
    stop.locator("textarea").fill("Exercice d’arrêt")
    steps.session_ends_while_writing(desk, system, "first", stop, "Arrêter les paiements")
    steps.confirm_act(desk, stop, "Arrêter les paiements")
    expect(desk.page.get_by_text("Paiements arrêtés").first).to_be_visible(timeout=WAIT_MS)
    # Said before anybody tries to pay or types an amount, and taken back by itself.
    phone.sees("Les paiements sont arrêtés pour tout le monde")
    tablet.sees("Encaissez autrement.")
    expect(tablet.page.locator("#connection")).to_have_text("Paiements arrêtés")
    steps.act(desk, "Demander la reprise…", "Demander la reprise", "Fin de l’exercice")
    steps.officer_enters(second, system, "second")
    second.page.goto(f"{system.console}/approvals")
    steps.act(second, "Signer…", "Signer", "Vu avec le premier agent")
    second.page.goto(system.console)
    expect(second.page.get_by_text("Paiements ouverts").first).to_be_visible(timeout=WAIT_MS)
    said = [phone.page.get_by_text("arrêtés pour tout"), tablet.page.get_by_text("arrêtés pour tout")]
    for sentence in said:  # nor does it stay for who listens
        expect(sentence.locator("visible=true")).to_have_count(0, timeout=WAIT_MS)
    expect(tablet.page.locator("#connection")).to_have_text("En ligne")
    desk.page.goto(f"{system.console}/journal")
    desk.sees("Exercice d’arrêt")


def test_the_copy_in_sql_equals_the_chain_after_all_this(system: System) -> None:
    assert system.rebuilt_copy_equals_chain() == ""
