"""Pages of docs/ that are written by a script: bringing them up to date, or saying that they are not."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
OUT_OF_DATE = 1
CHECK = "--check"


def bring(page: Path, text: str, arguments: Sequence[str], command: str) -> int:
    """Write `text` to `page`, or with --check only compare. The exit code of the command."""
    if list(arguments) not in ([], [CHECK]):
        print(f"usage: {command} [{CHECK}]", file=sys.stderr)
        return 2
    if CHECK not in arguments:
        page.write_text(text, encoding="utf-8")
        return 0
    if page.is_file() and page.read_text(encoding="utf-8") == text:
        return 0
    print(f"{page.relative_to(ROOT)} is out of date; run: {command}", file=sys.stderr)
    return OUT_OF_DATE


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a bar inside a cell is escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
