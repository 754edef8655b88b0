"""A child's key on the real ledger, by the service as bootstrap builds it: it pays, is stopped, is ended."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.callers import professional, real_services
from tests.support.chain_world import World
from tests.support.node import ChainUnderTest
from tests.support.web import P256_SIGNER, Device, said
from wallet_service.accounts.models import KeyLimits
from wallet_service.bootstrap import Services
from wallet_service.chain.ports import SignedPayment
from wallet_service.keyholders import errors
from wallet_service.keyholders.models import (
    InvitationAsked,
    InvitationJoined,
    KeyholderApproved,
    KeyholderKind,
    KeyholderState,
    SeenKeyholder,
)
from wallet_service.members.repository import Member
from wallet_service.members.service import NewWallet
from wallet_service.payments.schemas import PaymentBody
from wallet_service.payments.states import PaymentState
from wallet_service.platform.journal import SERVICE
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.envelope import sign_p256
from wallet_service.protocol.signing.typed_data import PaymentMessage
from wallet_service.protocol.text.identifiers import new_ref

pytestmark = pytest.mark.chain

CODE = hashlib.sha256(b"alba-keyholder:A1B2-C3D4-E5F6-G7H8").hexdigest()
LIMITS = KeyLimits(20_00, 50_00, 0)


@pytest.fixture
def services(chain: ChainUnderTest, tmp_path: Path) -> Iterator[Services]:
    services = real_services(chain, tmp_path)
    services.acceptor.start()
    yield services
    services.stop()


def mined(services: Services, world: World) -> None:
    """What is queued and accepted is on the ledger and read back; one round of each worker at a time."""
    parts = services.chain_parts
    stand_in = SimpleNamespace(
        pump=lambda: (
            services.settler.run_once(),
            parts.runner.run_once(),
            parts.sender.run_once(),
            parts.indexer.run_once(),
        )
    )
    world.until(lambda: world.waiting() == 0 and services.settler.run_once() == 0, stand_in.pump)
    parts.indexer.catch_up()


def signed(
    services: Services, member: Member, key: Device, payee: Member, cents: int, nonce: int | None = None
) -> tuple[PaymentBody, SignedPayment]:
    """With the account's next number, unless another is said."""
    nonce = services.accounts.view(member.id).next_nonce if nonce is None else nonce
    until_unix_s = services.clock.now_unix_s() + 170
    message = PaymentMessage(
        member.account_address, payee.account_address, cents, new_ref(), until_unix_s, nonce
    )
    envelope = sign_p256(key.key, message.digest(services.chain.domain()))
    sent = {
        "from": message.from_address,
        "to": message.to_address,
        "amount_cents": cents,
        "ref": message.ref,
        "valid_before_unix_s": until_unix_s,
        "nonce": str(nonce),
        "signature": "0x" + envelope.hex(),
    }
    return PaymentBody.model_validate(sent), SignedPayment(message, envelope)


def seen(services: Services, member: Member) -> SeenKeyholder:
    (only,) = services.people.keyholders.of_member(member.id)
    return only


def child_of(services: Services, member: Member, phone: Device) -> Device:
    """Asked for, joined and approved; not on the ledger yet."""
    child, keyholders = Device(p256.new_private_key()), services.people.keyholders
    proof = phone.sign(f"alba-keyholder:open:{CODE}")
    asked = InvitationAsked(CODE, phone.public_key, proof, KeyholderKind.CHILD, "Léo", LIMITS)
    known = keyholders.ask(member.id, asked)
    proof = child.sign(f"alba-keyholder:join:{CODE}:{child.public_key}")
    keyholders.join(InvitationJoined(CODE, child.public_key, proof, "Firefox, Android"))
    until_unix_s = services.clock.now_unix_s() + 3_600
    word = said(services.chain.domain(), until_unix_s, member, phone, child.address, P256_SIGNER, LIMITS)
    keyholders.approve(member.id, KeyholderApproved(known.id, child.public_key, word))
    return child


def test_a_childs_key_pays_within_its_limits_and_no_more_once_taken_back(
    services: Services, chain: ChainUnderTest
) -> None:
    world = World(services.engine, chain)
    phone, shop_phone = Device(p256.new_private_key()), Device(p256.new_private_key())
    member = services.members.create_wallet(NewWallet(phone.public_key, phone.proof()))
    shop = services.members.create_professional(professional(shop_phone.public_key), SERVICE)
    world.attest(10_000_00)
    world.queue("mint", [member.account_address, 100_00, ref := new_ref()], "ISSUER", ref)
    mined(services, world)
    child = child_of(services, member, phone)
    mined(services, world)
    assert seen(services, member).keyholder.state is KeyholderState.ACTIVE

    def pay(cents: int) -> PaymentState:
        body, _ = signed(services, member, child, shop, cents)
        services.payments.pay(member.id, body, child.address)
        mined(services, world)
        return services.payments.find(member.id, body.ref).state

    def past_the_service(cents: int) -> None:
        """Brought to the ledger by somebody else, with a number that no payment of the service's meets."""
        world.store(signed(services, member, child, shop, cents, secrets.randbits(200))[1])
        mined(services, world)

    assert pay(20_00) is PaymentState.PAID
    with pytest.raises(errors.KeyPaymentLimit):
        pay(20_01)
    past_the_service(20_01)
    assert world.on_chain(shop.account_address) == 20_00, "the ledger refuses it by itself"
    assert pay(20_00) is PaymentState.PAID
    with pytest.raises(errors.KeyDayLimit):
        pay(10_01)
    past_the_service(10_01)
    assert world.on_chain(shop.account_address) == 40_00
    assert seen(services, member).spent_today_cents == 40_00
    services.people.keyholders.end(member.id, seen(services, member).keyholder.id)
    with pytest.raises(errors.KeyEnded):
        pay(1_00)
    mined(services, world)
    past_the_service(1_00)
    assert world.on_chain(shop.account_address) == 40_00
    assert seen(services, member).keyholder.ended_by == "holder"
