"""Every way back to an account, with the clock moved: days pass on the ledger and here at once.

The ledger's delay is the one it is deployed with in earnest, three days.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.support.authenticator import Authenticator, encode
from tests.support.chain_world import World
from tests.support.node import ChainUnderTest
from tests.support.recovery_side import GROUND, ORIGIN, NewPhone, RecoverySide, picture
from tests.support.web import PASSKEY_SIGNER, Device
from wallet_service.members.devices import NewPasskey, VouchedDevice
from wallet_service.members.repository import Member
from wallet_service.protocol.clock import SystemClock
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.addresses import address_of_point
from wallet_service.recoveries import decisions
from wallet_service.recoveries.decisions import ASKED_LIFE_MS, EXECUTABLE_FOR_S

pytestmark = pytest.mark.chain
DELAY_S = 3 * 86_400
DAY_S = 86_400


class MovedClock(SystemClock):
    """The system's, so many seconds further."""

    ahead_s = 0

    def now_unix_ms(self) -> int:
        return super().now_unix_ms() + self.ahead_s * 1000

    def now_unix_s(self) -> int:
        return self.now_unix_ms() // 1000


class MovedSide(RecoverySide):
    def __init__(self, world: World, clock: MovedClock) -> None:
        super().__init__(world)
        self.clock = clock
        self.world.chain.send("GOVERNOR", "setSafeguards", [[100_000_00, DELAY_S, 60, 1]])

    def pass_s(self, seconds: int) -> None:
        """So much time goes by everywhere: here and at the node."""
        self.clock.ahead_s += seconds
        self.world.chain.node.set_time(self.clock.now_unix_s())

    def rounds(self) -> None:
        """What the workers do by then, until nothing is left to do."""
        self.recoveries.follower.run_due()
        self.world.run_until_idle()

    def opens_after_the_delay(self, member: Member, phone: NewPhone) -> None:
        """Not a moment before its time; then by itself."""
        opens_at = self.progress(phone).executable_at_unix_s
        assert opens_at is not None
        assert DELAY_S - 60 < opens_at - self.clock.now_unix_s() <= DELAY_S
        self.pass_s(opens_at - self.clock.now_unix_s() - 30)
        self.rounds()
        assert self.progress(phone).state == "proposed"
        assert self.is_frozen(member)
        assert self.is_frozen_on_chain(member)
        self.pass_s(60)
        self.rounds()
        assert self.progress(phone).state == "executed"
        assert self.device_states(member)[phone.address] == "active"
        assert self.device_states(member)[member.account_address] == "revoked"
        assert not self.is_frozen(member)
        assert not self.is_frozen_on_chain(member)
        assert self.world.on_chain(member.account_address) == 20_00


@pytest.fixture
def moved(sqlite_engine: object, chain: ChainUnderTest) -> MovedSide:
    clock = MovedClock()
    return MovedSide(World(sqlite_engine, chain, clock), clock)  # type: ignore[arg-type]


def funded(side: MovedSide) -> tuple[Member, Device]:
    member, old = side.visitor()
    side.fund(member, 20_00)
    return member, old


@pytest.mark.parametrize("with_papers", [False, True])
def test_at_a_desk_or_by_papers_sent_from_the_new_phone(moved: MovedSide, with_papers: bool) -> None:
    member, _ = funded(moved)
    phone = moved.ask(member)
    assert moved.is_frozen(member)
    asked = moved.open_one(member)
    if with_papers:
        moved.recoveries.papers.show(phone.token, picture())
        (shown,) = moved.recoveries.papers.shown(asked.id)
        assert moved.recoveries.papers.open_document(asked.id, shown.id, "O1").content
    assert moved.recoveries.desk.propose(asked.id, GROUND, "O1")
    moved.world.run_until_idle()
    moved.opens_after_the_delay(member, phone)


def test_above_the_amount_the_delay_runs_from_the_second_officers_word(
    moved: MovedSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "TWO_OFFICERS_FROM_CENTS", 20_00)
    member, _ = funded(moved)
    phone = moved.ask(member)
    assert not moved.recoveries.desk.propose(moved.open_one(member).id, GROUND, "O1")
    moved.pass_s(DAY_S)
    moved.rounds()
    assert moved.progress(phone).state == "asked", "one officer alone announces nothing, however long"
    (approval,) = moved.oversight.approvals.pending()
    moved.oversight.approvals.approve(approval.id, "O2", {"govern"})
    moved.world.run_until_idle()
    moved.opens_after_the_delay(member, phone)


def test_with_a_code_kept_on_paper(moved: MovedSide) -> None:
    member, _ = funded(moved)
    code = moved.recoveries.codes.make(member.id)
    moved.recoveries.codes.confirm(member.id, code)
    phone = NewPhone()
    moved.recoveries.phones.ask_with_code(phone.request(), code)
    moved.world.run_until_idle()
    moved.opens_after_the_delay(member, phone)


def test_with_a_passkey_nothing_waits_and_the_old_phone_goes_on(moved: MovedSide) -> None:
    member, old = funded(moved)
    authenticator = Authenticator(ORIGIN, urlsplit(ORIGIN).hostname or "")
    point, credential_id = p256.point_of(authenticator.key), encode(authenticator.credential_id)
    word = moved.word(member, old, address_of_point(point), PASSKEY_SIGNER)
    moved.devices.add_passkey(member.id, NewPasskey(credential_id, point, word))
    moved.world.run_until_idle()
    phone = NewPhone()
    proof = phone.device.sign(f"alba-device:passkey:{phone.device.public_key}")
    word = moved.word(member, authenticator, phone.address)
    moved.devices.add_vouched(member.id, VouchedDevice(phone.device.public_key, proof, "Nouveau", word))
    moved.world.run_until_idle()
    assert moved.device_states(member)[phone.address] == "active", "within the ledger's next blocks"
    moved.pass_s(10 * DAY_S)
    moved.rounds()
    states = moved.device_states(member)
    assert (states[phone.address], states[member.account_address]) == ("active", "active")
    assert moved.world.on_chain(member.account_address) == 20_00


def test_the_owner_objects_in_the_last_hour(moved: MovedSide) -> None:
    member, old = funded(moved)
    thief = NewPhone()
    moved.announce(member, thief)
    moved.pass_s(DELAY_S - 3_600)
    moved.rounds()
    moved.veto(member, old)
    moved.world.run_until_idle()
    moved.pass_s(2 * 3_600)
    moved.rounds()
    assert moved.progress(thief).state == "vetoed"
    assert thief.address not in moved.device_states(member)
    assert moved.is_frozen(member), "two claim it: an officer looks again"


def test_what_nobody_pursues_lapses_and_thaws(moved: MovedSide) -> None:
    member, _ = funded(moved)
    phone = moved.ask(member)
    moved.pass_s(ASKED_LIFE_MS // 1000 - 60)
    moved.rounds()
    assert moved.progress(phone).state == "asked"
    assert moved.is_frozen(member)
    moved.pass_s(120)
    moved.rounds()
    assert moved.progress(phone).state == "lapsed"
    assert not moved.is_frozen(member)
    assert EXECUTABLE_FOR_S == ASKED_LIFE_MS // 1000
