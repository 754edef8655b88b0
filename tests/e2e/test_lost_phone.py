"""A lost phone in real browsers: the new one, the old one, the officer, and what each is shown.

The ledger's delay is set to seconds by its governor, so that it passes while somebody watches.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError, expect

from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.e2e.looks import Reach, State, goto, look_at, opens
from tests.support.axe import bring_axe
from tests.support.browsers import WAIT_MS, Person
from tests.support.recovery_side import picture
from tests.support.system import System

#: A thief has no longer to press what is on the screen.
TAP_MS = 2_000
MAKE_CODE = re.compile("Faire mon code|Make my code")

# The pages, the browser's keys and the ledger's delay are what is tried; one database is enough.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.chain,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("system", ["sqlite"], indirect=True),
]
GROUND = "Vue au guichet, pièce d’identité"


def say_lost(new: Person, system: System, member_id: str) -> str:
    """From the first screen to "frozen": the number the new phone shows."""
    new.page.goto(system.wallet)
    new.page.get_by_role("link", name="Vous aviez un portefeuille ici ?").click()
    new.page.get_by_label("Numéro de membre ou référence").fill(member_id[:8].lower())
    started_s = time.monotonic()
    new.button("Geler et demander ce compte").click()
    number = new.page.locator(".pairing-code")
    expect(number).to_be_visible(timeout=WAIT_MS)
    print(f"lost to frozen: {time.monotonic() - started_s:.1f} s")
    return number.inner_text().replace("\u00a0", " ")


def opens_first(who: Person) -> Reach:
    """Click what opens the page's first dialog, in whatever language."""

    def again() -> None:
        who.page.locator("main [data-opens]").first.click()
        expect(who.page.locator("dialog[open]")).to_be_visible(timeout=WAIT_MS)

    return again


def fetch_as(who: Person, system: System, method: str, path: str) -> tuple[int, str | None]:
    """What this browser's session is answered past its pages: the status, and a refusal's code."""
    token = who.page.request.get(f"{system.wallet}/v1/session").json()["csrf_token"]
    headers = {"X-CSRF-Token": token, "Origin": system.wallet}
    answer = who.page.request.fetch(f"{system.wallet}{path}", method=method, headers=headers)
    return answer.status, answer.json()["code"] if answer.status >= 400 else None


def announce(desk: Person, system: System, number: str) -> None:
    """The officer finds the request by the number on the phone, and has seen its owner."""
    desk.page.goto(f"{system.console}/recoveries")
    desk.page.get_by_role("link", name=re.compile(f"Ouvrir.*{number}")).click()
    steps.act(desk, "Annoncer le nouveau téléphone…", "Annoncer", GROUND)
    desk.sees("L’annonce est partie vers le registre")


def test_an_officer_gives_the_new_phone_the_account_and_an_old_phone_may_say_no(
    system: System, people: AddPerson
) -> None:
    old, new, desk = people("phone"), people("phone"), people("desk")
    for who in (old, new, desk):
        bring_axe(who.context)
        who.allowed_statuses |= {401, 403, 404, 409}
    steps.open_visitor_wallet(old, system)
    steps.load(old, system, 4_880)
    member_id = steps.id_of(old, system)
    steps.set_delay(system, 3_600)
    steps.officer_enters(desk, system, "first")

    # Frozen from the first word on, and the old phone is asked at once.
    number = say_lost(new, system, member_id)
    old.sees("Quelqu’un dit avoir perdu votre téléphone")
    expect(old.page.get_by_text("Votre compte est gelé")).to_be_visible(timeout=WAIT_MS)
    here = goto(new, f"{system.wallet}/lost")
    # Who cannot come sends their papers from here; the officer opens them beside those on file.
    new.page.locator("#paper").set_input_files(
        {"name": "c.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    new.sees("Un document envoyé.")
    page = f"{system.console}/recoveries"
    look_at(new, [State("/lost", "asked", here)])
    here()  # in French again
    look_at(old, [State("/", "somebody says it is lost", goto(old, system.wallet))])
    old.page.goto(system.wallet)
    desk.page.goto(page)
    desk.page.get_by_role("link", name=re.compile(f"Ouvrir.*{number}")).click()
    case = desk.page.url
    desk.page.get_by_role("link", name="Document 1").click()
    desk.page.wait_for_function("() => document.querySelector('#viewer[open] img')?.naturalWidth === 60")
    desk.page.keyboard.press("Escape")
    look_at(
        desk,
        [
            State("/recoveries", "lost phones", goto(desk, page)),
            State("/recoveries/{recovery_id}", "a lost phone", goto(desk, case)),
            State("/recoveries/{recovery_id}", "announce", goto(desk, case), opens(desk, "propose")),
            State("/recoveries/{recovery_id}", "suspend a key", goto(desk, case), opens(desk, "suspend-1")),
        ],
    )
    announce(desk, system, number)
    new.sees("Gelé. S’ouvre ici")
    expect(new.page.locator(".balance-amount")).to_contain_text(re.compile(r"48\s*,80"))
    look_at(new, [State("/lost", "frozen until an hour", here)])
    here()

    # One tap on the old phone: the ledger hears its key, and the account stays frozen for an officer to look.
    old.sees("Un nouveau téléphone est annoncé")
    old.button("J’ai mon téléphone").click()
    new.sees("Un ancien téléphone a répondu")
    expect(old.button("J’ai mon téléphone")).to_have_count(0, timeout=WAIT_MS)
    desk.page.goto(page)
    desk.sees("Deux personnes disent être le titulaire")
    expect(old.page.get_by_text("Votre compte est gelé")).to_be_visible(timeout=WAIT_MS)

    # Seen again: the true owner has the new phone, nobody objects, and the delay passes.
    steps.set_delay(system, 3)
    new.button("Demander autrement").click()
    again = say_lost(new, system, member_id)
    assert again != number
    announce(desk, system, again)
    new.sees("Disponible")
    steps.sees_balance_of(new, 4_880)
    expect(new.page.get_by_text("est gelé")).to_have_count(0, timeout=WAIT_MS)
    tablet = people("tablet")
    steps.pair_till(tablet, system)
    sale = steps.charge(tablet, "1250")
    steps.pay_with_code(new, system, sale.short_code)
    steps.till_turns_green(tablet)
    old.page.goto(system.wallet)
    expect(old.button("Ouvrir un portefeuille")).to_be_visible(timeout=WAIT_MS)


def test_above_an_amount_a_second_officer_signs_before_anything_is_announced(
    system: System, people: AddPerson
) -> None:
    old, new, first, second = people("phone"), people("phone"), people("desk"), people("desk")
    for who in (old, new, first, second):
        bring_axe(who.context)
        who.allowed_statuses |= {401, 403, 404, 409}
    steps.open_visitor_wallet(old, system)
    steps.declare(old, system, "Camille", "Rivebasse")
    old.sees("1 000")  # what may be held, once the ledger knows the tier
    steps.load(old, system, 60_000)
    steps.set_delay(system, 3)
    number = say_lost(new, system, steps.id_of(old, system))
    steps.officer_enters(first, system, "first")
    first.page.goto(f"{system.console}/recoveries")
    first.page.get_by_role("link", name=re.compile(f"Ouvrir.*{number}")).click()
    steps.act(first, "Annoncer le nouveau téléphone…", "Demander", GROUND)
    expect(new.page.get_by_text("Gelé. S’ouvre ici")).to_have_count(0)

    # Nor does the one who asked sign it; the second sees for whom and how much.
    first.sees("Vous l’avez demandé")
    expect(first.button("Signer…")).to_have_count(0)
    steps.officer_enters(second, system, "second")
    here = f"{system.console}/approvals"
    look_at(second, [State("/approvals", "a lost phone", goto(second, here), opens_first(second))])
    second.page.goto(here)
    expect(second.page.locator("main")).to_contain_text(re.compile(r"600[,.]?"))
    steps.act(second, "Signer…", "Signer", "Vu avec le premier agent")
    new.sees("Disponible")
    steps.sees_balance_of(new, 60_000)
    old.page.goto(system.wallet)
    expect(old.button("Ouvrir un portefeuille")).to_be_visible(timeout=WAIT_MS)


def test_a_visitor_comes_back_with_a_code_on_paper(system: System, people: AddPerson) -> None:
    old, new = people("phone"), people("phone")
    for who in (old, new):
        bring_axe(who.context)
        who.allowed_statuses |= {401, 403}
    steps.open_visitor_wallet(old, system)
    steps.load(old, system, 2_000)
    steps.set_delay(system, 2)
    wallet = system.wallet

    def made() -> None:
        old.page.get_by_role("button", name=MAKE_CODE).click()
        expect(old.page.locator(".pairing-code")).to_be_visible(timeout=WAIT_MS)

    look_at(old, [State("/recovery-code", "a code, shown once", goto(old, f"{wallet}/recovery-code"), made)])
    old.page.goto(f"{wallet}/me")
    old.page.get_by_role("link", name=re.compile("Code de secours")).click()
    made()
    paper = old.page.locator(".pairing-code [aria-hidden]").inner_text()
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", paper)
    for number, group in enumerate(paper.split("-"), 1):
        field = old.page.get_by_label(f"Groupe {number}, lu")
        if field.count():
            field.fill("....")
            old.button("C’est sur papier").click()
            old.sees("Ce n’est pas ce groupe")
            field.fill(group.lower())
    old.button("C’est sur papier").click()
    old.sees("Vous avez un code sur papier")

    new.page.goto(f"{wallet}/lost")
    new.page.get_by_label("Code de secours sur papier").fill(paper.lower().replace("-", " "))
    new.button("Utiliser mon code").click()
    new.sees("Disponible")
    steps.sees_balance_of(new, 2_000)
    expect(new.page.get_by_text("est gelé")).to_have_count(0, timeout=WAIT_MS)

    # With a passkey the next lost phone takes nobody else and no delay: two taps and the finger, twice.
    new.give_passkeys()
    new.page.goto(f"{wallet}/me")
    new.button("Ajouter une clé d’accès").click()
    expect(new.page.get_by_text("ouvre le compte et signe")).to_be_visible(timeout=WAIT_MS)
    third = people("phone")
    third.allowed_statuses |= {401, 403}
    third.give_passkeys(new.passkeys())
    third.page.goto(wallet)
    third.page.get_by_role("link", name="Vous aviez un portefeuille ici ?").click()
    started_s = time.monotonic()
    third.button("Entrer avec ma clé d’accès").click()
    third.button("Relier ce téléphone").click()
    expect(third.page.get_by_text("Relié, il paie d’un geste.")).to_have_count(0, timeout=WAIT_MS)
    steps.sees_balance_of(third, 2_000)
    print(f"passkey to ready: {time.monotonic() - started_s:.1f} s")


def test_a_thief_and_the_owner_race_each_other(system: System, people: AddPerson) -> None:
    """The thief holds the old phone, unlocked; the owner has their passkey, in another profile."""
    thief, owner = people("phone"), people("phone")
    bring_axe(thief.context)
    for who in (thief, owner):
        who.allowed_statuses |= {401, 403, 404, 409}
    steps.open_visitor_wallet(thief, system)
    steps.load(thief, system, 2_000)
    thief.give_passkeys()  # while the phone was its owner's
    thief.page.goto(f"{system.wallet}/me")
    thief.button("Ajouter une clé d’accès").click()
    expect(thief.page.get_by_text("ouvre le compte et signe")).to_be_visible(timeout=WAIT_MS)
    owner.page.goto(system.wallet)
    owner.give_passkeys(thief.passkeys())
    thief.take_passkeys()
    tablet = people("tablet")
    steps.pair_till(tablet, system)
    sale = steps.charge(tablet, "1250")
    thief.page.goto(f"{system.wallet}/code/{sale.short_code}")
    expect(thief.button("Payer")).to_be_visible(timeout=WAIT_MS)

    # The owner's first tap stops everything, whatever stands on the thief's screen.
    owner.page.get_by_role("link", name="Vous aviez un portefeuille ici ?").click()
    owner.button("Entrer et geler mon compte").click()
    owner.sees("Vous avez gelé ce compte")
    with suppress(TimeoutError):  # the page may have heard of the freeze first: then there is no button
        thief.button("Payer").click(timeout=TAP_MS)
    stopped = thief.page.get_by_text(re.compile("gelé|bloqué")).locator("visible=true")
    expect(stopped.first).to_be_visible(timeout=WAIT_MS)
    expect(thief.page.get_by_role("heading", name="Payé")).to_have_count(0)

    # Nor does the thief undo it: not the freeze, not the passkey, not with one of their own.
    thief.page.goto(f"{system.wallet}/me")
    me = thief.page.request.get(f"{system.wallet}/v1/me").json()
    for method, path, code in (
        ("DELETE", "/v1/me/freeze", "freeze.passkey_needed"),
        ("DELETE", f"/v1/me/passkeys/{me['passkey_ids'][0]}", "access.passkey_wanted"),
    ):
        assert fetch_as(thief, system, method, path) == (403, code)
    # The thief asks for the account from a third phone, and the officer suspends the old one's key.
    other, desk = people("phone"), people("desk")
    for who in (other, desk):
        who.allowed_statuses |= {401, 403}
    number = say_lost(other, system, str(me["id"]))
    steps.officer_enters(desk, system, "first")
    desk.page.goto(f"{system.console}/recoveries")
    desk.page.get_by_role("link", name=re.compile(f"Ouvrir.*{number}")).click()
    steps.act(desk, "Suspendre…", "Suspendre", GROUND)
    expect(desk.page.locator("#keys")).to_contain_text("est suspendue. Fin", timeout=WAIT_MS)
    expect(desk.page.locator("#keys .pill")).to_have_text("suspendue", timeout=WAIT_MS)  # the ledger says so
    thief.sees("La clé de ce téléphone est suspendue")
    assert fetch_as(thief, system, "POST", "/v1/me/recoveries/deny") == (403, "key.suspended")
    look_at(thief, [State("/", "a suspended key", goto(thief, system.wallet))])
    thief.page.goto(system.wallet)
    # The owner, who signs with another key of the account, says no.
    owner.page.goto(system.wallet)
    owner.sees("Quelqu’un dit avoir perdu votre téléphone")
    owner.button("J’ai mon téléphone").click()
    other.sees("Un ancien téléphone a répondu")

    # The owner's new phone has a key of its own, and the old one is put away; only then is it thawed.
    owner.page.goto(system.wallet)
    owner.button("Relier ce téléphone").click()
    expect(owner.page.get_by_text("Relié, il paie d’un geste.")).to_have_count(0, timeout=WAIT_MS)
    devices = owner.page.request.get(f"{system.wallet}/v1/me").json()["devices"]
    (old,) = (one for one in devices if one["signer_address"] == me["account_address"])
    assert fetch_as(owner, system, "DELETE", f"/v1/me/devices/{old['id']}") == (204, None)
    thief.page.goto(system.wallet)
    expect(thief.button("Ouvrir un portefeuille")).to_be_visible(timeout=WAIT_MS)
    steps.sees_balance_of(owner, 2_000)
