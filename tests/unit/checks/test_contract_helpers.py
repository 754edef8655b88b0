"""What scripts take from the contract tests is there; mypy, which sees no package there, cannot tell."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HELPERS = ROOT / "tests" / "contracts"


def names_of(path: Path) -> set[str]:
    """What a module defines at its top level."""
    found: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {
                name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)
            }
    return found


def missing(source: str, helpers: dict[str, set[str]]) -> Iterator[str]:
    """Each name the source imports from a helper that does not define it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module in helpers:
            yield from (
                f"{node.module}.{alias.name}"
                for alias in node.names
                if alias.name not in helpers[node.module]
            )


def test_what_scripts_take_from_the_contract_tests_is_there() -> None:
    helpers = {path.stem: names_of(path) for path in HELPERS.glob("*.py")}
    lacking = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "scripts").rglob("*.py")
        for name in missing(path.read_text("utf-8"), helpers)
    }
    assert lacking == set()


def test_a_name_that_moved_would_be_seen() -> None:
    source = "from ledger_fixture import deploy, wait\nfrom elsewhere import anything"
    assert list(missing(source, {"ledger_fixture": {"deploy"}})) == ["ledger_fixture.wait"]
