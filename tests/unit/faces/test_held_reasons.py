"""Every reason for which euros may wait has words for officers; the wallet's test reads the same list."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from wallet_service import topups
from wallet_service.faces.console.view import HELD_REASONS

TOPUPS = Path(topups.__file__).parent
#: What is called with the reason as a constant.
TAKES_A_REASON = {"_wait", "mark_held_for_good", "TopupHeld"}


def constants_in(module: ast.Module) -> Iterator[tuple[str, str]]:
    """NAME = "text", at the top of the module."""
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value.value if isinstance(node.value, ast.Constant) else None
            if isinstance(value, str):
                yield node.targets[0].id, value


def reasons_in(sources: Iterable[str]) -> set[str]:
    """The codes that these modules may hold a top-up for."""
    modules = [ast.parse(source) for source in sources]
    constants = dict(pair for module in modules for pair in constants_in(module))
    found = set()
    for node in (node for module in modules for node in ast.walk(module)):
        values: list[ast.expr | None] = []
        if isinstance(node, ast.FunctionDef) and node.name == "hold_reason":
            values = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values = [node.value] if node.targets[0].id == "reason" else []
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in TAKES_A_REASON:
            values = [each for each in node.args if isinstance(each, ast.Name)]
        for each in (each for value in values if value is not None for each in ast.walk(value)):
            if isinstance(each, ast.Name):
                found.add(constants.get(each.id, ""))
            elif isinstance(each, ast.Constant) and isinstance(each.value, str):
                found.add(each.value)
    return {code for code in found if code and not code.endswith(".")}  # "ledger.": the chain's name follows


def test_every_reason_of_the_code_has_words() -> None:
    found = reasons_in(path.read_text("utf-8") for path in TOPUPS.glob("*.py"))
    assert {"holding_limit", "ledger_unexplained", "ledger_unavailable"} <= found
    assert found - HELD_REASONS.keys() == set()


def test_a_reason_without_words_would_be_seen() -> None:
    elsewhere = 'NEW = "new_reason"'
    source = 'def decide():\n    reason = NEW\n    reason = "other" if x else reason\n'
    assert reasons_in([elsewhere, source]) == {"new_reason", "other"}
