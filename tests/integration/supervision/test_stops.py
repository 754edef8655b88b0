"""One officer stops, two resume."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from tests.support.console_services import ConsoleServices
from wallet_service.database.tables.push import push_events
from wallet_service.journal import Filter
from wallet_service.protocol.clock import VirtualClock
from wallet_service.supervision import errors
from wallet_service.supervision.decisions import APPROVAL_LIFETIME_MS
from wallet_service.supervision.models import ApprovalState

GROUND = "Montants suspects en série"
SIGNER = {"observe", "govern"}


@pytest.mark.parametrize(("what", "bits"), [("payments", 1), ("issuing", 2), ("redeeming", 4)])
def test_one_officer_stops_and_two_resume(console: ConsoleServices, what: str, bits: int) -> None:
    stops, approvals = console.supervision.stops, console.supervision.approvals
    stops.stop(what, GROUND, "O1")
    assert console.run_commands() == ["stop"]
    assert console.supervision.figures.stopped()[what]
    approval_id = stops.ask_resume(what, "Tout est vérifié", "O1")
    with pytest.raises(errors.SecondOfficerNeeded):
        approvals.approve(approval_id, "O1")
    assert console.run_commands() == []
    approvals.approve(approval_id, "O2")
    assert console.run_commands() == ["resume"]
    assert not console.supervision.figures.stopped()[what]
    assert console.commands() == [("stop", [bits], "PAUSER"), ("resume", [bits], "GOVERNOR")]


def test_every_act_is_journaled_with_its_officer_and_ground(console: ConsoleServices) -> None:
    console.supervision.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    approval_id = console.supervision.stops.ask_resume("payments", "Tout est vérifié", "O1")
    console.supervision.approvals.approve(approval_id, "O2")
    with console.engine.connect() as connection:
        entries = list(reversed(console.journal.entries(connection, Filter())))
        assert console.journal.verify(connection).broken_at is None
    assert [(entry.act, entry.actor.actor_id, entry.ground) for entry in entries] == [
        ("payments.stopped", "O1", GROUND),
        ("approval.asked", "O1", "Tout est vérifié"),
        ("approval.approved", "O2", None),
    ]


def test_stopping_one_thing_leaves_the_others_open(console: ConsoleServices) -> None:
    console.supervision.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    assert console.supervision.figures.stopped() == {"payments": True, "issuing": False, "redeeming": False}
    console.supervision.stops.stop("redeeming", GROUND, "O2")
    console.run_commands()
    assert console.supervision.figures.stopped() == {"payments": True, "issuing": False, "redeeming": True}


def test_a_stop_on_its_way_is_not_sent_twice(console: ConsoleServices) -> None:
    console.supervision.stops.stop("payments", GROUND, "O1")
    with pytest.raises(errors.AlreadyStopped):
        console.supervision.stops.stop("payments", GROUND, "O2")
    console.run_commands()
    with pytest.raises(errors.AlreadyStopped):
        console.supervision.stops.stop("payments", GROUND, "O2")


def test_what_is_open_cannot_be_resumed(console: ConsoleServices) -> None:
    with pytest.raises(errors.NotStopped):
        console.supervision.stops.ask_resume("payments", GROUND, "O1")
    with pytest.raises(errors.StopUnknown):
        console.supervision.stops.stop("everything", GROUND, "O1")
    with pytest.raises(errors.GroundMissing):
        console.supervision.stops.stop("payments", "", "O1")


def test_resuming_is_asked_once_at_a_time(console: ConsoleServices) -> None:
    console.supervision.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    approval_id = console.supervision.stops.ask_resume("payments", GROUND, "O1")
    with pytest.raises(errors.ResumeAlreadyAsked):
        console.supervision.stops.ask_resume("payments", GROUND, "O2")
    console.supervision.approvals.refuse(approval_id, "Pas encore", "O1", SIGNER)
    console.supervision.stops.ask_resume("payments", GROUND, "O2")


def test_a_refused_or_decided_request_is_closed(console: ConsoleServices) -> None:
    console.supervision.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    approval_id = console.supervision.stops.ask_resume("payments", GROUND, "O1")
    console.supervision.approvals.refuse(approval_id, "Pas encore", "O2", SIGNER)
    for decide in (
        lambda: console.supervision.approvals.approve(approval_id, "O2"),
        lambda: console.supervision.approvals.refuse(approval_id, "Encore non", "O2", SIGNER),
    ):
        with pytest.raises(errors.ApprovalClosed):
            decide()
    assert [approval.state for approval in console.supervision.approvals.decided()] == [ApprovalState.REFUSED]
    with pytest.raises(errors.ApprovalNotFound):
        console.supervision.approvals.approve("NOTHING", "O2")
    assert console.run_commands() == []


def test_only_who_asked_or_may_sign_refuses(console: ConsoleServices) -> None:
    stops, approvals = console.supervision.stops, console.supervision.approvals
    stops.stop("payments", GROUND, "O1")
    console.run_commands()
    approval_id = stops.ask_resume("payments", GROUND, "O1")
    with pytest.raises(errors.RefusalNotAllowed):
        approvals.refuse(approval_id, "Pas encore", "O2", {"observe", "pause", "treasury"})
    assert [approval.id for approval in approvals.waiting()] == [approval_id]
    approvals.refuse(approval_id, "Retiré", "O1", {"observe", "pause"})
    approval_id = stops.ask_resume("payments", GROUND, "O1")
    approvals.refuse(approval_id, "Pas encore", "O2", {"observe", "govern"})
    assert approvals.waiting() == []


def test_a_request_nobody_decided_in_time_is_closed(console: ConsoleServices, clock: VirtualClock) -> None:
    console.supervision.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    approval_id = console.supervision.stops.ask_resume("payments", GROUND, "O1")
    clock.advance_ms(APPROVAL_LIFETIME_MS)
    with pytest.raises(errors.ApprovalClosed):
        console.supervision.approvals.approve(approval_id, "O2")
    assert console.supervision.approvals.waiting() == []
    assert console.supervision.approvals.expire_due() == 1
    assert console.supervision.approvals.expire_due() == 0
    console.supervision.stops.ask_resume("payments", GROUND, "O1")


def test_two_officers_who_sign_at_once_resume_once(console: ConsoleServices) -> None:
    console.supervision.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    approval_id = console.supervision.stops.ask_resume("payments", GROUND, "O1")
    results: list[str] = []

    def sign(officer: str) -> None:
        try:
            console.supervision.approvals.approve(approval_id, officer)
            results.append("signed")
        except errors.ApprovalClosed:
            results.append("closed")

    signers = [threading.Thread(target=sign, args=(officer,)) for officer in ("O2", "O3")]
    for signer in signers:
        signer.start()
    for signer in signers:
        signer.join()
    assert sorted(results) == ["closed", "signed"]
    assert console.run_commands() == ["resume"]


def test_pages_hear_of_a_stop(console: ConsoleServices) -> None:
    console.supervision.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    with console.engine.connect() as connection:
        heard = connection.execute(select(push_events.c.topic, push_events.c.kind)).all()
    assert heard.count(("console", "stops.changed")) == 2
    assert heard.count(("public", "stops.changed")) == 2


def test_a_burst_of_payments_is_told_once_a_second(console: ConsoleServices, clock: VirtualClock) -> None:
    for _payment in range(5):
        console.emit("PaymentSettled", {})
    clock.advance_ms(1_000)
    console.emit("Minted", {})
    with console.engine.connect() as connection:
        heard = connection.execute(select(push_events.c.topic, push_events.c.kind)).all()
    assert heard == [
        ("console", "figures.changed"),
        ("console", "figures.changed"),
        ("public", "figures.changed"),
    ]
