"""Rounds of workers that touch several subjects, or that one subject is asked for again and again."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

from wallet_service.asks.service import Asks
from wallet_service.disputes.desk import Disputes
from wallet_service.identity.proofs.service import IdentityProofs
from wallet_service.keyholders.service import Keyholders
from wallet_service.members.access import AccessService
from wallet_service.notices.delivery import NoticeRound
from wallet_service.oversight.service import Oversight
from wallet_service.platform.clocks import ClockWatch
from wallet_service.platform.push import Push
from wallet_service.platform.workers import Worker
from wallet_service.recoveries.desk import Recoveries
from wallet_service.rights.erasure import ErasureService
from wallet_service.sales.service import Sales
from wallet_service.security.sessions import SessionService
from wallet_service.topups.standing_orders import StandingOrders
from wallet_service.treasury.transport.filed import FiledFiles

EXPIRY_INTERVAL_S = 1.0


class Expiring(NamedTuple):
    """The subjects in which something ends by itself."""

    sales: Sales
    oversight: Oversight
    recoveries: Recoveries
    access: AccessService
    disputes: Disputes
    keyholders: Keyholders


def expiry_worker(due: Expiring, clocks: ClockWatch) -> Worker:
    return Worker("expiry", partial(expire_due, due, clocks), EXPIRY_INTERVAL_S)


def expire_due(due: Expiring, clocks: ClockWatch) -> None:
    """Nothing while the clock is wrong: what it says has passed may still be good."""
    if not clocks.is_right():
        return
    due.sales.expire_due()
    due.oversight.expire_due()
    due.recoveries.follower.run_due()
    due.access.remove_due_passkeys()
    due.disputes.desk.count()
    due.keyholders.expire_due()


def follow_standing_orders(standing_orders: StandingOrders, clocks: ClockWatch) -> None:
    """Nothing while the clock is wrong: nobody is told by it that something is late."""
    if clocks.is_right():
        standing_orders.look()


def clean_up(
    push: Push,
    sessions: SessionService,
    erasure: ErasureService,
    filed: FiledFiles,
    notices: NoticeRound,
    recoveries: Recoveries,
    disputes: Disputes,
    asks: Asks,
    proofs: IdentityProofs,
) -> None:
    """What nobody needs any more, and what nobody may read any more."""
    with ExitStack() as always:  # trouble with one of these keeps none of the others
        always.callback(filed.run_once)
        always.callback(erasure.run_once)
        always.callback(notices.forget_old)
        always.callback(recoveries.papers.forget_old)
        always.callback(disputes.papers.forget_old)
        always.callback(sessions.forget_expired)
        always.callback(asks.expire_due)
        always.callback(proofs.forget_old)
        push.forget_old()
