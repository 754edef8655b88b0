"""One officer stops, two resume."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.support.console_services import ConsoleServices
from wallet_service.database.tables.push import push_events
from wallet_service.oversight import errors
from wallet_service.oversight.decisions import APPROVAL_LIFETIME_MS
from wallet_service.oversight.models import ApprovalState
from wallet_service.platform.journal import Filter
from wallet_service.protocol.clock import VirtualClock
from wallet_service.protocol.text.identifiers import new_ref

GROUND = "Montants suspects en série"
SIGNER = {"observe", "govern"}


@pytest.mark.parametrize(("what", "bits"), [("payments", 1), ("issuing", 2), ("redeeming", 4)])
def test_one_officer_stops_and_two_resume(console: ConsoleServices, what: str, bits: int) -> None:
    stops, approvals = console.oversight.stops, console.oversight.approvals
    stops.stop(what, GROUND, "O1")
    assert console.run_commands() == ["stop"]
    assert console.reports.figures.stopped()[what]
    approval_id = stops.ask_resume(what, "Tout est vérifié", "O1")
    with pytest.raises(errors.SecondOfficerNeeded):
        approvals.approve(approval_id, "O1", SIGNER)
    assert console.run_commands() == []
    approvals.approve(approval_id, "O2", SIGNER)
    assert console.run_commands() == ["resume"]
    assert not console.reports.figures.stopped()[what]
    assert console.commands() == [("stop", [bits], "PAUSER"), ("resume", [bits], "GOVERNOR")]


def test_every_act_is_journaled_with_its_officer_and_ground(console: ConsoleServices) -> None:
    console.oversight.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    approval_id = console.oversight.stops.ask_resume("payments", "Tout est vérifié", "O1")
    console.oversight.approvals.approve(approval_id, "O2", SIGNER)
    with console.engine.connect() as connection:
        entries = list(reversed(console.journal.entries(connection, Filter())))
        assert console.journal.verify(connection).broken_at is None
    assert [(entry.act, entry.actor.actor_id, entry.ground) for entry in entries] == [
        ("payments.stopped", "O1", GROUND),
        ("approval.asked", "O1", "Tout est vérifié"),
        ("approval.approved", "O2", None),
    ]


def test_stopping_one_thing_leaves_the_others_open(console: ConsoleServices) -> None:
    console.oversight.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    assert console.reports.figures.stopped() == {"payments": True, "issuing": False, "redeeming": False}
    console.oversight.stops.stop("redeeming", GROUND, "O2")
    console.run_commands()
    assert console.reports.figures.stopped() == {"payments": True, "issuing": False, "redeeming": True}


def test_a_stop_on_its_way_is_not_sent_twice(console: ConsoleServices) -> None:
    console.oversight.stops.stop("payments", GROUND, "O1")
    with pytest.raises(errors.AlreadyStopped):
        console.oversight.stops.stop("payments", GROUND, "O2")
    console.run_commands()
    with pytest.raises(errors.AlreadyStopped):
        console.oversight.stops.stop("payments", GROUND, "O2")


def test_a_stop_is_in_force_here_from_its_commit_on(console: ConsoleServices) -> None:
    console.oversight.stops.stop("payments", GROUND, "O1")
    console.reports.figures.forget()
    assert console.reports.figures.stopped() == {"payments": True, "issuing": False, "redeeming": False}


def test_a_stop_the_ledger_refuses_is_undone_and_told(console: ConsoleServices) -> None:
    console.oversight.stops.stop("payments", GROUND, "O1")
    console.run_commands(refuse="AccessManagedUnauthorized")
    console.reports.figures.forget()
    assert not any(console.reports.figures.stopped().values())
    with console.engine.connect() as connection:
        (newest, *_) = console.journal.entries(connection, Filter())
        topics = connection.execute(
            select(push_events.c.topic)
            .where(push_events.c.kind == "stops.changed")
            .order_by(push_events.c.id)
        ).scalars()
        assert list(topics) == ["console", "public", "members"] * 2
    assert newest.act == "stop.refused_by_ledger"
    console.oversight.stops.stop("payments", GROUND, "O1")


def test_a_resumption_on_its_way_can_be_stopped(console: ConsoleServices) -> None:
    console.oversight.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    console.oversight.approvals.approve(
        console.oversight.stops.ask_resume("payments", GROUND, "O1"), "O2", SIGNER
    )
    console.oversight.stops.stop("payments", GROUND, "O3")
    with pytest.raises(errors.AlreadyStopped):
        console.oversight.stops.stop("payments", GROUND, "O3")
    assert console.run_commands() == ["resume", "stop"]
    assert console.reports.figures.stopped()["payments"]


def test_what_is_open_cannot_be_resumed(console: ConsoleServices) -> None:
    with pytest.raises(errors.NotStopped):
        console.oversight.stops.ask_resume("payments", GROUND, "O1")
    with pytest.raises(errors.StopUnknown):
        console.oversight.stops.stop("everything", GROUND, "O1")
    with pytest.raises(errors.GroundMissing):
        console.oversight.stops.stop("payments", "", "O1")


def test_resuming_is_asked_once_at_a_time(console: ConsoleServices) -> None:
    console.oversight.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    approval_id = console.oversight.stops.ask_resume("payments", GROUND, "O1")
    with pytest.raises(errors.ResumeAlreadyAsked):
        console.oversight.stops.ask_resume("payments", GROUND, "O2")
    console.oversight.approvals.refuse(approval_id, "Pas encore", "O1", SIGNER)
    console.oversight.stops.ask_resume("payments", GROUND, "O2")


def test_a_refused_or_decided_request_is_closed(console: ConsoleServices) -> None:
    console.oversight.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    approval_id = console.oversight.stops.ask_resume("payments", GROUND, "O1")
    console.oversight.approvals.refuse(approval_id, "Pas encore", "O2", SIGNER)
    decisions: tuple[Callable[[], object], ...] = (
        lambda: console.oversight.approvals.approve(approval_id, "O2", SIGNER),
        lambda: console.oversight.approvals.refuse(approval_id, "Encore non", "O2", SIGNER),
    )
    for decide in decisions:
        with pytest.raises(errors.ApprovalClosed):
            decide()
    assert [approval.state for approval in console.oversight.approvals.decided()] == [ApprovalState.REFUSED]
    with pytest.raises(errors.ApprovalNotFound):
        console.oversight.approvals.approve("NOTHING", "O2", SIGNER)
    assert console.run_commands() == []


def test_only_who_asked_or_may_sign_refuses(console: ConsoleServices) -> None:
    stops, approvals = console.oversight.stops, console.oversight.approvals
    stops.stop("payments", GROUND, "O1")
    console.run_commands()
    approval_id = stops.ask_resume("payments", GROUND, "O1")
    with pytest.raises(errors.RefusalNotAllowed):
        approvals.refuse(approval_id, "Pas encore", "O2", {"observe", "pause", "treasury"})
    assert [approval.id for approval in approvals.pending()] == [approval_id]
    approvals.refuse(approval_id, "Retiré", "O1", {"observe", "pause"})
    approval_id = stops.ask_resume("payments", GROUND, "O1")
    approvals.refuse(approval_id, "Pas encore", "O2", {"observe", "govern"})
    assert approvals.pending() == []


def test_a_request_nobody_decided_in_time_is_closed(console: ConsoleServices, clock: VirtualClock) -> None:
    console.oversight.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    approval_id = console.oversight.stops.ask_resume("payments", GROUND, "O1")
    clock.advance_ms(APPROVAL_LIFETIME_MS)
    with pytest.raises(errors.ApprovalClosed):
        console.oversight.approvals.approve(approval_id, "O2", SIGNER)
    assert console.oversight.approvals.pending() == []
    assert console.oversight.approvals.expire_due() == 1
    assert console.oversight.approvals.expire_due() == 0
    console.oversight.stops.ask_resume("payments", GROUND, "O1")


def test_two_officers_who_sign_at_once_resume_once(console: ConsoleServices) -> None:
    console.oversight.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    approval_id = console.oversight.stops.ask_resume("payments", GROUND, "O1")
    results: list[str] = []

    def sign(officer: str) -> None:
        try:
            console.oversight.approvals.approve(approval_id, officer, SIGNER)
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
    console.oversight.stops.stop("payments", GROUND, "O1")
    console.run_commands()
    with console.engine.connect() as connection:
        events = connection.execute(select(push_events)).all()
        heard = [(event.topic, event.kind) for event in events]
        said = [event.data["payments_stopped"] for event in events if event.topic == "members"]
    for topic in ("console", "public", "members"):
        assert heard.count((topic, "stops.changed")) == 2
    assert said == [True, True]  # from the officer's word on, not from the ledger's


def test_a_burst_of_payments_is_told_once_a_second(console: ConsoleServices, clock: VirtualClock) -> None:
    for _payment in range(5):
        console.emit("PaymentSettled", {"ref": new_ref()})
    clock.advance_ms(1_000)
    console.emit("Minted", {})
    with console.engine.connect() as connection:
        heard = connection.execute(select(push_events.c.topic, push_events.c.kind)).all()
    assert heard == [
        ("console", "figures.changed"),
        ("console", "figures.changed"),
        ("public", "figures.changed"),
    ]
