"""Cashiers on both databases: named by the merchant, at a till by their PIN, gone with their removal."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from tests.support.web import HttpFixture, build_http_fixture
from wallet_service.database.tables.members import cashiers as table
from wallet_service.database.tables.push import push_events
from wallet_service.tills import errors
from wallet_service.tills.cashiers import MAX_CASHIERS, MAX_PIN_TRIES, PIN_PAUSE_MS, Cashiers


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


@pytest.fixture
def cashiers(env: HttpFixture) -> Cashiers:
    return env.people.cashiers


def test_a_shop_that_names_nobody_has_nobody_at_its_till(env: HttpFixture, cashiers: Cashiers) -> None:
    merchant, _ = env.merchant()
    till_id, _ = env.till(merchant)
    at = cashiers.of_till(till_id, merchant.id)
    assert (at.cashiers, at.current_id) == ((), None)


def test_a_cashier_is_at_the_till_by_name_and_pin_until_another_is(
    env: HttpFixture, cashiers: Cashiers
) -> None:
    merchant, _ = env.merchant()
    till_id, tablet = env.till(merchant)
    camille = cashiers.add(merchant.id, " Camille ", "4711")
    noe = cashiers.add(merchant.id, "Noé", "123456")
    assert [one.name for one in cashiers.of_member(merchant.id)] == ["Camille", "Noé"]
    cashiers.enter(till_id, merchant.id, camille.id, "4711")
    cashiers.enter(till_id, merchant.id, noe.id, "123456")
    assert cashiers.of_till(till_id, merchant.id).current_id == noe.id
    request = tablet.signed_request(till_id, "GET", "/v1/till/me", env.clock.now_unix_ms())
    assert env.tills.authenticate(request).cashier_id == noe.id
    cashiers.leave(till_id)
    assert cashiers.of_till(till_id, merchant.id).current_id is None


def test_names_and_pins_are_sealed_and_the_pin_is_a_slow_hash(env: HttpFixture, cashiers: Cashiers) -> None:
    merchant, _ = env.merchant()
    cashiers.add(merchant.id, "Camille", "4711")
    with env.engine.connect() as connection:
        row = connection.execute(select(table)).one()
    assert b"Camille" not in row.sealed_name
    assert b"4711" not in row.sealed_pin_hash
    assert b"argon2" not in row.sealed_pin_hash


def test_wrong_pins_are_bounded_and_the_right_one_waits_too(env: HttpFixture, cashiers: Cashiers) -> None:
    merchant, _ = env.merchant()
    till_id, _ = env.till(merchant)
    camille = cashiers.add(merchant.id, "Camille", "4711")
    for tries_left in reversed(range(MAX_PIN_TRIES)):
        with pytest.raises(errors.CashierPinWrong) as caught:
            cashiers.enter(till_id, merchant.id, camille.id, "0000")
        assert caught.value.values == {"tries_left": tries_left}
    with pytest.raises(errors.CashierPaused) as paused:
        cashiers.enter(till_id, merchant.id, camille.id, "4711")
    assert paused.value.values == {"retry_after_s": PIN_PAUSE_MS // 1000}
    env.clock.advance_ms(PIN_PAUSE_MS)
    cashiers.enter(till_id, merchant.id, camille.id, "4711")
    assert cashiers.of_till(till_id, merchant.id).current_id == camille.id


def test_another_pin_ends_a_pause_and_the_old_one(env: HttpFixture, cashiers: Cashiers) -> None:
    merchant, _ = env.merchant()
    till_id, _ = env.till(merchant)
    camille = cashiers.add(merchant.id, "Camille", "4711")
    for _ in range(MAX_PIN_TRIES):
        with pytest.raises(errors.CashierPinWrong):
            cashiers.enter(till_id, merchant.id, camille.id, "0000")
    cashiers.change_pin(merchant.id, camille.id, "0815")
    with pytest.raises(errors.CashierPinWrong):
        cashiers.enter(till_id, merchant.id, camille.id, "4711")
    cashiers.enter(till_id, merchant.id, camille.id, "0815")


def test_a_removal_destroys_name_and_pin_and_ends_their_time_at_the_till(
    env: HttpFixture, cashiers: Cashiers
) -> None:
    merchant, _ = env.merchant()
    till_id, _ = env.till(merchant)
    camille = cashiers.add(merchant.id, "Camille", "4711")
    cashiers.enter(till_id, merchant.id, camille.id, "4711")
    cashiers.remove(merchant.id, camille.id)
    with env.engine.connect() as connection:
        row = connection.execute(select(table)).one()
        assert cashiers.names_of(connection, {camille.id}) == {}
    assert (row.sealed_name, row.sealed_pin_hash) == (None, None)
    at = cashiers.of_till(till_id, merchant.id)
    assert (at.cashiers, at.current_id) == ((), None)
    with pytest.raises(errors.CashierUnknown):
        cashiers.enter(till_id, merchant.id, camille.id, "4711")


def test_each_tablet_hears_that_there_are_others_to_choose_among(
    env: HttpFixture, cashiers: Cashiers
) -> None:
    merchant, _ = env.merchant()
    till_ids = [env.till(merchant)[0] for _ in range(2)]
    camille = cashiers.add(merchant.id, "Camille", "4711")
    cashiers.change_pin(merchant.id, camille.id, "0815")
    cashiers.remove(merchant.id, camille.id)
    with env.engine.connect() as connection:
        query = select(push_events.c.topic).where(push_events.c.kind == "cashiers.changed")
        topics = list(connection.execute(query).scalars())
    assert sorted(topics) == sorted(2 * [f"till:{till_id}" for till_id in till_ids])


def test_nobody_elses_cashier_is_at_a_till_nor_changed(env: HttpFixture, cashiers: Cashiers) -> None:
    merchant, _ = env.merchant()
    other, _ = env.merchant()
    till_id, _ = env.till(merchant)
    stranger = cashiers.add(other.id, "Camille", "4711")
    with pytest.raises(errors.CashierUnknown):
        cashiers.enter(till_id, merchant.id, stranger.id, "4711")
    with pytest.raises(errors.CashierUnknown):
        cashiers.remove(merchant.id, stranger.id)
    with pytest.raises(errors.CashierUnknown):
        cashiers.change_pin(merchant.id, stranger.id, "0000")


def test_names_are_one_line_apart_and_not_too_many(
    env: HttpFixture, cashiers: Cashiers, monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant, _ = env.merchant()
    visitor, _ = env.visitor()
    monkeypatch.setattr("wallet_service.tills.cashiers.MAX_CASHIERS", 2)
    assert MAX_CASHIERS > 2
    cashiers.add(merchant.id, "Camille", "4711")
    for name in ("", "x" * 21, "a\u202eb"):
        with pytest.raises(errors.CashierNameRefused):
            cashiers.add(merchant.id, name, "4711")
    with pytest.raises(errors.CashierNameTaken):
        cashiers.add(merchant.id, "CAMILLE", "4711")
    with pytest.raises(errors.NotAProfessional):
        cashiers.add(visitor.id, "Camille", "4711")
    cashiers.add(merchant.id, "Noé", "4711")
    with pytest.raises(errors.TooManyCashiers):
        cashiers.add(merchant.id, "Léa", "4711")
