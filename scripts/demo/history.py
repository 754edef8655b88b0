"""A month in the life of a small Normandy, played through the real service on a virtual clock.

Owns the plot: who joins when, who loads how much, who buys where. Money moves only through the service:
signed payments, bank files, officers' acts. Seeded, so the same month every time (keys and references apart).
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw

from scripts.bank_day import Credit, DemoBank
from scripts.demo import people
from scripts.demo.theatre import Actor, HistoryFailed, Theatre, Wish
from wallet_service.identity.file_states import Declaration
from wallet_service.identity.officers import Officer
from wallet_service.identity.tokens import encode
from wallet_service.journal import SERVICE
from wallet_service.members.decisions import Kind
from wallet_service.members.service import PROOF_PREFIX, NewProfessional, NewWallet
from wallet_service.protocol import p256
from wallet_service.protocol.identifiers import new_ref
from wallet_service.protocol.typed_data import RedemptionMessage
from wallet_service.redemptions.decisions import Order
from wallet_service.territory import communes, sectors

FAVOURITE_SHOP = "Fournil des Deux Rives"
PARIS = ZoneInfo("Europe/Paris")
OPENING_HOUR, CLOSING_HOUR = 8, 20
SHOP_HOURS = range(OPENING_HOUR, CLOSING_HOUR)
JOINING_DAYS = 8
BANK_TIME = time(6, 30)
WAITING_FILES = 7
REDEMPTION_DAYS = (9, 16, 23, 28)
REDEEMING_MERCHANTS = 8
MERCHANT_FLOAT_CENTS = 15_000
MAX_BASKET_FACTOR = 2.4
REFUND_SHARE = 0.012
SUPPLIER_SHARE = 0.35
WEEKDAY_FACTORS = (0.8, 0.85, 0.95, 0.95, 1.15, 1.6, 0.55)
HOUR_WEIGHTS = (3, 4, 4, 5, 9, 5, 3, 3, 4, 6, 7, 4)
TIER_BUDGET_CENTS = {"visitor": 15_000, "declared": 90_000, "verified": 400_000}
#: Invented accounts whose check digits hold, at an invented bank.
MERCHANT_IBAN = "FR7699999000010000000099928"

Progress = Callable[[str, float], None]


@dataclass(slots=True)
class Shop:
    actor: Actor
    name: str
    department: str
    basket_cents: int
    weight: int


@dataclass(slots=True)
class Person:
    actor: Actor
    who: people.Resident
    joins_on_day: int
    spent_cents: int = 0
    loads: list[int] = field(default_factory=list)


class Month:
    """`play` takes the service from empty to yesterday evening."""

    def __init__(
        self,
        theatre: Theatre,
        bank: DemoBank,
        officers: dict[str, Officer],
        progress: Progress,
        days: int,
    ) -> None:
        self._theatre, self._bank, self._officers, self._progress = theatre, bank, officers, progress
        self._days = days
        self._services, self._draw = theatre.services, theatre.draw
        self._shops: list[Shop] = []
        self._persons: list[Person] = []
        self._sales: list[tuple[str, Shop, Person, int, str]] = []
        self.payment_count = 0

    def play(self, first_day: datetime) -> None:
        """`first_day` is midnight, Paris time, as many days before today as are played."""
        self._open_shops()
        self._cast_persons()
        for day in range(self._days):
            self._progress(f"day {day + 1} of {self._days}", (day + 1) / self._days)
            midnight = first_day + timedelta(days=day)
            self._bank_morning(midnight, day)
            self._welcome(day)
            self._trade(midnight, day)
            if day in REDEMPTION_DAYS:
                self._redeem()
        self._leave_work_for_officers(first_day + timedelta(days=self._days))

    # --- members

    def _open_shops(self) -> None:
        trades = [(*merchant, Kind.MERCHANT) for merchant in people.MERCHANTS]
        trades.append((*people.TREASURY, 1200, 2, Kind.TREASURY))
        trades.append((*people.ASSOCIATION, 900, 2, Kind.ASSOCIATION))
        for number, (name, commune, sector, basket_cents, weight, kind) in enumerate(trades):
            key, point = self._theatre.new_key()
            member = self._services.members.create_professional(
                NewProfessional(
                    public_key="0x" + point.hex(),
                    kind=kind,
                    public_name=name,
                    description=sectors()[sector].french,
                    siret=people.invented_siret(number),
                    sector=sector,
                    commune_code=commune,
                    representative_given_name="Dominique",
                    representative_family_name=people.FAMILY_NAMES[number % len(people.FAMILY_NAMES)],
                ),
                SERVICE,
            )
            actor = Actor(member.id, member.account_address, key, point)
            self._shops.append(Shop(actor, name, commune[:2], basket_cents, weight))
        self._theatre.let_work()
        for shop in self._shops:
            code = self._services.tills.make_pairing_code(shop.actor.member_id, "Caisse 1")
            _, point = self._theatre.new_key()
            shop.actor.till_id = self._services.tills.pair(code.code, "0x" + point.hex(), None).till_id

    def _cast_persons(self) -> None:
        for who in people.residents(self._draw.randrange(2**32)):
            key, point = self._theatre.new_key()
            actor = Actor("", "", key, point)
            self._persons.append(Person(actor, who, int(self._draw.triangular(0, JOINING_DAYS, 0))))

    def _welcome(self, day: int) -> None:
        newcomers = [person for person in self._persons if person.joins_on_day == day]
        for person in newcomers:
            self._join(person)
        self._theatre.let_work()
        waiting = [person for person in newcomers if person.who.tier != "visitor"]
        for person in waiting:
            self._declare(person)
        self._theatre.let_work()

    def _join(self, person: Person) -> None:
        actor = person.actor
        public_key = "0x" + actor.point.hex()
        proof = encode(p256.sign_message(actor.key, f"{PROOF_PREFIX}{public_key}".encode()))
        member = self._services.members.create_wallet(NewWallet(public_key, proof))
        actor.member_id, actor.address = member.id, member.account_address
        actor.reference = self._services.topups.reference_for(member.id)

    def _declare(self, person: Person) -> None:
        identity, member_id = self._services.identity, person.actor.member_id
        identity.declare(member_id, _declaration(person.who, self._draw))
        if person.who.tier != "verified":
            return
        self._theatre.let_work()
        identity.add_document(member_id, SPECIMEN)
        file = identity.submit(member_id)
        identity.approve(file.id, self._officers["identity"].id, "Pièce lisible, identité concordante")

    # --- euros in and out

    def _bank_morning(self, midnight: datetime, day: int) -> None:
        """The bank's statement of the night: what people sent yesterday, what merchants are paid."""
        self._theatre.move_to(_unix_ms(datetime.combine(midnight, BANK_TIME, PARIS)))
        arriving = [
            person for person in self._persons if person.actor.reference and self._loads_on(person, day)
        ]
        credits = []
        for person in arriving:
            amount_cents = self._load_cents(person)
            if amount_cents > 0:
                person.loads.append(amount_cents)
                credits.append(Credit(person.actor.reference, amount_cents, _bank_name(person.who)))
                person.actor.balance_cents += amount_cents
        if day == 0:
            return
        self._bank.make_statement(credits, at_unix_s=self._theatre.clock.now_unix_s() - 60)
        self._services.inbox.take_all()
        self._theatre.let_work()

    def _loads_on(self, person: Person, day: int) -> bool:
        """The morning after joining, then about every second week."""
        since = day - person.joins_on_day
        return since == 1 or (since > 1 and since % 13 == 0 and person.actor.balance_cents < 8_000)

    def _load_cents(self, person: Person) -> int:
        limit_cents = {"visitor": 15_000, "declared": 100_000, "verified": 300_000}[person.who.tier]
        loaded_cents = sum(person.loads) if person.who.tier == "visitor" else 0
        room_cents = limit_cents - max(person.actor.balance_cents, loaded_cents)
        return min(person.who.monthly_load_cents // (1 if not person.loads else 2), room_cents) // 500 * 500

    def _redeem(self) -> None:
        """The fullest merchants ask for euros; two officers pay them out with the next statement."""
        fullest = sorted(self._shops, key=lambda shop: -shop.actor.balance_cents)[:REDEEMING_MERCHANTS]
        for shop in fullest:
            amount_cents = (shop.actor.balance_cents - MERCHANT_FLOAT_CENTS) // 1000 * 1000
            if amount_cents > 0:
                self._ask_euros(shop.actor, amount_cents)
        self._theatre.let_work()
        file = self._services.payouts.prepare_payout(self._officers["treasury"].id)
        self._services.payouts.approve_payout(file.id, self._officers["govern"].id)
        self._services.payouts.write_approved()

    def _ask_euros(self, actor: Actor, amount_cents: int) -> None:
        redemptions, domain = self._services.redemptions, self._services.chain.domain()
        quote = redemptions.quote(actor.member_id, amount_cents, MERCHANT_IBAN)
        order = Order(amount_cents, new_ref(), actor.take_nonce(), self._theatre.clock.now_unix_s() + 600)
        message = RedemptionMessage(
            from_address=actor.address,
            value=amount_cents,
            payee_hash=quote.payee_hash,
            ref=order.ref,
            valid_before=order.valid_before_unix_s,
            nonce=order.nonce,
        )
        signature = self._theatre.sign(actor, message.digest(domain))
        redemptions.request(actor.member_id, order, MERCHANT_IBAN, signature)
        actor.balance_cents -= amount_cents

    # --- trade

    def _trade(self, midnight: datetime, day: int) -> None:
        by_hour: dict[int, list[tuple[Person, Shop, int]]] = {hour: [] for hour in SHOP_HOURS}
        for person in self._persons:
            if not person.actor.member_id:
                continue
            chance = person.who.appetite * WEEKDAY_FACTORS[midnight.weekday()]
            while self._draw.random() < chance:
                chance -= 1
                hour = self._draw.choices(SHOP_HOURS, HOUR_WEIGHTS)[0]
                if (bought := self._purchase(person)) is not None:
                    by_hour[hour].append((person, *bought))
        for hour, purchases in by_hour.items():
            if purchases:
                minute = self._draw.randrange(0, 50)
                self._theatre.move_to(_unix_ms(midnight + timedelta(hours=hour, minutes=minute)))
                self._sell(purchases)
        self._restock()
        self._refund()

    def _purchase(self, person: Person) -> tuple[Shop, int] | None:
        shop = self._nearby_shop(person)
        amount_cents = round(shop.basket_cents * self._draw.uniform(0.35, MAX_BASKET_FACTOR) / 10) * 10
        budget_cents = TIER_BUDGET_CENTS[person.who.tier] - person.spent_cents
        if amount_cents > min(person.actor.balance_cents, budget_cents, 15_000) or amount_cents <= 0:
            return None
        person.actor.balance_cents -= amount_cents
        person.spent_cents += amount_cents
        return shop, amount_cents

    def _nearby_shop(self, person: Person) -> Shop:
        """Mostly at home: the same département weighs ten times."""
        home = person.who.commune_code[:2]
        weights = [shop.weight * (10 if shop.department == home else 1) for shop in self._shops]
        return self._draw.choices(self._shops, weights)[0]

    def _sell(self, purchases: list[tuple[Person, Shop, int]]) -> None:
        wishes = []
        for person, shop, amount_cents in purchases:
            sale = self._services.sales.open(
                shop.actor.till_id, shop.actor.member_id, new_ref(), amount_cents, ""
            )
            person.actor.balance_cents += amount_cents  # `pay_all` takes it
            wishes.append(Wish(person.actor, shop.actor, amount_cents, sale_id=sale.id))
            self._sales.append((sale.id, shop, person, amount_cents, wishes[-1].ref))
        self._theatre.pay_all(wishes)
        self.payment_count += len(wishes)

    def _restock(self) -> None:
        """Some shops pay the wholesaler: money that stays in the loop."""
        wholesaler = next(shop for shop in self._shops if shop.weight == 0)
        rich = [shop for shop in self._shops if shop is not wholesaler and shop.actor.balance_cents > 12_000]
        wishes = [
            Wish(shop.actor, wholesaler.actor, int(shop.actor.balance_cents * 0.3) // 100 * 100)
            for shop in rich
            if self._draw.random() < SUPPLIER_SHARE / 5
        ]
        if wishes:
            self._theatre.pay_all(wishes)
            self.payment_count += len(wishes)

    def _refund(self) -> None:
        wishes = []
        for sale_id, shop, person, amount_cents, _ in self._sales:
            if self._draw.random() >= REFUND_SHARE or shop.actor.balance_cents < amount_cents:
                continue
            back_cents = amount_cents if self._draw.random() < 0.5 else max(10, amount_cents // 30 * 10)
            request = self._services.refunds.request(
                shop.actor.till_id, shop.actor.member_id, sale_id, new_ref(), back_cents
            )
            wishes.append(Wish(shop.actor, person.actor, back_cents, refund_request_id=request.id))
        self._sales.clear()
        if wishes:
            self._theatre.pay_all(wishes)
            self.payment_count += len(wishes)

    # --- what is left open for the person who tries the console

    def _leave_work_for_officers(self, today: datetime) -> None:
        now_unix_ms = int(datetime.now(UTC).timestamp() * 1000)
        morning = min(_unix_ms(datetime.combine(today, BANK_TIME, PARIS)), now_unix_ms - 120_000)
        self._theatre.move_to(morning)
        here = [person for person in self._persons if person.actor.member_id]
        late = [person for person in here if person.who.tier == "declared"]
        for person in late[:WAITING_FILES]:
            self._services.identity.add_document(person.actor.member_id, SPECIMEN)
            self._services.identity.submit(person.actor.member_id)
        unknown = [
            Credit("", 4_000, "M. INCONNU", "MERCI POUR LES ALBA"),
            Credit("RF18000000000000", 2_500, "FAUTE DE FRAPPE"),
        ]
        self._bank.make_statement(unknown, at_unix_s=self._theatre.clock.now_unix_s() - 60)
        self._services.inbox.take_all()
        for shop in sorted(self._shops, key=lambda shop: -shop.actor.balance_cents)[:3]:
            amount_cents = shop.actor.balance_cents // 2 // 1000 * 1000
            if amount_cents > 0:
                self._ask_euros(shop.actor, amount_cents)
        self._theatre.let_work()

    def favourite_shop(self) -> Shop:
        return next(shop for shop in self._shops if shop.name == FAVOURITE_SHOP)

    def a_verified_person(self) -> Person:
        """Somebody verified with enough to try a payment."""
        known = [person for person in self._persons if person.who.tier == "verified"]
        richest = max(known, key=lambda person: person.actor.balance_cents)
        if richest.actor.balance_cents < 2_000:
            raise HistoryFailed("nobody in the history has money left to try a payment with")
        return richest


def _declaration(who: people.Resident, draw: random.Random) -> Declaration:
    return Declaration(
        given_name=who.first_name,
        family_name=who.family_name,
        birth_date=who.birth_date.isoformat(),
        address=f"{draw.randrange(1, 120)} rue des Exemples",
        postal_code=who.commune_code[:2] + "000",
        city=communes()[who.commune_code],
    )


def _bank_name(who: people.Resident) -> str:
    return f"{who.first_name} {who.family_name}".upper()


def _unix_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _specimen() -> bytes:
    """A drawn card that says what it is."""
    picture = Image.new("RGB", (640, 400), "#DCEDEA")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((24, 24, 616, 376), outline="#0B5D57", width=4)
    pen.rectangle((48, 90, 208, 300), fill="#0B5D57")
    pen.text((240, 100), "SPECIMEN", fill="#0B5D57", font_size=48)
    pen.text((240, 180), "Carte fictive de demonstration", fill="#16211E", font_size=22)
    pen.text((240, 220), "Sans valeur", fill="#16211E", font_size=22)
    output = io.BytesIO()
    picture.save(output, "JPEG", quality=70)
    return output.getvalue()


SPECIMEN = _specimen()
