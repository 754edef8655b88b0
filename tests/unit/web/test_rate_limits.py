"""Rates: so many tries by client, and no more until the time has passed."""

from __future__ import annotations

import pytest

from wallet_service.web import rate_limits
from wallet_service.web.errors import TooManyRequests
from wallet_service.web.rate_limits import PAIRING, SIGN_IN, RateLimits


def test_the_try_after_the_last_allowed_one_is_refused_with_the_time_to_wait() -> None:
    limits = RateLimits()
    for _ in range(PAIRING.times):
        limits.check(PAIRING, "192.0.2.1")
    with pytest.raises(TooManyRequests) as refusal:
        limits.check(PAIRING, "192.0.2.1")
    assert 0 < int(refusal.value.values["retry_after_s"]) <= PAIRING.minutes * 60 + 1


def test_clients_and_acts_are_counted_apart() -> None:
    limits = RateLimits()
    for _ in range(PAIRING.times):
        limits.check(PAIRING, "192.0.2.1")
    limits.check(PAIRING, "192.0.2.2")
    limits.check(SIGN_IN, "192.0.2.1")


def test_the_number_of_clients_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_CLIENTS", 10)
    limits = RateLimits()
    for number in range(100):
        limits.check(SIGN_IN, f"192.0.2.{number}")
        assert len(limits._seen) <= 11
