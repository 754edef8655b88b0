"""The known rules: read by one worker, used from memory by everybody, and only while they are fresh."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from wallet_service.accounts import rules as known
from wallet_service.accounts.errors import RulesTooOld
from wallet_service.accounts.models import Stops, TierLimits
from wallet_service.accounts.rules import RULES_FRESH_FOR_S, KnownRules
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.signing.floors import PasskeyFloors

LIMITS = {"visitor": TierLimits(1, 2, 3, 4)}
PAYMENT_LIFETIME_S = 180


@dataclass
class Ledger:
    """Counts how often it is asked; away, or overtaken by an event while it answers, when told."""

    asked: int = 0
    is_away: bool = False
    stopped: Stops = field(default_factory=lambda: Stops(False, False, False))
    meanwhile: Callable[[], None] = lambda: None

    def stops(self) -> Stops:
        self.asked += 1
        if self.is_away:
            raise ChainUnavailable("away")
        said = self.stopped
        self.meanwhile()
        return said

    def tier_limits(self) -> Mapping[str, TierLimits]:
        return LIMITS

    def passkey_floors(self) -> Mapping[str, PasskeyFloors]:
        return {}


class Passing:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Passing:
    made = Passing()
    monkeypatch.setattr(known, "time", made)
    return made


def test_before_the_first_reading_nothing_is_known(passing: Passing) -> None:
    rules = KnownRules(Ledger())
    assert not rules.wait_until_known(0)
    with pytest.raises(RulesTooOld) as refused:
        rules.current()
    assert (refused.value.code, refused.value.status) == ("chain.rules_too_old", 503)
    assert "Rien n’a été débité" in refused.value.sentence("fr")
    assert "Nothing was taken" in refused.value.sentence("en")


def test_nobody_but_the_worker_asks_the_node(passing: Passing) -> None:
    ledger = Ledger()
    rules = KnownRules(ledger)
    rules.refresh()
    assert rules.wait_until_known(0)
    for _ in range(3):
        passing.now_s += RULES_FRESH_FOR_S / 4
        assert rules.current().limits == LIMITS
    passing.now_s += RULES_FRESH_FOR_S
    with pytest.raises(RulesTooOld):
        rules.current()
    assert ledger.asked == 1


def test_while_the_node_is_away_the_last_answer_serves_for_the_named_time(passing: Passing) -> None:
    ledger = Ledger()
    rules = KnownRules(ledger)
    rules.refresh()
    ledger.is_away = True
    passing.now_s += RULES_FRESH_FOR_S
    with pytest.raises(ChainUnavailable):
        rules.refresh()
    assert rules.are_fresh()
    passing.now_s += 0.1
    assert not rules.are_fresh()
    ledger.is_away = False
    rules.refresh()
    assert rules.are_fresh()


def test_what_is_accepted_last_has_still_time_to_reach_the_ledger() -> None:
    assert RULES_FRESH_FOR_S < PAYMENT_LIFETIME_S


def test_an_answer_is_as_old_as_its_question(passing: Passing) -> None:
    """A node that hung for a minute and then answers says what was true a minute ago."""
    ledger = Ledger()
    rules = KnownRules(ledger)

    def hang() -> None:
        passing.now_s += RULES_FRESH_FOR_S + 1

    ledger.meanwhile = hang
    rules.refresh()
    assert not rules.are_fresh()


def test_a_stop_seen_on_chain_counts_at_once(passing: Passing) -> None:
    rules = KnownRules(Ledger())
    rules.refresh()
    rules.stops_changed(payments=True, redeeming=True)
    assert (rules.current().payments_stopped, rules.current().redeeming_stopped) == (True, True)
    rules.refresh()  # the ledger resumed
    assert (rules.current().payments_stopped, rules.current().redeeming_stopped) == (False, False)


def test_an_older_answer_does_not_undo_a_stop_seen_meanwhile(passing: Passing) -> None:
    ledger = Ledger()
    rules = KnownRules(ledger)
    rules.refresh()
    ledger.meanwhile = lambda: rules.stops_changed(payments=True, redeeming=False)
    rules.refresh()
    assert rules.current().payments_stopped
