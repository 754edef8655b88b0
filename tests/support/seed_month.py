"""A seeded month of a small region, straight into SQL, as the indexer leaves it. For the console's tests.

Seeded: the same month at every run. Money adds up: postings sum to zero, attestations cover the supply.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, insert

from wallet_service.database.tables.bank import bank_entries, bank_statements, redemptions, topups
from wallet_service.database.tables.chain import balances, blocks, chain_events, postings
from wallet_service.database.tables.identity import identity_files, officers
from wallet_service.database.tables.members import members, tills
from wallet_service.database.tables.payments import payments
from wallet_service.protocol.hashing import keccak256
from wallet_service.protocol.signing.addresses import ZERO_ADDRESS
from wallet_service.reports.decisions import day_start_unix_s, last_days, local_day

LEDGER = "0x" + "1e" * 20
ATTESTATION_MAX_AGE_S = 4 * 86_400
SHOPS = (
    ("Boulangerie du Vieux Pont", "10", "14118"),
    ("Épicerie des Quais", "47", "14118"),
    ("Café de la Digue", "56", "76217"),
    ("Librairie Les Galets", "47", "76540"),
    ("Ferme de la Haie", "01", "50129"),
    ("Cidrerie du Bocage", "11", "61001"),
    ("Cinéma Le Phare", "59", "76351"),
    ("Vélos et Marées", "95", "50218"),
    ("Piscine municipale", "93", "27229"),
    ("Grossiste du Plateau", "46", "76540"),
    ("Atelier Terre Blanche", "23", "14366"),
    ("Théâtre des Embruns", "90", "14118"),
)


@dataclass
class SeedMonth:
    """What was written, for tests to compare with."""

    supply_cents: int = 0
    minted_cents: int = 0
    burned_cents: int = 0
    volume_cents: int = 0
    payments_count: int = 0
    reserve_cents: int = 0
    members: list[str] = field(default_factory=list)
    shops: list[str] = field(default_factory=list)
    officers: list[str] = field(default_factory=list)


def bytes32_of(text: str) -> str:
    return "0x" + keccak256(text.encode()).hex()


def account(text: str) -> str:
    return bytes32_of(text)[:42]


class _Writer:
    """Numbers blocks and sequences, and keeps each table's rows for one insert each."""

    def __init__(self, connection: Connection, month: SeedMonth) -> None:
        self.connection = connection
        self.month = month
        self.rows: dict[Any, list[dict[str, Any]]] = {}
        self.block = 0
        self.held_cents: dict[str, int] = {}

    def add(self, table: Any, **values: Any) -> None:
        self.rows.setdefault(table, []).append(values)

    def event(self, at_unix_s: int, name: str, arguments: dict[str, Any]) -> int:
        self.block += 1
        self.add(
            blocks,
            number=self.block,
            hash=bytes32_of(f"block {self.block}"),
            parent_hash=bytes32_of(f"block {self.block - 1}"),
            timestamp_unix_s=at_unix_s,
            indexed_at_unix_ms=at_unix_s * 1000,
        )
        self.add(
            chain_events,
            block_number=self.block,
            log_index=0,
            transaction_hash=bytes32_of(f"transaction {self.block}"),
            name=name,
            arguments=arguments,
        )
        return self.block

    def move(
        self, at_unix_s: int, name: str, kind: str, source: str, target: str, cents: int, ref: str
    ) -> None:
        arguments = {"from": source, "to": target, "value": cents, "ref": ref}
        block = self.event(at_unix_s, name, arguments)
        for leg, (holder, amount) in enumerate(((source, -cents), (target, cents))):
            self.held_cents[holder] = self.held_cents.get(holder, 0) + amount
            self.add(
                postings,
                block_number=block,
                log_index=0,
                leg=leg,
                account=holder,
                amount_cents=amount,
                kind=kind,
                ref=ref,
                block_timestamp_unix_s=at_unix_s,
            )

    def attest(self, at_unix_s: int, amount_cents: int) -> None:
        arguments = {
            "amount": amount_cents,
            "asOf": at_unix_s - 1_800,
            "statementHash": bytes32_of(f"statement {at_unix_s}"),
            "attester": account("attester"),
            "supply": -self.held_cents.get(ZERO_ADDRESS, 0),
        }
        self.event(at_unix_s, "ReserveAttested", arguments)
        self.month.reserve_cents = amount_cents

    def flush(self) -> None:
        for table, rows in self.rows.items():
            self.connection.execute(insert(table), rows)


def write_month(engine: Engine, now_unix_s: int, residents: int = 60, seed: int = 7) -> SeedMonth:
    """Thirty days that end now; returns the sums a test may expect."""
    rng, month = random.Random(seed), SeedMonth()
    with engine.begin() as connection:
        writer = _Writer(connection, month)
        _people(writer, residents, now_unix_s - 40 * 86_400)
        writer.event(
            now_unix_s - 40 * 86_400,
            "IssuanceChanged",
            {"attestationMaxAge": ATTESTATION_MAX_AGE_S, "dailyMintQuota": 50_000_000},
        )
        _opening(writer, now_unix_s - 39 * 86_400, rng)
        for day in last_days(local_day(now_unix_s), 30):
            _day(writer, day_start_unix_s(day), now_unix_s, rng)
        _queues(writer, now_unix_s)
        month.supply_cents = -writer.held_cents[ZERO_ADDRESS]
        for holder, cents in writer.held_cents.items():
            writer.add(balances, account=holder, posted_cents=cents, reserved_cents=0)
        writer.flush()
    return month


def _people(writer: _Writer, residents: int, at_unix_s: int) -> None:
    shared = {"state": "active", "language": "fr", "created_at_unix_ms": at_unix_s * 1000}
    for number in range(residents):
        name = f"R{number:025d}"
        tier = ("visitor", "declared", "verified")[number % 3]
        writer.add(
            members,
            id=name,
            kind="resident",
            tier=tier,
            account_address=account(name),
            sector=None,
            commune_code=None,
            public_name=None,
            **shared,
        )
        writer.month.members.append(name)
    for number, (shop, sector, commune) in enumerate(SHOPS):
        name = f"S{number:025d}"
        writer.add(
            members,
            id=name,
            kind="merchant",
            tier="professional",
            account_address=account(name),
            sector=sector,
            commune_code=commune,
            public_name=shop,
            **shared,
        )
        writer.add(
            tills,
            id=f"T{number:025d}",
            member_id=name,
            label="Caisse 1",
            public_key="0x" + "00" * 64,
            state="active",
            paired_at_unix_ms=at_unix_s * 1000,
        )
        writer.month.shops.append(name)
    for name, display_name, rights in (
        ("O1", "Camille Roussel", "observe identity treasury compliance pause govern"),
        ("O2", "Dominique Lefèvre", "observe treasury compliance pause govern"),
        ("O3", "Andréa Martel", "observe"),
    ):
        writer.add(
            officers,
            id=name,
            display_name=display_name,
            rights=rights,
            state="active",
            created_at_unix_ms=at_unix_s * 1000,
        )
        writer.month.officers.append(name)


def _opening(writer: _Writer, at_unix_s: int, rng: random.Random) -> None:
    writer.attest(at_unix_s, 2_600_000)
    for number, name in enumerate(writer.month.members):
        cents = rng.randrange(20_00, 400_00)
        writer.move(
            at_unix_s + number,
            "Minted",
            "mint",
            ZERO_ADDRESS,
            account(name),
            cents,
            bytes32_of(f"opening {number}"),
        )


def _day(writer: _Writer, start_unix_s: int, now_unix_s: int, rng: random.Random) -> None:
    month = writer.month
    weekday = (start_unix_s // 86_400 + 4) % 7
    busy = 1.0 + 0.9 * math.sin(math.pi * min(weekday, 6) / 6)
    moments = sorted(start_unix_s + rng.randrange(8 * 3600, 20 * 3600) for _ in range(int(16 * busy)))
    for at_unix_s in (moment for moment in moments if moment <= now_unix_s):
        _payment(writer, at_unix_s, rng)
    topup_at = start_unix_s + 9 * 3600
    if topup_at <= now_unix_s:
        cents = rng.randrange(100_00, 900_00)
        name = rng.choice(month.members)
        supply = cents - writer.held_cents[ZERO_ADDRESS]
        writer.attest(topup_at - 300, supply + supply * 18 // 1000)
        writer.move(
            topup_at,
            "Minted",
            "mint",
            ZERO_ADDRESS,
            account(name),
            cents,
            bytes32_of(f"topup {start_unix_s}"),
        )
        month.minted_cents += cents
    burn_at, shop = start_unix_s + 15 * 3600, account(month.shops[0])
    if weekday == 3 and burn_at <= now_unix_s and writer.held_cents.get(shop, 0) > 10_000:
        cents = writer.held_cents[shop] // 2
        writer.move(
            burn_at, "RedemptionCompleted", "burn", shop, ZERO_ADDRESS, cents, bytes32_of(f"out {burn_at}")
        )
        month.burned_cents += cents


def _payment(writer: _Writer, at_unix_s: int, rng: random.Random) -> None:
    month = writer.month
    between_shops = rng.random() < 0.16
    payer = rng.choice(month.shops if between_shops else month.members)
    weights = [9, 6, 7, 3, 5, 2, 3, 2, 3, 3, 1, 2]
    payee = rng.choices(month.shops, weights)[0]
    cents = min(rng.randrange(2_50, 48_00), writer.held_cents.get(account(payer), 0))
    if payer == payee or cents <= 0:
        return
    month.payments_count += 1
    month.volume_cents += cents
    pay(writer, payer, payee, cents, at_unix_s, "sale", f"payment {month.payments_count}")


def pay(writer: _Writer, payer: str, payee: str, cents: int, at_unix_s: int, purpose: str, name: str) -> None:
    ref = bytes32_of(name)
    writer.add(
        payments,
        ref=ref,
        sequence=len(writer.rows.get(payments, [])) + 1,
        purpose=purpose,
        state="paid",
        payer_member_id=payer,
        payee_member_id=payee,
        from_address=account(payer),
        to_address=account(payee),
        amount_cents=cents,
        nonce=str(len(writer.rows.get(payments, []))),
        valid_before_unix_s=at_unix_s + 180,
        signature=b"\x02",
        accepted_at_unix_ms=at_unix_s * 1000 - 700,
        final_at_unix_ms=at_unix_s * 1000,
    )
    writer.move(at_unix_s, "PaymentSettled", "payment", account(payer), account(payee), cents, ref)


def _queues(writer: _Writer, now_unix_s: int) -> None:
    """Seven identities, two unmatched credits, one held top-up, three redemptions to prepare."""
    now_unix_ms = now_unix_s * 1000
    for number in range(7):
        writer.add(
            identity_files,
            id=f"I{number:025d}",
            member_id=writer.month.members[number],
            state="submitted",
            created_at_unix_ms=now_unix_ms - (number + 2) * 7_200_000,
            submitted_at_unix_ms=now_unix_ms - (number + 1) * 7_200_000,
        )
    writer.add(
        bank_statements,
        id="B1",
        file_sha256="0" * 64,
        file_name="releve.xml",
        message_id="M1",
        statement_id="S1",
        iban="FR7612739000010000000000154",
        opening_cents=0,
        closing_cents=1,
        entries_count=3,
        content_hash=bytes32_of("statement"),
        as_of_unix_s=now_unix_s - 3_600,
        received_at_unix_ms=now_unix_ms - 3_000_000,
    )
    for number, (state, cents) in enumerate((("unmatched", 45_00), ("unmatched", 120_00), ("topup", 80_00))):
        writer.add(
            bank_entries,
            id=f"E{number}",
            bank_statement_id="B1",
            servicer_reference=f"R{number}",
            confirmed_statement_id="B1",
            entry_key=f"key {number}",
            direction="CRDT",
            amount_cents=cents,
            booked_on="2026-11-24",
            state=state,
        )
    writer.add(
        topups,
        id="P1",
        bank_entry_id="E2",
        member_id=writer.month.members[1],
        amount_cents=80_00,
        mint_ref=bytes32_of("held"),
        state="held",
        held_reason="holding_limit",
        matched_at_unix_ms=now_unix_ms - 2_000_000,
    )
    for number in range(3):
        writer.add(
            redemptions,
            ref=bytes32_of(f"redemption {number}"),
            member_id=writer.month.shops[number],
            amount_cents=(number + 1) * 300_00,
            fee_cents=0,
            sealed_iban=b"x",
            payee_hash=bytes32_of("payee"),
            nonce=str(number),
            valid_before_unix_s=now_unix_s + 900,
            signature=b"\x02",
            state="locked",
            end_to_end_id=f"ALBA{number:026d}",
            requested_at_unix_ms=now_unix_ms - 4_000_000,
            locked_at_unix_ms=now_unix_ms - 3_900_000,
        )
