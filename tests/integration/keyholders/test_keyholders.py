"""Somebody else's key to an account, from the invitation to its end, on both databases."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import Engine, select

from tests.support.web import P256_SIGNER, Device, HttpFixture, build_http_fixture
from wallet_service.accounts.models import NO_LIMITS, KeyLimits
from wallet_service.chain.ports import FailedCommand
from wallet_service.database.tables.keyholders import keyholders
from wallet_service.database.tables.push import notices
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.keyholders import decisions, errors
from wallet_service.keyholders.models import (
    InvitationAsked,
    InvitationJoined,
    Keyholder,
    KeyholderApproved,
    KeyholderKind,
    KeyholderState,
    SeenKeyholder,
)
from wallet_service.keyholders.projections import KeyholderFollower
from wallet_service.members.errors import DeviceKnown, ProofInvalid
from wallet_service.members.repository import Member
from wallet_service.oversight.decisions import checked_ground
from wallet_service.platform.journal import SERVICE
from wallet_service.security.errors import DeviceUnknown

CODE = hashlib.sha256(b"alba-keyholder:A1B2-C3D4-E5F6-G7H8").hexdigest()
OTHER = hashlib.sha256(b"alba-keyholder:another").hexdigest()
CHILD, HELPER, JOINT = KeyholderKind.CHILD, KeyholderKind.HELPER, KeyholderKind.JOINT
S = KeyholderState


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


def limits_of(env: HttpFixture, days: int = 30) -> KeyLimits:
    return KeyLimits(20_00, 50_00, env.clock.now_unix_s() + days * 86_400)


def asked(
    env: HttpFixture, device: Device, kind: KeyholderKind = CHILD, code: str = CODE, name: str = "Léo"
) -> InvitationAsked:
    limits = NO_LIMITS if kind is JOINT else limits_of(env)
    proof = device.sign(f"alba-keyholder:open:{code}")
    return InvitationAsked(code, device.public_key, proof, kind, name, limits)


def joined(device: Device, code: str = CODE) -> InvitationJoined:
    proof = device.sign(f"alba-keyholder:join:{code}:{device.public_key}")
    return InvitationJoined(code, device.public_key, proof, "Firefox, Android")


def seen(env: HttpFixture, member: Member) -> SeenKeyholder:
    (only,) = env.people.keyholders.of_member(member.id)
    return only


def approve(env: HttpFixture, member: Member, by: Device, known: Keyholder, new: Device) -> None:
    word = env.word(member, by, new.address, P256_SIGNER, known.limits)
    env.people.keyholders.approve(member.id, KeyholderApproved(known.id, new.public_key, word))


def child(env: HttpFixture, member: Member, device: Device, kind: KeyholderKind = CHILD) -> Device:
    """Somebody's phone that pays from the member's account."""
    new = env.new_key()
    known = env.people.keyholders.ask(member.id, asked(env, device, kind))
    env.people.keyholders.join(joined(new))
    approve(env, member, device, known, new)
    env.apply_commands()
    return new


def sign_in(env: HttpFixture, device: Device) -> str:
    challenge = env.device_sign_in.challenge(device.public_key)
    signature = device.sign(f"alba-sign-in:{challenge}")
    return env.people.held.sign_in(challenge, device.public_key, signature).session.token


def told(env: HttpFixture) -> list[str]:
    with env.engine.connect() as connection:
        return list(connection.execute(select(notices.c.kind).order_by(notices.c.id)).scalars())


def test_a_phone_pays_once_the_words_were_compared_and_the_ledger_knows(env: HttpFixture) -> None:
    member, device = env.visitor()
    new = env.new_key()
    known = env.people.keyholders.ask(member.id, asked(env, device))
    assert seen(env, member).keyholder.state is S.INVITED
    answer = env.people.keyholders.join(joined(new))
    assert (answer.keyholder.old_public_key, answer.keyholder.limits) == (device.public_key, known.limits)
    with pytest.raises(DeviceUnknown):
        sign_in(env, new)
    for _ in range(2):  # a lost answer
        approve(env, member, device, known, new)
    (added,) = [one for one in env.commands.by_ref.values() if one[0] == "addLimitedSigner"]
    bounds = [known.limits.per_payment_cents, known.limits.per_day_cents, known.limits.expires_at_unix_s]
    assert added[1][:6] == [member.account_address, new.address, P256_SIGNER, *bounds]
    with pytest.raises(DeviceUnknown):
        sign_in(env, new)
    env.apply_commands()
    found = seen(env, member)
    assert (found.keyholder.state, found.name, found.keyholder.label) == (S.ACTIVE, "Léo", "Firefox, Android")
    assert env.people.keyholders.join(joined(new)).keyholder.state is S.ACTIVE, "it may ask again"
    session = env.sessions.find(sign_in(env, new))
    assert session is not None
    assert (session.subject_kind, session.subject_id) == ("keyholder", known.id)
    held = env.people.held.view(known.id)
    assert (held.account_address, held.can_spend_cents, held.payments) == (member.account_address, 0, ())
    assert told(env) == ["security"], "the holder hears of it by every way"
    assert env.acts().count("keyholder.added") == 1


def test_the_name_is_sealed(env: HttpFixture) -> None:
    member, device = env.visitor()
    env.people.keyholders.ask(member.id, asked(env, device, name="Léo le petit"))
    with env.engine.connect() as connection:
        (row,) = connection.execute(select(keyholders)).all()
    assert "Léo".encode() not in bytes(row.sealed_name)


def test_a_limited_key_is_no_device_and_opens_no_members_session(env: HttpFixture) -> None:
    member, device = env.visitor()
    new = child(env, member, device)
    challenge = env.device_sign_in.challenge(new.public_key)
    with pytest.raises(DeviceUnknown):
        env.device_sign_in.sign_in(challenge, new.public_key, new.sign(f"alba-sign-in:{challenge}"))
    assert [one.signer_address for one in env.members.devices(member.id)] == [device.address]
    with pytest.raises(ProofInvalid):  # it invites nobody, and vouches for nobody
        env.people.keyholders.ask(member.id, asked(env, new, code=OTHER))
    env.people.keyholders.ask(member.id, asked(env, device, code=OTHER))
    third = env.new_key()
    another = env.people.keyholders.join(joined(third, OTHER)).keyholder
    with pytest.raises(ProofInvalid):
        approve(env, member, new, another, third)


def test_only_the_words_that_were_compared_and_the_limits_that_were_shown_count(env: HttpFixture) -> None:
    member, device = env.visitor()
    stranger, thief = env.visitor()
    new, between = env.new_key(), env.new_key()
    known = env.people.keyholders.ask(member.id, asked(env, device))
    with pytest.raises(errors.InvitationNotAnswered):
        approve(env, member, device, known, new)
    env.people.keyholders.join(joined(between))
    with pytest.raises(errors.InvitationTaken):
        env.people.keyholders.join(joined(new))
    with pytest.raises(errors.InvitationTaken):
        approve(env, member, device, known, new)
    with pytest.raises(errors.KeyholderUnknown):
        approve(env, stranger, thief, known, between)
    wider = KeyLimits(known.limits.per_payment_cents + 1, *_rest(known.limits))
    for word in (
        env.word(member, thief, between.address, P256_SIGNER, known.limits),
        env.word(member, device, between.address, P256_SIGNER, wider),
        env.word(member, device, between.address, P256_SIGNER),
    ):
        approved = KeyholderApproved(known.id, between.public_key, word)
        with pytest.raises(ProofInvalid):
            env.people.keyholders.approve(member.id, approved)
    assert not [one for one in env.commands.by_ref.values() if one[0] == "addLimitedSigner"]
    env.people.keyholders.end(member.id, known.id)
    with pytest.raises(errors.InvitationUnknown):
        env.people.keyholders.join(joined(between))
    assert env.people.keyholders.of_member(member.id) == []


def _rest(limits: KeyLimits) -> tuple[int, int]:
    return limits.per_day_cents, limits.expires_at_unix_s


def test_an_invitation_lives_ten_minutes(env: HttpFixture) -> None:
    member, device = env.visitor()
    env.people.keyholders.ask(member.id, asked(env, device))
    env.clock.advance_ms(decisions.INVITATION_LIFETIME_MS - 1)
    env.people.keyholders.join(joined(new := env.new_key()))
    env.clock.advance_ms(1)
    with pytest.raises(errors.InvitationUnknown):
        env.people.keyholders.join(joined(new))
    assert env.people.keyholders.of_member(member.id) == []


def test_a_key_that_signs_elsewhere_already_holds_nothing(env: HttpFixture) -> None:
    member, device = env.visitor()
    _, own = env.visitor()
    env.people.keyholders.ask(member.id, asked(env, device))
    with pytest.raises(DeviceKnown):
        env.people.keyholders.join(joined(own))


def test_a_joint_holder_has_a_device_of_the_account(env: HttpFixture) -> None:
    member, device = env.visitor()
    new = child(env, member, device, JOINT)
    found = seen(env, member).keyholder
    assert (found.state, found.signer_address) == (S.ACTIVE, new.address)
    assert found.device_id in {one.id for one in env.members.devices(member.id)}
    challenge = env.device_sign_in.challenge(new.public_key)
    signed_in = env.device_sign_in.sign_in(challenge, new.public_key, new.sign(f"alba-sign-in:{challenge}"))
    assert signed_in.subject_id == member.id
    with pytest.raises(DeviceUnknown):
        sign_in(env, new)
    env.people.keyholders.end(member.id, found.id)
    assert env.sessions.find(signed_in.session.token) is None
    states = {one.signer_address: one.state for one in env.members.devices(member.id)}
    assert states == {device.address: "active", new.address: "revoked"}


def test_an_ended_key_opens_nothing_from_that_moment_on(env: HttpFixture) -> None:
    member, device = env.visitor()
    new = child(env, member, device)
    token, known = sign_in(env, new), seen(env, member).keyholder
    with pytest.raises(errors.KeyholderUnknown):
        env.people.keyholders.end("another", known.id)
    for _ in range(2):
        env.people.keyholders.end(member.id, known.id)
    assert env.sessions.find(token) is None
    with pytest.raises(errors.KeyEnded):
        sign_in(env, new)
    with pytest.raises(errors.KeyEnded):
        env.people.held.view(known.id)
    removed = [one[1] for one in env.commands.by_ref.values() if one[0] == "removeSigner"]
    assert removed == [[member.account_address, new.address]]
    env.apply_commands()
    assert (seen(env, member).keyholder.ended_by, told(env)) == ("holder", ["security"] * 2)


def test_who_pays_by_a_key_may_give_it_back(env: HttpFixture) -> None:
    member, device = env.visitor()
    child(env, member, device)
    env.people.keyholders.leave(seen(env, member).keyholder.id)
    assert seen(env, member).keyholder.ended_by == "self"


def test_tighter_limits_count_at_once_and_wider_ones_when_the_ledger_says_so(env: HttpFixture) -> None:
    member, device = env.visitor()
    new = child(env, member, device)
    known = seen(env, member).keyholder
    wanted = KeyLimits(10_00, 90_00, known.limits.expires_at_unix_s)
    word = env.word(member, device, new.address, P256_SIGNER, wanted)
    with pytest.raises(ProofInvalid):
        env.people.keyholders.change_limits(member.id, known.id, known.limits, word)
    env.people.keyholders.change_limits(member.id, known.id, wanted, word)
    assert seen(env, member).keyholder.limits == KeyLimits(10_00, 50_00, wanted.expires_at_unix_s)
    env.apply_commands()
    assert seen(env, member).keyholder.limits == wanted


def test_a_key_whose_time_is_over_ends_by_itself_once(env: HttpFixture) -> None:
    member, device = env.visitor()
    child(env, member, device)
    env.clock.advance_ms(30 * 86_400_000 - 1_000)
    assert env.people.keyholders.expire_due() == 0
    env.clock.advance_ms(1_000)
    assert (env.people.keyholders.expire_due(), env.people.keyholders.expire_due()) == (1, 0)
    assert (seen(env, member).keyholder.ended_by, told(env)) == ("time", ["security"] * 2)


def test_a_recovery_ends_every_key(env: HttpFixture) -> None:
    member, device = env.visitor()
    token = sign_in(env, child(env, member, device))
    env.people.keyholders.ask(member.id, asked(env, device, code=OTHER))
    said = {"account": member.account_address, "newSigner": env.new_key().address, "number": 1}
    env.project("RecoveryExecuted", said)
    assert (seen(env, member).keyholder.ended_by, env.sessions.find(token)) == ("recovery", None)


def test_a_closed_account_has_no_keys_and_no_names(env: HttpFixture) -> None:
    member, device = env.visitor()
    token = sign_in(env, child(env, member, device))
    env.erasure.close(member.id, checked_ground("demande"), SERVICE)
    with env.engine.connect() as connection:
        (row,) = connection.execute(select(keyholders)).all()
    assert (row.state, row.ended_by, row.sealed_name, row.label) == ("ended", "closing", None, "")
    assert env.sessions.find(token) is None


def test_what_the_chain_takes_back_is_as_it_was(env: HttpFixture) -> None:
    member, device = env.visitor()
    new = child(env, member, device)  # in block 1
    follower = KeyholderFollower(env.clock, env.push, env.people.keyholders)
    env.project("SignerRemoved", {"account": member.account_address, "signer": new.address})
    assert seen(env, member).keyholder.ended_by == "ledger"
    with UnitOfWork(env.engine) as work:
        follower.rewind(work, 0)
    assert seen(env, member).keyholder.state is S.ADDING
    env.project(
        "LimitedSignerAdded",
        {
            "account": member.account_address,
            "signer": new.address,
            "maxPayment": 1,
            "maxPerDay": 2,
            "expiresAt": 0,
        },
    )
    assert (seen(env, member).keyholder.state, seen(env, member).keyholder.limits) == (
        S.ACTIVE,
        KeyLimits(1, 2, 0),
    )


def test_what_is_said_of_the_same_key_at_another_account_is_none_of_this_ones(env: HttpFixture) -> None:
    member, device = env.visitor()
    new = child(env, member, device)
    before = seen(env, member)
    other, _ = env.visitor()
    said = {"account": other.account_address, "signer": new.address}
    env.project("LimitedSignerAdded", {**said, "maxPayment": 1, "maxPerDay": 1, "expiresAt": 0})
    env.project("SignerRemoved", said)
    failed = FailedCommand(1, "", "addLimitedSigner", "REGISTRAR", list(said.values()), "Expired", {})
    with UnitOfWork(env.engine) as work:
        KeyholderFollower(env.clock, env.push, env.people.keyholders).addition_failed(work, failed)
    assert seen(env, member) == before
    assert env.people.keyholders.of_member(other.id) == []


def test_an_addition_that_the_ledger_refuses_leaves_no_key(env: HttpFixture) -> None:
    member, device = env.visitor()
    known, new = env.people.keyholders.ask(member.id, asked(env, device)), env.new_key()
    env.people.keyholders.join(joined(new))
    approve(env, member, device, known, new)
    failed = FailedCommand(
        1, "", "addLimitedSigner", "REGISTRAR", [member.account_address, new.address], "Expired", {}
    )
    with UnitOfWork(env.engine) as work:
        KeyholderFollower(env.clock, env.push, env.people.keyholders).addition_failed(work, failed)
    assert seen(env, member).keyholder.ended_by == "ledger"


def test_a_key_registered_past_the_service_is_seen_all_the_same(env: HttpFixture) -> None:
    member, _ = env.visitor()
    signer = env.new_key().address
    said = {"account": member.account_address, "signer": signer}
    for _ in range(2):
        env.project("LimitedSignerAdded", {**said, "maxPayment": 5, "maxPerDay": 0, "expiresAt": 0})
    found = seen(env, member)
    assert (found.keyholder.signer_address, found.name, found.keyholder.state) == (signer, None, S.ACTIVE)
    assert told(env) == ["security"]
    env.people.keyholders.end(member.id, found.keyholder.id)
    assert seen(env, member).keyholder.state is S.ENDED


def test_so_many_keys_and_no_more(env: HttpFixture) -> None:
    member, device = env.visitor()
    for number in range(decisions.MAX_KEYHOLDERS):
        code = hashlib.sha256(str(number).encode()).hexdigest()
        env.people.keyholders.ask(member.id, asked(env, device, code=code))
    with pytest.raises(errors.TooManyKeyholders):
        env.people.keyholders.ask(member.id, asked(env, device))
