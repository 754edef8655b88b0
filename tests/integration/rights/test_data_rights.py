"""What is held of a person goes to that person, whole and opened; and is nowhere once they are forgotten."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import Engine, insert, select

from tests.support.web import HttpFixture, build_http_fixture
from wallet_service.database.tables.bank import redemptions
from wallet_service.database.tables.base import metadata
from wallet_service.database.tables.members import devices
from wallet_service.history import printing
from wallet_service.history.printing import Issuing
from wallet_service.identity.states import Declaration
from wallet_service.members.errors import MemberUnknown
from wallet_service.members.repository import Member
from wallet_service.notices.models import Recipient
from wallet_service.oversight.models import FreezeOrder
from wallet_service.platform.journal import Actor
from wallet_service.platform.sandbox.errors import WorkOneAtATime
from wallet_service.platform.sandbox.pool import Sandbox
from wallet_service.rights.decisions import KEPT_AFTER_CLOSING_DAYS
from wallet_service.rights.erasure import ErasureService, Holders
from wallet_service.rights.service import EXPORTED_ACT, UNREADABLE, DataRights
from wallet_service.security.sealing import PersonErased, SealedField
from wallet_service.security.sessions import OpenedWith

ISSUING = Issuing("l’alba", "albas", "Association fictive", True)
GROUND = "canari-motif: soupçon à vérifier"
DAY_MS = 86_400_000
DECLARED = Declaration("Canariane", "Canardeau", "1961-11-09", "9 venelle des Canaris", "76190", "Yvetot")
#: What a person told us or we learned of them, each a word that stands nowhere else.
CANARIES = {
    "given name": "Canariane",
    "family name": "Canardeau",
    "birth date": "1961-11-09",
    "street": "9 venelle des Canaris",
    "mail": "canari@exemple.test",
    "push address": "https://push.exemple.test/canari-1",
    "second push address": "https://push.exemple.test/canari-2",
    "phone's name": "Canariphone",
    "browser": "Canarizilla",
    "iban": "FR7630006000011234567890189",
    "holder": "Mme Canardeau C",
    "second holder": "Canardeau et fils",
}
#: Known before the account is closed, by what opens it: these stand in columns, in clear.
IN_CLEAR = {"phone's name", "browser"}
SECRETS = ("token_hash", "csrf_token", "code_hash", "wrapped_key", "ground_salt", "sealed_secret")


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


@pytest.fixture
def rights(env: HttpFixture) -> Iterator[DataRights]:
    sandbox = Sandbox("papers", printing.BOUNDS)
    yield DataRights(env.engine, env.clock, env.sealer, env.journal, sandbox)
    sandbox.stop()


@pytest.fixture
def erasure(env: HttpFixture) -> ErasureService:
    holders = Holders(env.sealer, env.sessions, env.passkeys, env.tills, lambda: True)
    return ErasureService(env.engine, env.clock, env.push, env.journal, holders)


@pytest.fixture
def person(env: HttpFixture) -> Member:
    """Somebody of whom every canary is held."""
    member, _ = env.visitor()
    env.identity.declare(member.id, DECLARED)
    picture = io.BytesIO()
    Image.new("RGB", (64, 40), (200, 30, 90)).save(picture, "JPEG")
    env.identity.add_document(member.id, picture.getvalue())
    env.identity.submit(member.id)
    env.apply_commands()
    env.notices.ask_mail(Recipient("member", member.id), CANARIES["mail"], "fr")
    for name in ("push address", "second push address"):
        env.notices.subscribe(Recipient("member", member.id), CANARIES[name])
    opened_with = OpenedWith(member.account_address, CANARIES["browser"])
    env.sessions.open_now("member", member.id, "device", opened_with)
    env.standing_orders.declare(member.id, 10_00, 5)
    with env.engine.begin() as connection:
        connection.execute(devices.update().values(label=CANARIES["phone's name"]))
        for number, holder in enumerate(("holder", "second holder")):
            ref = f"0x{number:064x}"
            sealed = {
                column: env.sealer.seal_for_member(
                    connection, member.id, SealedField("redemptions", column, ref), CANARIES[name].encode()
                )
                for column, name in (("sealed_iban", "iban"), ("sealed_holder", holder))
            }
            connection.execute(
                insert(redemptions).values(
                    ref=ref,
                    member_id=member.id,
                    amount_cents=100,
                    fee_cents=0,
                    payee_hash=ref,
                    nonce=str(number),
                    valid_before_unix_s=1,
                    signature=b"",
                    state="paid",
                    end_to_end_id=f"E{number}",
                    requested_at_unix_ms=1,
                    **sealed,
                )
            )
    return env.members.get(member.id)


def everything_stored(engine: Engine) -> bytes:
    """Every row, and on SQLite the files themselves with what lies freed in them."""
    with engine.connect() as connection:
        rows = [tuple(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    found = repr(rows).encode() + b"".join(v for row in rows for v in row if isinstance(v, bytes))
    if engine.dialect.name == "sqlite":
        base = Path(str(engine.url.database))
        found += b"".join(path.read_bytes() for path in base.parent.glob(f"{base.name}*"))
    return found


def found_in(content: bytes) -> set[str]:
    return {name for name, canary in CANARIES.items() if canary.encode() in content}


def test_every_canary_goes_to_its_person_and_to_nobody_else(
    env: HttpFixture, rights: DataRights, person: Member
) -> None:
    other, _ = env.visitor()
    paper = rights.as_json(person.id)
    assert found_in(paper.content) == CANARIES.keys()
    read = json.loads(paper.content)
    assert read["member_id"] == person.id
    assert {one["count"] for one in read["sections"] if one["table"] == "identity_documents"} == {1}
    (document,) = next(one["rows"] for one in read["sections"] if one["table"] == "identity_documents")
    assert document["sealed_content"].startswith("/9j/")  # the picture itself, a JPEG
    others = rights.as_json(other.id).content.decode()
    assert found_in(others.encode()) == set()
    assert person.id not in others
    assert person.account_address not in others
    assert not [secret for secret in SECRETS if f'"{secret}"' in paper.content.decode()]
    assert env.acts()[-2:] == [EXPORTED_ACT, EXPORTED_ACT]


def test_what_an_officer_wrote_of_a_case_is_not_given(
    env: HttpFixture, rights: DataRights, person: Member
) -> None:
    until_unix_s = env.clock.now_unix_s() + 86_400
    env.oversight.freezes.freeze(FreezeOrder(person.id, True, True, GROUND, until_unix_s), "OFFICER1")
    content = rights.as_json(person.id).content.decode()
    assert '"table": "freezes"' in content
    assert GROUND not in content
    assert "OFFICER1" not in content


def test_the_paper_says_why_and_until_when(rights: DataRights, person: Member) -> None:
    paper = rights.as_pdf(person.id, ISSUING, "fr")
    document = pypdfium2.PdfDocument(paper.content)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    for said in ("Mes données", "Canardeau", "Pourquoi", "Jusqu’à quand", "CNIL", "1,00"):
        assert said in text.replace("\r\n", " "), said


def test_a_row_that_does_not_open_keeps_nobody_from_the_rest(
    env: HttpFixture, rights: DataRights, person: Member
) -> None:
    with env.engine.begin() as connection:
        connection.execute(redemptions.update().values(sealed_holder=b"\x01" * 40))
    content = rights.as_json(person.id).content
    assert UNREADABLE.encode() in content
    assert found_in(content) == CANARIES.keys() - {"holder", "second holder"}


def test_one_export_at_a_time(rights: DataRights, person: Member) -> None:
    with rights._sandbox.slot(person.id), pytest.raises(WorkOneAtATime):
        rights.as_json(person.id)


def test_nobody_is_told_of_one_we_do_not_know(rights: DataRights) -> None:
    with pytest.raises(MemberUnknown):
        rights.summary("UNKNOWN")


def test_no_canary_is_anywhere_once_a_person_is_forgotten(
    env: HttpFixture, rights: DataRights, erasure: ErasureService, person: Member
) -> None:
    assert found_in(everything_stored(env.engine)) == IN_CLEAR
    for one in erasure.standing(person.id).open_matters:
        assert one == "ledger"
    erasure.close(person.id, "demandé par le membre", Actor("member", person.id))
    env.clock.advance_ms(KEPT_AFTER_CLOSING_DAYS * DAY_MS)
    assert erasure.run_once() == 1
    assert found_in(everything_stored(env.engine)) == set()
    with pytest.raises(PersonErased):
        rights.as_json(person.id)
