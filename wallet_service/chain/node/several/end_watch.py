"""Asks every minute how long each validator still validates, and calls somebody at 60, 30 and 7 days.

Owns the asking's rhythm, the figure and the log's lines; the bounds are `validations`'.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import structlog

from wallet_service.chain import metrics
from wallet_service.chain.node.several.validations import SECONDS_A_DAY, Account, Validations, judge
from wallet_service.chain.node.several.validators_list import ValidatorsList
from wallet_service.protocol.clock import Clock

ASKED_EVERY_S = 60.0

log = structlog.get_logger(__name__)


class EndWatch:
    """`run_once` is its worker's round; `last` may be asked from any thread."""

    def __init__(self, names: Sequence[str], validators: ValidatorsList, clock: Clock) -> None:
        self._names, self._validators, self._clock = tuple(names), validators, clock
        self._lock = threading.Lock()
        self._last: Validations | None = None
        self._identities: dict[int, str] = {}
        self._said_at_unix_s: dict[tuple[str, int], int] = {}

    def last(self) -> Validations | None:
        """What the last round found; None while no node has answered."""
        with self._lock:
            return self._last

    def run_once(self) -> int:
        """How many validations are near their end, ended or missing."""
        found = judge(self._names, self._with_known(self._validators.ask_all()), self._clock.now_unix_s())
        if found is None:
            return 0
        near = 0
        for one in found.each:
            if one.days_left is not None:
                metrics.validation_days_left.labels(one.name).set(one.days_left)
            if one.bound_days is not None:
                near += 1
                self._say("chain.validation_ends", one.name, one.bound_days, one.days_left or 0)
        if found.missing:
            self._say("chain.validators_missing", "", 0, found.missing)
        with self._lock:
            self._last = found
        return near + found.missing

    def _with_known(self, accounts: Sequence[Account | None]) -> list[Account | None]:
        """One that is away is still who it was: the others say its end."""
        named: list[Account | None] = []
        for place, account in enumerate(accounts):
            if account is not None:
                self._identities[place] = account.identity
            known = self._identities.get(place)
            named.append(account if account or known is None else Account(known, {}))
        return named

    def _say(self, event: str, node: str, bound_days: int, value: int) -> None:
        """At once when a bound is passed, and once a day as long as it lasts."""
        key, now_unix_s = (f"{event}:{node}", bound_days), self._clock.now_unix_s()
        said_unix_s = self._said_at_unix_s.get(key)
        if said_unix_s is not None and now_unix_s - said_unix_s < SECONDS_A_DAY:
            return
        self._said_at_unix_s[key] = now_unix_s
        if event == "chain.validators_missing":
            log.error(event, missing=value)
        else:
            log.error(event, node=node, bound_days=bound_days, days_left=value)
