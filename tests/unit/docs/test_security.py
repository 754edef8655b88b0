"""docs/security.md is true to the tree: every test it names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAPER = ROOT / "docs" / "security.md"
CLAIM = re.compile(r"^\| .+ \| `(tests/\S+\.py)::(\w+)` \|$", flags=re.MULTILINE)
LEAST_CLAIMS = 25


def test_every_claim_has_a_test_that_exists() -> None:
    claims = CLAIM.findall(PAPER.read_text("utf-8"))
    assert len(claims) >= LEAST_CLAIMS
    lost = [(path, name) for path, name in claims if f"def {name}(" not in (ROOT / path).read_text("utf-8")]
    assert lost == []
