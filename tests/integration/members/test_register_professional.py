"""A resident's wallet becomes a shop's: checked papers, one command, and the ledger's word for it."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select, update

from tests.support.cleaning import clean_here
from tests.support.web import FICTIONAL_SIRET, HttpFixture, build_http_fixture
from wallet_service.chain.ports import FailedCommand
from wallet_service.chain.sending.commands import SqlCommandQueue
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.tables.members import members
from wallet_service.database.tables.push import push_events
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.identity.errors import IdentityNotForProfessionals
from wallet_service.identity.service import IdentityService
from wallet_service.identity.states import Declaration
from wallet_service.members import errors, repository
from wallet_service.members.decisions import Kind, ProfessionalIdentity, Tier
from wallet_service.members.professionals import ProfessionalDetails
from wallet_service.members.repository import Member
from wallet_service.members.service import MemberService, identity_field
from wallet_service.platform.journal import Actor, Filter, Subject

OFFICER = Actor("officer", "OFFICER-1")
GROUND = "Extrait du registre vu au guichet"
DETAILS = ProfessionalDetails(
    kind=Kind.MERCHANT,
    public_name="Poterie du Marais",
    description="Vaisselle en grès",
    siret=FICTIONAL_SIRET,
    sector="23",
    commune_code="76540",
    representative_given_name="Solveig",
    representative_family_name="Lemarchand",
)
DECLARATION = Declaration("Solveig", "Lemarchand", "1990-05-17", "3 rue des Galets", "76200", "Dieppe")
NAMES = ("account", "kind", "tier", "sector", "expiresAtDay")


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    """With the real queue of commands: whether one is on its way is asked of it."""
    made = build_http_fixture(engine)
    made.members = MemberService(
        engine, made.clock, made.push, made.sealer, made.journal, SqlCommandQueue(made.clock)
    )
    made.identity = IdentityService(
        engine, made.clock, made.push, made.sealer, made.journal, made.members, clean_here
    )
    return made


def queued(env: HttpFixture) -> list[tuple[str, list[object]]]:
    with env.engine.connect() as connection:
        query = select(chain_commands).where(chain_commands.c.state == "queued")
        return [(row.kind, row.arguments) for row in connection.execute(query.order_by(chain_commands.c.id))]


def run_chain(env: HttpFixture, refuse: str | None = None) -> None:
    """The ledger does what is queued, in order, or refuses it."""
    with env.engine.connect() as connection:
        waiting = connection.execute(
            select(chain_commands).where(chain_commands.c.state == "queued").order_by(chain_commands.c.id)
        ).all()
    for row in waiting:
        with UnitOfWork(env.engine) as work:
            state = "failed" if refuse else "done"
            work.connection.execute(
                update(chain_commands).where(chain_commands.c.id == row.id).values(state=state)
            )
            if refuse:
                failed = FailedCommand(row.id, row.ref, row.kind, row.role, row.arguments, refuse, {})
                env.members.note_failed_command(work, failed)
        if not refuse:
            event = "MemberEnrolled" if row.kind == "enrol" else "MemberChanged"
            env.project(event, dict(zip(NAMES, row.arguments, strict=True)))


@pytest.fixture
def resident(env: HttpFixture) -> Member:
    member, _ = env.visitor()
    run_chain(env)
    return env.members.get(member.id)


def register(env: HttpFixture, member: Member, details: ProfessionalDetails = DETAILS) -> None:
    env.members.register_professional(member.id, details, GROUND, OFFICER)


def test_a_resident_becomes_a_professional_when_the_ledger_says_so(
    env: HttpFixture, resident: Member
) -> None:
    register(env, resident, replace(DETAILS, public_name="  Poterie  du Marais "))
    on_the_way = env.members.get(resident.id)
    assert (on_the_way.kind, on_the_way.tier) == (Kind.RESIDENT, Tier.VISITOR)
    assert env.members.is_being_registered(resident.id)
    assert queued(env) == [("setMember", [resident.account_address, 2, 4, 23, 0])]

    run_chain(env)

    member = env.members.get(resident.id)
    assert (member.kind, member.tier, member.sector) == (Kind.MERCHANT, Tier.PROFESSIONAL, "23")
    assert (member.public_name, member.public_description) == ("Poterie du Marais", "Vaisselle en grès")
    assert (member.commune_code, member.account_address) == ("76540", resident.account_address)
    assert not env.members.is_being_registered(resident.id)
    assert env.tills.make_pairing_code(resident.id, "Caisse").code
    assert env.directory.short_name(resident.id) == "Poterie du Marais"


def test_who_stands_for_it_is_sealed_and_the_ground_is_in_the_journal(
    env: HttpFixture, resident: Member
) -> None:
    register(env, resident)
    with env.engine.connect() as connection:
        sealed = repository.sealed_identity(connection, resident.id)
        assert sealed is not None
        assert b"Lemarchand" not in sealed
        opened = env.sealer.unseal_for_member(connection, resident.id, identity_field(resident.id), sealed)
        (entry,) = env.journal.entries(connection, Filter(subject=Subject("member", resident.id)), 5)
    assert ProfessionalIdentity.from_bytes(opened) == ProfessionalIdentity(
        FICTIONAL_SIRET, "Solveig", "Lemarchand"
    )
    assert (entry.act, entry.ground, entry.actor) == ("member.professional_registered", GROUND, OFFICER)
    assert "Lemarchand" not in str(entry)


def test_the_members_app_hears_of_it(env: HttpFixture, resident: Member) -> None:
    topic = f"member:{resident.id}"
    wanted = select(push_events.c.id).where(push_events.c.topic == topic)

    def heard() -> int:
        with env.engine.connect() as connection:
            return len(connection.execute(wanted.where(push_events.c.kind == "member.changed")).all())

    before = heard()
    register(env, resident)
    assert heard() == before + 1
    run_chain(env)
    assert heard() == before + 2


def test_asked_again_while_on_its_way_or_done_it_is_refused(env: HttpFixture, resident: Member) -> None:
    register(env, resident)
    with pytest.raises(errors.AlreadyProfessional):
        register(env, resident, replace(DETAILS, kind=Kind.ASSOCIATION))
    assert len(queued(env)) == 1
    run_chain(env)
    with pytest.raises(errors.AlreadyProfessional):
        register(env, resident)
    assert queued(env) == []


def test_two_officers_at_once_register_one_shop(env: HttpFixture, resident: Member) -> None:
    outcomes: list[str] = []

    def attempt(name: str) -> None:
        try:
            register(env, resident, replace(DETAILS, public_name=name))
            outcomes.append(name)
        except errors.AlreadyProfessional:
            outcomes.append("refused")

    threads = [threading.Thread(target=attempt, args=(f"Boutique {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("refused") == 5
    (name,) = (outcome for outcome in outcomes if outcome != "refused")
    assert env.members.get(resident.id).public_name == name
    assert len(queued(env)) == 1


def test_what_the_ledger_refused_may_be_asked_again(env: HttpFixture, resident: Member) -> None:
    register(env, resident)
    run_chain(env, refuse="AccessManagedUnauthorized")
    assert not env.members.is_being_registered(resident.id)
    assert "member.command_failed" in env.acts()
    register(env, resident)
    run_chain(env)
    assert env.members.get(resident.id).tier is Tier.PROFESSIONAL


def test_an_account_the_ledger_does_not_have_yet_waits(env: HttpFixture) -> None:
    member, _ = env.visitor()
    with pytest.raises(errors.MemberStateRefused):
        register(env, member)
    with pytest.raises(errors.MemberUnknown):
        env.members.register_professional("NOBODY", DETAILS, GROUND, OFFICER)
    assert [kind for kind, _ in queued(env)] == ["enrol"]


def test_a_closed_account_is_refused(env: HttpFixture, resident: Member) -> None:
    with env.engine.begin() as connection:
        connection.execute(update(members).where(members.c.id == resident.id).values(state="closed"))
    with pytest.raises(errors.MemberStateRefused):
        register(env, resident)


@pytest.mark.parametrize(
    ("field", "value", "refusal"),
    [
        ("siret", "12345678200011", errors.SiretInvalid),
        ("sector", "00", errors.SectorUnknown),
        ("commune_code", "", errors.CommuneUnknown),
        ("kind", Kind.RESIDENT, errors.ProfessionalInvalid),
        ("public_name", "", errors.ProfessionalInvalid),
        ("description", "x" * 201, errors.ProfessionalInvalid),
        ("representative_given_name", "", errors.ProfessionalInvalid),
    ],
)
def test_wrong_papers_change_nothing(
    env: HttpFixture, resident: Member, field: str, value: object, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        register(env, resident, replace(DETAILS, **{field: value}))  # type: ignore[arg-type]
    assert env.members.get(resident.id) == resident
    assert queued(env) == []


def test_no_identity_file_overtakes_a_registration(env: HttpFixture, resident: Member) -> None:
    env.identity.declare(resident.id, DECLARATION)
    run_chain(env)
    file = env.identity.latest(resident.id)
    assert file is not None
    register(env, resident)
    with pytest.raises(IdentityNotForProfessionals):
        env.identity.declare(resident.id, DECLARATION)
    with pytest.raises(errors.AlreadyProfessional), UnitOfWork(env.engine) as work:
        env.members.ask_tier(
            work.connection, resident.id, Tier.VERIFIED, expires_on_day=30_000, reason_id=file.id
        )
    assert env.identity.read_member_identity(resident.id, OFFICER.actor_id or "", GROUND) is None
    run_chain(env)
    assert env.members.get(resident.id).tier is Tier.PROFESSIONAL
