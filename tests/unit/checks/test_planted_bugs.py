"""Every planted bug fits the contracts as they stand, and its tests are there.

`make mutants` says so too, after hours.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.analysis import mutants
from scripts.analysis.mutants import ROOT, Fault, Mutant, apply, read_mutants


@pytest.mark.parametrize("mutant", read_mutants(), ids=lambda mutant: mutant.name)
def test_a_planted_bug_applies_and_names_tests_that_exist(mutant: Mutant) -> None:
    apply(mutant, ROOT, check_only=True)
    for test in mutant.tests:
        file, _, name = test.partition("::")
        name = name.partition("[")[0]
        assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8"), test


def test_one_that_fits_no_more_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a-bug.patch").write_text(
        "about: x\ntests: x\n\n--- a/Makefile\n+++ b/Makefile\n@@ -1 +1 @@\n-never was a line\n+nor this\n"
    )
    monkeypatch.setattr(mutants, "PATCHES", tmp_path)
    (stale,) = read_mutants()
    with pytest.raises(Fault, match="no longer applies"):
        apply(stale, ROOT, check_only=True)
