"""No code of the bank's side reaches an officer without its words, in both languages."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from wallet_service import bank
from wallet_service.bank.reported import References, ReportKind
from wallet_service.bank.statement import Reason
from wallet_service.database.tables.bank import CONTINUITIES, ENTRY_STATES, STATEMENT_STATES
from wallet_service.faces.console import bank_words
from wallet_service.faces.shell.i18n import catalogue
from wallet_service.protocol.refusal import Refusal
from wallet_service.treasury.models import UNTOLD_REASONS

BANK = Path(bank.__path__[0])


def refusal_codes(root: type[Refusal] = Refusal) -> set[str]:
    below = root.__subclasses__()
    return {each.code for each in below if hasattr(each, "code")}.union(*map(refusal_codes, below))


def codes_of_movements_and_files() -> set[str]:
    """Oddities and warnings: what bank/ says by a code that is no refusal's, and no line of the log."""
    said = {
        code
        for path in BANK.rglob("*.py")
        for code in re.findall(r'(?<!error\()(?<!warning\()"(bank\.[a-z0-9_]+)"', path.read_text("utf-8"))
    }
    for module in pkgutil.walk_packages(bank.__path__, "wallet_service.bank."):
        importlib.import_module(module.name)  # its refusals are known from then on
    return said - refusal_codes()


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (bank_words.REASON_WORDS, {*get_args(Reason), *UNTOLD_REASONS.values()}),
        (bank_words.ENTRY_STATE_WORDS, set(ENTRY_STATES)),
        (bank_words.CONTINUITY_WORDS, set(CONTINUITIES)),
        (bank_words.STATEMENT_STATE_WORDS, set(STATEMENT_STATES)),
        (bank_words.KIND_WORDS, set(get_args(ReportKind))),
        (bank_words.REFERENCE_WORDS, {field.name for field in fields(References)}),
    ],
)
def test_every_code_has_its_words(words: dict[str, str], codes: set[str]) -> None:
    assert codes - words.keys() == set()


def test_every_oddity_and_warning_has_its_words() -> None:
    assert codes_of_movements_and_files() - bank_words.BANK_CODE_WORDS.keys() == set()


def test_words_are_shown_in_the_readers_language() -> None:
    assert bank_words.reason_word("lookalike", catalogue("fr")).startswith("un mouvement tout pareil")
    assert bank_words.reason_word("lookalike", catalogue("en")).startswith("a movement just like it")
    assert bank_words.reason_word("bank.entry_date", catalogue("en")) == "the date cannot be read"
    assert bank_words.reason_word("bank.schema_invalid:Ustrd", catalogue("en")).endswith(" (Ustrd)")
    assert bank_words.reason_word("bank.of_tomorrow", catalogue("en")) == "bank.of_tomorrow"
    assert bank_words.reference_word("mandate", catalogue("en")) == "Mandate"
    assert bank_words.entry_state_word("refined", catalogue("en")).startswith("a sum, replaced")
