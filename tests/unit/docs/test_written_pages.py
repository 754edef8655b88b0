"""The pages of docs/ that scripts write are up to date; codes and decisions have one meaning each."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from scripts.docs import accessibility, api_types, errors, openapi, payment_path, settings
from scripts.docs.written import CHECK, DOCS, OUT_OF_DATE, ROOT, bring, table
from wallet_service.chain.ledger.skip_reasons import ERROR_SIGNATURES
from wallet_service.faces.console.view import HELD_REASONS

DECISIONS = DOCS / "decisions"
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")


def test_the_list_of_refusals_is_up_to_date() -> None:
    assert bring(errors.PAGE, errors.page(), [CHECK], errors.COMMAND) == 0


def test_the_list_of_settings_is_up_to_date() -> None:
    assert bring(settings.PAGE, settings.page(), [CHECK], settings.COMMAND) == 0


def test_the_drawings_of_states_are_up_to_date() -> None:
    assert bring(payment_path.PAGE, payment_path.page(), [CHECK], payment_path.COMMAND) == 0


def test_the_descriptions_of_both_apis_are_up_to_date() -> None:
    assert openapi.main([CHECK]) == 0


def test_the_types_javascript_is_checked_with_are_up_to_date() -> None:
    assert api_types.main([CHECK]) == 0


def test_the_declaration_of_accessibility_is_up_to_date() -> None:
    assert accessibility.main([CHECK]) == 0


def test_the_declaration_says_what_fails_and_counts_what_applies(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = accessibility.declared(accessibility.hand_table(), accessibility.looks_kept())
    assert shown["applicable"] + shown["not_applicable"] == accessibility.CRITERIA_COUNT
    assert shown["met"] + len(shown["failings"]) == shown["applicable"]
    assert shown["violations"] == 0
    read = tomllib.loads(accessibility.HAND.read_text("utf-8"))
    failing = next(each for each in read["criteria"] if each["state"] == "partly")
    del failing["french"]
    monkeypatch.setattr(tomllib, "loads", lambda _text: read)
    with pytest.raises(SystemExit, match="does not say what fails"):
        accessibility.hand_table()


def test_a_changed_page_is_noticed_and_written_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scripts.docs.written.ROOT", tmp_path)
    page = tmp_path / "page.md"
    assert bring(page, "new", [CHECK], "write it") == OUT_OF_DATE
    assert bring(page, "new", [], "write it") == 0
    assert bring(page, "new", [CHECK], "write it") == 0
    assert bring(page, "newer", [CHECK], "write it") == OUT_OF_DATE
    assert bring(page, "newer", ["--chek"], "write it") == 2
    assert "page.md is out of date; run: write it" in capsys.readouterr().err


def test_a_bar_in_a_cell_does_not_split_it() -> None:
    assert table(("a",), [("one|two",)]).splitlines()[-1] == r"| one\|two |"


def test_every_code_belongs_to_one_refusal() -> None:
    uses = Counter(one.code for one in errors.refusals())
    assert [code for code, count in uses.items() if count > 1] == []
    assert len(uses) > 150


@pytest.mark.parametrize("refusal", errors.refusals(), ids=lambda one: one.code)
def test_a_refusal_has_a_dotted_code_a_status_and_two_sentences_with_the_same_values(
    refusal: errors.ListedRefusal,
) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*(\.[a-z0-9]+(_[a-z0-9]+)*)+", refusal.code)
    assert 400 <= refusal.status < 600
    places = [set(re.findall(r"\{(\w+)\}", text)) for text in (refusal.french, refusal.english)]
    assert places[0] == places[1]
    assert refusal.french != refusal.english
    for sentence in (refusal.french, refusal.english):
        assert sentence[0].isupper() or sentence[0] == "{"
        assert sentence.rstrip()[-1] in ".!?}"


def test_every_error_of_the_ledger_that_people_meet_is_in_the_interface() -> None:
    signatures = {one.signature() for one in errors.ledger_errors()}
    assert set(ERROR_SIGNATURES) <= signatures
    held = {reason.removeprefix("ledger.") for reason in HELD_REASONS if reason.startswith("ledger.")}
    assert held <= {one.name for one in errors.ledger_errors()}


def test_decisions_are_numbered_without_gap_and_say_context_decision_consequences() -> None:
    pages = sorted(DECISIONS.glob("[0-9]*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04d}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:4]} "), page.name
        marks = [text.find(f"**{mark}.**") for mark in ("Context", "Decision", "Consequences")]
        assert -1 not in marks, page.name
        assert marks == sorted(marks), page.name


def test_the_index_of_decisions_lists_every_page_under_its_own_title() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| \[(\d{4})\]\(([\w-]+\.md)\) \| (.+) \|$", index, re.MULTILINE))
    assert listed == {
        (page.name[:4], page.name, page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")[5:])
        for page in DECISIONS.glob("[0-9]*.md")
    }


def test_links_between_the_papers_lead_somewhere() -> None:
    papers = [ROOT / "README.md", ROOT / "contracts" / "README.md", *DOCS.rglob("*.md")]
    broken = [
        f"{paper.relative_to(ROOT)}: {target}"
        for paper in papers
        for target in LINK.findall(paper.read_text(encoding="utf-8"))
        if not (paper.parent / target).exists()
    ]
    assert broken == []
