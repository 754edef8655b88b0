"""A credit too large for one issuer, on the real ledger: proposed, then approved or withdrawn by a second."""

from __future__ import annotations

from typing import Any, cast

import pytest
from sqlalchemy import Engine, insert, update

from tests.support.chain_world import Person, World
from tests.support.node import ChainUnderTest
from wallet_service.accounts.rules import KnownRules
from wallet_service.chain.ports import ChainReader
from wallet_service.database.tables.bank import bank_entries, bank_statements, topups
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.tables.members import members
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import Journal
from wallet_service.platform.push import Push
from wallet_service.topups.errors import SameOfficerGave, TopupNotProposed
from wallet_service.topups.large_credits import WAITS_FOR_SECOND, WITHDRAWN
from wallet_service.topups.repository import Topup
from wallet_service.topups.service import Given, ReserveAccount, TopupService

pytestmark = pytest.mark.chain

THRESHOLD_CENTS = 100_000_00
WORD = "0x" + "11" * 32


class Bank:
    """Credits that arrive, and the service that makes units of them."""

    def __init__(self, world: World) -> None:
        self.world, self.engine = world, world.engine
        self.shop: Person = world.merchant()
        self.member_id = "M" * 26
        with self.engine.begin() as connection:
            connection.execute(
                insert(members).values(
                    id=self.member_id,
                    kind="merchant",
                    tier="professional",
                    state="active",
                    account_address=self.shop.address,
                    language="fr",
                    created_at_unix_ms=1,
                )
            )
            connection.execute(insert(bank_statements).values(**_statement()))
        account = ReserveAccount("FR76", "ALBAFR2XXXX", "Association")
        rules = KnownRules(cast(ChainReader, world.chain.reader()))
        rules.refresh()
        push, journal = Push(self.engine, world.clock), Journal(world.clock)
        self.topups = TopupService(self.engine, world.clock, world.commands, rules, push, journal, account)
        self.topups.register(world.registry)
        world.attest(10 * THRESHOLD_CENTS)
        world.run_until_idle()

    def arrives(self, amount_cents: int, given_by: str | None = None) -> str:
        """A credit for the shop; its top-up."""
        with UnitOfWork(self.engine) as work:
            work.connection.execute(
                insert(bank_entries).values(
                    id="E1",
                    bank_statement_id="S1",
                    servicer_reference="BQ1",
                    confirmed_statement_id="S1",
                    entry_key="key-1",
                    direction="CRDT",
                    amount_cents=amount_cents,
                    booked_on="2026-06-01",
                    state="topup",
                )
            )
            limits = self.topups.load_limits()
            given = Given(given_by) if given_by else None
            topup_id = self.topups.credit(
                work, ("E1", "key-1"), self.member_id, amount_cents, limits, given=given
            )
        self.world.run_until_idle()
        return topup_id

    def topup(self) -> Topup:
        (found,) = self.topups.list_of_member(self.member_id)
        return found

    def commands(self) -> list[tuple[str, str, str]]:
        """Kind, role and state, as they were queued."""
        with self.engine.connect() as connection:
            rows = connection.execute(chain_commands.select().order_by(chain_commands.c.id))
            return [
                (row.kind, row.role, row.state) for row in rows if row.kind not in ("enrol", "attestReserve")
            ]

    def units(self) -> int:
        return self.world.on_chain(self.shop.address)


def _statement() -> dict[str, Any]:
    return {
        "id": "S1",
        "file_sha256": "0" * 64,
        "file_name": "releve.xml",
        "message_id": "M1",
        "statement_id": "R1",
        "iban": "FR76",
        "opening_cents": 0,
        "closing_cents": 0,
        "entries_count": 1,
        "content_hash": WORD,
        "as_of_unix_s": 1,
        "received_at_unix_ms": 1,
    }


@pytest.fixture
def bank(sqlite_engine: Engine, chain: ChainUnderTest) -> Bank:
    return Bank(World(sqlite_engine, chain))


def test_below_the_ledgers_threshold_one_issuer_mints(bank: Bank) -> None:
    bank.arrives(THRESHOLD_CENTS - 1)
    assert bank.commands() == [("mint", "ISSUER", "done")]
    assert bank.units() == THRESHOLD_CENTS - 1


def test_from_the_threshold_on_it_is_proposed_and_a_second_issuer_mints_it(bank: Bank) -> None:
    topup_id = bank.arrives(THRESHOLD_CENTS)
    assert bank.commands() == [("mint", "ISSUER", "failed"), ("proposeMint", "ISSUER", "done")]
    (proposed,) = bank.topups.large.list_proposed()
    assert (proposed.id, proposed.held_reason, proposed.given_by) == (topup_id, WAITS_FOR_SECOND, None)
    assert bank.units() == 0
    bank.topups.large.approve(topup_id, "O2")
    with pytest.raises(TopupNotProposed):
        bank.topups.large.approve(topup_id, "O3")
    bank.world.run_until_idle()
    assert bank.commands()[-1] == ("approveMint", "SECOND_ISSUER", "done")
    assert (bank.topup().state, bank.units()) == ("credited", THRESHOLD_CENTS)
    assert bank.topups.large.list_proposed() == []
    with pytest.raises(TopupNotProposed):
        bank.topups.large.withdraw(topup_id, "O2", "trop tard")


def test_who_gave_the_credit_to_its_member_is_not_the_second_issuer(bank: Bank) -> None:
    topup_id = bank.arrives(THRESHOLD_CENTS, given_by="O1")
    with pytest.raises(SameOfficerGave):
        bank.topups.large.approve(topup_id, "O1")
    bank.topups.large.approve(topup_id, "O2")
    bank.world.run_until_idle()
    assert bank.units() == THRESHOLD_CENTS


def test_a_withdrawn_proposal_is_minted_by_nobody_and_the_euros_can_go_back(bank: Bank) -> None:
    topup_id = bank.arrives(THRESHOLD_CENTS)
    bank.topups.large.withdraw(topup_id, "O2", "l’expéditeur s’est trompé")
    bank.world.run_until_idle()
    assert bank.commands()[-1] == ("withdrawMint", "ISSUER", "done")
    assert (bank.topup().state, bank.topup().held_reason) == ("held", WITHDRAWN)
    bank.world.attest(20 * THRESHOLD_CENTS)  # what is held is looked at again; this one is not
    bank.world.run_until_idle()
    assert bank.topups.retry_due() == 0
    with pytest.raises(TopupNotProposed):
        bank.topups.large.approve(topup_id, "O2")
    bank.topups.return_held(topup_id, "O2", "rendu à la banque")
    assert (bank.topup().state, bank.units()) == ("returned", 0)


def test_what_the_ledger_refuses_to_approve_waits_again_with_its_reason(bank: Bank) -> None:
    topup_id = bank.arrives(THRESHOLD_CENTS)
    bank.world.queue("stop", [2], "PAUSER")
    bank.world.run_until_idle()
    bank.topups.large.approve(topup_id, "O2")
    bank.world.run_until_idle()
    (proposed,) = bank.topups.large.list_proposed()
    assert proposed.held_reason == "ledger.IssuingStopped"
    bank.world.queue("resume", [2], "GOVERNOR")
    bank.world.run_until_idle()
    bank.topups.large.approve(topup_id, "O2")
    bank.world.run_until_idle()
    assert bank.units() == THRESHOLD_CENTS


def test_a_proposal_whose_day_is_over_is_made_again(bank: Bank) -> None:
    topup_id = bank.arrives(THRESHOLD_CENTS)
    assert not bank.topups.has_due()
    with bank.engine.begin() as connection:
        connection.execute(update(topups).values(retry_at_unix_ms=1))
    assert bank.topups.has_due()
    assert bank.topups.retry_due() == 1
    bank.world.run_until_idle()
    # The ledger still has the first one, which this clock thought over: it is the same proposal.
    assert [state for kind, _, state in bank.commands() if kind == "proposeMint"] == ["done", "failed"]
    assert [one.id for one in bank.topups.large.list_proposed()] == [topup_id]
    bank.topups.large.approve(topup_id, "O2")
    bank.world.run_until_idle()
    assert bank.units() == THRESHOLD_CENTS
