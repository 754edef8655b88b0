"""A month of a small region, simulated through the real service on a virtual clock.

Owns the plan: who joins when, who loads how much, who buys where. Money moves only through the service:
signed payments, bank files, officers' acts. Seeded, so the same month every time (keys and references apart).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scripts.demo import people
from scripts.demo.bank_life import BankLife, Loader
from scripts.demo.contested import ContestedPayments, Sold
from scripts.demo.papers import SPECIMEN
from scripts.demo.simulation import PaymentIntent, SimulatedWallet, Simulation, SimulationFailed
from scripts.demo_bank import DemoBank
from scripts.demo_book import Credit
from wallet_service.help.documents import terms_version
from wallet_service.identity.states import Declaration
from wallet_service.members.decisions import Kind
from wallet_service.members.service import PROOF_PREFIX, NewProfessional, NewWallet
from wallet_service.platform.journal import SERVICE
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.typed_data import RedemptionMessage
from wallet_service.protocol.text.identifiers import new_own_ref, new_ref
from wallet_service.redemptions.decisions import RedemptionOrder
from wallet_service.redemptions.iban import Payee
from wallet_service.security.officers import Officer
from wallet_service.security.tokens import encode
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
#: How much of a shop's usual basket one purchase is, at least and at most.
BASKET_PERCENT = (35, 240)
REFUND_SHARE = 0.012
SUPPLIER_SHARE = 0.35
WEEKDAY_FACTORS = (0.8, 0.85, 0.95, 0.95, 1.15, 1.6, 0.55)
HOUR_WEIGHTS = (3, 4, 4, 5, 9, 5, 3, 3, 4, 6, 7, 4)
ENOUGH_TO_TRY_CENTS = 2_000
TIER_BUDGET_CENTS = {"visitor": 15_000, "declared": 90_000, "verified": 400_000}
#: Invented accounts whose check digits hold, at an invented bank.
MERCHANT_PAYEE = Payee("FR7699999000010000000099928", "Élise Exemple & fils")

Progress = Callable[[str, float], None]


@dataclass(slots=True)
class SimulatedShop:
    wallet: SimulatedWallet
    name: str
    department: str
    basket_cents: int
    weight: int


@dataclass(slots=True)
class SimulatedPerson:
    wallet: SimulatedWallet
    who: people.Resident
    joins_on_day: int
    spent_cents: int = 0
    loads: list[int] = field(default_factory=list)


class MonthSimulation:
    """`run` takes the service from empty to yesterday evening."""

    def __init__(
        self,
        simulation: Simulation,
        bank: DemoBank,
        officers: dict[str, Officer],
        progress: Progress,
        days: int,
    ) -> None:
        self._simulation, self._bank, self._officers, self._progress = simulation, bank, officers, progress
        self._days = days
        self._services, self._rng = simulation.services, simulation.rng
        self._shops: list[SimulatedShop] = []
        self._persons: list[SimulatedPerson] = []
        self._sales: list[tuple[str, SimulatedShop, SimulatedPerson, int, str]] = []
        self._bank_life: BankLife
        self._contested = ContestedPayments(simulation, officers["identity"].id, days)
        self.payment_count = 0

    def run(self, first_day: datetime) -> None:
        """`first_day` is midnight, Paris time, as many days before today as are simulated."""
        self._bank_life = BankLife(self._simulation, self._bank, first_day)
        self._open_shops()
        self._generate_persons()
        for day in range(self._days):
            self._progress(f"day {day + 1} of {self._days}", (day + 1) / self._days)
            midnight = first_day + timedelta(days=day)
            self._bank_morning(midnight, day)
            self._enrol_newcomers(day)
            self._trade(midnight, day)
            if day in REDEMPTION_DAYS:
                self._redeem()
        self._leave_work_for_officers(first_day + timedelta(days=self._days))

    # --- members

    def _open_shops(self) -> None:
        trades = [(*merchant, Kind.MERCHANT) for merchant in people.MERCHANTS]
        trades.append((*people.TREASURY, 1200, 2, Kind.TREASURY))
        trades.append((*people.ASSOCIATION, 900, 2, Kind.ASSOCIATION))
        trades.append((*people.ISSUER, 0, 0, Kind.ASSOCIATION))  # sells nothing
        for number, (name, commune, sector, basket_cents, weight, kind) in enumerate(trades):
            key, point = self._simulation.new_key()
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
            wallet = SimulatedWallet(member.id, member.account_address, key, point)
            self._shops.append(SimulatedShop(wallet, name, commune[:2], basket_cents, weight))
        self._simulation.run_workers()
        for shop in self._shops:
            code = self._services.tills.make_pairing_code(shop.wallet.member_id, "Caisse 1")
            _, point = self._simulation.new_key()
            shop.wallet.till_id = self._services.tills.pair(code.code, "0x" + point.hex(), None).till_id

    def _generate_persons(self) -> None:
        for who in people.generate_residents(self._rng.randrange(2**32)):
            key, point = self._simulation.new_key()
            wallet = SimulatedWallet("", "", key, point)
            self._persons.append(SimulatedPerson(wallet, who, int(self._rng.triangular(0, JOINING_DAYS, 0))))

    def _enrol_newcomers(self, day: int) -> None:
        newcomers = [person for person in self._persons if person.joins_on_day == day]
        for person in newcomers:
            self._join(person)
        self._simulation.run_workers()
        waiting = [person for person in newcomers if person.who.tier != "visitor"]
        for person in waiting:
            self._declare(person)
        self._simulation.run_workers()

    def _join(self, person: SimulatedPerson) -> None:
        wallet = person.wallet
        public = "0x" + wallet.point.hex()
        proof = encode(p256.sign_message(wallet.key, f"{PROOF_PREFIX}{public}".encode()))
        member = self._services.members.create_wallet(NewWallet(public, proof, terms_version=terms_version()))
        wallet.member_id, wallet.address = member.id, member.account_address
        wallet.reference = self._services.topups.reference_for(member.id)

    def _declare(self, person: SimulatedPerson) -> None:
        identity, member_id = self._services.identity, person.wallet.member_id
        identity.declare(member_id, _declaration(person.who, self._rng))
        if person.who.tier != "verified":
            return
        self._simulation.run_workers()
        identity.add_document(member_id, SPECIMEN)
        file = identity.submit(member_id)
        identity.approve(file.id, self._officers["identity"].id, "Pièce lisible, identité concordante")

    # --- euros in and out

    def _bank_morning(self, midnight: datetime, day: int) -> None:
        """The bank's statement of the night: what people sent yesterday, what merchants are paid."""
        self._simulation.advance_to(_unix_ms(datetime.combine(midnight, BANK_TIME, PARIS)))
        arriving = [
            person for person in self._persons if person.wallet.reference and self._loads_on(person, day)
        ]
        credits = []
        for person in arriving:
            amount_cents = self._load_cents(person)
            if amount_cents > 0:
                person.loads.append(amount_cents)
                credits.append(Credit(person.wallet.reference, amount_cents, _bank_name(person.who)))
                person.wallet.balance_cents += amount_cents
        if day == 0:
            return
        life = self._bank_life.morning(day, self._loaders("verified"))
        self._bank.make_statement(credits, at_unix_s=self._simulation.clock.now_unix_s() - 60, day=life)
        self._services.inbox.take_all()
        self._simulation.run_workers()

    def _loaders(self, *tiers: str) -> list[Loader]:
        """Who can load, of these tiers."""
        return [
            Loader(person.wallet, _bank_name(person.who), person.loads[-1] if person.loads else 0)
            for person in self._persons
            if person.wallet.reference and person.who.tier in tiers
        ]

    def _loads_on(self, person: SimulatedPerson, day: int) -> bool:
        """The morning after joining, then about every second week."""
        since = day - person.joins_on_day
        return since == 1 or (since > 1 and since % 13 == 0 and person.wallet.balance_cents < 8_000)

    def _load_cents(self, person: SimulatedPerson) -> int:
        limit_cents = {"visitor": 15_000, "declared": 100_000, "verified": 300_000}[person.who.tier]
        loaded_cents = sum(person.loads) if person.who.tier == "visitor" else 0
        room_cents = limit_cents - max(person.wallet.balance_cents, loaded_cents)
        return min(person.who.monthly_load_cents // (1 if not person.loads else 2), room_cents) // 500 * 500

    def _redeem(self) -> None:
        """The fullest merchants ask for euros; two officers pay them out with the next statement."""
        fullest = sorted(self._shops, key=lambda shop: -shop.wallet.balance_cents)[:REDEEMING_MERCHANTS]
        for shop in fullest:
            amount_cents = (shop.wallet.balance_cents - MERCHANT_FLOAT_CENTS) // 1000 * 1000
            if amount_cents > 0:
                self._request_redemption(shop.wallet, amount_cents)
        self._simulation.run_workers()
        file = self._services.payouts.prepare_payout(self._officers["treasury"].id)
        self._services.payouts.approve_payout(file.id, self._officers["govern"].id)
        self._services.payouts.write_approved()

    def _request_redemption(self, wallet: SimulatedWallet, amount_cents: int) -> None:
        redemptions, domain = self._services.redemptions, self._services.chain.domain()
        quote = redemptions.quote(wallet.member_id, amount_cents, MERCHANT_PAYEE)
        until_unix_s = self._simulation.clock.now_unix_s() + 600
        order = RedemptionOrder(amount_cents, new_own_ref(wallet.address), wallet.take_nonce(), until_unix_s)
        message = RedemptionMessage(
            from_address=wallet.address,
            value=amount_cents,
            payee_hash=quote.payee_hash,
            ref=order.ref,
            valid_before=order.valid_before_unix_s,
            nonce=order.nonce,
        )
        signature = self._simulation.sign(wallet, message.digest(domain))
        redemptions.request(wallet.member_id, order, MERCHANT_PAYEE, signature)
        wallet.balance_cents -= amount_cents

    # --- trade

    def _trade(self, midnight: datetime, day: int) -> None:
        by_hour: dict[int, list[tuple[SimulatedPerson, SimulatedShop, int]]] = {
            hour: [] for hour in SHOP_HOURS
        }
        for person in self._persons:
            if not person.wallet.member_id:
                continue
            chance = person.who.appetite * WEEKDAY_FACTORS[midnight.weekday()]
            while self._rng.random() < chance:
                chance -= 1
                hour = self._rng.choices(SHOP_HOURS, HOUR_WEIGHTS)[0]
                if (bought := self._purchase(person)) is not None:
                    by_hour[hour].append((person, *bought))
        for hour, purchases in by_hour.items():
            if purchases:
                minute = self._rng.randrange(0, 50)
                self._simulation.advance_to(_unix_ms(midnight + timedelta(hours=hour, minutes=minute)))
                self._sell(purchases)
        self._contest(day)
        self._restock()
        self._refund()

    def _contest(self, day: int) -> None:
        sold = [
            Sold(ref, person.wallet, shop.wallet, amount_cents)
            for _, shop, person, amount_cents, ref in self._sales
        ]
        ref = self._contested.evening(day, sold, self._invited)
        self._sales = [sale for sale in self._sales if sale[-1] != ref]

    def _invited(self) -> set[str]:
        return {self.favourite_shop().wallet.member_id, self.a_verified_person().wallet.member_id}

    def _purchase(self, person: SimulatedPerson) -> tuple[SimulatedShop, int] | None:
        shop = self._nearby_shop(person)
        amount_cents = shop.basket_cents * self._rng.randint(*BASKET_PERCENT) // 1_000 * 10
        budget_cents = TIER_BUDGET_CENTS[person.who.tier] - person.spent_cents
        if amount_cents > min(person.wallet.balance_cents, budget_cents, 15_000) or amount_cents <= 0:
            return None
        person.wallet.balance_cents -= amount_cents
        person.spent_cents += amount_cents
        return shop, amount_cents

    def _nearby_shop(self, person: SimulatedPerson) -> SimulatedShop:
        """Mostly at home: the same département weighs ten times."""
        home = person.who.commune_code[:2]
        weights = [shop.weight * (10 if shop.department == home else 1) for shop in self._shops]
        return self._rng.choices(self._shops, weights)[0]

    def _sell(self, purchases: list[tuple[SimulatedPerson, SimulatedShop, int]]) -> None:
        intents = []
        for person, shop, amount_cents in purchases:
            sale = self._services.sales.open(
                shop.wallet.till_id, shop.wallet.member_id, new_ref(), amount_cents, ""
            )
            person.wallet.balance_cents += amount_cents  # `pay_all` takes it
            intents.append(PaymentIntent(person.wallet, shop.wallet, amount_cents, sale_id=sale.id))
            self._sales.append((sale.id, shop, person, amount_cents, intents[-1].ref))
        self._simulation.pay_all(intents)
        self.payment_count += len(intents)

    def _restock(self) -> None:
        """Some shops pay the wholesaler: money that stays in the loop."""
        wholesaler = next(shop for shop in self._shops if shop.weight == 0)
        rich = [shop for shop in self._shops if shop is not wholesaler and shop.wallet.balance_cents > 12_000]
        intents = [
            PaymentIntent(shop.wallet, wholesaler.wallet, shop.wallet.balance_cents * 3 // 1_000 * 100)
            for shop in rich
            if self._rng.random() < SUPPLIER_SHARE / 5
        ]
        if intents:
            self._simulation.pay_all(intents)
            self.payment_count += len(intents)

    def _refund(self) -> None:
        intents = []
        for sale_id, shop, person, amount_cents, _ in self._sales:
            if self._rng.random() >= REFUND_SHARE or shop.wallet.balance_cents < amount_cents:
                continue
            back_cents = amount_cents if self._rng.random() < 0.5 else max(10, amount_cents // 30 * 10)
            request = self._services.refunds.request(
                shop.wallet.till_id, shop.wallet.member_id, sale_id, new_ref(), back_cents
            )
            intents.append(
                PaymentIntent(shop.wallet, person.wallet, back_cents, refund_request_id=request.id)
            )
        self._sales.clear()
        if intents:
            self._simulation.pay_all(intents)
            self.payment_count += len(intents)

    # --- what is left open for the person who tries the console

    def _leave_work_for_officers(self, today: datetime) -> None:
        now_unix_ms = int(datetime.now(UTC).timestamp() * 1000)
        morning = min(_unix_ms(datetime.combine(today, BANK_TIME, PARIS)), now_unix_ms - 120_000)
        self._simulation.advance_to(morning)
        here = [person for person in self._persons if person.wallet.member_id]
        late = [person for person in here if person.who.tier == "declared"]
        for person in late[:WAITING_FILES]:
            self._services.identity.add_document(person.wallet.member_id, SPECIMEN)
            self._services.identity.submit(person.wallet.member_id)
        self._bank_life.last_morning(self._loaders("declared", "verified"))
        free = [shop for shop in self._shops if shop.wallet.member_id not in self._contested.payees]
        for shop in sorted(free, key=lambda shop: -shop.wallet.balance_cents)[:3]:
            amount_cents = shop.wallet.balance_cents // 2 // 1000 * 1000
            if amount_cents > 0:
                self._request_redemption(shop.wallet, amount_cents)
        self._simulation.run_workers()

    def favourite_shop(self) -> SimulatedShop:
        return next(shop for shop in self._shops if shop.name == FAVOURITE_SHOP)

    def issuer(self) -> SimulatedShop:
        return next(shop for shop in self._shops if shop.name == people.ISSUER[0])

    def a_verified_person(self) -> SimulatedPerson:
        """Somebody verified with enough to try a payment; with a standing order if there is one."""
        known = [person for person in self._persons if person.who.tier == "verified"]
        for person in known:
            is_standing = person.wallet.member_id == self._bank_life.standing_member_id
            if is_standing and person.wallet.balance_cents >= ENOUGH_TO_TRY_CENTS:
                return person
        richest = max(known, key=lambda person: person.wallet.balance_cents)
        if richest.wallet.balance_cents < ENOUGH_TO_TRY_CENTS:
            raise SimulationFailed("nobody in the history has money left to try a payment with")
        return richest


def _declaration(who: people.Resident, rng: random.Random) -> Declaration:
    return Declaration(
        given_name=who.first_name,
        family_name=who.family_name,
        birth_date=who.birth_date.isoformat(),
        address=f"{rng.randrange(1, 120)} rue des Exemples",
        postal_code=who.commune_code[:2] + "000",
        city=communes()[who.commune_code],
    )


def _bank_name(who: people.Resident) -> str:
    return f"{who.first_name} {who.family_name}".upper()


def _unix_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
