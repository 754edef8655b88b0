"""Whatever opens an account, or opens it no more: its member is told by every way, whoever did it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from tests.support.authenticator import Authenticator
from tests.support.web import PASSKEY_SIGNER, WALLET_ORIGIN, Device, HttpFixture, build_http_fixture
from wallet_service.database.tables.push import notices
from wallet_service.members.devices import NewDevice, NewPasskey, VouchedDevice
from wallet_service.members.repository import Member
from wallet_service.platform.journal import SERVICE
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.addresses import address_of_point


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


def told(env: HttpFixture, member: Member) -> int:
    """How often of security; of nothing else here."""
    query = select(notices.c.kind).where(notices.c.recipient_id == member.id)
    with env.engine.connect() as connection:
        kinds = list(connection.execute(query).scalars())
    assert set(kinds) <= {"security"}
    return len(kinds)


def with_passkey(env: HttpFixture, member: Member, device: Device) -> Authenticator:
    """Registered, and a signer of the account on the word of that device."""
    authenticator = Authenticator(WALLET_ORIGIN)
    options = env.passkeys.registration_options("member", member.id, "Camille R.")
    credential_id = env.access.register_passkey(member.id, authenticator.create(options))
    point = p256.point_of(authenticator.key)
    word = env.word(member, device, address_of_point(point), PASSKEY_SIGNER)
    env.devices.add_passkey(member.id, NewPasskey(credential_id, point, word))
    env.apply_commands()
    return authenticator


def test_a_phone_that_joins_by_a_code_is_told(env: HttpFixture) -> None:
    member, _ = env.visitor()
    new = env.new_key()
    code = env.devices.make_code(member.id, SERVICE, "Vue au guichet")
    linked = NewDevice(code, new.public_key, new.sign(f"alba-device:{code}:{new.public_key}"), "Tablette")
    env.devices.link(linked)
    env.devices.link(linked)  # an answer lost: nothing more happened
    assert told(env, member) == 1


def test_a_passkey_that_is_added_and_a_phone_it_vouches_for_are_told(env: HttpFixture) -> None:
    member, old = env.visitor()
    authenticator = with_passkey(env, member, old)
    assert told(env, member) == 2, "it lets somebody in, and it pays"
    new = env.new_key()
    proof = new.sign(f"alba-device:passkey:{new.public_key}")
    word = env.word(member, authenticator, new.address)
    env.devices.add_vouched(member.id, VouchedDevice(new.public_key, proof, "iPhone", word))
    assert told(env, member) == 3


def test_what_is_taken_away_is_told(env: HttpFixture) -> None:
    member, old = env.visitor()
    authenticator = with_passkey(env, member, old)
    before = told(env, member)
    session = env.sessions.open_now("member", member.id, "passkey")
    (device,) = (each for each in env.members.devices(member.id) if each.key_kind == "p256")
    env.access.remove_device(member.id, device.id, session.token)
    assert told(env, member) == before + 1
    assert authenticator.credential_id


def test_a_code_on_paper_is_told_once_it_is_good(env: HttpFixture) -> None:
    member, _ = env.visitor()
    code = env.recoveries.codes.make(member.id)
    assert told(env, member) == 0
    env.recoveries.codes.confirm(member.id, code)
    assert told(env, member) == 1


def test_a_passkey_that_was_refused_tells_nobody(env: HttpFixture) -> None:
    member, _ = env.visitor()
    authenticator = Authenticator("https://elsewhere.example")
    options = env.passkeys.registration_options("member", member.id, "x")
    with pytest.raises(Exception, match="passkey"):
        env.access.register_passkey(member.id, authenticator.create(options))
    assert told(env, member) == 0
