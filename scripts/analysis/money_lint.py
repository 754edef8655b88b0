"""No float touches money: a lint rule of our own. Owns what counts as money and as a float; changes nothing.

Money is a name, attribute, key or argument that ends in `_cents`. Refused beside it, in one expression: true
division, a float literal, `float()` and `round()` with digits; and an annotation `float` on such a name. What
only shows money (a share, an axis of a chart) divides whole numbers first, or carries `# no money: why`.

Usage: python -m scripts.analysis.money_lint [FILE ...]    prints each place, exit 1 if there is any
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.analysis.source_tree import parsed

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("wallet_service", "merchant_pos", "scripts")
ENDING = "_cents"
PARDON = "# no money:"
FLOAT_MAKERS = {"float"}


def money_names(node: ast.AST) -> set[str]:
    """Names of money anywhere below `node`."""
    found = set()
    for part in ast.walk(node):
        name = (
            part.id
            if isinstance(part, ast.Name)
            else part.attr
            if isinstance(part, ast.Attribute)
            else part.value
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
            else ""
        )
        if name.endswith(ENDING):
            found.add(name)
    return found


def faults(source: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) for every place where a float touches money; nothing else is judged."""
    pardoned = {number for number, line in enumerate(source.splitlines(), 1) if PARDON in line}
    for node in ast.walk(parsed(source)):
        line = getattr(node, "lineno", 0)
        if line in pardoned:
            continue
        if isinstance(node, ast.BinOp):
            names = money_names(node.left) | money_names(node.right)
            if names and isinstance(node.op, ast.Div):
                yield line, f"{min(names)} is divided with /: whole cents need //"
            elif names and any(_is_float(side) for side in (node.left, node.right)):
                yield line, f"{min(names)} meets a float literal"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            names = set().union(*(money_names(argument) for argument in node.args)) if node.args else set()
            if names and (node.func.id in FLOAT_MAKERS or (node.func.id == "round" and len(node.args) > 1)):
                yield line, f"{min(names)} goes through {node.func.id}()"
        elif isinstance(node, ast.AnnAssign | ast.arg):
            target = node.arg if isinstance(node, ast.arg) else getattr(node.target, "id", "")
            if target.endswith(ENDING) and node.annotation is not None and _says_float(node.annotation):
                yield line, f"{target} is annotated float"


def _is_float(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def _says_float(annotation: ast.AST) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "float" for part in ast.walk(annotation))


def main(arguments: list[str]) -> int:
    named = [Path(argument) for argument in arguments]
    files = named or [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    count = 0
    for path in files:
        for line, fault in faults(path.read_text("utf-8")):
            print(f"{path}:{line}: {fault}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
