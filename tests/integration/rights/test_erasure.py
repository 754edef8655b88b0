"""An account is closed when nothing is under way; the person's key goes when the law lets it go."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from sqlalchemy import Engine, insert, select, update

from tests.support.web import HttpFixture, build_http_fixture
from wallet_service.database.tables.base import metadata
from wallet_service.database.tables.chain import balances
from wallet_service.identity.states import Declaration
from wallet_service.members.decisions import MemberState
from wallet_service.members.errors import MemberStateRefused
from wallet_service.members.repository import Member
from wallet_service.oversight.errors import GroundMissing
from wallet_service.oversight.models import FreezeOrder
from wallet_service.platform.journal import Actor
from wallet_service.rights.decisions import KEPT_AFTER_CLOSING_DAYS
from wallet_service.rights.erasure import CLOSED_ACT, DUE, ERASED_ACT, ErasureService, Holders
from wallet_service.rights.errors import MoneyLeft, SomethingOpen
from wallet_service.security.sealing import PersonErased
from wallet_service.security.sessions import OpenedWith
from wallet_service.tills.errors import NotAProfessional
from wallet_service.topups import standing_repository
from wallet_service.topups.repository import insert_reference, reference_of

OFFICER = Actor("officer", "O1")
GROUND = "demande écrite, pièce vue"
DAY_MS = 86_400_000
CANARIES = (b"Aglae", b"Canari", b"1977-05-06", b"Rue du Canari")
DECLARED = Declaration("Aglae", "Canari", "1977-05-06", "Rue du Canari", "76000", "Rouen")


class Clockwork:
    """Says whether the clock is right."""

    is_right = True

    def __call__(self) -> bool:
        return self.is_right


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


@pytest.fixture
def clock_is_right() -> Clockwork:
    return Clockwork()


@pytest.fixture
def erasure(env: HttpFixture, clock_is_right: Clockwork) -> ErasureService:
    holders = Holders(env.sealer, env.sessions, env.passkeys, env.tills, clock_is_right)
    return ErasureService(env.engine, env.clock, env.push, env.journal, holders)


def identified(env: HttpFixture) -> Member:
    member, _ = env.visitor()
    env.identity.declare(member.id, DECLARED)
    picture = io.BytesIO()
    Image.new("RGB", (64, 40), (200, 30, 90)).save(picture, "JPEG")
    env.identity.add_document(member.id, picture.getvalue())
    file = env.identity.submit(member.id)
    env.apply_commands()
    env.identity.open_file(file.id, "O1")
    return env.members.get(member.id)


def everything_stored(engine: Engine) -> bytes:
    with engine.connect() as connection:
        rows = [tuple(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    return repr(rows).encode() + b"".join(v for row in rows for v in row if isinstance(v, bytes))


def test_a_visitor_without_identity_is_forgotten_at_once(env: HttpFixture, erasure: ErasureService) -> None:
    member, _ = env.visitor()
    session = env.sessions.open_now("member", member.id, "device", OpenedWith(member.account_address))
    with env.engine.begin() as connection:
        insert_reference(connection, member.id, "ALBA00000001", env.clock.now_unix_ms())
    erasure.close(member.id, GROUND, OFFICER)
    assert env.members.get(member.id).state is MemberState.CLOSED
    assert env.sessions.find(session.token) is None
    (kept,) = env.members.devices(member.id)
    assert (kept.state.value, kept.label) == ("revoked", "")
    with env.engine.connect() as connection:
        assert reference_of(connection, member.id) is None
    assert env.acts()[-2:] == [CLOSED_ACT, ERASED_ACT]
    certificate = erasure.certificate(member.id)
    assert certificate[CLOSED_ACT]["removed"]["sessions"] == 1
    assert certificate[ERASED_ACT]["keys"] == 1
    json.dumps(certificate)
    with pytest.raises(MemberStateRefused):
        erasure.close(member.id, GROUND, OFFICER)


def test_what_a_person_proved_is_kept_sealed_for_five_years_and_then_nothing_opens(
    env: HttpFixture, erasure: ErasureService, clock_is_right: Clockwork
) -> None:
    member = identified(env)
    erasure.close(member.id, GROUND, OFFICER)
    closed_unix_ms = env.clock.now_unix_ms()
    assert erasure.certificate(member.id)[CLOSED_ACT][DUE] == closed_unix_ms + 1830 * DAY_MS
    assert KEPT_AFTER_CLOSING_DAYS >= 5 * 365 + 2
    read = env.identity.read_member_identity(member.id, "O1", "Réquisition 12")
    assert read is not None
    assert read.family_name == "Canari"

    env.clock.advance_ms(1830 * DAY_MS - 1)
    assert erasure.run_once() == 0
    env.clock.advance_ms(1)
    clock_is_right.is_right = False
    assert erasure.run_once() == 0
    clock_is_right.is_right = True
    assert erasure.run_once() == 1
    assert erasure.run_once() == 0

    assert env.directory.short_name(member.id) is None
    with pytest.raises(PersonErased), env.engine.connect() as connection:
        env.sealer._member_cipher(connection, member.id)
    stored = everything_stored(env.engine)
    assert not [canary for canary in CANARIES if canary in stored]
    erased = erasure.certificate(member.id)[ERASED_ACT]
    assert (erased["identity_files"], erased["identity_documents"]) == (1, 1)
    assert erased["journal_hash"].startswith("0x")


def test_a_professionals_tills_and_expectations_end_and_the_papers_are_kept(
    env: HttpFixture, erasure: ErasureService
) -> None:
    merchant, _ = env.merchant()
    till_id, _ = env.till(merchant)
    env.standing_orders.declare(merchant.id, 10_00, 5)
    env.standing_orders.set_low_balance(merchant.id, 20_00)
    env.people.cashiers.add(merchant.id, "Camille", "4711")
    erasure.close(merchant.id, GROUND, OFFICER)
    (till,) = env.tills.list_tills(merchant.id)
    assert (till.id, till.state.value) == (till_id, "revoked")
    removed = erasure.certificate(merchant.id)[CLOSED_ACT]["removed"]
    assert (removed["tills"], removed["expectations"], removed["cashiers"]) == (1, 2, 1)
    assert env.people.cashiers.of_member(merchant.id) == []
    assert ERASED_ACT not in erasure.certificate(merchant.id)
    with env.engine.connect() as connection:
        assert standing_repository.order_of(connection, merchant.id) is None
    with pytest.raises(NotAProfessional):
        env.tills.make_pairing_code(merchant.id, "Caisse 2")


def test_money_keeps_an_account_open(env: HttpFixture, erasure: ErasureService) -> None:
    member, _ = env.visitor()
    account = {"account": member.account_address, "posted_cents": 1, "reserved_cents": 0}
    with env.engine.begin() as connection:
        connection.execute(insert(balances).values(**account))
    with pytest.raises(MoneyLeft):
        erasure.close(member.id, GROUND, OFFICER)
    with env.engine.begin() as connection:
        connection.execute(update(balances).values(posted_cents=0))
    erasure.close(member.id, GROUND, OFFICER)


def test_a_freeze_keeps_an_account_open(env: HttpFixture, erasure: ErasureService) -> None:
    member, _ = env.visitor()
    until_unix_s = env.clock.now_unix_s() + 86_400
    order = FreezeOrder(member.id, True, True, GROUND, until_unix_s)
    env.oversight.freezes.freeze(order, "O1")
    with pytest.raises(SomethingOpen) as refused:
        erasure.close(member.id, GROUND, OFFICER)
    assert "freeze" in str(refused.value.values["what"])
    assert env.members.get(member.id).state is MemberState.ACTIVE


def test_a_closing_without_a_ground_is_none(env: HttpFixture, erasure: ErasureService) -> None:
    member, _ = env.visitor()
    with pytest.raises(GroundMissing):
        erasure.close(member.id, " ", OFFICER)
