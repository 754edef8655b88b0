"""`kill -9` of the service at a named point and of its node in the same moment; the node comes back older.

What it lost is sent again from the stored bytes: each payment is final exactly once, or provably dead.

Somebody only starts the service again, as after a power cut; nothing else is done by hand.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from scripts.demo import customer
from scripts.demo.customer import NotAsExpected, wait_until
from scripts.demo_book import Credit
from tests.support.crashable_service_and_node import CrashableServiceAndNode, crashable_service_and_node
from wallet_service.database.tables.bank import topups
from wallet_service.database.tables.chain import chain_transactions
from wallet_service.database.tables.payments import payments
from wallet_service.platform.failpoints import PAYMENT, of_command, of_event
from wallet_service.protocol.text.identifiers import new_ref

pytestmark = [pytest.mark.chain, pytest.mark.slow, pytest.mark.timeout(240)]

PRICE_CENTS = 50
FUNDS_CENTS = 100_00
TOPUP_CENTS = 2_00
LOST_PAYMENTS = 3
SHORT_VALIDITY_S = 8
ROUNDS = 3
SEED = int(os.environ.get("ALBA_CHAOS_SEED") or random.SystemRandom().randrange(2**32))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashableServiceAndNode]:
    """On SQLite: what the node lost does not ask which database remembers it."""
    with crashable_service_and_node(tmp_path_factory.mktemp("pair") / "var") as made:
        reference = made.phone.announce_topup(FUNDS_CENTS)
        made.bank.make_statement([Credit(reference, FUNDS_CENTS)])
        wait_until(lambda: made.on_chain(made.phone.address) == FUNDS_CENTS, "the visitor has money")
        yield made


def order(pair: CrashableServiceAndNode) -> dict[str, Any]:
    sale = pair.services.sales.open(pair.till_id, pair.shop_id, new_ref(), PRICE_CENTS, "")
    return pair.phone.sign(pair.phone.get(f"/v1/sales/{sale.id}"))


def comes_to(pair: CrashableServiceAndNode, ref: str, state: str) -> None:
    wait_until(lambda: pair.phone.get(f"/v1/payments/{ref}")["state"] == state, f"the payment is {state}")


def pay(pair: CrashableServiceAndNode) -> str:
    """Final."""
    body = order(pair)
    pair.phone.post("/v1/payments", body)
    comes_to(pair, body["ref"], "paid")
    return str(body["ref"])


def stored(pair: CrashableServiceAndNode) -> dict[int, tuple[bytes, str]]:
    return {row.id: (bytes(row.raw), row.transaction_hash) for row in pair.rows(chain_transactions)}


def is_final_once(pair: CrashableServiceAndNode, *refs: str) -> None:
    for ref in refs:
        assert pair.postings_of(ref) == [("payment", -PRICE_CENTS), ("payment", PRICE_CENTS)]


def bytes_are_the_same(pair: CrashableServiceAndNode, before: dict[int, tuple[bytes, str]]) -> None:
    """Nothing was signed anew, and every transaction of ours is on the chain that came back."""
    now = stored(pair)
    assert {number: now.get(number) for number in before} == before
    assert {row.state for row in pair.rows(chain_transactions)} == {"mined"}
    receipts = pair.services.chain_parts.access.client.receipts([one for _, one in now.values()])
    assert all(receipt is not None for receipt in receipts)


@pytest.mark.parametrize("point", [*PAYMENT, *of_event("PaymentSettled")])
def test_a_payment_survives_the_death_of_both(pair: CrashableServiceAndNode, point: str) -> None:
    pair.remember_dump()
    phone_cents, replays = pair.on_chain(pair.phone.address), pair.replays()
    lost = [pay(pair) for _ in range(LOST_PAYMENTS)]
    before, body = stored(pair), order(pair)
    pair.crash_at(point)
    watching = pair.kill_node_with_service()
    with suppress(httpx.TransportError):  # the answer may or may not come before the end
        pair.phone.http.post("/v1/payments", json=body)
    pair.are_dead(watching)
    is_known = bool(pair.rows(payments, ref=body["ref"]))
    assert is_known is (point != "accept.before_commit")
    pair.start_again()
    if not is_known:  # nobody was answered, so it is the phone's turn
        pair.phone.post("/v1/payments", body)
    comes_to(pair, body["ref"], "paid")
    assert pair.phone.post("/v1/payments", body)["state"] == "paid"
    assert pair.replays() > replays, "the node came back with all its blocks: nothing was tried"
    pair.check_books()
    is_final_once(pair, *lost, body["ref"])
    bytes_are_the_same(pair, before)
    assert pair.on_chain(pair.phone.address) == phone_cents - PRICE_CENTS * (LOST_PAYMENTS + 1)


@pytest.mark.parametrize("point", [*of_command("mint"), *of_event("Minted")])
def test_a_top_up_survives_the_death_of_both(pair: CrashableServiceAndNode, point: str) -> None:
    pair.remember_dump()
    shop_cents, known = pair.on_chain(pair.shop_address), {row.id for row in pair.rows(topups)}
    lost, before = [pay(pair) for _ in range(LOST_PAYMENTS)], stored(pair)
    pair.crash_at(point)
    watching = pair.kill_node_with_service()
    pair.bank.make_statement([Credit(pair.services.topups.reference_for(pair.shop_id), TOPUP_CENTS)])
    pair.are_dead(watching)
    pair.start_again()

    def fresh() -> list[Any]:
        return [row for row in pair.rows(topups) if row.id not in known]

    wait_until(lambda: [row.state for row in fresh()] == ["credited"], "the top-up is credited")
    pair.check_books()
    is_final_once(pair, *lost)
    bytes_are_the_same(pair, before)
    assert pair.postings_of(fresh()[0].mint_ref) == [("mint", -TOPUP_CENTS), ("mint", TOPUP_CENTS)]
    assert pair.on_chain(pair.shop_address) == shop_cents + TOPUP_CENTS + PRICE_CENTS * LOST_PAYMENTS


def test_a_payment_whose_time_passed_while_both_were_dead_is_refused_and_never_paid(
    pair: CrashableServiceAndNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.remember_dump()
    lost = [pay(pair) for _ in range(LOST_PAYMENTS)]
    phone_cents = pair.on_chain(pair.phone.address)
    monkeypatch.setattr(customer, "PAYMENT_VALIDITY_S", SHORT_VALIDITY_S)
    body = order(pair)
    pair.crash_at("settle.stored")
    watching = pair.kill_node_with_service()
    pair.phone.http.post("/v1/payments", json=body)
    pair.are_dead(watching)
    assert [row.state for row in pair.rows(payments, ref=body["ref"])] == ["settling"]
    wait_until(lambda: time.time() > body["valid_before_unix_s"] + 1, "its time has passed", WAIT_S)
    pair.start_again()
    comes_to(pair, body["ref"], "refused")
    pair.check_books()
    is_final_once(pair, *lost)
    assert pair.postings_of(body["ref"]) == []
    assert pair.on_chain(pair.phone.address) == phone_cents
    assert pair.phone.me()["balance"]["available_cents"] == phone_cents


WAIT_S = SHORT_VALIDITY_S + 10.0


def test_both_killed_at_random_moments_under_load(pair: CrashableServiceAndNode) -> None:
    print(f"ALBA_CHAOS_SEED={SEED}")
    draw = random.Random(SEED)
    for _ in range(ROUNDS):
        pair.remember_dump()
        phone_cents, stop = pair.on_chain(pair.phone.address), threading.Event()
        sent: list[dict[str, Any]] = []
        paying = threading.Thread(target=_pay_until, args=(pair, stop, sent))
        paying.start()
        try:
            target_count = draw.randrange(2, 12)

            def are_made(target_count: int = target_count, sent: list[dict[str, Any]] = sent) -> bool:
                return len(sent) >= target_count

            wait_until(are_made, "payments are made")
            pair.kill_both()
        finally:
            stop.set()
            paying.join()
        pair.start_again()
        paid = 0
        for body in sent:
            if pair.rows(payments, ref=body["ref"]):
                comes_to(pair, body["ref"], "paid")
                is_final_once(pair, body["ref"])
                paid += 1
            else:  # never accepted: nobody was told it was
                assert body is sent[-1]
        pair.check_books()
        assert pair.on_chain(pair.phone.address) == phone_cents - PRICE_CENTS * paid
        pair.phone.next_nonce = int(pair.phone.me()["next_nonce"])


def _pay_until(pair: CrashableServiceAndNode, stop: threading.Event, sent: list[dict[str, Any]]) -> None:
    """One after the other, until the first that nobody answers."""
    while not stop.is_set():
        try:
            body = order(pair)
            sent.append(body)
            pair.phone.post("/v1/payments", body)
        except (NotAsExpected, httpx.HTTPError):
            return
