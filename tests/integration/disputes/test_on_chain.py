"""A dispute over a real ledger: held there, refused there, taken back by order, and nothing left held."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator

import pytest

from tests.support.chain_world import World
from tests.support.cleaning import clean_here
from tests.support.node import chain, chain_session
from tests.support.recovery_side import RecoverySide
from tests.support.web import FICTIONAL_SIRET, Device
from tests.support.world_fixtures import sqlite_world, world
from wallet_service.chain.ports import SignedPayment
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.disputes.desk import UPHOLD_ACT, DisputeMeans, make_disputes
from wallet_service.disputes.models import DisputeReason, DisputeState
from wallet_service.disputes.service import Contest
from wallet_service.forced_transfers.models import ForcedTransferState
from wallet_service.members.decisions import Kind
from wallet_service.members.directory import Directory
from wallet_service.members.repository import Member
from wallet_service.members.service import NewProfessional
from wallet_service.payments.models import Payment, Purpose
from wallet_service.payments.repository import insert_payments
from wallet_service.payments.states import PaymentState
from wallet_service.platform.journal import SERVICE
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.envelope import sign_p256
from wallet_service.protocol.signing.typed_data import PaymentMessage
from wallet_service.protocol.text.identifiers import new_ref

__all__ = ["chain", "chain_session", "sqlite_world", "world"]
pytestmark = pytest.mark.chain
GROUND = "Les deux parties entendues"
LIFETIME_S = 180


class ChainSide(RecoverySide):
    """Members with devices over one `World`, and disputes between them."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        names = Directory(world.engine, self.sealer)
        means = DisputeMeans(self.oversight.approvals, self.sealer, names, clean_here)
        self.disputes = make_disputes(
            world.engine, world.clock, world.commands, self.push, self.journal, means
        )
        self.disputes.register(world.registry)
        self.nonces: Iterator[int] = itertools.count()
        self.skipped: list[str] = []
        world.registry.on_event(
            "PaymentSkipped",
            lambda work, event: self.skipped.append(
                world.chain.access.codec.error_name(event.arguments["reason"])
            ),
        )

    def shop(self) -> tuple[Member, Device]:
        device = Device(p256.new_private_key())
        made = NewProfessional(
            public_key=device.public_key,
            kind=Kind.MERCHANT,
            public_name="Fournil des Deux Rives",
            description="Boulangerie",
            siret=FICTIONAL_SIRET,
            sector="10",
            commune_code="76540",
            representative_given_name="Solveig",
            representative_family_name="Lemarchand",
        )
        member = self.members.create_professional(made, SERVICE)
        self.world.run_until_idle()
        return self.members.get(member.id), device

    def pay(self, payer: Member, device: Device, payee: Member, cents: int) -> str:
        """Signed, relayed to the real ledger, and in the books as paid; its reference."""
        head = self.world.chain.access.client.request("eth_getBlockByNumber", "latest", False)
        message = PaymentMessage(
            payer.account_address,
            payee.account_address,
            cents,
            new_ref(),
            int(head["timestamp"], 16) + LIFETIME_S,
            next(self.nonces),
        )
        signature = sign_p256(device.key, message.digest(self.world.chain.deployment.domain))
        now_unix_ms = self.world.clock.now_unix_ms()
        nothing = (None, None, None, None)
        payment = Payment(
            message, Purpose.PERSON, PaymentState.PAID, payer.id, payee.id, *nothing, now_unix_ms, now_unix_ms
        )
        with UnitOfWork(self.world.engine) as work:
            insert_payments(work.connection, [(payment, signature)])
        self.world.store(SignedPayment(message, signature))
        self.world.run_until_idle()
        return message.ref

    def held_on_chain(self, member: Member) -> int:
        access = self.world.chain.access
        data = "0x" + access.codec.call_data("getFrozenTokens", [member.account_address]).hex()
        call = {"to": access.deployment.ledger, "data": data}
        return int(access.client.request("eth_call", call, "latest"), 16)


def test_held_refused_and_taken_back_on_the_ledger_itself(sqlite_world: World) -> None:
    side = ChainSide(sqlite_world)
    payer, phone = side.visitor()
    shop, tablet = side.shop()
    baker, _ = side.shop()
    side.fund(payer, 50_00)
    ref = side.pay(payer, phone, shop, 40_00)
    side.pay(shop, tablet, baker, 25_00)

    reason = DisputeReason.NOT_RECEIVED
    dispute_id = side.disputes.members.contest(payer.id, Contest(ref, reason, secrets.token_hex(4)))
    side.world.run_until_idle()
    assert (side.held_on_chain(shop), side.held_on_chain(baker)) == (15_00, 25_00)
    case = side.disputes.desk.case(dispute_id)
    assert {seen for _, seen, _ in case.wanted.values()} == {15_00, 25_00}

    side.pay(shop, tablet, baker, 1)
    assert side.skipped == ["ERC7943InsufficientUnfrozenBalance"]
    assert side.world.on_chain(shop.account_address) == 15_00

    assert side.disputes.desk.decide(UPHOLD_ACT, dispute_id, GROUND, "O1")
    for hold in case.holds:
        side.disputes.takings.ask(dispute_id, hold.id, "O1", GROUND)
        (asked,) = side.oversight.approvals.pending()
        side.oversight.approvals.approve(asked.id, "O2", {"observe", "govern"})
    side.world.run_until_idle()
    assert {each.state for each in side.disputes.desk.case(dispute_id).takings} == {
        ForcedTransferState.PROPOSED
    }
    takings = side.disputes.desk.case(dispute_id).takings
    side.world.until(lambda: all(side.disputes.takings.orders.is_due(each) for each in takings))
    for hold in case.holds:
        side.disputes.takings.execute(dispute_id, hold.id, "O1")
    side.world.run_until_idle()
    assert side.world.on_chain(payer.account_address) == 50_00
    assert (side.held_on_chain(shop), side.held_on_chain(baker)) == (0, 0)
    assert side.disputes.reader.one(payer.id, dispute_id).dispute.state is DisputeState.RETURNED
    assert side.acts().count("dispute.hold_refused") == 0
