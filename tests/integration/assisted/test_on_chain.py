"""An account opened at a desk, on the real ledger: it is paid, it spends nothing, a phone takes it over."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.support.assisted_side import DECLARED, filled
from tests.support.cleaning import clean_here
from tests.support.recovery_side import GROUND, NewPhone, RecoverySide
from wallet_service.assisted import errors
from wallet_service.assisted.service import AssistedDesk
from wallet_service.database.unit_of_work import reading
from wallet_service.identity.service import IdentityService
from wallet_service.protocol.signing.addresses import keyless_address
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.recoveries.errors import RecoveryCodeRefused
from wallet_service.recoveries.models import RecoveryWay

pytestmark = pytest.mark.chain


def desk_of(side: RecoverySide) -> AssistedDesk:
    world = side.world
    return AssistedDesk(
        world.engine,
        world.clock,
        side.push,
        side.journal,
        side.sealer,
        world.commands,
        side.recoveries.codes,
        IdentityService(
            world.engine, world.clock, side.push, side.sealer, side.journal, side.members, clean_here
        ),
    )


def test_it_is_paid_without_a_key_and_a_phone_takes_it_with_the_code_and_two_officers(
    everywhere: RecoverySide,
) -> None:
    side, desk = everywhere, desk_of(everywhere)
    card = desk.open(filled(), "O1")
    side.world.run_until_idle()
    member = side.members.get(card.member_id)
    account = desk.required(card.member_id)
    assert (member.state, member.tier, card.short_name) == ("active", "declared", "Odette E.")
    assert account.origin is not None
    assert member.account_address == keyless_address(bytes.fromhex(account.origin[2:]))
    assert side.device_states(member) == {}
    side.fund(member, 48_80)
    assert side.world.on_chain(member.account_address) == 48_80

    # A second card: the code of the first opens nothing.
    again = desk.new_card(card.member_id, filled().papers, "Carte perdue", "O1")
    phone = NewPhone()
    with pytest.raises(RecoveryCodeRefused):
        side.recoveries.phones.ask_with_code(phone.request(), card.code)
    side.recoveries.phones.ask_with_code(phone.request(), again.code.lower().replace("-", " "))
    asked = side.open_one(member)
    assert (asked.way, asked.state) == (RecoveryWay.CODE, "asked")  # the code alone gives nobody the account

    # No key is left that could object: two officers sign, whatever it holds.
    assert side.recoveries.desk.case(asked.id).takes_two
    assert not side.recoveries.desk.propose(asked.id, GROUND, "O1")
    side.world.run_until_idle()
    assert side.progress(phone).state == "asked"
    (waiting,) = side.oversight.approvals.pending()
    side.oversight.approvals.approve(waiting.id, "O2", ("govern",))
    side.world.run_until_idle()
    side.execute_when_due()
    assert side.progress(phone).state == "executed"
    assert side.device_states(member) == {phone.address: "active"}
    assert side.world.on_chain(member.account_address) == 48_80
    assert not side.is_frozen(member)

    # From here on it is an account like any other: the desk prints nothing more of it.
    assert not desk.among([member.id])
    with pytest.raises(errors.NotAssisted):
        desk.new_card(member.id, filled().papers, "Carte perdue", "O1")
    with pytest.raises(errors.NotAssisted):
        desk.note_statement(member.id, "2026-11", "Demandé au guichet", "O1")


def test_a_form_sent_twice_opens_one_account_and_nothing_readable_is_kept(everywhere: RecoverySide) -> None:
    side, desk, member_id = everywhere, desk_of(everywhere), new_id()
    card = desk.open(filled(member_id), "O1")
    with pytest.raises(errors.FormUsed):
        desk.open(filled(member_id), "O1")
    with reading(side.world.engine) as connection:
        tables = ("members", "assisted_accounts", "identity_files", "recovery_codes", "journal")
        kept = {table: connection.execute(text(f"SELECT * FROM {table}")).all() for table in tables}
    assert [len(kept[table]) for table in tables[:4]] == [1, 1, 1, 1]
    written = repr(kept).upper()
    for told in (DECLARED.given_name, DECLARED.family_name, DECLARED.birth_date, "X41Z", "0235000000"):
        assert told.upper() not in written, told
    assert card.code not in written
    assert card.code.replace("-", "") not in written
