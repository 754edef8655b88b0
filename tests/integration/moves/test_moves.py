"""A wallet moved by oneself: two keys that meet over a code, and nobody's key in between."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import Engine, select

from tests.support.authenticator import Authenticator
from tests.support.web import P256_SIGNER, Device, HttpFixture, build_http_fixture
from wallet_service.database.tables.push import notices
from wallet_service.members.errors import DeviceKnown, ProofInvalid
from wallet_service.members.repository import Member
from wallet_service.moves.errors import MoveNotAnswered, MoveTaken, MoveUnknown
from wallet_service.moves.models import MoveApproved, MoveAsked, MoveJoined
from wallet_service.moves.service import LIFETIME_MS

CODE = hashlib.sha256(b"alba-move:A1B2C3D4E5F6G7H8").hexdigest()
OTHER = hashlib.sha256(b"alba-move:another").hexdigest()


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


def asked(device: Device, code: str = CODE) -> MoveAsked:
    return MoveAsked(code, device.public_key, device.sign(f"alba-move:open:{code}"))


def joined(device: Device, code: str = CODE) -> MoveJoined:
    proof = device.sign(f"alba-move:join:{code}:{device.public_key}")
    return MoveJoined(code, device.public_key, proof, "iPhone")


def approved(
    env: HttpFixture, member: Member, old: Device | Authenticator, new: Device, code: str = CODE
) -> MoveApproved:
    return MoveApproved(code, new.public_key, env.word(member, old, new.address))


def labels(env: HttpFixture, member_id: str) -> list[tuple[str, str]]:
    return [(device.label, device.state) for device in env.members.devices(member_id)]


def test_the_new_phone_signs_once_the_old_one_has_said_yes(env: HttpFixture) -> None:
    member, old = env.visitor()
    new = env.new_key()
    env.moves.ask(member.id, asked(old))
    assert env.moves.look(member.id, CODE).state == "open"
    move = env.moves.join(joined(new))
    assert (move.old_public_key, move.new_public_key) == (old.public_key, new.public_key)
    assert env.moves.look(member.id, CODE).new_public_key == new.public_key
    assert len(labels(env, member.id)) == 1, "nothing is given before the words were compared"
    env.moves.approve(member.id, approved(env, member, old, new))
    env.moves.approve(member.id, approved(env, member, old, new))
    (added,) = [each for each in env.commands.by_ref.values() if each[0] == "addSigner"]
    assert added[1][:3] == [member.account_address, new.address, P256_SIGNER], "on the old phone's word, once"
    env.apply_commands()
    assert ("iPhone", "active") in [(label, state) for label, state in labels(env, member.id)]
    assert env.moves.join(joined(new)).state == "done", "it may ask again: its answer may have been lost"
    challenge = env.device_sign_in.challenge(new.public_key)
    signed_in = env.device_sign_in.sign_in(challenge, new.public_key, new.sign(f"alba-sign-in:{challenge}"))
    assert signed_in.subject_id == member.id
    with env.engine.connect() as connection:
        assert connection.execute(select(notices.c.kind)).scalars().all() == ["security"]


def test_a_key_in_between_is_not_the_one_that_was_compared(env: HttpFixture) -> None:
    member, old = env.visitor()
    new, between = env.new_key(), env.new_key()
    env.moves.ask(member.id, asked(old))
    env.moves.join(joined(between))
    with pytest.raises(MoveTaken):
        env.moves.join(joined(new))
    with pytest.raises(MoveTaken):
        env.moves.approve(member.id, approved(env, member, old, new))
    env.moves.end(member.id, CODE)
    for answer in (
        lambda: env.moves.join(joined(new)),
        lambda: env.moves.approve(member.id, approved(env, member, old, between)),
    ):
        with pytest.raises(MoveUnknown):
            answer()


def test_only_the_old_phones_own_key_says_yes(env: HttpFixture) -> None:
    member, old = env.visitor()
    stranger, thief = env.visitor()
    new = env.new_key()
    with pytest.raises(ProofInvalid):
        env.moves.ask(stranger.id, asked(old))  # another's key
    with pytest.raises(ProofInvalid):
        env.moves.ask(member.id, MoveAsked(CODE, old.public_key, thief.sign(f"alba-move:open:{CODE}")))
    env.moves.ask(member.id, asked(old))
    with pytest.raises(MoveNotAnswered):
        env.moves.approve(member.id, approved(env, member, old, new))
    env.moves.join(joined(new))
    with pytest.raises(ProofInvalid):
        env.moves.approve(member.id, approved(env, member, thief, new))
    for look in (
        lambda: env.moves.look(stranger.id, CODE),
        lambda: env.moves.approve(stranger.id, approved(env, member, old, new)),
    ):
        with pytest.raises(MoveUnknown):
            look()
    env.moves.end(stranger.id, CODE)
    assert env.moves.look(member.id, CODE).state == "joined"
    with pytest.raises(MoveUnknown):
        env.moves.ask(stranger.id, asked(thief))  # nobody takes another's code over


def test_a_code_lives_ten_minutes_and_one_at_a_time(env: HttpFixture) -> None:
    member, old = env.visitor()
    env.moves.ask(member.id, asked(old))
    env.moves.ask(member.id, asked(old, OTHER))
    with pytest.raises(MoveUnknown):
        env.moves.join(joined(env.new_key()))
    env.clock.advance_ms(LIFETIME_MS)
    with pytest.raises(MoveUnknown):
        env.moves.join(joined(env.new_key(), OTHER))


def test_a_key_that_has_an_account_is_not_tied_to_another(env: HttpFixture) -> None:
    member, old = env.visitor()
    _, known = env.visitor()
    env.moves.ask(member.id, asked(old))
    with pytest.raises(DeviceKnown):
        env.moves.join(joined(known))
    with pytest.raises(ProofInvalid):
        env.moves.join(MoveJoined(CODE, env.new_key().public_key, known.sign("x"), ""))
