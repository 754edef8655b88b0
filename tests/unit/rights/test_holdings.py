"""Every table is placed: given to its person, or argued not to be about one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wallet_service.database.tables import metadata
from wallet_service.rights import messages
from wallet_service.rights.holdings_repository import HOLDINGS

#: Tables without a row about one person, and why.
NOT_ABOUT_A_PERSON: Mapping[str, str] = {
    **dict.fromkeys(("chain_transactions", "cursors", "leases", "open_guards"), "the service's own"),
    **dict.fromkeys(("officers", "officer_codes"), "who works here"),
    "person_keys": "the key that seals them: a secret",
    "payee_secrets": "what their payee hashes are keyed with: a secret",
    "challenges": "random numbers, for minutes",
    "push_events": "copies of what stands elsewhere, for days",
    "till_nonces": "random numbers of tills, for minutes",
    "bank_statements": "our own account's",
    "payout_files": "of all who are paid out in it; their lines are given",
    "unplaced_answers": "of transfers we do not know",
    "attestations": "of the reserve",
    "approvals": "officers' acts",
    "published_days": "of nobody: sums of many",
    "audit_findings": "of the books",
    "quarantined_rows": "of rows nobody can read",
    "chain_commands": "the service's own; what came of them is on the ledger",
    "chain_events": "the public ledger, whose postings are given",
    "blocks": "the public ledger",
}
#: What opens something, or tells what does: never given.
SECRET = re.compile(r"token|csrf|code_hash|salt|wrapped|secret")
#: Who works here, and what they wrote of somebody's case.
OF_OFFICERS = re.compile(
    r"^(ground|seen_by|withheld_by|decided_by|asked_by|lifted_by|accepted_by|given_by|resolved_by|actor_id)$"
)


def test_every_table_is_given_or_argued_for() -> None:
    held = {holding.table.name for holding in HOLDINGS}
    assert held | NOT_ABOUT_A_PERSON.keys() == set(metadata.tables)
    assert not held & NOT_ABOUT_A_PERSON.keys()


def test_a_table_with_a_member_is_not_forgotten() -> None:
    named = {
        name
        for name, table in metadata.tables.items()
        if {"member_id", "payer_member_id", "recipient_id"} & set(table.c.keys())
    }
    held = {holding.table.name for holding in HOLDINGS}
    assert named - held == {"person_keys", "payee_secrets"}


def test_no_secret_and_no_officer_is_given() -> None:
    given = {
        f"{holding.table.name}.{column.name}"
        for holding in HOLDINGS
        for column in holding.table.c
        if column.name not in holding.left_out
        and (SECRET.search(column.name) or OF_OFFICERS.match(column.name))
    }
    assert given == set()


def test_what_is_left_out_is_there() -> None:
    for holding in HOLDINGS:
        names = set(holding.table.c.keys())
        assert holding.left_out | holding.sealed.keys() | holding.sealed_by_service.keys() <= names


def test_every_sealed_column_has_its_key() -> None:
    for holding in HOLDINGS:
        sealed = {name for name in set(holding.table.c.keys()) if name.startswith("sealed_")}
        assert sealed == holding.sealed.keys() | holding.sealed_by_service.keys(), holding.table.name


def test_every_section_has_words_in_both_languages() -> None:
    sections = {holding.section for holding in HOLDINGS}
    assert sections == messages.FRENCH.keys() == messages.ENGLISH.keys()
    for language in ("fr", "en"):
        for words in messages.sections_in(language).values():
            assert all((words.title, words.purpose, words.kept))
